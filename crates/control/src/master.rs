//! The master: one place where the model changes and is published.

use std::time::Duration;

use flow::publish::{Generation, Publisher, Subscriber};
use ipvs::Snapshot;
use ipvs::drain::Drains;
use ipvs::service::{DestSlot, LaddrSlot, ServiceKey, ServiceSlot};

use crate::books::Books;
use crate::command::Command;
use crate::error::{CommandError, Refused};
use crate::ledger::Ledger;
use crate::model::{Model, Retired};

/// The model in force, and who has left it.
pub struct Master {
    model: Model,
    publisher: Publisher<Snapshot>,
    services: Drains<ServiceSlot>,
    dests: Drains<DestSlot>,
    laddrs: Drains<LaddrSlot>,
    ledger: Ledger,
}

impl Master {
    /// Publishes `first` to as many workers.
    #[must_use]
    pub fn new(first: Model, workers: usize) -> (Self, Vec<Subscriber<Snapshot>>) {
        let mut model = first;
        let (publisher, subscribers) = Publisher::new(model.snapshot().clone(), workers);
        let retired = model.take_retired();
        let mut master = Self {
            model,
            publisher,
            services: Drains::default(),
            dests: Drains::default(),
            laddrs: Drains::default(),
            ledger: Ledger::default(),
        };
        master.begin_drains(retired, Generation(1));
        (master, subscribers)
    }

    /// The model in force.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Statistics.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Applies all of `commands` or none; workers see one new generation.
    ///
    /// # Errors
    /// A command cannot be. Nothing has happened then.
    pub fn transact(&mut self, commands: &[Command]) -> Result<Generation, Refused> {
        let mut next = self.model.clone();
        for (index, command) in commands.iter().enumerate() {
            command.apply(&mut next).map_err(|error| Refused { index, error })?;
        }
        Ok(self.publish(next))
    }

    /// Publishes the same routes as a new generation: workers that have taken it over hold no next hop that they found before.
    pub fn renew_routes(&mut self) -> Generation {
        let mut next = self.model.clone();
        next.snapshot.net.renew();
        self.publish(next)
    }

    fn publish(&mut self, mut next: Model) -> Generation {
        let retired = next.take_retired();
        let generation = self.publisher.publish(next.snapshot().clone());
        self.model = next;
        self.begin_drains(retired, generation);
        generation
    }

    fn begin_drains(&mut self, retired: Retired, left: Generation) {
        retired.services.into_iter().for_each(|slot| self.services.begin(slot, left));
        retired.dests.into_iter().for_each(|slot| self.dests.begin(slot, left));
        retired.laddrs.into_iter().for_each(|slot| self.laddrs.begin(slot, left));
    }

    /// The newest generation.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.publisher.newest_generation()
    }

    /// What every worker has taken over.
    #[must_use]
    pub fn adopted(&self) -> Generation {
        self.publisher.adopted()
    }

    /// Vacates slots that nobody uses any more: dests and local addresses without connections, then services without either.
    /// To be called now and then. Returns the new generation if there is one.
    pub fn drain(&mut self, books: &Books) -> Option<Generation> {
        // Read first: what a worker opened before it adopted is counted by now.
        let adopted = self.publisher.adopted();
        let dests = self.dests.finished(adopted, |slot| books.drained_dest(slot));
        let laddrs = self.laddrs.finished(adopted, |slot| books.drained_laddr(slot));
        let mut next = self.model.clone();
        for &slot in &dests {
            if let Some(dest) = next.snapshot().dest(slot) {
                self.ledger.vacate_dest(books, slot, dest.service);
            }
            let vacated = next.vacate_dest(slot);
            debug_assert!(vacated.is_ok(), "{slot:?} drained, so it is there");
        }
        for &slot in &laddrs {
            self.ledger.vacate_laddr(books, slot);
            let vacated = next.vacate_laddr(slot);
            debug_assert!(vacated.is_ok(), "{slot:?} drained, so it is there");
        }
        let services = self.services.finished(adopted, |slot| next.tenants(slot).into());
        for &slot in &services {
            self.ledger.vacate_service(slot);
            let vacated = next.vacate_service(slot);
            debug_assert!(vacated.is_ok(), "{slot:?} drained, so it is there");
        }
        let changed = !(dests.is_empty() && laddrs.is_empty() && services.is_empty());
        changed.then(|| self.publish(next))
    }

    /// How many services, dests and local addresses have left and drain.
    #[must_use]
    pub fn draining(&self) -> [usize; 3] {
        [self.services.waiting(), self.dests.waiting(), self.laddrs.waiting()]
    }

    /// Zeroes the counts of a service's dests, or of all.
    ///
    /// # Errors
    /// There is no such service.
    pub fn zero(&mut self, books: &Books, service: Option<ServiceKey>) -> Result<(), CommandError> {
        let snapshot = self.model.snapshot();
        let dests: Vec<DestSlot> = match service {
            None => snapshot.dests().map(|dest| dest.slot).collect(),
            Some(key) => {
                let found = snapshot.lookup(&key).ok_or(CommandError::NoService { service: key })?;
                found.1.dests().collect()
            }
        };
        dests.into_iter().for_each(|dest| self.ledger.zero(books, dest));
        Ok(())
    }

    /// Takes a sample for rates; once a second or oftener. `now` is any clock that does not go back.
    pub fn sample(&mut self, books: &Books, now: Duration) {
        self.ledger.sample(&self.model, books, now);
    }
}
