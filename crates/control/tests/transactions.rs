//! What a transaction promises: all or nothing, one by one or at once, and no slot given away too early.

use std::net::{IpAddr, SocketAddr};

use control::command::{
    AddAddr, AddDest, AddDevice, AddLaddr, AddService, AddrSettings, Command, DeleteDest, DeleteLaddr,
    DeleteService, EditDest,
};
use control::model::Health;
use control::names::AddrName;
use control::{Books, CommandError, Master, Model};
use flow::publish::Subscriber;
use ipvs::Snapshot;
use ipvs::book::{dest_table, laddr_table};
use ipvs::service::{DestSettings, DestSlot, Scheduler, ServiceKey, ServiceSettings, Weight};
use netstack::address::AddressFlags;
use netstack::device::{Device, DeviceId, DeviceName};
use pktio::PortId;
use proptest::prelude::*;
use sockopt::service::DestCheck;
use wire::Proto;

fn device() -> DeviceName {
    "dpdk0".parse().expect("a name")
}

fn service(n: u8) -> ServiceKey {
    ServiceKey { vip: [10, 0, 0, 1 + n % 3].into(), port: 80 + u16::from(n / 3), proto: Proto::Tcp }
}

fn dest(n: u8) -> SocketAddr {
    SocketAddr::new([10, 1, 0, n].into(), 8080)
}

fn laddr(n: u8) -> IpAddr {
    [10, 2, 0, n].into()
}

fn add_service(n: u8) -> Command {
    let settings = ServiceSettings::new(Scheduler::Rr);
    AddService { key: service(n), settings, checks: DestCheck::default() }.into()
}

fn add_dest(to: u8, n: u8, weight: u16) -> Command {
    let settings = DestSettings::from(Weight(weight));
    AddDest { service: service(to), dest: dest(n), settings, health: Health::Serving }.into()
}

fn master(workers: usize) -> (Master, Vec<Subscriber<Snapshot>>, Books) {
    let (mut master, subscribers) = Master::new(Model::new(Snapshot::empty(1)), workers);
    let device = Device {
        id: DeviceId(0),
        name: device(),
        mac: [2, 0, 0, 0, 0, 1],
        mtu: 1500,
        port: PortId(0),
        vlan: None,
    };
    master.transact(&[AddDevice(device).into()]).expect("the first device");
    let books = Books {
        dests: (0..workers).map(|_| dest_table()).collect(),
        laddrs: (0..workers).map(|_| laddr_table()).collect(),
        counters: (0..workers).map(|_| Default::default()).collect(),
    };
    (master, subscribers, books)
}

/// All that listings and workers could see of services, dests and local addresses, but for the names of slots.
fn seen(master: &Master) -> String {
    let model = master.model();
    let mut text = String::new();
    for (_, service) in model.services() {
        text += &format!(
            "{:?} {:?} max {:?} gcd {}\n",
            service.key, service.settings, service.max_weight, service.weight_gcd
        );
        for slot in service.dests() {
            let dest = model.snapshot().dest(slot).expect("in service");
            text += &format!("  {} {} {:?}\n", dest.addr, dest.port, dest.settings);
        }
        for slot in service.laddrs.iter() {
            text += &format!("  {}\n", model.snapshot().laddr(*slot).expect("in service").addr);
        }
    }
    text + &format!("{:?}", model.snapshot().net.addresses().collect::<Vec<_>>())
}

