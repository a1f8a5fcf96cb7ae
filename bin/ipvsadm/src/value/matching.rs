//! What a SNAT service takes: docs/spec/cli.md §4.4 (MATCH), §3.9 (RANGE).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use sockopt::service::{Key, Match, Range};
use sockopt::{Family, Protocol, Text};

/// Reads a list of `key=value`; the result names a service.
#[must_use]
pub fn matching(text: &str) -> Option<Key> {
    // As in all of the tools' buffers.
    if text.len() > 255 {
        return None;
    }
    let (mut key, mut matching, mut has_family) = (Key::default(), Match::default(), false);
    let mut given = None;
    for item in text.split(',') {
        let (name, value) = item.split_once('=')?;
        match name {
            "proto" => key.proto = protocol(value)?,
            "af" => given = Some(family(value)?),
            "src-range" => {
                matching.source = range(value, &mut matching.family)?;
            }
            "dst-range" => {
                matching.dest = range(value, &mut matching.family)?;
            }
            "iif" => matching.iif = Text::new(value).ok()?,
            "oif" => matching.oif = Text::new(value).ok()?,
            _ => return None,
        }
        has_family |= matches!(name, "af" | "src-range" | "dst-range");
    }
    match (given.unwrap_or(Family::Unspec), matching.family) {
        (Family::Unspec, _) => {}
        (family, Family::Unspec) => matching.family = family,
        (family, found) if family != found => return None,
        _ => {}
    }
    key.addr = unspecified(matching.family);
    key.matching = matching;
    has_family.then_some(key)
}

/// The protocols of services, as `-H` and the listings name them.
const PROTOCOLS: [(&str, Protocol); 5] = [
    ("tcp", Protocol::TCP),
    ("udp", Protocol::UDP),
    ("sctp", Protocol::SCTP),
    ("icmp", Protocol::ICMP),
    ("icmpv6", Protocol::ICMPV6),
];

fn protocol(name: &str) -> Option<Protocol> {
    PROTOCOLS.iter().find(|(known, _)| *known == name).map(|(_, proto)| *proto)
}

/// The name of a protocol, if it is a service's.
#[must_use]
pub fn protocol_name(proto: Protocol) -> Option<&'static str> {
    PROTOCOLS.iter().find(|(_, known)| *known == proto).map(|(name, _)| *name)
}

fn family(name: &str) -> Option<Family> {
    match name {
        "ipv4" => Some(Family::Inet),
        "ipv6" => Some(Family::Inet6),
        "" => Some(Family::Unspec),
        _ => None,
    }
}

/// No address, of that family.
fn unspecified(family: Family) -> Option<IpAddr> {
    match family {
        Family::Unspec => None,
        Family::Inet => Some(Ipv4Addr::UNSPECIFIED.into()),
        Family::Inet6 => Some(Ipv6Addr::UNSPECIFIED.into()),
    }
}

/// Reads `IP-IP:PORT-PORT` and its short forms; all addresses of a match are of one family, which the first decides.
fn range(text: &str, family: &mut Family) -> Option<Range> {
    let (addrs, ports) = if let Some((addrs, rest)) =
        text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        (pair::<Ipv6Addr>(addrs)?.map(|(low, high)| (low.into(), high.into())), Some(rest.strip_prefix(':')?))
    } else if text.matches(':').count() > 1 {
        (pair::<Ipv6Addr>(text)?.map(|(low, high)| (low.into(), high.into())), None)
    } else {
        let (addrs, ports) = text.split_once(':').map_or((text, None), |(addrs, ports)| (addrs, Some(ports)));
        (pair::<Ipv4Addr>(addrs)?.map(|(low, high)| (low.into(), high.into())), ports)
    };
    let ports = pair::<u16>(ports.unwrap_or_default())?.unwrap_or_default();
    let found = Family::of(addrs.map(|(low, _): (IpAddr, IpAddr)| low));
    if found != Family::Unspec && *family != Family::Unspec && *family != found {
        return None;
    }
    *family = if found == Family::Unspec { *family } else { found };
    // All zero is any, which is how the listings print it.
    let addrs = addrs.filter(|(low, high)| !low.is_unspecified() || !high.is_unspecified());
    Some(Range { addrs, ports })
}

