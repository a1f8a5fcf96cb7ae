//! The error numbers of DPDK and of the drivers.

use std::ffi::CStr;
use std::fmt;

use dpdk_sys as sys;

/// Why a call into DPDK failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// Not permitted.
    pub const PERM: Self = Self(1);
    /// Out of memory.
    pub const NOMEM: Self = Self(12);
    /// Access refused.
    pub const ACCES: Self = Self(13);
    /// Busy.
    pub const BUSY: Self = Self(16);
    /// Not a value that is allowed.
    pub const INVAL: Self = Self(22);
    /// The driver has no such function.
    pub const NOTSUP: Self = Self(95);
    /// The driver has no such function, in other words.
    pub const NOSYS: Self = Self(38);

    /// What the last call on this thread left behind, where it returns only "failed".
    pub(crate) fn last() -> Self {
        // SAFETY: reads a variable of this thread.
        Self(unsafe { sys::shim_errno() })
    }

    /// The driver lacks the function, as opposed to: it has it and refuses.
    #[must_use]
    pub fn is_unsupported(self) -> bool {
        matches!(self, Self::NOTSUP | Self::NOSYS)
    }
}

/// What most of DPDK's functions return: zero or more if all is well, else a negative error number.
pub(crate) fn check(result: i32) -> Result<i32, Errno> {
    if result < 0 { Err(Errno(-result)) } else { Ok(result) }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the text is this thread's own until its next call.
        let text = unsafe { CStr::from_ptr(sys::rte_strerror(self.0)) };
        write!(f, "{} ({})", text.to_string_lossy(), self.0)
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
