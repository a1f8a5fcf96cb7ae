//! Addresses of devices: docs/spec/ipc.md §6.1.

mod lists;

use std::net::IpAddr;

use zerocopy::little_endian::{I32, U32};

pub use lists::{AgentIfAddrs, Maddr, Maddrs, PoolRow, PoolRows, RawMaddr, RawPoolRow};

use crate::body::{self, Body, Record};
use crate::field::{RawAddr, raw_addr};
use crate::{Device, Family, LcoreId, Malformed, Text};

layout! {
    RawIfAddr = "inet_addr_entry", 68 {
        af: U32,
        valid_lft: U32,
        prefered_lft: U32,
        flags: U32,
        ifname: [u8; 16],
        bcast: RawAddr,
        addr: RawAddr,
        plen: u8,
        scope: u8,
        cid: u8,
        nop: u8,
    }
}

layout! {
    RawIfAddrParam = "inet_addr_param", 76 {
        ifa_ops: U32,
        ifa_ops_flags: U32,
        ifa_entry: RawIfAddr,
    }
}

layout! {
    RawPoolStats = "inet_addr_stats", 12 {
        sa_used: U32,
        sa_free: U32,
        sa_miss: U32,
    }
}

layout! {
    RawIfAddrRow = "inet_addr_data", 80 {
        ifa_entry: RawIfAddr,
        ifa_stats: RawPoolStats,
    }
}

layout! {
    RawIfAddrRows = "inet_addr_data_array", 12 {
        ops: U32,
        ops_flags: U32,
        naddr: I32,
    }
}

wire_enum! {
    /// `IFA_SCOPE_*`.
    Scope: "a scope (0…3 or 255)" {
        /// Everywhere.
        Global = 0,
        /// The site.
        Site = 1,
        /// The link.
        Link = 2,
        /// This host.
        Host = 3,
        /// None.
        None = 255,
    }
}

impl Scope {
    fn byte(self) -> u8 {
        match self {
            Self::Global => 0,
            Self::Site => 1,
            Self::Link => 2,
            Self::Host => 3,
            Self::None => 255,
        }
    }
}

bitflags::bitflags! {
    /// `IFA_F_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct IfAddrFlags: u32 {
        /// May be used before it is known to be unique.
        const OPTIMISTIC = 4;
        /// Somebody else has it.
        const DAD_FAILED = 8;
        /// Not yet known to be unique.
        const TENTATIVE = 0x40;
        /// Without a lifetime.
        const PERMANENT = 0x80;
        /// Source-port pool.
        const SAPOOL = 0x1_0000;
        /// Given by the daemon itself.
        const LINK_LOCAL = 0x2_0000;
        const _ = !0;
    }
}

bitflags::bitflags! {
    /// `IFA_F_OPS_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct IfAddrShow: u32 {
        /// Each worker's rows too.
        const VERBOSE = 1;
        /// Counters of the port pools.
        const STATS = 2;
        const _ = !0;
    }
}

/// An address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfAddr {
    /// The address; none when all are asked for.
    pub addr: Option<IpAddr>,
    /// Prefix length.
    pub plen: u8,
    /// Broadcast address.
    pub bcast: Option<IpAddr>,
    /// Seconds it is valid, 0 for ever.
    pub valid: u32,
    /// Seconds it is preferred.
    pub preferred: u32,
    /// Flags.
    pub flags: IfAddrFlags,
    /// Device.
    pub device: Device,
    /// Scope.
    pub scope: Scope,
    /// Who made this row (reply).
    pub lcore: LcoreId,
}

impl Default for IfAddr {
    fn default() -> Self {
        Self {
            addr: None,
            plen: 0,
            bcast: None,
            valid: 0,
            preferred: 0,
            flags: IfAddrFlags::empty(),
            device: Device::default(),
            scope: Scope::Global,
            lcore: LcoreId(0),
        }
    }
}

impl Record for IfAddr {
    type Raw = RawIfAddr;

    fn from_raw(raw: &RawIfAddr) -> Result<Self, Malformed> {
        let family = Family::from_number("ifa_entry.af", raw.af.get())?;
        Ok(Self {
            addr: family.addr(&raw.addr),
            plen: raw.plen,
            bcast: family.some_addr(&raw.bcast),
            valid: raw.valid_lft.get(),
            preferred: raw.prefered_lft.get(),
            flags: IfAddrFlags::from_bits_retain(raw.flags.get()),
            device: Text::from_raw("ifa_entry.ifname", &raw.ifname)?,
            scope: Scope::from_number("ifa_entry.scope", raw.scope.into())?,
            lcore: LcoreId(raw.cid),
        })
    }

