//! From words to [`Given`]: docs/spec/cli.md §4.5. Values are checked from left to right, then the combination, then what only
//! the whole can tell.

use std::net::{Ipv4Addr, Ipv6Addr};

use sockopt::dest::Forward;
use sockopt::field::View;
use sockopt::service::{DestCheck, Key, Netmask};
use sockopt::{Family, Protocol, Text};

use crate::given::{Given, HashTarget, SynProxy};
use crate::grammar::{self, Command, Opt};
use crate::misuse::Misuse;
use crate::names::Names;
use crate::popt::Words;
use crate::switches::{Field, Means};
use crate::value::{check, endpoint, matching, number, pair, proxy};

/// Persistence without a number, in seconds.
const PERSISTENT: u32 = 360;
/// The longest persistence: a month.
const PERSISTENT_MOST: u32 = 31 * 24 * 3600;

/// Reads the words behind the program's name.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(program: &str, words: &[String], names: &Names) -> Result<Given, Misuse> {
    if words.is_empty() {
        return Ok(Given::new(Command::List));
    }
    let lost = || Misuse::Try { program: program.to_owned() };
    let mut reader = Words::new(words);
    let first = match reader.read() {
        Ok(first) => first.filter(|_| reader.bare().is_empty()),
        Err(Misuse::Unknown { .. }) => return Err(lost()),
        Err(other) => return Err(other),
    };
    let Some((found, value)) = first else { return Err(lost()) };
    let Means::Command(command) = found.switch.means else { return Err(lost()) };
    if matches!(command, Command::Help | Command::Version) {
        return Ok(Given::new(command));
    }
    sync_state(command, value)?;
    let mut reading = Reading { given: Given::new(command), netmask: None, names };
    while let Some((found, value)) = reader.read()? {
        let field = match found.switch.means {
            Means::Command(_) => return Err(Misuse::SecondCommand { option: found.shown() }),
            Means::Untracked(field) => field,
            Means::Option(opt, _) if reading.given.has(opt) => {
                return Err(Misuse::Multiple { opt: opt.name() });
            }
            Means::Option(opt, field) => {
                reading.given.opts.push(opt);
                field
            }
        };
        reading.take(field, value.unwrap_or_default(), value.is_some())?;
    }
    bare(command, reader.bare())?;
    let mut given = reading.whole()?;
    grammar::check(command, &given.opts)?;
    complete(&mut given)?;
    Ok(given)
}

/// `--start-daemon` and `--stop-daemon` take a state.
fn sync_state(command: Command, value: Option<&str>) -> Result<(), Misuse> {
    let what = match command {
        Command::StartDaemon => "start-daemon parameter",
        Command::StopDaemon => "start_daemon",
        _ => return Ok(()),
    };
    if matches!(value, Some("master" | "backup")) { Ok(()) } else { Err(Misuse::IllegalValue { what }) }
}

/// Only `--set` has words of its own.
fn bare(command: Command, words: &[&str]) -> Result<(), Misuse> {
    match (command, words) {
        (Command::Set, [a, b, c]) if [a, b, c].iter().all(|word| number(word, 0..=u32::MAX).is_some()) => {
            Ok(())
        }
        (Command::Set, _) => Err(Misuse::SetTimeouts),
        (_, []) => Ok(()),
        (_, [word, ..]) => Err(Misuse::Unexpected { word: (*word).to_owned() }),
    }
}

/// A command line half read.
struct Reading<'a> {
    given: Given,
    /// What it means depends on the service, which may come later.
    netmask: Option<String>,
    names: &'a Names,
}

