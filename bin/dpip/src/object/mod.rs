//! All objects: docs/spec/cli.md §2.3. A new object is a row here and a file.

mod addr;
mod link;
mod maddr;
mod neigh;
mod route;

use crate::Context;
use crate::command::Command;
use crate::failure::Failure;
use crate::words::Words;

/// Does a command with an object.
pub type Run = fn(&mut Context<'_>, Command, Words<'_>) -> Result<(), Failure>;

/// What a word of the command line names.
pub struct Object {
    /// The word.
    pub name: &'static str,
    /// How it is used.
    pub help: &'static str,
    /// What can be done with it.
    pub commands: &'static [Command],
    /// Who does it; nobody yet, if none.
    pub run: Option<Run>,
}

const fn object(name: &'static str, help: &'static str, commands: &'static [Command], run: Run) -> Object {
    Object { name, help, commands, run: Some(run) }
}

/// An object of the specification that this version does not know how to handle.
const fn later(name: &'static str) -> Object {
    Object { name, help: USAGE, commands: &[], run: None }
}

use Command::{Add, Del, Flush, Set, Show};

/// All of them.
pub static OBJECTS: &[Object] = &[
    object("link", link::HELP, &[Add, Del, Set, Show], link::run),
    object("addr", addr::HELP, &[Add, Del, Set, Show, Flush], addr::run),
    object("route", route::HELP, &[Add, Del, Set, Show, Flush], route::run),
    object("neigh", neigh::HELP, &[Add, Del, Show], neigh::run),
    object("maddr", maddr::HELP, &[Show], maddr::run),
    later("vlan"),
    later("tunnel"),
    later("qsch"),
    later("cls"),
    later("ipv6"),
    later("iftraf"),
    later("eal-mem"),
    later("ipset"),
    later("flow"),
    later("lldp"),
];

/// How the tool is used.
pub const USAGE: &str = "\
Usage: dpip [OPTIONS] OBJECT COMMAND [ARGUMENTS]
       dpip OBJECT help

OBJECT:  link addr route neigh maddr
COMMAND: add del set show (list) flush help

OPTIONS, anywhere on the line:
  -4, -6                   IPv4 or IPv6
  -f, --family FAMILY      inet or inet6
  -s, --stats              with counters
  -v, --verbose            with details
  -i, --interval SECONDS   rates over that time, for `link show' with -s
  -c, --count N            so many times, with -i
  -C, --color              rates in turns of blue and green
  -F, --force              for later use
  -h, --help               this text, or that of the object
  -V, --version            the version";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usage_names_what_there_is() {
        for object in OBJECTS {
            let listed = USAGE.lines().any(|line| line.starts_with("OBJECT:") && line.contains(object.name));
            assert_eq!(listed, object.run.is_some(), "{}", object.name);
        }
    }
}
