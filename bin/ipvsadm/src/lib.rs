//! `ipvsadm`: services, servers, local addresses and connections of a running daemon (docs/spec/cli.md §4–§7).
//!
//! - [`switches`], [`grammar`], [`popt`]: the command line as tables, and the option parser's habits.
//! - [`parse`]: words to a [`given::Given`], with values in range ([`value`]) and everything wrong as a [`misuse::Misuse`].
//! - [`command`]: what is asked of the daemon; [`list`], [`save`]: what is printed, to the byte; [`restore`]: many commands.
//! - [`failure`]: what a failed command says and ends with.
#![forbid(unsafe_code)]

pub mod command;
pub mod failure;
pub mod given;
pub mod grammar;
pub mod help;
pub mod list;
pub mod misuse;
pub mod names;
pub mod parse;
pub mod popt;
pub mod restore;
pub mod save;
pub mod switches;
pub mod value;

use std::ffi::OsString;
use std::io::{self, BufRead, Write};

use cli::{Session, Status};
use sockopt::Client;

use crate::grammar::Command;
use crate::names::Names;

/// The whole tool. The first of `args` is the program's name.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    err: &mut dyn Write,
    daemon: Client,
) -> Status {
    let words = cli::words(args);
    let (program, words) =
        words.split_first().map_or(("ipvsadm", [].as_slice()), |(name, rest)| (name.as_str(), rest));
    let mut session = Session::new(out, err, daemon);
    let outcome = answer(&mut session, program, words, input);
    cli::finish(session, outcome)
}

fn answer(
    session: &mut Session<'_>,
    program: &str,
    words: &[String],
    input: &mut dyn BufRead,
) -> io::Result<Status> {
    let names = Names::default();
    let given = match parse::parse(program, words, &names) {
        Ok(given) => given,
        Err(misuse) => {
            session.complain(&misuse);
            return Ok(misuse.status());
        }
    };
    match given.command {
        Command::Help => help::help(session.out(), program)?,
        Command::Version => help::version(session.out())?,
        Command::Restore => return restore::restore(session, program, input, &names),
        _ => {
            if let Err(failure) = command::execute(session, &given, &names) {
                return failure::conclude(session, &given, "", failure);
            }
        }
    }
    Ok(Status::OK)
}
