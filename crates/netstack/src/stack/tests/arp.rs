use super::*;
use crate::neighbour::State;
use flow::publish::Generation;
use wire::eth::BROADCAST;

#[test]
fn an_unknown_neighbour_is_asked_for_and_what_waits_goes_out_in_order() {
    let mut world = World::new();
    (0..5).for_each(|mark| world.packet(PEER, mark));
    assert_eq!(world.said(), [who_has(PEER)], "once");
    assert!(!world.is_resolved());
    world.peer_replies();
    let sent = world.sent();
    assert!(
        sent.iter().all(|frame| frame[..14] == *b"\x02\x09\x09\x09\x09\x09\x02\0\0\0\0\x01\x08\0"),
        "{sent:x?}"
    );
    assert!(sent.iter().map(|frame| frame[33]).eq(0..5));
    assert_eq!(world.hop().map(|hop| (hop.is_usable(), hop.mac(), hop.device())), Some((true, PEERS, ETH)));
    world.packet(PEER, 7);
    assert_eq!(world.sent().len(), 1, "nothing waits any more");
    assert_eq!((world.deeds(Deed::Parked), world.deeds(Deed::Released)), (5, 5));
}

#[test]
fn one_more_than_the_queues_length_waits() {
    let mut world = World::new();
    (0..140).for_each(|mark| world.packet(PEER, mark));
    assert_eq!((world.stack.parked(), world.drops(StackDrop::QueueFull)), (129, 11));
    assert_eq!(world.stack.neighbours()[0].parked, 129);
    let mut world = World::with(Settings { parked: 10, ..Settings::default() });
    (0..20).for_each(|n| world.packet(Addr4([10, 0, 1, n]), n));
    assert_eq!((world.stack.parked(), world.drops(StackDrop::QueueFull)), (10, 10), "over all neighbours");
}

#[test]
fn who_does_not_answer_is_given_up_after_five_seconds() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.seconds(4);
    assert_eq!((world.stack.parked(), world.stack.neighbours()[0].state), (1, State::None));
    world.advance(12);
    assert_eq!((world.stack.parked(), world.stack.neighbours().len()), (0, 0));
    assert_eq!(world.drops(StackDrop::Unresolved), 1);
    assert_eq!(world.said(), [who_has(PEER)], "no retransmission");
    assert_eq!(world.pool.free(), BUFFERS);
}

#[test]
fn who_is_wanted_again_is_asked_again() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.seconds(2).packet(PEER, 2);
    assert_eq!(world.said().len(), 1, "it is being asked");
    world.advance(11).packet(PEER, 3);
    assert_eq!(world.said().len(), 1, "it did not answer in time");
    world.peer_replies();
    assert!(world.sent().iter().map(|frame| frame[33]).eq(1..4));
}

#[test]
fn only_addresses_of_the_receiving_device_are_answered_for() {
    let mut world = World::new();
    let asker = Party { mac: PEERS, addr: PEER };
    for wanted in [Addr4([10, 9, 0, 1]), Addr4([10, 0, 0, 2])] {
        world.arp(Repr::request(asker, wanted), BROADCAST);
    }
    assert_eq!((world.said(), world.drops(StackDrop::NotForUs)), (vec![], 2));
    world.arp(Repr::request(asker, US), BROADCAST);
    world.arp(Repr::request(asker, US), OURS);
    world.arp(Repr::request(Party { addr: Addr4::default(), ..asker }, US), BROADCAST);
    let said = world.said();
    assert_eq!(said[0], Repr::request(asker, US).answer(OURS));
    assert_eq!(
        (said[0], said.len()),
        (said[1], 3),
        "to a request, to a probe of the cache, to one before the first address"
    );
    assert_eq!(world.drops(StackDrop::NotForUs), 2);
}

#[test]
fn a_vlan_is_a_device_of_its_own() {
    let mut world = World::new();
    let ask = |wanted| {
        arp_frame(Repr::request(Party { mac: PEERS, addr: Addr4([10, 9, 0, 9]) }, wanted), BROADCAST)
    };
    let tagged = |wanted, tag: [u8; 2]| [&ask(wanted)[..12], &[0x81, 0], &tag, &ask(wanted)[12..]].concat();
    world.receive(&tagged(US, [0, 102]), Punt::Arp);
    world.receive(&tagged(US, [0, 7]), Punt::Arp);
    assert_eq!((world.drops(StackDrop::NotForUs), world.drops(StackDrop::NoDevice)), (1, 1));
    world.receive(&tagged(Addr4([10, 9, 0, 1]), [0xa0, 102]), Punt::Arp);
    assert_eq!(world.sent[0].1, Some(VlanTag(102)));
    assert_eq!((world.said()[0].operation, world.stack.neighbours()[0].device), (Operation::Reply, VLAN));
    world.receive(&tagged(US, [0xa0, 0]), Punt::Arp);
    assert_eq!(world.said().len(), 1, "a tag with id 0 is none [fix D32]");
}

