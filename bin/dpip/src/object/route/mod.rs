//! `route`: routes of both families (docs/spec/cli.md §3.2). The words are the same; what is sent and printed is not, and is in a
//! file for each.

mod v4;
mod v6;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sockopt::Device;
use sockopt::route::{Prefix, RouteFlags};

use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};
use crate::options::Ip;
use crate::words::{Addresses, Words, device, number};

pub(super) const HELP: &str = "\
Usage: dpip [-4|-6] route add|del PREFIX [ARGUMENTS]
       dpip [-4|-6] route flush dev DEVICE
       dpip [-4|-6] route show [dev DEVICE]

PREFIX:    ADDRESS[/LENGTH] or default
ARGUMENTS: via ADDRESS
           dev DEVICE                        needed for IPv4
           src ADDRESS
           mtu BYTES
           metric NUMBER
           scope host|kni_host|link|global   host: for this machine, kni_host: for its kernel
           local
           tos, proto, onlink                taken and ignored";

/// A route as it was typed, in values.
#[derive(Clone, Copy, Debug)]
struct Typed {
    /// Without an address: the default route, or none given.
    dst: Prefix,
    via: Option<IpAddr>,
    src: Option<IpAddr>,
    device: Device,
    mtu: u32,
    metric: u32,
    flags: RouteFlags,
}

pub(super) fn run(context: &mut Context<'_>, command: Command, words: Words<'_>) -> Result<(), Failure> {
    let line = Line::read(words)?;
    let asked = context.options.family;
    let family = asked.or_else(|| line.family()).unwrap_or(Ip::V4);
    match (family, command) {
        (Ip::V6, Command::Set) => return Err(Misuse::NotSupported.into()),
        (_, Command::Add | Command::Del | Command::Set) if line.prefix.is_none() => {
            return Err(Misuse::NoPrefix.into());
        }
        (_, Command::Flush) if line.device.is_empty() => return Err(Misuse::NoRouteDevice.into()),
        _ => {}
    }
    let typed = line.typed(family)?;
    match family {
        Ip::V4 => v4::run(context, command, &typed),
        Ip::V6 => v6::run(context, command, &typed),
    }
}

/// The words in their places; addresses are read when the family is known.
#[derive(Debug, Default)]
struct Line<'a> {
    prefix: Option<&'a str>,
    via: Option<&'a str>,
    src: Option<&'a str>,
    device: Device,
    mtu: u32,
    metric: u32,
    flags: RouteFlags,
    is_local: bool,
}

impl<'a> Line<'a> {
    fn read(mut words: Words<'a>) -> Result<Self, Misuse> {
        let mut line = Self::default();
        while let Some(word) = words.next() {
            match word {
                "via" => line.via = Some(words.value(word)?),
                "src" => line.src = Some(words.value(word)?),
                "dev" => line.device = device(words.value(word)?)?,
                "mtu" => line.mtu = number(word, words.value(word)?, 0..=65_535)?,
                // The daemon keeps sixteen bits of it, signed.
                "metric" => line.metric = number(word, words.value(word)?, 0..=32_767)?,
                "scope" => match words.value(word)? {
                    "host" => line.flags |= RouteFlags::LOCAL_IN,
                    "kni_host" => line.flags |= RouteFlags::KNI,
                    _ => {}
                },
                "local" => line.is_local = true,
                // So that what is printed can be given.
                "tos" | "proto" => drop(words.value(word)?),
                "onlink" => {}
                other => line.prefix = Some(other),
            }
        }
        Ok(line)
    }

    /// The family of the first address, if there is one.
    fn family(&self) -> Option<Ip> {
        let prefix = self.prefix.map(|word| word.split('/').next().unwrap_or_default());
        let addr = [prefix, self.via].into_iter().flatten().find_map(|word| word.parse().ok());
        addr.map(crate::words::family)
    }

    fn typed(&self, family: Ip) -> Result<Typed, Misuse> {
        let mut addresses = Addresses(Some(family));
        let any: IpAddr = match family {
            Ip::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Ip::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let dst = match self.prefix {
            None | Some("default") => Prefix::any(any),
            // As it is printed.
            Some("0.0.0.0/0") if family == Ip::V4 => Prefix::any(any),
            Some("::/0") if family == Ip::V6 => Prefix::any(any),
            Some(word) => addresses.prefix(word)?,
        };
        let via = self.via.map(|word| addresses.addr(word)).transpose()?;
        let src = self.src.map(|word| addresses.addr(word)).transpose()?;
        let mut flags = self.flags;
        if self.is_local {
            flags |= match family {
                Ip::V4 => RouteFlags::HOST,
                Ip::V6 => RouteFlags::LOCAL_IN,
            };
        }
        let given = |addr: &IpAddr| !addr.is_unspecified();
        let Self { device, mtu, metric, .. } = *self;
        Ok(Typed { dst, via: via.filter(given), src: src.filter(given), device, mtu, metric, flags })
    }
}
