//! What listings want to know of ports and lcores (docs/spec/netstack.md §4.8, docs/spec/cli.md §3.3).

use std::fmt::Write;

use conf::dpvs::Config;
use control::{Books, LinkView};
use dpdk::{Accept, Eal, Lcore, LcoreId as EalLcore, Pool, Port};
use pktio::PortId;
use sockopt::lcore::{LcoreBasic, LcoreMask, LcoreStats};
use sockopt::link::{
    PortBasic, PortDev, PortExt, PortFlags, PortList, PortName, PortStats, PortXstats, QueueStats, Xstat,
};
use sockopt::{LcoreId, Text};

use crate::layout::{Layout, Place};

/// Ports, workers, and where they run.
pub(crate) struct View<'a, 'pool> {
    ports: &'a [Port<'pool>],
    names: Vec<String>,
    places: Vec<Place>,
    main: Lcore,
    lcores: Vec<Lcore>,
    books: Books,
    pool: &'pool Pool<'pool>,
}

impl<'a, 'pool> View<'a, 'pool> {
    pub(crate) fn new(
        eal: &Eal,
        ports: &'a [Port<'pool>],
        layout: &Layout,
        config: &Config,
        books: &Books,
        pool: &'pool Pool<'pool>,
    ) -> Self {
        Self {
            ports,
            names: config.netif.devices.iter().map(|device| device.name.clone()).collect(),
            places: layout.places.clone(),
            main: eal.main_lcore().clone(),
            lcores: eal.workers().to_vec(),
            books: books.clone(),
            pool,
        }
    }

    /// How many ports.
    pub(crate) fn ports(&self) -> usize {
        self.ports.len()
    }

    /// What a port is called.
    pub(crate) fn name(&self, port: PortId) -> &str {
        self.names.get(usize::from(port.0)).map_or("?", String::as_str)
    }

    fn find(&self, name: &str) -> Option<(usize, &Port<'pool>)> {
        let index = self.names.iter().position(|known| known == name)?;
        Some((index, self.ports.get(index)?))
    }

    fn place(&self, lcore: LcoreId) -> Option<(usize, &Place)> {
        self.places.iter().enumerate().find(|(_, place)| id(place.lcore) == lcore)
    }

    /// A worker's queues of all ports, as `dpip link show cpu` prints them.
    fn queue_text(&self, place: &Place) -> String {
        let mut text = String::new();
        for (name, queues) in self.names.iter().zip(&place.queues) {
            let tx: Vec<_> = queues.tx.into_iter().collect();
            for row in 0..queues.rx.len().max(tx.len()) {
                let cell = |side: &str, queue: Option<&flow::QueueId>| match queue {
                    Some(queue) => format!("{name}:{side}{}", queue.0),
                    None => "--".to_owned(),
                };
                let (rx, tx) = (cell("rx", queues.rx.get(row)), cell("tx", tx.get(row)));
                let _ = write!(text, "{rx:<16}{tx:<16}");
            }
        }
        text
    }

    /// Which lcores a port's queues belong to: lines of `rxN-txN` and `cpuA-cpuB`.
    fn queue_map(&self, port: usize) -> String {
        let report = self.ports[port].report();
        let mut text = String::new();
        for queue in (0..report.rx_queues.max(report.tx_queues)).map(flow::QueueId) {
            let rx = self.places.iter().find(|place| place.queues[port].rx.contains(&queue));
            let tx = self.places.iter().find(|place| place.queues[port].tx == Some(queue));
            let cpu =
                |place: Option<&Place>| place.map_or("xx".to_owned(), |place| place.lcore.0.to_string());
            let (name, cpus) = (format!("rx{0}-tx{0}", queue.0), format!("cpu{}-cpu{}", cpu(rx), cpu(tx)));
            let _ = writeln!(text, "    {name:<12}{cpus:<25}");
        }
        text
    }
}

/// An lcore as messages name it; they have a byte for it.
fn id(lcore: EalLcore) -> LcoreId {
    LcoreId(u8::try_from(lcore.0).unwrap_or(u8::MAX))
}

fn byte(n: u16) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

impl LinkView for View<'_, '_> {
    fn master(&self) -> LcoreId {
        id(self.main.id)
    }

    fn worker(&self, worker: usize) -> LcoreId {
        self.places.get(worker).map_or(LcoreId(u8::MAX), |place| id(place.lcore))
    }

    fn list(&self) -> PortList {
        let count = u16::try_from(self.ports.len()).unwrap_or(u16::MAX);
        let name = |(id, name): (u16, &String)| PortName { id, name: Text::cut(name) };
        PortList {
            physical: (0, count),
            bonds: PortList::NO_BOND,
            rows: (0..count).zip(&self.names).map(name).collect(),
        }
    }

