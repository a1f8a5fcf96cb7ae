//! Addresses with or without a port: docs/spec/cli.md §4.4, SVC and HOST.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sockopt::{Protocol, Text};

use crate::names::Names;

/// An address, and a port if one was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Address.
    pub addr: IpAddr,
    /// Port.
    pub port: Option<u16>,
}

/// Reads `host[:port]`, an IPv6 address, or `[IPv6]:port`.
#[must_use]
pub fn endpoint(text: &str, proto: Protocol, names: &Names) -> Option<Endpoint> {
    // A single number would be a host to `inet_aton`, and is a slip of the finger to everybody else.
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some((addr, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let addr: Ipv6Addr = addr.parse().ok()?;
        let port = Some(port(rest.strip_prefix(':')?, proto, names)?);
        return Some(Endpoint { addr: addr.into(), port });
    }
    if let Ok(addr) = text.parse::<Ipv6Addr>() {
        return Some(Endpoint { addr: addr.into(), port: None });
    }
    let (host, port) = match text.split_once(':') {
        Some((host, text)) => (host, Some(port(text, proto, names)?)),
        None => (text, None),
    };
    let addr = classful(host).or_else(|| names.host(host))?;
    Some(Endpoint { addr: addr.into(), port })
}

fn port(text: &str, proto: Protocol, names: &Names) -> Option<u16> {
    match super::number(text, 0..=u32::from(u16::MAX)) {
        Some(number) => u16::try_from(number).ok(),
        None => names.port(text, proto),
    }
}

/// IPv4 as `inet_aton` takes it: one to four numbers, decimal, octal (`0…`) or hexadecimal (`0x…`), the last of which fills the
/// bytes that are left.
fn classful(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text.split('.').map(part).collect::<Option<_>>()?;
    let (&last, front) = parts.split_last()?;
    if front.len() > 3 || front.iter().any(|&part| part > 255) {
        return None;
    }
    let width = u32::try_from(8 * (4 - front.len())).ok()?;
    let fits = u64::from(last) < 1 << width;
    let head = front.iter().zip([24, 16, 8]).fold(0, |addr, (part, shift)| addr | part << shift);
    fits.then(|| Ipv4Addr::from(head | last))
}

fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))
}

/// Who is denied or allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A client.
    Addr(IpAddr),
    /// All of a set.
    Set(Text<32>),
}

/// Reads an address or `ipset:NAME`.
#[must_use]
pub fn entry(text: &str, names: &Names) -> Option<Entry> {
    match text.strip_prefix("ipset:") {
        Some(name) => Text::new(name).ok().filter(|name| !name.is_empty()).map(Entry::Set),
        None => endpoint(text, Protocol::TCP, names).map(|found| Entry::Addr(found.addr)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<u16>)> {
        let names = Names::of("10.0.0.9 web\n", "http 80/tcp\n");
        endpoint(text, Protocol::TCP, &names).map(|found| (found.addr.to_string(), found.port))
    }

    #[test]
    fn what_is_an_endpoint() {
        let some = |addr: &str, port| Some((addr.to_owned(), port));
        assert_eq!(read("1.1.1.1:80"), some("1.1.1.1", Some(80)));
        assert_eq!(read("1.1.1.1"), some("1.1.1.1", None));
        assert_eq!(read("10.1:0"), some("10.0.0.1", Some(0)));
        assert_eq!(read("0x0a.010.257"), some("10.8.1.1", None));
        assert_eq!(read("2001::1"), some("2001::1", None));
        assert_eq!(read("[2001::1]:443"), some("2001::1", Some(443)));
        assert_eq!(read("web:http"), some("10.0.0.9", Some(80)));
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "123",
            "foo",
            "1.1.1.1:99999",
            "1.1.1.1:",
            "1.1.1.1:nosuch",
            "[2001::1]",
            "[2001::1]80",
            "[1.1.1.1]:80",
            "1.1.1.256",
            "1.1.1.1.1",
            "1..1",
            "10.1:80:90",
            "1.+1.1.1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_entry_is_an_address_or_a_set() {
        let names = Names::of("", "");
        assert_eq!(entry("ipset:foo", &names), Some(Entry::Set(Text::new("foo").unwrap())));
        assert_eq!(entry("1.2.3.4:80", &names), Some(Entry::Addr([1, 2, 3, 4].into())));
        assert_eq!((entry("ipset:", &names), entry("bad_addr", &names)), (None, None));
        assert_eq!(entry(&format!("ipset:{}", "x".repeat(32)), &names), None);
    }
}
