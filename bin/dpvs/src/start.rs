//! From arguments to a running daemon, step by step, and down again (docs/spec/netstack.md §1.3).

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, bail};
use conf::dpvs::{Config, CpuId, Loaded};
use conf::{Disk, Level, Occasion, Verdict};
use control::command::{AddDevice, Command};
use control::{Master, Model};
use dpdk::{Eal, Port};
use ipvs::{Homes, Snapshot};
use netstack::device::{Device, DeviceId};

use crate::cli::Files;
use crate::clock::Uptime;
use crate::house::{House, Plan, Room};
use crate::layout::Layout;
use crate::master::SlowPath;
use crate::pidfile::{PidFile, PidFileError};
use crate::secrets::Secrets;
use crate::{logging, master, ports, worker};

/// `dpvs --check`: says what is wrong with the file.
pub(crate) fn check(files: &Files) -> ExitCode {
    let loaded = conf::dpvs::load(&Disk, &files.conf);
    for finding in &loaded.findings {
        println!("{finding}");
    }
    match loaded.verdict(Occasion::Start) {
        Verdict::Go => {
            println!("{}: can be used", files.conf.display());
            ExitCode::SUCCESS
        }
        _ => {
            println!("{}: cannot be used", files.conf.display());
            ExitCode::FAILURE
        }
    }
}

/// Runs the daemon until it is asked to stop.
pub(crate) fn run(files: &Files, eal: &[String]) -> ExitCode {
    logging::start();
    if eal.iter().any(|word| word == "-h" || word == "--help") {
        // EAL prints its usage and ends the process: not with our pid file held.
        return Eal::init(eal).map_or(ExitCode::FAILURE, |_| ExitCode::SUCCESS);
    }
    let pid = match PidFile::lock(&files.pid) {
        Ok(pid) => pid,
        Err(running @ PidFileError::Running) => {
            eprintln!("{running}");
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("dpvs: {error}");
            return ExitCode::FAILURE;
        }
    };
    match daemon(files, eal, pid) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn daemon(files: &Files, eal: &[String], mut pid: PidFile) -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
        signal_hook::flag::register(signal, stop.clone()).context("signal handlers cannot be set")?;
    }
    let reload = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGHUP, reload.clone())
        .context("signal handlers cannot be set")?;
    let clock = Uptime::start();
    log::info!("{}", crate::version_line());
    log::info!(
        "configuration {}, pid file {}, control socket {}",
        files.conf.display(),
        files.pid.display(),
        files.ipc.display()
    );
    let secrets = Secrets::open()?;
    let mut loaded = configuration(files)?;
    let eal = Eal::init(eal)?;
    log::info!("{}, {}", Eal::version(), if eal.has_hugepages() { "hugepages" } else { "no hugepages" });
    check_lcores(&mut loaded, &eal)?;
    let config = &loaded.config;

    let pool = ports::pool(&eal, config)?;
    let devices = ports::devices(&eal, config)?;
    let layout = Layout::of(config, devices.len());
    let homes =
        Homes::draw(layout.workers(), secrets.keys().take(1000)).context("no key steers local ports")?;
    let ports = ports::start(devices, &pool, config, &layout, &homes)?;
    let (mut control, snapshots) =
        Master::new(first_model(config, &secrets)?, usize::from(layout.workers()) + 1);
    for (port, device) in ports.iter().zip(&config.netif.devices) {
        control.transact(&[Command::from(AddDevice(describe(port, &device.name)?))])?;
    }
    let plan = Plan { config, layout: &layout, homes, secrets: &secrets, clock, pool: &pool };
    let House { rooms, punt, renewer, books, queries, pages } = plan.build(&ports, snapshots)?;
    ports::wait_for_links(&ports, config, || stop.load(Relaxed));

    // What a thread started from here inherits is the main lcore's one CPU, or a worker's; the slow path runs anywhere else.
    let elsewhere = eal.original_affinity();
    let counts = punt.stack.counts().clone();
    let view = crate::view::View::new(&eal, &ports, &layout, config, &books, &pool);
    eal.launch(|launch| {
        // Whatever ends the control thread ends the others, so that the launch can be waited for.
        let _stopping = StopOnDrop(&stop);
        for Room { place, worker, links } in rooms {
            let stop = &*stop;
            launch.on(place.lcore, move || worker::run(worker, links, clock, stop))?;
        }
        thread::scope(|scope| {
            let _stopping = StopOnDrop(&stop);
            let flag = &*stop;
            let slow_path =
                thread::Builder::new().name("dpvs-punt".into()).spawn_scoped(scope, move || {
                    // Where affinity cannot be changed, it shares the main lcore's CPU.
                    let _ = elsewhere.apply();
                    let _stopping = StopOnDrop(flag);
                    punt.run(flag);
                })?;
            let mut control = master::Control::new(
                control,
                books,
                (queries, pages),
                view,
                SlowPath { thread: slow_path.thread().clone(), counts, renewer },
                config,
                clock,
            );
            let signals = master::Signals { stop: flag, reload: &reload };
            control.serve(&files.ipc, &signals, || {
                pid.write(std::process::id())?;
                log::info!("ready: {} workers, {} ports", layout.workers(), ports.len());
                Ok(())
            })
        })
    })?;
    log::info!("stopped");
    Ok(())
}

