//! How much of a kind of slow-path traffic is served: so many a second, divided over 64 buckets by the keyed hash of the source, so
//! that one source cannot take all of it. docs/spec/netstack.md §9, D41.

use std::net::IpAddr;

use flow::{HashKey, Tick};

use crate::chance;

const BUCKETS: u32 = 64;

/// A bucket per hash value, each filled at the same rate and holding what comes in a second.
#[derive(Debug)]
pub struct Policer {
    hash: HashKey,
    /// In parts of a packet, as are the fillings: [`PART`] of them are one.
    buckets: [(u32, Tick); BUCKETS as usize],
    per_tick: u32,
}

/// What flows into a bucket per tick at one packet a second over all.
const PART: u32 = BUCKETS * Tick::PER_SECOND;

impl Policer {
    /// Lets `per_second` pass over all, and of each 64th of the sources at least one.
    #[must_use]
    pub fn new(seed: u64, per_second: u32) -> Self {
        let full = Self::full(per_second);
        Self {
            hash: chance::hash_key(seed),
            buckets: [(full, Tick::default()); BUCKETS as usize],
            per_tick: per_second,
        }
    }

    /// Lets so many pass from now on.
    pub fn set_rate(&mut self, per_second: u32) {
        self.per_tick = per_second;
    }

    fn full(per_tick: u32) -> u32 {
        per_tick.saturating_mul(Tick::PER_SECOND).max(PART)
    }

    /// Whether one more of `source` may pass now.
    pub fn admit(&mut self, source: IpAddr, now: Tick) -> bool {
        let bits = match source {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        let words: [u64; 2] = zerocopy::transmute!(bits.to_ne_bytes());
        let at = (self.hash.hash(&words).0 >> 58) as usize;
        let (level, filled) = &mut self.buckets[at];
        let gained = now.since(*filled).saturating_mul(self.per_tick);
        (*level, *filled) = (level.saturating_add(gained).min(Self::full(self.per_tick)), now);
        match level.checked_sub(PART) {
            Some(left) => {
                *level = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_gets_its_share_and_no_more() {
        let mut policer = Policer::new(7, 2_000);
        let one = IpAddr::from([10, 0, 0, 1]);
        let in_a_second = |policer: &mut Policer, second: u32| {
            let ticks = (second * 8..second * 8 + 8).flat_map(|tick| [Tick(tick); 100]);
            ticks.filter(|now| policer.admit(one, *now)).count()
        };
        in_a_second(&mut policer, 10);
        let steady: usize = (11..111).map(|second| in_a_second(&mut policer, second)).sum();
        assert_eq!(steady, 3_125, "2 000 / 64 a second");
    }

    #[test]
    fn many_sources_get_all_of_it() {
        let mut policer = Policer::new(7, 2_000);
        let mut passed = 0;
        for tick in 80..160 {
            let source = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(n));
            passed += (0..10_000).filter(|n| policer.admit(source(*n), Tick(tick))).count();
        }
        assert!((20_000..23_000).contains(&passed), "{passed} in ten seconds, and what the buckets held");
    }
}
