//! The stack below and beside balancing: addresses, routes, neighbours, ICMP.
#![forbid(unsafe_code)]