    fn to_raw(&self) -> RawIfAddr {
        RawIfAddr {
            af: Family::of(self.addr).number().into(),
            valid_lft: self.valid.into(),
            prefered_lft: self.preferred.into(),
            flags: self.flags.bits().into(),
            ifname: self.device.to_raw(),
            bcast: raw_addr(self.bcast),
            addr: raw_addr(self.addr),
            plen: self.plen,
            scope: self.scope.byte(),
            cid: self.lcore.0,
            nop: 0,
        }
    }
}

wire_enum! {
    /// `INET_ADDR_*`. Looked at by the daemon in GETs only; there it must be [`IfAddrOp::Get`].
    IfAddrOp: "an operation (0…6)" {
        /// None said.
        Unset = 0,
        /// Show.
        Get = 1,
        /// Add.
        Add = 2,
        /// Delete.
        Del = 3,
        /// Change.
        Mod = 4,
        /// Flush.
        Flush = 5,
        /// Not used by any tool.
        Sync = 6,
    }
}

/// A request about addresses (ids 47 to 51).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfAddrParam {
    /// Repeats the id.
    pub op: IfAddrOp,
    /// What to show.
    pub show: IfAddrShow,
    /// The address, or the device whose addresses.
    pub entry: IfAddr,
}

impl Record for IfAddrParam {
    type Raw = RawIfAddrParam;

    fn from_raw(raw: &RawIfAddrParam) -> Result<Self, Malformed> {
        Ok(Self {
            op: IfAddrOp::from_number("ifa_ops", raw.ifa_ops.get())?,
            show: IfAddrShow::from_bits_retain(raw.ifa_ops_flags.get()),
            entry: IfAddr::from_raw(&raw.ifa_entry)?,
        })
    }

    fn to_raw(&self) -> RawIfAddrParam {
        RawIfAddrParam {
            ifa_ops: self.op.number().into(),
            ifa_ops_flags: self.show.bits().into(),
            ifa_entry: self.entry.to_raw(),
        }
    }
}

/// Use of a port pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Ports in use.
    pub used: u32,
    /// Ports free.
    pub free: u32,
    /// Times that none was left.
    pub miss: u32,
}

/// An address in a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IfAddrRow {
    /// The address.
    pub entry: IfAddr,
    /// Its pool; zero unless asked for.
    pub pool: PoolStats,
}

impl Record for IfAddrRow {
    type Raw = RawIfAddrRow;

    fn from_raw(raw: &RawIfAddrRow) -> Result<Self, Malformed> {
        let RawPoolStats { sa_used, sa_free, sa_miss } = raw.ifa_stats;
        let pool = PoolStats { used: sa_used.get(), free: sa_free.get(), miss: sa_miss.get() };
        Ok(Self { entry: IfAddr::from_raw(&raw.ifa_entry)?, pool })
    }

    fn to_raw(&self) -> RawIfAddrRow {
        let PoolStats { used, free, miss } = self.pool;
        let ifa_stats = RawPoolStats { sa_used: used.into(), sa_free: free.into(), sa_miss: miss.into() };
        RawIfAddrRow { ifa_entry: self.entry.to_raw(), ifa_stats }
    }
}

/// Addresses (id 51).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfAddrs {
    /// What was asked for.
    pub show: IfAddrShow,
    /// One row each.
    pub rows: Vec<IfAddrRow>,
}

impl Body for IfAddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawIfAddrRows>(bytes)?;
        let count = body::count("naddr", front.naddr.get())?;
        Ok(Self { show: IfAddrShow::from_bits_retain(front.ops_flags.get()), rows: body::rows(rest, count)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let front = RawIfAddrRows {
            ops: IfAddrOp::Get.number().into(),
            ops_flags: self.show.bits().into(),
            naddr: body::wire_count(self.rows.len()).into(),
        };
        out.extend_from_slice(zerocopy::IntoBytes::as_bytes(&front));
        body::encode_rows(&self.rows, out);
    }
}
