//! Finds libdpdk, compiles the shim and writes down what both declare.
//!
//! The compiler flags are pkg-config's own (`-include rte_config.h`, the CPU that the library was built for): with others,
//! structs and inline functions could differ from the library's.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Functions of the library that are no inline functions and whose signatures do not change.
const FUNCTIONS: &[&str] = &[
    "rte_eal_(init|cleanup|has_hugepages|remote_launch|wait_lcore|hotplug_add|hotplug_remove)",
    "rte_(version|strerror)",
    "rte_(get_main_lcore|get_next_lcore|lcore_to_socket_id)",
    "rte_pktmbuf_(pool_create|free_bulk)",
    "rte_mempool_(free|avail_count)",
    "rte_eth_dev_(start|stop|close|set_mtu|get_mtu|set_link_up|set_link_down)",
    "rte_eth_dev_(adjust_nb_rx_tx_desc|socket_id|get_port_by_name)",
    "rte_eth_(find_next_owned_by|promiscuous_(enable|disable|get)|allmulticast_(enable|disable|get))",
    "rte_eth_xstats_(get|get_names)",
];

fn main() {
    println!("cargo:rerun-if-changed=shim.c");
    println!("cargo:rerun-if-changed=shim.h");
    pkg_config::Config::new().atleast_version("22.11").probe("libdpdk").unwrap_or_else(|error| {
        panic!("libdpdk 22.11 or later is needed (Debian: apt install libdpdk-dev):\n{error}")
    });
    let flags = cflags();
    compile(&flags);
    bind(&flags);
}

/// All of pkg-config's compiler flags: its crate passes on only directories and definitions.
fn cflags() -> Vec<String> {
    let tool = env::var_os("PKG_CONFIG").unwrap_or_else(|| "pkg-config".into());
    let output = Command::new(tool).args(["--cflags", "libdpdk"]).output().expect("pkg-config ran before");
    let text = String::from_utf8(output.stdout).expect("compiler flags are text");
    // CPU sets are a GNU extension.
    text.split_whitespace().chain(["-D_GNU_SOURCE"]).map(str::to_owned).collect()
}

fn compile(flags: &[String]) {
    let mut build = cc::Build::new();
    build.file("shim.c").opt_level(3).warnings(true);
    for flag in flags {
        build.flag(flag);
    }
    build
        .flag("-Wno-unused-parameter")
        .flag_if_supported("-Wno-deprecated-declarations")
        .compile("dpdk_shim");
}

fn bind(flags: &[String]) {
    let mut builder = bindgen::Builder::default()
        .header("shim.h")
        .rust_target(bindgen::RustTarget::stable(85, 0).expect("bindgen knows the workspace's Rust"))
        .clang_args(flags)
        .allowlist_function("shim_.*")
        .allowlist_type("shim_.*|lcore_function_t|rte_eth_xstat(_name)?")
        .allowlist_var("SHIM_.*")
        .allowlist_recursively(false)
        .layout_tests(true)
        .derive_default(true)
        .generate_comments(false)
        .formatter(bindgen::Formatter::None);
    for function in FUNCTIONS {
        builder = builder.allowlist_function(*function);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("bindings.rs");
    builder.generate().expect("libclang reads what the compiler compiled").write_to_file(out).expect("room");
}
