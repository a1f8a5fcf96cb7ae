//! A transmit queue, and what it does in place of a port that cannot.

use std::cell::Cell;
use std::marker::PhantomData;

use dpdk_sys as sys;
use flow::QueueId;
use pktio::{Allocator, Buffer, Burst, PortId, Request};
use wire::parse::ethertype;
use wire::{Addr, Addr4, Addr6, Flow, L3, Proto, complete, eth};

use crate::mbuf::{Mbuf, forget_front};
use crate::pool::Pool;
use crate::port::{Port, QueueCounters};
use crate::report::TxOffloads;

/// One transmit queue of a started port: it may move to its worker's thread (`Send`), and is never used by two.
pub struct TxQueue<'port, 'pool> {
    port: PortId,
    queue: QueueId,
    counters: &'port QueueCounters,
    offloads: TxOffloads,
    pool: &'pool Pool<'pool>,
    borrows: PhantomData<&'port Port<'pool>>,
    one_thread: PhantomData<Cell<()>>,
}

impl<'port, 'pool> TxQueue<'port, 'pool> {
    pub(crate) fn new(
        port: PortId,
        queue: QueueId,
        counters: &'port QueueCounters,
        offloads: TxOffloads,
        pool: &'pool Pool<'pool>,
    ) -> Self {
        let (borrows, one_thread) = (PhantomData, PhantomData);
        Self { port, queue, counters, offloads, pool, borrows, one_thread }
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

    /// Packets dropped because what was asked for found no room: headroom for a tag, a buffer for a copy.
    #[must_use]
    pub fn unsendable(&self) -> u64 {
        self.counters.unfit.read()
    }

    #[inline]
    fn is_ready(&self, packet: &Mbuf<'_>) -> bool {
        !packet.has_request() && (!self.offloads.fast_free || packet.is_from(self.pool.raw()))
    }

    /// Does what was asked for. What that is impossible for goes, counted.
    #[cold]
    fn prepare(&mut self, burst: &mut Burst<Mbuf<'pool>>) {
        let before = burst.len();
        burst.retain_mut(|packet| self.is_ready(packet) || self.make_ready(packet).is_some());
        self.counters.unfit.add((before - burst.len()) as u64);
    }

    /// `None`: it cannot be sent. Afterwards nothing is left to be asked for, so that a packet that stays behind is not done twice.
    fn make_ready(&self, packet: &mut Mbuf<'pool>) -> Option<()> {
        if self.offloads.fast_free && !packet.is_from(self.pool.raw()) {
            let copy = self.pool.copy(packet.frame())?;
            let old = std::mem::replace(packet, copy);
            packet.request(old.requested());
        }
        let Request { vlan, checksum } = packet.requested();
        packet.request(Request::default());
        if checksum {
            let l2_len = L3 + if vlan.is_some() { wire::vlan::TAG_LEN } else { 0 };
            match ethertype(packet.headers()) {
                eth::IPV4 => self.complete::<Addr4>(packet, l2_len, sys::SHIM_TX_IPV4),
                eth::IPV6 => self.complete::<Addr6>(packet, l2_len, sys::SHIM_TX_IPV6),
                _ => {}
            }
        }
        vlan.map_or(Some(()), |tag| pktio::tag(packet, tag))
    }

    /// The transport checksum: by the port if it can, else here. What is no TCP or UDP has none that could be asked for.
    fn complete<A: Addr>(&self, packet: &mut Mbuf<'_>, l2_len: usize, version: u64) {
        let Ok(Some(flow)) = A::parse(packet.headers(), packet.frame_len()) else { return };
        let flow: Flow<A> = flow;
        let (can, transport) = match flow.proto {
            Proto::Udp => (self.offloads.udp_checksum, sys::SHIM_TX_UDP_CKSUM),
            _ => (self.offloads.tcp_checksum, sys::SHIM_TX_TCP_CKSUM),
        };
        if can {
            // NICs expect the pseudo-header's sum in the field.
            *complete::field_mut(packet.headers_mut(), &flow) = complete::partial(&flow);
            packet.leave_checksum(version | transport, l2_len as u64, flow.l3_len.into());
        } else {
            let checksum = complete::full(packet.frame(), &flow);
            *complete::field_mut(packet.headers_mut(), &flow) = checksum;
        }
    }
}

impl<'pool> pktio::TxQueue for TxQueue<'_, 'pool> {
    type Buffer = Mbuf<'pool>;

    /// What was asked for is done before; a packet that stays is ready to be sent again (its tag is on).
    fn send(&mut self, burst: &mut Burst<Mbuf<'pool>>) {
        if !burst.iter().all(|packet| self.is_ready(packet)) {
            self.prepare(burst);
        }
        let (packets, count) = (burst.as_mut_ptr().cast(), u16::try_from(burst.len()).unwrap_or(u16::MAX));
        // SAFETY: `count` buffers that are ours; no second caller can hold this queue, whose port is started.
        let sent = unsafe { sys::shim_tx_burst(self.port.0, self.queue.0, packets, count) };
        // DPDK's now: dropping them here would free them twice.
        forget_front(burst, sent.into());
    }
}
