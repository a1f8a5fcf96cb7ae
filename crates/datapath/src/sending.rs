//! What a worker sends: by its own transmit queue where it has one, else through the worker that has (docs/spec/netstack.md §3.2).

use flow::WorkerId;
use pktio::{BURST, Buffer, Burst, PortId, RxQueue, TxQueue};

use crate::counters::Counters;
use crate::doors::{Doors, Outgoing};
use crate::drops::Drop;
use crate::link::Link;
use crate::punts::Punts;

/// The sending side of a worker.
pub(crate) struct Sending<B> {
    /// By port: packets of a burst that do not all leave by one.
    staged: Box<[Burst<B>]>,
    relay: Doors<Outgoing<B>>,
    senders: Box<[Option<WorkerId>]>,
    /// What came to be sent.
    orders: Vec<Outgoing<B>>,
}

impl<B: Buffer> Sending<B> {
    pub(crate) fn new(relay: Doors<Outgoing<B>>, senders: Box<[Option<WorkerId>]>) -> Self {
        let staged = senders.iter().map(|_| pktio::burst()).collect();
        Self { staged, relay, senders, orders: Vec::with_capacity(2 * BURST) }
    }

    /// Sends what the slow path and other workers want sent. Returns how much that was.
    #[inline]
    pub(crate) fn for_others<R, T>(
        &mut self,
        punts: &mut Punts<B>,
        counters: &Counters,
        links: &mut [Link<R, T>],
    ) -> usize
    where
        R: RxQueue<Buffer = B>,
        T: TxQueue<Buffer = B>,
    {
        let injected = punts.take_down(&mut self.orders);
        let relayed = self.relay.take_in(&mut self.orders, BURST);
        if injected + relayed == 0 {
            return 0;
        }
        counters.injected.add(injected as u64);
        counters.to_send.add(relayed as u64);
        let mut orders = std::mem::take(&mut self.orders);
        // A port's stage holds a burst; there are at most two.
        while !orders.is_empty() {
            for Outgoing { buffer, port } in orders.drain(..orders.len().min(BURST)) {
                self.stage(buffer, port, counters);
            }
            self.flush(counters, links);
        }
        self.orders = orders;
        injected + relayed
    }

    /// Sets a packet aside for its port.
    pub(crate) fn stage(&mut self, packet: B, port: PortId, counters: &Counters) {
        match self.staged.get_mut(usize::from(port.0)) {
            Some(stage) => stage.push(packet),
            None => counters.count_drop(Drop::NoTxQueue),
        }
    }

    /// Sends what was set aside.
    pub(crate) fn flush<R, T>(&mut self, counters: &Counters, links: &mut [Link<R, T>])
    where
        R: RxQueue<Buffer = B>,
        T: TxQueue<Buffer = B>,
    {
        for port in 0..self.staged.len() {
            if !self.staged[port].is_empty() {
                let mut burst = std::mem::take(&mut self.staged[port]);
                self.send(&mut burst, PortId(u16::try_from(port).unwrap_or(u16::MAX)), counters, links);
                self.staged[port] = burst;
            }
        }
    }

    /// Sends a burst by one port, and leaves it empty.
    #[inline(always)]
    pub(crate) fn send<R, T>(
        &mut self,
        burst: &mut Burst<B>,
        port: PortId,
        counters: &Counters,
        links: &mut [Link<R, T>],
    ) where
        R: RxQueue<Buffer = B>,
        T: TxQueue<Buffer = B>,
    {
        let Some(tx) = links.get_mut(usize::from(port.0)).and_then(|link| link.tx.as_mut()) else {
            return self.pass_on(burst, port, counters);
        };
        let ready = burst.len();
        let lost = tx.send(burst);
        counters.sent.add((ready - burst.len()).saturating_sub(lost) as u64);
        (0..lost).for_each(|_| counters.count_drop(Drop::Unsendable));
        if !burst.is_empty() {
            (0..burst.len()).for_each(|_| counters.count_drop(Drop::TxFull));
            B::free_all(burst);
        }
    }

    /// The port has no transmit queue of ours.
    #[cold]
    fn pass_on(&mut self, burst: &mut Burst<B>, port: PortId, counters: &Counters) {
        let sender = self.senders.get(usize::from(port.0)).copied().flatten();
        for buffer in burst.drain(..) {
            match sender {
                Some(worker) => {
                    self.relay.stage(worker, Outgoing { buffer, port }, &counters.relayed, counters);
                }
                None => counters.count_drop(Drop::NoTxQueue),
            }
        }
        self.relay.hand_over(&counters.relayed, counters);
    }
}
