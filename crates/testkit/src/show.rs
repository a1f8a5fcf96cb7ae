//! Numbers out of what `ipvsadm` and `dpip` print (`docs/spec/cli.md` §3.1, §3.3, §6.3, §6.4).

use std::collections::BTreeMap;

/// Connections in `ipvsadm -lnc`: lines that begin with a worker's number.
#[must_use]
pub fn connections(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with('[')).count()
}

/// The sum of CONNS in `ipvsadm -G`; `None` if no local address is listed.
#[must_use]
pub fn laddr_connections(text: &str) -> Option<u64> {
    let rows = text.lines().filter(|line| line.starts_with(' '));
    let counts: Vec<u64> =
        rows.map(|row| row.split_whitespace().nth(2)?.parse().ok()).collect::<Option<_>>()?;
    (!counts.is_empty()).then(|| counts.iter().sum())
}

/// The sum of `sa_used` in `dpip -s addr show`; `None` if no address has a port pool.
#[must_use]
pub fn sa_used(text: &str) -> Option<u64> {
    let words: Vec<_> = text.split_whitespace().collect();
    let counts: Vec<u64> = words
        .windows(2)
        .filter(|pair| pair[0] == "sa_used")
        .map(|pair| pair[1].parse().ok())
        .collect::<Option<_>>()?;
    (!counts.is_empty()).then(|| counts.iter().sum())
}

/// Packets received by each queue, from the extended statistics (`rx_q0_packets`) of `dpip -s -v link show DEV`.
#[must_use]
pub fn queue_packets(text: &str) -> BTreeMap<u16, u64> {
    let row = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let queue = name.split_whitespace().last()?.strip_prefix("rx_q")?.strip_suffix("_packets")?;
        Some((queue.parse().ok()?, value.trim().parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

/// Titles and values that stand below each other, summed over devices, as in `dpip -s link show` and
/// `dpip -s link show cpu`.
#[must_use]
pub fn counters(text: &str) -> BTreeMap<String, u64> {
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let mut counters = BTreeMap::new();
    for pair in lines.windows(2) {
        let values: Option<Vec<u64>> = pair[1].iter().map(|word| word.parse().ok()).collect();
        let values = values.filter(|values| !values.is_empty() && values.len() == pair[0].len());
        for (title, value) in pair[0].iter().zip(values.unwrap_or_default()) {
            *counters.entry((*title).to_owned()).or_default() += value;
        }
    }
    counters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_the_lines_with_a_worker() {
        let text = "[1]tcp 90s    TCP_EST     10.0.0.48:37177    192.168.100.254:80 192.168.100.200:1025 192.168.100.2:80\n";
        assert_eq!((connections(text), connections("")), (1, 0));
    }

    #[test]
    fn local_addresses_are_summed_and_not_made_up() {
        let text = "VIP:VPORT            TOTAL    SNAT_IP              CONFLICTS  CONNS     \n\
                    192.168.100.254:80   2        \n\
                    \x20                             192.168.100.200      5          77        \n\
                    \x20                             192.168.100.201      0          3         \n";
        assert_eq!(laddr_connections(text), Some(80));
        assert_eq!(laddr_connections("VIP:VPORT            TOTAL    SNAT_IP\n"), None);
        assert_eq!(laddr_connections(""), None);
    }

    #[test]
    fn used_ports_are_those_of_addresses_with_a_pool() {
        let text = "inet 10.0.0.1/24 scope link dpdk1\n    broadcast 10.0.0.255 valid_lft 300 preferred_lft 120\n\
                    inet 192.168.100.200/32 scope global dpdk0\n\
                    \x20    valid_lft forever preferred_lft forever sa_used 7 sa_free 1032176 sa_miss 0\n";
        assert_eq!(sa_used(text), Some(7));
        assert_eq!(sa_used("inet 10.0.0.1/24 scope link dpdk1\n"), None);
    }

    #[test]
    fn queues_have_their_own_counts() {
        let text = "    xstats list:\n        8     rx_q0_packets: 17\n        9     rx_q0_bytes: 99\n\
                    \x20       11    rx_q1_packets: 0\n        14    tx_q0_packets: 5\n";
        assert_eq!(queue_packets(text), BTreeMap::from([(0, 17), (1, 0)]));
    }

    #[test]
    fn counters_stand_below_their_titles() {
        let text = "1: dpdk0: socket 0 mtu 1500 rx-queue 8 tx-queue 8\n\
                    \x20   ierrors             oerrors             imissed             rx_nombuf           \n\
                    \x20   1                   2                   3                   4                   \n\
                    \x20   mbuf-avail          mbuf-inuse          \n\
                    \x20   1032176             16399               \n";
        let expected = [
            ("ierrors", 1),
            ("imissed", 3),
            ("mbuf-avail", 1_032_176),
            ("mbuf-inuse", 16_399),
            ("oerrors", 2),
            ("rx_nombuf", 4),
        ];
        assert_eq!(counters(text), expected.map(|(title, value)| (title.to_owned(), value)).into());
    }
}
