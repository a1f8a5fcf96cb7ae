//! The agent's batches and lists: docs/spec/ipc.md §5.4, §5.5, §6.1.

use sockopt::addr::{IfAddr, IfAddrFlags};
use sockopt::dest::{AgentDests, AgentDestsQuery, Dest, DestFlags, Dests, DestsQuery, Forward};
use sockopt::laddr::{AgentLaddr, AgentLaddrs, AgentLaddrsQuery};
use sockopt::{Code, Text, call};

use crate::with_service;

fn dest(last: u8) -> Dest {
    Dest { max_conn: 50, ..Dest::new([10, 1, 0, last].into(), 80, Forward::FullNat) }
}

#[test]
fn batches_of_dests_go_on_and_tell_of_the_last() {
    let (mut house, key) = with_service(2);
    let batch = |rows: Vec<Dest>| AgentDests(Dests { key, rows, ..Dests::default() });
    let bad = Dest { forward: Forward::Nat, ..dest(9) };
    assert_eq!(house.call::<call::AgentDestsAdd>(&batch(vec![dest(1), bad, dest(2)])), Ok(()));
    assert_eq!(house.call::<call::AgentDestsAdd>(&batch(vec![dest(3), bad])), Err(Code::NotSupported));
    let heavier = Dest { weight: 7, max_conn: 60, ..dest(1) };
    assert_eq!(house.call::<call::AgentDestsAdd>(&batch(vec![heavier])), Ok(()), "there: edited");
    // A verdict says weight and inhibition, nothing else.
    let out = Dest { weight: 3, max_conn: 1, flags: DestFlags::INHIBITED, ..dest(2) };
    assert_eq!(house.call::<call::AgentDestsEdit>(&batch(vec![out])), Ok(()));
    assert_eq!(house.call::<call::AgentDestsEdit>(&batch(vec![dest(8)])), Err(Code::NotExist));
    let query = AgentDestsQuery(DestsQuery { key, ..DestsQuery::default() });
    let rows = house.call::<call::AgentDestsGet>(&query).unwrap().0.rows;
    let figures = |row: &Dest| {
        (row.addr.to_string(), row.weight, row.max_conn, row.flags.contains(DestFlags::INHIBITED))
    };
    assert_eq!(
        rows.iter().map(figures).collect::<Vec<_>>(),
        [
            ("10.1.0.3".into(), 1, 50, false),
            ("10.1.0.2".into(), 3, 50, true),
            ("10.1.0.1".into(), 7, 60, false),
        ]
    );
    assert_eq!(house.call::<call::AgentDestsDel>(&batch(vec![dest(8), dest(3)])), Ok(()));
    assert_eq!(house.service(&key).dest_count(), 2);
}

#[test]
fn batches_of_local_addresses_stop_at_what_matters() {
    let (mut house, key) = with_service(1);
    let of = AgentLaddrsQuery { key, ..AgentLaddrsQuery::default() };
    let row = |last: u8, device: &str| AgentLaddr {
        addr: [10, 2, 0, last].into(),
        conns: 0,
        conflicts: 0,
        device: Text::cut(device),
    };
    let batch = |rows: Vec<AgentLaddr>| AgentLaddrs { of, rows };
    let add = batch(vec![row(1, "dpdk0"), row(1, "dpdk0"), row(2, "dpdk1")]);
    assert_eq!(house.call::<call::AgentLaddrAdd>(&add), Ok(()), "a duplicate is passed over");
    assert_eq!(house.call::<call::AgentLaddrAdd>(&batch(vec![row(2, "dpdk0")])), Err(Code::Exist));
    let add = batch(vec![row(3, "dpdk7"), row(4, "dpdk0")]);
    assert_eq!(house.call::<call::AgentLaddrAdd>(&add), Err(Code::NotExist), "no such device: it stops");
    let found = house.call::<call::AgentLaddrGet>(&of).unwrap().rows;
    assert_eq!(found, [row(1, "dpdk0"), row(2, "dpdk1")]);
    let gone = batch(vec![row(9, "dpdk0"), row(1, "dpdk0")]);
    assert_eq!(house.call::<call::AgentLaddrDel>(&gone), Ok(()));
    assert_eq!(house.service(&key).laddrs.len(), 1);
}

#[test]
fn addresses_and_their_pools() {
    let (mut house, _) = with_service(1);
    let entry = IfAddr {
        addr: Some([10, 2, 0, 1].into()),
        plen: 32,
        flags: IfAddrFlags::SAPOOL,
        device: Text::cut("dpdk0"),
        ..IfAddr::default()
    };
    house.call::<call::AgentIfAddrAdd>(&entry).unwrap();
    let expected = IfAddr { flags: IfAddrFlags::SAPOOL | IfAddrFlags::PERMANENT, ..entry };
    assert_eq!(house.call::<call::AgentIfAddrBase>(&IfAddr::default()).unwrap().0, [expected]);
    let pools = house.call::<call::AgentIfAddrStats>(&entry).unwrap().0;
    assert_eq!((pools[0].addr[..4].to_vec(), pools[0].pool.free), (vec![10, 2, 0, 1], 64_511));
    assert_eq!(house.call::<call::AgentIfAddrVerbose>(&entry), Err(Code::NotSupported));
    house.call::<call::AgentIfAddrDel>(&entry).unwrap();
    assert_eq!(house.call::<call::AgentIfAddrDel>(&entry), Err(Code::NotExist));
}
