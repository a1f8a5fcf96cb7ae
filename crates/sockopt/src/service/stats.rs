//! Traffic of services and dests: docs/spec/ipc.md §5.1.

use zerocopy::little_endian::{U32, U64};

layout! {
    RawStats = "dp_vs_stats", 64 {
        conns: U64,
        inpkts: U64,
        inbytes: U64,
        outpkts: U64,
        outbytes: U64,
        cps: U32,
        inpps: U32,
        inbps: U32,
        outpps: U32,
        outbps: U32,
        pad: U32,
    }
}

/// Traffic of a service or a dest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections scheduled.
    pub conns: u64,
    /// Packets, client to server.
    pub in_packets: u64,
    /// Bytes, client to server.
    pub in_bytes: u64,
    /// Packets, server to client.
    pub out_packets: u64,
    /// Bytes, server to client.
    pub out_bytes: u64,
    /// Connections per second.
    pub cps: u32,
    /// Packets in per second.
    pub in_pps: u32,
    /// Bytes in per second.
    pub in_bps: u32,
    /// Packets out per second.
    pub out_pps: u32,
    /// Bytes out per second.
    pub out_bps: u32,
}

impl Stats {
    pub(crate) fn from_raw(raw: &RawStats) -> Self {
        Self {
            conns: raw.conns.get(),
            in_packets: raw.inpkts.get(),
            in_bytes: raw.inbytes.get(),
            out_packets: raw.outpkts.get(),
            out_bytes: raw.outbytes.get(),
            cps: raw.cps.get(),
            in_pps: raw.inpps.get(),
            in_bps: raw.inbps.get(),
            out_pps: raw.outpps.get(),
            out_bps: raw.outbps.get(),
        }
    }

    pub(crate) fn to_raw(self) -> RawStats {
        RawStats {
            conns: self.conns.into(),
            inpkts: self.in_packets.into(),
            inbytes: self.in_bytes.into(),
            outpkts: self.out_packets.into(),
            outbytes: self.out_bytes.into(),
            cps: self.cps.into(),
            inpps: self.in_pps.into(),
            inbps: self.in_bps.into(),
            outpps: self.out_pps.into(),
            outbps: self.out_bps.into(),
            pad: 0.into(),
        }
    }
}
