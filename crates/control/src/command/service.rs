//! Services: docs/spec/ipc.md §5.3, docs/spec/datapath.md §3.

use std::net::IpAddr;

use ipvs::service::{ServiceKey, ServiceSettings, ServiceSlot};
use sockopt::service::DestCheck;

use crate::error::CommandError;
use crate::model::Model;

/// Adds a service without dests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddService {
    /// Its name.
    pub key: ServiceKey,
    /// What may be edited later.
    pub settings: ServiceSettings,
    /// How others check its dests.
    pub checks: DestCheck,
}

/// Replaces what of a service may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditService {
    /// Its name.
    pub key: ServiceKey,
    /// What it becomes.
    pub settings: ServiceSettings,
    /// How others check its dests.
    pub checks: DestCheck,
}

/// Deletes a service with dests and local addresses; its connections go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteService {
    /// Its name.
    pub key: ServiceKey,
}

/// Deletes all services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flush;

/// The slot of a service that must be there.
pub(super) fn slot(model: &Model, key: &ServiceKey) -> Result<ServiceSlot, CommandError> {
    let found = model.snapshot().lookup(key).map(|(slot, _)| slot);
    found.ok_or(CommandError::NoService { service: *key })
}

/// Whether the address' words fold to nothing: such a service could not be found upstream, so no tool expects it.
fn folds_to_nothing(vip: IpAddr) -> bool {
    match vip {
        IpAddr::V4(v4) => v4.is_unspecified(),
        IpAddr::V6(v6) => {
            let words = v6.octets();
            let words = words.chunks_exact(4).map(|w| u32::from_ne_bytes([w[0], w[1], w[2], w[3]]));
            words.fold(0, |sum, word| sum ^ word) == 0
        }
    }
}

impl AddService {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { key, settings, checks } = *self;
        if folds_to_nothing(key.vip) {
            return Err(CommandError::BadVip { vip: key.vip });
        }
        if model.snapshot().lookup(&key).is_some() {
            return Err(CommandError::ServiceExists { service: key });
        }
        model.add_service(key, settings, checks).map_err(CommandError::slots("service"))?;
        Ok(())
    }
}

impl EditService {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { key, settings, checks } = *self;
        let slot = slot(model, &key)?;
        if key.vip.is_ipv6() && !(1..=128).contains(&settings.netmask) {
            return Err(CommandError::BadNetmask { service: key, prefix: settings.netmask });
        }
        model.edit_service(slot, settings, checks).map_err(CommandError::slots("service"))
    }
}

impl DeleteService {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let slot = slot(model, &self.key)?;
        model.retire_service(slot).map_err(CommandError::slots("service"))
    }
}

impl Flush {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let slots: Vec<_> = model.services().map(|(slot, _)| slot).collect();
        slots
            .into_iter()
            .try_for_each(|slot| model.retire_service(slot))
            .map_err(CommandError::slots("service"))
    }
}
