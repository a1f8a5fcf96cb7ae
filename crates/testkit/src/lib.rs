//! Virtual networks and network-namespace topologies for tests.
#![forbid(unsafe_code)]
