//! Loopback ports.
//!
//! Free ports are taken below the range from which the system gives ports to clients: a client that keeps dialling a
//! killed server's port could otherwise be given that very port, connect to itself and block the restart.
//!
//! A port that was given is not given again, to nobody on this machine, while its taker lives: much may happen between
//! the choice and the server that listens, and many tests choose at once.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::{TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Whether nobody listens on this loopback port.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A loopback port that nobody listens on, outside the range of client ports, kept for this process until it ends.
pub fn free_port() -> u16 {
    let random = RandomState::new().build_hasher().finish();
    let start = (random % u64::from(COUNT)) as u16;
    (0..COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .find(|port| reserve(*port) && is_free(*port))
        .expect("not all of twelve thousand loopback ports are taken")
}

/// The sign that others see is the datagram port of the same number: of no use to anybody, gone with the process.
fn reserve(port: u16) -> bool {
    static RESERVED: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let Ok(sign) = UdpSocket::bind(("127.0.0.1", port)) else { return false };
    RESERVED.lock().unwrap_or_else(PoisonError::into_inner).push(sign);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once() {
        let ports: std::collections::HashSet<u16> = (0..200).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 200);
        assert!(ports.iter().all(|port| !reserve(*port)), "others see that it is taken");
    }
}
