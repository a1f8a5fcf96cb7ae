//! What the stack does and what it drops, counted: one row each, with metric name and text.

use flow::Counter;

macro_rules! counts {
    ($(#[doc = $about:literal])* $table:ident, $name:ident { $(#[doc = $text:literal] $row:ident = $metric:literal;)+ }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $text] $row,)+ }

        impl $name {
            /// All rows.
            pub const ALL: &'static [Self] = &[$(Self::$row,)+];

            /// Never renamed once released.
            #[must_use]
            pub const fn metric(self) -> &'static str {
                match self { $(Self::$row => $metric,)+ }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$row => $text.trim_ascii(),)+ }
            }
        }

        /// Counters by row. The punt thread writes, anyone reads.
        #[derive(Debug, Default)]
        pub struct $table([Counter; $name::ALL.len()]);

        impl $table {
            /// The count of a row.
            #[must_use]
            pub fn of(&self, row: $name) -> u64 {
                self.0[row as usize].read()
            }

            pub(super) fn add(&self, row: $name, n: u64) {
                self.0[row as usize].add(n);
            }
        }
    };
}

counts! {
    /// Why the stack did not send a packet on or answer it. Each such packet has exactly one reason.
    Drops, StackDrop {
        /// No device uses this port with this VLAN tag.
        NoDevice = "no_device";
        /// The frame is cut, contradicts itself, or speaks for nobody.
        Malformed = "malformed";
        /// The frame is for another station.
        OtherHost = "other_host";
        /// An address of ours is not the target.
        NotForUs = "not_for_us";
        /// The frame is our own.
        OwnFrame = "own_frame";
        /// Another station claims an address of ours.
        Conflict = "address_conflict";
        /// ARP, but neither request nor reply.
        ArpOperation = "arp_operation";
        /// A checksum is wrong.
        BadChecksum = "bad_checksum";
        /// A fragment of a packet to ourselves.
        Fragment = "fragment";
        /// Nobody here handles the protocol.
        NoHandler = "no_handler";
        /// More than is served of this kind, from this source or its like.
        Policed = "policed";
        /// No route leads to the destination.
        NoRoute = "no_route";
        /// The packet is longer than its way allows.
        TooLong = "too_long";
        /// Too many packets wait for this neighbour, or for all.
        QueueFull = "neighbour_queue_full";
        /// There are too many neighbours.
        TableFull = "neighbour_table_full";
        /// No worker took it to be sent: they do not get on.
        NoSender = "no_sender";
        /// The neighbour did not answer.
        Unresolved = "neighbour_unresolved";
        /// The neighbour is unknown, and how to ask for it too.
        NoDiscovery = "no_neighbour_discovery";
        /// All packet memory is in use.
        NoBuffer = "no_buffer";
        /// No error may be sent about this packet.
        NotReportable = "not_reportable";
        /// The device has no address that could be the source.
        NoSource = "no_source";
    }
}

counts! {
    /// What the stack has done.
    Deeds, Deed {
        /// ARP requests sent.
        ArpRequest = "arp_requests_sent";
        /// ARP requests answered.
        ArpReply = "arp_replies_sent";
        /// Neighbours learned or refreshed from ARP.
        ArpLearned = "arp_learned";
        /// Announcements of addresses of ours sent.
        Announcement = "arp_announcements_sent";
        /// Echo requests answered.
        EchoReply = "icmp_echo_replies_sent";
        /// ICMP errors sent.
        IcmpError = "icmp_errors_sent";
        /// Packets that waited for a neighbour.
        Parked = "packets_parked";
        /// Packets sent after they had waited.
        Released = "packets_released";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_names_are_unique_and_plain() {
        let drops = StackDrop::ALL.iter().map(|row| (row.metric(), row.text()));
        let all: Vec<_> = drops.chain(Deed::ALL.iter().map(|row| (row.metric(), row.text()))).collect();
        let names: std::collections::BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), all.len());
        let is_plain = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(all.iter().all(|(name, text)| is_plain(name) && text.ends_with('.')));
    }
}
