//! How a snapshot changes: each change is made on a clone that becomes the next generation.
//!
//! Slots are given by whoever calls: the first free one at the end here ([`Snapshot::add_service`] and its like), or one that has
//! drained (the `seat_` functions).

use std::net::IpAddr;
use std::sync::Arc;

use crate::cow::CowVec;
use crate::service::{
    Dest, DestSettings, DestSlot, Laddr, LaddrSlot, MAX_DESTS, MAX_LADDRS, MAX_SERVICES, Service, ServiceKey,
    ServiceSettings, ServiceSlot, Weight,
};
use crate::snapshot::Snapshot;

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// No slot is left.
    #[error("no room for another one")]
    Full,
    /// The slot to be used or changed holds nothing (or, to be filled, something).
    #[error("no such slot")]
    NoSlot,
}

use NoChange::{Full, NoSlot};

/// Appends an empty slot.
fn append<T: Clone>(slots: &mut CowVec<Option<T>>, most: usize) -> Result<u32, NoChange> {
    if slots.len() >= most {
        return Err(Full);
    }
    u32::try_from(slots.push(None)).map_err(|_| Full)
}

/// Fills an empty slot.
fn seat<T: Clone>(slots: &mut CowVec<Option<T>>, index: usize, tenant: T) -> Result<(), NoChange> {
    let seat = slots.get_mut(index).filter(|seat| seat.is_none()).ok_or(NoSlot)?;
    *seat = Some(tenant);
    Ok(())
}

/// Services.
impl Snapshot {
    /// Adds a service without dests in a slot of its own. The caller has seen that the key is free.
    pub fn add_service(
        &mut self,
        key: ServiceKey,
        settings: ServiceSettings,
    ) -> Result<ServiceSlot, NoChange> {
        let slot = ServiceSlot(append(&mut self.services, MAX_SERVICES)?);
        self.seat_service(slot, key, settings)?;
        Ok(slot)
    }

    /// Puts a service into an empty slot.
    pub fn seat_service(
        &mut self,
        slot: ServiceSlot,
        key: ServiceKey,
        settings: ServiceSettings,
    ) -> Result<(), NoChange> {
        self.services_made += 1;
        let service = Service {
            key,
            settings,
            born: self.services_made,
            dests: CowVec::default(),
            laddrs: Arc::default(),
            max_weight: Weight(0),
            weight_gcd: 1,
            edition: self.next_edition(),
        };
        seat(&mut self.services, slot.index(), Arc::new(service))?;
        self.steered.hold(key.vip);
        let shard = self.shard(&key);
        Arc::make_mut(&mut self.index[shard]).insert(key, slot);
        Ok(())
    }

    /// Changes what of a service may be edited.
    pub fn edit_service(&mut self, slot: ServiceSlot, settings: ServiceSettings) -> Result<(), NoChange> {
        let edition = self.next_edition();
        let service = self.service_mut(slot)?;
        if service.settings.scheduler != settings.scheduler {
            service.edition = edition;
        }
        service.settings = settings;
        Ok(())
    }

    /// Takes a service out of service, with all its dests and local addresses: returns those. All keep their slots, and
    /// connections go on, until the `vacate_` functions.
    pub fn retire_service(&mut self, slot: ServiceSlot) -> Result<(Vec<DestSlot>, Vec<LaddrSlot>), NoChange> {
        let service = self.service_mut(slot)?;
        let dests = service.dests().collect();
        let laddrs = service.laddrs.to_vec();
        (service.dests, service.laddrs) = (CowVec::default(), Arc::default());
        let key = service.key;
        let shard = self.shard(&key);
        Arc::make_mut(&mut self.index[shard]).remove(&key);
        Ok((dests, laddrs))
    }

    /// Empties the slot of a service all of whose dests and local addresses have been vacated.
    pub fn vacate_service(&mut self, slot: ServiceSlot) -> Result<(), NoChange> {
        let service = self.services.get_mut(slot.index()).and_then(Option::take).ok_or(NoSlot)?;
        self.steered.release(service.key.vip);
        Ok(())
    }

    fn service_mut(&mut self, slot: ServiceSlot) -> Result<&mut Service, NoChange> {
        let service = self.services.get_mut(slot.index()).and_then(Option::as_mut).ok_or(NoSlot)?;
        Ok(Arc::make_mut(service))
    }

    fn next_edition(&mut self) -> u32 {
        // 0 is no edition.
        self.editions = self.editions.wrapping_add(1).max(1);
        self.editions
    }
}

