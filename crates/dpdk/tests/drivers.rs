//! Drivers that end in files and in the kernel: `net_pcap`, `net_tap`, `net_af_packet`. The last two look at the same kernel
//! interface from both sides, so what one sends the other receives.

use std::fs::{self, File};
use std::path::PathBuf;

use dpdk::*;
use pktio::pcap::Pcap;
use pktio::{Allocator, BURST, Buffer, ChecksumState, RxQueue as _, TxQueue as _, VlanTag};

/// Of frames that no one else sends: "local experimental".
const ETHERTYPE: [u8; 2] = [0x88, 0xb5];

#[test]
fn drivers() {
    let input = scratch("in");
    let output = scratch("out");
    write_input(&input);
    let pcap = format!("net_pcap0,rx_pcap={},tx_pcap={}", input.display(), output.display());
    let kernel = kernel_interface();
    let mut args =
        vec!["--no-huge", "--no-shconf", "-m", "256", "--no-pci", "--no-telemetry", "--lcores", "0@0"];
    args.extend(["--vdev", &pcap]);
    if let Some([tap, af_packet]) = &kernel {
        args.extend(["--vdev", tap, "--vdev", af_packet]);
    }
    let eal = Eal::init(args).expect("EAL starts without hugepages");
    let pool = Pool::new(&eal, PoolConfig { buffers: 2047, ..PoolConfig::default() }).expect("room");
    let mut devices = eal.devices().expect("first time").into_iter();
    files(&pool, devices.next().expect("net_pcap"), &output);
    assert_eq!(pool.in_use(), 0);
    match (kernel, devices.next(), devices.next()) {
        (None, ..) => {
            eprintln!("skipped: net_tap and net_af_packet need /dev/net/tun and the right to use it")
        }
        (_, Some(tap), Some(af_packet)) => kernel_from_both_sides(&pool, tap, af_packet),
        _ => panic!("EAL did not find net_tap and net_af_packet"),
    }
    assert_eq!(pool.in_use(), 0);
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("dpdk-drivers-{}-{name}.pcap", std::process::id()))
}

fn frame(len: usize) -> Vec<u8> {
    let mut frame: Vec<u8> = (0..len).map(|at| (at * 7 + len).to_le_bytes()[0]).collect();
    frame[..6].copy_from_slice(&[0xff; 6]);
    frame[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
    frame[12..14].copy_from_slice(&ETHERTYPE);
    frame
}

/// Tagged as priority 5, VLAN 102.
fn tagged(len: usize) -> Vec<u8> {
    let frame = frame(len);
    [&frame[..12], &[0x81, 0x00, 0xa0, 0x66], &frame[12..]].concat()
}

/// Two that fit, one that needs a chain of buffers, a tagged one.
fn write_input(path: &PathBuf) {
    let mut pcap = Pcap::new(File::create(path).expect("a file")).expect("a header");
    for frame in [frame(60), frame(5000), frame(1514), tagged(100)] {
        pcap.add(Default::default(), &frame);
    }
    pcap.finish().expect("room on the disk");
}

fn files<'p>(pool: &'p Pool<'p>, device: Device<'p>, output: &PathBuf) {
    let port = device.start(pool, &PortConfig::default()).expect("net_pcap starts");
    let mut queues = port.queues().expect("first time");
    let mut burst = pktio::burst();
    queues.rx[0].receive(&mut burst);
    let frames: Vec<_> = burst.iter().map(|packet| packet.frame().to_vec()).collect();
    assert_eq!(frames, [frame(60), frame(1514), frame(100)], "the chain is no packet");
    assert_eq!((port.oversize(), queues.rx[0].oversize()), (1, 1), "but counted");
    assert_eq!(burst[2].received().vlan, Some(VlanTag(0xa066)));
    queues.tx[0].send(&mut burst);
    assert!(burst.is_empty());
    let stats = port.stats().expect("known");
    assert_eq!((stats.ipackets, stats.opackets, stats.obytes), (4, 3, 60 + 1514 + 100));
    drop(port);
    let file = fs::read(output).expect("written");
    assert_eq!(file.len(), 24 + 3 * 16 + 60 + 1514 + 100);
    assert!(file.ends_with(&frame(100)));
    let _ = fs::remove_file(output);
}

fn kernel_interface() -> Option<[String; 2]> {
    let name = format!("dpt{}", std::process::id() % 1_000_000);
    File::options().read(true).write(true).open("/dev/net/tun").ok()?;
    Some([format!("net_tap0,iface={name}"), format!("net_af_packet0,iface={name}")])
}

fn kernel_from_both_sides<'p>(pool: &'p Pool<'p>, tap: Device<'p>, af_packet: Device<'p>) {
    let tap = tap.start(pool, &PortConfig::default()).expect("net_tap starts");
    let known = af_packet.capabilities().expect("known");
    assert_eq!((known.max_rx_queues, known.max_tx_queues), (1, 1));
    let config = PortConfig { promiscuous: Accept::All, ..PortConfig::default() };
    let af_packet = af_packet.start(pool, &config).expect("net_af_packet starts");
    assert_eq!(af_packet.report().notes, []);
    let (mut a, mut b) = (tap.queues().expect("first time"), af_packet.queues().expect("first time"));
    // The driver bound its socket while TAP's interface was still down: the first send only brings that error.
    let mut first = vec![pool.copy(&[0; 60]).expect("a buffer is free")];
    b.tx[0].send(&mut first);
    for _ in 0..2 {
        exchange("tap to af_packet", pool, &mut a, &mut b);
        exchange("af_packet to tap", pool, &mut b, &mut a);
    }
    assert!(tap.stats().expect("known").opackets >= 20 && af_packet.stats().expect("known").opackets >= 20);
    tap.set_mac([2, 0, 0, 0, 0, 9]).expect("TAP can");
    assert_eq!(tap.mac(), Ok([2, 0, 0, 0, 0, 9]));
    tap.set_multicast(&[[1, 0, 0x5e, 0, 0, 5], [0x33, 0x33, 0, 0, 0, 1]]).expect("TAP can");
    tap.set_link_down().expect("TAP can");
    assert!(!tap.link().expect("known").up);
}

/// Ten frames from one side to the other, in order.
fn exchange<'p>(way: &str, pool: &'p Pool<'p>, from: &mut Queues<'_, 'p>, to: &mut Queues<'_, 'p>) {
    let (mut burst, mut received) = (pktio::burst(), Vec::new());
    burst.extend((0..10).map(|n| pool.copy(&frame(60 + n * 100)).expect("a buffer is free")));
    from.tx[0].send(&mut burst);
    assert!(burst.is_empty(), "all were taken");
    for _ in 0..2_000_000 {
        to.rx[0].receive(&mut burst);
        assert!(burst.len() <= BURST);
        let ours = burst.iter().filter(|packet| packet.headers()[12..14] == ETHERTYPE);
        received.extend(ours.map(|packet| {
            assert_ne!(packet.received().checksum, ChecksumState::Bad);
            packet.frame().to_vec()
        }));
        burst.clear();
        if received.len() == 10 {
            break;
        }
    }
    assert_eq!(received.len(), 10, "{way}");
    assert!(
        received.iter().enumerate().all(|(n, received)| *received == frame(60 + n * 100)),
        "{way}: contents"
    );
}
