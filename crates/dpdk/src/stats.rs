//! What a port's device and driver count.

use std::ffi::CStr;
use std::ptr;

use dpdk_sys as sys;

use crate::config::{PortError, Step};
use crate::errno::check;
use crate::port::Port;
use crate::report::{Stats, Xstat};

impl Port<'_> {
    /// What the device counts.
    pub fn stats(&self) -> Result<Stats, PortError> {
        let mut s = sys::shim_stats::default();
        // SAFETY: a started port, and room for the answer.
        self.control(Step::ReadStats, |port| unsafe { sys::shim_stats_get(port, ptr::from_mut(&mut s)) })?;
        Ok(Stats {
            ipackets: s.ipackets,
            opackets: s.opackets,
            ibytes: s.ibytes,
            obytes: s.obytes,
            imissed: s.imissed,
            ierrors: s.ierrors,
            oerrors: s.oerrors,
            rx_nombuf: s.rx_nombuf,
            q_ipackets: s.q_ipackets,
            q_opackets: s.q_opackets,
            q_ibytes: s.q_ibytes,
            q_obytes: s.q_obytes,
            q_errors: s.q_errors,
        })
    }

    /// All that the driver counts, by name. Drivers without counters of their own have none.
    pub fn xstats(&self) -> Result<Vec<Xstat>, PortError> {
        let (names, values) = self.read_xstats()?;
        let named = values.iter().filter_map(|xstat| {
            let name = names.get(usize::try_from(xstat.id).ok()?)?;
            Some(Xstat { id: xstat.id, name: text(&name.name), value: xstat.value })
        });
        Ok(named.collect())
    }

    /// The driver's list of names, and its list of values, which refers to it.
    fn read_xstats(&self) -> Result<(Vec<sys::rte_eth_xstat_name>, Vec<sys::rte_eth_xstat>), PortError> {
        let (port, _alone) = (self.id().0, self.lock());
        let refused = self.refused(Step::ReadXstats);
        // SAFETY: a started port; without room it only counts.
        let count =
            check(unsafe { sys::rte_eth_xstats_get_names(port, ptr::null_mut(), 0) }).map_err(&refused)?;
        let room = usize::try_from(count).unwrap_or(0);
        let mut names = vec![sys::rte_eth_xstat_name::default(); room];
        let mut values = vec![sys::rte_eth_xstat::default(); room];
        let count = u32::try_from(room).unwrap_or(0);
        // SAFETY: room for `count` names.
        let named = check(unsafe { sys::rte_eth_xstats_get_names(port, names.as_mut_ptr(), count) })
            .map_err(&refused)?;
        // SAFETY: room for `count` values.
        let valued =
            check(unsafe { sys::rte_eth_xstats_get(port, values.as_mut_ptr(), count) }).map_err(&refused)?;
        names.truncate(usize::try_from(named).unwrap_or(0));
        values.truncate(usize::try_from(valued).unwrap_or(0));
        Ok((names, values))
    }
}

/// A name in a field of fixed length.
fn text(name: &[std::ffi::c_char; 64]) -> String {
    let bytes = name.map(c_char_to_byte);
    CStr::from_bytes_until_nul(&bytes)
        .map_or_else(|_| String::new(), |name| name.to_string_lossy().into_owned())
}

/// Signed on some CPUs.
fn c_char_to_byte(c: std::ffi::c_char) -> u8 {
    let [byte] = c.to_ne_bytes();
    byte
}
