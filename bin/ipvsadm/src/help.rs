//! Version and help. The help is what the table of switches says, so that it cannot miss one.

use std::io::{self, Write};

use crate::switches::{Means, SWITCHES, Switch, Value};

/// The version line: ours, and the release that this one is compatible with.
///
/// # Errors
/// The stream's.
pub fn version(out: &mut impl Write) -> io::Result<()> {
    let (ours, date, theirs) =
        (env!("CARGO_PKG_VERSION"), env!("BUILD_DATE"), sockopt::info::Release::COMPATIBLE);
    writeln!(out, "ipvsadm v{ours} {date} (compiled with popt and IPVS v{theirs})")
}

/// The version and how the tool is used.
///
/// # Errors
/// The stream's.
pub fn help(out: &mut impl Write, program: &str) -> io::Result<()> {
    version(out)?;
    writeln!(out, "Usage: {program} COMMAND [OPTION]...\n\nCommands:")?;
    let is_command = |switch: &&Switch| matches!(switch.means, Means::Command(_));
    SWITCHES.iter().filter(is_command).try_for_each(|switch| line(out, switch))?;
    writeln!(out, "\nOptions:")?;
    SWITCHES.iter().filter(|switch| !is_command(switch)).try_for_each(|switch| line(out, switch))
}

fn line(out: &mut impl Write, switch: &Switch) -> io::Result<()> {
    let short = switch.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
    let value = match switch.value {
        Value::No => String::new(),
        Value::Needed(name) => format!(" {name}"),
        Value::Optional(name) => format!(" [{name}]"),
    };
    let names = format!("--{}{value}", switch.long);
    writeln!(out, "  {short}{names:<34} {}", switch.help)
}
