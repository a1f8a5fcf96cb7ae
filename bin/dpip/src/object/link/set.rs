//! `link set`, `link add`, `link del`. Unlike upstream, what was not applied is not a success.

use sockopt::link::{BondAction, BondChange, BondSet, PortSet, PortSwitches};
use sockopt::{Text, call};

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::words::Words;

/// What one item of a port is switched to.
struct Switch {
    item: &'static str,
    on: (&'static str, PortSwitches),
    off: (&'static str, PortSwitches),
}

const fn on_off(item: &'static str, on: PortSwitches, off: PortSwitches) -> Switch {
    Switch { item, on: ("on", on), off: ("off", off) }
}

const SWITCHES: &[Switch] = &[
    on_off("promisc", PortSwitches::PROMISC_ON, PortSwitches::PROMISC_OFF),
    on_off("allmulticast", PortSwitches::ALLMULTICAST_ON, PortSwitches::ALLMULTICAST_OFF),
    on_off("forward2kni", PortSwitches::FORWARD_TO_KNI_ON, PortSwitches::FORWARD_TO_KNI_OFF),
    on_off("tc-egress", PortSwitches::TC_EGRESS_ON, PortSwitches::TC_EGRESS_OFF),
    on_off("tc-ingress", PortSwitches::TC_INGRESS_ON, PortSwitches::TC_INGRESS_OFF),
    on_off("lldp", PortSwitches::LLDP_ON, PortSwitches::LLDP_OFF),
    Switch { item: "link", on: ("up", PortSwitches::LINK_UP), off: ("down", PortSwitches::LINK_DOWN) },
];

/// Does what the words behind the device's name say.
pub(super) fn change(
    context: &mut Context<'_>,
    command: Command,
    name: Text<32>,
    mut words: Words<'_>,
) -> Result<(), Failure> {
    let item = words.next().unwrap_or_default();
    let value = words.next().unwrap_or_default();
    let unknown = || Failure::from(Misuse::Item { item: item.to_owned() });
    match command {
        Command::Set => {}
        _ if item == "bond-slave" => {
            let action = if command == Command::Add { BondAction::Add } else { BondAction::Del };
            let change = BondChange::Member(crate::words::device(value)?);
            return Ok(context.session.call::<call::BondSet>(&BondSet { name, action, change })?);
        }
        _ => return Err(unknown()),
    }
    if item.starts_with("bond-") {
        let change = bond(item, value).ok_or_else(unknown)?;
        let change = change.map_err(|text| told(context, format_args!("{text}: {value}")))?;
        let request = BondSet { name, action: BondAction::Set, change };
        return Ok(context.session.call::<call::BondSet>(&request)?);
    }
    let mut request = PortSet { name, ..PortSet::default() };
    match (SWITCHES.iter().find(|switch| switch.item == item), item) {
        (Some(switch), _) => {
            let found = [switch.on, switch.off].into_iter().find(|(word, _)| *word == value);
            let Some((_, bits)) = found else {
                // Two spellings, as scripts know them.
                let argument = if item == "link" { "argument" } else { "arguement" };
                return Err(told(context, format_args!("invalid {argument} value for '{item}'")));
            };
            request.switches = bits;
        }
        (None, "addr") => match Text::new(value) {
            Ok(mac) if !mac.is_empty() => request.mac = mac,
            _ => return Err(told(context, "invalid arguement value for 'addr'")),
        },
        (None, _) => return Err(unknown()),
    }
    Ok(context.session.call::<call::PortSet>(&request)?)
}

fn told(context: &mut Context<'_>, text: impl std::fmt::Display) -> Failure {
    context.session.complain(text);
    Failure::Told
}

/// A bond's item and its value; or what to say of the value.
fn bond(item: &str, value: &str) -> Option<Result<BondChange, &'static str>> {
    let number = |least, most| value.parse().ok().filter(|n| (least..=most).contains(n));
    Some(match item {
        "bond-mode" => number(0, 6).map(BondChange::Mode).ok_or("invalid bonding mode"),
        "bond-primary" => crate::words::device(value).map(BondChange::Primary).map_err(|_| "invalid primary"),
        "bond-xmit-policy" => policy(value).map(BondChange::Policy).ok_or("invalid xmit-poliy"),
        "bond-monitor-interval" => {
            number(1, i32::MAX).map(BondChange::MonitorInterval).ok_or("invalid link_monitor_interval")
        }
        "bond-link-down-prop" => {
            number(0, i32::MAX).map(BondChange::DownDelay).ok_or("invalid link_down_prop")
        }
        "bond-link-up-prop" => number(0, i32::MAX).map(BondChange::UpDelay).ok_or("invalid link_up_prop"),
        _ => return None,
    })
}

/// In capitals or without any.
fn policy(value: &str) -> Option<Text<32>> {
    let upper = value.to_ascii_uppercase();
    let one_case = value == upper || value == value.to_ascii_lowercase();
    let known = ["LAYER2", "LAYER23", "LAYER34"].contains(&upper.as_str());
    Text::new(&upper).ok().filter(|_| one_case && known)
}
