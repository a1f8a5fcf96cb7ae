//! The stack below and beside balancing: devices, addresses, routes, neighbours, ICMP. docs/spec/netstack.md §4.1, §5.
//!
//! | module | what | who reads it | who changes it |
//! |---|---|---|---|
//! | [`net`] | devices, addresses and routes, as part of a snapshot | workers, punt thread | control, on a copy |
//! | [`adjacency`] | next hops and their MAC addresses, in place | workers | the punt thread, alone |
//! | [`neighbour`] | what is known of neighbours, and the packets that wait for them | punt thread | punt thread |
//! | [`stack`] | ARP, ICMP and the rest of what workers punt | punt thread | punt thread |
//!
//! No clock, no thread, no I/O: time comes in as [`flow::Tick`], chance as a seed.
#![forbid(unsafe_code)]

pub mod address;
pub mod adjacency;
mod chance;
pub mod device;
pub mod neighbour;
pub mod net;
pub mod policer;
pub mod prefix;
pub mod route;
pub mod stack;
pub mod trie;

pub use address::{Address, AddressError};
pub use adjacency::{Adjacencies, AdjacencyWriter, Hop, HopId};
pub use device::{Device, DeviceError, DeviceId, DeviceName, Egress};
pub use neighbour::Settings;
pub use net::{Families, Inbound, Net, Way};
pub use route::{Route, RouteError, Routes, Scope};
pub use stack::{Punt, Stack, StackDrop};
