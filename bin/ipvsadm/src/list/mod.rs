//! Listings: what is asked, and in which order it is shown (docs/spec/cli.md §6).

mod cell;
mod conn;
mod order;
mod service;
mod style;

use std::io::Write;

use cli::Session;
use sockopt::call;
use sockopt::dest::{Dest, DestsQuery};
use sockopt::info::InfoQuery;
use sockopt::service::{Service, ServicesQuery};

pub use conn::connections;
pub use service::{method, partial_mask};

use crate::failure::Failure;
use crate::given::Given;
use crate::grammar::Opt;
use crate::names::Naming;
use style::{Style, Table};

/// All services, in the daemon's order.
///
/// # Errors
/// The daemon's.
pub fn services(session: &mut Session<'_>, given: &Given) -> Result<Vec<Service>, Failure> {
    let info = session.call::<call::Info>(&InfoQuery).map_err(Failure::Asked)?;
    services_of(session, given, info.num_services)
}

fn services_of(session: &mut Session<'_>, given: &Given, count: u32) -> Result<Vec<Service>, Failure> {
    // The field has 16 bits; a daemon with more services answers as it does to any count that is not the real one.
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    let query = ServicesQuery { count, view: given.view, ..ServicesQuery::default() };
    session.call::<call::Services>(&query).map(|found| found.rows).map_err(Failure::Asked)
}

/// The servers of a service, in the daemon's order.
///
/// # Errors
/// The daemon's.
pub fn dests(session: &mut Session<'_>, given: &Given, service: &Service) -> Result<Vec<Dest>, Failure> {
    let query = DestsQuery {
        key: service.key,
        num_dests: service.num_dests,
        view: given.view,
        ..DestsQuery::default()
    };
    session.call::<call::Dests>(&query).map(|found| found.rows).map_err(Failure::Asked)
}

/// `-l`: the table, or one service of it.
///
/// # Errors
/// The daemon's. What was printed before stays printed.
pub fn table(session: &mut Session<'_>, given: &Given, naming: Naming<'_>) -> Result<(), Failure> {
    let services = match given.service {
        Some(key) => {
            let query = Service { key, view: given.view, ..Service::default() };
            vec![session.call::<call::Service>(&query).map_err(Failure::Asked)?]
        }
        None => {
            let info = session.call::<call::Info>(&InfoQuery).map_err(Failure::Asked)?;
            let (version, size) = (info.version, info.size);
            writeln!(session.out(), "IP Virtual Server version {version} (size={size})")?;
            services_of(session, given, info.num_services)?
        }
    };
    let table = Table { style: Style::of(given), exact: given.has(Opt::Exact), naming };
    table.titles(session.out())?;
    each(session, given, services, |session, service, dests| {
        table.service(session.out(), service, dests)?;
        for dest in dests {
            table.dest(session.out(), service, dest)?;
        }
        Ok(())
    })
}

/// Services and their servers, sorted unless `--nosort` was given. The servers of each are fetched when it is its turn.
///
/// # Errors
/// The first that the daemon does not tell; nothing follows it.
pub fn each(
    session: &mut Session<'_>,
    given: &Given,
    mut services: Vec<Service>,
    mut show: impl FnMut(&mut Session<'_>, &Service, &[Dest]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let sorted = !given.has(Opt::NoSort);
    if sorted {
        services.sort_by_cached_key(order::of_service);
    }
    for service in services {
        let mut found = dests(session, given, &service)?;
        if sorted {
            found.sort_by_cached_key(order::of_dest);
        }
        show(session, &service, &found)?;
    }
    Ok(())
}
