//! What must hold between devices and bonds (docs/spec/netstack.md §2.5, `netif_defs`).

use std::collections::{HashMap, HashSet};

use crate::{Finding, Place, Problem, Severity};

use super::Loaded;
use super::items::{Bond, BondError};

/// A bond has at most so many slaves.
const MOST_SLAVES: usize = 32;

pub(crate) fn check(loaded: &mut Loaded) {
    let mut found = Vec::new();
    names(loaded, &mut found);
    let mut taken = HashMap::new();
    for (index, bond) in loaded.config.netif.bonds.iter().enumerate() {
        slaves(loaded, index, bond, &mut taken, &mut found);
        options(loaded, index, bond, &mut found);
    }
    loaded.findings.extend(found);
}

/// The mark of an item or of the block itself.
fn place(loaded: &Loaded, path: &str) -> Option<Place> {
    let block = path.rsplit_once('.').map(|(block, _)| block);
    let mark = loaded.set.get(path).or_else(|| loaded.set.get(block?))?;
    Some(mark.place.clone())
}

fn report(loaded: &Loaded, path: &str, text: &str, error: BondError, found: &mut Vec<Finding>) {
    let right = match &error {
        BondError::NameTwice { .. } | BondError::NumberTwice { .. } => "give another name",
        BondError::UnknownSlave { .. } => "name a device whose block stands earlier in the file",
        BondError::SlaveTwice { .. } => "give each device to one bond, once",
        BondError::NoSlave => "add a line: slave DEVICE",
        BondError::TooManySlaves { .. } => "give at most 32",
        BondError::PrimaryIsNoSlave { .. } => "name one of the bond's slaves",
    };
    if let Some(place) = place(loaded, path) {
        found.push(Finding::new(Severity::Worker, place, text, error.into()).right(right));
    }
}

/// Devices and bonds share one space of names, and each bond has a number of its own.
fn names(loaded: &Loaded, found: &mut Vec<Finding>) {
    let netif = &loaded.config.netif;
    let devices =
        netif.devices.iter().enumerate().map(|(i, d)| (format!("netif_defs.device[{i}]"), &d.name, None));
    let bonds = netif.bonds.iter().enumerate();
    let bonds = bonds.map(|(i, b)| (format!("netif_defs.bonding[{i}]"), &b.name, b.number()));
    let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
    for (path, name, number) in devices.chain(bonds) {
        if !names.insert(name) {
            report(loaded, &path, name, BondError::NameTwice { name: name.clone() }, found);
        } else if let Some(number) = number.filter(|number| !numbers.insert(*number)) {
            report(loaded, &path, name, BondError::NumberTwice { number }, found);
        }
    }
}

fn slaves<'a>(
    loaded: &Loaded,
    index: usize,
    bond: &'a Bond,
    taken: &mut HashMap<&'a str, &'a str>,
    found: &mut Vec<Finding>,
) {
    let block = format!("netif_defs.bonding[{index}]");
    let path = format!("{block}.slave");
    for name in &bond.slaves {
        let text = format!("slave {name}");
        if !declared_before(loaded, name, &path) {
            report(loaded, &path, &text, BondError::UnknownSlave { name: name.clone() }, found);
        }
        if let Some(other) = taken.insert(name, &bond.name) {
            let error = BondError::SlaveTwice { name: name.clone(), bond: other.to_owned() };
            report(loaded, &path, &text, error, found);
        }
    }
    if bond.slaves.is_empty() {
        report(loaded, &block, &bond.name, BondError::NoSlave, found);
    }
    if bond.slaves.len() > MOST_SLAVES {
        report(loaded, &path, &bond.name, BondError::TooManySlaves { count: bond.slaves.len() }, found);
    }
    if let Some(name) = bond.primary.as_ref().filter(|name| !bond.slaves.contains(name)) {
        let error = BondError::PrimaryIsNoSlave { name: name.clone() };
        report(loaded, &format!("{block}.primary"), &format!("primary {name}"), error, found);
    }
}

/// Whether the device's block stands before the bond's last `slave` line.
fn declared_before(loaded: &Loaded, name: &str, path: &str) -> bool {
    let order = |path: &str| loaded.set.get(path).map(|mark| mark.order);
    let devices = loaded.config.netif.devices.iter().enumerate();
    let mut same = devices.filter(|(_, device)| device.name == name);
    same.any(|(i, _)| order(&format!("netif_defs.device[{i}]")) < order(path))
}

/// `options` counts only behind `mode 4`.
fn options(loaded: &Loaded, index: usize, bond: &Bond, found: &mut Vec<Finding>) {
    let item = |name: &str| loaded.set.get(&format!("netif_defs.bonding[{index}].{name}"));
    let Some(options) = item("options") else { return };
    if bond.mode == 4 && item("mode").is_some_and(|mode| mode.order < options.order) {
        return;
    }
    let finding = Finding::new(Severity::Item, options.place.clone(), "options", Problem::OptionsNeedMode4);
    found.push(finding.right("set mode 4 on an earlier line, or remove the options"));
}
