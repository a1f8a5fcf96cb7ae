//! Listings: connections copied out piece by piece, between bursts. A worker never waits for a reader, and no turn is long.

use std::net::{IpAddr, SocketAddr};

use flow::ring::{Consumer, Producer, ring};
use flow::{Slot, Tick};
use ipvs::Snapshot;
use ipvs::connections::Connections;
use ipvs::state::State;
use ipvs::{Conn, Direction};
use wire::{Addr, Addr4, Addr6, Proto};

use crate::forward::idle_ticks;

/// Records looked at per turn.
const PER_TURN: u32 = 64;
/// Most rows of one answer. The ring holds an answer whole, so a worker never waits for the reader.
pub const MOST_ROWS: usize = 1024;

/// Which of a worker's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4 connections.
    V4,
    /// IPv6 connections.
    V6,
}

/// Where a listing stands in one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In this table.
    pub family: Family,
    /// At this record.
    pub slot: Slot,
}

impl Place {
    /// Where a listing begins.
    pub const START: Self = Self { family: Family::V4, slot: Slot(0) };
}

/// A connection as listings show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnRow {
    /// Protocol.
    pub proto: Proto,
    /// Who asked.
    pub client: SocketAddr,
    /// Whom it asked.
    pub vip: SocketAddr,
    /// What the dest sees.
    pub laddr: SocketAddr,
    /// Who answers.
    pub dest: SocketAddr,
    /// Protocol state.
    pub state: State,
    /// Idle seconds that the connection is allowed, not what is left of them.
    pub timeout: u32,
}

/// Part of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// A connection.
    Row(ConnRow),
    /// So far; there is more from here on.
    More(Place),
    /// That was all.
    End,
}

/// The worker's ends.
pub struct Queries {
    asks: Consumer<Place>,
    answers: Producer<Answer>,
    /// What is being answered, and how many rows it has by now.
    under_way: Option<(Place, usize)>,
    inbox: Vec<Place>,
    rows: Vec<Answer>,
}

/// The reader's ends.
pub struct QueryEnd {
    asks: Producer<Place>,
    answers: Consumer<Answer>,
}

impl QueryEnd {
    /// Asks for up to [`MOST_ROWS`] connections from `place` on. The answer ends with [`Answer::More`] or [`Answer::End`]; until
    /// then nothing else may be asked.
    pub fn ask(&mut self, place: Place) {
        self.asks.put(&mut vec![place]);
    }

    /// Appends what has come of the answer.
    pub fn take(&mut self, into: &mut Vec<Answer>) {
        self.answers.take(into, MOST_ROWS + 2);
    }
}

impl Queries {
    /// Both ends.
    #[must_use]
    pub fn new() -> (Self, QueryEnd) {
        let (asks, asked) = ring(2);
        let (answers, answered) = ring((2 * MOST_ROWS).next_power_of_two());
        let rows = Vec::with_capacity(PER_TURN as usize + 1);
        let worker = Self { asks: asked, answers, under_way: None, inbox: Vec::with_capacity(2), rows };
        (worker, QueryEnd { asks, answers: answered })
    }

    /// Goes on with what was asked, a little.
    #[inline]
    pub(crate) fn answer(&mut self, tables: &Tables<'_>) {
        if self.under_way.is_none() {
            if self.asks.take(&mut self.inbox, 1) == 0 {
                return;
            }
            self.under_way = self.inbox.pop().map(|place| (place, 0));
        }
        self.go_on(tables);
    }

    #[cold]
    fn go_on(&mut self, tables: &Tables<'_>) {
        let Some((place, mut count)) = self.under_way else { return };
        let rows = &mut self.rows;
        let next = match place.family {
            Family::V4 => scan(tables.v4, place.slot, tables.snapshot, rows),
            Family::V6 => scan(tables.v6, place.slot, tables.snapshot, rows),
        };
        count += rows.len();
        let next = match (next, place.family) {
            (Some(slot), family) => Some(Place { family, slot }),
            (None, Family::V4) => Some(Place { family: Family::V6, slot: Slot(0) }),
            (None, Family::V6) => None,
        };
        self.under_way = match next {
            Some(next) if count + PER_TURN as usize <= MOST_ROWS => Some((next, count)),
            Some(next) => {
                rows.push(Answer::More(next));
                None
            }
            None => {
                rows.push(Answer::End);
                None
            }
        };
        self.answers.put(rows);
    }
}

/// What a worker reads to answer.
pub(crate) struct Tables<'a> {
    pub(crate) v4: &'a Connections<Addr4>,
    pub(crate) v6: &'a Connections<Addr6>,
    pub(crate) snapshot: &'a Snapshot,
}

fn scan<A: Addr>(
    connections: &Connections<A>,
    from: Slot,
    snapshot: &Snapshot,
    rows: &mut Vec<Answer>,
) -> Option<Slot> {
    connections.scan(from, PER_TURN, |_, conn| {
        rows.push(Answer::Row(row(conn, idle_ticks(conn, snapshot) / Tick::PER_SECOND)));
    })
}

fn row<A: Addr>(conn: &Conn<A>, timeout: u32) -> ConnRow {
    let at = |addr: IpAddr, port: wire::U16| SocketAddr::new(addr, port.get());
    let (inbound, outbound) = (conn.arriving(Direction::In), conn.arriving(Direction::Out));
    ConnRow {
        proto: conn.proto(),
        client: at(inbound.src.ip(), inbound.ports.source()),
        vip: at(inbound.dst.ip(), inbound.ports.destination()),
        laddr: at(outbound.dst.ip(), outbound.ports.destination()),
        dest: at(outbound.src.ip(), outbound.ports.source()),
        state: conn.state,
        timeout,
    }
}
