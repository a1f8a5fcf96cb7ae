//! The authoritative model: the snapshot that workers see, and what only the master needs.
//!
//! Cloning it costs no more than cloning the snapshot: every side table is a persistent map. So a transaction works on a clone
//! and drops it when a command is refused (architecture §6).
//!
//! Invariant: a slot is in service, draining or free, and free only after `vacate_dest` and its like; who is in
//! service stands in the snapshot's lists, who has left in `Retired` until the master takes it over.

use std::cmp::Reverse;
use std::net::{IpAddr, SocketAddr};

use imbl::{HashMap, OrdMap, OrdSet};
use ipvs::Snapshot;
use ipvs::change::NoChange;
use ipvs::service::{
    Dest, DestSettings, DestSlot, Laddr, LaddrSlot, Service, ServiceKey, ServiceSettings, ServiceSlot, Weight,
};
use netstack::device::{DeviceId, DeviceName};
use sockopt::service::DestCheck;
use wire::Proto;

/// The model.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) snapshot: Snapshot,
    /// Services in service, in the order of listings (docs/spec/datapath.md §3.1).
    listed: OrdMap<(u8, Reverse<u64>), ServiceSlot>,
    /// Dests in service by what names them.
    dests: HashMap<(ServiceSlot, SocketAddr), DestSlot>,
    /// Dests and local addresses that hold a service's slot, those that drain included.
    tenants: HashMap<ServiceSlot, u32>,
    checks: HashMap<ServiceSlot, DestCheck>,
    /// Dests that a health check took out: the weight that they will have again. In the snapshot they have none.
    inhibited: HashMap<DestSlot, Weight>,
    laddr_devices: HashMap<LaddrSlot, DeviceName>,
    free: Free,
    retired: Retired,
}

/// Slots that nobody holds, by kind. The lowest is given first, so that what workers touch stays together.
#[derive(Clone, Debug, Default)]
struct Free {
    services: OrdSet<ServiceSlot>,
    dests: OrdSet<DestSlot>,
    laddrs: OrdSet<LaddrSlot>,
}

/// Who has left since the model was last published.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retired {
    pub(crate) services: Vec<ServiceSlot>,
    pub(crate) dests: Vec<DestSlot>,
    pub(crate) laddrs: Vec<LaddrSlot>,
}

/// The bucket that a service is listed in.
fn bucket(key: &ServiceKey) -> u8 {
    let folded = match key.vip {
        IpAddr::V4(v4) => v4.octets()[3],
        IpAddr::V6(v6) => v6.octets().chunks_exact(4).fold(0, |sum, word| sum ^ word[3]),
    };
    let proto = match key.proto {
        Proto::None => 0,
        Proto::Tcp => 6,
        Proto::Udp => 17,
    };
    folded ^ proto
}

fn place(service: &Service) -> (u8, Reverse<u64>) {
    (bucket(&service.key), Reverse(service.born))
}

