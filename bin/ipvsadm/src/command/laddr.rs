//! Local addresses: `-P -Q -G`. The first two are two requests: the address on its device, with a pool of source ports, and the
//! address at the service. Only the second decides the status.

use std::io::Write;
use std::net::IpAddr;

use cli::Session;
use sockopt::addr::{IfAddr, IfAddrFlags, IfAddrOp, IfAddrParam, IfAddrShow};
use sockopt::laddr::{LaddrConf, Laddrs};
use sockopt::{Protocol, call};

use crate::failure::Failure;
use crate::given::Given;
use crate::list;
use crate::names::Naming;

pub(super) fn add(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let (Some(laddr), on_device) = (conf(given), on_device(given, IfAddrOp::Add)) else { return Ok(()) };
    let ours = session.call::<call::IfAddrAdd>(&on_device).is_ok();
    let bound = session.call::<call::LaddrAdd>(&laddr);
    if bound.is_err() && ours {
        // It was not there before us. If it cannot be taken away either, that is told, and the first failure counts.
        let _ = session.call::<call::IfAddrDel>(&IfAddrParam { op: IfAddrOp::Del, ..on_device });
    }
    bound.map_err(Failure::Changed)
}

pub(super) fn delete(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let Some(laddr) = conf(given) else { return Ok(()) };
    // Told if it fails, and that is all: other services may use the address.
    let _ = session.call::<call::IfAddrDel>(&on_device(given, IfAddrOp::Del));
    session.call::<call::LaddrDel>(&laddr).map_err(Failure::Changed)
}

fn conf(given: &Given) -> Option<LaddrConf> {
    let key = given.service?;
    Some(LaddrConf { key, laddr: given.laddr, device: given.ifname?, ..LaddrConf::default() })
}

fn on_device(given: &Given, op: IfAddrOp) -> IfAddrParam {
    let entry = IfAddr {
        addr: given.laddr,
        plen: given.laddr.map_or(0, host_bits),
        flags: IfAddrFlags::SAPOOL,
        device: given.ifname.unwrap_or_default(),
        ..IfAddr::default()
    };
    IfAddrParam { op, show: IfAddrShow::empty(), entry }
}

fn host_bits(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

pub(super) fn show(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let keys = match given.service {
        Some(key) => vec![key],
        None => list::services(session, given)?.iter().map(|service| service.key).collect(),
    };
    for (nth, key) in keys.into_iter().enumerate() {
        let query = LaddrConf { key, view: given.view, ..LaddrConf::default() };
        let laddrs = session.call::<call::LaddrGet>(&query).map_err(Failure::Asked)?;
        if nth == 0 {
            title(session.out())?;
        }
        rows(session.out(), &Laddrs { conf: query, ..laddrs })?;
    }
    Ok(())
}

fn title(out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{:<20} {:<8} {:<20} {:<10} {:<10}", "VIP:VPORT", "TOTAL", "SNAT_IP", "CONFLICTS", "CONNS")
}

/// Services without an address show as that family's unspecified one.
fn rows(out: &mut impl Write, laddrs: &Laddrs) -> std::io::Result<()> {
    let key = laddrs.conf.key;
    let addr = key.addr.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let service = Naming::Numeric.endpoint(addr, key.port, Protocol::NONE);
    writeln!(out, "{service:<20} {:<8} ", laddrs.rows.len())?;
    for row in &laddrs.rows {
        let addr = row.addr.to_string();
        writeln!(out, "{:<20} {:<8} {addr:<20} {:<10} {:<10}", "", "", row.conflicts, row.conns)?;
    }
    Ok(())
}
