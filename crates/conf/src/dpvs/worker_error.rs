//! What can be wrong with `worker_defs`, with the numbers that upstream leaves with (docs/spec/netstack.md §3.2).

use thiserror::Error;

use crate::{Finding, Place, Problem, Severity};

use super::values::{CpuId, QueueId};

/// What is wrong with `worker_defs`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the texts are the documentation")]
pub enum WorkerError {
    #[error("rx queue {queue} of {port} is given twice (-2)")]
    RxQueueTwice { port: String, queue: QueueId },
    #[error("tx queue {queue} of {port} is given twice (-3)")]
    TxQueueTwice { port: String, queue: QueueId },
    #[error("the {count} {side} queues of {port} are not 0 … {last} (-4)")]
    QueuesNotDense { port: String, side: Side, count: usize, last: usize },
    #[error("worker {worker} lists {listed} ports, and {exist} exist (-5)")]
    TooManyPorts { worker: String, listed: usize, exist: usize },
    #[error("worker {worker} does not list port {port} (-6)")]
    PortMissing { worker: String, port: String },
    #[error("no worker has a tx queue on {port} (-6)")]
    NoTxQueue { port: String },
    #[error("there is no worker of type slave (-7)")]
    NoWorker,
    #[error("worker {worker} has no {item}")]
    Missing { worker: String, item: &'static str },
    #[error("no device or bond is named {port}")]
    UnknownPort { port: String },
    #[error("worker {worker} lists port {port} twice")]
    PortTwice { worker: String, port: String },
    #[error("lcore {cpu} has a worker already")]
    CpuTwice { cpu: CpuId },
    #[error("lcore {cpu} is the main lcore")]
    CpuIsMain { cpu: CpuId },
    #[error("non-EAL thread lcore {cpu}")]
    NotAnLcore { cpu: CpuId },
    #[error("a kni worker cannot run on lcore 0")]
    KniOnZero,
    #[error("there is a worker of type {kind} already")]
    OneOnly { kind: &'static str },
    #[error("lcore {cpu} is no free EAL lcore; the queue is received by its worker")]
    IsolatedCpu { cpu: CpuId },
    #[error("more lcores than rx_queue_ids")]
    IsolatedTooMany,
    #[error("the master has no queues: its ports are not used")]
    MasterPorts,
}

/// A direction of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Side {
    Rx,
    Tx,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rx => "rx",
            Self::Tx => "tx",
        })
    }
}

impl WorkerError {
    /// The number that upstream leaves with, where it has one.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        match self {
            Self::RxQueueTwice { .. } => Some(-2),
            Self::TxQueueTwice { .. } => Some(-3),
            Self::QueuesNotDense { .. } => Some(-4),
            Self::TooManyPorts { .. } => Some(-5),
            Self::PortMissing { .. } | Self::NoTxQueue { .. } => Some(-6),
            Self::NoWorker => Some(-7),
            _ => None,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::IsolatedCpu { .. } | Self::IsolatedTooMany => Severity::Item,
            Self::MasterPorts => Severity::Note,
            _ => Severity::Worker,
        }
    }

    fn right(&self) -> &'static str {
        match self {
            Self::RxQueueTwice { .. } | Self::TxQueueTwice { .. } => {
                "give each queue of a port to one worker"
            }
            Self::QueuesNotDense { .. } => "number the queues of a port from 0 without gaps",
            Self::TooManyPorts { .. } | Self::PortTwice { .. } => "list each device and bond once",
            Self::PortMissing { .. } => "list every port in every worker that is no master",
            Self::NoTxQueue { .. } => "give tx_queue_ids to at least one worker",
            Self::NoWorker => "add a worker block with type slave",
            Self::Missing { .. } => "add the item",
            Self::UnknownPort { .. } => "name a device or bonding block of netif_defs",
            Self::CpuTwice { .. } | Self::CpuIsMain { .. } => "give each worker an lcore of its own",
            Self::NotAnLcore { .. } => "name an lcore that EAL was started with (-l, -c, --lcores)",
            Self::KniOnZero => "give another lcore",
            Self::OneOnly { .. } => "keep one",
            Self::IsolatedCpu { .. } => "name an EAL lcore that is no worker's",
            Self::IsolatedTooMany => "give one lcore for each of rx_queue_ids",
            Self::MasterPorts => "",
        }
    }

    /// As a finding about `text`.
    #[must_use]
    pub fn at(self, place: Place, text: &str) -> Finding {
        let right = self.right();
        Finding::new(self.severity(), place, text, Problem::Worker(self)).right(right)
    }
}
