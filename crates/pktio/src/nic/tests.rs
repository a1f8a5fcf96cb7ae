use flow::toeplitz::MICROSOFT_KEY;
use wire::{Ports, Tuple, build};

use super::*;
use crate::meta::{Request, VlanTag};

/// As a daemon asks for it: four queues, everything hashed.
fn asked() -> Rss {
    let table = (0..128).map(|entry| QueueId(entry % 4)).collect();
    let [tcp, udp] = [Fields::AddressesAndPorts; 2];
    Rss { hash: Toeplitz::new(&MICROSOFT_KEY), table, tcp, udp }
}

fn frame(port: u16) -> Vec<u8> {
    let (src, dst) = (Addr4([66, 9, 149, 187]), Addr4([161, 142, 100, 80]));
    let mut room = vec![0; 256];
    let len = build::udp(&mut room, &Tuple { src, dst, ports: Ports::new(port, 1766) }, b"hello");
    room.truncate(len);
    room
}

fn tagged(frame: &[u8], tci: [u8; 2]) -> Vec<u8> {
    [&frame[..12], &[0x81, 0x00], &tci, &frame[12..]].concat()
}

#[test]
fn spreads_by_what_it_hashes() {
    let pool = Pool::new(1000);
    for (scaling, queues, vector) in [
        (Scaling::AsAsked, 4, Some(0x51cc_c178)), // of the RSS specification
        (Scaling::AddressesOnlyForUdp, 1, Some(0x323e_8fc2)), // of the same
        (Scaling::OwnKey([0x6d; 40]), 4, None),
        (Scaling::SingleQueue, 1, None),
    ] {
        let nic = Nic::new(&pool, 4, 64, scaling.grant(asked())).numbered(PortId(3));
        nic.deliver(&frame(2794), ChecksumState::Good);
        let mut burst = crate::burst();
        (0..4).for_each(|n| nic.queue(QueueId(n)).receive(&mut burst));
        let received = burst[0].received();
        assert_eq!((received.checksum, received.port), (ChecksumState::Good, PortId(3)));
        assert_eq!(received.hash.is_some(), scaling != Scaling::SingleQueue);
        assert!(vector.is_none() || received.hash == vector, "{scaling:?}");
        (0..128).for_each(|port| nic.deliver(&frame(port), ChecksumState::Good));
        let used = nic.queues.iter().filter(|queue| !lock(queue).is_empty()).count();
        assert_eq!(used, queues, "{scaling:?}");
        assert_eq!(nic.waiting() as u64 + nic.missed(), 128);
    }
}

#[test]
fn takes_a_tag_off_and_spreads_by_what_lies_behind() {
    let pool = Pool::new(8);
    let nic = Nic::new(&pool, 4, 64, Some(asked()));
    nic.deliver(&tagged(&frame(2794), [0x20, 5]), ChecksumState::Unknown);
    let mut burst = crate::burst();
    (0..4).for_each(|n| nic.queue(QueueId(n)).receive(&mut burst));
    let received = burst[0].received();
    assert_eq!((received.vlan, received.hash), (Some(VlanTag(0x2005)), Some(0x51cc_c178)));
    assert_eq!(burst[0].frame(), frame(2794));
}

#[test]
fn a_tag_can_come_off_and_go_on_without_the_port() {
    let pool = &Pool::new(8);
    let mut packet = pool.copy(&tagged(&frame(1), [0x20, 5])).expect("room");
    assert_eq!(crate::untag(&mut packet), Some(VlanTag(0x2005)));
    assert_eq!(packet.frame(), frame(1));
    assert_eq!(crate::untag(&mut packet), None);
    crate::tag(&mut packet, VlanTag(0x2005)).expect("headroom");
    assert_eq!(packet.frame(), tagged(&frame(1), [0x20, 5]));
    packet.trim_back(usize::MAX);
    assert_eq!((crate::tag(&mut packet, VlanTag(1)), packet.frame_len()), (None, 0));
}

#[test]
fn stubs_of_frames_arrive_as_they_are() {
    let pool = Pool::new(64);
    let nic = Nic::new(&pool, 1, 64, Some(asked()));
    let whole = tagged(&frame(1), [0, 1]);
    let mut burst = crate::burst();
    for len in 0..18 {
        nic.deliver(&whole[..len], ChecksumState::Unknown);
        nic.queue(QueueId(0)).receive(&mut burst);
        let packet = burst.pop().expect("delivered");
        assert_eq!((packet.frame(), packet.received().vlan), (&whole[..len], None));
    }
}

#[test]
fn sends_what_was_asked_for() {
    let pool = &Pool::new(4);
    let nic = Nic::new(pool, 1, 64, None);
    let plain = frame(1);
    let mut packet = pool.copy(&plain).expect("room");
    packet.headers_mut()[40..42].fill(0x5a); // the checksum
    packet.request(Request { vlan: Some(VlanTag(0x2005)), checksum: true });
    nic.queue(QueueId(0)).send(&mut vec![packet]);
    assert_eq!(nic.sent(), [tagged(&plain, [0x20, 5])]);
    assert_eq!(pool.free(), 4);
}

#[test]
fn a_port_may_be_shared_by_threads() {
    let pool = &Pool::new(64);
    let nic = &Nic::new(pool, 4, 16, Some(asked()));
    let received: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|n| {
                scope.spawn(move || {
                    let (mut count, mut burst) = (0, crate::burst());
                    for _ in 0..10_000 {
                        nic.queue(QueueId(n)).receive(&mut burst);
                        count += burst.len();
                        nic.queue(QueueId(n)).send(&mut burst);
                    }
                    count
                })
            })
            .collect();
        (0..2_000).for_each(|port| nic.deliver(&frame(port), ChecksumState::Good));
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    assert_eq!(nic.sent().len(), received);
    assert_eq!(received + nic.waiting() + usize::try_from(nic.missed()).expect("few"), 2_000);
}
