//! Which service is meant, and whose view of it (docs/spec/ipc.md §5.2, §5.3).

use ipvs::service::{Service, ServiceKey, ServiceSlot};
use sockopt::Protocol;
use sockopt::field::View;
use sockopt::service::Key;
use wire::Proto;

use super::refusal::{Refusal, Unsupported};
use crate::books::{Books, Whose};
use crate::model::Model;

fn proto(given: Protocol) -> Result<Proto, Refusal> {
    match given {
        Protocol::TCP => Ok(Proto::Tcp),
        Protocol::UDP => Ok(Proto::Udp),
        Protocol::SCTP | Protocol::ICMP | Protocol::ICMPV6 => Err(Unsupported::Protocol(given).into()),
        other => Err(Refusal::BadProtocol(other)),
    }
}

/// The number of a protocol.
pub(super) fn protocol(proto: Proto) -> Protocol {
    match proto {
        Proto::None => Protocol::NONE,
        Proto::Tcp => Protocol::TCP,
        Proto::Udp => Protocol::UDP,
    }
}

/// The service that a SET names: the first rule that fits.
pub(super) fn of_set(key: &Key) -> Result<ServiceKey, Refusal> {
    let vip = key.addr.filter(|vip| !vip.is_unspecified() || key.port != 0);
    match vip {
        Some(vip) => Ok(ServiceKey { vip, port: key.port, proto: proto(key.proto)? }),
        None if key.fwmark != 0 => Err(Unsupported::FirewallMark(key.fwmark).into()),
        None if !key.matching.is_empty() => Err(Unsupported::Match.into()),
        None => Err(Refusal::NoKey),
    }
}

/// The service that a GET names, or that local addresses belong to. Marks and matches have none.
pub(super) fn of_get<'m>(model: &'m Model, key: &Key) -> Result<(ServiceSlot, &'m Service), Refusal> {
    let named = key.addr.zip(proto(key.proto).ok()).filter(|_| key.fwmark == 0);
    let found =
        named.and_then(|(vip, proto)| model.snapshot().lookup(&ServiceKey { vip, port: key.port, proto }));
    found.ok_or(Refusal::NothingToShow)
}

/// How listings name a service.
pub(super) fn name(key: &ServiceKey) -> Key {
    Key::of(protocol(key.proto), key.vip, key.port)
}

/// Whose figures are asked for.
pub(super) fn whose(view: View, books: &Books) -> Result<Whose, Refusal> {
    match usize::from(view.0).checked_sub(1) {
        None => Ok(Whose::All),
        Some(worker) if worker < books.workers() => Ok(Whose::Worker(worker)),
        Some(_) => Err(Refusal::NoView { view: view.0, workers: books.workers() }),
    }
}
