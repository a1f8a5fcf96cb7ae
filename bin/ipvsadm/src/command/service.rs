//! Virtual services: `-A -E -D -Z`.

use cli::Session;
use sockopt::service::{Service, ServiceFlags, Stats};
use sockopt::{Text, call};

use crate::failure::Failure;
use crate::given::{Given, HashTarget, SynProxy};
use crate::grammar::Opt;

pub(super) fn add(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let mut service = Service { scheduler: Text::cut("wlc"), ..super::request(given) };
    if !service.key.matching.is_empty() {
        service.flags |= ServiceFlags::MATCH;
    }
    if given.quic {
        service.flags |= ServiceFlags::QUIC;
    }
    apply(given, &mut service);
    session.call::<call::ServiceAdd>(&service).map_err(Failure::Changed)
}

/// Reads the service, changes what is mentioned and writes it back. QUIC is not among what can be changed.
pub(super) fn edit(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let mut service = session.call::<call::Service>(&super::request(given)).map_err(Failure::Asked)?;
    service.stats = Stats::default();
    apply(given, &mut service);
    session.call::<call::ServiceEdit>(&service).map_err(Failure::Changed)
}

pub(super) fn delete(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    session.call::<call::ServiceDel>(&super::request(given)).map_err(Failure::Changed)
}

/// Without a service: all of them, which a body of zeros asks for.
pub(super) fn zero(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let service = given.service.map_or_else(Service::default, |_| super::request(given));
    session.call::<call::Zero>(&service).map_err(Failure::Changed)
}

/// What the options say goes into `service`; the rest stays.
fn apply(given: &Given, service: &mut Service) {
    if let Some(scheduler) = given.scheduler {
        service.scheduler = scheduler;
        service.flags -= ServiceFlags::SIP_HASH | ServiceFlags::QID_HASH;
        if scheduler == "conhash" {
            service.flags |= match given.hash {
                Some(HashTarget::Qid) => ServiceFlags::QID_HASH,
                Some(HashTarget::Sip) | None => ServiceFlags::SIP_HASH,
            };
        }
    }
    if let Some(seconds) = given.persistent {
        service.flags |= ServiceFlags::PERSISTENT;
        service.timeout = seconds;
    }
    if given.has(Opt::Ops) {
        service.flags |= ServiceFlags::ONE_PACKET;
    }
    if given.has(Opt::ExpireQuiescent) {
        service.flags |= ServiceFlags::EXPIRE_QUIESCENT;
    }
    if let Some(switch) = given.synproxy {
        service.flags.set(ServiceFlags::SYN_PROXY, switch == SynProxy::Enable);
    }
    service.netmask = given.netmask.unwrap_or(service.netmask);
    service.conn_timeout = given.conn_timeout.unwrap_or(service.conn_timeout);
    service.proxy = given.proxy.unwrap_or(service.proxy);
    service.check = given.check.unwrap_or(service.check);
}
