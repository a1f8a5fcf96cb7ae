//! All ids of docs/spec/ipc.md §4, as one table: number, our name, the specification's, kind of request, and the length that
//! its body must have. Most upstream handlers check no length; a server here refuses what does not fit with -1.
//!
//! Ids from 20000 on are requests of our own, in the same framing, with versioned payloads.

use crate::{Code, Malformed};

/// The first id that upstream will never use; ours begin here.
pub const OURS: u32 = 20_000;

wire_enum! {
    /// What a request does.
    Kind: "0 (GET) or 1 (SET)" {
        /// Asks.
        Get = 0,
        /// Changes.
        Set = 1,
    }
}

/// How long the body of a request must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// The body is ignored, or looked at only if it is long enough.
    Any,
    /// A struct; what lies behind it is ignored.
    AtLeast(usize),
    /// A struct, exactly.
    Exact(usize),
    /// A front and as many rows as it says, exactly.
    Rows {
        /// Bytes of the front.
        front: usize,
        /// Bytes of a row.
        row: usize,
        /// Where the front says how many: offset and width.
        count: (usize, usize),
    },
    /// Never has an effect; the answer is this.
    Reserved(Code),
}

/// Which kinds of requests an id has. Both only for one range marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    Get,
    Set,
    Both,
}

use Kinds::{Both, Get, Set};
use Size::{Any, AtLeast, Exact, Reserved, Rows};

macro_rules! ids {
    ($($number:literal $name:ident $spec:ident $kinds:ident $size:expr;)+) => {
        /// What a request is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Id { $(#[doc = concat!("`", stringify!($spec), "`, ", $number, ".")] $name,)+ }

        impl Id {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The id of this number.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$name),)+ _ => None }
            }

            /// The number in the message.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number,)+ }
            }

            /// The specification's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($spec),)+ }
            }

            /// How long the body must be.
            #[must_use]
            pub const fn size(self) -> Size {
                match self { $(Self::$name => $size,)+ }
            }

            const fn kinds(self) -> Kinds {
                match self { $(Self::$name => $kinds,)+ }
            }
        }
    };
}

