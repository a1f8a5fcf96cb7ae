//! A worker's ends of the rings to and from the slow path: what it cannot finish by itself, and what the slow path wants sent.

use flow::ring::{Consumer, Producer, ring};
use netstack::stack::Punt;
use pktio::{BURST, Burst};

use crate::counters::Counters;
use crate::doors::Outgoing;
use crate::drops::Drop;

/// A packet for the slow path.
pub struct Punted<B> {
    /// The packet.
    pub buffer: B,
    /// What it is there for.
    pub why: Punt,
}

/// The worker's ends.
pub struct Punts<B> {
    up: Producer<Punted<B>>,
    down: Consumer<Outgoing<B>>,
    /// What goes up with this burst.
    staged: Vec<Punted<B>>,
}

/// The slow path's ends.
pub struct PuntEnd<B> {
    /// What a worker gave up.
    pub up: Consumer<Punted<B>>,
    /// What it shall send.
    pub down: Producer<Outgoing<B>>,
}

impl<B> Punts<B> {
    /// Both ends, with rings for `depth` packets.
    #[must_use]
    pub fn new(depth: usize) -> (Self, PuntEnd<B>) {
        let ((up, from_worker), (down, to_worker)) = (ring(depth), ring(depth));
        let worker = Self { up, down: to_worker, staged: Vec::with_capacity(BURST) };
        (worker, PuntEnd { up: from_worker, down })
    }

    pub(crate) fn stage(&mut self, buffer: B, why: Punt) {
        self.staged.push(Punted { buffer, why });
    }

    /// Gives up what was set aside; what the ring has no room for is counted, and left to be dropped.
    pub(crate) fn give_up(&mut self, counters: &Counters, dropped: &mut Burst<B>) {
        if self.staged.is_empty() {
            return;
        }
        counters.punted.add(self.up.put(&mut self.staged) as u64);
        dropped.extend(self.staged.drain(..).map(|punted| {
            counters.count_drop(Drop::PuntFull);
            punted.buffer
        }));
    }

    /// Appends what the slow path wants sent, a burst at most.
    pub(crate) fn take_down(&mut self, into: &mut Vec<Outgoing<B>>) -> usize {
        self.down.take(into, BURST)
    }
}
