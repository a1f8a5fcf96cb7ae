//! All that workers and the slow path count, by name, for whoever asks (id 20000).

use std::sync::Arc;

use control::{Books, LinkView};
use datapath::Drop;
use netstack::stack::{Counts as StackCounts, Deed, StackDrop};
use sockopt::counters::{Counters, Counts, WorkerCounters};

use crate::view::View;

/// Everything, now.
pub(crate) fn all(books: &Books, stack: &Arc<StackCounts>, view: &View<'_, '_>) -> Counters {
    let named = |pairs: Vec<(&'static str, u64)>| -> Counts {
        pairs.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    };
    let worker = |(worker, counters): (u16, &Arc<datapath::Counters>)| WorkerCounters {
        worker,
        lcore: view.worker(worker.into()).0,
        counts: named(flows(counters)),
        drops: named(Drop::ALL.iter().map(|&reason| (reason.metric(), counters.dropped(reason))).collect()),
    };
    Counters {
        workers: (0..).zip(&books.counters).map(worker).collect(),
        slow_path: named(Deed::ALL.iter().map(|&deed| (deed.metric(), stack.deeds.of(deed))).collect()),
        slow_path_drops: named(
            StackDrop::ALL.iter().map(|&reason| (reason.metric(), stack.drops.of(reason))).collect(),
        ),
        ..Counters::default()
    }
}

/// Where a worker's packets came from and went.
fn flows(counters: &datapath::Counters) -> Vec<(&'static str, u64)> {
    [
        ("received", &counters.received),
        ("sent", &counters.sent),
        ("handed_over", &counters.handed_over),
        ("taken_in", &counters.taken_in),
        ("relayed", &counters.relayed),
        ("to_send", &counters.to_send),
        ("punted", &counters.punted),
        ("injected", &counters.injected),
        ("expired", &counters.expired),
        ("turns", &counters.turns),
        ("idle_turns", &counters.idle_turns),
    ]
    .map(|(name, counter)| (name, counter.read()))
    .into()
}
