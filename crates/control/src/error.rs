//! Why a command is refused: what, where, and what to do. One table to the codes that the old tools understand
//! (docs/spec/ipc.md §3, §5; docs/spec/cli.md §5).

use std::net::{IpAddr, SocketAddr};

use ipvs::change::NoChange;
use ipvs::service::ServiceKey;
use netstack::address::AddressError;
use netstack::device::{DeviceError, DeviceName};
use netstack::route::RouteError;
use sockopt::Code;

use crate::names::{AddrName, RouteName, ServiceName, family};

/// Whether something is added or edited: some refusals have another code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It is new.
    Add,
    /// It is there.
    Edit,
}

/// Why a command was not carried out. The model is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Changes a service, or its dests, that is not there.
    #[error("{}: no such service", ServiceName(*service))]
    NoService {
        /// The service.
        service: ServiceKey,
    },
    /// Adds a service that is there.
    #[error("{}: service exists already", ServiceName(*service))]
    ServiceExists {
        /// The service.
        service: ServiceKey,
    },
    /// Adds a service on an address whose words fold to nothing.
    #[error("{vip}: cannot be the address of a service")]
    BadVip {
        /// The address.
        vip: IpAddr,
    },
    /// Edits an IPv6 service with a persistence prefix that is none.
    #[error("{}: persistence prefix {prefix} is not 1…128", ServiceName(*service))]
    BadNetmask {
        /// The service.
        service: ServiceKey,
        /// What was given.
        prefix: u32,
    },
    /// Adds a dest that is there.
    #[error("{}: dest {dest} exists already", ServiceName(*service))]
    DestExists {
        /// The service.
        service: ServiceKey,
        /// The dest.
        dest: SocketAddr,
    },
    /// Changes a dest that is not there.
    #[error("{}: no dest {dest}", ServiceName(*service))]
    NoDest {
        /// The service.
        service: ServiceKey,
        /// The dest.
        dest: SocketAddr,
    },
    /// A dest of the other family.
    #[error("{}: dest {dest} is {}: translation between families is not supported",
        ServiceName(*service), family(dest.ip()))]
    DestFamily {
        /// The service.
        service: ServiceKey,
        /// The dest.
        dest: SocketAddr,
    },
    /// The lower threshold is above the upper.
    #[error("{}: dest {dest}: lower threshold {min} is above the upper, {max}", ServiceName(*service))]
    Thresholds {
        /// The service.
        service: ServiceKey,
        /// The dest.
        dest: SocketAddr,
        /// Lower threshold.
        min: u32,
        /// Upper threshold.
        max: u32,
        /// When.
        occasion: Occasion,
    },
    /// Changes local addresses of a service that is not there.
    #[error("{}: no such service to have local addresses", ServiceName(*service))]
    NoServiceForLaddr {
        /// The service.
        service: ServiceKey,
    },
    /// Adds a local address that is there.
    #[error("{}: local address {laddr} exists already", ServiceName(*service))]
    LaddrExists {
        /// The service.
        service: ServiceKey,
        /// The address.
        laddr: IpAddr,
    },
    /// Deletes a local address that is not there.
    #[error("{}: no local address {laddr}", ServiceName(*service))]
    NoLaddr {
        /// The service.
        service: ServiceKey,
        /// The address.
        laddr: IpAddr,
    },
    /// A local address that no dest of the service could be reached from.
    #[error("{}: local address {laddr} is {}, the service's dests are not", ServiceName(*service), family(*laddr))]
    LaddrFamily {
        /// The service.
        service: ServiceKey,
        /// The address.
        laddr: IpAddr,
    },
    /// Names a device that is not there, for an address.
    #[error("{device}: no such device")]
    NoDevice {
        /// The device.
        device: DeviceName,
    },
    /// What the stack says of an address.
    #[error("{address}: {cause}")]
    Address {
        /// The address.
        address: AddrName,
        /// Why not.
        cause: AddressError,
    },
    /// What the stack says of a route.
    #[error("route to {route}: {cause}")]
    Route {
        /// The route.
        route: RouteName,
        /// Why not.
        cause: RouteError,
    },
    /// What the stack says of a device.
    #[error("{device}: {cause}")]
    Device {
        /// The device.
        device: DeviceName,
        /// Why not.
        cause: DeviceError,
    },
    /// No slot is left, or (never) the model contradicts itself.
    #[error("{what}: {cause}")]
    Slots {
        /// What was changed.
        what: &'static str,
        /// Why not.
        cause: NoChange,
    },
}

