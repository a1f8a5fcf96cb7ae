//! What `-v` adds to a port: the driver's limits, and two texts of the daemon's.

use std::io::{self, Write};

use sockopt::link::PortExt;

use super::cells::{cell, row};

pub(super) fn show(out: &mut impl Write, port: &PortExt) -> io::Result<()> {
    let dev = &port.dev;
    row(out, 32, &[cell("pci_addr", dev.pci_addr), cell("driver_name", dev.driver)])?;
    let rows = [
        [
            cell("if_index", dev.if_index),
            cell("min_rx_bufsize", dev.min_rx_bufsize),
            cell("max_rx_pktlen", dev.max_rx_pktlen),
            cell("max_mac_addrs", dev.max_mac_addrs),
        ],
        [
            cell("max_rx_queues", dev.max_rx_queues),
            cell("max_tx_queues", dev.max_tx_queues),
            cell("max_hash_addrs", dev.max_hash_mac_addrs),
            cell("max_vfs", dev.max_vfs),
        ],
        [
            cell("max_vmdq_pools", dev.max_vmdq_pools),
            cell("rx_ol_capa", hex(dev.rx_offload_capa.into())),
            cell("tx_ol_capa", hex(dev.tx_offload_capa.into())),
            cell("reta_size", dev.reta_size),
        ],
        [
            cell("hash_key_size", dev.hash_key_size),
            cell("flowtype_rss_ol", hex(dev.flow_type_rss_offloads)),
            cell("vmdq_que_base", dev.vmdq_queue_base),
            cell("vmdq_que_num", dev.vmdq_queue_num),
        ],
        [
            cell("rx_desc_max", dev.rx_desc.max),
            cell("rx_desc_min", dev.rx_desc.min),
            cell("rx_desc_align", dev.rx_desc.align),
            cell("vmdq_pool_base", dev.vmdq_pool_base),
        ],
        [
            cell("tx_desc_max", dev.tx_desc.max),
            cell("tx_desc_min", dev.tx_desc.min),
            cell("tx_desc_align", dev.tx_desc.align),
            cell("speed_capa", dev.speed_capa),
        ],
    ];
    rows.iter().try_for_each(|cells| row(out, 16, cells))?;
    text(out, "Queue Configuration", &port.queues)?;
    text(out, "HW mcast list", &port.groups)
}

fn hex(value: u64) -> String {
    format!("0x{value:X}")
}

/// Whole lines of the daemon's; a line without an end was cut.
fn text(out: &mut impl Write, title: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    write!(out, "    {title}:\n{text}")?;
    if text.ends_with('\n') { Ok(()) } else { writeln!(out, "\n     ... (truncated)") }
}
