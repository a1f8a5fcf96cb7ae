//! The slow path's thread: takes what workers give up, runs the stack, and gives back what is to be sent.
//!
//! It holds a snapshot as a worker does, so that nothing is answered "OK" that it has not taken over.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use datapath::{Outgoing, PuntEnd};
use flow::Tick;
use flow::publish::{Generation, Subscriber};
use ipvs::Snapshot;
use netstack::device::DeviceId;
use netstack::net::Net;
use netstack::stack::{Event, Stack};
use pktio::{Allocator, PortId};
use wire::{Addr, Addr4};

use crate::clock::Uptime;
use crate::recycling::Asker;

/// How long the log is not told again that an address is claimed.
const CONFLICT_PAUSE: u32 = 60 * Tick::PER_SECOND;

/// Packets taken from a worker at once.
const TAKE: usize = 64;
/// The longest rest: what a first packet to a silent neighbour waits at most.
const REST: Duration = Duration::from_micros(500);

/// The thread's state.
pub(crate) struct Punt<P: Allocator> {
    pub(crate) stack: Stack<P>,
    /// By worker.
    pub(crate) ends: Vec<PuntEnd<P::Buffer>>,
    pub(crate) snapshot: Subscriber<Snapshot>,
    pub(crate) clock: Uptime,
    pub(crate) recycling: Asker,
}

impl<P: Allocator> Punt<P> {
    /// Works until `stop`. The control thread ends a rest early by `unpark`, when there is a new snapshot.
    pub(crate) fn run(mut self, stop: &AtomicBool) {
        let mut staged: Vec<Vec<Outgoing<P::Buffer>>> = self.ends.iter().map(|_| Vec::new()).collect();
        let mut inbox = Vec::with_capacity(TAKE);
        let mut last = self.clock.tick();
        let mut announced = Announced::default();
        let mut conflicts = Conflicts::default();
        while !stop.load(Relaxed) {
            self.snapshot.adopt_if(|_| true);
            let (snapshot, _) = self.snapshot.current();
            let now = self.clock.tick();
            announced.follow(&snapshot.net, &mut self.stack);
            let mut had = 0;
            for (end, staged) in self.ends.iter_mut().zip(&mut staged) {
                had += end.up.take(&mut inbox, TAKE);
                for punted in inbox.drain(..) {
                    let mut out = |port: PortId, buffer| staged.push(Outgoing { buffer, port });
                    self.stack.receive(punted.buffer, punted.why, &snapshot.net, now, &mut out);
                }
            }
            if now != last {
                last = now;
                // What comes of time alone leaves by the first worker.
                if let Some(staged) = staged.first_mut() {
                    let mut out = |port: PortId, buffer| staged.push(Outgoing { buffer, port });
                    self.stack.tick(&snapshot.net, now, &mut out);
                }
                conflicts.report(&mut self.stack, now);
                self.recycling.step(&mut self.stack);
            }
            for (end, staged) in self.ends.iter_mut().zip(&mut staged) {
                if !staged.is_empty() {
                    end.down.put(staged);
                    // A worker that does not get on: its neighbours will ask again.
                    self.stack.not_sent(staged.len());
                    staged.clear();
                }
            }
            if had == 0 {
                thread::park_timeout(REST);
            }
        }
    }
}

/// Which addresses the neighbours have been told of.
#[derive(Default)]
struct Announced {
    generation: Generation,
    addresses: HashSet<(DeviceId, Addr4)>,
}

impl Announced {
    /// Announces what is new.
    fn follow<P: Allocator>(&mut self, net: &Net, stack: &mut Stack<P>) {
        if net.generation() == self.generation {
            return;
        }
        self.generation = net.generation();
        let now: HashSet<_> = net.addresses().filter_map(|a| Some((a.device, Addr4::of(a.addr)?))).collect();
        now.difference(&self.addresses).for_each(|&(device, addr)| stack.announce(device, addr));
        self.addresses = now;
    }
}

/// Conflicts that the log was told of: by device and address of ours, when. Any station of the link can cause them.
#[derive(Default)]
struct Conflicts(HashMap<(DeviceId, Addr4), Tick>);

impl Conflicts {
    /// Tells the log of conflicts, of each address once a minute.
    fn report<P: Allocator>(&mut self, stack: &mut Stack<P>, now: Tick) {
        self.0.retain(|_, told| now.since(*told) < CONFLICT_PAUSE);
        for Event::Conflict { device, addr, mac } in stack.take_events() {
            if let Entry::Vacant(first) = self.0.entry((device, addr)) {
                first.insert(now);
                let [a, b, c, d, e, f] = mac;
                log::warn!(
                    "address {} on port {} is claimed by another station, {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}",
                    addr.ip(),
                    device.0
                );
            }
        }
    }
}
