//! Listings of connections, carried between clients and workers: one question at a time to a worker, any number of listings.

use std::collections::VecDeque;
use std::time::Instant;

use control::LinkView;
use control::conn_dump::{Begin, Dump, Progress, empty_page};
use datapath::QueryEnd;
use sockopt::conn::{ConnPage, ConnQuery};
use sockopt::cursor::Cursors;
use sockopt::server::{Server, Token};
use sockopt::{Code, Reply, call};

use crate::view::View;

/// A page that a client waits for.
struct Active {
    token: Token,
    dump: Dump,
}

/// All listings.
pub(crate) struct Dumps {
    queries: Vec<QueryEnd>,
    active: VecDeque<Active>,
    /// The worker that the first of them has asked.
    asked: Option<usize>,
    cursors: Cursors<Dump>,
    inbox: Vec<datapath::queries::Answer>,
}

impl Dumps {
    pub(crate) fn new(queries: Vec<QueryEnd>) -> Self {
        Self { queries, active: VecDeque::new(), asked: None, cursors: Cursors::default(), inbox: Vec::new() }
    }

    /// Whether a page is being made.
    pub(crate) fn is_busy(&self) -> bool {
        !self.active.is_empty()
    }

    /// A client asks.
    pub(crate) fn begin(&mut self, token: Token, query: ConnQuery, server: &mut Server) {
        let now = Instant::now();
        let dump = match Dump::begin(&query, self.queries.len()) {
            Begin::Dump(dump) => Some(dump),
            Begin::Resume(whence) => self.cursors.resume(now, whence),
            Begin::Nothing => None,
            Begin::Malformed => return server.reply(token, Reply::Refused(Code::Invalid), now),
        };
        match dump {
            Some(dump) => self.active.push_back(Active { token, dump }),
            None if query.pair.is_some() => server.reply(token, Reply::Refused(Code::NotExist), now),
            None => server.reply(token, page(&empty_page()), now),
        }
    }

    /// Goes on with the page at the head of the queue.
    pub(crate) fn step(&mut self, view: &View<'_, '_>, server: &mut Server) {
        self.cursors.expire(Instant::now());
        let Some(Active { dump, .. }) = self.active.front_mut() else { return };
        let Some(worker) = self.asked else {
            match dump.next_ask() {
                Some((worker, place)) => {
                    self.queries[worker].ask(place);
                    self.asked = Some(worker);
                }
                None => self.finish(view, server),
            }
            return;
        };
        self.queries[worker].take(&mut self.inbox);
        match dump.feed(&mut self.inbox) {
            Progress::Waiting => {}
            Progress::Ask => self.asked = None,
            Progress::Page => {
                self.asked = None;
                self.finish(view, server);
            }
        }
    }

    /// Answers with the page, and keeps what is left of the listing under a cursor.
    fn finish(&mut self, view: &View<'_, '_>, server: &mut Server) {
        let Some(Active { token, mut dump }) = self.active.pop_front() else { return };
        let now = Instant::now();
        let mut rows = dump.take_rows(|worker| view.worker(worker));
        let reply = if dump.is_for_one() {
            rows.truncate(1);
            if rows.is_empty() { Reply::Refused(Code::NotExist) } else { page(&ConnPage::last(rows)) }
        } else if dump.next_ask().is_some() {
            let cursor = self.cursors.park(now, dump);
            page(&ConnPage::more(rows, cursor))
        } else {
            page(&ConnPage::last(rows))
        };
        server.reply(token, reply, now);
    }
}

fn page(page: &ConnPage) -> Reply {
    Reply::to::<call::ConnAll>(page)
}
