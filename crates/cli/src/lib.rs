//! What `dpip` and `ipvsadm` share: streams, exit status, and how a failed request is told (docs/spec/cli.md §1).
//!
//! - [`Session`]: the tool's streams and its daemon. Every request of a tool goes through [`Session::call`], which prints the
//!   line that the specification wants for each failure, exactly once.
//! - [`Status`]: what a tool returns; [`finish`]: a reader that went away is a success.
//! - `fake` (feature `fake`, for tests): a daemon with canned answers.
#![forbid(unsafe_code)]

#[cfg(feature = "fake")]
pub mod fake;
mod session;
mod status;

pub use session::{Session, Trouble};
pub use status::{Status, finish};

/// The words of a command line as text; bytes that are none become replacement characters, and no grammar takes those.
#[must_use]
pub fn words(args: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<String> {
    args.into_iter().map(|word| word.to_string_lossy().into_owned()).collect()
}
