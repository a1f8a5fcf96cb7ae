//! All rooms and the doors between them: workers, the slow path, and what control reads of them.

use std::sync::Arc;

use anyhow::{Context, ensure};
use conf::dpvs::Config;
use control::Books;
use datapath::{Config as Size, Counters, Doors, Link, Punts, Queries, QueryEnd, Wiring, Worker};
use dpdk::{Mbuf, Pool, Port, Queues, RxQueue, TxQueue};
use flow::QueueId;
use flow::mem::Pages;
use flow::publish::Subscriber;
use ipvs::{Homes, Snapshot, Steering};
use netstack::adjacency::Adjacencies;
use netstack::neighbour::Settings;
use netstack::stack::Stack;
use pktio::RxGroup;

use crate::clock::Uptime;
use crate::layout::{Layout, Place};
use crate::pages::Pages as PageLog;
use crate::punt::Punt;
use crate::recycling::{self, Renewer};
use crate::secrets::Secrets;

/// Packets that a ring between two workers holds.
const DOOR: usize = 2048;
/// Packets that a ring to or from the slow path holds.
const PUNTS: usize = 1024;

/// A port as a worker on DPDK has it.
pub(crate) type PortLink<'port, 'pool> = Link<RxGroup<RxQueue<'port, 'pool>>, TxQueue<'port, 'pool>>;

/// A worker, ready to be sent to its lcore.
pub(crate) struct Room<'port, 'pool> {
    pub(crate) place: Place,
    pub(crate) worker: Worker<Mbuf<'pool>>,
    pub(crate) links: Vec<PortLink<'port, 'pool>>,
}

/// All that is built before the first packet.
pub(crate) struct House<'port, 'pool> {
    pub(crate) rooms: Vec<Room<'port, 'pool>>,
    pub(crate) punt: Punt<&'pool Pool<'pool>>,
    pub(crate) renewer: Renewer,
    pub(crate) books: Books,
    pub(crate) queries: Vec<QueryEnd>,
    pub(crate) pages: PageLog,
}

/// What the house is built from.
pub(crate) struct Plan<'a, 'pool> {
    pub(crate) config: &'a Config,
    pub(crate) layout: &'a Layout,
    pub(crate) homes: Homes,
    pub(crate) secrets: &'a Secrets,
    pub(crate) clock: Uptime,
    pub(crate) pool: &'pool Pool<'pool>,
}

impl<'pool> Plan<'_, 'pool> {
    /// Builds it. `snapshots` has one for each worker, and one more for the slow path.
    pub(crate) fn build<'port>(
        &self,
        ports: &'port [Port<'pool>],
        snapshots: Vec<Subscriber<Snapshot>>,
    ) -> anyhow::Result<House<'port, 'pool>> {
        let workers = self.layout.workers();
        ensure!(snapshots.len() == usize::from(workers) + 1, "a snapshot for each worker and the slow path");
        let (adjacencies, writer) = Adjacencies::new(self.secrets.word()?);
        let settings = Settings {
            queue: usize::from(self.config.neigh.unres_queue_length),
            timeout: self.config.neigh.timeout.0,
            ..Settings::default()
        };
        let stack = Stack::new(self.pool, writer, settings, self.secrets.word()?, self.clock.tick());
        let mut queues = Vec::new();
        for port in ports {
            queues.push(Drawers::new(port.queues().context("a port's queues were taken twice")?));
        }
        let told: Vec<_> = (0..)
            .zip(ports)
            .map(|(index, port)| port.rss().map(|rss| self.layout.by_workers(index, rss)))
            .collect();
        let mut snapshots = snapshots.into_iter();
        let (mut rooms, mut ends, mut query_ends, mut places) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let doors = Doors::between(workers, DOOR).into_iter().zip(Doors::between(workers, DOOR));
        for (place, (doors, relay)) in self.layout.places.iter().zip(doors) {
            let ((punts, punt_end), (queries, query_end)) = (Punts::new(PUNTS), Queries::new());
            ends.push(punt_end);
            query_ends.push(query_end);
            let senders = (0..ports.len()).map(|port| self.layout.sender(place, port)).collect();
            let wiring = Wiring { doors, relay, senders, punts, queries };
            let steering = Steering::new(self.homes.clone(), place.worker, &told);
            let size = self.size(steering, adjacencies.clone());
            let snapshot = snapshots.next().context("a snapshot for each worker")?;
            let worker = Worker::new(size, snapshot, wiring);
            places.push(worker.connections4.addresses());
            let links = queues.iter_mut().zip(&place.queues).map(|(drawers, wanted)| Link {
                rx: RxGroup::new(wanted.rx.iter().filter_map(|id| drawers.take_rx(*id)).collect()),
                tx: wanted.tx.and_then(|id| drawers.take_tx(id)),
            });
            rooms.push(Room { place: place.clone(), worker, links: links.collect() });
        }
        let books = Books {
            dests: rooms.iter().map(|room| room.worker.dests().clone()).collect(),
            laddrs: rooms.iter().map(|room| room.worker.laddrs().clone()).collect(),
            counters: rooms.iter().map(|room| room.worker.counters().clone()).collect::<Vec<Arc<Counters>>>(),
        };
        let snapshot = snapshots.next().context("a snapshot for the slow path")?;
        let (recycling, renewer) = recycling::pair();
        let punt = Punt { stack, ends, snapshot, clock: self.clock, recycling };
        Ok(House { rooms, punt, books, renewer, queries: query_ends, pages: PageLog::new(places) })
    }

    /// Each worker has its share of the connections, of either family: memory is taken as they come.
    fn size(&self, steering: Steering, adjacencies: Arc<Adjacencies>) -> Size {
        let share = self.config.ipvs.conn.conn_pool_size / u32::from(self.layout.workers().max(1));
        Size {
            connections4: share,
            connections6: share,
            pages: Pages::OnTouch,
            secret: self.secrets.hash_key(),
            steering,
            adjacencies,
            start: self.clock.tick(),
        }
    }
}

/// A port's queues, to be taken one by one.
struct Drawers<'port, 'pool> {
    rx: Vec<Option<RxQueue<'port, 'pool>>>,
    tx: Vec<Option<TxQueue<'port, 'pool>>>,
}

impl<'port, 'pool> Drawers<'port, 'pool> {
    fn new(queues: Queues<'port, 'pool>) -> Self {
        let Queues { rx, tx } = queues;
        Self { rx: rx.into_iter().map(Some).collect(), tx: tx.into_iter().map(Some).collect() }
    }

    fn take_rx(&mut self, id: QueueId) -> Option<RxQueue<'port, 'pool>> {
        self.rx.get_mut(usize::from(id.0))?.take()
    }

    fn take_tx(&mut self, id: QueueId) -> Option<TxQueue<'port, 'pool>> {
        self.tx.get_mut(usize::from(id.0))?.take()
    }
}
