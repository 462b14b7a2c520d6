//! Asks a server in its own protocol whether it serves; a listening socket alone proves nothing (a frozen process has
//! one too).

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::Kind;

const PATIENCE: Duration = Duration::from_millis(500);
const POSTGRES_PROTOCOL: u32 = 196_608;

/// Whether the server on this port answers as a server of this kind that is ready for work.
pub(crate) fn answers(kind: Kind, port: u16) -> bool {
    let (question, wanted): (Vec<u8>, &[u8]) = match kind {
        Kind::Postgres => (postgres_startup(), b"R"),
        Kind::Redis => (b"PING\r\n".to_vec(), b"+PONG"),
        Kind::RabbitMq => (b"AMQP\x00\x00\x09\x01".to_vec(), b"\x01\x00\x00"),
    };
    ask(port, &question, wanted.len()).is_some_and(|answer| answer == wanted)
}

/// A start of a session; the answer is `R` (who are you) or `E` (not now).
fn postgres_startup() -> Vec<u8> {
    let mut body = POSTGRES_PROTOCOL.to_be_bytes().to_vec();
    body.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
    let length = u32::try_from(body.len() + 4).expect("a start message is short");
    [length.to_be_bytes().to_vec(), body].concat()
}

fn ask(port: u16, question: &[u8], length: usize) -> Option<Vec<u8>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(question).ok()?;
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).ok()?;
    Some(answer)
}
