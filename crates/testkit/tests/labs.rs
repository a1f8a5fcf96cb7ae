//! Labs without a daemon: what is wrong here is wrong with the lab.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use testkit::{Lab, LabError, Objects, Offloads, Plan, case, fullnat};

/// One lab at a time: two cores are few.
static ALONE: Mutex<()> = Mutex::new(());

fn alone(name: &str, body: impl FnOnce() -> Result<(), LabError>) {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    case(name, body);
}

fn client_and_backend(name: &str) -> Plan {
    Lab::new(name).client("c", "10.9.0.2/24").backend("b", "10.9.0.3/24")
}

#[test]
fn a_kernel_forwards_objects_and_datagrams_through_the_fullnat_topology() {
    alone("a_kernel_forwards_objects_and_datagrams_through_the_fullnat_topology", || {
        let lab = fullnat::plan_with_kernel("kernel").up()?;
        let objects = Objects::generate(&lab, 1, 200)?;
        for (node, address) in fullnat::BACKENDS {
            let web = lab.on(node).web(&objects)?;
            let echo = lab.on(node).udp_echo(fullnat::UDP_PORT)?;
            assert_eq!(lab.on("client").curl(&format!("http://{address}/"))?, node);
            let download = lab.on("client").download(&format!("http://{address}"), &objects, 20)?;
            assert_eq!((download.whole, download.failed.len()), (200, 0), "{download}");
            let tally = lab.on("client").udp_ask(&format!("{address}:{}", fullnat::UDP_PORT), 50)?;
            assert_eq!((tally.answers.get(node), tally.lost, tally.wrong), (Some(&50), 0, 0));
            web.stop()?;
            drop(echo);
        }
        Ok(())
    });
}

#[test]
fn a_download_from_nobody_fails_by_name() {
    alone("a_download_from_nobody_fails_by_name", || {
        let lab = client_and_backend("nobody").up()?;
        let objects = Objects::generate(&lab, 1, 12)?;
        let download = lab.on("c").download("http://10.9.0.3", &objects, 4)?;
        assert_eq!((download.whole, download.failed.len()), (0, 12), "{download}");
        assert!(download.to_string().contains("00000: Missing"), "{download}");
        assert!(lab.on("c").curl("http://10.9.0.3/").is_err());
        Ok(())
    });
}

#[test]
fn a_directors_kernel_stays_silent_and_forwards_nothing() {
    alone("a_directors_kernel_stays_silent_and_forwards_nothing", || {
        let lab = fullnat::plan("silent").up()?;
        for target in [fullnat::VIP, "192.168.10.11"] {
            let ping = lab.on("client").run(["curl", "--max-time", "1", &format!("http://{target}/")])?;
            assert!(!ping.status.success(), "{target} answered without a daemon");
        }
        // The router asked on the WAN for the VIP: the port saw it.
        let seen = lab.on("director").run(["cat", "/sys/class/net/port0/statistics/rx_packets"])?.ok()?;
        assert_ne!(seen.stdout.trim(), "0");
        for port in ["port0", "port1"] {
            assert_eq!(lab.on("director").sent_packets(port)?, 0, "{port}");
        }
        Ok(())
    });
}

#[test]
fn offloads_are_off_unless_they_are_left() {
    alone("offloads_are_off_unless_they_are_left", || {
        for (offloads, expected) in [(Offloads::Off, "off"), (Offloads::Left, "on")] {
            let lab = client_and_backend("offloads").offloads(offloads).up()?;
            let said = lab.on("c").run(["ethtool", "-k", "eth0"])?.ok()?.stdout;
            for feature in ["tx-checksumming", "tcp-segmentation-offload", "generic-segmentation-offload"] {
                assert!(
                    said.contains(&format!("{feature}: {expected}")),
                    "{feature} not {expected}:\n{said}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn nothing_stays_behind_after_a_panic() {
    alone("nothing_stays_behind_after_a_panic", || {
        let lab = client_and_backend("panic").up()?;
        let (name, dir) = (lab.name().to_owned(), lab.dir().to_path_buf());
        assert!(dir.exists() && namespaces().iter().any(|namespace| namespace.starts_with(&name)));
        let asleep = lab.on("b").spawn("sleep", ["sleep", "1000"])?;
        let pid = asleep.pid();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let (_lab, _asleep) = (lab, asleep);
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(panicked.is_err());
        assert!(!dir.exists(), "{} stays", dir.display());
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "process {pid} stays");
        let left: Vec<_> =
            namespaces().into_iter().filter(|namespace| namespace.starts_with(&name)).collect();
        assert!(left.is_empty(), "{left:?} stay");
        Ok(())
    });
}

#[test]
fn a_program_ends_with_the_thread_that_started_it_even_if_nobody_stops_it() {
    alone("a_program_ends_with_the_thread_that_started_it_even_if_nobody_stops_it", || {
        let lab = client_and_backend("orphan").up()?;
        let pid = std::thread::scope(|scope| {
            let start = || -> Result<u32, LabError> {
                let asleep = lab.on("c").spawn("sleep", ["sleep", "1000"])?;
                let pid = asleep.pid();
                // The name changes last, so the signal's sender is known by then.
                let comm = format!("/proc/{pid}/comm");
                while fs::read_to_string(&comm).is_ok_and(|name| name.trim() != "sleep") {
                    std::thread::yield_now();
                }
                std::mem::forget(asleep);
                Ok(pid)
            };
            scope.spawn(start).join().expect("no panic")
        })?;
        let deadline = Instant::now() + Duration::from_secs(10);
        // Nobody has waited for it, so it stays in the table as a zombie.
        while !fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            assert!(Instant::now() < deadline, "process {pid} goes on");
            std::thread::yield_now();
        }
        Ok(())
    });
}

#[test]
fn a_program_that_fails_tells_what_it_said() {
    alone("a_program_that_fails_tells_what_it_said", || {
        let lab = client_and_backend("fails").up()?;
        let failed =
            lab.on("c").run(["sh", "-c", "echo out; echo err >&2; exit 3"])?.ok().expect_err("status 3");
        for part in ["exit status: 3", "out", "err"] {
            assert!(failed.to_string().contains(part), "{failed}");
        }
        let mut gone = lab.on("c").spawn("gone", ["sh", "-c", "echo last words; exit 4"])?;
        let error = loop {
            if let Err(error) = gone.check() {
                break error;
            }
            std::thread::yield_now();
        };
        assert!(error.to_string().contains("last words"), "{error}");
        Ok(())
    });
}

fn namespaces() -> Vec<String> {
    let Ok(folder) = fs::read_dir("/run/netns") else { return Vec::new() };
    folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
