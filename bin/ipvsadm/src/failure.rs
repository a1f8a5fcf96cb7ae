//! What a failed command says and ends with: docs/spec/cli.md §5. The session has told the request's own line already.

use std::io;

use cli::{Session, Status, Trouble};
use sockopt::Code;

use crate::given::Given;
use crate::grammar::{Command, Opt};

/// Why a command did not do all that it should.
#[derive(Debug)]
pub enum Failure {
    /// A question was not answered.
    Asked(Trouble),
    /// A change was not made.
    Changed(Trouble),
    /// All is said; only the status is left.
    Told(Status),
    /// Standard output failed.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Says what is left to say, each line behind `place`, and returns the status.
///
/// # Errors
/// That of standard output, for the caller to judge.
pub fn conclude(
    session: &mut Session<'_>,
    given: &Given,
    place: &str,
    failure: Failure,
) -> io::Result<Status> {
    let (trouble, asked) = match failure {
        Failure::Asked(trouble) => (trouble, true),
        Failure::Changed(trouble) => (trouble, false),
        Failure::Told(status) => return Ok(status),
        Failure::Output(error) => return Err(error),
    };
    Ok(match trouble {
        Trouble::Unreachable(text) => {
            session.complain(format_args!("{place}Can't initialize ipvs: {text}"));
            session.complain("Are you sure that dpvs is running?");
            Status(2)
        }
        Trouble::Broken if asked => Status(1),
        Trouble::Broken => Status(2),
        Trouble::Refused(code) => {
            session.complain(format_args!("{place}{}", phrase(given.command, code)));
            if asked { question_status(given) } else { change_status(code) }
        }
    })
}

/// A question that failed is a 1, with three exceptions.
fn question_status(given: &Given) -> Status {
    match given.command {
        Command::EditService => Status(255),
        Command::GetDeny | Command::GetAllow if given.has(Opt::Service) => Status(255),
        _ => Status(1),
    }
}

/// The low byte of the code: -4 is 252.
fn change_status(code: Code) -> Status {
    let [low, ..] = code.as_i32().to_le_bytes();
    // A failure must never end as a success, whatever the code.
    Status(if low == 0 { 2 } else { low })
}

/// What a code means for a command. Where the table has nothing, the code's own text.
fn phrase(command: Command, code: Code) -> &'static str {
    use Command::{
        AddAllow, AddDeny, AddLaddr, AddServer, AddService, DeleteAllow, DeleteDeny, DeleteLaddr,
        DeleteServer, DeleteService, EditServer, EditService, GetLaddr, List, Zero,
    };
    match (command, code) {
        (AddService, Code::Exist) => "Service already exists",
        (AddService, Code::NotExist) => "Scheduler or persistence engine not found",
        (EditService, Code::NotExist) => "Scheduler or persistence engine not found",
        (EditService | DeleteService | Zero, Code::Invalid | Code::MsgFail)
        | (List, Code::MsgFail | Code::NotExist)
        | (DeleteService | Zero, Code::NotExist) => "No such service",
        (AddServer | EditServer, Code::Exist) => "Destination already exists",
        (AddServer | EditServer | DeleteServer, Code::NotExist) => "No such destination",
        (AddServer | EditServer | DeleteServer, Code::Invalid | Code::NoService) => "Service not defined",
        (AddLaddr, Code::Exist) => "Local address already exists",
        (AddLaddr | DeleteLaddr, Code::NotExist) => "No such Local address",
        (AddLaddr | DeleteLaddr, Code::NoService) | (GetLaddr, Code::NoService | Code::MsgFail) => {
            "Service not defined"
        }
        (AddDeny, Code::Exist) => "blacklist address already exists",
        (AddAllow, Code::Exist) => "whitelist address already exists",
        (AddDeny | DeleteDeny | AddAllow | DeleteAllow, Code::NotExist) => "No such deny address",
        (_, code) => code.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_the_specs() {
        for (code, status) in
            [(-1, 255), (-2, 254), (-3, 253), (-4, 252), (-13, 243), (-14, 242), (-17, 239), (-27, 229)]
        {
            assert_eq!(change_status(Code::from_i32(code)), Status(status));
        }
        assert_eq!(change_status(Code::Other(-16384)), Status(2), "its low byte is 0");
    }
}
