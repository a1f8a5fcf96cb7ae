//! Connections whose timer came up.

use ipvs::Connections;
use ipvs::conn::Conn;
use ipvs::open::Context;
use wire::Addr;

use crate::forward::{idle_ticks, refresh};

/// Visits a batch of connections, and ends those idle for too long: `gone` counts them. Returns how many timers came up.
#[inline]
pub(crate) fn sweep<A: Addr>(
    connections: &mut Connections<A>,
    context: &Context<'_>,
    gone: &mut u64,
) -> usize {
    connections.sweep(
        context.now,
        |conn| visit(conn, context),
        |conn| {
            context.book.closed(conn.dest, conn.laddr, conn.state);
            *gone += 1;
        },
    )
}

/// What is done when a connection's timer comes up. Returns how long it may be idle.
fn visit<A: Addr>(conn: &mut Conn<A>, context: &Context<'_>) -> u32 {
    if conn.route_epoch != context.route_epoch {
        refresh(conn, context);
    }
    idle_ticks(conn, context.snapshot)
}