#[test]
fn five_hundred_neighbours_are_resolved_at_once() {
    let mut world = World::new();
    let nth = |n: u16| Addr4([10, 0, 4 + n.to_be_bytes()[0], n.to_be_bytes()[1]]);
    (0..500).for_each(|n| world.packet(nth(n), 1));
    assert_eq!(world.said().len(), 500);
    (0..500).for_each(|n| world.arp(reply(nth(n), PEERS), OURS));
    assert_eq!((world.sent().len(), world.drops(StackDrop::Policed)), (500, 0));
}

#[test]
fn a_short_request_gets_a_whole_reply() {
    let mut world = World::new();
    let frame = arp_frame(Repr::request(Party { mac: PEERS, addr: PEER }, US), BROADCAST);
    world.receive(&frame[..42], Punt::Arp);
    assert_eq!(world.sent()[0].len(), 60);
}

#[test]
fn who_asks_for_us_is_known_and_who_asks_for_others_is_not() {
    // [fix D18]
    let mut world = World::new();
    let ask = |addr, wanted| Repr::request(Party { mac: PEERS, addr }, wanted);
    world.arp(ask(PEER, Addr4([10, 0, 0, 77])), BROADCAST);
    assert!(!world.is_resolved());
    world.arp(ask(Addr4([192, 0, 2, 1]), US), BROADCAST);
    assert!(world.stack.neighbours().is_empty(), "not on this link");
    world.arp(ask(PEER, US), BROADCAST);
    assert!(world.is_resolved());
    world.arp(Repr::request(Party { mac: [2; 6], addr: PEER }, PEER), BROADCAST);
    assert_eq!(world.hop().map(Hop::mac), Some([2; 6]), "its announcement refreshes the entry");
}

#[test]
fn an_idle_neighbour_is_forgotten_after_its_three_times() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.peer_replies();
    assert!(world.seconds(59).hop().is_some_and(|hop| !hop.is_stale()));
    assert!(world.advance(10).hop().is_some_and(|hop| hop.is_usable() && hop.is_stale()));
    assert_eq!(world.stack.neighbours()[0].state, State::Probe);
    assert!(!world.seconds(31).is_resolved());
    world.seconds(3);
    assert!(world.stack.neighbours().is_empty());
    assert_eq!(world.said().len(), 1, "nobody needed it");
}

#[test]
fn traffic_keeps_a_neighbour_without_any_question() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.peer_replies();
    world.sent();
    let id = world.adjacencies.find(ETH, PEER.ip()).expect("known");
    for _ in 0..600 {
        world.seconds(1);
        world.adjacencies.confirm(id, world.now);
        assert!(world.is_resolved());
    }
    assert!(world.said().is_empty());
    assert!(!world.seconds(160).is_resolved(), "and without, it goes");
}

#[test]
fn a_used_neighbour_is_verified_once_a_minute() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.peer_replies();
    world.sent();
    let id = world.adjacencies.find(ETH, PEER.ip()).expect("known");
    let mut questions = 0;
    for _ in 0..600 {
        world.seconds(1);
        if world.adjacencies.hop(id).is_stale() {
            world.adjacencies.used(id); // as a worker that sends
        }
        let said = world.said();
        if !said.is_empty() {
            assert_eq!(said, [who_has(PEER)]);
            questions += said.len();
            world.peer_replies();
        }
        assert!(world.is_resolved(), "no gap");
    }
    assert!((9..=10).contains(&questions), "{questions}");
}

#[test]
fn a_punted_packet_to_a_stale_neighbour_asks_too() {
    let mut world = World::new();
    world.packet(PEER, 1);
    world.peer_replies();
    world.seconds(61).sent();
    world.packet(PEER, 2);
    let sent = world.sent();
    assert_eq!((sent.len(), sent[0][33]), (2, 2), "it does not wait for the answer");
    assert_eq!(world.stack.neighbours()[0].state, State::Delay);
    assert!(!world.seconds(4).is_resolved());
}

