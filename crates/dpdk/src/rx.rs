//! A receive queue: it may move to its worker's thread (`Send`), and is never used by two (`!Sync`, `&mut`).

use std::cell::Cell;
use std::marker::PhantomData;

use dpdk_sys as sys;
use flow::QueueId;
use flow::intrinsics::prefetch;
use pktio::{BURST, Buffer, Burst, PortId, untag};
use wire::eth;
use wire::parse::ethertype;

use crate::mbuf::Mbuf;
use crate::port::{Port, QueueCounters};

/// One receive queue of a started port.
pub struct RxQueue<'port, 'pool> {
    port: PortId,
    queue: QueueId,
    counters: &'port QueueCounters,
    /// The port leaves VLAN tags on.
    untag: bool,
    borrows: PhantomData<&'port Port<'pool>>,
    one_thread: PhantomData<Cell<()>>,
}

impl<'port> RxQueue<'port, '_> {
    pub(crate) fn new(port: PortId, queue: QueueId, counters: &'port QueueCounters, untag: bool) -> Self {
        Self { port, queue, counters, untag, borrows: PhantomData, one_thread: PhantomData }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> PortId {
        self.port
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> QueueId {
        self.queue
    }

    /// Packets dropped because they did not come in one buffer.
    #[must_use]
    pub fn oversize(&self) -> u64 {
        self.counters.unfit.read()
    }

    /// What cannot be used goes, counted.
    #[cold]
    fn sort_out(&mut self, burst: &mut Burst<Mbuf<'_>>, first: usize) {
        let before = burst.len();
        let mut at = 0;
        burst.retain_mut(|packet| {
            at += 1;
            at <= first || packet.make_plain()
        });
        self.counters.unfit.add((before - burst.len()) as u64);
    }
}

impl<'pool> pktio::RxQueue for RxQueue<'_, 'pool> {
    type Buffer = Mbuf<'pool>;

    fn receive(&mut self, burst: &mut Burst<Mbuf<'pool>>) {
        let first = burst.len();
        let room = burst.spare_capacity_mut();
        let max = room.len().min(BURST.saturating_sub(first));
        let Ok(max @ 1..) = u16::try_from(max) else { return };
        // SAFETY: `room` has space for `max` pointers, and no second caller can hold this queue, whose port is started.
        let got = unsafe { sys::shim_rx_burst(self.port.0, self.queue.0, room.as_mut_ptr().cast(), max) };
        // SAFETY: DPDK wrote `got` ≤ `max` buffers there, and they are ours now. Their pools live for `'pool`: the port fills its
        // queues from one, and buffers of others reach it only through a queue of the same `'pool`. They are looked at below
        // before anybody sees them.
        unsafe { burst.set_len(first + usize::from(got)) };
        let mut plain = true;
        for packet in &mut burst[first..] {
            packet.set_port_raw(self.port.0);
            plain &= packet.is_plain();
        }
        if !plain {
            self.sort_out(burst, first);
        }
        for packet in &burst[first..] {
            prefetch(packet.headers(), 0);
        }
        if self.untag {
            burst[first..].iter_mut().for_each(take_tag_off);
        }
    }
}

#[inline]
fn take_tag_off(packet: &mut Mbuf<'_>) {
    if ethertype(packet.headers()) == eth::VLAN {
        if let Some(tag) = untag(packet) {
            packet.set_untagged(tag);
        }
    }
}
