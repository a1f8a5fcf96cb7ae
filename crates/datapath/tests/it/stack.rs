//! What workers give to the slow path and what they send for it.

use datapath::{Outgoing, Punted};
use netstack::device::DeviceId;
use netstack::stack::Punt;
use pktio::pool::{Pool, SimBuffer};
use pktio::{Allocator, Buffer};
use wire::{Addr, Addr4};

use crate::frames::{client4, parsed, udp};
use crate::rig::{Build, Cluster};
use crate::topology::{LAN, MACS, VIP4, WAN};

fn punted<'p>(cluster: &mut Cluster<'p>) -> Vec<Punted<SimBuffer<'p>>> {
    let mut got = Vec::new();
    cluster.punts[0].up.take(&mut got, 64);
    got
}

#[test]
fn arp_goes_up_whoever_it_is_for() {
    let pool = Pool::new(8);
    let mut cluster = Build::alone(10).up(&pool);
    for dst in [MACS[0], [0xff; 6]] {
        let mut frame = vec![0; 60];
        frame[..6].copy_from_slice(&dst);
        frame[12..14].copy_from_slice(&[8, 6]);
        assert_eq!(cluster.one(WAN, &frame), None);
        let got = punted(&mut cluster);
        assert_eq!(got.iter().map(|p| p.why).collect::<Vec<_>>(), [Punt::Arp]);
        assert_eq!(got[0].buffer.received().port, WAN);
    }
    cluster.sums();
}

#[test]
fn what_no_service_takes_goes_to_the_stack_if_it_is_ours() {
    let pool = Pool::new(8);
    let mut cluster = Build::alone(10).up(&pool);
    let ping = wire::Tuple { ports: wire::Ports::new(1, 7), ..client4(1) };
    assert_eq!(cluster.one(WAN, &udp(WAN, &ping, b"")), None);
    let got = punted(&mut cluster);
    assert_eq!(got.iter().map(|p| p.why).collect::<Vec<_>>(), [Punt::Local]);
    cluster.sums();
}

/// The first packets to a neighbour not yet known are complete but for its MAC address; later ones go by themselves.
#[test]
fn packets_to_unknown_neighbours_wait_rewritten() {
    let pool = Pool::new(8);
    let mut cluster = Build::alone(10).up(&pool);
    let neighbour = Addr4([10, 9, 0, 7]);
    let dests = cluster.dests.clone();
    cluster.change(|next| {
        let service = next.dest(dests[3]).expect("there").service;
        dests[3..].iter().for_each(|&dest| next.retire_dest(dest).expect("there"));
        next.add_dest(service, neighbour.ip(), 53, ipvs::service::Weight(1)).expect("room");
    });
    let request = udp(WAN, &client4(1), b"who");
    assert_eq!(cluster.one(WAN, &request), None);
    let mut got = punted(&mut cluster);
    assert_eq!(got[0].why, Punt::Unresolved { device: DeviceId(LAN.0), next_hop: neighbour.ip() });
    let Punted { mut buffer, .. } = got.remove(0);
    let flow = parsed::<Addr4>(buffer.frame());
    assert_eq!((flow.tuple.dst, flow.tuple.ports.destination().get()), (neighbour, 53));

    // The slow path learns the address and gives the packet back.
    let id = cluster.neighbours.claim(DeviceId(LAN.0), neighbour.ip()).expect("room");
    buffer.headers_mut()[..12].copy_from_slice(&[[7; 6], MACS[1]].concat());
    cluster.punts[0].down.put(&mut vec![Outgoing { buffer, port: LAN }]);
    let [wan, lan] = cluster.settle();
    assert!(wan.is_empty());
    assert_eq!(lan[0][..12], [[7; 6], MACS[1]].concat());
    assert_eq!(cluster.one(WAN, &request), None, "claimed, but not resolved");
    cluster.neighbours.set(id, [7; 6]);
    let (port, again) = cluster.one(WAN, &request).expect("goes by itself");
    assert_eq!((port, &again), (LAN, &lan[0]));
    drop(punted(&mut cluster));
    cluster.sums();
    assert_eq!(pool.free(), 8);
}

#[test]
fn a_slow_path_that_does_not_get_on_costs_counted_packets() {
    let pool = Pool::new(2048);
    let mut cluster = Build::alone(10).up(&pool);
    let ping = wire::Tuple { dst: VIP4, ports: wire::Ports::new(1, 7), ..client4(1) };
    for _ in 0..3 {
        cluster.run(WAN, &vec![udp(WAN, &ping, b""); 500]);
    }
    assert_eq!(cluster.dropped(datapath::Drop::PuntFull), 1500 - 1024);
    cluster.sums();
    assert_eq!((&pool).allocate().map(|b| b.frame_len()), Some(0));
}
