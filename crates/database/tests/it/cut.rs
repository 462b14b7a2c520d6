//! A hop to PostgreSQL that swallows the answer to a COMMIT once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The address of a hop to `server`; the first COMMIT that passes is answered by a closed connection.
#[expect(clippy::disallowed_methods, reason = "a test's own server")]
pub(crate) async fn hop_that_swallows_a_commit(server: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let swallowed = Arc::new(AtomicBool::new(false));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let upstream = TcpStream::connect(server).await.unwrap();
            tokio::spawn(carry(client, upstream, swallowed.clone()));
        }
    });
    address.to_string()
}

async fn carry(mut client: TcpStream, mut server: TcpStream, swallowed: Arc<AtomicBool>) {
    let (mut asked, mut answered) = (vec![0; 16_384], vec![0; 16_384]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(bytes @ 1..) = read else { return };
                server.write_all(&asked[..bytes]).await.unwrap();
                let commits = asked[..bytes].windows(6).any(|window| window == b"COMMIT");
                if commits && !swallowed.swap(true, Ordering::SeqCst) {
                    // The server has done it when it answers; nobody hears that.
                    assert!(server.read(&mut answered).await.unwrap() > 0);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(bytes @ 1..) = read else { return };
                if client.write_all(&answered[..bytes]).await.is_err() {
                    return;
                }
            }
        }
    }
}
