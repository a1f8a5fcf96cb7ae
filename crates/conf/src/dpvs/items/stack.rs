//! The blocks between device and load balancer: timers, neighbours, address sets, IPv4, IPv6, messages, local addresses.

use crate::dpvs::block::block;
use crate::dpvs::check::{Choice, Switch, maybe};
use crate::dpvs::lists::HexSecret;
use crate::dpvs::number::{NO_BOUND, int, power, power_minus_one};
use crate::dpvs::values::{AddrGenMode, Micros, Priority, Route6Method, Seconds, Secret};

block! {
    /// `timer_defs`.
    Timers;
    items {
        /// Microseconds between two looks at a core's timers, at least.
        schedule_interval: Micros = Micros(10), int(1..=10_000_000), Reload, Later;
    }
    blocks {}
    lists {}
}

block! {
    /// `neigh_defs`: ARP and ND.
    Neigh;
    items {
        /// Packets that wait for one unresolved neighbour.
        unres_queue_length: u16 = 128, int(16..=8_192), Start, Now;
        /// Seconds that a neighbour counts as reachable; holds from when its timer is next armed.
        timeout: Seconds = Seconds(60), int(1..=3_600), Reload, Now;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipset_defs`.
    Ipset;
    items {
        /// Elements of hash sets per NUMA node.
        ipset_hash_pool_size: u32 = 262_143, power_minus_one(65_536..=NO_BOUND), Start, Later;
    }
    blocks {}
    lists {}
}

block! {
    /// `sa_pool`: local addresses and their ports.
    SaPool;
    items {
        /// Only a factor of the displayed `sa_free` (docs/spec/datapath.md §16.3): ports are used per exact server and port.
        pool_hash_size: u16 = 16, int(1..=128), Start, Never;
        /// Rules in the NIC steer what comes back to a local address to the worker that has its connection.
        flow_enable: bool = true, Switch, Start, Later;
    }
    blocks {}
    lists {}
}

block! {
    /// `ctrl_defs`.
    Ctrl;
    items {}
    blocks {
        /// Messages between cores.
        lcore_msg: LcoreMsg;
    }
    lists {}
}

block! {
    /// `ctrl_defs.lcore_msg`: messages between cores.
    LcoreMsg;
    items {
        /// Messages that may wait for one core.
        ring_size: u32 = 4_096, power(256..=524_288), Start, Later;
        /// Microseconds to wait for the answer to a blocking message.
        sync_msg_timeout_us: Micros = Micros(2_000), int(1..=NO_BOUND), Reload, Later;
        /// The least important class of message still sent.
        priority_level: Priority = Priority::Low, Choice(PRIORITIES), Reload, Later;
    }
    blocks {}
    lists {}
}

const PRIORITIES: &[(&str, Priority)] =
    &[("low", Priority::Low), ("norm", Priority::Norm), ("high", Priority::High), ("ign", Priority::Ign)];

block! {
    /// `ipv4_defs`.
    Ipv4;
    items {
        /// Packets for others are routed.
        forwarding: bool = false, Switch, Reload, Later;
        /// TTL of the daemon's own packets; 0 stands for 64.
        default_ttl: u8 = 64, int(0..=255), Start, Later;
    }
    blocks {
        /// Reassembly.
        fragment: Fragment;
    }
    lists {}
}

block! {
    /// `ipv4_defs.fragment`: reassembly, per core.
    Fragment;
    items {
        /// Hash buckets.
        bucket_number: u32 = 4_096, int(32..=65_536), Start, Later;
        /// Entries of a bucket.
        bucket_entries: u32 = 16, power(1..=256), Start, Later;
        /// Packets in reassembly at once; more than `bucket_number` times `bucket_entries` becomes half of that product.
        max_entries: u32 = 4_096, int(1..=NO_BOUND), Start, Later;
        /// Seconds that fragments wait for the rest.
        ttl: Seconds = Seconds(1), int(1..=255), Start, Later;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipv6_defs`.
    Ipv6;
    items {
        /// All IPv6 is dropped, both ways.
        disable: bool = false, Switch, Reload, Later;
        /// Packets for others are routed.
        forwarding: bool = false, Switch, Reload, Later;
        /// How link-local addresses are made; addresses that exist stay.
        addr_gen_mode: AddrGenMode = AddrGenMode::Eui64, Choice(ADDR_GEN_MODES), Reload, Later;
        /// Secret of stable-privacy addresses.
        stable_secret: Option<Secret> = None, maybe(HexSecret, "none"), Reload, Later;
    }
    blocks {
        /// Routes.
        route6: Route6;
    }
    lists {}
}

const ADDR_GEN_MODES: &[(&str, AddrGenMode)] = &[
    ("eui64", AddrGenMode::Eui64),
    ("none", AddrGenMode::None),
    ("stable-privacy", AddrGenMode::StablePrivacy),
    ("random", AddrGenMode::Random),
];

block! {
    /// `ipv6_defs.route6`.
    Route6;
    items {
        /// The table that routes are kept in.
        method: Route6Method = Route6Method::Hlist, Choice(METHODS), Start, Later;
        /// Seconds between two sweeps of deleted routes that were still in use.
        recycle_time: Seconds = Seconds(10), int(1..=36_000), Reload, Later;
    }
    blocks {
        /// Sizes of the longest-prefix-match table, per core.
        lpm: Lpm6;
    }
    lists {}
}

const METHODS: &[(&str, Route6Method)] = &[("hlist", Route6Method::Hlist), ("lpm", Route6Method::Lpm)];

block! {
    /// `ipv6_defs.route6.lpm`.
    Lpm6;
    items {
        /// Rules.
        lpm6_max_rules: u32 = 256, power(16..=65_536), Start, Later;
        /// Second-level tables.
        lpm6_num_tbl8s: u32 = 4_096, power(256..=1_048_576), Start, Later;
        /// Hash buckets of routes.
        rt6_hash_bucket: u32 = 256, power(16..=65_536), Start, Later;
    }
    blocks {}
    lists {}
}
