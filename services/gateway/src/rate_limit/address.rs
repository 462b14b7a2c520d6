//! Whose request it is, when nobody has signed in: the client's address.
//!
//! Taken from the connection, or, behind a configured number of trusted proxies, from what the outermost of them
//! wrote into `X-Forwarded-For`. What a client writes there itself stands further left and is never looked at.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The client's address as trusted proxies report it.
pub fn client_address<'a>(
    peer: Option<SocketAddr>,
    trusted_proxies: usize,
    forwarded: impl Iterator<Item = &'a str>,
) -> IpAddr {
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
    if trusted_proxies == 0 {
        return peer;
    }
    let hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).collect();
    // Fewer entries than proxies: somebody reached us past them.
    let entry = hops.len().checked_sub(trusted_proxies).and_then(|index| hops.get(index));
    entry.and_then(|entry| parse(entry.trim())).unwrap_or(peer)
}

/// The number under which an address is counted: the whole of an IPv4 address, the first 64 bits of an IPv6 one.
pub fn subject(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|entry| entry.split(']').next()).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted_proxies: usize, forwarded: &[&str]) -> String {
        let peer = Some("10.0.0.1:555".parse().unwrap());
        client_address(peer, trusted_proxies, forwarded.iter().copied()).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_ignored() {
        assert_eq!(client(0, &["1.2.3.4"]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_writes_itself_is_never_looked_at() {
        assert_eq!(client(1, &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(1, &["6.6.6.6", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(2, &["6.6.6.6, 1.2.3.4, 172.16.0.9"]), "1.2.3.4");
    }

    #[test]
    fn a_request_past_the_proxies_counts_for_its_connection() {
        assert_eq!(client(2, &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(client(1, &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(client(1, &["1.2.3.4:99"]), "1.2.3.4");
        assert_eq!(client(1, &["[2001:db8::1]:99"]), "2001:db8::1");
        assert_eq!(client(1, &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| subject(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("1.2.3.4"), of("1.2.3.5"));
        assert_eq!(of("::ffff:1.2.3.4"), of("1.2.3.4"));
    }
}
