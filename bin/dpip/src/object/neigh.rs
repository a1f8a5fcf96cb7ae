//! `neigh`: neighbours (docs/spec/cli.md §3.4).

use std::io::{self, Write};

use sockopt::call;
use sockopt::neigh::{Neighbour, NeighbourFlags, NeighbourQuery, NeighbourState};

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::options::Options;
use crate::words::{Addresses, Words, device};

pub(super) const HELP: &str = "\
Usage: dpip [-4|-6] neigh add ADDRESS lladdr MAC dev DEVICE
       dpip [-4|-6] neigh del ADDRESS [lladdr MAC] dev DEVICE
       dpip neigh show [dev DEVICE]";

pub(super) fn run(context: &mut Context<'_>, command: Command, words: Words<'_>) -> Result<(), Failure> {
    let neighbour = neighbour(command, &context.options, words)?;
    let session = &mut context.session;
    match command {
        Command::Add => Ok(session.call::<call::NeighAdd>(&neighbour)?),
        Command::Del => Ok(session.call::<call::NeighDel>(&neighbour)?),
        Command::Show => {
            let rows = session.call::<call::NeighShow>(&NeighbourQuery(Some(neighbour)))?.0;
            Ok(rows.iter().try_for_each(|row| show(session.out(), row))?)
        }
        _ => Err(Misuse::NotSupported.into()),
    }
}

fn neighbour(command: Command, options: &Options, mut words: Words<'_>) -> Result<Neighbour, Misuse> {
    let mut neighbour = Neighbour::default();
    let mut addr = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => neighbour.device = device(words.value(word)?)?,
            "lladdr" => neighbour.mac = mac(words.value(word)?).ok_or(Misuse::LinkLayer)?,
            other => addr = Some(other),
        }
    }
    if command != Command::Show {
        let word = addr.ok_or(Misuse::NoAddress)?;
        neighbour.addr = Some(Addresses(options.family).addr(word)?);
    }
    if command == Command::Add && neighbour.mac == [0; 6] {
        return Err(Misuse::Mac);
    }
    Ok(neighbour)
}

/// Six octets of one or two digits.
fn mac(word: &str) -> Option<[u8; 6]> {
    let octet = |part: &str| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(part, 16).ok().filter(|_| digits)
    };
    word.split(':').map(octet).collect::<Option<Vec<u8>>>()?.try_into().ok()
}

fn show(out: &mut impl Write, row: &Neighbour) -> io::Result<()> {
    let addr = row.addr.map_or(String::new(), |addr| addr.to_string());
    let (state, mac) = match row.state {
        NeighbourState::None => ("NONE", None),
        NeighbourState::Send => ("SEND", None),
        NeighbourState::Reachable => ("REACHABLE", Some(row.mac)),
        NeighbourState::Probe => ("PROBE", Some(row.mac)),
        NeighbourState::Delay => ("DELAY", Some(row.mac)),
    };
    match mac {
        Some([a, b, c, d, e, f]) => write!(
            out,
            "ip: {addr:<48} mac: {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}   state: {state:<12}  "
        )?,
        // Spelled so, and as many blanks, for those who cut columns.
        None => write!(out, "ip: {addr:<48} mac:incomplate{:23}state: {state:<12}   ", "")?,
    }
    let fixed = if row.flags.contains(NeighbourFlags::STATIC) { "static" } else { "" };
    writeln!(out, "dev: {}  core: {}  {fixed}", row.device, row.lcore.0)
}

#[cfg(test)]
mod tests {
    use super::mac;

    #[test]
    fn a_mac_has_six_octets() {
        assert_eq!(mac("1:2:3:4:5:6"), Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(mac("A0:36:9f:74:EC:F0"), Some([0xa0, 0x36, 0x9f, 0x74, 0xec, 0xf0]));
        for word in ["", "1:2:3:4:5", "1:2:3:4:5:6:7", "1:2:3:4:5:100", "1:2:3:4:5:+6", "x:2:3:4:5:6"] {
            assert_eq!(mac(word), None, "{word}");
        }
    }
}
