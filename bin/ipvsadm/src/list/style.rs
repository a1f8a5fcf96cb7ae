//! Titles and lines of the table in its five styles: docs/spec/cli.md §6.1. Lines end in blanks where the last cell is padded;
//! scripts that cut columns rely on it.

use std::io::{self, Write};

use sockopt::Family;
use sockopt::dest::Dest;
use sockopt::service::{Service, Stats};

use super::cell::counter;
use super::service;
use crate::given::Given;
use crate::grammar::Opt;
use crate::names::Naming;

/// What is shown of each server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Method, weight, connections.
    Default,
    /// Totals.
    Stats,
    /// Rates.
    Rate,
    /// Thresholds.
    Thresholds,
    /// Persistence templates.
    Persistent,
}

impl Style {
    /// The first that was given, in the specification's order.
    pub(super) fn of(given: &Given) -> Self {
        let styles = [
            (Opt::Stats, Self::Stats),
            (Opt::Rate, Self::Rate),
            (Opt::Thresholds, Self::Thresholds),
            (Opt::PersistentConn, Self::Persistent),
        ];
        styles.into_iter().find(|(opt, _)| given.has(*opt)).map_or(Self::Default, |(_, style)| style)
    }
}

/// How the table is printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    pub(super) style: Style,
    pub(super) exact: bool,
    pub(super) naming: Naming<'a>,
}

const FIRST: &str = "Prot LocalAddress:Port";

impl Table<'_> {
    pub(super) fn titles(&self, out: &mut impl Write) -> io::Result<()> {
        match self.style {
            Style::Default => {
                writeln!(out, "{FIRST} Scheduler Flags")?;
                return writeln!(
                    out,
                    "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"
                );
            }
            Style::Stats => counter_titles(out, ["Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"])?,
            Style::Rate => counter_titles(out, ["CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"])?,
            Style::Thresholds => writeln!(
                out,
                "{FIRST:<33} {:<10} {:<10} {:<10} {:<10}",
                "Uthreshold", "Lthreshold", "ActiveConn", "InActConn"
            )?,
            Style::Persistent => writeln!(
                out,
                "{FIRST:<33} {:<9} {:<11} {:<10} {:<10}",
                "Weight", "PersistConn", "ActiveConn", "InActConn"
            )?,
        }
        writeln!(out, "  -> RemoteAddress:Port")
    }

    /// Totals of a service are what the daemon says of it and what it says of its servers; rates are the daemon's.
    pub(super) fn service(&self, out: &mut impl Write, service: &Service, dests: &[Dest]) -> io::Result<()> {
        let mut name = service::name(service, self.naming);
        match self.style {
            Style::Stats => {
                let total = |of: fn(&Stats) -> u64| {
                    dests.iter().fold(of(&service.stats), |sum, dest| sum.wrapping_add(of(&dest.stats)))
                };
                write!(out, "{name:<33}")?;
                self.counters(out, TOTALS.map(total))
            }
            Style::Rate => {
                if service.bps != 0 {
                    name += &format!(" bps {}M", service.bps);
                }
                write!(out, "{name:<33}")?;
                self.counters(out, RATES.map(|of| of(&service.stats)))
            }
            Style::Default | Style::Thresholds | Style::Persistent => {
                writeln!(out, "{name} {}{}", service.scheduler, service::traits(service))
            }
        }
    }

    pub(super) fn dest(&self, out: &mut impl Write, service: &Service, dest: &Dest) -> io::Result<()> {
        let mut addr = self.naming.endpoint(dest.addr, dest.port, service.key.proto);
        if service.key.family() != Family::Inet6 {
            addr = addr.chars().take(28).collect();
        }
        write!(out, "  -> {addr:<28}")?;
        let Dest { weight, active, inactive, persistent, max_conn, min_conn, stats, .. } = dest;
        match self.style {
            Style::Default => {
                let (method, _) = service::method(dest.forward);
                let marks = service::marks(dest);
                writeln!(out, " {method:<7} {weight:<6} {active:<10} {inactive:<10}{marks}")
            }
            Style::Stats => self.counters(out, TOTALS.map(|of| of(stats))),
            Style::Rate => {
                write!(out, " {:>8} {:>8} {:>8}", stats.cps, stats.in_pps, stats.out_pps)?;
                self.counters(out, [stats.in_bps.into(), stats.out_bps.into()])
            }
            Style::Thresholds => writeln!(out, " {max_conn:<10} {min_conn:<10} {active:<10} {inactive:<10}"),
            Style::Persistent => writeln!(out, " {weight:<9} {persistent:<11} {active:<10} {inactive:<10}"),
        }
    }

    /// Cells, and the end of the line.
    fn counters<const N: usize>(&self, out: &mut impl Write, values: [u64; N]) -> io::Result<()> {
        for value in values {
            out.write_all(counter(value, self.exact).as_bytes())?;
        }
        writeln!(out)
    }
}

/// Columns of the totals.
const TOTALS: [fn(&Stats) -> u64; 5] =
    [|s| s.conns, |s| s.in_packets, |s| s.out_packets, |s| s.in_bytes, |s| s.out_bytes];
/// Columns of the rates.
const RATES: [fn(&Stats) -> u64; 5] =
    [|s| s.cps.into(), |s| s.in_pps.into(), |s| s.out_pps.into(), |s| s.in_bps.into(), |s| s.out_bps.into()];

fn counter_titles(out: &mut impl Write, titles: [&str; 5]) -> io::Result<()> {
    write!(out, "{FIRST:<33}")?;
    for title in titles {
        write!(out, " {title:>8}")?;
    }
    writeln!(out)
}
