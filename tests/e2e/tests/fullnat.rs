//! FullNAT from a client behind a router to backends in two networks: see the picture in `testkit::fullnat`.

use std::time::{Duration, Instant};

use e2e::{FullNat, InUse, Shape, TIMEOUTS, sentences};
use testkit::{LabError, Offloads, fullnat};

sentences! {
    two_thousand_objects_arrive_whole_and_none_fails,
    every_datagram_is_answered_and_all_backends_take_turns,
    every_connection_expires_and_every_port_comes_back,
    every_queue_receives_and_what_lands_elsewhere_is_handed_over,
    peers_that_leave_work_to_their_devices_get_right_packets_or_counted_drops,
}

fn two_thousand_objects_arrive_whole_and_none_fails(shape: Shape) -> Result<(), LabError> {
    let net = FullNat::up(fullnat::plan("objects"), &shape.setup(), 2000)?;
    let download = net.lab.on("client").download(&http(), &net.objects, 50)?;
    assert_eq!((download.whole, download.failed.len()), (2000, 0), "{download}");
    net.dpvs.stop()
}

fn every_datagram_is_answered_and_all_backends_take_turns(shape: Shape) -> Result<(), LabError> {
    let net = FullNat::up(fullnat::plan("datagrams"), &shape.setup(), 0)?;
    let _echoes = fullnat::BACKENDS
        .iter()
        .map(|(node, _)| net.lab.on(node).udp_echo(fullnat::UDP_PORT))
        .collect::<Result<Vec<_>, _>>()?;
    let tally = net.lab.on("client").udp_ask(&format!("{}:{}", fullnat::VIP, fullnat::UDP_PORT), 600)?;
    assert_eq!((tally.answered(), tally.lost, tally.wrong), (600, 0, 0), "{tally}");
    // Each worker goes round by itself, so the turns are even to one per worker.
    for (node, _) in fullnat::BACKENDS {
        let count = tally.answers.get(node).copied().unwrap_or_default();
        let off = count.abs_diff(200);
        assert!(off <= u32::from(shape.workers), "{node} answered {count} of 600:\n{tally}");
    }
    net.dpvs.stop()
}

fn every_connection_expires_and_every_port_comes_back(shape: Shape) -> Result<(), LabError> {
    let net = FullNat::up(fullnat::plan("expiry"), &shape.setup().timeouts(TIMEOUTS), 100)?;
    let _echoes = fullnat::BACKENDS
        .iter()
        .map(|(node, _)| net.lab.on(node).udp_echo(fullnat::UDP_PORT))
        .collect::<Result<Vec<_>, _>>()?;
    assert_eq!(net.in_use()?, InUse::NOTHING, "before the first packet");
    let download = net.lab.on("client").download(&http(), &net.objects, 20)?;
    assert_eq!(download.failed.len(), 0, "{download}");
    let tally = net.lab.on("client").udp_ask(&format!("{}:{}", fullnat::VIP, fullnat::UDP_PORT), 100)?;
    assert_eq!(tally.answered(), 100, "{tally}");
    assert_ne!(net.in_use()?, InUse::NOTHING, "a listing that is always empty proves nothing");
    // Timers are lazy: an entry is looked at 8 s after its time at the latest.
    let deadline = Instant::now() + Duration::from_secs(u64::from(TIMEOUTS.established) + 8 + 30);
    loop {
        let now = net.in_use()?;
        if now == InUse::NOTHING {
            break;
        }
        assert!(Instant::now() < deadline, "still in use: {now:?}\n{}", net.lab.ipvsadm("-lnc")?);
    }
    net.dpvs.stop()
}

fn every_queue_receives_and_what_lands_elsewhere_is_handed_over(shape: Shape) -> Result<(), LabError> {
    let net = FullNat::up(fullnat::plan("queues"), &shape.setup(), 200)?;
    let download = net.lab.on("client").download(&http(), &net.objects, 20)?;
    assert_eq!(download.failed.len(), 0, "{download}");
    for port in ["dpdk0", "dpdk1"] {
        let packets = net.queue_packets(port)?;
        assert_eq!(packets.len(), usize::from(shape.queues), "{port}: {packets:?}");
        assert!(packets.values().all(|&count| count > 0), "{port}: {packets:?}");
    }
    // af_packet spreads by a hash of its own, so a share of the packets lands with another worker than its owner.
    match (net.worker_counter(HANDED_OVER)?, shape.workers) {
        (None, _) => panic!("`dpip -s -v link show cpu` has no counter {HANDED_OVER}"),
        (Some(count), 1) => assert_eq!(count, 0, "a single worker has nobody to hand over to"),
        (Some(count), _) => assert!(count > 0, "nothing was handed over between {} workers", shape.workers),
    }
    // None of them was lost.
    assert_eq!(net.worker_counter(HANDED_OVER)?, net.worker_counter("taken_in")?);
    assert_eq!(net.worker_counter("ring_full")?.unwrap_or(0), 0);
    net.dpvs.stop()
}

fn peers_that_leave_work_to_their_devices_get_right_packets_or_counted_drops(
    shape: Shape,
) -> Result<(), LabError> {
    let plan = fullnat::plan("offloads").offloads(Offloads::Left);
    let net = FullNat::up(plan, &shape.setup(), UP_TO_64_KB)?;
    // Requests are small: partial checksums must be completed, and every backend must see them.
    for _ in 0..fullnat::BACKENDS.len() * usize::from(shape.workers) {
        let name = net.lab.on("client").curl(&format!("{}/", http()))?;
        assert!(fullnat::BACKENDS.iter().any(|(node, _)| *node == name), "{name} answered");
    }
    // Answers are up to 64 KB long, and the port cuts them: nothing wrong may arrive, and the drops are counted.
    let download = net.lab.on("client").download(&http(), &net.objects, 20)?;
    let wrong: Vec<_> = download.failed.values().filter(|fault| fault.is_wrong_content()).collect();
    assert!(wrong.is_empty(), "wrong bytes arrived: {download}");
    if !download.failed.is_empty() {
        let counts = [net.worker_counter("dropped")?, net.port_counter("dpdk1", "ierrors")?];
        assert!(counts.iter().flatten().any(|&count| count > 0), "lost without a count: {download}");
    }
    net.dpvs.stop()
}

/// So many objects are of the smaller edge sizes: larger ones would crawl, one segment per retransmission.
const UP_TO_64_KB: usize = 8;
/// The counter's title in `dpip -s -v link show cpu`.
const HANDED_OVER: &str = "handed_over";

fn http() -> String {
    format!("http://{}", fullnat::VIP)
}