impl CommandError {
    /// For `map_err`: names what was being changed.
    pub(crate) fn slots(what: &'static str) -> impl Fn(NoChange) -> Self {
        move |cause| Self::Slots { what, cause }
    }

    /// What the old tools understand.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            // Not NotExist: docs/spec/ipc.md §5.3.
            Self::NoService { .. } | Self::BadVip { .. } | Self::BadNetmask { .. } => Code::Invalid,
            Self::ServiceExists { .. } | Self::DestExists { .. } | Self::LaddrExists { .. } => Code::Exist,
            Self::NoDest { .. } | Self::NoLaddr { .. } | Self::NoDevice { .. } => Code::NotExist,
            Self::DestFamily { .. } | Self::LaddrFamily { .. } => Code::NotSupported,
            Self::Thresholds { occasion: Occasion::Add, .. } => Code::NotSupported,
            Self::Thresholds { occasion: Occasion::Edit, .. } => Code::Invalid,
            Self::NoServiceForLaddr { .. } => Code::NoService,
            Self::Address { cause, .. } => match cause {
                AddressError::Unspecified | AddressError::PrefixTooLong => Code::Invalid,
                AddressError::NoDevice | AddressError::NotFound => Code::NotExist,
                AddressError::Exists => Code::Exist,
            },
            Self::Route { cause, .. } => match cause {
                RouteError::PrefixTooLong
                | RouteError::NotAHost
                | RouteError::NoClass
                | RouteError::NoDevice => Code::Invalid,
                RouteError::Exists => Code::Exist,
                RouteError::NotFound => Code::NotExist,
            },
            Self::Device { cause, .. } => match cause {
                DeviceError::BadName | DeviceError::BadId | DeviceError::BadVlan => Code::Invalid,
                DeviceError::Exists => Code::Exist,
                DeviceError::NotFound => Code::NotExist,
            },
            Self::Slots { cause: NoChange::Full, .. } => Code::NoRoom,
            Self::Slots { cause: NoChange::NoSlot, .. } => Code::NoResource,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoService { service } | Self::NoServiceForLaddr { service } => {
                format!("add it first: ipvsadm -A {}", ServiceName(*service).as_flags())
            }
            Self::ServiceExists { service } => {
                format!("change it with: ipvsadm -E {}", ServiceName(*service).as_flags())
            }
            Self::BadVip { .. } => "give an address that clients can reach".into(),
            Self::BadNetmask { .. } => "give a prefix length of 1 to 128".into(),
            Self::DestExists { service, dest } => {
                format!("change it with: ipvsadm -e {} -r {dest}", ServiceName(*service).as_flags())
            }
            Self::NoDest { service, dest } => {
                format!("add it first: ipvsadm -a {} -r {dest} -b", ServiceName(*service).as_flags())
            }
            Self::DestFamily { service, .. } => format!("give an {} dest", family(service.vip)),
            Self::Thresholds { .. } => "give a lower threshold that is at most the upper one".into(),
            Self::LaddrExists { .. } => "nothing to do".into(),
            Self::NoLaddr { service, .. } => {
                format!("ipvsadm -G {} lists those that are there", ServiceName(*service).as_flags())
            }
            Self::LaddrFamily { service, .. } => format!("give an {} address", family(service.vip)),
            Self::NoDevice { .. } | Self::Device { .. } => "dpip link show lists the devices".into(),
            Self::Address { .. } => "dpip addr show lists the addresses".into(),
            Self::Route { .. } => "dpip route show lists the routes".into(),
            Self::Slots { cause: NoChange::Full, .. } => {
                "delete some, or wait until connections of deleted ones have ended".into()
            }
            Self::Slots { cause: NoChange::NoSlot, .. } => "this is a defect, please report it".into(),
        }
    }
}

/// A transaction that was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("command {index}: {error}")]
pub struct Refused {
    /// Which of the commands, from 0.
    pub index: usize,
    /// Why.
    #[source]
    pub error: CommandError,
}
