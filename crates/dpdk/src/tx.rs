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

    /// Does what was asked for. What that is impossible for goes, counted: returns how many did.
    #[cold]
    fn prepare(&mut self, burst: &mut Burst<Mbuf<'pool>>) -> usize {
        let before = burst.len();
        burst.retain_mut(|packet| self.is_ready(packet) || self.make_ready(packet).is_some());
        let lost = before - burst.len();
        self.counters.unfit.add(lost as u64);
        lost
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
    fn send(&mut self, burst: &mut Burst<Mbuf<'pool>>) -> usize {
        let ready = burst.iter().all(|packet| self.is_ready(packet));
        let lost = if ready { 0 } else { self.prepare(burst) };
        let (packets, count) = (burst.as_mut_ptr().cast(), u16::try_from(burst.len()).unwrap_or(u16::MAX));
        // SAFETY: `count` buffers that are ours; no second caller can hold this queue, whose port is started.
        let sent = unsafe { sys::shim_tx_burst(self.port.0, self.queue.0, packets, count) };
        // DPDK's now: dropping them here would free them twice.
        forget_front(burst, sent.into());
        lost
    }
}

#[cfg(test)]
mod tests {
    use pktio::{RxQueue as _, TxQueue as _, VlanTag};
    use wire::{Ports, Tuple, build};

    use super::*;
    use crate::{Device, Eal, PoolConfig, PortConfig, Queues};

    const TAG: Option<VlanTag> = Some(VlanTag(5));

    /// What no driver without a NIC offers: its queues are told that the port can. (The one test of this binary with an EAL.)
    #[test]
    fn what_the_port_can_is_left_to_it() {
        let args =
            ["--no-huge", "--no-shconf", "-m", "64", "--no-pci", "--no-telemetry", "--vdev", "net_ring0"];
        let eal =
            Eal::init(args.into_iter().chain(["--lcores", "0@0"])).expect("EAL starts without hugepages");
        let config = PoolConfig { buffers: 255, cache: 0, ..PoolConfig::default() };
        let [own, other] = [(); 2].map(|()| Pool::new(&eal, config).expect("room"));
        let ring = eal
            .devices()
            .and_then(|mut all| all.pop())
            .map(|ring: Device<'_>| ring.start(&own, &PortConfig::default()));
        let ring = ring.expect("a ring").expect("it starts");
        let mut queues = ring.queues().expect("first time");
        leaves_checksums(&own, &mut queues);
        copies_from_other_pools(&own, &other, &mut queues);
        drop(ring);
        assert_eq!((own.in_use(), other.in_use()), (0, 0));
    }

    fn datagram() -> Vec<u8> {
        let mut room = vec![0; 256];
        let tuple = Tuple { src: Addr4([10, 0, 0, 1]), dst: Addr4([10, 0, 0, 2]), ports: Ports::new(1, 2) };
        let len = build::udp(&mut room, &tuple, b"hello");
        room.truncate(len);
        room
    }

    fn leaves_checksums<'p>(pool: &'p Pool<'p>, queues: &mut Queues<'_, 'p>) {
        let Queues { rx, tx } = queues;
        tx[0].offloads = TxOffloads { udp_checksum: true, ..TxOffloads::default() };
        let mut packet = pool.copy(&datagram()).expect("a buffer is free");
        packet.request(Request { vlan: TAG, checksum: true });
        let mut burst = vec![packet];
        for _ in 0..2 {
            tx[0].prepare(&mut burst); // a second time: as if the queue had been full
            assert!(tx[0].is_ready(&burst[0]));
            let flags = sys::SHIM_TX_IPV4 | sys::SHIM_TX_UDP_CKSUM;
            assert_eq!(burst[0].left_to_nic(), (flags, 18, 20), "tag and Ethernet, then IPv4");
            assert_eq!(burst[0].frame_len(), datagram().len() + 4, "one tag");
        }
        burst.reserve(pktio::BURST);
        tx[0].send(&mut burst);
        rx[0].receive(&mut burst);
        assert_eq!(burst[0].received().vlan, TAG);
        let flow = Addr4::parse(burst[0].headers(), burst[0].frame_len()).expect("whole").expect("UDP");
        assert_eq!(*complete::field_mut(burst[0].headers_mut(), &flow), complete::partial(&flow));
        assert!(tx[0].is_ready(&burst[0]), "what one port was asked for is not asked of the next");
    }

    fn copies_from_other_pools<'p>(own: &'p Pool<'p>, other: &'p Pool<'p>, queues: &mut Queues<'_, 'p>) {
        let Queues { rx, tx } = queues;
        tx[0].offloads = TxOffloads { fast_free: true, ..TxOffloads::default() };
        let mut burst = pktio::burst();
        burst.extend([own, other].into_iter().filter_map(|pool| pool.copy(&datagram())));
        burst.iter_mut().for_each(|packet| packet.request(Request { vlan: TAG, checksum: false }));
        tx[0].send(&mut burst);
        assert_eq!((own.in_use(), other.in_use()), (2, 0), "the port holds its own only");
        rx[0].receive(&mut burst);
        for packet in &burst {
            assert_eq!((packet.frame(), packet.received().vlan), (&datagram()[..], TAG));
        }
        let hoard: Vec<_> = std::iter::from_fn(|| own.allocate()).collect();
        let mut burst = vec![other.copy(&datagram()).expect("a buffer is free")];
        tx[0].send(&mut burst);
        assert_eq!((burst.len(), tx[0].unsendable(), hoard.len()), (0, 1, 253), "no buffer for a copy");
    }
}
