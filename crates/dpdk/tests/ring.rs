//! Everything that needs no NIC: ports in memory (`net_ring`: what is sent is received; `net_null`), no hugepages. One EAL per
//! process, so one test.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use dpdk::config::PortError;
use dpdk::launch::LaunchError;
use dpdk::report::RssOutcome;
use dpdk::*;
use flow::QueueId;
use flow::toeplitz::MICROSOFT_KEY;
use pktio::rss::Fields;
use pktio::{
    Allocator, BURST, Buffer, Burst, ChecksumState, PortId, Request, RxQueue as _, TxQueue as _, VlanTag,
};
use wire::{Addr4, Addr6, Ports, Tuple, build};

const ARGS: &[&str] = &[
    "--no-huge",
    "--no-shconf",
    "-m",
    "256",
    "--no-pci",
    "--no-telemetry",
    "--lcores",
    "0@0,1@0,3@0",
    "--vdev",
    "net_ring0",
    "--vdev",
    "net_null0",
    "--vdev",
    "net_null1",
];

#[test]
fn ports_in_memory() {
    let eal = Eal::init(ARGS).expect("EAL starts without hugepages");
    assert!(matches!(Eal::init(ARGS), Err(EalError::Again)));
    knows_its_lcores(&eal);
    let small =
        Pool::new(&eal, PoolConfig { buffers: 2047, cache: 32, ..PoolConfig::default() }).expect("room");
    keeps_the_contract(&small);
    refuses_bad_pools(&eal);
    let [ring, null, other_null] =
        <[Device<'_>; 3]>::try_from(eal.devices().expect("first time")).expect("three");
    assert!(eal.devices().is_none(), "devices are given away once");
    refuses_bad_ports(&small, other_null);
    {
        let config = PortConfig { rx_queues: 2, tx_queues: 2, ..PortConfig::default() };
        let ring = ring.start(&small, &config).expect("a ring starts");
        let mut queues = ring.queues().expect("first time");
        assert!(ring.queues().is_none(), "queues are given away once");
        describes_itself(&ring);
        loops_back(&small, &mut queues);
        leaves_what_found_no_room(&small, &ring, &mut queues);
        tags_and_sums(&small, &mut queues);
        crosses_threads(&eal, &small, queues);
        assert_eq!((ring.oversize(), ring.unsendable()), (0, 1));
    }
    assert_eq!(small.in_use(), 0, "closing a port gives its buffers back");
    null_has_rss(&small, null);
    comes_and_goes(&small, eal.hotplug());
    assert_eq!(small.in_use(), 0);
}

fn knows_its_lcores(eal: &Eal) {
    assert_eq!((eal.main_lcore().id, &eal.main_lcore().cpus[..]), (LcoreId(0), &[0][..]));
    let ids: Vec<_> = eal.workers().iter().map(|lcore| lcore.id.0).collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(eal.nodes(), [NumaNode(0)]);
    assert!(!eal.has_hugepages());
    assert!(Eal::version().starts_with("DPDK 2"), "{}", Eal::version());
}

fn keeps_the_contract(pool: &Pool<'_>) {
    shared(pool);
    moved(&pool.allocate());
    assert_eq!((pool.buffers(), pool.available(), pool.room()), (2047, 2047, 2176));
    pktio::contract::check(&pool);
    let mut long = pool.copy(&[7; 2048]).expect("fits");
    assert!(long.grow_back(1).is_none());
    long.frame_mut()[2040..].copy_from_slice(b"the end!");
    long.trim_front(2040);
    assert_eq!((long.frame(), &long.headers()[..8]), (&b"the end!"[..], &b"the end!"[..]));
    drop(long);
    assert_eq!(pool.in_use(), 0);
}

fn refuses_bad_pools(eal: &Eal) {
    let error =
        Pool::new(eal, PoolConfig { buffers: 1_000_000, ..PoolConfig::default() }).expect_err("256 MB");
    assert!(error.to_string().starts_with("no pool of 1000000 buffers of 2176 bytes"), "{error}");
    let error = Pool::new(eal, PoolConfig { cache: 4000, ..PoolConfig::default() }).expect_err("too large");
    assert!(error.to_string().ends_with("(a cache has 512 at most)"), "{error}");
    assert_eq!(
        Pool::new(eal, PoolConfig { mtu: u16::MAX, ..PoolConfig::default() })
            .expect_err("too long")
            .to_string(),
        "MTU 65535: no buffer is that long; 65318 is the most"
    );
}

fn refuses_bad_ports(pool: &Pool<'_>, device: Device<'_>) {
    let max = device.capabilities().expect("known").max_rx_queues;
    let config = PortConfig { rx_queues: max + 1, ..PortConfig::default() };
    let error = device.start(pool, &config).expect_err("too many");
    assert_eq!(
        error.to_string(),
        format!(
            "port 2 (net_null1, net_null): {} receive queues are asked for; it has {max} at most",
            max + 1
        )
    );
}

/// Control threads ask ports and pools, workers own queues and buffers.
fn shared(_: &(impl Send + Sync)) {}
fn moved(_: &impl Send) {}

fn describes_itself(port: &Port<'_>) {
    shared(port);
    let report = port.report();
    assert_eq!(
        (report.capabilities.device.as_str(), report.capabilities.driver.as_str()),
        ("net_ring0", "net_ring")
    );
    assert_eq!((report.port, report.rx_queues, report.tx_queues, report.mtu), (PortId(0), 2, 2, 1500));
    assert_eq!((report.rss, port.rss().is_none()), (RssOutcome::NotAsked, true));
    assert!(port.link().expect("known").up);
    port.set_promiscuous(Accept::All).expect("a ring can");
    assert_eq!(port.promiscuous(), Accept::All);
    assert!(matches!(port.set_mac([1, 0, 0, 0, 0, 0]), Err(PortError::NotUnicast { .. })));
}

fn contents(n: usize) -> Vec<u8> {
    (0..60 + n * 17).map(|at| (at * 7 + n).to_le_bytes()[0]).collect()
}

fn filled<'p>(pool: &'p Pool<'_>, count: usize) -> Burst<Mbuf<'p>> {
    let mut burst = pktio::burst();
    burst.extend((0..count).map(|n| pool.copy(&contents(n)).expect("a buffer is free")));
    burst
}

fn loops_back<'p>(pool: &'p Pool<'p>, queues: &mut Queues<'_, 'p>) {
    for queue in [0, 1] {
        let mut burst = filled(pool, BURST);
        queues.tx[queue].send(&mut burst);
        assert_eq!((burst.len(), pool.in_use()), (0, 32), "the ring holds them");
        queues.rx[1 - queue].receive(&mut burst);
        assert!(burst.is_empty(), "they are on the other queue");
        burst.push(pool.copy(b"one that was there before").expect("a buffer is free"));
        queues.rx[queue].receive(&mut burst);
        assert_eq!(burst.len(), BURST, "no more than a burst");
        for (n, packet) in burst[1..].iter().enumerate() {
            assert_eq!(packet.frame(), contents(n));
            assert_eq!((packet.received().port, packet.received().vlan), (PortId(0), None));
        }
        Mbuf::free_all(&mut burst);
        queues.rx[queue].receive(&mut burst);
        assert_eq!(burst.len(), 1, "the last one");
        burst.clear();
        assert_eq!(pool.in_use(), 0, "all are back");
    }
}

