//! `make demo`: a director between a client and three backends on this machine, set up by the commands that a user
//! would give, each shown before it is run. All of it lives in network namespaces and is gone afterwards.
#![forbid(unsafe_code)]

mod show;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use testkit::fullnat::{self, BACKENDS, Tool, UDP_PORT, VIP};
use testkit::{Lab, LabError, Objects, Process, Setup, Web};

/// Two workers, one for each queue of a port.
const WORKERS: u16 = 2;
/// Requests by TCP, and by UDP.
const REQUESTS: usize = 12;

fn main() -> ExitCode {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&stopped)) {
            eprintln!("demo: signal {signal} cannot be handled: {error}");
            return ExitCode::FAILURE;
        }
    }
    match demo(&Stop(&stopped)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if stopped.load(Ordering::Relaxed) => {
            println!("\nInterrupted; everything is taken away again.");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether somebody pressed Ctrl-C.
struct Stop<'s>(&'s AtomicBool);

impl Stop<'_> {
    /// An error if so: the way out is the way back, through every destructor.
    fn check(&self) -> Result<()> {
        ensure!(!self.0.load(Ordering::Relaxed), "interrupted");
        Ok(())
    }
}

fn demo(stop: &Stop<'_>) -> Result<()> {
    for program in ["dpvs", "dpip", "ipvsadm", "udp-echo", "udp-ask"] {
        testkit::bins::find(program)?;
    }
    show::heading("The network: namespaces on this machine, gone when the demo ends");
    println!("{}", show::PICTURE);
    let lab = fullnat::plan("demo").up()?;
    stop.check()?;
    let _backends = backends(&lab)?;
    stop.check()?;

    show::heading("The daemon: DPDK on two virtual ports; ordinary pages, so no hugepages are reserved");
    let setup = Setup::new(WORKERS, WORKERS);
    println!("$ {}", lab.dpvs_command(&setup)?);
    let dpvs = lab.dpvs(&setup)?;
    println!("process {} answers on {}", dpvs.pid(), lab.socket().display());

    show::heading("Addresses, routes, a TCP and a UDP service");
    for (tool, words) in fullnat::commands() {
        stop.check()?;
        tell(&lab, tool, &words)?;
    }
    traffic(&lab, stop)?;

    show::heading("What the director knows");
    for words in ["-ln", "-ln --stats", "-lnc", "-G"] {
        stop.check()?;
        tell(&lab, Tool::Ipvsadm, words)?;
    }
    tell(&lab, Tool::Dpip, "-s link show")?;

    show::heading("The end");
    println!("$ kill -TERM {}", dpvs.pid());
    dpvs.stop().context("the daemon did not end in order")?;
    println!("The daemon has ended in order. The namespaces go now.");
    Ok(())
}

/// A web server and a UDP responder on each backend.
fn backends(lab: &Lab) -> Result<Vec<(Web, Process)>, LabError> {
    let objects = Objects::none(lab)?;
    let start =
        |(node, _): &(&str, &str)| Ok((lab.on(node).web(&objects)?, lab.on(node).udp_echo(UDP_PORT)?));
    BACKENDS.iter().map(start).collect()
}

/// Shows a command, runs it, and shows what it says.
fn tell(lab: &Lab, tool: Tool, words: &str) -> Result<()> {
    println!("$ {} {words}", tool.name());
    print!("{}", lab.tool(tool.name(), words)?.ok()?.stdout);
    Ok(())
}

fn traffic(lab: &Lab, stop: &Stop<'_>) -> Result<()> {
    show::heading("Requests of a client that knows the virtual address only");
    println!("client$ curl http://{VIP}/    ({REQUESTS} times)");
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..REQUESTS {
        stop.check()?;
        *answers.entry(lab.on("client").curl(&format!("http://{VIP}/"))?).or_default() += 1;
    }
    show::answers(answers.iter().map(|(name, count)| (name.as_str(), *count)));
    stop.check()?;
    println!("client$ udp-ask {VIP}:{UDP_PORT} {REQUESTS}");
    let tally = lab.on("client").udp_ask(&format!("{VIP}:{UDP_PORT}"), u32::try_from(REQUESTS)?)?;
    show::answers(tally.answers.iter().map(|(name, count)| (name.as_str(), *count as usize)));
    ensure!(tally.lost + tally.wrong == 0, "{} answers lost, {} wrong", tally.lost, tally.wrong);
    Ok(())
}