/// Dests.
impl Snapshot {
    /// Adds a dest at the head of the list, in a slot of its own.
    pub fn add_dest(
        &mut self,
        service: ServiceSlot,
        addr: IpAddr,
        port: u16,
        settings: impl Into<DestSettings>,
    ) -> Result<DestSlot, NoChange> {
        let slot = DestSlot(append(&mut self.dests, MAX_DESTS)?);
        self.seat_dest(Dest { slot, service, addr, port, settings: settings.into(), tenancy: 0 })?;
        Ok(slot)
    }

    /// Puts `dest` into service in its slot, which is empty.
    pub fn seat_dest(&mut self, dest: Dest) -> Result<(), NoChange> {
        let (slot, service, weight) = (dest.slot, dest.service, dest.settings.weight);
        let vip = self.service(service).ok_or(NoSlot)?.key.vip;
        let edition = self.next_edition();
        // Workers keep the way to a dest under its slot: it must not be an earlier tenant's.
        seat(&mut self.dests, slot.index(), Dest { tenancy: edition, ..dest })?;
        // Until its last connection is gone the VIP's packets are handed over, whatever becomes of the service.
        self.steered.hold(vip);
        let service = self.service_mut(service)?;
        service.dests.push(slot);
        service.max_weight = service.max_weight.max(weight);
        let gcd_before = if service.dests.len() == 1 { 0 } else { service.weight_gcd };
        service.weight_gcd = gcd(gcd_before, weight.0).max(1);
        service.edition = edition;
        Ok(())
    }

    /// Takes a dest out of service. It keeps its slot, and its connections go on, until [`Self::vacate_dest`].
    pub fn retire_dest(&mut self, slot: DestSlot) -> Result<(), NoChange> {
        let owner = self.dest(slot).ok_or(NoSlot)?.service;
        let mut left = CowVec::default();
        let service = self.service_mut(owner)?;
        service.dests.iter().filter(|dest| **dest != slot).for_each(|dest| {
            left.push(*dest);
        });
        service.dests = left;
        self.weigh(owner)
    }

    /// Empties the slot of a dest that has drained.
    pub fn vacate_dest(&mut self, slot: DestSlot) -> Result<(), NoChange> {
        let dest = self.dests.get_mut(slot.index()).and_then(Option::take).ok_or(NoSlot)?;
        let vip = self.service(dest.service).ok_or(NoSlot)?.key.vip;
        self.steered.release(vip);
        Ok(())
    }

    /// Changes what of a dest may be edited. No way changes by that.
    pub fn edit_dest(&mut self, slot: DestSlot, settings: impl Into<DestSettings>) -> Result<(), NoChange> {
        let dest = self.dests.get_mut(slot.index()).and_then(Option::as_mut).ok_or(NoSlot)?;
        dest.settings = settings.into();
        let service = dest.service;
        self.weigh(service)
    }

    /// Counts the weights of a service again, and has its schedulers start again.
    fn weigh(&mut self, slot: ServiceSlot) -> Result<(), NoChange> {
        let (mut max, mut divisor) = (Weight(0), 0);
        for dest in self.service(slot).ok_or(NoSlot)?.dests() {
            let weight = self.dest(dest).ok_or(NoSlot)?.settings.weight;
            (max, divisor) = (max.max(weight), gcd(divisor, weight.0));
        }
        let edition = self.next_edition();
        let service = self.service_mut(slot)?;
        (service.max_weight, service.weight_gcd, service.edition) = (max, divisor.max(1), edition);
        Ok(())
    }
}

/// Local addresses.
impl Snapshot {
    /// Adds a local address at the end of a service's list, in a slot of its own.
    pub fn add_laddr(&mut self, service: ServiceSlot, addr: IpAddr) -> Result<LaddrSlot, NoChange> {
        let slot = LaddrSlot(append(&mut self.laddrs, MAX_LADDRS)?);
        self.seat_laddr(Laddr { slot, service, addr })?;
        Ok(slot)
    }

    /// Puts `laddr` into use in its slot, which is empty.
    pub fn seat_laddr(&mut self, laddr: Laddr) -> Result<(), NoChange> {
        let (slot, owner, addr) = (laddr.slot, laddr.service, laddr.addr);
        self.service(owner).ok_or(NoSlot)?;
        seat(&mut self.laddrs, slot.index(), laddr)?;
        self.steered.hold(addr);
        let service = self.service_mut(owner)?;
        service.laddrs = service.laddrs.iter().copied().chain([slot]).collect();
        Ok(())
    }