/// Sets the flag when it goes out of scope.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Reads the file and says what there is to say of it; what is not in effect yet, in one line.
fn configuration(files: &Files) -> anyhow::Result<Loaded> {
    let loaded = conf::dpvs::load(&Disk, &files.conf);
    logging::set_level(loaded.config.globals.log_level);
    for finding in &loaded.findings {
        match finding.level(Occasion::Start) {
            Level::Error => log::error!("{finding}"),
            Level::Warning => log::warn!("{finding}"),
            Level::Notice => log::info!("{finding}"),
        }
    }
    if loaded.verdict(Occasion::Start) != Verdict::Go {
        bail!("{}: cannot be used; what is wrong stands above", files.conf.display());
    }
    Ok(loaded)
}

/// Workers must stand on lcores that EAL has.
fn check_lcores(loaded: &mut Loaded, eal: &Eal) -> anyhow::Result<()> {
    let main = CpuId(eal.main_lcore().id.0);
    let enabled: Vec<CpuId> = eal.workers().iter().map(|lcore| CpuId(lcore.id.0)).chain([main]).collect();
    let wrong = conf::dpvs::check_lcores(&mut loaded.config, main, &enabled);
    for (path, error) in &wrong {
        let place = loaded.set.get(path).map(|mark| mark.place.clone());
        match place {
            Some(place) => log::error!("{}", error.clone().at(place, path)),
            None => log::error!("{path}: {error}"),
        }
    }
    if !wrong.iter().all(|(_, error)| is_fallback(error)) {
        bail!("worker_defs do not fit the lcores that EAL has (--lcores); what is wrong stands above");
    }
    Ok(())
}

/// Whether the daemon can go on without what was wrong.
fn is_fallback(error: &conf::dpvs::WorkerError) -> bool {
    matches!(error, conf::dpvs::WorkerError::IsolatedCpu { .. } | conf::dpvs::WorkerError::IsolatedTooMany)
}

/// Nothing configured but what the file says.
fn first_model(config: &Config, secrets: &Secrets) -> anyhow::Result<Model> {
    let mut snapshot = Snapshot::empty(secrets.word()?);
    snapshot.timeouts = config.ipvs.idle_timeouts();
    snapshot.ttl_step = u8::from(config.ipvs.conn.xmit_ttl);
    Ok(Model::new(snapshot))
}

/// A port as a device of the stack.
fn describe(port: &Port<'_>, name: &str) -> anyhow::Result<Device> {
    let report = port.report();
    Ok(Device {
        id: DeviceId(port.id().0),
        name: name.parse().with_context(|| format!("device {name}"))?,
        mac: report.mac,
        mtu: report.mtu,
        port: port.id(),
        vlan: None,
    })
}