impl Model {
    /// Nothing configured but what `snapshot` says of timeouts and the like. `seed` keys what clients choose the keys of.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            listed: OrdMap::new(),
            dests: HashMap::new(),
            tenants: HashMap::new(),
            checks: HashMap::new(),
            inhibited: HashMap::new(),
            laddr_devices: HashMap::new(),
            free: Free::default(),
            retired: Retired::default(),
        }
    }

    /// What workers see.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// All services in service, in the order of listings.
    pub fn services(&self) -> impl Iterator<Item = (ServiceSlot, &Service)> {
        self.listed.values().filter_map(|&slot| Some((slot, self.snapshot.service(slot)?)))
    }

    /// How many services are in service.
    #[must_use]
    pub fn service_count(&self) -> usize {
        self.listed.len()
    }

    /// How a service's dests are checked.
    #[must_use]
    pub fn checks(&self, service: ServiceSlot) -> DestCheck {
        self.checks.get(&service).copied().unwrap_or_default()
    }

    /// The dest of that address in a service.
    #[must_use]
    pub fn find_dest(&self, service: ServiceSlot, at: SocketAddr) -> Option<DestSlot> {
        self.dests.get(&(service, at)).copied()
    }

    /// A dest's weight as configured, and whether a health check took it out.
    #[must_use]
    pub fn dest_weight(&self, dest: &Dest) -> (Weight, Health) {
        match self.inhibited.get(&dest.slot) {
            Some(&weight) => (weight, Health::Inhibited),
            None => (dest.settings.weight, Health::Serving),
        }
    }

    /// The local address of a service, and its slot.
    #[must_use]
    pub fn find_laddr(&self, service: ServiceSlot, addr: IpAddr) -> Option<LaddrSlot> {
        let laddrs = self.snapshot.service(service)?.laddrs.iter().copied();
        laddrs.into_iter().find(|&slot| self.snapshot.laddr(slot).is_some_and(|laddr| laddr.addr == addr))
    }

    /// The device that a local address is bound to.
    #[must_use]
    pub fn laddr_device(&self, laddr: LaddrSlot) -> Option<DeviceName> {
        self.laddr_devices.get(&laddr).copied()
    }

    /// The device of a name.
    #[must_use]
    pub fn device(&self, name: &DeviceName) -> Option<DeviceId> {
        self.snapshot.net.device_named(name.as_str()).map(|device| device.id)
    }

    /// The name of a device; empty for one that is gone.
    #[must_use]
    pub fn device_name(&self, device: DeviceId) -> DeviceName {
        self.snapshot.net.device(device).map(|device| device.name).unwrap_or_default()
    }

    /// How many dests and local addresses hold a service's slot.
    #[must_use]
    pub fn tenants(&self, service: ServiceSlot) -> u32 {
        self.tenants.get(&service).copied().unwrap_or(0)
    }

    /// Slots that nobody holds: of services, dests and local addresses.
    #[must_use]
    pub fn free_slots(&self) -> [usize; 3] {
        [self.free.services.len(), self.free.dests.len(), self.free.laddrs.len()]
    }

    pub(crate) fn take_retired(&mut self) -> Retired {
        std::mem::take(&mut self.retired)
    }
}

/// Whether a dest takes new connections, but for its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It does.
    #[default]
    Serving,
    /// A health check took it out.
    Inhibited,
}

/// Services.
impl Model {
    pub(crate) fn add_service(
        &mut self,
        key: ServiceKey,
        settings: ServiceSettings,
        checks: DestCheck,
    ) -> Result<ServiceSlot, NoChange> {
        let slot = match self.free.services.remove_min() {
            Some(slot) => {
                self.snapshot.seat_service(slot, key, settings)?;
                slot
            }
            None => self.snapshot.add_service(key, settings)?,
        };
        let service = self.snapshot.service(slot).ok_or(NoChange::NoSlot)?;
        self.listed.insert(place(service), slot);
        self.set_checks(slot, checks);
        Ok(slot)
    }

    pub(crate) fn edit_service(
        &mut self,
        slot: ServiceSlot,
        settings: ServiceSettings,
        checks: DestCheck,
    ) -> Result<(), NoChange> {
        self.set_checks(slot, checks);
        self.snapshot.edit_service(slot, settings)
    }

    fn set_checks(&mut self, slot: ServiceSlot, checks: DestCheck) {
        if checks == DestCheck::default() {
            self.checks.remove(&slot);
        } else {
            self.checks.insert(slot, checks);
        }
    }

    pub(crate) fn retire_service(&mut self, slot: ServiceSlot) -> Result<(), NoChange> {
        let service = self.snapshot.service(slot).ok_or(NoChange::NoSlot)?;
        self.listed.remove(&place(service));
        let (dests, laddrs) = self.snapshot.retire_service(slot)?;
        for &dest in &dests {
            self.forget_dest(dest);
        }
        self.retired.services.push(slot);
        self.retired.dests.extend(dests);
        self.retired.laddrs.extend(laddrs);
        Ok(())
    }

    pub(crate) fn vacate_service(&mut self, slot: ServiceSlot) -> Result<(), NoChange> {
        self.snapshot.vacate_service(slot)?;
        self.tenants.remove(&slot);
        self.checks.remove(&slot);
        self.free.services.insert(slot);
        Ok(())
    }