fn leaves_what_found_no_room<'p>(pool: &'p Pool<'p>, port: &Port<'p>, queues: &mut Queues<'_, 'p>) {
    let (mut sent, mut burst) = (0, pktio::burst());
    while burst.is_empty() {
        burst = filled(pool, BURST);
        queues.tx[0].send(&mut burst);
        sent += BURST - burst.len();
        assert!(sent < 2000, "a ring has an end");
    }
    let left = burst.len();
    assert_eq!(burst[0].frame(), contents(BURST - left), "the first ones went");
    assert_eq!(pool.in_use() as usize, sent + left, "the rest is ours");
    burst.clear();
    let stats = port.stats().expect("known");
    assert_eq!(stats.q_opackets[0], 33 + sent as u64 - 1);
    let xstats = port.xstats().expect("known");
    let named = |name| xstats.iter().find(|xstat| xstat.name == name).map(|xstat| xstat.value);
    assert_eq!((named("tx_good_packets"), named("no such")), (Some(stats.opackets), None));
    let mut received = 0;
    loop {
        queues.rx[0].receive(&mut burst);
        if burst.is_empty() {
            break;
        }
        received += burst.len();
        Mbuf::free_all(&mut burst);
    }
    assert_eq!((received, pool.in_use()), (sent, 0));
}

/// A datagram as a builder makes it, with its checksum right.
fn datagram<A: wire::Addr>(src: A, dst: A) -> Vec<u8> {
    let mut room = vec![0; 256];
    let len = build::udp(&mut room, &Tuple { src, dst, ports: Ports::new(53, 5353) }, b"what is your name?");
    room.truncate(len);
    room
}

