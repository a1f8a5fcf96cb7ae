//! What `dpdk` needs of the system's libdpdk, as C declares it.
//!
//! The declarations are generated while building, from the installed headers and from `shim.h`, which wraps what is not in
//! the library (inline functions, macros, offsets) or differs between DPDK versions. No version is asked for in Rust: 22.11
//! and 24.11 look the same from here.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks, clippy::cast_possible_truncation)]

/// A packet buffer. Its fields are read at the offsets `SHIM_MBUF_*`.
#[repr(C)]
pub struct rte_mbuf {
    opaque: [u8; 0],
    not_by_value: core::marker::PhantomData<(*mut u8, core::marker::PhantomPinned)>,
}

/// A pool of packet buffers.
#[repr(C)]
pub struct rte_mempool {
    opaque: [u8; 0],
    not_by_value: core::marker::PhantomData<(*mut u8, core::marker::PhantomPinned)>,
}

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    /// bindgen computed the offsets with libclang; the library and the shim were compiled by another compiler.
    #[test]
    fn offsets_are_those_of_the_c_compiler() {
        let of = |field| unsafe { shim_mbuf_offset(field) };
        let ours = [
            SHIM_MBUF_BUF_ADDR,
            SHIM_MBUF_DATA_OFF,
            SHIM_MBUF_NB_SEGS,
            SHIM_MBUF_PORT,
            SHIM_MBUF_OL_FLAGS,
            SHIM_MBUF_PKT_LEN,
            SHIM_MBUF_DATA_LEN,
            SHIM_MBUF_VLAN_TCI,
            SHIM_MBUF_RSS,
            SHIM_MBUF_BUF_LEN,
            SHIM_MBUF_POOL,
            SHIM_MBUF_TX_OFFLOAD,
        ];
        let theirs: Vec<usize> = (0..).map(of).take_while(|&offset| offset != usize::MAX).collect();
        assert_eq!(theirs, ours);
    }

    #[test]
    fn the_library_answers() {
        let version = unsafe { std::ffi::CStr::from_ptr(rte_version()) };
        assert!(version.to_bytes().starts_with(b"DPDK "), "{version:?}");
    }
}
