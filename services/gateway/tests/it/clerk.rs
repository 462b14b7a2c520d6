//! Clerk, as far as the gateway sees it: a key set over HTTP, and tokens signed with its keys.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Made once: a key pair costs a second.
static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 2048).unwrap());

pub(crate) struct FakeClerk {
    addr: SocketAddr,
    /// What the key set's address answers.
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl FakeClerk {
    /// Serves the key under this id.
    #[expect(clippy::disallowed_methods, reason = "the test's own server")]
    pub(crate) async fn start(key_id: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let clerk = Self { addr, answer: Arc::new(Mutex::new((200, set_of(key_id)))), asked: Arc::default() };
        let (answer, asked) = (Arc::clone(&clerk.answer), Arc::clone(&clerk.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                asked.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answer.lock().unwrap().clone();
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        clerk
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn jwks_url(&self) -> String {
        format!("http://{}/.well-known/jwks.json", self.addr)
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn serve_key(&self, key_id: &str) {
        *self.answer.lock().unwrap() = (200, set_of(key_id));
    }

    pub(crate) fn answer(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = (status, body.to_owned());
    }

    /// A session token of a minute from `now`, with members changed.
    pub(crate) fn token(&self, key_id: &str, now: i64, changes: Value) -> String {
        let mut claims = json!({
            "iss": self.issuer(), "sub": "user_1", "sid": "sess_1", "iat": now, "nbf": now - 10, "exp": now + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        sign(&json!({"alg": "RS256", "typ": "JWT", "kid": key_id}), &claims)
    }
}

/// A token exactly as given.
pub(crate) fn sign(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", signature(&signed))
}

fn signature(text: &str) -> String {
    let key = SigningKey::<Sha256>::new(KEY.clone());
    URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes())
}

fn set_of(key_id: &str) -> String {
    let number = |number: &rsa::BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let (n, e) = (number(KEY.n()), number(KEY.e()));
    json!({"keys": [
        {"kty": "EC", "kid": "other", "crv": "P-256", "x": "", "y": ""},
        {"kty": "RSA", "use": "enc", "kid": "for-encryption", "n": n, "e": e},
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": n, "e": e},
    ]})
    .to_string()
}
