//! Devices: a port, or a VLAN on one. docs/spec/netstack.md §4.1.

use std::fmt;
use std::str::FromStr;

use pktio::{PortId, VlanTag};
use wire::eth::{Mac, MacWord};

/// Names a device, from its creation to its removal; given to another one afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(pub u16);

impl DeviceId {
    /// The largest: an adjacency has twelve bits for it.
    pub const MAX: Self = Self(0xfff);

    /// As an index.
    #[inline(always)]
    #[must_use]
    pub fn index(self) -> usize {
        self.0.into()
    }
}

/// What a device is called: 1 to 15 bytes, no blank, no control character, no `/`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName([u8; DeviceName::MAX]);

impl DeviceName {
    /// Bytes in the longest name.
    pub const MAX: usize = 15;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(Self::MAX);
        std::str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let is_bad = |c: char| c.is_whitespace() || c.is_control() || c == '/';
        if text.is_empty() || text.len() > Self::MAX || text.contains(is_bad) {
            return Err(DeviceError::BadName);
        }
        let mut name = [0; Self::MAX];
        name[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self(name))
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its number.
    pub id: DeviceId,
    /// Its name.
    pub name: DeviceName,
    /// Its MAC address.
    pub mac: Mac,
    /// The longest packet it carries, from the IP header on.
    pub mtu: u16,
    /// The port that its frames use.
    pub port: PortId,
    /// The tag that its frames bear on that port.
    pub vlan: Option<VlanTag>,
}

impl Device {
    /// What a worker needs to send.
    #[must_use]
    pub fn egress(&self) -> Egress {
        Egress { mac: self.mac.into(), port: self.port, vlan: self.vlan }
    }

    /// Where its frames arrive.
    pub(crate) fn entrance(&self) -> (PortId, u16) {
        entrance(self.port, self.vlan)
    }
}

/// A VLAN of a port; 0 stands for none, as in a tag that carries a priority only [fix D32].
pub(crate) fn entrance(port: PortId, vlan: Option<VlanTag>) -> (PortId, u16) {
    (port, vlan.map_or(0, VlanTag::id))
}

/// How frames leave by a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Egress {
    /// Their source.
    pub mac: MacWord,
    /// The port they leave by.
    pub port: PortId,
    /// The tag they bear.
    pub vlan: Option<VlanTag>,
}

/// Why a device cannot be added, found or named so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not a name.
    #[error("a device name has 1 to 15 bytes, without blanks, control characters and '/'")]
    BadName,
    /// The id is out of range.
    #[error("device ids go from 0 to {}", DeviceId::MAX.0)]
    BadId,
    /// The tag's id is not 1 to 4095.
    #[error("VLAN ids go from 1 to 4095")]
    BadVlan,
    /// Another device has this id, this name, or this VLAN of the port.
    #[error("a device with this id, name, or VLAN of the port exists already")]
    Exists,
    /// There is no such device.
    #[error("no such device")]
    NotFound,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_to_fifteen_bytes() {
        let name = |text: &str| text.parse::<DeviceName>();
        assert_eq!(name("dpdk0.102").map(|n| n.to_string()), Ok("dpdk0.102".into()));
        assert!(name("fifteen-bytes-x").is_ok());
        for bad in ["", "sixteen-bytes-xx", "a b", "a\0", "a/b", "a\n"] {
            assert_eq!(name(bad), Err(DeviceError::BadName), "{bad:?}");
        }
    }
}
