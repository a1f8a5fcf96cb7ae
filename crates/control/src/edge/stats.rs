//! Figures as the messages have them.

use sockopt::service::Stats;

use crate::books::Totals;
use crate::ledger::Rates;

/// Counts and rates side by side.
pub(super) fn stats(totals: Totals, rates: Rates) -> Stats {
    Stats {
        conns: totals.conns,
        in_packets: totals.packets[0],
        in_bytes: totals.bytes[0],
        out_packets: totals.packets[1],
        out_bytes: totals.bytes[1],
        cps: rates.conns,
        in_pps: rates.packets[0],
        in_bps: rates.bytes[0],
        out_pps: rates.packets[1],
        out_bps: rates.bytes[1],
    }
}

/// A count in 32 bits.
pub(super) fn narrow(count: impl TryInto<u32>) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}
