//! `link show cpu`: lcores and their queues. `Controll` is spelled so.

use std::io::{self, Write};

use sockopt::counters::Counts;
use sockopt::lcore::{LcoreBasic, LcoreStats};
use sockopt::{LcoreId, call};

use super::HELP;
use super::cells::{cell, row};
use super::samples::{self, Counter, Rows};
use crate::Context;
use crate::failure::{Failure, Misuse};

/// Of a column of counts.
const WIDTH: usize = 24;

/// All of them, or the one whose number stands behind `cpu`.
pub(super) fn show(context: &mut Context<'_>, number: &str) -> Result<(), Failure> {
    if !number.is_empty() {
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let id = number.parse().ok().filter(|_| digits).ok_or(Misuse::Help { help: HELP })?;
        return lcore(context, LcoreId(id));
    }
    let mask = context.session.call::<call::LcoreMask>(&())?;
    let kni = Some(mask.kni).filter(|kni| kni.0 != 0);
    let mut groups = vec![
        ("<< Controll Plane >>", [mask.master].into_iter().chain(kni).collect()),
        ("<< Data Plane >>", members(mask.workers)),
    ];
    if mask.isolated != 0 {
        groups.push(("<< Isolate RX Lcores >>", members(mask.isolated)));
    }
    let mut failed = false;
    for (title, lcores) in groups {
        writeln!(context.session.out(), "{title}")?;
        for id in lcores {
            match lcore(context, id) {
                Ok(()) => {}
                Err(Failure::Output(error)) => return Err(error.into()),
                Err(_) => {
                    context.session.complain(format_args!("Fail to get information for cpu{}", id.0));
                    failed = true;
                }
            }
        }
    }
    if context.options.stats && context.options.verbose {
        slow_path(context)?;
    }
    if failed { Err(Failure::Told) } else { Ok(()) }
}

/// The lcores of a mask.
fn members(mask: u64) -> Vec<LcoreId> {
    (0..64).filter(|bit| mask >> bit & 1 == 1).map(LcoreId).collect()
}

fn lcore(context: &mut Context<'_>, id: LcoreId) -> Result<(), Failure> {
    let found = context.session.call::<call::LcoreBasic>(&id)?;
    basic(context.session.out(), &found)?;
    if context.options.stats {
        samples::show(context, COUNTERS, |context| Ok(context.session.call::<call::LcoreStats>(&id)?))?;
        if context.options.verbose {
            return more(context, id);
        }
    }
    Ok(())
}

/// With `-v`, what only dpvs-rs counts: where the worker's packets came from and went, and why some did not go on. An upstream
/// daemon does not know the request, and then nothing is added, as upstream.
fn more(context: &mut Context<'_>, id: LcoreId) -> Result<(), Failure> {
    let Ok(all) = context.session.client().call::<call::Counters>(&()) else { return Ok(()) };
    for worker in all.workers.iter().filter(|worker| worker.lcore == id.0) {
        counts(context.session.out(), &worker.counts, &worker.drops)?;
    }
    Ok(())
}

/// The same of the thread that workers leave ARP, ICMP and unresolved neighbours to.
fn slow_path(context: &mut Context<'_>) -> Result<(), Failure> {
    let Ok(all) = context.session.client().call::<call::Counters>(&()) else { return Ok(()) };
    writeln!(context.session.out(), "<< Slow Path >>")?;
    Ok(counts(context.session.out(), &all.slow_path, &all.slow_path_drops)?)
}

/// All counts, and those reasons for drops that there were.
fn counts(out: &mut impl Write, counts: &Counts, drops: &Counts) -> io::Result<()> {
    let dropped = drops.iter().filter(|(_, count)| **count > 0);
    let cells: Vec<_> =
        counts.iter().chain(dropped).map(|(name, count)| cell(name.as_str(), count)).collect();
    cells.chunks(4).try_for_each(|cells| row(out, WIDTH, cells))
}

fn basic(out: &mut impl Write, found: &LcoreBasic) -> io::Result<()> {
    let (id, socket) = (found.lcore.0, found.socket);
    let queues = if found.queues.is_empty() { "none" } else { &found.queues };
    writeln!(out, "{}: cpu{id}: socket {socket}\n    queues {queues}", u32::from(id) + 1)
}

const fn counter(title: &'static str, unit: &'static str, of: fn(&LcoreStats) -> u64) -> Counter<LcoreStats> {
    Counter { title, unit, of }
}

const COUNTERS: Rows<LcoreStats> = &[
    &[
        counter("lcore_loop", "lps", |s| s.loops),
        counter("pktburst", "nps", |s| s.bursts),
        counter("zpktburst", "nps", |s| s.empty_bursts),
        counter("fpktburst", "nps", |s| s.full_bursts),
    ],
    &[
        counter("z2hpktburst", "nps", |s| s.low_bursts),
        counter("h2fpktburst", "nps", |s| s.high_bursts),
        counter("dropped", "nps", |s| s.dropped),
    ],
    &[
        counter("ipackets", "pps", |s| s.in_packets),
        counter("ibytes", "Bps", |s| s.in_bytes),
        counter("opackets", "pps", |s| s.out_packets),
        counter("obytes", "Bps", |s| s.out_bytes),
    ],
];
