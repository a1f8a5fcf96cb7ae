//! The control thread: requests in, commands to the model, replies out once every worker has taken over what changed.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use anyhow::Context;
use conf::dpvs::Config;
use control::{Books, Desk, Master, Outcome};
use datapath::QueryEnd;
use flow::publish::Generation;
use netstack::stack::Counts as StackCounts;
use pktio::PortId;
use sockopt::server::{Options, Server, Token};
use sockopt::{Id, Reply, Request, call};

use crate::clock::Uptime;
use crate::counts;
use crate::dumps::Dumps;
use crate::pages::Pages;
use crate::recycling::Renewer;
use crate::view::View;

/// How long the thread sleeps when nothing happens; signals are looked at after it.
const REST: Duration = Duration::from_millis(100);
/// How often housekeeping is done.
const CHORES: Duration = Duration::from_millis(200);

/// What the control thread has of the slow path.
pub(crate) struct SlowPath {
    /// To be woken when there is something new to adopt.
    pub(crate) thread: Thread,
    /// What it counts.
    pub(crate) counts: Arc<StackCounts>,
    /// Its wish for a new generation of routes.
    pub(crate) renewer: Renewer,
}

/// What signal handlers set.
pub(crate) struct Signals<'a> {
    /// The end.
    pub(crate) stop: &'a AtomicBool,
    /// The configuration is to be read again.
    pub(crate) reload: &'a AtomicBool,
}

/// A reply that waits for workers.
struct Waiting {
    generation: Generation,
    token: Token,
    reply: Reply,
}

/// What the control thread holds.
pub(crate) struct Control<'v, 'pool> {
    master: Master,
    books: Books,
    view: View<'v, 'pool>,
    dumps: Dumps,
    slow_path: SlowPath,
    pool_hash_size: u32,
    clock: Uptime,
    waiting: VecDeque<Waiting>,
    next_chores: Instant,
    pages: Pages,
    /// By port: whether its cut frames were reported.
    reported: Vec<bool>,
}

impl<'v, 'pool> Control<'v, 'pool> {
    pub(crate) fn new(
        master: Master,
        books: Books,
        (queries, pages): (Vec<QueryEnd>, Pages),
        view: View<'v, 'pool>,
        slow_path: SlowPath,
        config: &Config,
        clock: Uptime,
    ) -> Self {
        let reported = vec![false; view.ports()];
        Self {
            master,
            books,
            view,
            dumps: Dumps::new(queries),
            slow_path,
            pool_hash_size: config.sa_pool.pool_hash_size.into(),
            clock,
            waiting: VecDeque::new(),
            next_chores: Instant::now(),
            pages,
            reported,
        }
    }

    /// Serves requests until it is told to stop. `ready` is called when clients can connect, and before the first of them is answered.
    pub(crate) fn serve(
        &mut self,
        socket: &Path,
        signals: &Signals<'_>,
        ready: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut server =
            Server::bind(socket, Options::default()).context("control socket; name another with -x")?;
        ready()?;
        while !signals.stop.load(Relaxed) {
            if signals.reload.swap(false, Relaxed) {
                log::warn!("SIGHUP: re-reading the configuration is not supported yet; restart to change it");
            }
            let busy = !self.waiting.is_empty() || self.dumps.is_busy();
            let turn = server.poll(Instant::now, if busy { Duration::ZERO } else { REST })?;
            for refused in turn.refused {
                log::warn!("control socket: {refused}");
            }
            for request in turn.requests {
                self.handle(&request, &mut server);
            }
            self.settle(&mut server);
            self.dumps.step(&self.view, &mut server);
            self.chores();
            if busy {
                // Workers may share this core: they adopt sooner if they run.
                thread::yield_now();
            }
        }
        Ok(())
    }

    fn handle(&mut self, request: &Request, server: &mut Server) {
        let token = request.token;
        if request.id == Id::Counters {
            let counters = counts::all(&self.books, &self.slow_path.counts, &self.view);
            return server.reply(token, Reply::to::<call::Counters>(&counters), Instant::now());
        }
        let mut desk = Desk {
            master: &mut self.master,
            books: &self.books,
            links: &self.view,
            pool_hash_size: self.pool_hash_size,
        };
        let before = desk.master.generation();
        let outcome = control::handle(request, &mut desk);
        if self.master.generation() != before {
            // Also where the last of several commands was refused.
            self.slow_path.thread.unpark();
        }
        match outcome {
            Outcome::Reply(reply) => server.reply(token, reply, Instant::now()),
            Outcome::AfterAdoption(generation, reply) => {
                self.waiting.push_back(Waiting { generation, token, reply });
            }
            Outcome::Connections(query) => self.dumps.begin(token, query, server),
            Outcome::Refused(refusal) => {
                log::warn!("{}: {refusal}; {}", request.id.name(), refusal.hint());
                server.reply(token, refusal.reply(), Instant::now());
            }
        }
    }

    /// Replies to what all workers have taken over by now.
    fn settle(&mut self, server: &mut Server) {
        let adopted = self.master.adopted();
        while let Some(first) = self.waiting.front() {
            if first.generation > adopted {
                return;
            }
            if let Some(Waiting { token, reply, .. }) = self.waiting.pop_front() {
                server.reply(token, reply, Instant::now());
            }
        }
    }

    /// What has to be done now and then.
    fn chores(&mut self) {
        let now = Instant::now();
        if now < self.next_chores {
            return;
        }
        self.next_chores = now + CHORES;
        if self.master.drain(&self.books).is_some() {
            self.slow_path.thread.unpark();
        }
        let master = &mut self.master;
        self.slow_path.renewer.step(master.adopted(), || master.renew_routes());
        self.master.sample(&self.books, self.clock.since_start());
        self.report_cut_frames();
        self.pages.report(now);
    }

    /// Once per port: frames that arrive cut come from a peer that leaves segmentation to its device (docs/spec/netstack.md §4.9).
    fn report_cut_frames(&mut self) {
        for (port, reported) in (0..).map(PortId).zip(&mut self.reported) {
            let cut: u64 = self.books.counters.iter().map(|counters| counters.cut_frames(port)).sum();
            if cut > 0 && !*reported {
                *reported = true;
                log::warn!(
                    "port {}: frames arrive cut and are dropped: a local sender leaves segmentation to its device; cure: ethtool -K PEER tx off gso off tso off",
                    self.view.name(port)
                );
            }
        }
    }
}
