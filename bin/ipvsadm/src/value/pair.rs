//! One connection: docs/spec/cli.md §4.4, PAIR.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use sockopt::Protocol;
use sockopt::conn::SockPair;

/// Reads `PROTO:IP:PORT:IP:PORT`; IPv6 addresses are in brackets.
#[must_use]
pub fn pair(text: &str) -> Option<SockPair> {
    let (proto, rest) = text.split_once(':')?;
    let proto = match proto {
        "tcp" => Protocol::TCP,
        "udp" => Protocol::UDP,
        "sctp" => Protocol::SCTP,
        _ => return None,
    };
    let (source, rest) = end(rest)?;
    let (target, rest) = end(rest)?;
    let fits = rest.is_empty() && source.is_ipv4() == target.is_ipv4();
    fits.then_some(SockPair { proto, source, target })
}

/// `IP:PORT` and what follows.
fn end(text: &str) -> Option<(SocketAddr, &str)> {
    let (addr, rest): (IpAddr, _) = match text.strip_prefix('[').map(|rest| rest.split_once("]:")) {
        Some(split) => split.and_then(|(addr, rest)| Some((addr.parse::<Ipv6Addr>().ok()?.into(), rest)))?,
        None => text
            .split_once(':')
            .and_then(|(addr, rest)| Some((addr.parse::<Ipv4Addr>().ok()?.into(), rest)))?,
    };
    let (port, rest) = rest.split_once(':').unwrap_or((rest, ""));
    let port = super::number(port, 0..=u32::from(u16::MAX)).and_then(|port| u16::try_from(port).ok())?;
    Some((SocketAddr::new(addr, port), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_families() {
        let found = pair("tcp:10.0.0.1:4000:10.0.0.2:80").unwrap();
        assert_eq!(
            (found.source, found.target),
            ("10.0.0.1:4000".parse().unwrap(), "10.0.0.2:80".parse().unwrap())
        );
        let found = pair("udp:[2001::1]:4000:[2001::2]:53").unwrap();
        assert_eq!((found.proto, found.target), (Protocol::UDP, "[2001::2]:53".parse().unwrap()));
    }

    #[test]
    fn what_is_no_pair() {
        for text in [
            "foo",
            "tcp:10.0.0.1:4000",
            "icmp:10.0.0.1:1:10.0.0.2:2",
            "tcp:[2001::1]:1:10.0.0.2:2",
            "tcp:10.0.0.1:4000:10.0.0.2:80:1",
            "tcp:10.0.0.1:x:10.0.0.2:80",
        ] {
            assert_eq!(pair(text), None, "{text}");
        }
    }
}