impl Reading<'_> {
    /// Takes one option; `given_value` tells an empty value from none.
    fn take(&mut self, field: Field, value: &str, given_value: bool) -> Result<(), Misuse> {
        let given = &mut self.given;
        match field {
            Field::Given => {}
            Field::Tcp => self.service(Protocol::TCP, value)?,
            Field::Udp => self.service(Protocol::UDP, value)?,
            Field::Sctp => self.service(Protocol::SCTP, value)?,
            Field::Icmp => self.service(Protocol::ICMP, value)?,
            Field::Icmpv6 => self.service(Protocol::ICMPV6, value)?,
            Field::Fwmark => given.service = Some(fwmark(value)?),
            Field::Match => given.service = Some(matching::matching(value).ok_or(illegal("match"))?),
            Field::Ipv6 => {
                let key =
                    given.service.as_mut().filter(|key| key.fwmark != 0).ok_or(Misuse::Ipv6BeforeFwmark)?;
                key.addr = Some(Ipv6Addr::UNSPECIFIED.into());
            }
            Field::Netmask => self.netmask = Some(value.to_owned()),
            Field::Persistent if !given_value => given.persistent = Some(PERSISTENT),
            Field::Persistent => {
                let wrong = || Misuse::PersistentTimeout { value: value.to_owned() };
                given.persistent = Some(number(value, 1..=PERSISTENT_MOST).ok_or_else(wrong)?);
            }
            Field::Scheduler => given.scheduler = Some(name("scheduler", value)?),
            Field::Ifname => given.ifname = Some(name("ifname", value)?),
            Field::Cpu => given.view = view(value),
            Field::SyncId => drop(number(value, 0..=255).ok_or(illegal("syncid"))?),
            Field::SockPair => {
                given.pair = Some(pair::pair(value).ok_or(illegal("sockpair<af:sip:sport:tip:tport>"))?);
            }
            Field::Laddr => {
                let found =
                    endpoint::endpoint(value, Protocol::TCP, self.names).ok_or(Misuse::IllegalLaddr)?;
                given.laddr = Some(found.addr);
            }
            Field::Deny | Field::Allow => self.entry(field, value)?,
            Field::Server | Field::Weight | Field::Upper | Field::Lower => self.server(field, value)?,
            Field::Direct => given.forward = Some(Forward::Direct),
            Field::Tunnel => given.forward = Some(Forward::Tunnel),
            Field::Nat => given.forward = Some(Forward::Nat),
            Field::FullNat => given.forward = Some(Forward::FullNat),
            Field::Snat => given.forward = Some(Forward::Snat),
            Field::Quic => given.quic = true,
            Field::SynProxy
            | Field::HashTarget
            | Field::ConnTimeout
            | Field::ProxyProtocol
            | Field::DestCheck => {
                self.trait_of_service(field, value)?;
            }
        }
        Ok(())
    }

    fn service(&mut self, proto: Protocol, value: &str) -> Result<(), Misuse> {
        let found =
            endpoint::endpoint(value, proto, self.names).ok_or(illegal("virtual server address[:port]"))?;
        self.given.service = Some(Key::of(proto, found.addr, found.port.unwrap_or(0)));
        Ok(())
    }

    fn server(&mut self, field: Field, value: &str) -> Result<(), Misuse> {
        let given = &mut self.given;
        let limit = 0..=i32::MAX.unsigned_abs();
        match field {
            Field::Weight => given.weight = Some(number(value, 0..=65_535).ok_or(illegal("weight"))?),
            Field::Upper => given.upper = Some(number(value, limit).ok_or(illegal("u_threshold"))?),
            Field::Lower => given.lower = Some(number(value, limit).ok_or(illegal("l_threshold"))?),
            _ => {
                let proto = given.service.map_or(Protocol::TCP, |key| key.proto);
                let found = endpoint::endpoint(value, proto, self.names);
                given.server = Some(found.ok_or(illegal("real server address[:port]"))?);
            }
        }
        Ok(())
    }

    fn entry(&mut self, field: Field, value: &str) -> Result<(), Misuse> {
        let what = if field == Field::Deny { "blacklist" } else { "whitelist" };
        self.given.entry = Some(endpoint::entry(value, self.names).ok_or(Misuse::IllegalEntry { what })?);
        Ok(())
    }

    fn trait_of_service(&mut self, field: Field, value: &str) -> Result<(), Misuse> {
        let given = &mut self.given;
        match (field, value) {
            (Field::SynProxy, "enable") => given.synproxy = Some(SynProxy::Enable),
            (Field::SynProxy, "disable") => given.synproxy = Some(SynProxy::Disable),
            (Field::SynProxy, _) => return Err(Misuse::SynProxy),
            (Field::HashTarget, "sip") => given.hash = Some(HashTarget::Sip),
            (Field::HashTarget, "qid") => given.hash = Some(HashTarget::Qid),
            (Field::HashTarget, _) => return Err(Misuse::HashTarget),
            (Field::ConnTimeout, _) => {
                let wrong = || Misuse::NotNumeric { value: value.to_owned() };
                given.conn_timeout = Some(number(value, 0..=i32::MAX.unsigned_abs()).ok_or_else(wrong)?);
            }
            (Field::ProxyProtocol, _) => {
                let wrong = || Misuse::ProxyProtocol { value: value.to_owned() };
                given.proxy = Some(proxy(value).ok_or_else(wrong)?);
            }
            _ => {
                let before: DestCheck = given.check.unwrap_or_default();
                given.check = Some(check::add(before, value).ok_or(Misuse::DestCheck)?);
            }
        }
        Ok(())
    }

    /// What could not be read before the rest was known: so the order of options does not matter.
    fn whole(self) -> Result<Given, Misuse> {
        let Self { mut given, netmask, .. } = self;
        if let Some(text) = netmask {
            given.netmask = Some(if given.is_ipv6() {
                Netmask::V6(number(&text, 1..=128).ok_or(illegal("ipv6 netmask"))?)
            } else {
                let mask: Option<Ipv4Addr> = text.parse().ok();
                Netmask::V4(mask.ok_or(illegal("virtual server persistent mask"))?)
            });
        }
        if given.hash.is_some() && given.scheduler.is_none_or(|name| name != "conhash") {
            return Err(Misuse::HashTargetWithoutConhash);
        }
        let is_udp = given.service.is_some_and(|key| key.proto == Protocol::UDP);
        if given.hash == Some(HashTarget::Qid) && !is_udp {
            return Err(Misuse::QidWithoutUdp);
        }
        Ok(given)
    }
}

