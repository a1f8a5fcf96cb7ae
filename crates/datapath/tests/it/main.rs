//! Packets through whole workers: what goes in, what must come out.

mod cluster;
mod doors;
mod expiry;
mod frames;
mod fullnat;
mod listing;
mod net_api;
mod random;
mod rig;
mod stack;
mod topology;
