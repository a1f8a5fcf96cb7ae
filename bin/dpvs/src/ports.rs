//! From devices that EAL found to started ports (docs/spec/netstack.md §1.4, §4.2).

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use conf::dpvs::Config;
use dpdk::{Device, Eal, Pool, PoolConfig, Port};
use ipvs::Homes;

use crate::layout::Layout;

/// How long a start waits for links.
const LINK_WAIT: Duration = Duration::from_secs(30);

/// Packet buffers for all ports: as many as configured for each NUMA node.
pub(crate) fn pool<'eal>(eal: &'eal Eal, config: &Config) -> anyhow::Result<Pool<'eal>> {
    let mtu = config.netif.devices.iter().map(|device| device.mtu).max().unwrap_or(1500);
    let nodes = u32::try_from(eal.nodes().len()).unwrap_or(1).max(1);
    let config = PoolConfig {
        buffers: config.netif.pktpool_size.saturating_mul(nodes),
        cache: config.netif.pktpool_cache,
        mtu,
        node: None,
    };
    let pool = Pool::new(eal, config).context("packet buffers (netif_defs: pktpool_size, pktpool_cache)")?;
    log::info!("{} packet buffers of {} bytes", pool.buffers(), pool.room());
    Ok(pool)
}

/// The devices found, which the file must all name.
pub(crate) fn devices<'eal>(eal: &'eal Eal, config: &Config) -> anyhow::Result<Vec<Device<'eal>>> {
    let devices = eal.devices().unwrap_or_default();
    let (found, named) = (devices.len(), config.netif.devices.len());
    if found == 0 {
        bail!("No dpdk ports found! Give some behind --: -a PCI-ADDRESS or --vdev DEVICE");
    }
    if named < found {
        bail!(
            "ports in DPDK RTE ({found}) != ports in dpvs.conf({named}): give each port a device block in netif_defs, in order"
        );
    }
    Ok(devices)
}

/// Starts each device as the layout asks.
pub(crate) fn start<'pool>(
    devices: Vec<Device<'pool>>,
    pool: &'pool Pool<'pool>,
    config: &Config,
    layout: &Layout,
    homes: &Homes,
) -> anyhow::Result<Vec<Port<'pool>>> {
    let mut ports = Vec::with_capacity(devices.len());
    for (index, device) in devices.into_iter().enumerate() {
        let name = &config.netif.devices[index].name;
        let rss = Some(layout.rss(index, homes)).filter(|_| layout.ports[index].rx_queues > 1);
        let asked = dpdk::PortConfig { rss, ..layout.ports[index].clone() };
        let port = device.start(pool, &asked).with_context(|| format!("device {name} (port {index})"))?;
        describe(name, &port);
        ports.push(port);
    }
    Ok(ports)
}

/// What a port is, and what it got.
fn describe(name: &str, port: &Port<'_>) {
    let report = port.report();
    let [a, b, c, d, e, f] = report.mac;
    log::info!(
        "port {name}: {} ({}), {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}, mtu {}, {} receive and {} transmit queues, RSS {}",
        report.capabilities.device,
        report.capabilities.driver,
        report.mtu,
        report.rx_queues,
        report.tx_queues,
        report.rss,
    );
    for note in &report.notes {
        log::warn!("port {name}: {note}");
    }
}

/// Waits until all links are up, for a while; the others are named, and used as soon as they are up.
pub(crate) fn wait_for_links(ports: &[Port<'_>], config: &Config, stop: impl Fn() -> bool) {
    let deadline = Instant::now() + LINK_WAIT;
    let is_up = |port: &&Port<'_>| port.link().is_ok_and(|link| link.up);
    while !stop() && Instant::now() < deadline && !ports.iter().all(|port| is_up(&port)) {
        thread::sleep(Duration::from_millis(1));
    }
    for (port, device) in ports.iter().zip(&config.netif.devices) {
        if !is_up(&port) {
            log::warn!("port {}: no link; it is used as soon as there is one", device.name);
        }
    }
}
