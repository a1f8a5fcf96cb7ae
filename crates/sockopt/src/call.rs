//! Which id takes and returns which value. One row per id that is supported; the rest of [`Id`] waits for its struct.

use crate::body::{Body, to_vec};
use crate::{Id, LcoreId, Malformed};
use crate::{access, addr, conn, counters, dest, info, laddr, lcore, link, neigh, route, route6, service};

/// An id with its types.
pub trait Call {
    /// The id.
    const ID: Id;
    /// The request's body.
    type Request: Body;
    /// The reply's body.
    type Reply: Body;
}

/// Which half of a call a body belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// From the client.
    Request,
    /// From the daemon.
    Reply,
}

macro_rules! calls {
    ($($name:ident: $request:ty => $reply:ty;)+) => {
        $(
            #[doc = concat!("[`Id::", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Call for $name {
                const ID: Id = Id::$name;
                type Request = $request;
                type Reply = $reply;
            }
        )+

        /// All ids that have a row here.
        pub const SUPPORTED: &[Id] = &[$(Id::$name,)+];

        /// Reads a body into its value and writes that again; none if the id is not supported. For tests of the codec.
        #[must_use]
        pub fn recode(id: Id, half: Half, body: &[u8]) -> Option<Result<Vec<u8>, Malformed>> {
            match (id, half) {
                $(
                    (Id::$name, Half::Request) => Some(<$request>::decode(body).map(|value| to_vec(&value))),
                    (Id::$name, Half::Reply) => Some(<$reply>::decode(body).map(|value| to_vec(&value))),
                )+
                _ => None,
            }
        }
    };
}

calls! {
    LaddrAdd: laddr::LaddrConf => ();
    LaddrDel: laddr::LaddrConf => ();
    LaddrFlush: laddr::LaddrConf => ();
    LaddrGet: laddr::LaddrConf => laddr::Laddrs;
    AgentLaddrGet: laddr::AgentLaddrsQuery => laddr::AgentLaddrs;
    AgentLaddrAdd: laddr::AgentLaddrs => ();
    AgentLaddrDel: laddr::AgentLaddrs => ();
    Flush: () => ();
    Zero: service::Service => ();
    ServiceAdd: service::Service => ();
    ServiceEdit: service::Service => ();
    ServiceDel: service::Service => ();
    DestAdd: dest::DestOf => ();
    DestEdit: dest::DestOf => ();
    DestDel: dest::DestOf => ();
    GratuitousArp: info::GratuitousArp => ();
    Version: () => info::VersionText;
    Info: info::InfoQuery => info::Info;
    Services: service::ServicesQuery => service::Services;
    Service: service::Service => service::Service;
    Dests: dest::DestsQuery => dest::Dests;
    AgentServices: service::ServicesQuery => service::Services;
    AgentDestsGet: dest::AgentDestsQuery => dest::AgentDests;
    AgentDestsAdd: dest::AgentDests => ();
    AgentDestsEdit: dest::AgentDests => ();
    AgentDestsDel: dest::AgentDests => ();
    RouteAdd: route::Route => ();
    RouteDel: route::Route => ();
    RouteSet: route::Route => ();
    RouteFlush: route::Route => ();
    RouteShow: route::Route => route::Routes;
    Route6Change: route6::Route6 => ();
    Route6Flush: route6::Route6 => ();
    Route6Show: route6::Route6 => route6::Routes6;
    AgentRouteGet: route::Route => route::Routes;
    AgentRouteAdd: route::Route => ();
    AgentRouteDel: route::Route => ();
    AgentRoute6Get: route::Route => route::Routes;
    AgentRoute6Add: route::Route => ();
    AgentRoute6Del: route::Route => ();
    AgentIfAddrBase: addr::IfAddr => addr::AgentIfAddrs;
    AgentIfAddrStats: addr::IfAddr => addr::PoolRows;
    AgentIfAddrVerbose: addr::IfAddr => ();
    AgentIfAddrAdd: addr::IfAddr => ();
    AgentIfAddrDel: addr::IfAddr => ();
    IfAddrAdd: addr::IfAddrParam => ();
    IfAddrDel: addr::IfAddrParam => ();
    IfAddrSet: addr::IfAddrParam => ();
    IfAddrFlush: addr::IfAddrParam => ();
    IfAddrShow: addr::IfAddrParam => addr::IfAddrs;
    IfMaddrShow: link::GroupQuery => addr::Maddrs;
    LcoreSet: LcoreId => ();
    PortSet: link::PortSet => ();
    BondSet: link::BondSet => ();
    LcoreMask: () => lcore::LcoreMask;
    LcoreBasic: LcoreId => lcore::LcoreBasic;
    LcoreStats: LcoreId => lcore::LcoreStats;
    PortList: () => link::PortList;
    PortBasic: link::PortQuery => link::PortBasic;
    PortStats: link::PortQuery => link::PortStats;
    PortXstats: link::PortQuery => link::PortXstats;
    PortExt: link::PortQuery => link::PortExt;
    BondStatus: link::PortQuery => link::BondStatus;
    PortMaddr: link::GroupQuery => link::HwAddrs;
    NeighAdd: neigh::Neighbour => ();
    NeighDel: neigh::Neighbour => ();
    NeighShow: neigh::NeighbourQuery => neigh::Neighbours;
    DenyAdd: access::Access => ();
    DenyDel: access::Access => ();
    DenyFlush: access::Access => ();
    DenyGet: () => access::AccessList;
    AllowAdd: access::Access => ();
    AllowDel: access::Access => ();
    AllowFlush: access::Access => ();
    AllowGet: () => access::AccessList;
    ConnAll: conn::ConnQuery => conn::ConnPage;
    ConnOne: conn::ConnQuery => conn::ConnPage;
    Counters: () => counters::Counters;
}
