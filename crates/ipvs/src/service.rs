//! What is configured: services, their dests and their local addresses, as the snapshot keeps them
//! (docs/spec/datapath.md §3, §4, §16).
//!
//! Each has a *slot*: its name from before its first connection until after its last. Worker-owned arrays are indexed by it,
//! and connections keep it, so a slot is given to a new tenant only when it has drained ([`crate::drain`]).

use std::net::IpAddr;
use std::sync::Arc;

use wire::Proto;
use zerocopy::FromZeros;

use crate::cow::CowVec;

macro_rules! slots {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, FromZeros)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index.
            #[inline(always)]
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

slots! {
    /// Slot of a service.
    ServiceSlot;
    /// Slot of a dest.
    DestSlot;
    /// Slot of a local address *of one service*: so that connections can be counted for each service apart.
    LaddrSlot;
}

/// Most services at once.
pub const MAX_SERVICES: usize = 1 << 17;
/// Most dests at once, those that drain included.
pub const MAX_DESTS: usize = 1 << 20;
/// Most pairs of service and local address at once, those that drain included.
pub const MAX_LADDRS: usize = 1 << 20;

/// What a packet must carry to be a service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceKey {
    /// Virtual address.
    pub vip: IpAddr,
    /// Virtual port.
    pub port: u16,
    /// Protocol.
    pub proto: Proto,
}

/// How a service picks dests (docs/spec/datapath.md §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduler {
    /// Round robin.
    Rr,
    /// Weighted round robin, interleaved.
    Wrr,
}

/// A dest's share of new connections; 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(pub u16);

/// What of a service may be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// How dests are picked.
    pub scheduler: Scheduler,
    /// Idle seconds in place of the protocol's, where the state is one that lasts (`conn_timeout`).
    pub conn_timeout: Option<u32>,
    /// Flags as users gave them (docs/spec/datapath.md §3.3); listed again.
    pub flags: u32,
    /// Seconds that a template lasts; listed again.
    pub persistence: u32,
    /// Mask (IPv4, network order) or prefix length (IPv6) of a template; listed again.
    pub netmask: u32,
}

impl ServiceSettings {
    /// A plain service.
    #[must_use]
    pub fn new(scheduler: Scheduler) -> Self {
        Self { scheduler, conn_timeout: None, flags: 0, persistence: 0, netmask: u32::MAX }
    }
}

/// A virtual service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Identity.
    pub key: ServiceKey,
    /// What may be edited.
    pub settings: ServiceSettings,
    /// Counts services made: listings show the newest first.
    pub born: u64,
    /// Dests in service, the oldest first: the list that users see is the reverse ([`Service::dest`]).
    pub(crate) dests: CowVec<DestSlot>,
    /// Local addresses in list order.
    pub laddrs: Arc<[LaddrSlot]>,
    /// Largest weight.
    pub max_weight: Weight,
    /// Greatest common divisor of the weights above 0; 1 if there are none.
    pub weight_gcd: u16,
    /// Counts what makes schedulers start again: changes of dests and of the scheduler.
    pub edition: u32,
}

impl Service {
    /// How many dests are in service.
    #[must_use]
    pub fn dest_count(&self) -> usize {
        self.dests.len()
    }

    /// The dest at `place` of the list that users see: new ones come to its head (docs/spec/datapath.md §4.1).
    #[inline]
    #[must_use]
    pub fn dest(&self, place: usize) -> Option<DestSlot> {
        self.dests.get(self.dests.len().checked_sub(place + 1)?).copied()
    }

    /// All dests in list order.
    pub fn dests(&self) -> impl Iterator<Item = DestSlot> {
        (0..self.dest_count()).filter_map(|place| self.dest(place))
    }
}

/// What of a dest may be edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DestSettings {
    /// Its share.
    pub weight: Weight,
    /// Most connections; 0: no limit. Listed again, not yet enforced.
    pub max_conn: u32,
    /// Listed again.
    pub min_conn: u32,
}

impl From<Weight> for DestSettings {
    fn from(weight: Weight) -> Self {
        Self { weight, ..Self::default() }
    }
}

/// A backend of a service.
#[derive(Clone, Debug)]
pub struct Dest {
    /// Its name.
    pub slot: DestSlot,
    /// The service it works for.
    pub service: ServiceSlot,
    /// Address.
    pub addr: IpAddr,
    /// Port.
    pub port: u16,
    /// What may be edited.
    pub settings: DestSettings,
    /// Tells it from earlier tenants of its slot; set when it takes it.
    pub tenancy: u32,
}

/// A local address of a service.
#[derive(Clone, Debug)]
pub struct Laddr {
    /// Its name.
    pub slot: LaddrSlot,
    /// The service that uses it.
    pub service: ServiceSlot,
    /// Address.
    pub addr: IpAddr,
}