ids! {
0 LaddrAdd SOCKOPT_SET_LADDR_ADD Set AtLeast(184);
1 LaddrDel SOCKOPT_SET_LADDR_DEL Set AtLeast(184);
2 LaddrFlush SOCKOPT_SET_LADDR_FLUSH Set AtLeast(184);
3 LaddrGet SOCKOPT_GET_LADDR_GETALL Get AtLeast(184);
4 LaddrMax SOCKOPT_GET_LADDR_MAX Get Reserved(Code::NotSupported);
5 AgentLaddrGet DPVSAGENT_VS_GET_LADDR Get Exact(152);
6 AgentLaddrAdd DPVSAGENT_VS_ADD_LADDR Set Rows { front: 152, row: 48, count: (20, 4) };
7 AgentLaddrDel DPVSAGENT_VS_DEL_LADDR Set Rows { front: 152, row: 48, count: (20, 4) };
8 Flush DPVS_SO_SET_FLUSH Set Any;
9 Zero DPVS_SO_SET_ZERO Set AtLeast(264);
10 ServiceAdd DPVS_SO_SET_ADD Set AtLeast(264);
11 ServiceEdit DPVS_SO_SET_EDIT Set AtLeast(264);
12 ServiceDel DPVS_SO_SET_DEL Set AtLeast(264);
13 DestAdd DPVS_SO_SET_ADDDEST Set AtLeast(384);
14 DestEdit DPVS_SO_SET_EDITDEST Set AtLeast(384);
15 DestDel DPVS_SO_SET_DELDEST Set AtLeast(384);
16 GratuitousArp DPVS_SO_SET_GRATARP Set AtLeast(4);
17 Version DPVS_SO_GET_VERSION Get Any;
18 Info DPVS_SO_GET_INFO Get Any;
19 Services DPVS_SO_GET_SERVICES Get Exact(8);
20 Service DPVS_SO_GET_SERVICE Get AtLeast(264);
21 Dests DPVS_SO_GET_DESTS Get Exact(144);
22 AgentServices DPVSAGENT_SO_GET_SERVICES Get Exact(8);
23 ServiceMax SOCKOPT_SVC_MAX Both Reserved(Code::Invalid);
24 AgentDestsGet DPVSAGENT_VS_GET_DESTS Get Exact(148);
25 AgentDestsAdd DPVSAGENT_VS_ADD_DESTS Set Rows { front: 148, row: 120, count: (28, 4) };
26 AgentDestsEdit DPVSAGENT_VS_EDIT_DESTS Set Rows { front: 148, row: 120, count: (28, 4) };
27 AgentDestsDel DPVSAGENT_VS_DEL_DESTS Set Rows { front: 148, row: 120, count: (28, 4) };
28 RouteAdd SOCKOPT_SET_ROUTE_ADD Set Exact(112);
29 RouteDel SOCKOPT_SET_ROUTE_DEL Set Exact(112);
30 RouteSet SOCKOPT_SET_ROUTE_SET Set Exact(112);
31 RouteFlush SOCKOPT_SET_ROUTE_FLUSH Set Exact(112);
32 RouteShow SOCKOPT_GET_ROUTE_SHOW Get AtLeast(112);
33 Route6Change SOCKOPT_SET_ROUTE6_ADD_DEL Set AtLeast(104);
34 Route6Flush SOCKOPT_SET_ROUTE6_FLUSH Set AtLeast(104);
35 Route6Show SOCKOPT_GET_ROUTE6_SHOW Get AtLeast(104);
36 AgentRouteGet DPVSAGENT_ROUTE_GET Get AtLeast(112);
37 AgentRouteAdd DPVSAGENT_ROUTE_ADD Set Exact(112);
38 AgentRouteDel DPVSAGENT_ROUTE_DEL Set Exact(112);
39 AgentRoute6Get DPVSAGENT_ROUTE6_GET Get AtLeast(112);
40 AgentRoute6Add DPVSAGENT_ROUTE6_ADD Set AtLeast(112);
41 AgentRoute6Del DPVSAGENT_ROUTE6_DEL Set AtLeast(112);
42 AgentIfAddrBase DPVSAGENT_IFADDR_GET_BASE Get AtLeast(68);
43 AgentIfAddrStats DPVSAGENT_IFADDR_GET_STATS Get AtLeast(68);
44 AgentIfAddrVerbose DPVSAGENT_IFADDR_GET_VERBOSE Get AtLeast(68);
45 AgentIfAddrAdd DPVSAGENT_IFADDR_ADD Set AtLeast(68);
46 AgentIfAddrDel DPVSAGENT_IFADDR_DEL Set AtLeast(68);
47 IfAddrAdd SOCKOPT_SET_IFADDR_ADD Set AtLeast(76);
48 IfAddrDel SOCKOPT_SET_IFADDR_DEL Set AtLeast(76);
49 IfAddrSet SOCKOPT_SET_IFADDR_SET Set AtLeast(76);
50 IfAddrFlush SOCKOPT_SET_IFADDR_FLUSH Set AtLeast(76);
51 IfAddrShow SOCKOPT_GET_IFADDR_SHOW Get AtLeast(76);
52 IfMaddrShow SOCKOPT_GET_IFMADDR_SHOW Get AtLeast(1);
53 LcoreSet SOCKOPT_NETIF_SET_LCORE Set Exact(1);
54 PortSet SOCKOPT_NETIF_SET_PORT Set Exact(52);
55 BondSet SOCKOPT_NETIF_SET_BOND Set Exact(72);
56 NetifSetMax SOCKOPT_NETIF_SET_MAX Set Reserved(Code::Invalid);
57 LcoreMask SOCKOPT_NETIF_GET_LCORE_MASK Get Any;
58 LcoreBasic SOCKOPT_NETIF_GET_LCORE_BASIC Get Exact(1);
59 LcoreStats SOCKOPT_NETIF_GET_LCORE_STATS Get Exact(1);
60 PortList SOCKOPT_NETIF_GET_PORT_LIST Get Any;
61 PortBasic SOCKOPT_NETIF_GET_PORT_BASIC Get AtLeast(1);
62 PortStats SOCKOPT_NETIF_GET_PORT_STATS Get AtLeast(1);
63 PortXstats SOCKOPT_NETIF_GET_PORT_XSTATS Get AtLeast(1);
64 PortExt SOCKOPT_NETIF_GET_PORT_EXT_INFO Get AtLeast(1);
65 BondStatus SOCKOPT_NETIF_GET_BOND_STATUS Get AtLeast(1);
66 PortMaddr SOCKOPT_NETIF_GET_MADDR Get AtLeast(1);
67 NetifGetMax SOCKOPT_NETIF_GET_MAX Get Reserved(Code::NotSupported);
68 LldpTodo SOCKOPT_SET_LLDP_TODO Set Reserved(Code::NotSupported);
69 LldpShow SOCKOPT_GET_LLDP_SHOW Get AtLeast(18);
70 NeighAdd SOCKOPT_SET_NEIGH_ADD Set AtLeast(52);
71 NeighDel SOCKOPT_SET_NEIGH_DEL Set AtLeast(52);
72 NeighShow SOCKOPT_GET_NEIGH_SHOW Get Any;
73 DenyAdd SOCKOPT_SET_BLKLST_ADD Set AtLeast(68);
74 DenyDel SOCKOPT_SET_BLKLST_DEL Set AtLeast(68);
75 DenyFlush SOCKOPT_SET_BLKLST_FLUSH Set AtLeast(68);
76 DenyGet SOCKOPT_GET_BLKLST_GETALL Get Any;
77 AllowAdd SOCKOPT_SET_WHTLST_ADD Set AtLeast(68);
78 AllowDel SOCKOPT_SET_WHTLST_DEL Set AtLeast(68);
79 AllowFlush SOCKOPT_SET_WHTLST_FLUSH Set AtLeast(68);
80 AllowGet SOCKOPT_GET_WHTLST_GETALL Get Any;
81 VlanAdd SOCKOPT_SET_VLAN_ADD Set AtLeast(36);
82 VlanDel SOCKOPT_SET_VLAN_DEL Set AtLeast(36);
83 VlanShow SOCKOPT_GET_VLAN_SHOW Get AtLeast(36);
84 TcAdd SOCKOPT_TC_ADD Set AtLeast(172);
85 TcDel SOCKOPT_TC_DEL Set AtLeast(172);
86 TcChange SOCKOPT_TC_CHANGE Set AtLeast(172);
87 TcReplace SOCKOPT_TC_REPLACE Set AtLeast(172);
88 TcShow SOCKOPT_TC_SHOW Get AtLeast(172);
89 ConnSet SOCKOPT_SET_CONN Set Reserved(Code::NotSupported);
90 ConnAll SOCKOPT_GET_CONN_ALL Get Exact(48);
91 ConnOne SOCKOPT_GET_CONN_SPECIFIED Get Exact(48);
92 Ip6Set SOCKOPT_IP6_SET Set Reserved(Code::NotSupported);
93 Ip6Stats SOCKOPT_IP6_STATS Get Any;
94 TunnelAdd SOCKOPT_TUNNEL_ADD Set AtLeast(80);
95 TunnelDel SOCKOPT_TUNNEL_DEL Set AtLeast(80);
96 TunnelChange SOCKOPT_TUNNEL_CHANGE Set AtLeast(80);
97 TunnelReplace SOCKOPT_TUNNEL_REPLACE Set AtLeast(80);
98 TunnelShow SOCKOPT_TUNNEL_SHOW Get AtLeast(80);
99 KniAdd SOCKOPT_SET_KNI_ADD Set AtLeast(40);
100 KniDel SOCKOPT_SET_KNI_DEL Set AtLeast(40);
101 KniFlush SOCKOPT_SET_KNI_FLUSH Set AtLeast(40);
102 KniList SOCKOPT_GET_KNI_LIST Get AtLeast(40);
103 IpsetSet SOCKOPT_SET_IPSET Set AtLeast(208);
104 IpsetTest SOCKOPT_GET_IPSET_TEST Get AtLeast(208);
105 IpsetList SOCKOPT_GET_IPSET_LIST Get AtLeast(208);
106 IftrafAdd SOCKOPT_SET_IFTRAF_ADD Set Any;
107 IftrafDel SOCKOPT_SET_IFTRAF_DEL Set Any;
108 IftrafShow SOCKOPT_GET_IFTRAF_SHOW Get AtLeast(16);
7400 EalMemSet SOCKOPT_SET_EAL_MEM_NONE Set Reserved(Code::NotSupported);
7401 EalMemSeg SOCKOPT_GET_EAL_MEM_SEG Get Any;
7402 EalMemZone SOCKOPT_GET_EAL_MEM_ZONE Get Any;
7403 EalMemRing SOCKOPT_GET_EAL_MEM_RING Get Any;
7404 EalMemPool SOCKOPT_GET_EAL_MEM_POOL Get Any;
20000 Counters DPVSRS_GET_COUNTERS Get Any;}

