//! Routes: docs/spec/ipc.md §6.2, docs/spec/netstack.md §5.8.
//!
//! The families differ in what they report: of IPv4, adding what is there and deleting what is not is no error [D26].

use netstack::device::{DeviceId, DeviceName};
use netstack::route::{Route, RouteError, RouteFlags};
use wire::{Addr, Addr4, Addr6};

use crate::error::CommandError;
use crate::model::Model;
use crate::names::RouteName;

/// A route of family `A`, its device by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSpec<A> {
    /// The network it leads to.
    pub dst: A,
    /// Bits of `dst` that count.
    pub plen: u8,
    /// The device.
    pub device: DeviceName,
    /// Next hop; none: the destination is a neighbour.
    pub gateway: Option<A>,
    /// The source that suits it.
    pub src: Option<A>,
    /// The longest packet; 0: as the device.
    pub mtu: u16,
    /// The least wins among equals.
    pub metric: i16,
    /// What it is for.
    pub flags: RouteFlags,
}

/// A route of either family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyRoute {
    /// IPv4.
    V4(RouteSpec<Addr4>),
    /// IPv6.
    V6(RouteSpec<Addr6>),
}

/// Which routes to flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Adds a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddRoute {
    /// The route.
    pub route: AnyRoute,
}

/// Deletes a route: device, prefix and class count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRoute {
    /// The route.
    pub route: AnyRoute,
}

/// Deletes all routes of a family by a device, those of its addresses included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlushRoutes {
    /// The device.
    pub device: DeviceName,
    /// The family.
    pub family: RouteFamily,
}

impl<A: Addr> RouteSpec<A> {
    fn name(&self) -> RouteName {
        RouteName { dst: self.dst.ip(), plen: self.plen, device: self.device }
    }

    fn refused(&self, cause: RouteError) -> CommandError {
        CommandError::Route { route: self.name(), cause }
    }

    /// With the device's number.
    fn resolve(&self, model: &Model) -> Result<Route<A>, RouteError> {
        let device = model.device(&self.device).ok_or(RouteError::NoDevice)?;
        let route = Route::new(self.dst, self.plen, device, self.flags);
        let Self { gateway, src, mtu, metric, .. } = *self;
        Ok(Route { gateway, src, mtu, metric, ..route })
    }

    fn add(&self, model: &mut Model) -> Result<(), RouteError> {
        let route = self.resolve(model)?;
        model.snapshot.net.add_route(route)
    }

    fn delete(&self, model: &mut Model) -> Result<(), RouteError> {
        let route = self.resolve(model)?;
        model.snapshot.net.remove_route(&route).map(|_| ())
    }
}

impl AddRoute {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        match &self.route {
            AnyRoute::V4(route) => match route.add(model) {
                Ok(()) | Err(RouteError::Exists) => Ok(()),
                Err(cause) => Err(route.refused(cause)),
            },
            AnyRoute::V6(route) => route.add(model).map_err(|cause| route.refused(cause)),
        }
    }
}

impl DeleteRoute {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        match &self.route {
            AnyRoute::V4(route) => match route.delete(model) {
                Ok(()) | Err(RouteError::NotFound) => Ok(()),
                Err(cause) => Err(route.refused(cause)),
            },
            AnyRoute::V6(route) => route.delete(model).map_err(|cause| route.refused(cause)),
        }
    }
}

impl FlushRoutes {
    pub(super) fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
        let Self { device: name, family } = *self;
        let gone = |cause| {
            let dst = match family {
                RouteFamily::V4 => Addr4::default().ip(),
                RouteFamily::V6 => Addr6::default().ip(),
            };
            CommandError::Route { route: RouteName { dst, plen: 0, device: name }, cause }
        };
        let device: DeviceId = model.device(&name).ok_or_else(|| gone(RouteError::NoDevice))?;
        let net = &mut model.snapshot.net;
        match family {
            RouteFamily::V4 => net.flush_routes::<Addr4>(device),
            RouteFamily::V6 => net.flush_routes::<Addr6>(device),
        }
        .map_err(gone)
    }
}
