//! What a port did (ids 62 and 63), and its link-layer groups (id 66): docs/spec/ipc.md §6.6.

use zerocopy::IntoBytes;
use zerocopy::little_endian::{U16, U32, U64};

use crate::body::{self, Body, Record};
use crate::{Malformed, Text};

layout! {
    RawPortStats = "netif_nic_stats_get", 720 {
        mbuf_avail: U32,
        mbuf_inuse: U32,
        ipackets: U64,
        opackets: U64,
        ibytes: U64,
        obytes: U64,
        imissed: U64,
        ierrors: U64,
        oerrors: U64,
        rx_nombuf: U64,
        q_ipackets: [U64; 16],
        q_opackets: [U64; 16],
        q_ibytes: [U64; 16],
        q_obytes: [U64; 16],
        q_errors: [U64; 16],
        padding: [u8; 6],
        port_id: U16,
    }
}

layout! {
    RawXstats = "netif_nic_xstats_get", 8 {
        pid: U16,
        nentries: U16,
        pad: [u8; 4],
    }
}

layout! {
    RawXstat = "netif_nic_xstats_entry", 80 {
        id: U64,
        val: U64,
        name: [u8; 64],
    }
}

layout! {
    RawHwAddr = "netif_hw_addr_entry", 26 {
        addr: [u8; 18],
        refcnt: U32,
        flags: U16,
        sync_cnt: U16,
    }
}

/// What a queue did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Packets received.
    pub in_packets: u64,
    /// Packets sent.
    pub out_packets: u64,
    /// Bytes received.
    pub in_bytes: u64,
    /// Bytes sent.
    pub out_bytes: u64,
    /// Packets lost.
    pub errors: u64,
}

/// What a port did (id 62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortStats {
    /// Port id.
    pub id: u16,
    /// Free buffers in its pool.
    pub mbuf_free: u32,
    /// Used ones.
    pub mbuf_used: u32,
    /// Packets received.
    pub in_packets: u64,
    /// Packets sent.
    pub out_packets: u64,
    /// Bytes received.
    pub in_bytes: u64,
    /// Bytes sent.
    pub out_bytes: u64,
    /// Dropped by the NIC.
    pub in_missed: u64,
    /// Received broken.
    pub in_errors: u64,
    /// Not sent.
    pub out_errors: u64,
    /// No buffer was left.
    pub no_mbuf: u64,
    /// The first sixteen queues.
    pub queues: [QueueStats; 16],
}

impl Record for PortStats {
    type Raw = RawPortStats;

    fn from_raw(raw: &RawPortStats) -> Result<Self, Malformed> {
        Ok(Self {
            id: raw.port_id.get(),
            mbuf_free: raw.mbuf_avail.get(),
            mbuf_used: raw.mbuf_inuse.get(),
            in_packets: raw.ipackets.get(),
            out_packets: raw.opackets.get(),
            in_bytes: raw.ibytes.get(),
            out_bytes: raw.obytes.get(),
            in_missed: raw.imissed.get(),
            in_errors: raw.ierrors.get(),
            out_errors: raw.oerrors.get(),
            no_mbuf: raw.rx_nombuf.get(),
            queues: std::array::from_fn(|i| QueueStats {
                in_packets: raw.q_ipackets[i].get(),
                out_packets: raw.q_opackets[i].get(),
                in_bytes: raw.q_ibytes[i].get(),
                out_bytes: raw.q_obytes[i].get(),
                errors: raw.q_errors[i].get(),
            }),
        })
    }

    fn to_raw(&self) -> RawPortStats {
        RawPortStats {
            mbuf_avail: self.mbuf_free.into(),
            mbuf_inuse: self.mbuf_used.into(),
            ipackets: self.in_packets.into(),
            opackets: self.out_packets.into(),
            ibytes: self.in_bytes.into(),
            obytes: self.out_bytes.into(),
            imissed: self.in_missed.into(),
            ierrors: self.in_errors.into(),
            oerrors: self.out_errors.into(),
            rx_nombuf: self.no_mbuf.into(),
            q_ipackets: self.queues.map(|q| q.in_packets.into()),
            q_opackets: self.queues.map(|q| q.out_packets.into()),
            q_ibytes: self.queues.map(|q| q.in_bytes.into()),
            q_obytes: self.queues.map(|q| q.out_bytes.into()),
            q_errors: self.queues.map(|q| q.errors.into()),
            padding: [0; 6],
            port_id: self.id.into(),
        }
    }
}

/// A counter of the driver's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Xstat {
    /// The driver's number for it.
    pub id: u64,
    /// Its value.
    pub value: u64,
    /// Its name.
    pub name: Text<64>,
}

impl Record for Xstat {
    type Raw = RawXstat;

    fn from_raw(raw: &RawXstat) -> Result<Self, Malformed> {
        Ok(Self { id: raw.id.get(), value: raw.val.get(), name: Text::from_raw("xstat.name", &raw.name)? })
    }

    fn to_raw(&self) -> RawXstat {
        RawXstat { id: self.id.into(), val: self.value.into(), name: self.name.to_raw() }
    }
}

/// The driver's own counters (id 63). An empty body (a device without any) reads as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortXstats {
    /// Port id.
    pub id: u16,
    /// One row each.
    pub rows: Vec<Xstat>,
}

impl Body for PortXstats {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let (front, rest) = body::prefix::<RawXstats>(bytes)?;
        Ok(Self { id: front.pid.get(), rows: body::rows(rest, front.nentries.get().into())? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let count = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        let front = RawXstats { pid: self.id.into(), nentries: count.into(), pad: [0; 4] };
        out.extend_from_slice(front.as_bytes());
        body::encode_rows(&self.rows[..count.into()], out);
    }
}

/// A link-layer group that a device receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HwAddr {
    /// MAC, lower case.
    pub mac: Text<18>,
    /// Users.
    pub refs: u32,
    /// 1 if the kernel asked for it.
    pub flags: u16,
    /// Devices that it was handed on to.
    pub synced: u16,
}

impl Record for HwAddr {
    type Raw = RawHwAddr;

    fn from_raw(raw: &RawHwAddr) -> Result<Self, Malformed> {
        Ok(Self {
            mac: Text::from_raw("hw_addr.addr", &raw.addr)?,
            refs: raw.refcnt.get(),
            flags: raw.flags.get(),
            synced: raw.sync_cnt.get(),
        })
    }

    fn to_raw(&self) -> RawHwAddr {
        RawHwAddr {
            addr: self.mac.to_raw(),
            refcnt: self.refs.into(),
            flags: self.flags.into(),
            sync_cnt: self.synced.into(),
        }
    }
}

/// Link-layer groups (id 66).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HwAddrs(pub Vec<HwAddr>);

impl Body for HwAddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("count", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
