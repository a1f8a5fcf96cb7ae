//! Neighbours: docs/spec/ipc.md §6.3.

use std::net::IpAddr;

use zerocopy::little_endian::U32;

use crate::body::{self, Body, Record};
use crate::field::{RawAddr, raw_addr};
use crate::{Device, Family, LcoreId, Malformed, Text};

layout! {
    RawNeighbour = "dp_vs_neigh_conf", 52 {
        af: U32,
        state: U32,
        ip_addr: RawAddr,
        eth_addr: [u8; 6],
        que_num: U32,
        ifname: [u8; 16],
        flag: u8,
        cid: u8,
    }
}

wire_enum! {
    /// `DPVS_NUD_S_*`.
    NeighbourState: "a neighbour's state (0…4)" {
        /// None.
        None = 0,
        /// Asked for the first time.
        Send = 1,
        /// Known.
        Reachable = 2,
        /// Asked again.
        Probe = 3,
        /// About to be asked again.
        Delay = 4,
    }
}

bitflags::bitflags! {
    /// `NEIGHBOUR_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct NeighbourFlags: u8 {
        /// In the table.
        const HASHED = 1;
        /// Configured; never expires.
        const STATIC = 2;
        const _ = !0;
    }
}

/// A neighbour: to add, to delete, or in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Address; none when all are asked for.
    pub addr: Option<IpAddr>,
    /// Its MAC.
    pub mac: [u8; 6],
    /// State (reply).
    pub state: NeighbourState,
    /// Packets that wait for it (reply).
    pub queued: u32,
    /// Device.
    pub device: Device,
    /// Flags (reply).
    pub flags: NeighbourFlags,
    /// Who knows it (reply).
    pub lcore: LcoreId,
}

impl Default for Neighbour {
    fn default() -> Self {
        Self {
            addr: None,
            mac: [0; 6],
            state: NeighbourState::None,
            queued: 0,
            device: Device::default(),
            flags: NeighbourFlags::empty(),
            lcore: LcoreId(0),
        }
    }
}

impl Record for Neighbour {
    type Raw = RawNeighbour;

    fn from_raw(raw: &RawNeighbour) -> Result<Self, Malformed> {
        Ok(Self {
            addr: Family::from_number("af", raw.af.get())?.addr(&raw.ip_addr),
            mac: raw.eth_addr,
            state: NeighbourState::from_number("state", raw.state.get())?,
            queued: raw.que_num.get(),
            device: Text::from_raw("ifname", &raw.ifname)?,
            flags: NeighbourFlags::from_bits_retain(raw.flag),
            lcore: LcoreId(raw.cid),
        })
    }

    fn to_raw(&self) -> RawNeighbour {
        RawNeighbour {
            af: Family::of(self.addr).number().into(),
            state: self.state.number().into(),
            ip_addr: raw_addr(self.addr),
            eth_addr: self.mac,
            que_num: self.queued.into(),
            ifname: self.device.to_raw(),
            flag: self.flags.bits(),
            cid: self.lcore.0,
        }
    }
}

/// Asks for neighbours; a body too short for a filter is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeighbourQuery(pub Option<Neighbour>);

impl Body for NeighbourQuery {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() < size_of::<RawNeighbour>() {
            return Ok(Self(None));
        }
        Ok(Self(Some(Neighbour::decode(bytes)?)))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        if let Some(filter) = &self.0 {
            filter.encode(out);
        }
    }
}

/// Neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours(pub Vec<Neighbour>);

impl Body for Neighbours {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("neigh_nums", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
