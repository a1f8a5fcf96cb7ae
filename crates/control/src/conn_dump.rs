//! Listings of connections, page by page (docs/spec/ipc.md §5.7). The daemon carries questions and answers between a listing and
//! the workers; a listing that is not at its end stands under a cursor until the next request.

use datapath::queries::{Answer, ConnRow, Place};
use ipvs::state::State;
use sockopt::conn::{Conn, ConnPage, ConnQuery, ConnQueryFlags, SockPair};
use sockopt::{LcoreId, Protocol, Text};
use wire::Proto;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    One(SockPair),
}

/// A listing under way.
#[derive(Clone, Debug)]
pub struct Dump {
    wanted: Wanted,
    /// Whom to ask next, and from where; `None` at the end.
    next: Option<(usize, Place)>,
    workers: usize,
    rows: Vec<(usize, ConnRow)>,
}

/// What a request for connections starts.
#[derive(Debug)]
pub enum Begin {
    /// A listing of its own.
    Dump(Dump),
    /// The next page of a listing that was begun before.
    Resume(u32),
    /// There are none of these (persistence templates).
    Nothing,
    /// The request says neither what nor which.
    Malformed,
}

/// How far a listing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The worker has not answered all yet.
    Waiting,
    /// The next question is due.
    Ask,
    /// The page is complete.
    Page,
}

impl Dump {
    /// What `query` asks for, of so many workers.
    #[must_use]
    pub fn begin(query: &ConnQuery, workers: usize) -> Begin {
        let fresh = |wanted| {
            let next = (workers > 0).then_some((0, Place::START));
            Begin::Dump(Self { wanted, next, workers, rows: Vec::new() })
        };
        let flags = query.flags;
        if flags.contains(ConnQueryFlags::SPECIFIED) {
            return match query.pair {
                Some(_) if flags.contains(ConnQueryFlags::TEMPLATE) => Begin::Nothing,
                Some(pair) => fresh(Wanted::One(pair)),
                None => Begin::Malformed,
            };
        }
        if flags.contains(ConnQueryFlags::MORE) {
            return Begin::Resume(query.whence);
        }
        match (flags.contains(ConnQueryFlags::ALL), flags.contains(ConnQueryFlags::TEMPLATE)) {
            (true, true) => Begin::Nothing,
            (true, false) => fresh(Wanted::All),
            (false, _) => Begin::Malformed,
        }
    }

    /// The worker to ask, and from where on. `None`: there is no more.
    #[must_use]
    pub fn next_ask(&self) -> Option<(usize, Place)> {
        self.next
    }

    /// Takes what the worker has answered so far.
    pub fn feed(&mut self, answers: &mut Vec<Answer>) -> Progress {
        let Some((worker, _)) = self.next else { return Progress::Page };
        let mut progress = Progress::Waiting;
        for answer in answers.drain(..) {
            match answer {
                Answer::Row(row) if self.is_wanted(&row) => self.rows.push((worker, row)),
                Answer::Row(_) => {}
                Answer::More(place) => {
                    self.next = Some((worker, place));
                    progress = Progress::Ask;
                }
                Answer::End => {
                    let after = worker + 1;
                    self.next = (after < self.workers).then_some((after, Place::START));
                    progress = Progress::Ask;
                }
            }
        }
        match progress {
            Progress::Waiting => Progress::Waiting,
            _ if self.next.is_none() || !self.rows.is_empty() => Progress::Page,
            _ => progress,
        }
    }

    fn is_wanted(&self, row: &ConnRow) -> bool {
        let Wanted::One(pair) = self.wanted else { return true };
        let ends = |(source, target)| pair.source == source && pair.target == target;
        protocol(row.proto) == pair.proto
            && [(row.client, row.vip), (row.vip, row.client), (row.dest, row.laddr), (row.laddr, row.dest)]
                .into_iter()
                .any(ends)
    }

    /// Whether one connection is looked for.
    #[must_use]
    pub fn is_for_one(&self) -> bool {
        self.wanted != Wanted::All
    }

    /// Takes the rows that have come, with the lcores of their workers.
    pub fn take_rows(&mut self, lcore: impl Fn(usize) -> LcoreId) -> Vec<Conn> {
        self.rows.drain(..).map(|(worker, row)| conn(&row, lcore(worker))).collect()
    }
}

/// A page without rows, which is the last.
#[must_use]
pub fn empty_page() -> ConnPage {
    ConnPage::last(Vec::new())
}

fn protocol(proto: Proto) -> Protocol {
    match proto {
        Proto::None => Protocol::NONE,
        Proto::Tcp => Protocol::TCP,
        Proto::Udp => Protocol::UDP,
    }
}

