//! Every item of `dpvs.conf`: docs/spec/netstack.md §2.5 as rows, one file per group of blocks.
//!
//! A row reads: what it does, keyword, type, default, check, when a change takes effect, whether it has effect here.

mod globals;
mod ipvs;
mod netif;
mod stack;
mod workers;

pub use globals::Globals;
pub use ipvs::{Conn, ConnReuseState, Ipvs, SynackOptions, Synproxy, Tcp, TcpTimeouts, Udp, UdpTimeouts};
pub use netif::{Bond, BondError, Device, DeviceRx, DeviceTx, Netif};
pub use stack::{Ctrl, Fragment, Ipset, Ipv4, Ipv6, LcoreMsg, Lpm6, Neigh, Route6, SaPool, Timers};
pub use workers::{Worker, WorkerPort, Workers};

use super::block::block;

block! {
    /// A whole `dpvs.conf`, every item with the value that holds.
    Config;
    items {}
    blocks {
        /// The daemon as a whole.
        globals as "global_defs": Globals;
        /// Packet buffers, devices and bonds.
        netif as "netif_defs": Netif;
        /// Who does the work: the lcores and their queues.
        workers as "worker_defs": Workers;
        /// Timers.
        timers as "timer_defs": Timers;
        /// Neighbours (ARP and ND).
        neigh as "neigh_defs": Neigh;
        /// Address sets.
        ipset as "ipset_defs": Ipset;
        /// IPv4.
        ipv4 as "ipv4_defs": Ipv4;
        /// IPv6.
        ipv6 as "ipv6_defs": Ipv6;
        /// The control plane.
        ctrl as "ctrl_defs": Ctrl;
        /// The load balancer (docs/spec/datapath.md §21).
        ipvs as "ipvs_defs": Ipvs;
        /// Local addresses and their ports.
        sa_pool: SaPool;
    }
    lists {}
}
