//! `maddr`: multicast groups (docs/spec/cli.md §3.11). The separators are tabs.

use std::io::{self, Write};

use sockopt::addr::Maddr;
use sockopt::link::{GroupQuery, HwAddr};
use sockopt::{Device, call};

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::words::{Words, device, family};

pub(super) const HELP: &str = "\
Usage: dpip [-v] maddr show [dev DEVICE]";

pub(super) fn run(context: &mut Context<'_>, _: Command, mut words: Words<'_>) -> Result<(), Failure> {
    let mut only: Option<Device> = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => only = Some(device(words.value(word)?)?),
            _ => return Err(Misuse::TooMany.into()),
        }
    }
    if let Some(name) = only {
        writeln!(context.session.out(), "{name}:")?;
        return groups(context, name);
    }
    for port in context.session.call::<call::PortList>(&())?.rows {
        writeln!(context.session.out(), "{}:\t{}", u32::from(port.id) + 1, port.name)?;
        groups(context, port.name)?;
    }
    Ok(())
}

fn groups(context: &mut Context<'_>, device: Device) -> Result<(), Failure> {
    let verbose = context.options.verbose;
    let session = &mut context.session;
    let query = GroupQuery(device);
    let links = session.call::<call::PortMaddr>(&query)?.0;
    links.iter().try_for_each(|row| link(session.out(), row, verbose))?;
    let groups = session.call::<call::IfMaddrShow>(&query)?.0;
    Ok(groups.iter().try_for_each(|row| group(session.out(), row, verbose))?)
}

fn link(out: &mut impl Write, row: &HwAddr, verbose: bool) -> io::Result<()> {
    if !verbose {
        return writeln!(out, "\tlink {}", row.mac);
    }
    let kernel = if row.flags & 1 == 0 { "" } else { " (+kni)" };
    writeln!(out, "\tlink  {}{kernel}\t\trefcnt {}\t\tsync {}", row.mac, row.refs, row.synced)
}

fn group(out: &mut impl Write, row: &Maddr, verbose: bool) -> io::Result<()> {
    write!(out, "\t{:>5} {}", family(row.addr).name(), row.addr)?;
    if verbose {
        write!(out, "\t\tflags 0x{:x}\t\trefcnt {}", row.flags, row.refs)?;
    }
    writeln!(out)
}
