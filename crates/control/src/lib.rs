//! The master: model, commands, publication, statistics.
#![forbid(unsafe_code)]
