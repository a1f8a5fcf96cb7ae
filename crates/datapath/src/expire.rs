//! Connections whose timer came up.

use ipvs::Connections;
use ipvs::conn::Conn;
use ipvs::open::Context;
use wire::Addr;

use crate::forward::{idle_ticks, refresh};

/// Visits a batch of connections, and ends those idle for too long. Returns how many those were.
#[inline]
pub(crate) fn sweep<A: Addr>(connections: &mut Connections<A>, context: &Context<'_>) -> u64 {
    let mut gone = 0;
    connections.sweep(
        context.now,
        |conn| visit(conn, context),
        |conn| {
            context.book.closed(conn.dest, conn.laddr, conn.state);
            gone += 1;
        },
    );
    gone
}

/// What is done when a connection's timer comes up. Returns how long it may be idle.
fn visit<A: Addr>(conn: &mut Conn<A>, context: &Context<'_>) -> u32 {
    if conn.route_epoch != context.route_epoch {
        refresh(conn, context);
    }
    idle_ticks(conn, context.snapshot)
}