fn tags_and_sums<'p>(pool: &'p Pool<'p>, queues: &mut Queues<'_, 'p>) {
    let v4 = datagram(Addr4([10, 0, 0, 1]), Addr4([10, 0, 0, 2]));
    let v6 = datagram(Addr6([7; 16]), Addr6([9; 16]));
    for (right, checksum_at) in [(&v4, 40), (&v6, 60)] {
        for vlan in [None, Some(VlanTag(0x2005))] {
            let mut packet = pool.copy(right).expect("a buffer is free");
            packet.headers_mut()[checksum_at..checksum_at + 2].fill(0x5a);
            packet.set_checksum_good();
            packet.request(Request { vlan, checksum: true });
            let mut burst = vec![packet];
            burst.reserve(BURST);
            queues.tx[1].send(&mut burst);
            queues.rx[1].receive(&mut burst);
            assert_eq!(burst[0].frame(), &right[..]);
            let received = burst[0].received();
            assert_eq!(
                (received.vlan, received.checksum),
                (vlan, ChecksumState::Good),
                "tagged, and taken off"
            );
        }
    }
    let mut packet = pool.copy(&v4).expect("a buffer is free");
    packet.grow_front(128).expect("headroom");
    packet.request(Request { vlan: Some(VlanTag(5)), checksum: false });
    let mut burst = vec![packet];
    queues.tx[1].send(&mut burst);
    assert_eq!((burst.len(), queues.tx[1].unsendable(), pool.in_use()), (0, 1, 0), "no headroom for a tag");
}

fn crosses_threads<'p>(eal: &Eal, pool: &'p Pool<'p>, queues: Queues<'_, 'p>) {
    const PACKETS: usize = 20_000;
    let received = AtomicUsize::new(0);
    let (mut rx, mut tx) = (queues.rx.into_iter(), queues.tx.into_iter());
    let (mut rx, mut tx) = (rx.next().expect("two"), tx.next().expect("two"));
    let work = || {
        let mut burst = pktio::burst();
        while received.load(Relaxed) < PACKETS {
            rx.receive(&mut burst);
            assert!(burst.iter().all(|packet| packet.frame_len() >= 60));
            received.fetch_add(burst.len(), Relaxed);
            Mbuf::free_all(&mut burst);
            std::thread::yield_now();
        }
    };
    let told = eal.launch(|launch| {
        assert_eq!(launch.on(LcoreId(0), || ()), Err(LaunchError::Main(LcoreId(0))));
        assert_eq!(launch.on(LcoreId(2), || ()), Err(LaunchError::NotEnabled(LcoreId(2))));
        launch.on(LcoreId(3), work).expect("idle");
        assert_eq!(launch.on(LcoreId(3), || ()), Err(LaunchError::Busy(LcoreId(3))));
        // A thread that is no lcore takes buffers and sends them.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut sent, mut burst) = (0, pktio::burst());
                while sent < PACKETS {
                    let want = BURST.min(PACKETS - sent) - burst.len();
                    burst.extend((0..want).filter_map(|n| pool.copy(&contents(n))));
                    let before = burst.len();
                    tx.send(&mut burst);
                    sent += before - burst.len();
                    std::thread::yield_now();
                }
            });
        });
        "all were sent"
    });
    assert_eq!((told, received.load(Relaxed)), ("all were sent", PACKETS), "launch waited for the worker");
    assert_eq!(pool.in_use(), 0);
}

fn null_has_rss<'p>(pool: &'p Pool<'p>, device: Device<'p>) {
    assert_eq!(device.capabilities().expect("known").reta_size, 128);
    let table = std::array::from_fn(|entry| QueueId(if entry % 3 == 0 { 1 } else { 0 }));
    let (tcp, udp) = (Fields::AddressesAndPorts, Fields::AddressesAndPorts);
    let rss = RssConfig { key: MICROSOFT_KEY, table, tcp, udp };
    let config = PortConfig { rx_queues: 2, tx_queues: 1, rss: Some(rss), ..PortConfig::default() };
    let port = device.start(pool, &config).expect("net_null starts");
    assert_eq!(port.report().rss, RssOutcome::Accepted, "{:?}", port.report().notes);
    let described = port.rss().expect("accepted");
    assert_eq!(
        (described.table.len(), described.queue(3), described.queue(4)),
        (128, QueueId(1), QueueId(0))
    );
    assert_eq!((described.tcp, described.udp), (tcp, udp));
    let mut queues = port.queues().expect("first time");
    let mut burst = pktio::burst();
    queues.rx[1].receive(&mut burst);
    assert_eq!(burst.len(), BURST, "net_null always has packets");
    queues.tx[0].send(&mut burst);
    assert!(burst.is_empty(), "and takes all");
    assert_eq!(port.stats().expect("known").ipackets, 32);
}

fn comes_and_goes<'p>(pool: &'p Pool<'p>, hotplug: Hotplug<'p>) {
    for _ in 0..2 {
        let device = hotplug.attach("net_null7", "size=100").expect("net_null can");
        assert!(hotplug.attach("net_null7", "").is_err(), "there is one of that name");
        let port = device.start(pool, &PortConfig::default()).expect("it starts");
        let mut burst = pktio::burst();
        port.queues().expect("first time").rx[0].receive(&mut burst);
        assert_eq!(burst[0].frame_len(), 100);
    }
    drop(hotplug.attach("net_null7", "").expect("the port took it away"));
    let error = hotplug.attach("net_nothing7", "").expect_err("no such driver").to_string();
    assert!(error.starts_with("device net_nothing7, arguments \"\": "), "{error}");
}