/// Reads `LOW-HIGH` or one that is both; nothing is nothing. `None` if it cannot be.
fn pair<T: FromStr + Copy + PartialOrd>(text: &str) -> Option<Option<(T, T)>> {
    if text.is_empty() {
        return Some(None);
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some(Some((low, high)))
}

/// A range in full: `10.0.0.0-10.0.0.9:80-90`, `[2001::1-2001::9]:0-0`.
#[derive(Clone, Copy, Debug)]
pub struct Full {
    /// The range.
    pub range: Range,
    /// How to print addresses that are not there.
    pub family: Family,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = unspecified(self.family).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        let (low, high) = self.range.addrs.unwrap_or((any, any));
        match low {
            IpAddr::V4(_) => write!(f, "{low}-{high}")?,
            IpAddr::V6(_) => write!(f, "[{low}-{high}]")?,
        }
        write!(f, ":{}-{}", self.range.ports.0, self.range.ports.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> Option<String> {
        let mut family = Family::Unspec;
        range(text, &mut family).map(|range| Full { range, family }.to_string())
    }

    #[test]
    fn ranges_in_short_and_in_full() {
        for (short, long) in [
            ("10.0.0.1", "10.0.0.1-10.0.0.1:0-0"),
            ("10.0.0.1-10.0.0.9:80", "10.0.0.1-10.0.0.9:80-80"),
            ("10.0.0.1:80-90", "10.0.0.1-10.0.0.1:80-90"),
            (":80-90", "0.0.0.0-0.0.0.0:80-90"),
            ("2001::1-2001::9", "[2001::1-2001::9]:0-0"),
            ("[2001::1]:80", "[2001::1-2001::1]:80-80"),
            ("0.0.0.0-0.0.0.0:0-0", "0.0.0.0-0.0.0.0:0-0"),
            ("[::-::]:0-0", "[::-::]:0-0"),
            ("", "0.0.0.0-0.0.0.0:0-0"),
        ] {
            assert_eq!(full(short).as_deref(), Some(long), "{short}");
            assert_eq!(full(long).as_deref(), Some(long), "what is printed can be given");
        }
    }

    #[test]
    fn what_is_no_range() {
        for text in
            ["foo", "10.0.0.9-10.0.0.1", "10.0.0.1-2001::1", "10.0.0.1:x", "[2001::1]", "1.1.1.1:90-80"]
        {
            assert_eq!(full(text), None, "{text}");
        }
    }

    #[test]
    fn a_match_needs_something_that_tells_its_family() {
        assert_eq!(matching("proto=tcp,iif=dpdk0"), None);
        let key = matching("proto=tcp,af=ipv4,iif=dpdk0,oif=").unwrap();
        assert_eq!(
            (key.proto, key.family(), key.matching.family),
            (Protocol::TCP, Family::Inet, Family::Inet)
        );
        assert_eq!(key.matching.iif, "dpdk0");
        let key = matching("proto=udp,src-range=2001::1").unwrap();
        assert_eq!((key.family(), key.matching.family), (Family::Inet6, Family::Inet6));
    }

    #[test]
    fn what_is_no_match() {
        for text in [
            "",
            "proto",
            "proto=foo,af=ipv4",
            "af=ipv5",
            "what=1,af=ipv4",
            "af=ipv6,src-range=10.0.0.1",
            "src-range=10.0.0.1,dst-range=2001::1",
            "af=ipv4,iif=a-name-of-16-byt",
        ] {
            assert_eq!(matching(text), None, "{text}");
        }
    }
}
