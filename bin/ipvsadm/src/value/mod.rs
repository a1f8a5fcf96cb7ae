//! Values of options: docs/spec/cli.md §4.4. Each reader takes a text and says what it means or that it means nothing; which
//! message that gives is the caller's to say.

pub mod check;
pub mod endpoint;
pub mod matching;
pub mod pair;

use sockopt::service::{ProxyProtocol, ProxyVersion};

/// A number in `range`.
#[must_use]
pub fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number))
}

/// A version of the PROXY protocol, in any case.
#[must_use]
pub fn proxy(text: &str) -> Option<ProxyProtocol> {
    let (version, insecure) = match text.to_ascii_lowercase().as_str() {
        "disable" => (ProxyVersion::Off, false),
        "v1" => (ProxyVersion::V1, false),
        "v2" => (ProxyVersion::V2, false),
        "v1-insecure" => (ProxyVersion::V1, true),
        "v2-insecure" => (ProxyVersion::V2, true),
        _ => return None,
    };
    Some(ProxyProtocol { version, insecure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_in_range() {
        assert_eq!(number("0", 0..=65_535), Some(0));
        assert_eq!(number("65536", 0..=65_535), None);
        assert_eq!(number("99999999999", 0..=u32::MAX), None);
        assert_eq!((number("+5", 0..=9), number("", 0..=9), number("5x", 0..=9)), (None, None, None));
    }
}