#[test]
fn a_given_neighbour_stays_what_it_is() {
    // [fix D19]
    let mut world = World::new();
    world.packet(PEER, 1);
    let mut sent = Vec::new();
    let mut out = |_, buffer: SimBuffer<'_>| sent.push(buffer.frame()[..6].to_vec());
    world.stack.set_neighbour(ETH, PEER.ip(), [2; 6], &world.net, &mut out).expect("room");
    assert_eq!(sent, [[2; 6]], "what waited goes");
    world.peer_replies();
    assert_eq!(world.seconds(1_000).hop().map(Hop::mac), Some([2; 6]));
    world.packet(PEER, 2);
    world.stack.remove_neighbour(ETH, PEER.ip()).expect("is there");
    assert!(!world.is_resolved() && world.stack.remove_neighbour(ETH, PEER.ip()).is_none());
}

#[test]
fn an_added_address_is_announced_three_times() {
    // [fix D18]
    let mut world = World::new();
    world.stack.announce(ETH, US);
    world.stack.announce(VLAN, Addr4([10, 9, 0, 1]));
    world.seconds(10);
    let of_vlan: Vec<_> = world.sent.iter().filter(|(_, vlan, _)| *vlan == Some(VlanTag(102))).collect();
    assert_eq!((of_vlan.len(), world.sent.len()), (3, 6));
    let said = world.said();
    assert_eq!(said.iter().filter(|said| **said == who_has(US)).count(), 3);
    world.stack.announce(ETH, Addr4([10, 0, 0, 200]));
    world.seconds(5);
    assert!(world.said().is_empty(), "it is not ours, or no more");
}

#[test]
fn a_foreign_claim_of_our_address_is_noticed() {
    let mut world = World::new();
    world.arp(Repr::announcement(Party { mac: PEERS, addr: US }), BROADCAST);
    let events: Vec<_> = world.stack.take_events().collect();
    assert_eq!(events, [Event::Conflict { device: ETH, addr: US, mac: PEERS }]);
    world.arp(Repr::announcement(Party { mac: OURS, addr: US }), BROADCAST);
    assert_eq!((world.drops(StackDrop::Conflict), world.drops(StackDrop::OwnFrame)), (1, 1));
    assert_eq!(world.stack.take_events().count(), 0, "what is from us is none");
}

#[test]
fn what_speaks_for_nobody_is_not_believed() {
    let mut world = World::new();
    for mac in [BROADCAST, [1, 0, 0x5e, 0, 0, 1], [0; 6]] {
        world.arp(reply(PEER, mac), OURS);
    }
    world.arp(reply(Addr4([224, 0, 0, 1]), PEERS), OURS);
    assert_eq!(world.drops(StackDrop::Malformed), 4);
    world.arp(reply(PEER, PEERS), [2, 7, 7, 7, 7, 7]);
    world.arp(Repr { operation: Operation::Other(3), ..reply(PEER, PEERS) }, OURS);
    assert_eq!((world.drops(StackDrop::OtherHost), world.drops(StackDrop::ArpOperation)), (1, 1));
    assert!(world.stack.neighbours().is_empty());
}

#[test]
fn a_forgotten_neighbour_gets_its_id_back_until_that_is_retired() {
    let mut world = World::new();
    let round = |world: &mut World| {
        world.packet(PEER, 1);
        let id = world.adjacencies.find(ETH, PEER.ip()).expect("claimed");
        world.seconds(6);
        id
    };
    let first = round(&mut world);
    assert_eq!((round(&mut world), world.stack.dormant()), (first, 1));
    assert_eq!(world.stack.retire_dormant(Generation(4)), 1);
    assert_eq!(world.adjacencies.find(ETH, PEER.ip()), None);
    let second = round(&mut world);
    assert_ne!(second, first);
    assert_eq!(world.stack.reclaim(Generation(3)) + 2, usize::from(u16::MAX));
    assert_eq!(world.stack.reclaim(Generation(4)) + 1, usize::from(u16::MAX));
}

#[test]
fn there_are_no_more_neighbours_than_allowed() {
    let mut world = World::with(Settings { neighbours: 3, ..Settings::default() });
    (0..10).for_each(|n| world.packet(Addr4([10, 0, 1, n]), n));
    assert_eq!((world.stack.neighbours().len(), world.drops(StackDrop::TableFull)), (3, 7));
}

#[test]
fn groups_need_no_question() {
    let mut world = World::new();
    world.packet(Addr4([224, 0, 0, 18]), 1);
    world.packet(Addr4([255; 4]), 2);
    let macs: Vec<_> = world.sent().iter().map(|frame| frame[..6].to_vec()).collect();
    assert_eq!(macs, [vec![1, 0, 0x5e, 0, 0, 18], vec![0xff; 6]]);
}
