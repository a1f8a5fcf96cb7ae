//! Which CPUs a thread may use. EAL binds its own threads; those that others start inherit their parent's set, which is one CPU if
//! that is the main lcore.

use std::fmt;
use std::io;
use std::mem::MaybeUninit;

/// A set of CPUs.
#[derive(Clone, Copy)]
pub struct Affinity(libc::cpu_set_t);

impl Affinity {
    /// Those of the calling thread; empty if the kernel does not tell.
    pub(crate) fn of_this_thread() -> Self {
        // SAFETY: zeroes are an empty set.
        let mut set: libc::cpu_set_t = unsafe { MaybeUninit::zeroed().assume_init() };
        // SAFETY: room for a set of the size that is said; 0 is this thread.
        unsafe { libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) };
        Self(set)
    }

    /// The same without some.
    #[must_use]
    pub fn without(mut self, cpus: impl IntoIterator<Item = u16>) -> Self {
        for cpu in cpus.into_iter().map(usize::from).filter(|&cpu| cpu < CPUS) {
            // SAFETY: `cpu` is inside the set.
            unsafe { libc::CPU_CLR(cpu, &mut self.0) };
        }
        self
    }

    /// Its CPUs, ascending.
    #[must_use]
    pub fn cpus(&self) -> Vec<u16> {
        // SAFETY: `cpu` is inside the set.
        let has = |cpu: &u16| unsafe { libc::CPU_ISSET(usize::from(*cpu), &self.0) };
        (0..=u16::MAX).take(CPUS).filter(has).collect()
    }

    /// Lets the calling thread use these CPUs. An empty set is refused by the kernel.
    pub fn apply(&self) -> io::Result<()> {
        // SAFETY: a set of the size that is said; 0 is this thread.
        match unsafe { libc::sched_setaffinity(0, size_of_val(&self.0), &raw const self.0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

const CPUS: usize = 8 * size_of::<libc::cpu_set_t>();

impl fmt::Debug for Affinity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Affinity").field(&self.cpus()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_takes_on_what_it_is_given() {
        let all = Affinity::of_this_thread();
        let cpus = all.cpus();
        let (&last, rest) = cpus.split_last().expect("this thread runs somewhere");
        let last_only = all.without(rest.iter().copied());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                last_only.apply().expect("a subset");
                assert_eq!(Affinity::of_this_thread().cpus(), [last]);
                all.apply().expect("as before");
                assert_eq!(Affinity::of_this_thread().cpus(), cpus);
                assert!(all.without(cpus.iter().copied()).apply().is_err(), "nowhere to run");
            });
        });
    }
}
