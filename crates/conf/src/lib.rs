//! Configuration files: lexer, include files, findings with file, line and column, and the grammar of `dpvs.conf`.
//!
//! A file is read and judged completely before anything is done with it ([`dpvs::load`]). What is wrong comes
//! back as [`Finding`]s, all at once, and [`verdict`] says what follows from them (docs/spec/netstack.md §2.3).
//! No input makes this crate panic or leaves a value half set.
#![forbid(unsafe_code)]

pub mod dpvs;
mod finding;
mod include;
pub mod lexer;
mod place;
mod problem;
mod source;

pub use finding::{Finding, Level, Occasion, Severity, Used, Verdict, verdict};
pub use include::{Line, Read, read};
pub use place::{Mark, Place, Places};
pub use problem::Problem;
pub use source::{Disk, Memory, Source};
