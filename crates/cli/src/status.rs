//! How a tool ends.

use std::io;
use std::process::{ExitCode, Termination};

use crate::Session;

/// An exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u8);

impl Status {
    /// All went well.
    pub const OK: Self = Self(0);
}

impl Termination for Status {
    fn report(self) -> ExitCode {
        ExitCode::from(self.0)
    }
}

/// Writes out what is left and returns the status. When the reader of standard output is gone, nobody misses the rest: success.
/// Any other failure to write is told, and is one.
pub fn finish(mut session: Session<'_>, outcome: io::Result<Status>) -> Status {
    match outcome.and_then(|status| session.flush().map(|()| status)) {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::OK,
        Err(error) => {
            session.complain(format_args!("cannot write: {error}"));
            Status(1)
        }
    }
}
