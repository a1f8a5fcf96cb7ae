//! Commands: each a function on the model that works as a whole or says why not. Every value is in range already: the edge has
//! seen to that ([`crate::edge`]).

mod addr;
mod dest;
mod device;
mod laddr;
mod route;
mod service;

pub use addr::{AddAddr, AddrSettings, DeleteAddr, FlushAddrs, SetAddr};
pub use dest::{AddDest, DeleteDest, EditDest};
pub use device::AddDevice;
pub use laddr::{AddLaddr, DeleteLaddr, FlushLaddrs};
pub use route::{AddRoute, AnyRoute, DeleteRoute, FlushRoutes, RouteFamily, RouteSpec};
pub use service::{AddService, DeleteService, EditService, Flush};

use crate::error::CommandError;
use crate::model::Model;

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A change of the configuration.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Command { $($(#[doc = $doc])+ $name($name),)+ }

        impl Command {
            /// Applies it to `model`.
            ///
            /// # Errors
            /// It cannot be. `model` may be half changed then: work on a clone, as [`crate::Master::transact`] does.
            pub fn apply(&self, model: &mut Model) -> Result<(), CommandError> {
                match self { $(Self::$name(command) => command.apply(model),)+ }
            }
        }

        $(impl From<$name> for Command {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })+
    };
}

commands! {
    /// `ipvsadm -A`.
    AddService,
    /// `ipvsadm -E`.
    EditService,
    /// `ipvsadm -D`.
    DeleteService,
    /// `ipvsadm -C`.
    Flush,
    /// `ipvsadm -a`.
    AddDest,
    /// `ipvsadm -e`.
    EditDest,
    /// `ipvsadm -d`.
    DeleteDest,
    /// `ipvsadm -P`.
    AddLaddr,
    /// `ipvsadm -Q`.
    DeleteLaddr,
    /// All local addresses of a service.
    FlushLaddrs,
    /// `dpip addr add`.
    AddAddr,
    /// Changes an address.
    SetAddr,
    /// `dpip addr del`.
    DeleteAddr,
    /// `dpip addr flush`.
    FlushAddrs,
    /// `dpip route add`.
    AddRoute,
    /// `dpip route del`.
    DeleteRoute,
    /// `dpip route flush`.
    FlushRoutes,
    /// At the start.
    AddDevice,
}
