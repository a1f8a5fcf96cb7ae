//! Virtual devices that come and go while the daemon runs: the kernel interfaces of docs/spec/netstack.md §4.6 (`virtio_user`).
//!
//! Such a device is taken away again when whoever has it (a [`Device`], or the port made of it) is dropped.

use std::ffi::{CStr, CString, NulError};
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dpdk_sys as sys;
use pktio::PortId;

use crate::device::Device;
use crate::eal::Eal;
use crate::errno::{Errno, check};

/// Why a device was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HotplugError {
    /// Name or arguments contain a zero byte.
    #[error("device {0:?}: name or arguments contain a zero byte")]
    Zero(String),
    /// There is a port of that name.
    #[error("device {0} is there already")]
    Exists(String),
    /// EAL or the driver refused.
    #[error("device {name}, arguments {args:?}: {errno}")]
    Refused {
        /// Its name.
        name: String,
        /// Its arguments.
        args: String,
        /// Why.
        errno: Errno,
    },
    /// It is there, but it is no network port.
    #[error("device {0} is no network port")]
    NoPort(String),
}

/// The right to make devices, for any thread.
#[derive(Clone, Copy, Debug)]
pub struct Hotplug<'eal> {
    eal: PhantomData<&'eal ()>,
}

impl Eal {
    /// For whoever makes devices later on.
    #[must_use]
    pub fn hotplug(&self) -> Hotplug<'_> {
        Hotplug { eal: PhantomData }
    }
}

impl<'eal> Hotplug<'eal> {
    /// Makes the virtual device `name` (the driver's name and a number: `virtio_user5`) with `args` as behind the comma of `--vdev`.
    pub fn attach(self, name: &str, args: &str) -> Result<Device<'eal>, HotplugError> {
        let zero = |_: NulError| HotplugError::Zero(name.to_owned());
        let (device, arguments) = (CString::new(name).map_err(zero)?, CString::new(args).map_err(zero)?);
        let attached = {
            let _alone = alone();
            // EAL would say yes, and we would take it away from its owner later.
            if port_named(&device).is_some() {
                return Err(HotplugError::Exists(name.to_owned()));
            }
            // SAFETY: EAL is up (`'eal`), and nobody else changes its devices; three texts.
            check(unsafe { sys::rte_eal_hotplug_add(c"vdev".as_ptr(), device.as_ptr(), arguments.as_ptr()) })
                .map_err(|errno| HotplugError::Refused {
                    name: name.to_owned(),
                    args: args.to_owned(),
                    errno,
                })?;
            Attached(device)
        };
        let port = port_named(&attached.0).ok_or_else(|| HotplugError::NoPort(name.to_owned()))?;
        Ok(Device::attached(port, attached))
    }
}

fn port_named(name: &CStr) -> Option<PortId> {
    let mut port = 0;
    // SAFETY: a text, and room for the answer.
    let found = check(unsafe { sys::rte_eth_dev_get_port_by_name(name.as_ptr(), &raw mut port) });
    found.ok().map(|_| PortId(port))
}

/// EAL's list of devices is changed by one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A device that was attached, by name. It goes when this does, and not before its port was closed.
#[derive(Debug)]
pub(crate) struct Attached(CString);

impl Drop for Attached {
    fn drop(&mut self) {
        let _alone = alone();
        // SAFETY: it was attached under this name, and its port is closed or was never configured.
        unsafe { sys::rte_eal_hotplug_remove(c"vdev".as_ptr(), self.0.as_ptr()) };
    }
}
