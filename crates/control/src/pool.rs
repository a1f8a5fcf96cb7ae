//! How many ports a local address has, in the numbers that users know (docs/spec/datapath.md §16.3). Our pools waste none
//! and count otherwise inside.

use std::ops::RangeInclusive;

use crate::books::Whose;

/// Local ports.
const PORTS: RangeInclusive<usize> = 1025..=65_535;

/// Ports that a worker has upstream: those equal to its number in the low bits.
fn of_worker(worker: usize, workers: usize) -> u64 {
    let step = workers.max(1).next_power_of_two();
    PORTS.filter(|port| port % step == worker).count() as u64
}

/// Ports of one pool.
#[must_use]
pub(crate) fn ports(whose: Whose, workers: usize) -> u64 {
    match whose {
        Whose::All => (0..workers).map(|worker| of_worker(worker, workers)).sum(),
        Whose::Worker(worker) => of_worker(worker, workers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_specifications() {
        for (workers, expected) in
            [(1, 64511), (2, 64511), (3, 48383), (4, 64511), (5, 40319), (6, 48383), (7, 56447), (8, 64511)]
        {
            assert_eq!(ports(Whose::All, workers), expected, "{workers} workers");
        }
    }
}
