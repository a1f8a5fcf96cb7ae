//! Tells nearly all addresses that are not local by one load: a bit per hash value, and how many addresses set it.

use std::sync::Arc;

const WORDS: usize = 64;

/// What a local route covers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    Host(u128),
    Network,
}

#[derive(Clone, Debug)]
pub(super) struct Filter {
    bits: Arc<[u64; WORDS]>,
    /// Addresses per bit, so that what leaves takes its bit along.
    counts: Arc<Vec<u32>>,
    /// Networks, which no hash of an address can tell: while there are any, every bit counts as set.
    networks: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self { bits: Arc::new([0; WORDS]), counts: Arc::new(vec![0; WORDS * 64]), networks: 0 }
    }
}

impl Filter {
    #[inline(always)]
    pub(super) fn may_hold(&self, addr: u128) -> bool {
        let at = place(addr);
        self.bits[at / 64] & 1 << (at % 64) != 0
    }

    pub(super) fn add(&mut self, what: Extent) {
        match what {
            Extent::Host(addr) => {
                let at = place(addr);
                Arc::make_mut(&mut self.counts)[at] += 1;
                Arc::make_mut(&mut self.bits)[at / 64] |= 1 << (at % 64);
            }
            Extent::Network => {
                self.networks += 1;
                self.bits = Arc::new([u64::MAX; WORDS]);
            }
        }
    }

    /// Takes out what is in it.
    pub(super) fn remove(&mut self, what: Extent) {
        match what {
            Extent::Host(addr) => Arc::make_mut(&mut self.counts)[place(addr)] -= 1,
            Extent::Network => self.networks -= 1,
        }
        if self.networks == 0 {
            let word = |counts: &[u32]| counts.iter().rev().fold(0, |word, n| word << 1 | u64::from(*n > 0));
            let mut words = self.counts.chunks(64).map(word);
            self.bits = Arc::new(std::array::from_fn(|_| words.next().unwrap_or_default()));
        }
    }
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "folding, and twelve bits")]
fn place(addr: u128) -> usize {
    let folded = (addr >> 64) as u64 ^ (addr as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize
}
