//! What can be wrong with a configuration file.

use thiserror::Error;

use crate::dpvs::{BondError, WorkerError};

/// What is wrong, without the place, the text and what would be right: a [`crate::Finding`] has those.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the texts are the documentation")]
pub enum Problem {
    #[error("cannot read {path}: {why}")]
    Unreadable { path: String, why: String },
    #[error("this file is being read already, or too many include one another")]
    IncludeLoop,
    #[error("no file matches")]
    NoMatch,
    #[error("the line has {bytes} bytes; it is read whole")]
    LongLine { bytes: usize },

    #[error("the block is never closed")]
    Unclosed,
    #[error("this brace belongs to nothing")]
    StrayBrace,
    #[error("the block was opened in {opened}")]
    ClosedElsewhere { opened: String },
    #[error("the block needs a name")]
    NoName,
    #[error("this is no block")]
    NotABlock,
    #[error("a block is required here")]
    BlockRequired,
    #[error("words behind the brace")]
    WordsBehindBrace,
    #[error("no opening brace; the block is taken as open")]
    NoBrace,
    #[error("not supported keyword")]
    UnknownKeyword,

    #[error("no value")]
    Missing,
    #[error("not a number")]
    NotANumber,
    #[error("a number with something behind it")]
    Junk,
    #[error("out of range")]
    OutOfRange,
    #[error("unknown word")]
    UnknownWord,
    #[error("too long")]
    TooLong,
    #[error("too many")]
    TooMany,
    #[error("not a name for this")]
    BadName,
    #[error("not UTF-8")]
    NotText,
    #[error("the closing quote is not the last word of the line; the last word is lost")]
    QuoteOpen,
    #[error("only the first word behind the item is read")]
    WordsBehind,
    #[error("a flag takes no value: standing here it is on")]
    ValueBehindFlag,
    #[error("more than bucket_number times bucket_entries")]
    TooManyFragments,
    #[error("options take effect only behind `mode 4`")]
    OptionsNeedMode4,

    #[error("not in effect yet")]
    NotYet,
    #[error("accepted, without effect here")]
    NoEffect,
    #[error("takes effect at the next start; the daemon keeps {running}")]
    NeedsRestart { running: String },

    #[error(transparent)]
    Worker(#[from] WorkerError),
    #[error(transparent)]
    Bond(#[from] BondError),
}
