//! Who works where: `worker_defs` as workers on lcores with queues of ports (docs/spec/netstack.md §3.1, §3.2).

use conf::dpvs::Config;
use dpdk::{Accept, FastFree, LcoreId, PortConfig, RSS_TABLE, RssConfig};
use flow::{QueueId, WorkerId};
use ipvs::Homes;
use pktio::Rss;
use pktio::rss::Fields;

/// A worker's queues of one port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PortQueues {
    /// Those that it receives from.
    pub(crate) rx: Vec<QueueId>,
    /// That which it sends by.
    pub(crate) tx: Option<QueueId>,
}

/// A worker to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) worker: WorkerId,
    pub(crate) lcore: LcoreId,
    /// By port.
    pub(crate) queues: Vec<PortQueues>,
}

/// All workers and what they need of each port.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// By worker: its rank among the forwarding workers, in order of lcores.
    pub(crate) places: Vec<Place>,
    /// By port: what it is asked for.
    pub(crate) ports: Vec<PortConfig>,
}

impl Layout {
    /// What a checked configuration says of its first `ports` devices.
    pub(crate) fn of(config: &Config, ports: usize) -> Self {
        let devices = &config.netif.devices[..ports.min(config.netif.devices.len())];
        let workers = config.workers.forwarding();
        let places = (0..).zip(&workers).map(|(rank, worker)| Place {
            worker: WorkerId(rank),
            lcore: LcoreId(worker.cpu_id.0),
            queues: devices
                .iter()
                .map(|device| {
                    let port = worker.port(&device.name);
                    let ids = |list: &[conf::dpvs::QueueId]| list.iter().map(|id| QueueId(id.0)).collect();
                    let rx: Vec<QueueId> = port.map(|port| ids(&port.rx_queue_ids)).unwrap_or_default();
                    let tx: Vec<QueueId> = port.map(|port| ids(&port.tx_queue_ids)).unwrap_or_default();
                    PortQueues { rx, tx: tx.first().copied() }
                })
                .collect(),
        });
        let accept = |all| if all { Accept::All } else { Accept::Own };
        let ports = devices.iter().map(|device| {
            let (rx, tx) = config.workers.queues(&device.name);
            let count = |queues| u16::try_from(queues).unwrap_or(u16::MAX);
            PortConfig {
                rx_queues: count(rx),
                tx_queues: count(tx),
                rx_desc: device.rx.descriptor_number,
                tx_desc: device.tx.descriptor_number,
                mtu: device.mtu,
                promiscuous: accept(device.promisc_mode),
                allmulticast: accept(device.allmulticast),
                rss: None,
                fast_free: if device.tx.mbuf_fast_free { FastFree::WherePossible } else { FastFree::Off },
            }
        });
        Self { places: places.collect(), ports: ports.collect() }
    }

    /// How many workers.
    pub(crate) fn workers(&self) -> u16 {
        u16::try_from(self.places.len()).unwrap_or(u16::MAX)
    }

    /// What a port is asked to do so that packets arrive at home, as far as queues allow.
    pub(crate) fn rss(&self, port: usize, homes: &Homes) -> RssConfig {
        let queues = self.ports[port].rx_queues.max(1);
        let queue_of = |worker: WorkerId| {
            let own = self.places[usize::from(worker.0)].queues[port].rx.first().copied();
            own.unwrap_or(QueueId(worker.0 % queues))
        };
        let mut homes_of = homes.table().iter().map(|worker| queue_of(*worker));
        let table: [QueueId; RSS_TABLE] = std::array::from_fn(|_| homes_of.next().unwrap_or_default());
        let fields = Fields::AddressesAndPorts;
        RssConfig { key: *homes.key(), table, tcp: fields, udp: fields }
    }

