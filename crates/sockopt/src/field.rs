//! What the structs are made of: families, addresses, protocols, lcore ids.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::Malformed;

/// An `inet_addr`: IPv4 in the first four bytes, the other twelve undefined on read and zero on write.
pub type RawAddr = [u8; 16];

wire_enum! {
    /// An address family.
    Family: "a family (0, 2 or 10)" {
        /// None given.
        Unspec = 0,
        /// IPv4.
        Inet = 2,
        /// IPv6.
        Inet6 = 10,
    }
}

impl Family {
    /// The family of an address; none without one.
    #[must_use]
    pub const fn of(addr: Option<IpAddr>) -> Self {
        match addr {
            None => Self::Unspec,
            Some(IpAddr::V4(_)) => Self::Inet,
            Some(IpAddr::V6(_)) => Self::Inet6,
        }
    }

    /// The address in `raw`, masked by this family; without a family there is none.
    #[must_use]
    pub fn addr(self, raw: &RawAddr) -> Option<IpAddr> {
        match self {
            Self::Unspec => None,
            Self::Inet => Some(Ipv4Addr::new(raw[0], raw[1], raw[2], raw[3]).into()),
            Self::Inet6 => Some(Ipv6Addr::from(*raw).into()),
        }
    }

    /// As [`Self::addr`], but all zero is none too.
    #[must_use]
    pub fn some_addr(self, raw: &RawAddr) -> Option<IpAddr> {
        self.addr(raw).filter(|a| !a.is_unspecified())
    }
}

/// Reads a family and its address, where both must be given.
///
/// # Errors
/// The family is neither IPv4 nor IPv6.
pub fn addr(field: &'static str, family: u32, raw: &RawAddr) -> Result<IpAddr, Malformed> {
    let found = Family::from_number(field, family)?.addr(raw);
    found.ok_or(Malformed::Value { field, value: family.into(), expected: "a family (2 or 10)" })
}

/// An address as it lies in the message; none is all zero.
#[must_use]
pub fn raw_addr(addr: Option<IpAddr>) -> RawAddr {
    match addr {
        None => [0; 16],
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, d] = v4.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        Some(IpAddr::V6(v6)) => v6.octets(),
    }
}

/// Reads an address and a port.
///
/// # Errors
/// As [`addr`].
pub fn socket(field: &'static str, family: u32, raw: &RawAddr, port: u16) -> Result<SocketAddr, Malformed> {
    Ok(SocketAddr::new(addr(field, family, raw)?, port))
}

/// Reads a number into a byte.
///
/// # Errors
/// It is not in `0..=most`.
pub fn byte(field: &'static str, value: i32, most: u8, expected: &'static str) -> Result<u8, Malformed> {
    let found = u8::try_from(value).ok().filter(|&v| v <= most);
    found.ok_or(Malformed::Value { field, value: value.into(), expected })
}

/// An IP protocol number. Which ones a service may have is the daemon's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub u8);

impl Protocol {
    /// Not given.
    pub const NONE: Self = Self(0);
    /// ICMP.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ICMPv6.
    pub const ICMPV6: Self = Self(58);
    /// SCTP.
    pub const SCTP: Self = Self(132);

    /// Reads a field that is wider than the number.
    ///
    /// # Errors
    /// It is above 255.
    pub fn from_wide(field: &'static str, value: u16) -> Result<Self, Malformed> {
        let expected = "a protocol (0…255)";
        Ok(Self(byte(field, value.into(), u8::MAX, expected)?))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ICMP => f.pad("ICMP"),
            Self::TCP => f.pad("TCP"),
            Self::UDP => f.pad("UDP"),
            Self::ICMPV6 => f.pad("ICMPv6"),
            Self::SCTP => f.pad("SCTP"),
            Self(other) => fmt::Display::fmt(&other, f),
        }
    }
}

/// An lcore's number (upstream: `cid`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LcoreId(pub u8);

/// Whose view is asked for: 0 is the sum as the master sees it, n the n-th worker's (docs/spec/ipc.md §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct View(pub u8);

impl View {
    /// The sum over all workers.
    pub const ALL: Self = Self(0);
}
