//! `dpip`: devices, addresses, routes and neighbours of a running daemon (docs/spec/cli.md §2, §3).
//!
//! - [`options`]: what may stand anywhere on the line; [`words`]: objects' keywords and their values.
//! - [`dispatch`]: the order in which a line is looked at; [`object`]: one file per object, and the table of all.
//! - [`failure`]: what a failed command says.
#![forbid(unsafe_code)]

pub mod command;
pub mod dispatch;
pub mod failure;
pub mod object;
pub mod options;
pub mod words;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use cli::{Session, Status};
use sockopt::Client;

use crate::options::Options;

/// What a command works with.
pub struct Context<'a> {
    /// Streams and daemon.
    pub session: Session<'a>,
    /// What was said besides the words.
    pub options: Options,
    /// How to wait between two samples; tests do not.
    pub sleep: &'a dyn Fn(Duration),
}

/// The whole tool. The first of `args` is the program's name.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    daemon: Client,
) -> Status {
    run_with(args, out, err, daemon, &std::thread::sleep)
}

/// The same, with the waiting in the caller's hand.
pub fn run_with(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    daemon: Client,
    sleep: &dyn Fn(Duration),
) -> Status {
    let words = cli::words(args);
    let (program, words) =
        words.split_first().map_or(("dpip", [].as_slice()), |(name, rest)| (name.as_str(), rest));
    let program = Path::new(program).file_name().map_or(program.into(), |name| name.to_string_lossy());
    let session = Session::new(out, err, daemon);
    let mut context = Context { session, options: Options::default(), sleep };
    let outcome = dispatch::dispatch(&mut context, &program, words);
    cli::finish(context.session, outcome)
}
