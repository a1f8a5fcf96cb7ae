//! `ipvs_defs`; what the items mean stands in docs/spec/datapath.md.

use crate::dpvs::block::block;
use crate::dpvs::check::{Choice, Flag, Switch, maybe};
use crate::dpvs::number::{NO_BOUND, Number, int, power, power_minus_one};
use crate::dpvs::values::{Seconds, UoaMode};

/// A year, less a second.
fn timeout() -> Number {
    int(1..=31_535_999)
}

block! {
    /// `ipvs_defs`: the load balancer.
    Ipvs;
    items {}
    blocks {
        /// Connections.
        conn: Conn;
        /// UDP.
        udp: Udp;
        /// TCP.
        tcp: Tcp;
    }
    lists {}
}

impl Ipvs {
    /// Seconds a connection may be idle, by the number of its state: twelve of TCP, then UDP one-way and normal.
    #[must_use]
    pub fn idle_timeouts(&self) -> [u32; 14] {
        let (tcp, udp) = (&self.tcp.timeout, &self.udp.timeout);
        [
            tcp.none,
            tcp.established,
            tcp.syn_sent,
            tcp.syn_recv,
            tcp.fin_wait,
            tcp.time_wait,
            tcp.close,
            tcp.close_wait,
            tcp.last_ack,
            tcp.listen,
            tcp.synack,
            tcp.last,
            udp.oneway,
            udp.normal,
        ]
        .map(|seconds| seconds.0)
    }
}

