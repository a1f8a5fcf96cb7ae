//! `worker_defs`: who does the work. What must hold between workers is checked in `dpvs/workers.rs`.

use crate::Problem;
use crate::dpvs::block::block;
use crate::dpvs::check::{Choice, Flag, Strict};
use crate::dpvs::lists::{CpuIds, QueueIds};
use crate::dpvs::number::{int, power};
use crate::dpvs::values::{CpuId, QueueId, WorkerKind};

block! {
    /// `worker_defs`.
    Workers;
    items {}
    blocks {}
    lists {
        /// A worker; the name is only a label.
        workers as "worker": Worker;
    }
}

block! {
    /// `worker_defs.worker NAME`.
    Worker named name by label;
    items {
        /// What it does; must be given.
        kind as "type": WorkerKind = WorkerKind::Slave, Strict(Choice(KINDS)), Start, Now;
        /// The EAL lcore it runs on; must be given.
        cpu_id: CpuId = CpuId(0), Strict(int(0..=63)), Start, Now;
        /// It handles all ICMP echo, in builds of upstream that have this.
        icmp_redirect_core: bool = false, Flag, Start, Never;
    }
    blocks {}
    lists {
        /// The worker's queues of one device or bond.
        ports as "port": WorkerPort;
    }
}

impl Workers {
    /// The forwarding workers, by ascending lcore: their order in per-worker arrays.
    #[must_use]
    pub fn forwarding(&self) -> Vec<&Worker> {
        let mut slaves: Vec<_> = self.workers.iter().filter(|w| w.kind == WorkerKind::Slave).collect();
        slaves.sort_by_key(|worker| worker.cpu_id);
        slaves
    }

    /// How many receive and transmit queues a device or bond is to have: those that workers use, not `queue_number`.
    #[must_use]
    pub fn queues(&self, device: &str) -> (usize, usize) {
        let users = self.workers.iter().filter(|worker| worker.kind != WorkerKind::Master);
        let ports = users.flat_map(|worker| &worker.ports).filter(|port| port.device == device);
        ports.fold((0, 0), |(rx, tx), port| (rx + port.rx_queue_ids.len(), tx + port.tx_queue_ids.len()))
    }
}

impl Worker {
    /// Its queues of a device or bond.
    #[must_use]
    pub fn port(&self, device: &str) -> Option<&WorkerPort> {
        self.ports.iter().find(|port| port.device == device)
    }
}

const KINDS: &[(&str, WorkerKind)] =
    &[("master", WorkerKind::Master), ("slave", WorkerKind::Slave), ("kni", WorkerKind::Kni)];

block! {
    /// `worker_defs.worker.port DEVICE`: the worker's queues of one device or bond.
    WorkerPort named device by label;
    items {
        /// Queues that it receives from; may be empty.
        rx_queue_ids: Vec<QueueId> = Vec::new(), Strict(QueueIds), Start, Now;
        /// Queues that it sends to; may be empty.
        tx_queue_ids: Vec<QueueId> = Vec::new(), Strict(QueueIds), Start, Now;
        /// Lcores that poll its receive queues for it, by position; what is no lcore means: polled by itself.
        isol_rx_cpu_ids: Vec<Option<CpuId>> = Vec::new(), CpuIds, Start, Later;
        /// Packets that may wait between such an lcore and the worker.
        isol_rxq_ring_sz: u32 = 1_048_576, power(0..=2_147_483_648), Start, Later;
    }
    blocks {}
    lists {}
}

/// Any word will do.
fn label(name: &str) -> Result<(), Problem> {
    if name.contains(['"', char::REPLACEMENT_CHARACTER]) { Err(Problem::BadName) } else { Ok(()) }
}