    fn moves_in(&mut self, service: ServiceSlot) {
        *self.tenants.entry(service).or_default() += 1;
    }

    fn moves_out(&mut self, service: ServiceSlot) {
        let count = self.tenants.entry(service).or_default();
        *count = count.saturating_sub(1);
    }
}

/// Dests.
impl Model {
    pub(crate) fn add_dest(
        &mut self,
        service: ServiceSlot,
        at: SocketAddr,
        settings: DestSettings,
        health: Health,
    ) -> Result<DestSlot, NoChange> {
        let (addr, port) = (at.ip(), at.port());
        let visible = visible(settings, health);
        let slot = match self.free.dests.remove_min() {
            Some(slot) => {
                self.snapshot.seat_dest(Dest { slot, service, addr, port, settings: visible, tenancy: 0 })?;
                slot
            }
            None => self.snapshot.add_dest(service, addr, port, visible)?,
        };
        self.dests.insert((service, at), slot);
        self.set_health(slot, settings.weight, health);
        self.moves_in(service);
        Ok(slot)
    }

    pub(crate) fn edit_dest(
        &mut self,
        slot: DestSlot,
        settings: DestSettings,
        health: Health,
    ) -> Result<(), NoChange> {
        self.set_health(slot, settings.weight, health);
        self.snapshot.edit_dest(slot, visible(settings, health))
    }

    fn set_health(&mut self, slot: DestSlot, weight: Weight, health: Health) {
        match health {
            Health::Inhibited => self.inhibited.insert(slot, weight),
            Health::Serving => self.inhibited.remove(&slot),
        };
    }

    pub(crate) fn retire_dest(&mut self, slot: DestSlot) -> Result<(), NoChange> {
        self.snapshot.retire_dest(slot)?;
        self.forget_dest(slot);
        self.retired.dests.push(slot);
        Ok(())
    }

    /// It can no longer be found by its name.
    fn forget_dest(&mut self, slot: DestSlot) {
        self.inhibited.remove(&slot);
        if let Some(dest) = self.snapshot.dest(slot) {
            self.dests.remove(&(dest.service, SocketAddr::new(dest.addr, dest.port)));
        }
    }

    pub(crate) fn vacate_dest(&mut self, slot: DestSlot) -> Result<(), NoChange> {
        let service = self.snapshot.dest(slot).ok_or(NoChange::NoSlot)?.service;
        self.snapshot.vacate_dest(slot)?;
        self.moves_out(service);
        self.free.dests.insert(slot);
        Ok(())
    }
}

/// What workers are told: who is inhibited has no weight.
fn visible(settings: DestSettings, health: Health) -> DestSettings {
    match health {
        Health::Serving => settings,
        Health::Inhibited => DestSettings { weight: Weight(0), ..settings },
    }
}

/// Local addresses.
impl Model {
    pub(crate) fn add_laddr(
        &mut self,
        service: ServiceSlot,
        addr: IpAddr,
        device: DeviceName,
    ) -> Result<LaddrSlot, NoChange> {
        let slot = match self.free.laddrs.remove_min() {
            Some(slot) => {
                self.snapshot.seat_laddr(Laddr { slot, service, addr })?;
                slot
            }
            None => self.snapshot.add_laddr(service, addr)?,
        };
        self.laddr_devices.insert(slot, device);
        self.moves_in(service);
        Ok(slot)
    }

    pub(crate) fn retire_laddr(&mut self, slot: LaddrSlot) -> Result<(), NoChange> {
        self.snapshot.retire_laddr(slot)?;
        self.retired.laddrs.push(slot);
        Ok(())
    }

    pub(crate) fn vacate_laddr(&mut self, slot: LaddrSlot) -> Result<(), NoChange> {
        let service = self.snapshot.laddr(slot).ok_or(NoChange::NoSlot)?.service;
        self.snapshot.vacate_laddr(slot)?;
        self.laddr_devices.remove(&slot);
        self.moves_out(service);
        self.free.laddrs.insert(slot);
        Ok(())
    }
}
