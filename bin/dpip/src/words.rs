//! Keywords and values: docs/spec/cli.md §2.4. Strict: what upstream would cut or take for 0 is refused by name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use sockopt::Text;
use sockopt::route::Prefix;

use crate::failure::Misuse;
use crate::options::Ip;

/// The words behind object and command.
#[derive(Debug)]
pub struct Words<'a>(std::slice::Iter<'a, &'a str>);

impl<'a> Words<'a> {
    /// Of these.
    #[must_use]
    pub fn new(words: &'a [&'a str]) -> Self {
        Self(words.iter())
    }

    /// The value of `keyword`.
    ///
    /// # Errors
    /// The line ends here.
    pub fn value(&mut self, keyword: &str) -> Result<&'a str, Misuse> {
        self.next().ok_or_else(|| Misuse::NoValue { keyword: keyword.to_owned() })
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next().copied()
    }
}

/// A number.
///
/// # Errors
/// Not digits, or out of range.
pub fn number(keyword: &str, word: &str, range: RangeInclusive<u32>) -> Result<u32, Misuse> {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    let number = word.parse().ok().filter(|number| digits && range.contains(number));
    let (least, most) = (*range.start(), *range.end());
    number.ok_or_else(|| Misuse::Number { keyword: keyword.to_owned(), word: word.to_owned(), least, most })
}

/// A device's name.
///
/// # Errors
/// Empty, or too long for the field.
pub fn device<const N: usize>(word: &str) -> Result<Text<N>, Misuse> {
    let name = Text::new(word).ok().filter(|name| !name.is_empty());
    name.ok_or_else(|| Misuse::Device { word: word.to_owned(), most: N - 1 })
}

/// The family of a command's addresses: the one that was asked for, or that of the first address.
#[derive(Clone, Copy, Debug)]
pub struct Addresses(pub Option<Ip>);

impl Addresses {
    /// An address of the family.
    ///
    /// # Errors
    /// It is none.
    pub fn addr(&mut self, word: &str) -> Result<IpAddr, Misuse> {
        self.bare(word).ok_or_else(|| self.wrong(word))
    }

    /// An address and a prefix length; none, or 0, is the whole address.
    ///
    /// # Errors
    /// No address, or a length that its family does not have.
    pub fn prefix(&mut self, word: &str) -> Result<Prefix, Misuse> {
        let (addr, len) = word.split_once('/').map_or((word, None), |(addr, len)| (addr, Some(len)));
        let addr = self.bare(addr).ok_or_else(|| self.wrong(addr))?;
        let most = if addr.is_ipv4() { 32 } else { 128 };
        let digits = len.map(|len| {
            len.parse().ok().filter(|&n: &u8| n <= most && len.bytes().all(|b| b.is_ascii_digit()))
        });
        match digits {
            None | Some(Some(0)) => Ok(Prefix { addr, len: most }),
            Some(Some(len)) => Ok(Prefix { addr, len }),
            Some(None) => Err(Misuse::PrefixLength { word: word.to_owned(), most }),
        }
    }

    fn bare(&mut self, word: &str) -> Option<IpAddr> {
        let addr = match self.0 {
            Some(Ip::V4) => word.parse::<Ipv4Addr>().ok()?.into(),
            Some(Ip::V6) => word.parse::<Ipv6Addr>().ok()?.into(),
            None => word.parse::<IpAddr>().ok()?,
        };
        self.0 = Some(family(addr));
        Some(addr)
    }

    fn wrong(self, word: &str) -> Misuse {
        let family = self.0.map_or("unspec", Ip::name);
        Misuse::Address { family, word: word.to_owned() }
    }
}

/// The family of an address.
#[must_use]
pub fn family(addr: IpAddr) -> Ip {
    if addr.is_ipv4() { Ip::V4 } else { Ip::V6 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_decides_the_family() {
        let mut addresses = Addresses(None);
        assert!(addresses.addr("10.0.0.1").is_ok());
        assert_eq!(addresses.addr("2001::1").unwrap_err().to_string(), "invalid ipaddress: inet 2001::1");
        let mut addresses = Addresses(Some(Ip::V6));
        assert_eq!(addresses.addr("10.0.0.1").unwrap_err().to_string(), "invalid ipaddress: inet6 10.0.0.1");
        assert_eq!(Addresses(None).addr("x").unwrap_err().to_string(), "invalid ipaddress: unspec x");
    }

    #[test]
    fn a_prefix_without_a_length_is_a_host() {
        let len = |word| Addresses(None).prefix(word).map(|prefix| prefix.len);
        assert_eq!((len("10.0.0.1"), len("10.0.0.1/0"), len("10.0.0.0/8")), (Ok(32), Ok(32), Ok(8)));
        assert_eq!((len("2001::1"), len("2001::/64")), (Ok(128), Ok(64)));
        for word in ["10.0.0.0/40", "2001::/129", "10.0.0.0/x", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8"] {
            assert!(len(word).is_err(), "{word}");
        }
    }

    #[test]
    fn numbers_and_names_are_never_cut() {
        assert_eq!(number("mtu", "1500", 0..=9000), Ok(1500));
        for word in ["", "x", "1x", "-1", "+1", "9001", "99999999999"] {
            assert!(number("mtu", word, 0..=9000).is_err(), "{word}");
        }
        assert!(device::<16>("dpdk0").is_ok());
        assert!(device::<16>("a-name-of-16-byt").is_err() && device::<16>("").is_err());
    }
}
