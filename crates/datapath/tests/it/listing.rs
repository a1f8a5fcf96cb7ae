//! Listings: what a reader gets, piece by piece, while the workers go on.

use std::collections::HashSet;

use datapath::queries::{Answer, ConnRow, MOST_ROWS, Place};
use pktio::pool::Pool;

use crate::frames::{client4, client6, udp};
use crate::rig::{Build, Cluster};
use crate::topology::{VIP4, WAN};
use wire::Addr;

/// Reads one worker's connections whole, an answer at a time.
fn list(cluster: &mut Cluster<'_>) -> (Vec<ConnRow>, usize) {
    let (mut rows, mut answers, mut asked) = (Vec::new(), Vec::new(), 0);
    let mut place = Some(Place::START);
    while let Some(from) = place.take() {
        asked += 1;
        cluster.queries[0].ask(from);
        let mut of_this = 0;
        'answer: for turn in 0.. {
            assert!(turn < 1000, "an answer ends");
            cluster.step(0);
            cluster.queries[0].take(&mut answers);
            for answer in answers.drain(..) {
                match answer {
                    Answer::Row(row) => {
                        rows.push(row);
                        of_this += 1;
                    }
                    Answer::More(next) => {
                        place = Some(next);
                        break 'answer;
                    }
                    Answer::End => break 'answer,
                }
            }
        }
        assert!(of_this <= MOST_ROWS);
    }
    (rows, asked)
}

#[test]
fn every_connection_is_listed_once() {
    let pool = Pool::new(4096);
    let mut cluster = Build::alone(10_000).up(&pool);
    assert_eq!(list(&mut cluster), (vec![], 1));
    cluster.run(WAN, &(0..3000).map(|n| udp(WAN, &client4(n), b"")).collect::<Vec<_>>());
    cluster.run(WAN, &(0..10).map(|n| udp(WAN, &client6(n), b"")).collect::<Vec<_>>());
    let (rows, asked) = list(&mut cluster);
    assert!(asked >= 3, "in pieces");
    let clients: HashSet<_> = rows.iter().map(|row| row.client).collect();
    assert_eq!((rows.len(), clients.len()), (3010, 3010));
    let row = rows.iter().find(|row| row.client.port() == 1007 && row.client.is_ipv4()).expect("listed");
    assert_eq!((row.vip.ip(), row.vip.port(), row.dest.port()), (VIP4.ip(), 80, 8080));
    assert_eq!(row.timeout, crate::rig::IDLE);
    assert!(row.laddr.port() >= flow::ports::LOWEST);
}
