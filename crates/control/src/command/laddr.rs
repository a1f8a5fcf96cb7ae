//! Local addresses: docs/spec/ipc.md §5.5, docs/spec/datapath.md §16.1.

use std::net::IpAddr;

use ipvs::service::{LaddrSlot, ServiceKey, ServiceSlot};
use netstack::device::DeviceName;

use crate::error::CommandError;
use crate::model::Model;

/// Adds a local address at the end of a service's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddLaddr {
    /// The service.
    pub service: ServiceKey,
    /// The address.
    pub laddr: IpAddr,
    /// The device that owns it.
    pub device: DeviceName,
}

/// Deletes a local address; its connections go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteLaddr {
    /// The service.
    pub service: ServiceKey,
    /// The address.
    pub laddr: IpAddr,
}

/// Deletes all local addresses of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlushLaddrs {
    /// The service.
    pub service: ServiceKey,
}

/// The slot of a service; one that is missing has another code here.
fn owner(model: &Model, key: &ServiceKey) -> Result<ServiceSlot, CommandError> {
    let found = model.snapshot().lookup(key).map(|(slot, _)| slot);
    found.ok_or(CommandError::NoServiceForLaddr { service: *key })
}

impl AddLaddr {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { service, laddr, device } = *self;
        let owner = owner(model, &service)?;
        if model.device(&device).is_none() {
            return Err(CommandError::NoDevice { device });
        }
        if model.find_laddr(owner, laddr).is_some() {
            return Err(CommandError::LaddrExists { service, laddr });
        }
        if service.vip.is_ipv4() != laddr.is_ipv4() {
            return Err(CommandError::LaddrFamily { service, laddr });
        }
        model.add_laddr(owner, laddr, device).map_err(CommandError::slots("local address"))?;
        Ok(())
    }
}

impl DeleteLaddr {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { service, laddr } = *self;
        let owner = owner(model, &service)?;
        let slot = model.find_laddr(owner, laddr).ok_or(CommandError::NoLaddr { service, laddr })?;
        model.retire_laddr(slot).map_err(CommandError::slots("local address"))
    }
}

impl FlushLaddrs {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let owner = owner(model, &self.service)?;
        let slots: Vec<LaddrSlot> =
            model.snapshot().service(owner).map(|service| service.laddrs.to_vec()).unwrap_or_default();
        slots
            .into_iter()
            .try_for_each(|slot| model.retire_laddr(slot))
            .map_err(CommandError::slots("local address"))
    }
}
