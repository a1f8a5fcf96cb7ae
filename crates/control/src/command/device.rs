//! Devices: given at the start, not by a request.

use netstack::device::Device;

use crate::error::CommandError;
use crate::model::Model;

/// Adds a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddDevice(pub Device);

impl AddDevice {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let device = self.0;
        let added = model.snapshot.net.add_device(device);
        added.map_err(|cause| CommandError::Device { device: device.name, cause })
    }
}
