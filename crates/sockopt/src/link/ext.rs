//! A port's details (id 64): docs/spec/ipc.md §6.6. Two texts lie behind the struct; each ends with a NUL that the total
//! counts and the text's own length does not.

use zerocopy::IntoBytes;
use zerocopy::little_endian::{I32, U16, U32, U64};

use crate::body::{self, Body};
use crate::{Malformed, Text};

layout! {
    RawPortDev = "netif_nic_dev_get", 135 {
        pci_addr: [u8; 32],
        driver_name: [u8; 32],
        if_index: U32,
        min_rx_bufsize: U32,
        max_rx_pktlen: U32,
        max_rx_queues: U16,
        max_tx_queues: U16,
        max_mac_addrs: U32,
        max_hash_mac_addrs: U32,
        max_vfs: U16,
        max_vmdq_pools: U16,
        rx_offload_capa: U32,
        tx_offload_capa: U32,
        reta_size: U32,
        hash_key_size: u8,
        flow_type_rss_offloads: U64,
        vmdq_queue_base: U16,
        vmdq_queue_num: U16,
        vmdq_pool_base: U16,
        rx_desc_lim_nb_max: U16,
        rx_desc_lim_nb_min: U16,
        rx_desc_lim_nb_align: U16,
        tx_desc_lim_nb_max: U16,
        tx_desc_lim_nb_min: U16,
        tx_desc_lim_nb_align: U16,
        speed_capa: U32,
    }
}

layout! {
    RawPortText = "netif_nic_conf_queues", 16 {
        data_offset: U64,
        data_len: U64,
    }
}

layout! {
    RawPortGroups = "netif_mc_list_conf", 20 {
        data_offset: U64,
        data_len: U64,
        naddr: I32,
    }
}

layout! {
    RawPortExt = "netif_nic_ext_get", 184 {
        port_id: U16,
        dev_info: RawPortDev,
        cfg_queues: RawPortText,
        mc_list: RawPortGroups,
        pad: [u8; 3],
        datalen: U64,
    }
}

/// What the driver says. All zero for devices that have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are DPDK's, of the same names")]
pub struct PortDev {
    pub pci_addr: Text<32>,
    pub driver: Text<32>,
    pub if_index: u32,
    pub min_rx_bufsize: u32,
    pub max_rx_pktlen: u32,
    pub max_rx_queues: u16,
    pub max_tx_queues: u16,
    pub max_mac_addrs: u32,
    pub max_hash_mac_addrs: u32,
    pub max_vfs: u16,
    pub max_vmdq_pools: u16,
    pub rx_offload_capa: u32,
    pub tx_offload_capa: u32,
    pub reta_size: u32,
    pub hash_key_size: u8,
    pub flow_type_rss_offloads: u64,
    pub vmdq_queue_base: u16,
    pub vmdq_queue_num: u16,
    pub vmdq_pool_base: u16,
    pub rx_desc: DescLimits,
    pub tx_desc: DescLimits,
    pub speed_capa: u32,
}

/// How many descriptors a queue can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescLimits {
    /// At most.
    pub max: u16,
    /// At least.
    pub min: u16,
    /// A multiple of this.
    pub align: u16,
}

impl PortDev {
    fn from_raw(raw: &RawPortDev) -> Result<Self, Malformed> {
        Ok(Self {
            pci_addr: Text::from_raw("pci_addr", &raw.pci_addr)?,
            driver: Text::from_raw("driver_name", &raw.driver_name)?,
            if_index: raw.if_index.get(),
            min_rx_bufsize: raw.min_rx_bufsize.get(),
            max_rx_pktlen: raw.max_rx_pktlen.get(),
            max_rx_queues: raw.max_rx_queues.get(),
            max_tx_queues: raw.max_tx_queues.get(),
            max_mac_addrs: raw.max_mac_addrs.get(),
            max_hash_mac_addrs: raw.max_hash_mac_addrs.get(),
            max_vfs: raw.max_vfs.get(),
            max_vmdq_pools: raw.max_vmdq_pools.get(),
            rx_offload_capa: raw.rx_offload_capa.get(),
            tx_offload_capa: raw.tx_offload_capa.get(),
            reta_size: raw.reta_size.get(),
            hash_key_size: raw.hash_key_size,
            flow_type_rss_offloads: raw.flow_type_rss_offloads.get(),
            vmdq_queue_base: raw.vmdq_queue_base.get(),
            vmdq_queue_num: raw.vmdq_queue_num.get(),
            vmdq_pool_base: raw.vmdq_pool_base.get(),
            rx_desc: DescLimits {
                max: raw.rx_desc_lim_nb_max.get(),
                min: raw.rx_desc_lim_nb_min.get(),
                align: raw.rx_desc_lim_nb_align.get(),
            },
            tx_desc: DescLimits {
                max: raw.tx_desc_lim_nb_max.get(),
                min: raw.tx_desc_lim_nb_min.get(),
                align: raw.tx_desc_lim_nb_align.get(),
            },
            speed_capa: raw.speed_capa.get(),
        })
    }