/// What holds between a command that may be given and its values, and what is filled in.
fn complete(given: &mut Given) -> Result<(), Misuse> {
    let Some(key) = given.service else { return Ok(()) };
    if matches!(given.command, Command::AddService | Command::EditService) {
        let named = key.fwmark != 0 || key.port != 0 || !key.matching.is_empty();
        if !named && given.persistent.is_none() {
            return Err(Misuse::ZeroPort);
        }
        if given.has(Opt::Ops) && key.proto != Protocol::UDP && !given.by_mark() {
            return Err(Misuse::OpsWithoutUdp);
        }
    }
    if matches!(
        given.command,
        Command::AddDeny | Command::DeleteDeny | Command::AddAllow | Command::DeleteAllow
    ) {
        check_entry(given, key)?;
    }
    Ok(())
}

/// The lists know services by address, and clients of the same family.
fn check_entry(given: &Given, key: Key) -> Result<(), Misuse> {
    let what = if given.has(Opt::Deny) { "blacklist" } else { "whitelist" };
    match given.entry {
        Some(endpoint::Entry::Addr(addr)) if Family::of(Some(addr)) != key.family() => {
            Err(Misuse::IllegalEntry { what })
        }
        _ => Ok(()),
    }
}

fn fwmark(value: &str) -> Result<Key, Misuse> {
    let wrong = || Misuse::Fwmark { value: value.to_owned() };
    let fwmark = number(value, 1..=u32::MAX).ok_or_else(wrong)?;
    Ok(Key { fwmark, ..Key::of(Protocol::TCP, Ipv4Addr::UNSPECIFIED.into(), 0) })
}

/// What is no number is 0; the daemon refuses those that are too large.
fn view(value: &str) -> View {
    View(u8::try_from(number(value, 0..=u32::MAX).unwrap_or(0)).unwrap_or(u8::MAX))
}

fn name<const N: usize>(what: &'static str, value: &str) -> Result<Text<N>, Misuse> {
    let name = Text::new(value).ok().filter(|name| !name.is_empty());
    name.ok_or_else(|| Misuse::Name { what, value: value.to_owned(), most: N - 1 })
}

const fn illegal(what: &'static str) -> Misuse {
    Misuse::IllegalValue { what }
}
