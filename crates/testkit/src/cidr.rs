//! An address with the length of its network's prefix.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `10.0.0.2/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    /// The address.
    pub addr: IpAddr,
    /// The prefix length, at most the address's.
    pub prefix: u8,
}

/// A text that is no [`Cidr`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not ADDRESS/PREFIX, as 10.0.0.2/24 or 2001:db8::2/64 is")]
pub struct BadCidr(String);

impl Cidr {
    /// The network, that is the address without its host bits.
    #[must_use]
    pub fn network(self) -> Self {
        let addr = match self.addr {
            IpAddr::V4(addr) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(addr.to_bits() & mask))
            }
            IpAddr::V6(addr) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(addr.to_bits() & mask))
            }
        };
        Self { addr, ..self }
    }
}

impl FromStr for Cidr {
    type Err = BadCidr;

    fn from_str(text: &str) -> Result<Self, BadCidr> {
        let parse = || {
            let (addr, prefix) = text.split_once('/')?;
            let (addr, prefix) = (addr.parse::<IpAddr>().ok()?, prefix.parse().ok()?);
            let longest = if addr.is_ipv4() { 32 } else { 128 };
            (prefix <= longest).then_some(Self { addr, prefix })
        };
        parse().ok_or_else(|| BadCidr(text.to_owned()))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_no_host_bits() {
        for (text, network) in [
            ("10.1.2.3/24", "10.1.2.0/24"),
            ("10.1.2.3/32", "10.1.2.3/32"),
            ("10.1.2.3/0", "0.0.0.0/0"),
            ("2001:db8::2/64", "2001:db8::/64"),
            ("2001:db8::2/0", "::/0"),
        ] {
            assert_eq!(text.parse::<Cidr>().map(|cidr| cidr.network().to_string()), Ok(network.to_owned()));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for text in ["10.0.0.2", "10.0.0.2/33", "::/129", "10.0.0/8", "", "/"] {
            assert_eq!(text.parse::<Cidr>(), Err(BadCidr(text.to_owned())));
        }
    }
}