    /// What a port does, by workers instead of queues: what the owner function can be compared with.
    pub(crate) fn by_workers(&self, port: usize, rss: &Rss) -> Rss {
        let owner_of = |queue: QueueId| {
            let owns = |place: &&Place| place.queues[port].rx.contains(&queue);
            self.places.iter().find(owns).map_or(QueueId(u16::MAX), |place| QueueId(place.worker.0))
        };
        Rss { table: rss.table.iter().map(|queue| owner_of(*queue)).collect(), ..rss.clone() }
    }

    /// Who sends by a port for a worker that has no transmit queue there: the worker that has queue (own rank mod number of
    /// queues). `None` if the worker has one, or nobody has.
    pub(crate) fn sender(&self, place: &Place, port: usize) -> Option<WorkerId> {
        if place.queues[port].tx.is_some() {
            return None;
        }
        let senders: Vec<_> = self.places.iter().filter(|other| other.queues[port].tx.is_some()).collect();
        let rank = usize::from(place.worker.0).checked_rem(senders.len())?;
        Some(senders[rank].worker)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use flow::toeplitz::MICROSOFT_KEY;

    use super::*;

    fn layout(workers: &[(u16, &str, &str)]) -> Layout {
        let mut text = String::from(
            "netif_defs {\n device a {\n }\n device b {\n mtu 9000\n }\n}\nworker_defs {\n worker m {\n type master\n cpu_id 0\n }\n",
        );
        for (cpu, rx, tx) in workers {
            text += &format!("worker w{cpu} {{\n type slave\n cpu_id {cpu}\n");
            for device in ["a", "b"] {
                text += &format!(" port {device} {{\n rx_queue_ids {rx}\n tx_queue_ids {tx}\n }}\n");
            }
            text += "}\n";
        }
        text += "}\n";
        let source = conf::Memory::default().with("dpvs.conf", text);
        let loaded = conf::dpvs::load(&source, Path::new("dpvs.conf"));
        assert_eq!(loaded.verdict(conf::Occasion::Start), conf::Verdict::Go, "{:?}", loaded.findings);
        Layout::of(&loaded.config, 2)
    }

    #[test]
    fn workers_are_ranked_by_lcore() {
        let layout = layout(&[(5, "1", "1"), (2, "0", "0")]);
        let ranked: Vec<_> =
            layout.places.iter().map(|p| (p.worker.0, p.lcore.0, p.queues[1].rx[0].0)).collect();
        assert_eq!(ranked, [(0, 2, 0), (1, 5, 1)]);
        assert_eq!((layout.ports[1].rx_queues, layout.ports[1].tx_queues, layout.ports[1].mtu), (2, 2, 9000));
    }

    #[test]
    fn a_port_with_a_queue_for_each_is_asked_to_deliver_home() {
        let layout = layout(&[(1, "2", "2"), (2, "0", "0"), (3, "1", "1")]);
        let homes = Homes::draw(3, [MICROSOFT_KEY]).expect("steers");
        let asked = layout.rss(0, &homes);
        let rss = Rss { table: asked.table.into(), ..homes.rss() };
        let told = layout.by_workers(0, &rss);
        assert!(told.table.iter().zip(homes.table()).all(|(queue, home)| queue.0 == home.0));
        let steering = ipvs::Steering::new(homes, WorkerId(0), &[Some(told)]);
        assert_eq!(steering.deliveries(pktio::PortId(0)), [ipvs::steering::Delivery::Home; 2]);
    }

    #[test]
    fn who_has_no_queue_is_served_by_rank() {
        let layout = layout(&[(1, "0", "0"), (2, "1", "1"), (3, "", "")]);
        let senders: Vec<_> = layout.places.iter().map(|place| layout.sender(place, 0)).collect();
        assert_eq!(senders, [None, None, Some(WorkerId(0))]);
        let homes = Homes::draw(3, [MICROSOFT_KEY]).expect("steers");
        assert!(layout.rss(0, &homes).table.iter().all(|queue| queue.0 < 2));
    }
}
