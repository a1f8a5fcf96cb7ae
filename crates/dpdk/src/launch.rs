//! Work on EAL's own threads, one closure per worker lcore, as `std::thread::scope` does it with threads of its own.
//!
//! The invariant: [`Eal::launch`] returns (or unwinds) only after every closure that was started has returned. So they may
//! borrow what lives outside of it, and whatever that is cannot be dropped under them. It does not make them return: they look
//! at a flag that the main closure sets.

use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe};
use std::process;

use dpdk_sys as sys;

use crate::eal::{Eal, Lcore, LcoreId};
use crate::errno::{Errno, check};

/// Why work could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// The main lcore goes on with the main closure.
    #[error("lcore {} is the main lcore; workers need others (see --lcores)", .0.0)]
    Main(LcoreId),
    /// EAL has no such lcore.
    #[error("lcore {} is not enabled; name it in --lcores", .0.0)]
    NotEnabled(LcoreId),
    /// It is at work already.
    #[error("lcore {} has work already", .0.0)]
    Busy(LcoreId),
    /// EAL refused.
    #[error("lcore {}: {errno}", lcore.0)]
    Refused {
        /// Which one.
        lcore: LcoreId,
        /// Why.
        errno: Errno,
    },
}

/// What work is started with, inside [`Eal::launch`].
pub struct Launch<'scope, 'env: 'scope> {
    main: LcoreId,
    workers: Box<[LcoreId]>,
    started: RefCell<Vec<LcoreId>>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl Eal {
    /// Runs `main` here, lets it start work on the worker lcores, and waits for all of that before it returns.
    ///
    /// A worker that panics ends the process: what it owned (flows, queues) cannot be taken over.
    pub fn launch<'env, R>(&self, main: impl for<'scope> FnOnce(&'scope Launch<'scope, 'env>) -> R) -> R {
        let launch = Launch {
            main: self.main_lcore().id,
            workers: self.workers().iter().map(|lcore: &Lcore| lcore.id).collect(),
            started: RefCell::default(),
            scope: PhantomData,
            env: PhantomData,
        };
        let _guard = Guard(&launch.started);
        main(&launch)
    }
}

impl<'scope> Launch<'scope, '_> {
    /// Starts `work` on `lcore`.
    pub fn on<F: FnOnce() + Send + 'scope>(&'scope self, lcore: LcoreId, work: F) -> Result<(), LaunchError> {
        if lcore == self.main {
            return Err(LaunchError::Main(lcore));
        }
        if !self.workers.contains(&lcore) {
            return Err(LaunchError::NotEnabled(lcore));
        }
        let work = Box::into_raw(Box::new(work)).cast::<c_void>();
        // SAFETY: `lcore` is an enabled worker, and this is the main lcore's thread (`Launch` is not `Sync`). `run` gets the
        // closure that it was made for, once; it may run there (`Send`) and until `Guard` has waited for it (`'scope`).
        let result = unsafe { sys::rte_eal_remote_launch(Some(run::<F>), work, lcore.0.into()) };
        check(result).map(|_| self.started.borrow_mut().push(lcore)).map_err(|errno| {
            // SAFETY: it was not started, so the closure is still ours.
            drop(unsafe { Box::from_raw(work.cast::<F>()) });
            if errno == Errno::BUSY {
                LaunchError::Busy(lcore)
            } else {
                LaunchError::Refused { lcore, errno }
            }
        })
    }
}

/// What runs on the lcore.
extern "C" fn run<F: FnOnce()>(work: *mut c_void) -> c_int {
    // SAFETY: `Launch::on` made it of a `Box<F>` and gave it to this call alone.
    let work = unsafe { Box::from_raw(work.cast::<F>()) };
    if panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
        // SAFETY: reads a variable of this thread.
        let lcore = unsafe { sys::shim_lcore_id() };
        eprintln!(
            "the worker on lcore {lcore} panicked (its message stands above); nothing can go on without it"
        );
        process::abort();
    }
    0
}

/// Waits for all work when it goes out of scope, also by a panic.
struct Guard<'a>(&'a RefCell<Vec<LcoreId>>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        for lcore in self.0.take() {
            // SAFETY: an enabled worker, from the main lcore's thread.
            unsafe { sys::rte_eal_wait_lcore(lcore.0.into()) };
        }
    }
}
