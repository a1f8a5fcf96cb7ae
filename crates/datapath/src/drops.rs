//! Why packets are not sent on. One table makes the reasons, their metric names and their explanations.

macro_rules! drop_reasons {
    ($($(#[doc = $text:literal])+ $reason:ident = $metric:literal;)+) => {
        /// Why a packet was not sent on. Each such packet has exactly one reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Drop { $($(#[doc = $text])+ $reason,)+ }

        impl Drop {
            /// All reasons, in order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$reason,)+];

            /// The metric's name; never changed once released.
            #[must_use]
            pub const fn metric(self) -> &'static str {
                match self { $(Self::$reason => $metric,)+ }
            }

            /// What it means to an operator.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$reason => concat!($($text,)+).trim_ascii(),)+ }
            }
        }
    };
}

drop_reasons! {
    /// A header or a stated length goes past the end of the frame: cut by the port, or sent by a host whose segmentation offload is on (cure: `ethtool -K PEER tso off gso off`).
    Truncated = "truncated";
    /// Wrong IP version or header length.
    BadHeader = "bad_header";
    /// The port, or the header itself, says that a checksum is wrong.
    BadChecksum = "bad_checksum";
    /// An IPv4 fragment: it has no ports to go by.
    Fragment = "fragment";
    /// Sent to another station's MAC address.
    OtherHost = "other_host";
    /// An IP packet sent to a group or to everyone.
    NotUnicast = "not_unicast";
    /// Tagged for a VLAN that no device here has.
    NoVlan = "no_vlan";
    /// Neither IP nor ARP.
    NoProtocol = "no_protocol";
    /// Neither balanced nor for an address of ours, and forwarding is off.
    NotLocal = "not_local";
    /// A TCP segment of no known connection that does not open one.
    NotOpening = "not_opening";
    /// The service has no dest that takes connections.
    NoDest = "no_dest";
    /// The service has no local address of its dest's family.
    NoLaddr = "no_laddr";
    /// No port is free within reach on the local addresses of the service, for this worker and dest.
    NoPort = "no_port";
    /// The worker's share of connections is full and nothing embryonic is near.
    NoRoom = "no_room";
    /// No route leads to where the packet should go next.
    NoRoute = "no_route";
    /// TTL or hop limit used up.
    TtlExpired = "ttl_expired";
    /// The port could not do what the packet needs: no headroom for a tag, no buffer for a copy.
    Unsendable = "unsendable";
    /// The transmit queue had no room.
    TxFull = "tx_full";
    /// No worker has a transmit queue on the port.
    NoTxQueue = "no_tx_queue";
    /// The worker to which the packet goes was too busy to take it.
    RingFull = "ring_full";
    /// Goes to a worker that does not exist.
    NoOwner = "no_owner";
    /// The slow path was too busy to take it.
    PuntFull = "punt_full";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_texts_are_sentences() {
        let names: HashSet<_> = Drop::ALL.iter().map(|reason| reason.metric()).collect();
        assert_eq!(names.len(), Drop::ALL.len());
        for reason in Drop::ALL {
            let lower = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(reason.metric().chars().all(lower), "{reason:?}");
            assert!(reason.text().ends_with(['.', ')']), "{reason:?}");
        }
    }

    /// `UPDATE_GOLDEN=1 cargo test` writes it anew.
    #[test]
    fn the_manual_says_the_same() {
        let rows = Drop::ALL.iter().map(|r| format!("| `{}` | {} |\n", r.metric(), r.text()));
        let head = "# Why packets are not sent on\n\nEach packet that a worker does not send on is counted under exactly one of these.\n\n| metric | meaning |\n|---|---|\n";
        let slow = netstack::stack::StackDrop::ALL;
        let slow_rows = slow.iter().map(|r| format!("| `{}` | {} |\n", r.metric(), r.text()));
        let slow_head = "\n## On the slow path\n\nWhat workers leave to the slow path (they count it as `punted`) is answered, sent on, or counted under one of these: `dpip -s -v link show cpu` shows both.\n\n| metric | meaning |\n|---|---|\n";
        let manual: String = [head.to_owned()]
            .into_iter()
            .chain(rows)
            .chain([slow_head.to_owned()])
            .chain(slow_rows)
            .collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/drop-reasons.md");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &manual).expect("written");
        }
        assert_eq!(std::fs::read_to_string(path).expect("readable"), manual);
    }
}
