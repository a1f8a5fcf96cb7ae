//! Ids of next hops that nobody is there for any more are given to others.
//!
//! Workers keep ids in their connections and find them anew with each generation of routes. So the slow path takes the keys from
//! what it no longer needs, asks the control thread for a new generation, and the ids are free when all workers have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};

use flow::publish::Generation;
use netstack::stack::Stack;
use pktio::Allocator;

/// How many ids without a neighbour are worth a new generation: a sixteenth of all.
const WORTH: usize = 4096;

/// Rounds that were asked for, and those that are done.
#[derive(Default)]
struct Rounds {
    asked: AtomicU64,
    done: AtomicU64,
}

/// The slow path's end.
pub(crate) struct Asker {
    rounds: Arc<Rounds>,
    asked: u64,
    reclaimed: u64,
}

/// The control thread's end.
pub(crate) struct Renewer {
    rounds: Arc<Rounds>,
    /// The round under way, and what all workers must have adopted.
    under_way: Option<(u64, Generation)>,
}

/// Both ends.
pub(crate) fn pair() -> (Asker, Renewer) {
    let rounds = Arc::new(Rounds::default());
    (Asker { rounds: rounds.clone(), asked: 0, reclaimed: 0 }, Renewer { rounds, under_way: None })
}

impl Asker {
    /// Frees what is free, and asks for the next round where that is worth it. Rounds take the place of generations in the stack.
    pub(crate) fn step<P: Allocator>(&mut self, stack: &mut Stack<P>) {
        let done = self.rounds.done.load(Acquire);
        if done > self.reclaimed {
            self.reclaimed = done;
            stack.reclaim(Generation(done));
        }
        if done == self.asked && stack.dormant() >= WORTH {
            self.asked += 1;
            stack.retire_dormant(Generation(self.asked));
            self.rounds.asked.store(self.asked, Release);
        }
    }
}

impl Renewer {
    /// Has a new generation of routes published when one is asked for; a round is done when it is `adopted`.
    pub(crate) fn step(&mut self, adopted: Generation, renew: impl FnOnce() -> Generation) {
        match self.under_way {
            Some((round, generation)) if generation <= adopted => {
                self.rounds.done.store(round, Release);
                self.under_way = None;
            }
            Some(_) => {}
            None => {
                let asked = self.rounds.asked.load(Acquire);
                if asked > self.rounds.done.load(Acquire) {
                    self.under_way = Some((asked, renew()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use flow::Tick;
    use netstack::adjacency::Adjacencies;
    use netstack::device::DeviceId;
    use netstack::neighbour::Settings;
    use netstack::net::Net;
    use pktio::pool::Pool;

    use super::*;

    /// Neighbours come and go: without rounds the ids are used up long before the end.
    #[test]
    fn ids_do_not_run_out() {
        let (_, writer) = Adjacencies::new(1);
        let pool = Pool::new(16);
        let mut stack = Stack::new(&pool, writer, Settings::default(), 1, Tick(0));
        let (mut asker, mut renewer) = pair();
        let (net, mut newest) = (Net::empty(1), 1);
        for n in 0..200_000_u32 {
            let (device, next_hop) = (DeviceId(0), IpAddr::from(n.to_be_bytes()));
            stack.set_neighbour(device, next_hop, [2; 6], &net, &mut |_, _| ()).expect("an id");
            stack.remove_neighbour(device, next_hop).expect("there");
            asker.step(&mut stack);
            // Workers are a thousand steps behind.
            renewer.step(Generation(if n % 1000 == 0 { newest } else { 0 }), || {
                newest += 1;
                Generation(newest)
            });
        }
        assert!(newest > 20, "{newest} generations");
    }

    #[test]
    fn nothing_is_free_before_all_have_adopted() {
        let (asker, mut renewer) = pair();
        asker.rounds.asked.store(1, Release);
        renewer.step(Generation(7), || Generation(8));
        renewer.step(Generation(7), || unreachable!("one at a time"));
        assert_eq!(asker.rounds.done.load(Acquire), 0);
        renewer.step(Generation(8), || unreachable!("none is asked for"));
        assert_eq!(asker.rounds.done.load(Acquire), 1);
        renewer.step(Generation(8), || unreachable!("none is asked for"));
    }
}
