//! The master: the authoritative model, commands, publication, statistics. No socket, no thread, no clock.
#![forbid(unsafe_code)]

pub mod books;
pub mod command;
pub mod conn_dump;
pub mod edge;
pub mod error;
mod ledger;
pub mod master;
pub mod model;
pub mod names;
mod pool;

pub use books::{Books, Whose};
pub use command::Command;
pub use conn_dump::Dump;
pub use edge::{Desk, LinkView, Outcome, Refusal, handle};
pub use error::{CommandError, Refused};
pub use master::Master;
pub use model::Model;
