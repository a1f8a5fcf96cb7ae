//! Random steps against what is known of every flow.

use std::collections::HashMap;
use std::net::IpAddr;

use datapath::{Drop, Worker};
use flow::Tick;
use ipvs::book::connections_of;
use ipvs::service::{Dest, LaddrSlot, Weight};
use pktio::ChecksumState;
use pktio::pool::Pool;
use proptest::prelude::*;
use wire::tcp::Flags;
use wire::{Addr4, Proto, Tuple};

use crate::frames::frame;
use crate::rig::*;
use crate::topology::{LAN, WAN};

/// What a test does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Requests of these clients, and replies to those among them that were answered before.
    Packets(Vec<(u16, bool)>),
    Weight(prop::sample::Index, u16),
    /// A dest leaves, and another address comes in its slot once it may.
    Replace(prop::sample::Index),
    /// A local address leaves its service, or comes back under a new name.
    Laddr(prop::sample::Index),
    Pause(u32),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec((0u16..400, any::<bool>()), 1..120).prop_map(Step::Packets),
        1 => (any::<prop::sample::Index>(), 0u16..4).prop_map(|(which, weight)| Step::Weight(which, weight)),
        1 => any::<prop::sample::Index>().prop_map(Step::Replace),
        1 => any::<prop::sample::Index>().prop_map(Step::Laddr),
        2 => (1u32..60).prop_map(Step::Pause),
    ]
}

/// Where each client's packets come out, as far as is known.
#[derive(Default)]
pub(crate) struct Places(pub(crate) HashMap<u16, (Tuple<Addr4>, Tick)>);

impl Places {
    pub(crate) fn forget_idle(&mut self, now: Tick) {
        self.0.retain(|_, (_, heard)| now.since(*heard) < IDLE * Tick::PER_SECOND);
    }
}

/// What a run keeps beside the cluster.
#[derive(Default)]
struct Run {
    places: Places,
    next_address: u8,
    delivered: u64,
    /// Local addresses out of service, at most one.
    absent: Option<LaddrSlot>,
}

impl Run {
    fn step(&mut self, cluster: &mut Cluster<'_>, step: Step) {
        match step {
            Step::Packets(packets) => {
                self.delivered += packets.len() as u64;
                exchange(cluster, &mut self.places, &packets);
            }
            Step::Weight(which, weight) => {
                let dest = *which.get(&cluster.dests);
                cluster.change(|next| next.edit_dest(dest, Weight(weight)).expect("in service or draining"));
            }
            Step::Replace(which) => {
                let dest = *which.get(&cluster.dests);
                if cluster.drains.waiting() == 0 {
                    cluster.change(|next| next.retire_dest(dest).expect("in service"));
                    cluster.drains.begin(dest, cluster.publisher.newest_generation());
                }
            }
            Step::Laddr(which) => match self.absent.take() {
                None => {
                    let laddr = *which.get(&cluster.laddrs);
                    cluster.change(|next| next.retire_laddr(laddr).expect("in service"));
                    self.absent = Some(laddr);
                }
                Some(old) => {
                    let mut fresh = None;
                    cluster.change(|next| {
                        let laddr = next.laddr(old).expect("drains").clone();
                        fresh = next.add_laddr(laddr.service, laddr.addr).ok();
                    });
                    cluster.laddrs.retain(|laddr| *laddr != old);
                    cluster.laddrs.extend(fresh);
                }
            },
            Step::Pause(ticks) => {
                cluster.now = cluster.now.after(ticks);
                assert!(cluster.settle().concat().is_empty());
                self.places.forget_idle(cluster.now);
            }
        }
    }

