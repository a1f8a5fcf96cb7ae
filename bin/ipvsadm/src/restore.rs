//! `-R`: command lines from standard input (docs/spec/cli.md §7). An argument error ends it; a daemon's error is told, and the
//! rest goes on.

use std::io::{self, BufRead};

use cli::{Session, Status};

use crate::command;
use crate::failure::conclude;
use crate::grammar::Command;
use crate::misuse::Misuse;
use crate::names::Names;
use crate::parse::parse;

/// Runs every line. The status is that of the last line that failed, or success.
///
/// # Errors
/// Those of the two standard streams.
pub fn restore(
    session: &mut Session<'_>,
    program: &str,
    input: &mut dyn BufRead,
    names: &Names,
) -> io::Result<Status> {
    let mut last = Status::OK;
    for (nth, line) in input.lines().enumerate() {
        let line = line?;
        // No field of a command begins with this sign.
        let words: Vec<String> = line
            .split_ascii_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .filter(|word| *word != "ipvsadm")
            .map(str::to_owned)
            .collect();
        if words.is_empty() {
            continue;
        }
        let place = format!("line {}: ", nth + 1);
        let given = match parse(program, &words, names) {
            Ok(given) if given.command == Command::Restore => {
                Err(Misuse::Try { program: program.to_owned() })
            }
            other => other,
        };
        let given = match given {
            Ok(given) => given,
            Err(misuse) => {
                session.complain(format_args!("{place}{misuse}"));
                return Ok(misuse.status());
            }
        };
        if let Err(failure) = command::execute(session, &given, names) {
            last = conclude(session, &given, &place, failure)?;
        }
    }
    Ok(last)
}
