//! `addr`: addresses of devices (docs/spec/cli.md §3.1).

use std::io::{self, Write};

use sockopt::addr::{IfAddr, IfAddrFlags, IfAddrOp, IfAddrParam, IfAddrRow, IfAddrShow, Scope};
use sockopt::call;

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::options::Options;
use crate::words::{Addresses, Words, device, family, number};

pub(super) const HELP: &str = "\
Usage: dpip [-4|-6] addr add|set IFADDR dev DEVICE [ARGUMENTS]
       dpip [-4|-6] addr del IFADDR dev DEVICE
       dpip addr flush dev DEVICE
       dpip [-s] [-v] addr show [dev DEVICE]

IFADDR:    ADDRESS[/LENGTH]
ARGUMENTS: broadcast ADDRESS
           scope host|link|site|global|NUMBER
           valid_lft SECONDS|forever
           preferred_lft SECONDS|forever
           sapool                          a pool of source ports, for local addresses";

pub(super) fn run(context: &mut Context<'_>, command: Command, words: Words<'_>) -> Result<(), Failure> {
    let options = context.options;
    let session = &mut context.session;
    match command {
        Command::Show => {
            let param = param(IfAddrOp::Get, &options, words)?;
            let rows = session.call::<call::IfAddrShow>(&param)?.rows;
            Ok(rows.iter().try_for_each(|row| show(session.out(), &options, row))?)
        }
        Command::Add => Ok(session.call::<call::IfAddrAdd>(&param(IfAddrOp::Add, &options, words)?)?),
        Command::Del => Ok(session.call::<call::IfAddrDel>(&param(IfAddrOp::Del, &options, words)?)?),
        Command::Set => Ok(session.call::<call::IfAddrSet>(&param(IfAddrOp::Mod, &options, words)?)?),
        Command::Flush => Ok(session.call::<call::IfAddrFlush>(&param(IfAddrOp::Flush, &options, words)?)?),
        _ => Err(Misuse::NotSupported.into()),
    }
}

fn param(op: IfAddrOp, options: &Options, mut words: Words<'_>) -> Result<IfAddrParam, Misuse> {
    let mut entry = IfAddr::default();
    let (mut addr, mut broadcast) = (None, None);
    while let Some(word) = words.next() {
        match word {
            "dev" => entry.device = device(words.value(word)?)?,
            "broadcast" => broadcast = Some(words.value(word)?),
            "scope" => entry.scope = scope(words.value(word)?)?,
            "valid_lft" => entry.valid = lifetime(word, words.value(word)?)?,
            // The first is how upstream spells it, the second how everybody does.
            "prefered_lft" | "preferred_lft" => entry.preferred = lifetime(word, words.value(word)?)?,
            "sapool" => entry.flags |= IfAddrFlags::SAPOOL,
            other => addr = Some(other),
        }
    }
    if addr.is_none() && !matches!(op, IfAddrOp::Get | IfAddrOp::Flush) {
        return Err(Misuse::NoIfAddr);
    }
    if entry.device.is_empty() && op != IfAddrOp::Get {
        return Err(Misuse::NoDevice);
    }
    let mut addresses = Addresses(options.family);
    if let Some(prefix) = addr.map(|word| addresses.prefix(word)).transpose()? {
        (entry.addr, entry.plen) = (Some(prefix.addr), prefix.len);
    }
    entry.bcast = broadcast.map(|word| addresses.addr(word)).transpose()?;
    Ok(IfAddrParam { op, show: shown(op, options), entry })
}

fn shown(op: IfAddrOp, options: &Options) -> IfAddrShow {
    let mut show = IfAddrShow::empty();
    show.set(IfAddrShow::VERBOSE, op == IfAddrOp::Get && options.verbose);
    show.set(IfAddrShow::STATS, op == IfAddrOp::Get && options.stats);
    show
}

const SCOPES: [(&str, Scope); 4] =
    [("global", Scope::Global), ("site", Scope::Site), ("link", Scope::Link), ("host", Scope::Host)];

/// A name, or a number that means one of them (or 255, nowhere).
fn scope(word: &str) -> Result<Scope, Misuse> {
    let named = SCOPES.iter().find(|(name, _)| *name == word).map(|(_, scope)| *scope);
    let numbered = || Scope::from_number("scope", word.parse().ok()?).ok();
    named.or_else(numbered).ok_or_else(|| Misuse::Scope { word: word.to_owned() })
}

fn lifetime(keyword: &str, word: &str) -> Result<u32, Misuse> {
    if word == "forever" { Ok(0) } else { number(keyword, word, 0..=u32::MAX) }
}

fn show(out: &mut impl Write, options: &Options, row: &IfAddrRow) -> io::Result<()> {
    let entry = &row.entry;
    // Rows always have an address; one without is not worth a panic.
    let Some(addr) = entry.addr else { return Ok(()) };
    if options.verbose {
        write!(out, "[{:02}] ", entry.lcore.0)?;
    }
    let family = family(addr).name();
    let scope = SCOPES.iter().find(|(_, scope)| *scope == entry.scope);
    let scope = scope.map_or_else(|| entry.scope.number().to_string(), |(name, _)| (*name).to_owned());
    writeln!(out, "{family} {addr}/{} scope {scope} {}", entry.plen, entry.device)?;
    let broadcast = entry.bcast.map_or(String::new(), |addr| format!("broadcast {addr}"));
    let lifetime = |seconds: u32| if seconds == 0 { "forever".to_owned() } else { seconds.to_string() };
    let (valid, preferred) = (lifetime(entry.valid), lifetime(entry.preferred));
    write!(out, "    {broadcast} valid_lft {valid} preferred_lft {preferred}")?;
    if (options.stats || options.verbose) && entry.flags.contains(IfAddrFlags::SAPOOL) {
        let pool = row.pool;
        write!(out, " sa_used {} sa_free {} sa_miss {}", pool.used, pool.free, pool.miss)?;
    }
    writeln!(out)
}
