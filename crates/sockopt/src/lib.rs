//! The control protocol: codec, client, server (docs/spec/ipc.md). Knows bytes and types, not the model.
//!
//! - [`id`]: all ids; [`code`]: what the daemon answers; [`frame`]: the two headers.
//! - One file per struct family ([`service`], [`dest`], [`laddr`], [`access`], [`conn`], [`addr`], [`route`], [`neigh`], [`link`],
//!   [`lcore`], [`info`]): first the struct as it lies in the message, then the value that cannot be wrong.
//! - [`call`]: which id takes and returns which value. An id more is a row there, and a struct where none fits.
//! - [`client`] and [`server`]: the socket's two ends; [`cursor`]: listings of connections that go over several requests.
#![forbid(unsafe_code)]

#[macro_use]
mod raw;

pub mod access;
pub mod addr;
pub mod body;
pub mod call;
pub mod client;
pub mod code;
pub mod conn;
pub mod counters;
pub mod cursor;
pub mod dest;
pub mod field;
pub mod frame;
pub mod id;
pub mod info;
pub mod laddr;
pub mod lcore;
pub mod link;
pub mod malformed;
pub mod neigh;
pub mod route;
pub mod route6;
pub mod server;
pub mod service;
pub mod text;

pub use body::Body;
pub use call::Call;
pub use client::{Client, ClientError};
pub use code::Code;
pub use field::{Family, LcoreId, Protocol};
pub use id::{Id, Kind};
pub use malformed::Malformed;
pub use raw::Layout;
pub use server::{Reply, Request, Server};
pub use text::{Device, Text};
