//! What is wrong with bytes from the socket: what, where and what would be right.

/// Bytes that are no message of this protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer bytes than the struct has.
    #[error("{what}: {have} bytes are too short, {need} are needed")]
    Short {
        /// Struct or list.
        what: &'static str,
        /// Bytes needed.
        need: usize,
        /// Bytes there.
        have: usize,
    },
    /// A length that the id does not take.
    #[error("{what}: {have} bytes are not {need}")]
    Length {
        /// Struct or list.
        what: &'static str,
        /// Bytes due.
        need: usize,
        /// Bytes there.
        have: usize,
    },
    /// More bytes than the field has.
    #[error("{what}: {have} bytes are too long, give at most {most}")]
    Long {
        /// Field.
        what: &'static str,
        /// Bytes that fit.
        most: usize,
        /// Bytes there.
        have: usize,
    },
    /// A number outside what the field can say.
    #[error("{field}: {value} is not {expected}")]
    Value {
        /// Field, as the specification names it.
        field: &'static str,
        /// What was there.
        value: i64,
        /// What may be there.
        expected: &'static str,
    },
    /// Bytes that are no text.
    #[error("{field}: not UTF-8 text")]
    Text {
        /// Field, as the specification names it.
        field: &'static str,
    },
}
