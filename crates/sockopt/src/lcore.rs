//! Lcores: docs/spec/ipc.md §6.6.

use zerocopy::little_endian::{U32, U64};

use crate::body::{self, Body, Record};
use crate::{LcoreId, Malformed};

layout! {
    RawLcoreMask = "netif_lcore_mask_get", 24 {
        master_lcore_id: u8,
        kni_lcore_id: u8,
        slave_lcore_num: u8,
        isol_rx_lcore_num: u8,
        pad: [u8; 4],
        slave_lcore_mask: U64,
        isol_rx_lcore_mask: U64,
    }
}

layout! {
    RawLcoreBasic = "netif_lcore_basic_get", 8 {
        lcore_id: u8,
        socket_id: u8,
        pad: [u8; 2],
        queue_data_len: U32,
    }
}

layout! {
    RawLcoreStats = "netif_lcore_stats_get", 96 {
        lcore_id: u8,
        pad: [u8; 7],
        lcore_loop: U64,
        pktburst: U64,
        zpktburst: U64,
        fpktburst: U64,
        z2hpktburst: U64,
        h2fpktburst: U64,
        ipackets: U64,
        ibytes: U64,
        opackets: U64,
        obytes: U64,
        dropped: U64,
    }
}

/// Who does what (id 57).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LcoreMask {
    /// The master.
    pub master: LcoreId,
    /// The KNI worker, 0 for none.
    pub kni: LcoreId,
    /// Workers; bit n is lcore n.
    pub workers: u64,
    /// Lcores that only receive.
    pub isolated: u64,
}

impl Record for LcoreMask {
    type Raw = RawLcoreMask;

    fn from_raw(raw: &RawLcoreMask) -> Result<Self, Malformed> {
        Ok(Self {
            master: LcoreId(raw.master_lcore_id),
            kni: LcoreId(raw.kni_lcore_id),
            workers: raw.slave_lcore_mask.get(),
            isolated: raw.isol_rx_lcore_mask.get(),
        })
    }

    /// The counts are those of the masks.
    fn to_raw(&self) -> RawLcoreMask {
        let ones = |mask: u64| u8::try_from(mask.count_ones()).unwrap_or(u8::MAX);
        RawLcoreMask {
            master_lcore_id: self.master.0,
            kni_lcore_id: self.kni.0,
            slave_lcore_num: ones(self.workers),
            isol_rx_lcore_num: ones(self.isolated),
            pad: [0; 4],
            slave_lcore_mask: self.workers.into(),
            isol_rx_lcore_mask: self.isolated.into(),
        }
    }
}

/// Names an lcore (ids 58 and 59).
impl Body for LcoreId {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        match bytes {
            [id, ..] => Ok(Self(*id)),
            [] => Err(Malformed::Short { what: "lcoreid", need: 1, have: 0 }),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
}

/// An lcore and its queues (id 58).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LcoreBasic {
    /// The lcore.
    pub lcore: LcoreId,
    /// NUMA node.
    pub socket: u8,
    /// Queues, as `dpip` prints them. The message adds a NUL, unless there is no text.
    pub queues: String,
}

impl Body for LcoreBasic {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawLcoreBasic>(bytes)?;
        let need = usize::try_from(front.queue_data_len.get()).unwrap_or(usize::MAX);
        let text = rest.get(..need).ok_or(Malformed::Short { what: "queue_data", need, have: rest.len() })?;
        let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
        let queues =
            std::str::from_utf8(&text[..end]).map_err(|_| Malformed::Text { field: "queue_data" })?;
        Ok(Self { lcore: LcoreId(front.lcore_id), socket: front.socket_id, queues: queues.to_owned() })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let len = if self.queues.is_empty() { 0 } else { self.queues.len() + 1 };
        let front = RawLcoreBasic {
            lcore_id: self.lcore.0,
            socket_id: self.socket,
            pad: [0; 2],
            queue_data_len: body::wire_count(len).unsigned_abs().into(),
        };
        out.extend_from_slice(zerocopy::IntoBytes::as_bytes(&front));
        if len != 0 {
            out.extend_from_slice(self.queues.as_bytes());
            out.push(0);
        }
    }
}

/// What an lcore did (id 59).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LcoreStats {
    /// The lcore.
    pub lcore: LcoreId,
    /// Turns.
    pub loops: u64,
    /// Bursts received.
    pub bursts: u64,
    /// Empty ones.
    pub empty_bursts: u64,
    /// Full ones.
    pub full_bursts: u64,
    /// Those up to half full.
    pub low_bursts: u64,
    /// Those from half to full.
    pub high_bursts: u64,
    /// Packets received.
    pub in_packets: u64,
    /// Bytes received.
    pub in_bytes: u64,
    /// Packets sent.
    pub out_packets: u64,
    /// Bytes sent.
    pub out_bytes: u64,
    /// Packets dropped.
    pub dropped: u64,
}

impl Record for LcoreStats {
    type Raw = RawLcoreStats;

    fn from_raw(raw: &RawLcoreStats) -> Result<Self, Malformed> {
        Ok(Self {
            lcore: LcoreId(raw.lcore_id),
            loops: raw.lcore_loop.get(),
            bursts: raw.pktburst.get(),
            empty_bursts: raw.zpktburst.get(),
            full_bursts: raw.fpktburst.get(),
            low_bursts: raw.z2hpktburst.get(),
            high_bursts: raw.h2fpktburst.get(),
            in_packets: raw.ipackets.get(),
            in_bytes: raw.ibytes.get(),
            out_packets: raw.opackets.get(),
            out_bytes: raw.obytes.get(),
            dropped: raw.dropped.get(),
        })
    }

    fn to_raw(&self) -> RawLcoreStats {
        RawLcoreStats {
            lcore_id: self.lcore.0,
            pad: [0; 7],
            lcore_loop: self.loops.into(),
            pktburst: self.bursts.into(),
            zpktburst: self.empty_bursts.into(),
            fpktburst: self.full_bursts.into(),
            z2hpktburst: self.low_bursts.into(),
            h2fpktburst: self.high_bursts.into(),
            ipackets: self.in_packets.into(),
            ibytes: self.in_bytes.into(),
            opackets: self.out_packets.into(),
            obytes: self.out_bytes.into(),
            dropped: self.dropped.into(),
        }
    }
}
