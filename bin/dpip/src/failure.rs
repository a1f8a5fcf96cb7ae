//! What a failed command says: docs/spec/cli.md §2.2, §3. First what is wrong, if there is more to say than the code's text,
//! then the program's line with that text. The status is always 1.

use std::io;

use cli::{Session, Status, Trouble};
use sockopt::Code;

/// Why a command did not do all that it should.
#[derive(Debug)]
pub enum Failure {
    /// The command line; nothing was sent.
    Misuse(Misuse),
    /// The daemon; the session has told it.
    Trouble(Trouble),
    /// All is said.
    Told,
    /// Standard output failed.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Misuse {
    #[error("not support")]
    NotSupported,
    #[error("missing argument for `{keyword}'")]
    NoValue { keyword: String },
    #[error("missing IFADDR")]
    NoIfAddr,
    #[error("missing prefix")]
    NoPrefix,
    #[error("missing ip address")]
    NoAddress,
    #[error("no device specified.")]
    NoDevice,
    #[error("no device specified")]
    NoRouteDevice,
    #[error("invalid ipaddress: {family} {word}")]
    Address { family: &'static str, word: String },
    #[error("invalid prefix length: {word}, give 0 to {most}")]
    PrefixLength { word: String, most: u8 },
    #[error("invalid number for `{keyword}': {word}, give {least} to {most}")]
    Number { keyword: String, word: String, least: u32, most: u32 },
    #[error("invalid scope: {word}")]
    Scope { word: String },
    #[error("invalid device name: {word}, give 1 to {most} bytes")]
    Device { word: String, most: usize },
    #[error("invalid link layer addr")]
    LinkLayer,
    #[error("invalid MAC address")]
    Mac,
    #[error("invalid parameter name '{item}'")]
    Item { item: String },
    #[error("too many arguments")]
    TooMany,
    /// The object's help stands in the same paragraph.
    #[error("miss statistics display interval{help}")]
    NoInterval { help: &'static str },
    #[error("{help}")]
    Help { help: &'static str },
}

/// Says what is left to say, and returns the status.
///
/// # Errors
/// That of standard output, for the caller to judge.
pub fn conclude(session: &mut Session<'_>, program: &str, failure: Failure) -> io::Result<Status> {
    match failure {
        Failure::Misuse(Misuse::NotSupported) => {
            session.complain(format_args!("{program}: {}", Code::NotSupported.text()));
        }
        Failure::Misuse(misuse) => {
            session.complain(misuse);
            session.complain(format_args!("{program}: {}", Code::Invalid.text()));
        }
        Failure::Trouble(trouble) => session.complain(format_args!("{program}: {}", text(&trouble))),
        Failure::Told => {}
        Failure::Output(error) => return Err(error),
    }
    Ok(Status(1))
}

/// A trouble in the words of the code table; what is outside of it has no name there.
#[must_use]
pub fn text(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Refused(code) => code.text(),
        Trouble::Unreachable(_) | Trouble::Broken => Code::Other(0).text(),
    }
}
