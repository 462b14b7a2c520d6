//! A hop to PostgreSQL that, once armed, swallows the answer to one COMMIT.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::TestDatabase;

/// Between a service and its database.
pub struct Hop {
    addr: SocketAddr,
    armed: Arc<AtomicBool>,
}

impl Hop {
    /// To the server that tests use.
    #[expect(clippy::disallowed_methods, reason = "not a task of the service under test")]
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let addr = listener.local_addr().expect("a bound port has an address");
        let armed = Arc::new(AtomicBool::new(false));
        let arm = armed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server()).await.expect("the database is there");
                tokio::spawn(carry(client, server, arm.clone()));
            }
        });
        Self { addr, armed }
    }

    /// The next COMMIT is done by the server, and answered by a closed connection.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Whether it has not happened yet.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.armed.load(Ordering::SeqCst)
    }

    /// How the service reaches `database` through the hop.
    #[must_use]
    pub fn config(&self, database: &TestDatabase) -> database::Config {
        let url = database.url().replacen(&server(), &self.addr.to_string(), 1);
        database::Config::new(url, "test").with_pool_size(5)
    }
}

/// Host and port of the server.
fn server() -> String {
    let url = crate::servers::postgres_url();
    let authority = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

/// Until one end is closed or an answer is swallowed.
async fn carry(mut client: TcpStream, mut server: TcpStream, armed: Arc<AtomicBool>) -> io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let bytes = read?;
                if bytes == 0 {
                    return Ok(());
                }
                server.write_all(&asked[..bytes]).await?;
                let commits = asked[..bytes].windows(7).any(|window| window == b"COMMIT\0");
                if commits && armed.swap(false, Ordering::SeqCst) {
                    // The server has done it when it answers; nobody hears that.
                    assert_ne!(server.read(&mut answered).await?, 0, "the server went away in a COMMIT");
                    return Ok(());
                }
            }
            read = server.read(&mut answered) => {
                let bytes = read?;
                if bytes == 0 {
                    return Ok(());
                }
                client.write_all(&answered[..bytes]).await?;
            }
        }
    }
}
