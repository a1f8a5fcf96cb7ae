//! End-to-end tests: the daemon as it is installed, on DPDK's af_packet ports, between real programs in namespaces.
//!
//! Each test is a sentence about a daemon of some [`Shape`]; [`sentences!`] makes one test of it per shape that
//! `ARCHITECTURE.md` asks for: one worker and three, on ports of two queues and of one.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use testkit::{Daemon, Lab, LabError, Objects, Plan, Setup, Timeouts, Web, case, fullnat, show};

/// How many threads and queues a daemon has.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Forwarding workers.
    pub workers: u16,
    /// Queue pairs of each port.
    pub queues: u16,
}

impl Shape {
    /// A daemon of that shape.
    #[must_use]
    pub fn setup(self) -> Setup {
        Setup::new(self.workers, self.queues)
    }
}

/// One test per shape of each function `fn(Shape) -> Result<(), LabError>`.
#[macro_export]
macro_rules! sentences {
    ($($sentence:ident,)+) => { $(
        mod $sentence {
            $crate::shapes! { $sentence:
                with_1_worker_on_2_queues = (1, 2),
                with_3_workers_on_2_queues = (3, 2),
                with_1_worker_on_1_queue = (1, 1),
                with_3_workers_on_1_queue = (3, 1),
            }
        }
    )+ };
}

/// The tests of one of the [`sentences!`].
#[macro_export]
macro_rules! shapes {
    ($sentence:ident: $($shape:ident = ($workers:literal, $queues:literal),)+) => { $(
        #[test]
        fn $shape() {
            let name = concat!(stringify!($sentence), "::", stringify!($shape));
            $crate::alone(name, $crate::Shape { workers: $workers, queues: $queues }, super::$sentence);
        }
    )+ };
}

/// Runs one test, alone: daemons poll, and the cores are few.
pub fn alone(name: &str, shape: Shape, body: impl FnOnce(Shape) -> Result<(), LabError>) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    case(name, || body(shape));
}

/// For tests that wait for connections to expire.
pub const TIMEOUTS: Timeouts = Timeouts { short: 2, established: 5 };

/// A configured director with its backends. Fields drop in order: the daemon first.
#[derive(Debug)]
pub struct FullNat {
    /// The daemon.
    pub dpvs: Daemon,
    /// What the web servers serve.
    pub objects: Objects,
    /// The web servers.
    pub webs: Vec<Web>,
    /// The network.
    pub lab: Lab,
}

impl FullNat {
    /// `plan` up, with `objects` objects behind a daemon so set up.
    ///
    /// # Errors
    /// What is missing or fails, see [`LabError`].
    pub fn up(plan: Plan, setup: &Setup, objects: usize) -> Result<Self, LabError> {
        // Before anything is made, so that a skipped test costs nothing.
        for program in ["dpvs", "dpip", "ipvsadm"] {
            testkit::bins::find(program)?;
        }
        let lab = plan.up()?;
        let objects = Objects::generate(&lab, 20_260_101, objects)?;
        let webs =
            fullnat::BACKENDS.iter().map(|(node, _)| lab.on(node).web(&objects)).collect::<Result<_, _>>()?;
        let dpvs = lab.dpvs(setup)?;
        fullnat::configure(&lab)?;
        Ok(Self { dpvs, objects, webs, lab })
    }

    /// Connections listed, connections counted by local address, and local ports in use.
    ///
    /// # Errors
    /// A tool that fails.
    pub fn in_use(&self) -> Result<InUse, LabError> {
        Ok(InUse {
            listed: show::connections(&self.lab.ipvsadm("-lnc")?),
            by_laddr: show::laddr_connections(&self.lab.ipvsadm("-G")?),
            ports: show::sa_used(&self.lab.dpip("-s addr show")?),
        })
    }

    /// Packets received by each queue of `port`.
    ///
    /// # Errors
    /// A tool that fails.
    pub fn queue_packets(&self, port: &str) -> Result<BTreeMap<u16, u64>, LabError> {
        Ok(show::queue_packets(&self.lab.dpip(&format!("-s -v link show {port}"))?))
    }

    /// A counter of `port`; `None` if the daemon shows none of that name.
    ///
    /// # Errors
    /// A tool that fails.
    pub fn port_counter(&self, port: &str, name: &str) -> Result<Option<u64>, LabError> {
        Ok(show::counters(&self.lab.dpip(&format!("-s link show {port}"))?).get(name).copied())
    }

    /// A counter of the workers', summed; `None` if the daemon shows none of that name.
    ///
    /// # Errors
    /// A tool that fails.
    pub fn worker_counter(&self, name: &str) -> Result<Option<u64>, LabError> {
        Ok(show::counters(&self.lab.dpip("-s -v link show cpu")?).get(name).copied())
    }
}

/// What connections hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse {
    /// Lines of `ipvsadm -lnc`.
    pub listed: usize,
    /// Sum of CONNS in `ipvsadm -G`.
    pub by_laddr: Option<u64>,
    /// Sum of `sa_used` in `dpip -s addr show`.
    pub ports: Option<u64>,
}

impl InUse {
    /// Everything is back, and the listings do list local addresses.
    pub const NOTHING: Self = Self { listed: 0, by_laddr: Some(0), ports: Some(0) };
}