    /// The master's turn: slots that nobody uses any more get a new tenant.
    fn reuse_slots(&mut self, cluster: &mut Cluster<'_>) {
        let (adopted, tables) = (cluster.publisher.adopted(), cluster.tables());
        for slot in cluster.drains.finished(adopted, |slot| connections_of(&tables, slot.index())) {
            let in_use = |worker: &Worker<_>| worker.connections4.iter().any(|conn| conn.dest == slot);
            assert!(!cluster.workers.iter().any(in_use), "given away while in use");
            self.next_address = self.next_address.wrapping_add(1).max(10);
            let addr = IpAddr::from([10, 1, 1, self.next_address]);
            cluster.change(|next| {
                let old = next.dest(slot).expect("drains").clone();
                next.vacate_dest(slot).expect("drained");
                next.seat_dest(Dest { addr, settings: Weight(1).into(), ..old }).expect("empty");
            });
        }
    }

    fn check(&self, cluster: &Cluster<'_>, pool: &Pool) {
        let [received, sent, handed, taken, dropped] = cluster.sums();
        assert_eq!((received, handed), (self.delivered, taken));
        assert_eq!(received, sent + dropped);
        assert!(cluster.nics.iter().all(|nic| nic.missed() == 0));
        assert_eq!(pool.free(), 2048);
        let live = cluster.connections();
        for (n, (place, _)) in &self.places.0 {
            let owner = live[&(proto(*n), client(*n))];
            assert_eq!(live[&(proto(*n), place.reversed())], owner, "both directions have one owner");
        }
        // No more of one port than one: (laddr, port, dest, proto) is a tuple of `live`, which has none twice.
        assert!(live.len() >= 2 * self.places.0.len());
    }
}

pub(crate) fn run_steps(kind: Kind, workers: u16, steps: Vec<Step>) {
    let pool = Pool::new(2048);
    let mut cluster = Build::of(kind, workers).up(&pool);
    let mut run = Run::default();
    for step in steps {
        run.step(&mut cluster, step);
        run.reuse_slots(&mut cluster);
        run.check(&cluster, &pool);
    }
    if kind == Kind::Rss {
        assert_eq!(cluster.sums()[2], 0, "the port does all of the steering");
    }
    cluster.assert_all_ends();
}

/// Sends packets in by the wire and checks that each comes out where it must, and no other does.
pub(crate) fn exchange(cluster: &mut Cluster<'_>, places: &mut Places, packets: &[(u16, bool)]) {
    let mut expected: HashMap<(Proto, Tuple<Addr4>), u64> = HashMap::new();
    let mut opening: HashMap<u16, u64> = HashMap::new();
    let lost_before = cluster.sums()[4];
    for &(n, reply) in packets {
        match places.0.get(&n).map(|(place, _)| *place) {
            Some(place) if reply => {
                let reply = frame(LAN, proto(n), &place.reversed(), Flags::ACK);
                cluster.deliver(LAN, &reply, ChecksumState::Good);
                *expected.entry((proto(n), client(n).reversed())).or_default() += 1;
            }
            known => {
                cluster.deliver(WAN, &frame(WAN, proto(n), &client(n), Flags::SYN), ChecksumState::Good);
                match known {
                    Some(place) => *expected.entry((proto(n), place)).or_default() += 1,
                    None => *opening.entry(n).or_default() += 1,
                }
            }
        }
        if let Some((_, heard)) = places.0.get_mut(&n) {
            *heard = cluster.now;
        }
    }
    let mut seen: HashMap<(Proto, Tuple<Addr4>), u64> = HashMap::new();
    for frame in cluster.settle().concat() {
        *seen.entry(tuple_of(&frame)).or_default() += 1;
    }
    let mut lost = 0;
    for (n, count) in opening {
        if let Some(place) = cluster.place(proto(n), &client(n)) {
            *expected.entry((proto(n), place)).or_default() += count;
            places.0.insert(n, (place, cluster.now));
        } else {
            lost += count; // no dest had a weight
        }
    }
    assert_eq!(seen, expected);
    assert_eq!(cluster.sums()[4] - lost_before, lost);
    assert_eq!(cluster.dropped(Drop::NoDest), cluster.sums()[4]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn every_packet_finds_its_worker(steps in prop::collection::vec(step(), 1..30)) {
        for kind in KINDS {
            for workers in [1, 3, 4] {
                run_steps(kind, workers, steps.clone());
            }
        }
    }
}
