//! Receive-side scaling: the daemon's key and table are given to the port, and read back, because a driver's "yes" is not
//! enough: where packets arrive decides who owns a connection.

use std::ptr;

use dpdk_sys as sys;
use flow::{QueueId, Toeplitz};
use pktio::rss::Fields;
use pktio::{PortId, Rss};

use crate::config::{RSS_TABLE, RssConfig};
use crate::errno::{Errno, check};
use crate::report::{Capabilities, RssLack, RssOutcome};

const TCP: u64 = sys::SHIM_RSS_IPV4_TCP | sys::SHIM_RSS_IPV6_TCP;
const UDP: u64 = sys::SHIM_RSS_IPV4_UDP | sys::SHIM_RSS_IPV6_UDP;
const KEY_LEN: usize = 40;
const KEY_MAX: usize = sys::SHIM_RSS_KEY_MAX as usize;

/// What to hash, as far as the device can.
pub(crate) fn fields(config: Option<&RssConfig>, device: &Capabilities) -> u64 {
    let Some(config) = config else { return 0 };
    let ports = |fields, mask| if fields == Fields::AddressesAndPorts { mask } else { 0 };
    let wanted = sys::SHIM_RSS_IPV4 | sys::SHIM_RSS_IPV6 | ports(config.tcp, TCP) | ports(config.udp, UDP);
    wanted & device.rss_fields
}

/// The key in the device's length. What lies behind byte 40 takes no part in hashing 36 bytes.
pub(crate) fn padded_key(config: Option<&RssConfig>, device: &Capabilities) -> Option<Vec<u8>> {
    let len = key_len(device);
    let mut key = config?.key.to_vec();
    (KEY_LEN..=KEY_MAX).contains(&len).then(|| {
        key.resize(len, 0);
        key
    })
}

fn key_len(device: &Capabilities) -> usize {
    if device.hash_key_size == 0 { KEY_LEN } else { device.hash_key_size.into() }
}

/// Sets the table of a started port and asks for all that it has. The description is there only if all of it is ours.
pub(crate) fn settle(
    port: PortId,
    config: Option<&RssConfig>,
    device: &Capabilities,
) -> (RssOutcome, Option<Rss>) {
    let Some(config) = config else { return (RssOutcome::NotAsked, None) };
    let table = set_table(port, config, device);
    if let Some(lack) = lack(config, device) {
        return (RssOutcome::Unsupported(lack), None);
    }
    match table.and_then(|()| read_back(port, config, device)) {
        Ok(Some(rss)) => (RssOutcome::Accepted, Some(rss)),
        Ok(None) => (RssOutcome::NotKept, None),
        Err(errno) => (RssOutcome::Refused(errno), None),
    }
}

fn lack(config: &RssConfig, device: &Capabilities) -> Option<RssLack> {
    let tcp = fields(Some(config), device) & TCP;
    if tcp != TCP || config.tcp != Fields::AddressesAndPorts {
        return Some(RssLack::Fields);
    }
    if padded_key(Some(config), device).is_none() {
        return Some(RssLack::Key(device.hash_key_size));
    }
    let size = usize::from(device.reta_size);
    (size == 0 || size % RSS_TABLE != 0).then_some(RssLack::Table(device.reta_size))
}

/// Entry i names the queue of entry i mod 128, so that a longer table does what ours does.
fn device_table(config: &RssConfig, device: &Capabilities) -> Vec<u16> {
    config.table.iter().map(|queue| queue.0).cycle().take(device.reta_size.into()).collect()
}

/// Sets a table that is too short as well: it spreads packets, if not as we would.
fn set_table(port: PortId, config: &RssConfig, device: &Capabilities) -> Result<(), Errno> {
    let table = device_table(config, device);
    if table.is_empty() {
        return Ok(());
    }
    // SAFETY: a started port, and a table of the size that is said.
    check(unsafe { sys::shim_reta_update(port.0, table.as_ptr(), device.reta_size) }).map(|_| ())
}

/// What the port really does; `None`: something else than it was told.
fn read_back(port: PortId, config: &RssConfig, device: &Capabilities) -> Result<Option<Rss>, Errno> {
    let mut has = sys::shim_rss::default();
    let len = u8::try_from(key_len(device)).unwrap_or(0);
    // SAFETY: `lack` has found that the key fits into `has`.
    check(unsafe { sys::shim_rss_get(port.0, len, ptr::from_mut(&mut has)) })?;
    let mut table = vec![u16::MAX; device.reta_size.into()];
    // SAFETY: a table of the size that is said.
    check(unsafe { sys::shim_reta_query(port.0, table.as_mut_ptr(), device.reta_size) })?;
    let kept = has.key[..KEY_LEN] == config.key
        && has.not_toeplitz == 0
        && has.fields & TCP == TCP
        && table == device_table(config, device);
    let hashes_udp_ports = config.udp == Fields::AddressesAndPorts && has.fields & UDP == UDP;
    let table: Box<[QueueId]> = config.table.into();
    Ok(kept.then(|| Rss {
        hash: Toeplitz::new(&config.key),
        table,
        tcp: config.tcp,
        udp: if hashes_udp_ports { Fields::AddressesAndPorts } else { Fields::Addresses },
    }))
}