fn any_command() -> impl Strategy<Value = Command> {
    let (service_n, dest_n, laddr_n) = (0u8..6, 1u8..6, 1u8..4);
    prop_oneof![
        service_n.clone().prop_map(add_service),
        service_n.clone().prop_map(|n| DeleteService { key: service(n) }.into()),
        (service_n.clone(), dest_n.clone(), 0u16..5).prop_map(|(s, d, w)| add_dest(s, d, w)),
        (service_n.clone(), dest_n.clone(), 0u16..5).prop_map(|(s, d, w)| {
            let settings = DestSettings::from(Weight(w));
            EditDest { service: service(s), dest: dest(d), settings, health: Health::Serving }.into()
        }),
        (service_n.clone(), dest_n)
            .prop_map(|(s, d)| DeleteDest { service: service(s), dest: dest(d) }.into()),
        (service_n.clone(), laddr_n.clone()).prop_map(|(s, n)| {
            AddLaddr { service: service(s), laddr: laddr(n), device: device() }.into()
        }),
        (service_n, laddr_n.clone())
            .prop_map(|(s, n)| DeleteLaddr { service: service(s), laddr: laddr(n) }.into()),
        laddr_n.prop_map(|n| {
            let name = AddrName { device: device(), addr: laddr(n), plen: 32 };
            AddAddr { name, settings: AddrSettings::default(), flags: AddressFlags::SAPOOL }.into()
        }),
    ]
}

proptest! {
    /// A refused transaction leaves everything as it was; an accepted one does what its commands do one by one.
    #[test]
    fn all_or_nothing_and_one_by_one_or_at_once(
        batches in prop::collection::vec(prop::collection::vec(any_command(), 1..6), 1..30)
    ) {
        let ((mut at_once, _a, books), (mut one_by_one, _b, _)) = (master(1), master(1));
        for batch in batches {
            let (before, generation) = (seen(&at_once), at_once.generation());
            match at_once.transact(&batch) {
                Ok(now) => {
                    prop_assert_eq!(now.0, generation.0 + 1, "one generation, however many commands");
                    for command in &batch {
                        prop_assert!(one_by_one.transact(std::slice::from_ref(command)).is_ok());
                    }
                    prop_assert_eq!(seen(&at_once), seen(&one_by_one));
                }
                Err(refused) => {
                    prop_assert_eq!(seen(&at_once), before);
                    prop_assert_eq!(at_once.generation(), generation);
                    prop_assert!(refused.index < batch.len());
                    prop_assert!(!refused.error.to_string().is_empty() && !refused.error.hint().is_empty());
                    prop_assert!(refused.error.code().as_i32() < 0);
                }
            }
            at_once.drain(&books);
        }
    }
}

fn slot_of(master: &Master, at: SocketAddr) -> Option<DestSlot> {
    let (service, _) = master.model().snapshot().lookup(&service(0))?;
    master.model().find_dest(service, at)
}

#[test]
fn a_slot_waits_for_every_worker_and_its_last_connection() {
    let (mut master, mut workers, books) = master(2);
    let mut adopt = |which: usize| workers[which].adopt_if(|_| true);
    master.transact(&[add_service(0), add_dest(0, 1, 1)]).expect("new");
    let slot = slot_of(&master, dest(1)).expect("there");
    (0..2).for_each(&mut adopt);
    books.dests[1][slot.index()].opened.add(1);
    master.transact(&[DeleteDest { service: service(0), dest: dest(1) }.into()]).expect("there");

    let mut next = 10;
    let mut newcomer = |master: &mut Master| {
        next += 1;
        master.transact(&[add_dest(0, next, 1)]).expect("new");
        slot_of(master, dest(next)).expect("there")
    };
    adopt(0);
    master.drain(&books);
    assert_ne!(newcomer(&mut master), slot, "one worker has not adopted");
    adopt(1);
    master.drain(&books);
    assert_ne!(newcomer(&mut master), slot, "a connection is left");
    books.dests[1][slot.index()].closed.add(1);
    (0..2).for_each(&mut adopt);
    assert!(master.drain(&books).is_some());
    assert_eq!(newcomer(&mut master), slot, "drained, and so given again");
}

