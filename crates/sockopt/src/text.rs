//! Names of fixed length.

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

/// A text that fits a `char[N]` with a NUL behind it, as the peers in C want it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

/// A device name.
pub type Device = Text<16>;

/// A text that does not fit, or has a NUL in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?}: give at most {most} bytes, without NUL")]
pub struct TextError {
    text: String,
    most: usize,
}

impl<const N: usize> Text<N> {
    /// A copy of `text`.
    ///
    /// # Errors
    /// It has N bytes or more, or a NUL.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.len() >= N || text.contains('\0') {
            return Err(TextError { text: text.to_owned(), most: N.saturating_sub(1) });
        }
        Ok(Self::cut(text))
    }

    /// As much of `text` as fits, whole characters.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        let mut len = 0;
        for (start, c) in text.char_indices().take_while(|(start, c)| *c != '\0' && start + c.len_utf8() < N)
        {
            len = start + c.len_utf8();
        }
        let mut bytes = [0; N];
        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        Self { bytes, len }
    }

    /// Reads `field`: up to the first NUL, or all of it (docs/spec/ipc.md §1).
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn from_raw(field: &'static str, raw: &[u8; N]) -> Result<Self, Malformed> {
        let len = raw.iter().position(|&b| b == 0).unwrap_or(N);
        let text = std::str::from_utf8(&raw[..len]).map_err(|_| Malformed::Text { field })?;
        let mut bytes = [0; N];
        bytes[..len].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len })
    }

    /// NUL padded.
    #[must_use]
    pub fn to_raw(self) -> [u8; N] {
        self.bytes
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }

    /// Says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> FromStr for Text<N> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> PartialEq<str> for Text<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const N: usize> PartialEq<&str> for Text<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_at_the_first_nul_or_at_the_end_of_the_field() {
        assert_eq!(Text::from_raw("f", b"ab\0cd").unwrap(), "ab");
        assert_eq!(Text::from_raw("f", b"abcde").unwrap(), "abcde");
        assert_eq!(Text::<4>::from_raw("f", &[0xff; 4]), Err(Malformed::Text { field: "f" }));
    }

    #[test]
    fn leaves_room_for_the_nul() {
        assert_eq!(Text::<4>::new("abc").unwrap().to_raw(), *b"abc\0");
        assert_eq!(
            Text::<4>::new("abcd").unwrap_err().to_string(),
            "\"abcd\": give at most 3 bytes, without NUL"
        );
        assert!(Text::<4>::new("a\0").is_err());
        assert_eq!(Text::<4>::cut("aéé"), "aé");
        assert_eq!(Text::<4>::cut("éé"), "é");
    }
}
