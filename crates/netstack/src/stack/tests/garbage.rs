use proptest::collection::vec;
use proptest::prelude::*;
use wire::icmp::answer;

use super::*;

fn any_punt() -> impl Strategy<Value = Punt> {
    let next_hop = prop_oneof![
        Just(PEER.ip()),
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u8; 16]>().prop_map(IpAddr::from)
    ];
    prop_oneof![
        Just(Punt::Arp),
        Just(Punt::Local),
        Just(Punt::Error(answer::Error::TimeExceeded)),
        any::<u16>().prop_map(|mtu| Punt::Error(answer::Error::FragmentationNeeded { mtu })),
        (0u16..3, next_hop)
            .prop_map(|(device, next_hop)| Punt::Unresolved { device: DeviceId(device), next_hop }),
    ]
}

/// A good frame with some bytes changed, or none that was ever good.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let good = arp_frame(reply(PEER, PEERS), OURS).to_vec();
    let changes = vec((0..good.len(), any::<u8>()), 0..4);
    let bent = (changes, 0..=good.len()).prop_map(move |(changes, len)| {
        let mut frame = good.clone();
        changes.into_iter().for_each(|(at, byte)| frame[at] = byte);
        frame.truncate(len);
        frame
    });
    prop_oneof![bent, vec(any::<u8>(), 0..100)]
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_panics(packets in vec((any_frame(), any_punt(), 0u32..40), 0..60)) {
        let mut world = World::new();
        for (frame, why, ticks) in packets {
            world.receive(&frame, why);
            world.advance(ticks);
            prop_assert_eq!(world.pool.free() + world.stack.parked(), BUFFERS);
        }
        let parked: usize = world.stack.neighbours().iter().map(|row| row.parked).sum();
        prop_assert_eq!(parked, world.stack.parked());
        world.seconds(200);
        prop_assert_eq!((world.pool.free(), world.stack.neighbours().len()), (BUFFERS, 0));
    }
}
