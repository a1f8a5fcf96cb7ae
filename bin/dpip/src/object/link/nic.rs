//! `link show [NIC]`: ports.

use std::io::{self, Write};

use sockopt::link::{BondStatus, PortBasic, PortFlags, PortQuery, PortStats, PortXstats};
use sockopt::{Text, call};

use super::cells::{cell, row};
use super::samples::{Counter, Rows};
use super::{detail, samples};
use crate::Context;
use crate::failure::{Failure, text};

/// How much of a port is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The port.
    Port,
    /// And what it is as a bond.
    WithBond,
}

/// One port, or all. One that fails among all of them is told, and the others are shown.
pub(super) fn show(context: &mut Context<'_>, name: Option<Text<32>>, extent: Extent) -> Result<(), Failure> {
    if let Some(name) = name {
        return port(context, name, extent);
    }
    let list = context.session.call::<call::PortList>(&());
    let ports = match list {
        Ok(list) => list.rows,
        Err(trouble) => {
            context.session.complain(format_args!("Fail to get configured NIC list: {}.", text(&trouble)));
            return Err(trouble.into());
        }
    };
    let mut failed = false;
    for entry in ports {
        match port(context, Text::cut(entry.name.as_str()), extent) {
            Ok(()) => {}
            Err(Failure::Output(error)) => return Err(error.into()),
            Err(_) => {
                context.session.complain(format_args!("Fail to get information for {}", entry.name));
                failed = true;
            }
        }
    }
    if failed { Err(Failure::Told) } else { Ok(()) }
}

fn port(context: &mut Context<'_>, name: Text<32>, extent: Extent) -> Result<(), Failure> {
    let query = PortQuery(name);
    let options = context.options;
    let port = context.session.call::<call::PortBasic>(&query)?;
    basic(context.session.out(), &port)?;
    if options.stats {
        let stats = samples::show(context, COUNTERS, |context| {
            Ok(context.session.call::<call::PortStats>(&query)?)
        })?;
        if options.interval == 0 {
            buffers(context.session.out(), &stats)?;
        }
    }
    if options.stats && options.verbose {
        let xstats = context.session.call::<call::PortXstats>(&query)?;
        own_counters(context.session.out(), &xstats)?;
    }
    if options.verbose {
        let details = context.session.call::<call::PortExt>(&query)?;
        detail::show(context.session.out(), &details)?;
    }
    if extent == Extent::WithBond {
        let status = context.session.call::<call::BondStatus>(&query)?;
        bond(context.session.out(), &status)?;
    }
    Ok(())
}

/// Every word of the second and third line is followed by a blank; `foward2kni` is spelled so.
fn basic(out: &mut impl Write, port: &PortBasic) -> io::Result<()> {
    let PortBasic { name, socket, mtu, rx_queues, tx_queues, .. } = port;
    let id = u32::from(port.id) + 1;
    writeln!(out, "{id}: {name}: socket {socket} mtu {mtu} rx-queue {rx_queues} tx-queue {tx_queues}")?;
    write!(out, "    ")?;
    if !port.link_status.is_empty() {
        write!(out, "{} ", port.link_status)?;
    }
    write!(out, "{} Mbps ", port.link_speed)?;
    for word in [port.link_duplex, port.link_autoneg] {
        if !word.is_empty() {
            write!(out, "{word} ")?;
        }
    }
    flags(out, port.flags, &SWITCHES)?;
    write!(out, "    addr {} ", port.mac)?;
    flags(out, port.flags, &OFFLOADS)
}

const SWITCHES: [(PortFlags, &str); 6] = [
    (PortFlags::PROMISC, "promisc"),
    (PortFlags::ALLMULTICAST, "allmulticast"),
    (PortFlags::FORWARD_TO_KNI, "foward2kni"),
    (PortFlags::TC_EGRESS, "tc-egress"),
    (PortFlags::TC_INGRESS, "tc-ingress"),
    (PortFlags::LLDP, "lldp"),
];

const OFFLOADS: [(PortFlags, &str); 5] = [
    (PortFlags::RX_IP_CSUM, "OF_RX_IP_CSUM"),
    (PortFlags::TX_IP_CSUM, "OF_TX_IP_CSUM"),
    (PortFlags::TX_TCP_CSUM, "OF_TX_TCP_CSUM"),
    (PortFlags::TX_UDP_CSUM, "OF_TX_UDP_CSUM"),
    (PortFlags::TX_FAST_FREE, "OF_TX_FAST_FREE"),
];

/// The rest of a line.
fn flags(out: &mut impl Write, set: PortFlags, names: &[(PortFlags, &str)]) -> io::Result<()> {
    for (_, name) in names.iter().filter(|(flag, _)| set.contains(*flag)) {
        write!(out, "{name} ")?;
    }
    writeln!(out)
}

const fn counter(title: &'static str, unit: &'static str, of: fn(&PortStats) -> u64) -> Counter<PortStats> {
    Counter { title, unit, of }
}

const COUNTERS: Rows<PortStats> = &[
    &[
        counter("ipackets", "pps", |s| s.in_packets),
        counter("opackets", "pps", |s| s.out_packets),
        counter("ibytes", "Bps", |s| s.in_bytes),
        counter("obytes", "Bps", |s| s.out_bytes),
    ],
    &[
        counter("ierrors", "pps", |s| s.in_errors),
        counter("oerrors", "pps", |s| s.out_errors),
        counter("imissed", "pps", |s| s.in_missed),
        counter("rx_nombuf", "pps", |s| s.no_mbuf),
    ],
];

fn buffers(out: &mut impl Write, stats: &PortStats) -> io::Result<()> {
    row(out, 20, &[cell("mbuf-avail", stats.mbuf_free), cell("mbuf-inuse", stats.mbuf_used)])
}

fn own_counters(out: &mut impl Write, xstats: &PortXstats) -> io::Result<()> {
    writeln!(out, "    xstats list:")?;
    if xstats.rows.is_empty() {
        return writeln!(out, "        not supported");
    }
    xstats.rows.iter().try_for_each(|row| writeln!(out, "        {:<6}{}: {}", row.id, row.name, row.value))
}

/// `ative` is spelled so.
fn bond(out: &mut impl Write, bond: &BondStatus) -> io::Result<()> {
    let BondStatus { mode, mac, policy, monitor_interval, down_delay, up_delay, active, .. } = bond;
    writeln!(out, "    --- bonding status ---")?;
    writeln!(out, "    mode {mode} mac_addr {mac} xmit_policy {policy} link_monitor {monitor_interval}ms")?;
    writeln!(
        out,
        "    ative/slaves {active}/{} link_down_prop_delay {down_delay}ms link_up_prop_delay {up_delay}ms",
        bond.members.len()
    )?;
    write!(out, "    slaves: ")?;
    for member in &bond.members {
        let state = if member.active { "active" } else { "inactive" };
        let primary = if member.primary { ", primary" } else { "" };
        write!(out, "{}({}, {state}{primary}) ", member.name, member.mac)?;
    }
    writeln!(out)
}