    /// Takes a local address out of use. It keeps its slot, and its connections go on, until [`Self::vacate_laddr`].
    pub fn retire_laddr(&mut self, slot: LaddrSlot) -> Result<(), NoChange> {
        let owner = self.laddr(slot).ok_or(NoSlot)?.service;
        let service = self.service_mut(owner)?;
        service.laddrs = service.laddrs.iter().copied().filter(|laddr| *laddr != slot).collect();
        Ok(())
    }

    /// Empties the slot of a local address that has drained.
    pub fn vacate_laddr(&mut self, slot: LaddrSlot) -> Result<(), NoChange> {
        let laddr = self.laddrs.get_mut(slot.index()).and_then(Option::take).ok_or(NoSlot)?;
        self.steered.release(laddr.addr);
        Ok(())
    }

    /// An address of ours may be given as a local address (sapool): its packets are handed over from now on, before the first
    /// connection uses it.
    pub fn hold_pool_address(&mut self, addr: IpAddr) {
        self.steered.hold(addr);
    }

    /// The address is no longer one of ours. Where connections still use it, it stays steered for them.
    pub fn release_pool_address(&mut self, addr: IpAddr) {
        self.steered.release(addr);
    }
}

fn gcd(a: u16, b: u16) -> u16 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use wire::{Addr4, Proto};

    use super::*;
    use crate::service::Scheduler;

    const VIP: Addr4 = Addr4([192, 0, 2, 1]);
    const LADDR: Addr4 = Addr4([10, 0, 0, 7]);

    fn with_one_dest() -> (Snapshot, ServiceSlot, DestSlot) {
        let mut now = Snapshot::empty(1);
        let key = ServiceKey { vip: VIP.0.into(), port: 80, proto: Proto::Tcp };
        let service = now.add_service(key, ServiceSettings::new(Scheduler::Rr)).expect("room");
        let dest = now.add_dest(service, [10, 1, 0, 1].into(), 80, Weight(1)).expect("room");
        (now, service, dest)
    }

    #[test]
    fn a_dest_keeps_its_slot_until_vacated() {
        let (mut now, service, slot) = with_one_dest();
        let before = now.clone();
        now.retire_dest(slot).expect("is there");
        assert_eq!(now.service(service).expect("stays").dest_count(), 0);
        let dest = now.dest(slot).expect("drains").clone();
        assert_eq!(now.seat_dest(dest.clone()), Err(NoSlot), "taken");
        now.vacate_dest(slot).expect("was there");
        assert!(now.dest(slot).is_none() && before.dest(slot).is_some());
        now.seat_dest(dest).expect("free again");
        assert_eq!(now.service(service).expect("stays").dests().collect::<Vec<_>>(), [slot]);
    }

    #[test]
    fn an_address_is_steered_until_its_last_tenant_has_drained() {
        let (mut now, service, dest) = with_one_dest();
        now.hold_pool_address(LADDR.0.into());
        let laddr = now.add_laddr(service, LADDR.0.into()).expect("room");
        now.release_pool_address(LADDR.0.into());
        assert_eq!(now.retire_service(service), Ok((vec![dest], vec![laddr])));
        assert!(now.services().next().is_none());
        assert!(now.is_steered(VIP) && now.is_steered(LADDR));
        now.vacate_laddr(laddr).expect("was there");
        assert!(!now.is_steered(LADDR));
        now.vacate_dest(dest).expect("was there");
        assert!(now.is_steered(VIP), "the service itself drains last");
        now.vacate_service(service).expect("was there");
        assert!(!now.is_steered(VIP));
    }

    #[test]
    fn weights_are_counted_whatever_way_they_came() {
        let (mut now, service, first) = with_one_dest();
        let sums = |now: &Snapshot| now.service(service).map(|s| (s.max_weight.0, s.weight_gcd));
        now.edit_dest(first, Weight(12)).expect("there");
        let second = now.add_dest(service, [10, 1, 0, 2].into(), 80, Weight(18)).expect("room");
        assert_eq!(sums(&now), Some((18, 6)));
        now.retire_dest(second).expect("there");
        assert_eq!(sums(&now), Some((12, 12)));
        now.edit_dest(first, Weight(0)).expect("there");
        assert_eq!(sums(&now), Some((0, 1)));
    }

    #[test]
    fn no_change_of_services_moves_the_ways() {
        let (mut now, _, slot) = with_one_dest();
        let before = now.net.generation();
        now.edit_dest(slot, Weight(5)).expect("is there");
        now.retire_dest(slot).expect("is there");
        assert_eq!(now.net.generation(), before);
    }
}
