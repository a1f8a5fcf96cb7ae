//! The order in which a line is looked at: docs/spec/cli.md §2.2. It decides which of several mistakes a user is told.

use std::io::{self, Write};

use cli::{Session, Status};

use crate::Context;
use crate::command::{COMMANDS, Command};
use crate::failure::{Failure, Misuse, conclude};
use crate::object::{self, OBJECTS, Object};
use crate::options::{self, Help, Stop};
use crate::words::Words;

/// Reads the line and does what it says.
///
/// # Errors
/// That of standard output.
pub fn dispatch(context: &mut Context<'_>, program: &str, line: &[String]) -> io::Result<Status> {
    let session = &mut context.session;
    if line.is_empty() {
        session.complain(object::USAGE);
        return Ok(Status::OK);
    }
    let (options, words) = match options::parse(program, line) {
        Ok(parsed) => parsed,
        Err(Stop::Version) => {
            writeln!(session.out(), "dpip-{}", env!("CARGO_PKG_VERSION"))?;
            return Ok(Status::OK);
        }
        Err(stop) => {
            session.complain(stop);
            return Ok(Status(1));
        }
    };
    context.options = options;
    if options.count != 0 && options.interval == 0 {
        session.complain("missing option '-i'");
    }
    let object = words.first().and_then(|word| OBJECTS.iter().find(|object| object.name == *word));
    let (Some(command), None) = (words.get(1), options.help) else {
        return help(session, object, options.help);
    };
    let Some(&(_, command)) = COMMANDS.iter().find(|(word, _)| word == command) else {
        session.complain(format_args!("invalid command {command}"));
        return Ok(Status(1));
    };
    let Some(object) = object else {
        session.complain(format_args!("{program}: invalid object, use `-h' for help."));
        return Ok(Status(1));
    };
    if command == Command::Help {
        session.complain(object.help);
        return Ok(Status::OK);
    }
    match execute(context, object, command, &words[2..]) {
        Ok(()) => Ok(Status::OK),
        Err(failure) => conclude(&mut context.session, program, failure),
    }
}

fn execute(
    context: &mut Context<'_>,
    object: &Object,
    command: Command,
    words: &[&str],
) -> Result<(), Failure> {
    let Some(run) = object.run else {
        context.session.complain(format_args!("{} is not supported by this version", object.name));
        return Err(Misuse::NotSupported.into());
    };
    if !object.commands.contains(&command) {
        return Err(Misuse::NotSupported.into());
    }
    run(context, command, Words::new(words))
}

/// The word is an answer; the letter, and an object without a command, are complaints.
fn help(session: &mut Session<'_>, object: Option<&Object>, asked: Option<Help>) -> io::Result<Status> {
    let text = object.map_or(object::USAGE, |object| object.help);
    if asked == Some(Help::Word) {
        writeln!(session.out(), "{text}")?;
        return Ok(Status::OK);
    }
    session.complain(text);
    Ok(Status(1))
}