impl Id {
    /// Asks or changes.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self.kinds() {
            Get | Both => Kind::Get,
            Set => Kind::Set,
        }
    }

    /// The id that a request names.
    ///
    /// # Errors
    /// The code to answer: unknown, or in the range of services but of the other kind (§4).
    pub fn of_request(number: u32, kind: Option<Kind>) -> Result<Self, Code> {
        let id = Self::from_number(number).ok_or(Code::NotSupported)?;
        match kind {
            Some(kind) if id.kinds() == Both || id.kind() == kind => Ok(id),
            Some(_) if (8..=22).contains(&number) => Err(Code::Invalid),
            _ => Err(Code::NotSupported),
        }
    }

    /// Looks at the length of a request's body.
    ///
    /// # Errors
    /// It is not what [`Self::size`] says.
    pub fn check(self, body: &[u8]) -> Result<(), Malformed> {
        let (what, have) = (self.name(), body.len());
        match self.size() {
            Any | Reserved(_) => Ok(()),
            AtLeast(need) if have < need => Err(Malformed::Short { what, need, have }),
            AtLeast(_) => Ok(()),
            Exact(need) if have != need => Err(Malformed::Length { what, need, have }),
            Exact(_) => Ok(()),
            Rows { front, .. } if have < front => Err(Malformed::Short { what, need: front, have }),
            Rows { front, row, count: (at, width) } => {
                let count = body[at..at + width].iter().rev().fold(0_usize, |n, &b| n << 8 | usize::from(b));
                let need = front.saturating_add(row.saturating_mul(count));
                if have == need { Ok(()) } else { Err(Malformed::Length { what, need, have }) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_table_is_the_specifications() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/ipc-layouts.json");
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let rows = spec["sockopts"].as_array().unwrap();
        let (theirs, ours): (Vec<Id>, Vec<Id>) = Id::ALL.iter().partition(|id| id.number() < OURS);
        assert_eq!(rows.len(), theirs.len());
        assert_eq!(ours, [Id::Counters]);
        for (row, id) in rows.iter().zip(theirs) {
            assert_eq!((&row["id"], &row["name"]), (&Value::from(id.number()), &Value::from(id.name())));
            assert_eq!(Id::from_number(id.number()), Some(id));
            let direction = match id.kinds() {
                Get => "GET",
                Set => "SET",
                Both => "GET/SET",
            };
            assert_eq!(row["direction"], direction, "{id:?}");
            assert_eq!(row["reserved"] == true, matches!(id.size(), Reserved(_)), "{id:?}");
            check_size(&spec, row, id);
        }
    }

    /// Where the specification names a struct, the rule is about that struct's size.
    fn check_size(spec: &Value, row: &Value, id: Id) {
        let Some(size) = row["request"].as_str().and_then(|name| spec["structs"][name]["size"].as_u64())
        else {
            return;
        };
        let size = usize::try_from(size).unwrap();
        match id.size() {
            AtLeast(n) if (13..=15).contains(&id.number()) => assert_eq!(n, size + 120),
            AtLeast(n) | Exact(n) | Rows { front: n, .. } => assert_eq!(n, size, "{id:?}"),
            Any => assert_eq!(row["request"], "dp_vs_neigh_conf", "{id:?}"),
            Reserved(_) => panic!("{id:?} has a request"),
        }
    }

    #[test]
    fn a_request_of_the_wrong_kind_is_refused_as_upstream_does() {
        assert_eq!(Id::of_request(10, Some(Kind::Set)), Ok(Id::ServiceAdd));
        assert_eq!(Id::of_request(10, Some(Kind::Get)), Err(Code::Invalid));
        assert_eq!(Id::of_request(23, Some(Kind::Set)), Ok(Id::ServiceMax));
        assert_eq!(Id::of_request(0, Some(Kind::Get)), Err(Code::NotSupported));
        assert_eq!(Id::of_request(0, None), Err(Code::NotSupported));
        assert_eq!(Id::of_request(OURS, Some(Kind::Get)), Ok(Id::Counters));
        assert_eq!(Id::of_request(OURS + 999, Some(Kind::Get)), Err(Code::NotSupported));
    }

    #[test]
    fn a_lying_count_is_seen_before_anything_is_read() {
        let mut body = vec![0; 148 + 120];
        body[28] = 1;
        assert_eq!(Id::AgentDestsAdd.check(&body), Ok(()));
        body[28..32].fill(0xff);
        assert!(Id::AgentDestsAdd.check(&body).is_err());
        assert!(Id::AgentDestsAdd.check(&body[..147]).is_err());
    }
}