#[test]
fn a_service_leaves_after_its_dests_and_local_addresses() {
    let (mut master, mut workers, books) = master(1);
    let add_laddr = AddLaddr { service: service(0), laddr: laddr(1), device: device() };
    master.transact(&[add_service(0), add_dest(0, 1, 1), add_laddr.into()]).expect("new");
    let (_, found) = master.model().services().next().expect("there");
    let (dest, laddr) = (found.dest(0).expect("one").index(), found.laddrs[0].index());
    books.dests[0][dest].opened.add(1);
    books.laddrs[0][laddr].opened.add(1);
    master.transact(&[DeleteService { key: service(0) }.into()]).expect("there");
    // The name is free at once, the slot is not.
    master.transact(&[add_service(0)]).expect("new again");
    workers[0].adopt_if(|_| true);
    assert!(master.drain(&books).is_none());
    assert_eq!((master.draining(), master.model().free_slots()), ([1, 1, 1], [0, 0, 0]));
    books.dests[0][dest].closed.add(1);
    master.drain(&books);
    assert_eq!((master.draining(), master.model().free_slots()), ([1, 0, 1], [0, 1, 0]));
    books.laddrs[0][laddr].closed.add(1);
    master.drain(&books);
    assert_eq!((master.draining(), master.model().free_slots()), ([0, 0, 0], [1, 1, 1]));
    assert_eq!(master.model().service_count(), 1);
}

/// As with dests, the time is printed: a VIP and a local address for each service.
#[test]
fn ten_thousand_services_one_command_at_a_time() {
    let (mut master, mut workers, _) = master(1);
    let begin = std::time::Instant::now();
    for n in 0..10_000u16 {
        let [high, low] = n.to_be_bytes();
        let key = ServiceKey { vip: [20, 0, high, low].into(), port: 80, proto: Proto::Tcp };
        let (settings, checks) = (ServiceSettings::new(Scheduler::Rr), DestCheck::default());
        master.transact(&[AddService { key, settings, checks }.into()]).expect("new");
        let laddr = [30, 0, high, low].into();
        master.transact(&[AddLaddr { service: key, laddr, device: device() }.into()]).expect("new");
        workers[0].adopt_if(|_| true);
    }
    println!("10 000 services with a local address each: {:?}", begin.elapsed());
    assert_eq!(master.model().service_count(), 10_000);
}

#[test]
fn refusals_name_the_thing_and_the_way_out() {
    let (mut master, _workers, _) = master(1);
    let refused = master.transact(&[add_dest(0, 1, 1)]).expect_err("no service yet");
    assert_eq!(refused.error, CommandError::NoService { service: service(0) });
    assert_eq!(refused.error.to_string(), "TCP 10.0.0.1:80: no such service");
    assert_eq!(refused.error.hint(), "add it first: ipvsadm -A -t 10.0.0.1:80");
    master.transact(&[add_service(0), add_dest(0, 1, 1)]).expect("new");
    let refused = master.transact(&[add_service(1), add_dest(0, 1, 1)]).expect_err("there already");
    assert_eq!(refused.index, 1);
    assert_eq!(refused.error, CommandError::DestExists { service: service(0), dest: dest(1) });
    assert_eq!(master.model().service_count(), 1, "the first command of the refused ones left nothing");
}

/// Publishing costs what changed: the time is printed, not judged.
#[test]
fn forty_thousand_dests_one_command_at_a_time() {
    let (mut master, mut workers, books) = master(1);
    master.transact(&[add_service(0)]).expect("new");
    let begin = std::time::Instant::now();
    for n in 0..40_000u32 {
        let [_, high, middle, low] = n.to_be_bytes();
        let at = SocketAddr::new([10, 128 + high, middle, low].into(), 80);
        let settings = DestSettings::from(Weight(1));
        let add = AddDest { service: service(0), dest: at, settings, health: Health::Serving };
        master.transact(&[add.into()]).expect("new");
        workers[0].adopt_if(|_| true);
    }
    println!("40 000 dests one by one: {:?}", begin.elapsed());
    let (_, service) = master.model().services().next().expect("there");
    assert_eq!(service.dest_count(), 40_000);
    assert!(master.drain(&books).is_none());
}