    fn to_raw(self) -> RawPortDev {
        RawPortDev {
            pci_addr: self.pci_addr.to_raw(),
            driver_name: self.driver.to_raw(),
            if_index: self.if_index.into(),
            min_rx_bufsize: self.min_rx_bufsize.into(),
            max_rx_pktlen: self.max_rx_pktlen.into(),
            max_rx_queues: self.max_rx_queues.into(),
            max_tx_queues: self.max_tx_queues.into(),
            max_mac_addrs: self.max_mac_addrs.into(),
            max_hash_mac_addrs: self.max_hash_mac_addrs.into(),
            max_vfs: self.max_vfs.into(),
            max_vmdq_pools: self.max_vmdq_pools.into(),
            rx_offload_capa: self.rx_offload_capa.into(),
            tx_offload_capa: self.tx_offload_capa.into(),
            reta_size: self.reta_size.into(),
            hash_key_size: self.hash_key_size,
            flow_type_rss_offloads: self.flow_type_rss_offloads.into(),
            vmdq_queue_base: self.vmdq_queue_base.into(),
            vmdq_queue_num: self.vmdq_queue_num.into(),
            vmdq_pool_base: self.vmdq_pool_base.into(),
            rx_desc_lim_nb_max: self.rx_desc.max.into(),
            rx_desc_lim_nb_min: self.rx_desc.min.into(),
            rx_desc_lim_nb_align: self.rx_desc.align.into(),
            tx_desc_lim_nb_max: self.tx_desc.max.into(),
            tx_desc_lim_nb_min: self.tx_desc.min.into(),
            tx_desc_lim_nb_align: self.tx_desc.align.into(),
            speed_capa: self.speed_capa.into(),
        }
    }
}

/// A port's details.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortExt {
    /// Port id.
    pub id: u16,
    /// What the driver says.
    pub dev: PortDev,
    /// Queues and their lcores, as `dpip` prints them; empty for devices that have none.
    pub queues: String,
    /// Link-layer groups, as `dpip` prints them.
    pub groups: String,
    /// How many groups.
    pub group_count: i32,
}

impl Body for PortExt {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, data) = body::prefix::<RawPortExt>(bytes)?;
        let RawPortExt { port_id, dev_info, cfg_queues, mc_list, .. } = front;
        Ok(Self {
            id: port_id.get(),
            dev: PortDev::from_raw(dev_info)?,
            queues: text("cfg_queues", data, cfg_queues.data_offset, cfg_queues.data_len)?,
            groups: text("mc_list", data, mc_list.data_offset, mc_list.data_len)?,
            group_count: mc_list.naddr.get(),
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let mut data = Vec::new();
        let mut place = |text: &str| {
            let at = if text.is_empty() { 0 } else { data.len() as u64 };
            if !text.is_empty() {
                data.extend_from_slice(text.as_bytes());
                data.push(0);
            }
            (U64::new(at), U64::new(text.len() as u64))
        };
        let (queues, groups) = (place(&self.queues), place(&self.groups));
        let front = RawPortExt {
            port_id: self.id.into(),
            dev_info: self.dev.to_raw(),
            cfg_queues: RawPortText { data_offset: queues.0, data_len: queues.1 },
            mc_list: RawPortGroups {
                data_offset: groups.0,
                data_len: groups.1,
                naddr: self.group_count.into(),
            },
            pad: [0; 3],
            datalen: (data.len() as u64).into(),
        };
        out.extend_from_slice(front.as_bytes());
        out.extend_from_slice(&data);
    }
}

fn text(field: &'static str, data: &[u8], offset: U64, len: U64) -> Result<String, Malformed> {
    let end = offset.get().saturating_add(len.get());
    let short =
        Malformed::Short { what: field, need: usize::try_from(end).unwrap_or(usize::MAX), have: data.len() };
    let range = usize::try_from(offset.get()).ok().zip(usize::try_from(end).ok());
    let bytes = range.and_then(|(from, to)| data.get(from..to)).ok_or(short)?;
    Ok(std::str::from_utf8(bytes).map_err(|_| Malformed::Text { field })?.to_owned())
}
