//! What this machine's memory allows: a random flow, its bucket line, its record line, and nothing else. A burst at a time, as the
//! worker does it, over memory of the same size.

use std::hint::black_box;

use flow::intrinsics::prefetch;
use flow::mem::{HugeSlice, Pages};

use crate::clock::{Trials, repeat};
use crate::source::Random;

type Lines = HugeSlice<[u64; 8]>;

/// Cycles per flow.
pub(crate) fn cycles(table: usize, records: usize, flows: u32, trials: usize) -> Trials {
    let lines = |bytes: usize| -> Lines { HugeSlice::new(bytes.div_ceil(64).max(1), Pages::OnTouch) };
    let (mut buckets, mut records) = (lines(table), lines(records));
    let mut random = Random(9);
    // A bucket names a record. Of the table, as many lines are in use as flows can be spread over.
    let (used_buckets, used_records) = (buckets.len(), records.len());
    buckets.iter_mut().for_each(|line| line[0] = random.below(used_records) as u64);
    records.iter_mut().for_each(|line| line[0] = 1);
    let order: Vec<u32> = order(flows, used_buckets, &mut random);
    let mut at = 0;
    let mut run = || {
        for _ in 0..512 {
            at = if at + 32 > order.len() { 0 } else { at };
            burst(&order[at..at + 32], &buckets, &records);
            at += 32;
        }
        512 * 32
    };
    run();
    repeat(trials, run)
}

/// The buckets of random flows; few flows have few buckets.
fn order(flows: u32, buckets: usize, random: &mut Random) -> Vec<u32> {
    let homes: Vec<u32> =
        (0..flows).map(|_| u32::try_from(random.below(buckets)).unwrap_or(u32::MAX)).collect();
    (0..1 << 20).map(|_| homes[random.below(homes.len())]).collect()
}

#[inline(never)]
fn burst(order: &[u32], buckets: &Lines, records: &Lines) {
    for &bucket in order {
        prefetch(buckets, bucket as usize);
    }
    let mut found = [0; 32];
    for (found, &bucket) in found.iter_mut().zip(order) {
        #[expect(clippy::cast_possible_truncation, reason = "an index")]
        let record = buckets[bucket as usize][0] as usize;
        *found = record;
        prefetch(records, record);
    }
    black_box(found.iter().map(|&record| records[record][0]).sum::<u64>());
}
