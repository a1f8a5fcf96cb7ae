//! The EAL: DPDK's process-wide state. Brought up once, taken down when [`Eal`] is dropped, which the borrow checker puts after
//! all pools and ports.
//!
//! Whoever brings it up becomes the main lcore: that thread is bound to the main lcore's CPU, and so is every thread that it
//! starts later, unless that one takes [`Eal::original_affinity`] on.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};
use std::iter;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use dpdk_sys as sys;
use pktio::PortId;

use crate::affinity::Affinity;
use crate::device::Device;
use crate::errno::Errno;

/// Why the EAL did not come up. What it said itself stands on stderr.
#[derive(Debug, thiserror::Error)]
pub enum EalError {
    /// It was brought up before in this process; also if that failed or it was taken down again.
    #[error("the EAL was started before in this process; it can be started only once")]
    Again,
    /// An argument contains a zero byte.
    #[error("EAL argument {0}: contains a zero byte")]
    Zero(usize),
    /// Too many arguments.
    #[error("{0} EAL arguments: too many")]
    TooMany(usize),
    /// It refused.
    #[error("the EAL did not start: {0}{hint}; its own messages stand above", hint = hint(*.0))]
    Refused(Errno),
}

fn hint(errno: Errno) -> &'static str {
    match errno {
        Errno::ACCES | Errno::PERM => {
            " (hugepages and devices need rights: run as root, or see --in-memory and --no-huge)"
        }
        Errno::NOMEM => " (no hugepages free? `echo 1024 > /proc/sys/vm/nr_hugepages`, or --no-huge -m 512)",
        Errno::INVAL => " (an argument is wrong)",
        _ => "",
    }
}

/// An lcore: a thread of EAL's, by its number in `--lcores`. It is no CPU number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LcoreId(pub u16);

/// A NUMA node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumaNode(pub u16);

impl NumaNode {
    /// As DPDK has it: negative is "any" or "unknown".
    pub(crate) fn from_raw(socket: i32) -> Option<Self> {
        u16::try_from(socket).ok().map(Self)
    }

    pub(crate) fn to_raw(node: Option<Self>) -> i32 {
        node.map_or(-1, |node| i32::from(node.0))
    }
}

/// What is known of an lcore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lcore {
    /// Its number.
    pub id: LcoreId,
    /// The CPUs that it may run on; mostly one.
    pub cpus: Vec<u16>,
    /// Where its memory is near.
    pub node: NumaNode,
}

impl Lcore {
    fn read(id: LcoreId) -> Self {
        let lcore = u32::from(id.0);
        // SAFETY: `lcore` is enabled; both only read EAL's tables.
        let (node, runs_on) = unsafe {
            (sys::rte_lcore_to_socket_id(lcore), |cpu: &u16| {
                sys::shim_lcore_runs_on(lcore, i32::from(*cpu)) != 0
            })
        };
        let node = NumaNode(u16::try_from(node).unwrap_or(0));
        Self { id, cpus: (0..MAX_CPUS).filter(runs_on).collect(), node }
    }
}

/// Of a CPU set in libc.
const MAX_CPUS: u16 = 1024;

/// The EAL, up and running. It stays on the thread that brought it up: only that one may start workers.
#[derive(Debug)]
pub struct Eal {
    main: Lcore,
    workers: Vec<Lcore>,
    original: Affinity,
    devices_given: Cell<bool>,
    one_thread: PhantomData<*const ()>,
}

