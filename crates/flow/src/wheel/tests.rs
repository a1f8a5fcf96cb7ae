use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

proptest! {
    /// Every entry comes up exactly once, never early, and on the first visit at or after its tick.
    #[test]
    fn comes_up_once_and_on_time(start in any::<u32>(), ops in prop::collection::vec((0u32..100, 0u32..6), 1..400)) {
        let mut now = Tick(start);
        let mut wheel = Wheel::with_capacity(1000, now);
        let mut model: BTreeMap<u32, u32> = BTreeMap::new();
        for (entry, (timeout, advance)) in (0..).zip(ops) {
            let spoke = wheel.arm(entry, now.after(timeout)).expect("room");
            let ahead = timeout.clamp(1, HORIZON);
            prop_assert_eq!(wheel.until(spoke), ahead);
            model.insert(entry, now.since(Tick(start)) + ahead);
            now = now.after(advance);
            while let Some(due) = wheel.due(now) {
                for entry in due.entries() {
                    let at = model.remove(entry).expect("once");
                    prop_assert!(at <= now.since(Tick(start)));
                }
            }
            prop_assert!(model.values().all(|&at| at > now.since(Tick(start))));
            prop_assert_eq!(wheel.armed(), model.len());
        }
    }
}

proptest! {
    /// Deadlines move: the owner arms again and remembers the spoke. The entry that counts comes up once, by its deadline, and
    /// is told from the stale ones by its spoke alone. Time stands still, jumps by whole turns, or seems to go back.
    #[test]
    fn the_valid_entry_is_told_from_stale_ones(
        start in any::<u32>(),
        ops in prop::collection::vec((0u32..8, 0u32..100, prop_oneof![0i32..6, 60i32..400, -20i32..0]), 1..300),
    ) {
        let (mut now, mut wheel) = (Tick(start), Wheel::with_capacity(5000, Tick(start)));
        let mut valid: BTreeMap<u32, (Spoke, u32)> = BTreeMap::new();
        let elapsed = |now: Tick| now.since(Tick(start)) as i32;
        for (entry, timeout, advance) in ops {
            let ahead = timeout.clamp(1, HORIZON);
            // As connections do: a later deadline waits for the visit, a closer one is armed again.
            let closer = valid.get(&entry).is_none_or(|&(spoke, _)| wheel.until(spoke) > ahead);
            if closer {
                let spoke = wheel.arm(entry, wheel.turned().after(timeout)).expect("room");
                valid.insert(entry, (spoke, wheel.turned().after(ahead).0));
            }
            now = now.after(advance as u32);
            let has_due = wheel.has_due(now);
            let mut came = false;
            while let Some(due) = wheel.due(now) {
                came = true;
                for entry in due.entries() {
                    if valid.get(entry).is_some_and(|(spoke, _)| *spoke == due.spoke) {
                        let (_, at) = valid.remove(entry).expect("just seen");
                        prop_assert_eq!(wheel.turned(), Tick(at), "exactly when its spoke comes round");
                    }
                }
            }
            prop_assert_eq!(has_due, came);
            prop_assert!(elapsed(wheel.turned()) >= elapsed(now), "all that is due came up");
            prop_assert!(valid.values().all(|&(_, at)| elapsed(Tick(at)) > elapsed(now)));
        }
    }

    /// It holds what it was built for, however that lies on the spokes, and refuses the rest without harm.
    #[test]
    fn capacity_is_kept(room in 1usize..200, dues in prop::collection::vec(0u32..70, 1..4000)) {
        let (mut wheel, mut armed) = (Wheel::with_capacity(room, Tick(0)), 0);
        for (entry, due) in (0..).zip(dues) {
            if wheel.arm(entry, Tick(due)).is_some() {
                armed += 1;
            } else {
                prop_assert!(armed >= room, "refused at {} of {}", armed, room);
            }
        }
        let mut came = 0;
        while let Some(due) = wheel.due(Tick(HORIZON)) {
            came += due.entries().len();
        }
        prop_assert_eq!((came, wheel.armed()), (armed, 0));
    }
}

#[test]
fn chunks_return() {
    let mut wheel = Wheel::with_capacity(150, Tick(0));
    for round in 0..1000u32 {
        for entry in 0..150 {
            wheel.arm(entry, Tick(round + 3)).expect("room");
        }
        wheel.arm(0, Tick(0)).expect("room");
        let mut count = 0;
        while let Some(due) = wheel.due(Tick(round + 4)) {
            count += due.entries().len();
        }
        assert!(count >= 151 || round == 0 && count == 151);
    }
}
