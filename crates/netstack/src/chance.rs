//! Random numbers from a seed.

use flow::HashKey;

/// The next number after `state` (SplitMix64): even of seeds that differ little nothing alike is left.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// A key for a hash.
pub(crate) fn hash_key(mut seed: u64) -> HashKey {
    HashKey::new([next(&mut seed), next(&mut seed)])
}