impl Eal {
    /// Brings it up with `args` (without a program name) and binds this thread to the main lcore.
    pub fn init<S: AsRef<str>>(args: impl IntoIterator<Item = S>) -> Result<Self, EalError> {
        let args = c_strings(args)?;
        let original = Affinity::of_this_thread();
        let count = i32::try_from(args.len()).map_err(|_| EalError::TooMany(args.len()))?;
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::Relaxed) {
            return Err(EalError::Again);
        }
        // EAL reorders the list and keeps pointers to the texts: both stay for good.
        let texts = args.into_iter().map(CString::into_raw).chain([std::ptr::null_mut()]);
        let list: &'static mut [*mut c_char] = Box::leak(texts.collect());
        // SAFETY: `list` holds `count` texts and a null, as `main`'s would, and lives for ever; no one else called this.
        if unsafe { sys::rte_eal_init(count, list.as_mut_ptr()) } < 0 {
            return Err(EalError::Refused(Errno::last()));
        }
        // SAFETY: EAL is up.
        let main = unsafe { sys::rte_get_main_lcore() };
        let main = Lcore::read(LcoreId(u16::try_from(main).unwrap_or(0)));
        let workers = worker_ids().map(Lcore::read).collect();
        Ok(Self { main, workers, original, devices_given: Cell::new(false), one_thread: PhantomData })
    }

    /// DPDK's name and version.
    #[must_use]
    pub fn version() -> String {
        // SAFETY: a constant text.
        unsafe { CStr::from_ptr(sys::rte_version()) }.to_string_lossy().into_owned()
    }

    /// The lcore of the thread that brought EAL up.
    #[must_use]
    pub fn main_lcore(&self) -> &Lcore {
        &self.main
    }

    /// The other lcores, by ascending number.
    #[must_use]
    pub fn workers(&self) -> &[Lcore] {
        &self.workers
    }

    /// The CPUs that this thread might use before it became the main lcore: for threads that shall not share its CPU.
    #[must_use]
    pub fn original_affinity(&self) -> Affinity {
        self.original
    }

    /// The NUMA nodes that have lcores, ascending.
    #[must_use]
    pub fn nodes(&self) -> Vec<NumaNode> {
        let mut nodes: Vec<_> = self.workers.iter().chain([&self.main]).map(|lcore| lcore.node).collect();
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// Whether packet memory lies on hugepages (`false` with `--no-huge`).
    #[must_use]
    pub fn has_hugepages(&self) -> bool {
        // SAFETY: reads EAL's configuration.
        unsafe { sys::rte_eal_has_hugepages() != 0 }
    }

    /// The devices found, in EAL's order (docs/spec/netstack.md §1.4). They are given away once: `None` after that.
    #[must_use]
    pub fn devices(&self) -> Option<Vec<Device<'_>>> {
        (!self.devices_given.replace(true)).then(|| port_ids().map(Device::new).collect())
    }
}

impl Drop for Eal {
    fn drop(&mut self) {
        // SAFETY: all that borrows the EAL is gone: pools, ports, and workers, which `launch` waited for.
        unsafe { sys::rte_eal_cleanup() };
    }
}

fn c_strings<S: AsRef<str>>(args: impl IntoIterator<Item = S>) -> Result<Vec<CString>, EalError> {
    let mut list = vec![CString::from(c"dpvs")];
    for (index, arg) in args.into_iter().enumerate() {
        list.push(CString::new(arg.as_ref()).map_err(|_| EalError::Zero(index))?);
    }
    Ok(list)
}

fn worker_ids() -> impl Iterator<Item = LcoreId> {
    // SAFETY: reads EAL's tables; any number is allowed, the largest starts from the beginning.
    let next = |after: u32| unsafe { sys::rte_get_next_lcore(after, 1, 0) };
    let enabled = move |lcore: &u32| *lcore < sys::SHIM_NO_LCORE;
    iter::successors(Some(next(u32::MAX)).filter(enabled), move |&lcore| Some(next(lcore)).filter(enabled))
        .filter_map(|lcore| u16::try_from(lcore).ok().map(LcoreId))
}

/// All ports but those that belong to another one (a bond's slaves stay in, a failsafe's do not).
fn port_ids() -> impl Iterator<Item = PortId> {
    let next = |from: u16| {
        // SAFETY: reads the table of ports; any number is allowed.
        let port = unsafe { sys::rte_eth_find_next_owned_by(from, sys::SHIM_NO_OWNER) };
        u16::try_from(port).ok().filter(|_| port < sys::SHIM_NO_PORT)
    };
    iter::successors(next(0), move |&port| next(port + 1)).map(PortId)
}
