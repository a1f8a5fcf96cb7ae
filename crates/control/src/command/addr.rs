//! Addresses of devices: docs/spec/ipc.md §6.1, docs/spec/netstack.md §5.7.

use std::net::IpAddr;

use netstack::address::{Address, AddressError, AddressFlags, AddressScope};
use netstack::device::{DeviceId, DeviceName};
use netstack::net::Families;

use crate::error::CommandError;
use crate::model::Model;
use crate::names::AddrName;

/// What else there is to say of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddrSettings {
    /// Shown, of no effect.
    pub broadcast: Option<IpAddr>,
    /// How far it is known.
    pub scope: AddressScope,
    /// Seconds it lasts; 0: for ever.
    pub valid: u32,
}

/// Adds an address, and the routes that follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddAddr {
    /// Its name.
    pub name: AddrName,
    /// What may be set later.
    pub settings: AddrSettings,
    /// What may not.
    pub flags: AddressFlags,
}

/// Replaces what of an address may be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAddr {
    /// Its name.
    pub name: AddrName,
    /// What it becomes.
    pub settings: AddrSettings,
}

/// Deletes an address, and the routes that nothing else needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteAddr {
    /// Its name.
    pub name: AddrName,
}

/// Deletes the addresses of a device but the link-local ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlushAddrs {
    /// The device.
    pub device: DeviceName,
    /// Which of them.
    pub families: Families,
}

impl AddrName {
    fn refused(self) -> impl Fn(AddressError) -> CommandError {
        move |cause| CommandError::Address { address: self, cause }
    }

    /// The device, which is looked for after what can be told of the address by itself.
    fn resolve(&self, model: &Model) -> Result<DeviceId, CommandError> {
        let (addr, most) = (self.addr, if self.addr.is_ipv4() { 32 } else { 128 });
        if addr.is_unspecified() {
            return Err(self.refused()(AddressError::Unspecified));
        }
        if self.plen > most {
            return Err(self.refused()(AddressError::PrefixTooLong));
        }
        model.device(&self.device).ok_or(CommandError::NoDevice { device: self.device })
    }
}

fn address(name: &AddrName, settings: &AddrSettings, flags: AddressFlags, device: DeviceId) -> Address {
    Address {
        device,
        addr: name.addr,
        plen: name.plen,
        broadcast: settings.broadcast,
        scope: settings.scope,
        valid_lft: settings.valid,
        flags,
    }
}

impl AddAddr {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { name, settings, flags } = self;
        let device = name.resolve(model)?;
        let address = address(name, settings, *flags, device);
        model.snapshot.net.add_address(address).map_err(name.refused())?;
        if flags.has(AddressFlags::SAPOOL) {
            model.snapshot.hold_pool_address(name.addr);
        }
        Ok(())
    }
}

impl SetAddr {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { name, settings } = self;
        let device = name.resolve(model)?;
        let address = address(name, settings, AddressFlags::default(), device);
        model.snapshot.net.set_address(address).map_err(name.refused())
    }
}

impl DeleteAddr {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let name = self.name;
        let device = name.resolve(model)?;
        let gone = model.snapshot.net.remove_address(device, name.addr, name.plen).map_err(name.refused())?;
        release(model, &gone);
        Ok(())
    }
}

impl FlushAddrs {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let device = model.device(&self.device).ok_or(CommandError::NoDevice { device: self.device })?;
        let gone = model.snapshot.net.flush_addresses(device, self.families);
        let gone = gone.map_err(|_| CommandError::NoDevice { device: self.device })?;
        gone.iter().for_each(|address| release(model, address));
        Ok(())
    }
}

/// The address is no longer ours; connections that use it keep it steered.
fn release(model: &mut Model, gone: &Address) {
    if gone.flags.has(AddressFlags::SAPOOL) {
        model.snapshot.release_pool_address(gone.addr);
    }
}
