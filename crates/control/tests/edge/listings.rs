//! Orders and sums of listings: docs/spec/datapath.md §3.1, §4.1, §19; docs/spec/ipc.md §5.2.

use std::time::Duration;

use sockopt::addr::{IfAddr, IfAddrFlags, IfAddrOp, IfAddrParam, IfAddrShow};
use sockopt::dest::{Dest, DestFlags, DestOf, DestsQuery, Forward};
use sockopt::field::View;
use sockopt::laddr::LaddrConf;
use sockopt::service::{Key, ServiceFlags, ServicesQuery};
use sockopt::{Code, LcoreId, Text, call};

use crate::{House, service, tcp, with_service};

fn dest(last: u8, weight: u32) -> Dest {
    Dest { weight, ..Dest::new([10, 1, 0, last].into(), 8080, Forward::FullNat) }
}

fn add(house: &mut House, key: Key, dest: Dest) {
    house.call::<call::DestAdd>(&DestOf { service: service(key), dest }).unwrap();
}

fn dests(house: &mut House, key: Key, view: u8) -> Result<Vec<Dest>, Code> {
    let num_dests = u32::try_from(house.service(&key).dest_count()).unwrap();
    let query = DestsQuery { key, num_dests, view: View(view), ..DestsQuery::default() };
    house.call::<call::Dests>(&query).map(|found| found.rows)
}

#[test]
fn services_stand_by_bucket_then_newest_first() {
    let mut house = House::new(1);
    // The tutorial's, in the order of adding: buckets 7, 4 and 7.
    let [a, b, c] = [tcp("192.168.88.1", 80), tcp("2001::2", 80), tcp("2001::1", 80)];
    for key in [a, b, c] {
        house.call::<call::ServiceAdd>(&service(key)).unwrap();
    }
    let listed = |house: &mut House, count| {
        let query = ServicesQuery { count, ..ServicesQuery::default() };
        let found = house.call::<call::Services>(&query).unwrap();
        found.rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut house, 3), [b, c, a]);
    house.call::<call::ServiceDel>(&service(a)).unwrap();
    house.call::<call::ServiceAdd>(&service(a)).unwrap();
    assert_eq!(listed(&mut house, 3), [b, a, c], "added again, it is the newest");
}

#[test]
fn a_service_row_says_what_was_set() {
    let (mut house, key) = with_service(2);
    let asked = sockopt::service::Service {
        conn_timeout: 90,
        timeout: 360,
        flags: ServiceFlags::HASHED | ServiceFlags::SIP_HASH,
        scheduler: Text::cut("wrr"),
        ..service(key)
    };
    house.call::<call::ServiceEdit>(&asked).unwrap();
    add(&mut house, key, dest(1, 1));
    let row =
        house.call::<call::Service>(&sockopt::service::Service { view: View(2), ..service(key) }).unwrap();
    assert_eq!((row.num_dests, row.num_laddrs, row.lcore, row.view), (1, 0, LcoreId(2), View(2)));
    assert_eq!((row.conn_timeout, row.timeout, row.scheduler), (90, 360, asked.scheduler));
    assert_eq!(row.flags, asked.flags);
}

#[test]
fn dests_stand_newest_first_and_views_add_up() {
    let (mut house, key) = with_service(2);
    for last in 1..=3 {
        add(&mut house, key, dest(last, 40_000));
    }
    let slot = house.dest(&key, 0).index();
    for (table, n) in house.books.dests.iter().zip([3, 4]) {
        table[slot].opened.add(n);
        table[slot].closed.add(1);
        table[slot].active.add(1);
        table[slot].packets[0].add(10 * n);
    }
    let all = dests(&mut house, key, 0).unwrap();
    assert_eq!(
        all.iter().map(|row| row.addr.to_string()).collect::<Vec<_>>(),
        ["10.1.0.3", "10.1.0.2", "10.1.0.1"]
    );
    let figures = |row: &Dest| (row.weight, row.stats.conns, row.active, row.inactive, row.stats.in_packets);
    assert_eq!(figures(&all[0]), (40_000, 7, 2, 3, 70));
    assert_eq!(figures(&dests(&mut house, key, 1).unwrap()[0]), (40_000, 3, 1, 1, 30));
    assert_eq!(figures(&dests(&mut house, key, 2).unwrap()[0]), (40_000, 4, 1, 2, 40));
    for beyond in [3, 64, 255] {
        assert_eq!(dests(&mut house, key, beyond), Err(Code::Invalid));
    }
}

#[test]
fn an_inhibited_dest_keeps_its_weight_for_later() {
    let (mut house, key) = with_service(1);
    add(&mut house, key, dest(1, 5));
    let mut edit = |flags| {
        let asked = DestOf { service: service(key), dest: Dest { flags, ..dest(1, 5) } };
        house.call::<call::DestEdit>(&asked).unwrap();
        let slot = house.dest(&key, 0);
        let seen_by_workers = house.workers[0].current().0.dest(slot).unwrap().settings.weight.0;
        let row = dests(&mut house, key, 0).unwrap()[0];
        (seen_by_workers, row.weight, row.flags)
    };
    assert_eq!(edit(DestFlags::INHIBITED), (0, 5, DestFlags::AVAILABLE | DestFlags::INHIBITED));
    assert_eq!(edit(DestFlags::empty()), (5, 5, DestFlags::AVAILABLE));
}

