//! The order of listings: docs/spec/cli.md §6.1. Total, and the same as upstream's wherever that is one.

use std::net::IpAddr;

use sockopt::Family;
use sockopt::dest::Dest;
use sockopt::service::Service;

/// An address, word by word as signed numbers: 192.168.0.1 comes before 10.0.0.1.
type Words = [i32; 4];

/// Mark, family (IPv4 first), protocol, address, port.
pub(super) fn of_service(service: &Service) -> (u32, bool, u8, Words, u16) {
    let key = &service.key;
    (key.fwmark, key.family() == Family::Inet6, key.proto.0, words(key.addr), key.port)
}

/// Address, port. The family does not count before the first word does.
pub(super) fn of_dest(dest: &Dest) -> (Words, u16, bool) {
    (words(Some(dest.addr)), dest.port, dest.addr.is_ipv6())
}

fn words(addr: Option<IpAddr>) -> Words {
    let octets = match addr {
        None => return [0; 4],
        Some(IpAddr::V4(addr)) => {
            let [a, b, c, d] = addr.octets();
            return [i32::from_be_bytes([a, b, c, d]), 0, 0, 0];
        }
        Some(IpAddr::V6(addr)) => addr.octets(),
    };
    let word = |at: usize| i32::from_be_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]);
    [word(0), word(4), word(8), word(12)]
}

#[cfg(test)]
mod tests {
    use sockopt::Protocol;
    use sockopt::service::Key;

    use super::*;

    fn sorted<const N: usize>(endpoints: [&str; N]) -> Vec<String> {
        let service = |text: &str| {
            let end: std::net::SocketAddr = text.parse().unwrap();
            Service { key: Key::of(Protocol::TCP, end.ip(), end.port()), ..Service::default() }
        };
        let mut services: Vec<_> = endpoints.into_iter().map(service).collect();
        services.sort_by_cached_key(of_service);
        let show = |s: &Service| std::net::SocketAddr::new(s.key.addr.unwrap(), s.key.port).to_string();
        services.iter().map(show).collect()
    }

    #[test]
    fn addresses_are_signed_words() {
        assert_eq!(
            sorted(["10.0.0.1:80", "[2001::1]:80", "192.168.0.1:443", "192.168.0.1:80", "10.0.0.0:90"]),
            ["192.168.0.1:80", "192.168.0.1:443", "10.0.0.0:90", "10.0.0.1:80", "[2001::1]:80"]
        );
    }
}
