//! Requests as bytes, replies as bytes, and the model between: what tools see.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod agent;
mod golden;
mod listings;
mod refusals;

use control::command::{AddDevice, Command};
use control::edge::{Desk, LinkView, Outcome, handle};
use control::{Books, Master, Model};
use flow::publish::Subscriber;
use ipvs::Snapshot;
use ipvs::book::{dest_table, laddr_table};
use ipvs::service::{DestSlot, LaddrSlot};
use netstack::device::{Device, DeviceId};
use pktio::PortId;
use sockopt::body::to_vec;
use sockopt::lcore::{LcoreBasic, LcoreMask, LcoreStats};
use sockopt::link::{PortBasic, PortExt, PortList, PortStats, PortXstats};
use sockopt::server::Token;
use sockopt::service::{Key, Service};
use sockopt::{Body, Call, Code, Id, LcoreId, Protocol, Reply, Request, Text, call};

/// Workers on lcores 1 and up, the master on 0, no ports.
struct NoLinks;

impl LinkView for NoLinks {
    fn master(&self) -> LcoreId {
        LcoreId(0)
    }
    fn worker(&self, worker: usize) -> LcoreId {
        LcoreId(u8::try_from(worker).unwrap() + 1)
    }
    fn list(&self) -> PortList {
        PortList { physical: (0, 0), bonds: PortList::NO_BOND, rows: Vec::new() }
    }
    fn basic(&self, _: &str) -> Option<PortBasic> {
        None
    }
    fn stats(&self, _: &str) -> Option<PortStats> {
        None
    }
    fn xstats(&self, _: &str) -> Option<PortXstats> {
        None
    }
    fn ext(&self, _: &str) -> Option<PortExt> {
        None
    }
    fn lcores(&self) -> LcoreMask {
        LcoreMask { workers: 0b110, ..LcoreMask::default() }
    }
    fn lcore_basic(&self, _: LcoreId) -> Option<LcoreBasic> {
        None
    }
    fn lcore_stats(&self, _: LcoreId) -> Option<LcoreStats> {
        None
    }
}

/// A master with devices dpdk0 and dpdk1, and workers that adopt at once.
struct House {
    master: Master,
    workers: Vec<Subscriber<Snapshot>>,
    books: Books,
}

fn device(id: u16) -> Command {
    let name = format!("dpdk{id}").parse().unwrap();
    let mac = [2, 0, 0, 0, 0, u8::try_from(id).unwrap()];
    AddDevice(Device { id: DeviceId(id), name, mac, mtu: 1500, port: PortId(id), vlan: None }).into()
}

impl House {
    fn new(workers: usize) -> Self {
        let (mut master, subscribers) = Master::new(Model::new(Snapshot::empty(1)), workers);
        master.transact(&[device(0), device(1)]).unwrap();
        let books = Books {
            dests: (0..workers).map(|_| dest_table()).collect(),
            laddrs: (0..workers).map(|_| laddr_table()).collect(),
            counters: (0..workers).map(|_| Default::default()).collect(),
        };
        Self { master, workers: subscribers, books }
    }

    fn handle(&mut self, id: Id, body: Vec<u8>) -> Outcome {
        let request = Request { token: Token::default(), id, body };
        let desk =
            &mut Desk { master: &mut self.master, books: &self.books, links: &NoLinks, pool_hash_size: 1 };
        let outcome = handle(&request, desk);
        self.workers.iter_mut().for_each(|worker| worker.adopt_if(|_| true));
        outcome
    }

    /// What the client gets: a code, and a body.
    fn bytes(&mut self, id: Id, body: Vec<u8>) -> Result<Vec<u8>, Code> {
        let reply = match self.handle(id, body) {
            Outcome::Reply(reply) => reply,
            Outcome::AfterAdoption(generation, reply) => {
                assert!(self.master.adopted() >= generation);
                reply
            }
            Outcome::Connections(_) => panic!("not asked for here"),
            Outcome::Refused(refusal) => {
                assert!(!refusal.to_string().is_empty() && !refusal.hint().is_empty());
                refusal.reply()
            }
        };
        match reply {
            Reply::Done(body) => Ok(body),
            Reply::Refused(code) => Err(code),
        }
    }

    /// The same with values.
    fn call<C: Call>(&mut self, request: &C::Request) -> Result<C::Reply, Code> {
        self.bytes(C::ID, to_vec(request)).map(|body| C::Reply::decode(&body).unwrap())
    }

    fn dest(&self, service: &Key, place: usize) -> DestSlot {
        self.service(service).dest(place).unwrap()
    }

    fn laddr(&self, service: &Key, place: usize) -> LaddrSlot {
        self.service(service).laddrs[place]
    }

    fn service(&self, service: &Key) -> &ipvs::service::Service {
        let vip = service.addr.unwrap();
        let mut all = self.master.model().services().map(|(_, found)| found);
        all.find(|found| found.key.vip == vip && found.key.port == service.port).unwrap()
    }
}

fn tcp(vip: &str, port: u16) -> Key {
    Key::of(Protocol::TCP, vip.parse().unwrap(), port)
}

fn service(key: Key) -> Service {
    Service { key, scheduler: Text::cut("rr"), ..Service::default() }
}

/// A house with one service.
fn with_service(workers: usize) -> (House, Key) {
    let (mut house, key) = (House::new(workers), tcp("192.0.2.10", 80));
    house.call::<call::ServiceAdd>(&service(key)).unwrap();
    (house, key)
}
