//! Bodies: values to bytes and back.
//!
//! A fixed struct is a [`Record`] and thereby a [`Body`]; lists are a header and rows. Reading ignores padding and what lies
//! behind the last row (docs/spec/ipc.md §1, §4: upstream's answers may be longer than needed); how long a *request* must be,
//! the id says ([`crate::id::Size`]). Writing is exact, with zero padding.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{Layout, Malformed};

/// A value that is the body of a message.
pub trait Body: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, and where.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed>;

    /// Appends it to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}

/// No body; one that is there is ignored.
impl Body for () {
    fn decode(_: &[u8]) -> Result<Self, Malformed> {
        Ok(())
    }

    fn encode(&self, _: &mut Vec<u8>) {}
}

/// A value that is one struct of the specification.
pub trait Record: Sized {
    /// The struct.
    type Raw: Layout + FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned;

    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, and where.
    fn from_raw(raw: &Self::Raw) -> Result<Self, Malformed>;

    /// Writes it, padding zero.
    fn to_raw(&self) -> Self::Raw;
}

impl<R: Record> Body for R {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::from_raw(prefix::<R::Raw>(bytes)?.0)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_raw().as_bytes());
    }
}

/// The struct at the start of `bytes`, and the rest.
///
/// # Errors
/// Too short.
pub fn prefix<T: Layout + FromBytes + Immutable + KnownLayout + Unaligned>(
    bytes: &[u8],
) -> Result<(&T, &[u8]), Malformed> {
    let short = Malformed::Short { what: T::NAME, need: size_of::<T>(), have: bytes.len() };
    T::ref_from_prefix(bytes).map_err(|_| short)
}

/// `count` rows at the start of `bytes`. Nothing is allocated before they are known to be there.
///
/// # Errors
/// Too short for `count`, or a row is malformed.
pub fn rows<R: Record>(bytes: &[u8], count: usize) -> Result<Vec<R>, Malformed> {
    let short = Malformed::Short {
        what: R::Raw::NAME,
        need: count.saturating_mul(size_of::<R::Raw>()),
        have: bytes.len(),
    };
    let (raw, _) = <[R::Raw]>::ref_from_prefix_with_elems(bytes, count).map_err(|_| short)?;
    raw.iter().map(R::from_raw).collect()
}

/// Appends rows.
pub fn encode_rows<R: Record>(rows: &[R], out: &mut Vec<u8>) {
    out.reserve(size_of::<R::Raw>().saturating_mul(rows.len()));
    for row in rows {
        row.encode(out);
    }
}

/// Reads an `int` count and rows behind it, the plainest of the lists.
///
/// # Errors
/// A negative count, or as [`rows`].
pub fn counted_rows<R: Record>(field: &'static str, bytes: &[u8]) -> Result<Vec<R>, Malformed> {
    let short = Malformed::Short { what: field, need: 4, have: bytes.len() };
    let (head, rest) = bytes.split_first_chunk::<4>().ok_or(short)?;
    rows(rest, count(field, i32::from_le_bytes(*head))?)
}

/// Appends an `int` count and rows.
pub fn encode_counted_rows<R: Record>(rows: &[R], out: &mut Vec<u8>) {
    out.extend_from_slice(&wire_count(rows.len()).to_le_bytes());
    encode_rows(rows, out);
}

/// A count as the messages have it. More rows than an `int` counts would not fit below the 4 GiB of a reply.
pub(crate) fn wire_count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A count from a message.
///
/// # Errors
/// It is negative.
pub(crate) fn count(field: &'static str, value: i32) -> Result<usize, Malformed> {
    usize::try_from(value).map_err(|_| Malformed::Value { field, value: value.into(), expected: "a count" })
}

/// The bytes of a body.
#[must_use]
pub fn to_vec(body: &impl Body) -> Vec<u8> {
    let mut out = Vec::new();
    body.encode(&mut out);
    out
}
