//! Deny and allow lists: `-U -V -B`, `-O -Y -W`. Both are the same but for their ids and a title.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cli::{Session, Trouble};
use sockopt::access::{Access, AccessList};
use sockopt::service::Key;
use sockopt::{Text, call};

use crate::failure::Failure;
use crate::given::Given;
use crate::grammar::Command;
use crate::list;
use crate::names::Naming;
use crate::value::endpoint::Entry;

pub(super) fn change(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let Some(request) = request(given) else { return Ok(()) };
    let done = match given.command {
        Command::AddDeny => session.call::<call::DenyAdd>(&request),
        Command::DeleteDeny => session.call::<call::DenyDel>(&request),
        Command::AddAllow => session.call::<call::AllowAdd>(&request),
        _ => session.call::<call::AllowDel>(&request),
    };
    done.map_err(Failure::Changed)
}

fn request(given: &Given) -> Option<Access> {
    let key = given.service?;
    let vaddr = key.addr?;
    let nobody: IpAddr =
        if vaddr.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let (subject, ipset) = match given.entry? {
        Entry::Addr(addr) => (addr, Text::default()),
        Entry::Set(name) => (nobody, name),
    };
    Some(Access { vaddr, vport: key.port, proto: key.proto, subject, ipset })
}

/// Without a selector: the entries of all services that there are, in their order.
pub(super) fn show(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let kind = if given.command == Command::GetDeny { "BLACKLIST" } else { "WHITELIST" };
    writeln!(session.out(), "{:<8} {:<30} {kind:<30}", "PROTO", "VIP:VPORT")?;
    let keys: Vec<Key> = match given.service {
        Some(key) => vec![key],
        None => list::services(session, given)?.iter().map(|service| service.key).collect(),
    };
    if keys.is_empty() {
        return Ok(());
    }
    let AccessList(entries) = fetch(session, given.command).map_err(Failure::Asked)?;
    for key in keys {
        let of_this = |entry: &&Access| {
            (Some(entry.vaddr), entry.vport, entry.proto) == (key.addr, key.port, key.proto)
        };
        for entry in entries.iter().filter(of_this) {
            row(session.out(), entry)?;
        }
    }
    Ok(())
}

fn fetch(session: &mut Session<'_>, command: Command) -> Result<AccessList, Trouble> {
    if command == Command::GetDeny {
        session.call::<call::DenyGet>(&())
    } else {
        session.call::<call::AllowGet>(&())
    }
}

fn row(out: &mut impl Write, entry: &Access) -> std::io::Result<()> {
    let service = Naming::Numeric.endpoint(entry.vaddr, entry.vport, entry.proto);
    let subject =
        if entry.ipset.is_empty() { entry.subject.to_string() } else { format!("ipset:{}", entry.ipset) };
    writeln!(out, "{:<8} {service:<30} {subject:<30}", entry.proto)
}
