//! Dests: docs/spec/ipc.md §5.4, docs/spec/datapath.md §4.

use std::net::SocketAddr;

use ipvs::service::{DestSettings, DestSlot, ServiceKey};

use super::service;
use crate::error::{CommandError, Occasion};
use crate::model::{Health, Model};

/// Adds a dest at the head of a service's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddDest {
    /// The service.
    pub service: ServiceKey,
    /// The dest.
    pub dest: SocketAddr,
    /// What may be edited later.
    pub settings: DestSettings,
    /// Whether it begins to serve.
    pub health: Health,
}

/// Replaces what of a dest may be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditDest {
    /// The service.
    pub service: ServiceKey,
    /// The dest.
    pub dest: SocketAddr,
    /// What it becomes.
    pub settings: DestSettings,
    /// Whether it serves.
    pub health: Health,
}

/// Deletes a dest; its connections go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteDest {
    /// The service.
    pub service: ServiceKey,
    /// The dest.
    pub dest: SocketAddr,
}

fn slot(model: &Model, service: &ServiceKey, dest: SocketAddr) -> Result<DestSlot, CommandError> {
    let owner = service::slot(model, service)?;
    model.find_dest(owner, dest).ok_or(CommandError::NoDest { service: *service, dest })
}

fn check_thresholds(
    service: ServiceKey,
    dest: SocketAddr,
    settings: &DestSettings,
    occasion: Occasion,
) -> Result<(), CommandError> {
    let (min, max) = (settings.min_conn, settings.max_conn);
    if min > max {
        return Err(CommandError::Thresholds { service, dest, min, max, occasion });
    }
    Ok(())
}

impl AddDest {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { service, dest, settings, health } = *self;
        let owner = service::slot(model, &service)?;
        if model.find_dest(owner, dest).is_some() {
            return Err(CommandError::DestExists { service, dest });
        }
        check_thresholds(service, dest, &settings, Occasion::Add)?;
        if service.vip.is_ipv4() != dest.is_ipv4() {
            return Err(CommandError::DestFamily { service, dest });
        }
        model.add_dest(owner, dest, settings, health).map_err(CommandError::slots("dest"))?;
        Ok(())
    }
}

impl EditDest {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { service, dest, settings, health } = *self;
        let slot = slot(model, &service, dest)?;
        check_thresholds(service, dest, &settings, Occasion::Edit)?;
        model.edit_dest(slot, settings, health).map_err(CommandError::slots("dest"))
    }
}

impl DeleteDest {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let slot = slot(model, &self.service, self.dest)?;
        model.retire_dest(slot).map_err(CommandError::slots("dest"))
    }
}
