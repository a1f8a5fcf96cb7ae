use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::hash::HashKey;

fn key() -> HashKey {
    HashKey::new([1, 2].map(|x: u64| x.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// Every bucket counts exactly the keys that it would rather hold itself.
fn check_counts(table: &FlowTable) {
    let mut absent = vec![0; table.buckets.len()];
    for (b, bucket) in table.buckets.iter().enumerate() {
        for way in 0..WAYS {
            if bucket.tags[way] != FREE && bucket.is_displaced(way) {
                absent[table.other(b, bucket.tags[way])] += 1;
            }
        }
    }
    assert!(table.buckets.iter().zip(absent).all(|(b, n)| b.absent == n));
}

proptest! {
    /// Against `HashMap`, at any load up to full. Keys are few, so that removal and reuse happen.
    #[test]
    fn behaves_as_a_map(ops in prop::collection::vec((any::<bool>(), 0u32..600), 1..3000), size in 1usize..300) {
        let (key, mut table, mut model) = (key(), FlowTable::with_capacity(size, Pages::OnTouch), HashMap::new());
        for (add, k) in ops {
            let hash = key.hash(&[k.into(), 0]);
            prop_assert_eq!(table.find(hash, |e| e == k), model.get(&k).copied());
            if add && !model.contains_key(&k) {
                match table.insert(hash, k) {
                    Ok(()) => { model.insert(k, k); }
                    Err(Full) => prop_assert!(model.len() * 10 >= table.slots() * 8),
                }
            } else if !add {
                prop_assert_eq!(table.remove(hash, k), model.remove(&k).is_some());
            }
            prop_assert_eq!(table.len(), model.len());
        }
        check_counts(&table);
        for k in 0..600 {
            prop_assert_eq!(table.find(key.hash(&[k.into(), 0]), |e| e == k), model.get(&k).copied());
        }
    }
}

proptest! {
    /// As the path asks (first bucket, then the second if it must), against a multimap. Hashes are few and collide in all that
    /// matters: buckets, tags, and whole.
    #[test]
    fn colliding_hashes_are_kept_apart(ops in prop::collection::vec((0u64..6, 0u64..4, any::<bool>()), 1..600), size in 1usize..40) {
        let (mut table, mut model) = (FlowTable::with_capacity(size, Pages::OnTouch), Vec::new());
        for (entry, (bucket, tag, add)) in (0..).zip(ops) {
            let hash = Hash(bucket << 61 | tag);
            if add {
                // What is refused changes nothing.
                if table.insert(hash, entry).is_ok() {
                    model.push((hash, entry));
                }
            } else if let Some(at) = model.iter().position(|&(h, _)| h == hash) {
                let (_, entry) = model.swap_remove(at);
                prop_assert!(table.remove(hash, entry));
                prop_assert!(!table.remove(hash, entry));
            }
            prop_assert_eq!(table.len(), model.len());
            for &(hash, entry) in &model {
                let second = table.prefetch_second(hash).then(|| table.second_candidates(hash).any(|e| e == entry));
                prop_assert!(table.candidates(hash).any(|e| e == entry) || second == Some(true));
                prop_assert!(table.neighbours(hash).any(|e| e == entry));
            }
        }
        check_counts(&table);
    }
}

#[test]
fn fills_beyond_95_percent_and_finds_all() {
    let (key, mut table) = (key(), FlowTable::with_capacity(100_000, Pages::OnTouch));
    let n = (0..).find(|&k| table.insert(key.hash(&[k.into(), 0]), k).is_err()).expect("gets full");
    let load = f64::from(n) / table.slots() as f64;
    assert!(load > 0.95, "full at {load}");
    check_counts(&table);
    assert!((0..n).all(|k| table.find(key.hash(&[k.into(), 0]), |e| e == k) == Some(k)));
    assert!((0..n).all(|k| table.remove(key.hash(&[k.into(), 0]), k)));
    assert!(table.is_empty() && table.buckets.iter().all(|b| b.absent == 0 && b.displaced == 0));
}

#[test]
fn other_is_an_involution() {
    let table = FlowTable::with_capacity(12_345, Pages::OnTouch);
    for b in 0..table.buckets.len() {
        for tag in 1..=255 {
            assert_eq!(table.other(table.other(b, tag), tag), b);
        }
    }
}
