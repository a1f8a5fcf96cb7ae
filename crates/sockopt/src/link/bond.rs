//! Bonds (ids 55 and 65): docs/spec/ipc.md §6.6.

use zerocopy::little_endian::{I32, U32};

use crate::body::Record;
use crate::{Malformed, Text};

/// Rows that the status always has.
const MEMBERS: usize = 32;

layout! {
    RawBondMember = "bond_slave_node", 72 {
        name: [u8; 32],
        macaddr: [u8; 32],
        is_active: I32,
        is_primary: I32,
    }
}

layout! {
    RawBondStatus = "netif_bond_status_get", 2392 {
        mode: I32,
        slave_nb: I32,
        active_nb: I32,
        slaves: [RawBondMember; MEMBERS],
        macaddr: [u8; 32],
        xmit_policy: [u8; 32],
        link_monitor_interval: I32,
        link_down_prop_delay: I32,
        link_up_prop_delay: I32,
    }
}

layout! {
    RawBondSet = "netif_bond_set", 72 {
        name: [u8; 32],
        param: [u8; 32],
        act: U32,
        opt: U32,
    }
}

/// A member of a bond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BondMember {
    /// Device.
    pub name: Text<32>,
    /// MAC.
    pub mac: Text<32>,
    /// Carries traffic.
    pub active: bool,
    /// Preferred.
    pub primary: bool,
}

/// A bond (id 65).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BondStatus {
    /// DPDK's number of the mode.
    pub mode: i32,
    /// Members that are active.
    pub active: i32,
    /// Members; no more than 32 are told.
    pub members: Vec<BondMember>,
    /// MAC.
    pub mac: Text<32>,
    /// `LAYER2`, `LAYER23`, `LAYER34` or `UNKOWN`.
    pub policy: Text<32>,
    /// Milliseconds between two looks at the links.
    pub monitor_interval: i32,
    /// Milliseconds until a link that went down is told.
    pub down_delay: i32,
    /// Milliseconds until a link that came up is told.
    pub up_delay: i32,
}

impl Record for BondStatus {
    type Raw = RawBondStatus;

    fn from_raw(raw: &RawBondStatus) -> Result<Self, Malformed> {
        let value = raw.slave_nb.get();
        let wrong = Malformed::Value {
            field: "slave_nb",
            value: value.into(),
            expected: "a number of members (0…32)",
        };
        let used = usize::try_from(value).ok().and_then(|n| raw.slaves.get(..n)).ok_or(wrong)?;
        let member = |m: &RawBondMember| {
            let name = Text::from_raw("slaves.name", &m.name)?;
            let mac = Text::from_raw("slaves.macaddr", &m.macaddr)?;
            Ok(BondMember { name, mac, active: m.is_active.get() != 0, primary: m.is_primary.get() != 0 })
        };
        Ok(Self {
            mode: raw.mode.get(),
            active: raw.active_nb.get(),
            members: used.iter().map(member).collect::<Result<_, _>>()?,
            mac: Text::from_raw("macaddr", &raw.macaddr)?,
            policy: Text::from_raw("xmit_policy", &raw.xmit_policy)?,
            monitor_interval: raw.link_monitor_interval.get(),
            down_delay: raw.link_down_prop_delay.get(),
            up_delay: raw.link_up_prop_delay.get(),
        })
    }

    fn to_raw(&self) -> RawBondStatus {
        let member = |m: BondMember| RawBondMember {
            name: m.name.to_raw(),
            macaddr: m.mac.to_raw(),
            is_active: i32::from(m.active).into(),
            is_primary: i32::from(m.primary).into(),
        };
        let count = self.members.len().min(MEMBERS);
        RawBondStatus {
            mode: self.mode.into(),
            slave_nb: i32::try_from(count).unwrap_or(0).into(),
            active_nb: self.active.into(),
            slaves: std::array::from_fn(|i| member(self.members.get(i).copied().unwrap_or_default())),
            macaddr: self.mac.to_raw(),
            xmit_policy: self.policy.to_raw(),
            link_monitor_interval: self.monitor_interval.into(),
            link_down_prop_delay: self.down_delay.into(),
            link_up_prop_delay: self.up_delay.into(),
        }
    }
}

wire_enum! {
    /// `ACT_*`.
    BondAction: "an action (1…3)" {
        /// Add a member.
        Add = 1,
        /// Remove one.
        Del = 2,
        /// Set an option.
        Set = 3,
    }
}

/// `OPT_*` and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondChange {
    /// DPDK's number of the mode.
    Mode(i32),
    /// A member.
    Member(Text<32>),
    /// The preferred member.
    Primary(Text<32>),
    /// Transmit policy.
    Policy(Text<32>),
    /// Milliseconds between two looks at the links.
    MonitorInterval(i32),
    /// Milliseconds until a link that went down is told.
    DownDelay(i32),
    /// Milliseconds until a link that came up is told.
    UpDelay(i32),
}

/// Changes a bond (id 55).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BondSet {
    /// Which.
    pub name: Text<32>,
    /// What to do.
    pub action: BondAction,
    /// With what.
    pub change: BondChange,
}

impl Record for BondSet {
    type Raw = RawBondSet;

    fn from_raw(raw: &RawBondSet) -> Result<Self, Malformed> {
        let text = || Text::from_raw("param", &raw.param);
        let [a, b, c, d, ..] = raw.param;
        let number = i32::from_le_bytes([a, b, c, d]);
        let change = match raw.opt.get() {
            1 => BondChange::Mode(number),
            2 => BondChange::Member(text()?),
            3 => BondChange::Primary(text()?),
            4 => BondChange::Policy(text()?),
            5 => BondChange::MonitorInterval(number),
            6 => BondChange::DownDelay(number),
            7 => BondChange::UpDelay(number),
            other => {
                let expected = "an option (1…7)";
                return Err(Malformed::Value { field: "opt", value: other.into(), expected });
            }
        };
        let action = BondAction::from_number("act", raw.act.get())?;
        Ok(Self { name: Text::from_raw("name", &raw.name)?, action, change })
    }

    fn to_raw(&self) -> RawBondSet {
        let number = |n: i32| {
            let mut param = [0; 32];
            param[..4].copy_from_slice(&n.to_le_bytes());
            param
        };
        let (opt, param) = match self.change {
            BondChange::Mode(n) => (1, number(n)),
            BondChange::Member(name) => (2, name.to_raw()),
            BondChange::Primary(name) => (3, name.to_raw()),
            BondChange::Policy(name) => (4, name.to_raw()),
            BondChange::MonitorInterval(n) => (5, number(n)),
            BondChange::DownDelay(n) => (6, number(n)),
            BondChange::UpDelay(n) => (7, number(n)),
        };
        RawBondSet { name: self.name.to_raw(), param, act: self.action.number().into(), opt: U32::new(opt) }
    }
}
