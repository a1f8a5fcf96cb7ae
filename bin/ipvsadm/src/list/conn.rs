//! Connections: docs/spec/cli.md §6.3. Page by page, as the daemon hands them out; never sorted.

use std::io::{self, Write};

use cli::{Session, Status, Trouble};
use sockopt::conn::{Conn, ConnQuery, ConnQueryFlags};
use sockopt::{Id, call};

use crate::failure::Failure;
use crate::given::Given;
use crate::grammar::Opt;
use crate::names::Naming;
use crate::value::matching::protocol_name;

/// `-lc`.
///
/// # Errors
/// The daemon's; pages that came before stay printed.
pub fn connections(session: &mut Session<'_>, given: &Given, naming: Naming<'_>) -> Result<(), Failure> {
    if let Some(pair) = given.pair {
        let query = ConnQuery { flags: ConnQueryFlags::SPECIFIED, pair: Some(pair), ..ConnQuery::default() };
        return match session.call::<call::ConnOne>(&query) {
            Ok(page) if page.rows.is_empty() => Err(not_found(session)),
            Ok(page) => rows(session.out(), &page.rows, naming),
            Err(Trouble::Refused(_)) => Err(not_found(session)),
            Err(trouble) => Err(Failure::Asked(trouble)),
        };
    }
    let templates =
        if given.has(Opt::PersistentConn) { ConnQueryFlags::TEMPLATE } else { ConnQueryFlags::empty() };
    let client = session.client();
    for page in client.connections(ConnQueryFlags::ALL | templates) {
        match page {
            Ok(page) => rows(session.out(), &page, naming)?,
            Err(error) => {
                let trouble = session.report(Id::ConnAll, error);
                return Err(incomplete(session, trouble));
            }
        }
    }
    Ok(())
}

fn not_found(session: &mut Session<'_>) -> Failure {
    session.complain("connection specified not found");
    Failure::Told(Status(1))
}

fn incomplete(session: &mut Session<'_>, trouble: Trouble) -> Failure {
    if let Trouble::Refused(code) = trouble {
        let code = code.as_i32();
        session.complain(format_args!("dp_vs_get_conns: got errcode {code} from dpvs_getsockopt"));
    } else if let Trouble::Unreachable(_) = trouble {
        return Failure::Asked(trouble);
    }
    session.complain("Fail to fetch all connection entries!");
    Failure::Told(Status(1))
}

fn rows(out: &mut impl Write, rows: &[Conn], naming: Naming<'_>) -> Result<(), Failure> {
    Ok(rows.iter().try_for_each(|conn| row(out, conn, naming))?)
}

fn row(out: &mut impl Write, conn: &Conn, naming: Naming<'_>) -> io::Result<()> {
    let proto = protocol_name(conn.proto).unwrap_or("--");
    let time: String = format!("{}s", conn.timeout).chars().take(7).collect();
    let [client, service, local, dest] = [conn.client, conn.service, conn.local, conn.dest]
        .map(|end| naming.endpoint(end.ip(), end.port(), conn.proto));
    let (lcore, state) = (conn.lcore.0, conn.state);
    writeln!(out, "[{lcore}]{proto:<3} {time:<6} {state:<11} {client:<18} {service:<18} {local:<18} {dest}")
}
