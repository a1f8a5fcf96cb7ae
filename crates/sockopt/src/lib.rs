//! The control protocol: codec, client, server.
#![forbid(unsafe_code)]