block! {
    /// `ipvs_defs.conn`: connections.
    Conn;
    items {
        /// Connections of the daemon together, divided evenly over the workers.
        conn_pool_size: u32 = 2_097_151, power_minus_one(65_536..=NO_BOUND), Start, Now;
        /// Per-core cache of the pool upstream.
        conn_pool_cache: u32 = 256, power(1..=NO_BOUND), Start, Never;
        /// Seconds that a connection lives without an answer.
        conn_init_timeout: Seconds = Seconds(3), timeout(), Reload, Now;
        /// Persistence ends for a dest of weight 0.
        expire_quiescent_template: bool = false, Flag, Reload, Later;
        /// No fast transmit: each packet asks routes and neighbours.
        fast_xmit_close: bool = false, Flag, Start, Later;
        /// Forwarding lowers TTL and hop limit; once on, it stays on until the next start.
        xmit_ttl: bool = false, Flag, Sticky, Now;
        /// Upstream's table of connections by tuple; here packets always find their worker (docs/spec/datapath.md §17.4).
        redirect: bool = false, Switch, Start, Never;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipvs_defs.udp`.
    Udp;
    items {
        /// UDP without a service is dropped, not answered.
        defence_udp_drop: bool = false, Flag, Reload, Later;
        /// How UOA carries the client's address.
        uoa_mode: UoaMode = UoaMode::Opp, Choice(UOA_MODES), Sticky, Later;
        /// Packets of a connection that carry it. Upstream's default is 3; here UDP goes plain unless this is set.
        uoa_max_trail: Option<u32> = None, maybe(int(0..=NO_BOUND), "0"), Reload, Later;
    }
    blocks {
        /// Seconds a connection may be idle.
        timeout: UdpTimeouts;
    }
    lists {}
}

const UOA_MODES: &[(&str, UoaMode)] = &[("opp", UoaMode::Opp), ("ipo", UoaMode::Ipo)];

block! {
    /// `ipvs_defs.udp.timeout`: seconds a connection may be idle.
    UdpTimeouts;
    items {
        /// Only one side has sent.
        oneway: Seconds = Seconds(300), timeout(), Reload, Now;
        /// Both sides have sent.
        normal: Seconds = Seconds(300), timeout(), Reload, Now;
        /// The last state of the table.
        last: Seconds = Seconds(2), timeout(), Reload, Now;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipvs_defs.tcp`.
    Tcp;
    items {
        /// TCP without a service is dropped, not answered.
        defence_tcp_drop: bool = false, Flag, Reload, Later;
    }
    blocks {
        /// Seconds a connection may be idle, by state.
        timeout: TcpTimeouts;
        /// The daemon answers SYNs itself and opens the connection to the server when the client has proved real.
        synproxy: Synproxy;
    }
    lists {}
}

block! {
    /// `ipvs_defs.tcp.timeout`: seconds a connection may be idle, by state.
    TcpTimeouts;
    items {
        /// State NONE.
        none: Seconds = Seconds(2), timeout(), Reload, Now;
        /// State ESTABLISHED.
        established: Seconds = Seconds(90), timeout(), Reload, Now;
        /// State SYN_SENT.
        syn_sent: Seconds = Seconds(3), timeout(), Reload, Now;
        /// State SYN_RECV.
        syn_recv: Seconds = Seconds(30), timeout(), Reload, Now;
        /// State FIN_WAIT.
        fin_wait: Seconds = Seconds(7), timeout(), Reload, Now;
        /// State TIME_WAIT.
        time_wait: Seconds = Seconds(7), timeout(), Reload, Now;
        /// State CLOSE.
        close: Seconds = Seconds(3), timeout(), Reload, Now;
        /// State CLOSE_WAIT.
        close_wait: Seconds = Seconds(7), timeout(), Reload, Now;
        /// State LAST_ACK.
        last_ack: Seconds = Seconds(7), timeout(), Reload, Now;
        /// State LISTEN.
        listen: Seconds = Seconds(120), timeout(), Reload, Now;
        /// State SYNACK.
        synack: Seconds = Seconds(30), timeout(), Reload, Now;
        /// The last state of the table.
        last: Seconds = Seconds(2), timeout(), Reload, Now;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipvs_defs.tcp.synproxy`.
    Synproxy;
    items {
        /// The client sends nothing until the server has answered: its window is closed.
        close_client_window: bool = false, Flag, Reload, Later;
        /// The server is asked when the client's first data comes.
        defer_rs_syn: bool = false, Flag, Reload, Later;
        /// SYNs sent again to a server that does not answer.
        rs_syn_max_retry: u8 = 3, int(1..=99), Reload, Later;
        /// ACKs of one client that are let through before the server has answered.
        ack_storm_thresh: u16 = 10, int(1..=999), Reload, Later;
        /// Packets of one client that are kept until the server has answered.
        max_ack_saved: u8 = 3, int(1..=63), Reload, Later;
    }
    blocks {
        /// What the answer to a SYN offers.
        synack_options: SynackOptions;
        /// States in which a connection may begin anew.
        conn_reuse_state: ConnReuseState;
    }
    lists {}
}

block! {
    /// `ipvs_defs.tcp.synproxy.synack_options`: what the answer to a SYN offers.
    SynackOptions;
    items {
        /// Maximum segment size.
        mss: u16 = 1_452, int(1..=65_535), Reload, Later;
        /// TTL of the answer.
        ttl: u8 = 63, int(1..=255), Reload, Later;
        /// Selective acknowledgements; on even when absent.
        sack: bool = true, Flag, Reload, Later;
        /// Window scale.
        wscale: u8 = 0, int(0..=14), Reload, Later;
        /// Timestamps.
        timestamp: bool = false, Flag, Reload, Later;
    }
    blocks {}
    lists {}
}

block! {
    /// `ipvs_defs.tcp.synproxy.conn_reuse_state`: states in which a connection may begin anew.
    ConnReuseState;
    items {
        /// In CLOSE; on even when absent.
        close: bool = true, Flag, Reload, Later;
        /// In TIME_WAIT; on even when absent.
        time_wait: bool = true, Flag, Reload, Later;
        /// In FIN_WAIT.
        fin_wait: bool = false, Flag, Reload, Later;
        /// In CLOSE_WAIT.
        close_wait: bool = false, Flag, Reload, Later;
        /// In LAST_ACK.
        last_ack: bool = false, Flag, Reload, Later;
    }
    blocks {}
    lists {}
}
