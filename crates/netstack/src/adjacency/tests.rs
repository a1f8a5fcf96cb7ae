use std::collections::HashMap;
use std::net::Ipv4Addr;

use flow::publish::Generation;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn ip(n: u16) -> IpAddr {
    if n % 3 == 0 { IpAddr::from([0x20, 1, 0, 0, 0, 0, 0, n]) } else { Ipv4Addr::from(u32::from(n)).into() }
}

fn mac(n: u16) -> Mac {
    let [a, b] = n.to_be_bytes();
    [2, 0, 0, 0, a, b]
}

#[derive(Clone, Debug)]
enum Op {
    Claim(u16),
    Set(u16),
    Clear(u16),
    Retire(u16),
    Reclaim,
}

fn any_op() -> impl Strategy<Value = Op> {
    let key = 0u16..40;
    prop_oneof![
        key.clone().prop_map(Op::Claim),
        key.clone().prop_map(Op::Set),
        key.clone().prop_map(Op::Clear),
        key.prop_map(Op::Retire),
        Just(Op::Reclaim),
    ]
}

proptest! {
    #[test]
    fn the_table_is_a_map(ops in vec(any_op(), 0..200), seed: u64) {
        let (all, mut writer) = Adjacencies::new(seed);
        let (mut model, mut retired) = (HashMap::<u16, (HopId, Option<Mac>)>::new(), Vec::new());
        let device = |n: u16| DeviceId(n % 2);
        for op in ops {
            match op {
                Op::Claim(n) => {
                    let id = writer.claim(device(n), ip(n)).expect("room");
                    prop_assert!(!retired.contains(&id), "nobody gets a retired one");
                    prop_assert_eq!(model.entry(n).or_insert((id, None)).0, id);
                }
                Op::Set(n) => if let Some(entry) = model.get_mut(&n) {
                    writer.set(entry.0, mac(n));
                    entry.1 = Some(mac(n));
                },
                Op::Clear(n) => if let Some(entry) = model.get_mut(&n) {
                    writer.clear(entry.0);
                    entry.1 = None;
                },
                Op::Retire(n) => if let Some((id, _)) = model.remove(&n) {
                    writer.retire(id, Generation(5));
                    retired.push(id);
                },
                Op::Reclaim => {
                    prop_assert_eq!(writer.reclaim(Generation(4)) + model.len() + retired.len(), IDS - 1);
                    prop_assert_eq!(writer.reclaim(Generation(5)) + model.len(), IDS - 1);
                    retired.clear();
                }
            }
            for n in 0..40 {
                let found = all.find(device(n), ip(n));
                prop_assert_eq!(found, model.get(&n).map(|(id, _)| *id));
                let hop = all.hop(found.unwrap_or_default());
                let known = model.get(&n).and_then(|(_, mac)| *mac);
                prop_assert_eq!(hop.is_usable().then(|| hop.mac()), known);
                prop_assert_eq!(hop.device(), if found.is_some() { device(n) } else { DeviceId(0) });
                prop_assert_eq!(all.find(DeviceId(9), ip(n)), None);
            }
        }
    }
}

#[test]
fn every_id_can_be_taken_and_found() {
    let (all, mut writer) = Adjacencies::new(7);
    let addr = |n: u32| IpAddr::from(Ipv4Addr::from(0x0a00_0000 + n));
    for n in 1..=u32::from(u16::MAX) {
        assert!(writer.claim(DeviceId(1), addr(n)).is_some(), "{n}");
    }
    assert_eq!(writer.claim(DeviceId(1), addr(0)), None, "all are taken");
    assert_eq!(all.find(DeviceId(1), addr(0)), None);
    let mut ids: Vec<_> = (1..=u32::from(u16::MAX)).filter_map(|n| all.find(DeviceId(1), addr(n))).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), IDS - 1);
}

#[test]
fn graves_do_not_fill_the_index() {
    let (all, mut writer) = Adjacencies::new(3);
    for n in 0..500_000 {
        let id = writer.claim(DeviceId(0), IpAddr::from(Ipv4Addr::from(n))).expect("room");
        writer.retire(id, Generation(1));
        writer.reclaim(Generation(1));
    }
    assert_eq!(all.find(DeviceId(0), ip(1)), None);
    assert_eq!(writer.room(), (IDS - 1, 0));
}

#[test]
fn workers_signs_reach_the_writer() {
    let (all, mut writer) = Adjacencies::new(1);
    let id = writer.claim(DeviceId(2), ip(1)).expect("room");
    writer.set_stale(id, mac(1));
    assert!(all.hop(id).is_usable() && all.hop(id).is_stale() && !writer.was_used(id));
    all.used(id);
    all.confirm(id, Tick(77));
    assert!(writer.was_used(id));
    assert_eq!(writer.confirmed(id), Tick(77));
    writer.set(id, mac(2));
    assert!(!all.hop(id).is_stale());
    assert_eq!((all.hop(id).mac(), all.hop(id).device()), (mac(2), DeviceId(2)));
    assert!(!all.hop(HopId::NONE).is_usable());
    assert_eq!(writer.claim(DeviceId(0x1000), ip(1)), None, "a hop has no place for it");
}

/// Each key has its MAC address, and each id changes hands all the time, as it may between the turns of a reader. A reader must
/// see the address of the key that it looked for, or none, as long as the id stays that key's.
#[test]
fn a_reader_never_sees_another_ones_mac() {
    let (all, mut writer) = Adjacencies::new(11);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2u16)
            .map(|start| {
                let (all, done) = (&all, &done);
                scope.spawn(move || {
                    let (mut hits, mut n) = (0u32, start);
                    while !done.load(Relaxed) || hits == 0 {
                        n = (n + 1) % 64;
                        let Some(id) = all.find(DeviceId(0), ip(n)) else { continue };
                        let hop = all.hop(id);
                        // Still its own: then what was read between belongs to it.
                        if all.find(DeviceId(0), ip(n)) == Some(id) && hop.is_usable() && n < 32 {
                            assert_eq!(hop.mac(), mac(n));
                        }
                        hits += 1;
                    }
                })
            })
            .collect();
        // Keys below 32 never leave; those above come and go, and their ids with them.
        (0..32).for_each(|n| {
            let id = writer.claim(DeviceId(0), ip(n)).expect("room");
            writer.set(id, mac(n));
        });
        for round in 0..60_000u32 {
            let n = 32 + (round % 32) as u16;
            match all.find(DeviceId(0), ip(n)) {
                Some(id) => writer.retire(id, Generation(1)),
                None => {
                    let id = writer.claim(DeviceId(0), ip(n)).expect("room");
                    writer.set(id, mac(n));
                }
            }
            if round % 8 == 0 {
                writer.reclaim(Generation(1));
            }
        }
        done.store(true, Relaxed);
        readers.into_iter().for_each(|reader| reader.join().expect("no reader was deceived"));
    });
}