#[test]
fn counts_begin_again_when_zeroed_and_with_every_tenant() {
    let (mut house, key) = with_service(1);
    add(&mut house, key, dest(1, 1));
    let slot = house.dest(&key, 0);
    let conns = |house: &mut House| dests(house, key, 0).unwrap()[0].stats.conns;
    house.books.dests[0][slot.index()].opened.add(9);
    assert_eq!(conns(&mut house), 9);
    house.call::<call::Zero>(&service(key)).unwrap();
    house.books.dests[0][slot.index()].opened.add(2);
    assert_eq!(conns(&mut house), 2);
    house.books.dests[0][slot.index()].closed.add(11);
    house.call::<call::DestDel>(&DestOf { service: service(key), dest: dest(1, 1) }).unwrap();
    house.master.drain(&house.books).unwrap();
    add(&mut house, key, dest(2, 1));
    assert_eq!(house.dest(&key, 0), slot, "the same slot");
    assert_eq!(conns(&mut house), 0);
}

#[test]
fn rates_are_means_and_a_service_counts_those_that_left() {
    let (mut house, key) = with_service(2);
    add(&mut house, key, dest(1, 1));
    add(&mut house, key, dest(2, 1));
    let slots = [house.dest(&key, 0).index(), house.dest(&key, 1).index()];
    for second in 0..6 {
        house.master.sample(&house.books, Duration::from_secs(second));
        for table in &house.books.dests {
            table[slots[0]].packets[0].add(100);
            table[slots[1]].bytes[1].add(1000);
        }
    }
    let rates = |house: &mut House| {
        let row = house.call::<call::Service>(&service(key)).unwrap().stats;
        (row.in_pps, row.out_bps, row.in_packets)
    };
    assert_eq!(rates(&mut house), (200, 2000, 0), "totals are those of the dests");
    let row = dests(&mut house, key, 1).unwrap()[0];
    assert_eq!((row.stats.in_pps, row.stats.out_bps), (100, 0));
    house.call::<call::DestDel>(&DestOf { service: service(key), dest: dest(2, 1) }).unwrap();
    house.master.drain(&house.books).unwrap();
    assert_eq!(rates(&mut house), (200, 2000, 0));
    for second in 6..16 {
        house.master.sample(&house.books, Duration::from_secs(second));
    }
    assert_eq!(rates(&mut house), (0, 0, 0));
}

#[test]
fn local_addresses_stand_oldest_first_and_pools_are_of_addresses() {
    let (mut house, key) = with_service(2);
    let other = tcp("192.0.2.11", 80);
    house.call::<call::ServiceAdd>(&service(other)).unwrap();
    let laddr = |key, last: u8| LaddrConf {
        key,
        laddr: Some([10, 2, 0, last].into()),
        device: Text::cut("dpdk0"),
        ..LaddrConf::default()
    };
    let entry = IfAddr {
        addr: Some([10, 2, 0, 9].into()),
        plen: 32,
        flags: IfAddrFlags::SAPOOL,
        device: Text::cut("dpdk0"),
        ..IfAddr::default()
    };
    let param = |op, show, entry| IfAddrParam { op, show, entry };
    house.call::<call::IfAddrAdd>(&param(IfAddrOp::Add, IfAddrShow::empty(), entry)).unwrap();
    for (key, last) in [(key, 9), (key, 3), (other, 9)] {
        house.call::<call::LaddrAdd>(&laddr(key, last)).unwrap();
    }
    let slots = [house.laddr(&key, 0).index(), house.laddr(&other, 0).index()];
    house.books.laddrs[0][slots[0]].opened.add(4);
    house.books.laddrs[1][slots[1]].opened.add(2);
    house.books.laddrs[1][slots[1]].missed.add(1);

    let found = house.call::<call::LaddrGet>(&laddr(key, 0)).unwrap().rows;
    assert_eq!(
        found.iter().map(|row| (row.addr.to_string(), row.conns)).collect::<Vec<_>>(),
        [("10.2.0.9".into(), 4), ("10.2.0.3".into(), 0)]
    );
    let all = IfAddr::default();
    let rows = house.call::<call::IfAddrShow>(&param(IfAddrOp::Get, IfAddrShow::VERBOSE, all)).unwrap().rows;
    let pools: Vec<_> =
        rows.iter().map(|row| (row.entry.lcore.0, row.pool.used, row.pool.free, row.pool.miss)).collect();
    assert_eq!(pools, [(0, 6, 64_505, 1), (1, 4, 32_251, 0), (2, 2, 32_254, 1)]);
    let rows = house.call::<call::IfAddrShow>(&param(IfAddrOp::Get, IfAddrShow::empty(), all)).unwrap().rows;
    assert_eq!((rows.len(), rows[0].pool.used), (1, 0));
}
