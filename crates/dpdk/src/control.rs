//! What a started port is asked and told while it runs (docs/spec/netstack.md §4.8). Any thread may; the port sees to it that one does
//! at a time.

use std::ptr;

use dpdk_sys as sys;
use wire::eth::Mac;

use crate::config::{Accept, PortError, Step};
use crate::port::Port;
use crate::report::Link;

impl Port<'_> {
    /// State of the link, as the driver knows it now. Whoever waits for it asks again.
    pub fn link(&self) -> Result<Link, PortError> {
        let mut link = sys::shim_link::default();
        // SAFETY: a started port, and room for the answer.
        self.control(Step::ReadLink, |port| unsafe { sys::shim_link_get(port, ptr::from_mut(&mut link)) })?;
        Ok(Link {
            up: link.up != 0,
            speed: Some(link.speed).filter(|&speed| speed != sys::SHIM_SPEED_UNKNOWN),
            full_duplex: link.full_duplex != 0,
            autoneg: link.autoneg != 0,
        })
    }

    /// Its MAC address.
    pub fn mac(&self) -> Result<Mac, PortError> {
        // MAC addresses are 16-bit aligned in C.
        let mut words = [0u16; 3];
        // SAFETY: a started port, and room for six bytes.
        self.control(Step::ReadMac, |port| unsafe { sys::shim_mac_get(port, words.as_mut_ptr().cast()) })?;
        let [[a, b], [c, d], [e, f]] = words.map(u16::to_ne_bytes);
        Ok([a, b, c, d, e, f])
    }

    /// The largest layer-3 packet.
    pub fn mtu(&self) -> Result<u16, PortError> {
        let mut mtu = 0;
        // SAFETY: a started port, and room for the answer.
        self.control(Step::Configure, |port| unsafe {
            sys::rte_eth_dev_get_mtu(port, ptr::from_mut(&mut mtu))
        })?;
        Ok(mtu)
    }

    /// Changes its MAC address, to a valid one of one station.
    pub fn set_mac(&self, mac: Mac) -> Result<(), PortError> {
        if mac[0] & 1 != 0 || mac == [0; 6] {
            return Err(PortError::NotUnicast { port: self.id(), mac });
        }
        // SAFETY: a started port; six bytes are read.
        self.control(Step::SetMac, |port| unsafe { sys::shim_mac_set(port, mac.as_ptr()) })
    }

    /// Sets the multicast addresses that it takes frames for.
    pub fn set_multicast(&self, macs: &[Mac]) -> Result<(), PortError> {
        // MAC addresses are 16-bit aligned in C.
        let words: Vec<[u16; 3]> =
            macs.iter().map(|&[a, b, c, d, e, f]| [[a, b], [c, d], [e, f]].map(u16::from_ne_bytes)).collect();
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        // SAFETY: a started port, and a list of `count` addresses.
        self.control(Step::SetMulticast, |port| unsafe {
            sys::shim_multicast_set(port, words.as_ptr().cast(), count)
        })
    }

    /// Takes unicast frames for others or not.
    pub fn set_promiscuous(&self, accept: Accept) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::Promiscuous, |port| unsafe {
            match accept {
                Accept::All => sys::rte_eth_promiscuous_enable(port),
                Accept::Own => sys::rte_eth_promiscuous_disable(port),
            }
        })
    }

    /// Takes multicast frames for others or not.
    pub fn set_allmulticast(&self, accept: Accept) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::Allmulticast, |port| unsafe {
            match accept {
                Accept::All => sys::rte_eth_allmulticast_enable(port),
                Accept::Own => sys::rte_eth_allmulticast_disable(port),
            }
        })
    }

    /// Which unicast frames it takes.
    #[must_use]
    pub fn promiscuous(&self) -> Accept {
        // SAFETY: a started port.
        accept(unsafe { sys::rte_eth_promiscuous_get(self.id().0) })
    }

    /// Which multicast frames it takes.
    #[must_use]
    pub fn allmulticast(&self) -> Accept {
        // SAFETY: a started port.
        accept(unsafe { sys::rte_eth_allmulticast_get(self.id().0) })
    }

    /// Takes the link up.
    pub fn set_link_up(&self) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::LinkUp, |port| unsafe { sys::rte_eth_dev_set_link_up(port) })
    }

    /// Takes the link down.
    pub fn set_link_down(&self) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::LinkDown, |port| unsafe { sys::rte_eth_dev_set_link_down(port) })
    }
}

fn accept(state: i32) -> Accept {
    if state == 1 { Accept::All } else { Accept::Own }
}