    fn basic(&self, name: &str) -> Option<PortBasic> {
        let (_, port) = self.find(name)?;
        let (report, link) = (port.report(), port.link().unwrap_or_default());
        let mut flags = PortFlags::empty();
        flags.set(PortFlags::PROMISC, port.promiscuous() == Accept::All);
        flags.set(PortFlags::ALLMULTICAST, port.allmulticast() == Accept::All);
        flags.set(PortFlags::RX_IP_CSUM, report.rx.ipv4_checksum);
        flags.set(PortFlags::TX_IP_CSUM, report.tx.ipv4_checksum);
        flags.set(PortFlags::TX_TCP_CSUM, report.tx.tcp_checksum);
        flags.set(PortFlags::TX_UDP_CSUM, report.tx.udp_checksum);
        flags.set(PortFlags::TX_FAST_FREE, report.tx.fast_free);
        let [a, b, c, d, e, f] = port.mac().unwrap_or(report.mac);
        Some(PortBasic {
            name: Text::cut(name),
            mac: Text::cut(&format!("{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{f:02X}")),
            link_status: Text::cut(if link.up { "UP" } else { "DOWN" }),
            link_duplex: Text::cut(if link.full_duplex { "full-duplex" } else { "half-duplex" }),
            link_autoneg: Text::cut(if link.autoneg { "auto-nego" } else { "fixed-nego" }),
            link_speed: link.speed.unwrap_or(0),
            rx_queues: byte(report.rx_queues),
            tx_queues: byte(report.tx_queues),
            socket: report.capabilities.node.map_or(0, |node| byte(node.0)),
            id: port.id().0,
            mtu: report.mtu,
            flags,
        })
    }

    fn stats(&self, name: &str) -> Option<PortStats> {
        let (_, port) = self.find(name)?;
        let stats = port.stats().ok()?;
        let queue = |n: usize| QueueStats {
            in_packets: stats.q_ipackets[n],
            out_packets: stats.q_opackets[n],
            in_bytes: stats.q_ibytes[n],
            out_bytes: stats.q_obytes[n],
            errors: stats.q_errors[n],
        };
        Some(PortStats {
            id: port.id().0,
            mbuf_free: self.pool.available(),
            mbuf_used: self.pool.in_use(),
            in_packets: stats.ipackets,
            out_packets: stats.opackets,
            in_bytes: stats.ibytes,
            out_bytes: stats.obytes,
            in_missed: stats.imissed,
            in_errors: stats.ierrors + port.oversize(),
            out_errors: stats.oerrors + port.unsendable(),
            no_mbuf: stats.rx_nombuf,
            queues: std::array::from_fn(|n| {
                if n < stats.q_errors.len() { queue(n) } else { QueueStats::default() }
            }),
        })
    }

    fn xstats(&self, name: &str) -> Option<PortXstats> {
        let (_, port) = self.find(name)?;
        let rows = port.xstats().unwrap_or_default();
        let row = |x: dpdk::Xstat| Xstat { id: x.id, value: x.value, name: Text::cut(&x.name) };
        Some(PortXstats { id: port.id().0, rows: rows.into_iter().map(row).collect() })
    }

    fn ext(&self, name: &str) -> Option<PortExt> {
        let (index, port) = self.find(name)?;
        let c = &port.report().capabilities;
        let dev = PortDev {
            pci_addr: Text::cut(&c.bus),
            driver: Text::cut(&c.driver),
            if_index: c.if_index.unwrap_or(0),
            min_rx_bufsize: c.min_rx_bufsize,
            max_rx_pktlen: c.max_rx_pktlen,
            max_mac_addrs: c.max_mac_addrs,
            max_rx_queues: c.max_rx_queues,
            max_tx_queues: c.max_tx_queues,
            reta_size: c.reta_size.into(),
            hash_key_size: c.hash_key_size,
            ..PortDev::default()
        };
        Some(PortExt { id: port.id().0, dev, queues: self.queue_map(index), ..PortExt::default() })
    }

    fn lcores(&self) -> LcoreMask {
        let bit = |place: &Place| 1u64.checked_shl(place.lcore.0.into()).unwrap_or(0);
        LcoreMask {
            master: self.master(),
            kni: LcoreId(0),
            workers: self.places.iter().map(bit).fold(0, |mask, bit| mask | bit),
            isolated: 0,
        }
    }

    fn lcore_basic(&self, lcore: LcoreId) -> Option<LcoreBasic> {
        let known = self.lcores.iter().chain([&self.main]).find(|known| id(known.id) == lcore)?;
        let queues = self.place(lcore).map(|(_, place)| self.queue_text(place)).unwrap_or_default();
        Some(LcoreBasic { lcore, socket: byte(known.node.0), queues })
    }

    fn lcore_stats(&self, lcore: LcoreId) -> Option<LcoreStats> {
        if lcore == self.master() {
            return Some(LcoreStats { lcore, ..LcoreStats::default() });
        }
        let (worker, _) = self.place(lcore)?;
        let counters = self.books.counters.get(worker)?;
        let (turns, idle) = (counters.turns.read(), counters.idle_turns.read());
        Some(LcoreStats {
            lcore,
            loops: turns,
            bursts: turns,
            empty_bursts: idle,
            in_packets: counters.received.read(),
            out_packets: counters.sent.read(),
            dropped: counters.all_dropped(),
            ..LcoreStats::default()
        })
    }
}