fn conn(row: &ConnRow, lcore: LcoreId) -> Conn {
    Conn {
        proto: protocol(row.proto),
        client: row.client,
        service: row.vip,
        local: row.laddr,
        dest: row.dest,
        timeout: row.timeout,
        lcore,
        state: Text::cut(state_name(row.proto, row.state)),
    }
}

/// State names as listings have them (docs/spec/datapath.md §8.1, §8.2).
fn state_name(proto: Proto, state: State) -> &'static str {
    match state {
        State::None if proto == Proto::Udp => "UDP_NONE",
        State::None => "TCP_NONE",
        State::Established => "TCP_EST",
        State::SynSent => "SYN_SENT",
        State::SynRecv => "SYN_RECV",
        State::FinWait => "FIN_WAIT",
        State::TimeWait => "TIME_WAIT",
        State::Close => "TCP_CLOSE",
        State::CloseWait => "CLOSE_WAIT",
        State::LastAck => "LAST_ACK",
        State::Listen => "LISTEN",
        State::SynAck => "SYNACK",
        State::Last => "TCP_UNKOWN",
        State::UdpOneway => "UDP_ONEWAY",
        State::UdpNormal => "UDP_NORM",
    }
}

#[cfg(test)]
mod tests {
    use datapath::queries::Family;
    use flow::Slot;

    use super::*;

    fn row(port: u16) -> ConnRow {
        let at = |last, port| std::net::SocketAddr::new([10, 0, 0, last].into(), port);
        ConnRow {
            proto: Proto::Tcp,
            client: at(1, port),
            vip: at(2, 80),
            laddr: at(3, port),
            dest: at(4, 8080),
            state: State::Established,
            timeout: 90,
        }
    }

    fn all(workers: usize) -> Dump {
        let query = ConnQuery { flags: ConnQueryFlags::ALL, ..ConnQuery::default() };
        match Dump::begin(&query, workers) {
            Begin::Dump(dump) => dump,
            other => panic!("{other:?}"),
        }
    }

    const LATER: Place = Place { family: Family::V4, slot: Slot(64) };

    #[test]
    fn pages_follow_answers_and_workers_follow_each_other() {
        let mut dump = all(3);
        assert_eq!(dump.next_ask(), Some((0, Place::START)));
        assert_eq!(dump.feed(&mut vec![Answer::Row(row(1))]), Progress::Waiting);
        assert_eq!(dump.feed(&mut vec![Answer::Row(row(2)), Answer::More(LATER)]), Progress::Page);
        let rows = dump.take_rows(|worker| LcoreId(u8::try_from(worker).expect("few") + 1));
        assert_eq!(
            rows.iter().map(|row| (row.client.port(), row.lcore.0)).collect::<Vec<_>>(),
            [(1, 1), (2, 1)]
        );
        assert_eq!(dump.next_ask(), Some((0, LATER)));
        // A worker without connections makes no page of its own.
        assert_eq!(dump.feed(&mut vec![Answer::End]), Progress::Ask);
        assert_eq!(dump.feed(&mut vec![Answer::End]), Progress::Ask);
        assert_eq!(dump.next_ask(), Some((2, Place::START)));
        assert_eq!(dump.feed(&mut vec![Answer::End]), Progress::Page);
        assert_eq!(dump.next_ask(), None);
    }

    #[test]
    fn one_connection_is_found_by_either_end_in_either_direction() {
        let row = row(7);
        for (source, target) in [(row.client, row.vip), (row.vip, row.client), (row.dest, row.laddr)] {
            let pair = Some(SockPair { proto: Protocol::TCP, source, target });
            let query = ConnQuery { flags: ConnQueryFlags::SPECIFIED, whence: 0, pair };
            let Begin::Dump(mut dump) = Dump::begin(&query, 1) else { panic!("a question") };
            let other = ConnRow { client: row.vip, ..row };
            assert_eq!(
                dump.feed(&mut vec![Answer::Row(other), Answer::Row(row), Answer::End]),
                Progress::Page
            );
            let found = dump.take_rows(|_| LcoreId(1));
            assert!(found.iter().any(|found| found.client == row.client), "{source} {target}");
        }
    }

    #[test]
    fn what_is_asked_decides() {
        let begin = |flags| Dump::begin(&ConnQuery { flags, whence: 9, pair: None }, 2);
        use ConnQueryFlags as F;
        assert!(matches!(begin(F::ALL | F::MORE), Begin::Resume(9)));
        assert!(matches!(begin(F::ALL | F::TEMPLATE), Begin::Nothing));
        assert!(matches!(begin(F::SPECIFIED), Begin::Malformed));
        assert!(matches!(begin(F::empty()), Begin::Malformed));
    }
}
