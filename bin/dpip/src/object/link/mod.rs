//! `link`: NICs, bonds and lcores (docs/spec/cli.md §3.3).

mod cells;
mod cpu;
mod detail;
mod nic;
mod samples;
mod set;

use sockopt::Text;

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::words::{Words, device};

pub(super) const HELP: &str = "\
Usage: dpip [-s] [-v] [-C] [-i SECONDS [-c N]] link show [NIC] [status]
       dpip [-s] [-i SECONDS [-c N]] link show cpu|cpuN
       dpip link set NIC ITEM VALUE
       dpip link add|del BOND bond-slave NIC

ITEM VALUE: promisc|allmulticast|forward2kni|tc-egress|tc-ingress|lldp on|off
            link up|down
            addr MAC
            bond-mode 0...6
            bond-primary NIC
            bond-xmit-policy LAYER2|LAYER23|LAYER34
            bond-monitor-interval MILLISECONDS
            bond-link-down-prop MILLISECONDS
            bond-link-up-prop MILLISECONDS";

pub(super) fn run(context: &mut Context<'_>, command: Command, mut words: Words<'_>) -> Result<(), Failure> {
    if context.options.count != 0 && context.options.interval == 0 {
        return Err(Misuse::NoInterval { help: HELP }.into());
    }
    let name = words.next();
    match (command, name) {
        (Command::Show, Some(name)) if name.starts_with("cpu") => cpu::show(context, &name[3..]),
        (Command::Show, name) => {
            let name = name.map(device::<32>).transpose()?;
            let bond = words.any(|word| word.starts_with("status"));
            let extent = if bond { nic::Extent::WithBond } else { nic::Extent::Port };
            nic::show(context, name, extent)
        }
        (_, name) => {
            let name: Text<32> = device(name.unwrap_or_default())?;
            set::change(context, command, name, words)
        }
    }
}
