//! A lab that is up: its namespaces, its folder, and the tools that reach its daemon.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::bins;
use crate::conf::Setup;
use crate::daemon::{self, Daemon};
use crate::error::{LabError, PlanFault};
use crate::host;
use crate::ns::Namespace;
use crate::on::On;
use crate::plan::{DIRECTOR, Kind, Plan};
use crate::run::{Output, run_with};
use crate::wait::{Probe, until};

/// Distinguishes the labs of one process.
static NEXT: AtomicU32 = AtomicU32::new(0);
/// Links come up within milliseconds; on a busy host, somewhat later.
const LINKS_UP: Duration = Duration::from_secs(20);

/// A network of namespaces. Dropping it takes it away.
#[derive(Debug)]
pub struct Lab {
    name: String,
    dir: Folder,
    nodes: BTreeMap<String, Namespace>,
    /// The director's kernel devices, in the order of its ports.
    ports: Vec<String>,
    /// Last, so that it goes last: the bridges that all else hangs on.
    _fabric: Namespace,
}

impl Lab {
    /// The plan of a lab, to be filled by [`Plan`]'s methods and made by [`Plan::up`].
    // Reads as what is meant: `Lab::new("one").client(…).up()?`.
    #[expect(clippy::new_ret_no_self, reason = "a lab is planned first, then made")]
    pub fn new(name: &str) -> Plan {
        Plan::new(name)
    }

    pub(crate) fn make(plan: &Plan) -> Result<Self, LabError> {
        let networks = plan.networks()?;
        host::check()?;
        host::sweep()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number}-{}", host::PREFIX, std::process::id(), plan.name);
        let dir = Folder::create(env::temp_dir().join(&name))?;
        let fabric = Namespace::create(format!("{name}-fabric"))?;
        let mut nodes = BTreeMap::new();
        for node in &plan.nodes {
            nodes.insert(node.name.clone(), Namespace::create(format!("{name}-{}", node.name))?);
        }
        let mut lines: Vec<_> =
            (0..networks.len()).map(|n| format!("link add br{n} up type bridge mcast_snooping 0")).collect();
        let (mut links, mut ports) = (0, Vec::new());
        for node in &plan.nodes {
            for (index, cidr) in node.cidrs()?.into_iter().enumerate() {
                let (device, namespace) = (node.device(index), nodes[&node.name].name());
                let bridge = networks.iter().position(|network| *network == cidr.network());
                let bridge =
                    bridge.unwrap_or_else(|| unreachable!("networks() has the network of each address"));
                lines.push(format!("link add p{links} type veth peer name {device} netns {namespace}"));
                lines.push(format!("link set p{links} master br{bridge} up"));
                links += 1;
                if node.kind == Kind::Director {
                    ports.push(device);
                }
            }
        }
        fabric.ip_batch(&lines)?;
        for node in &plan.nodes {
            nodes[&node.name].sh(&plan.behaviour(node)?)?;
            nodes[&node.name].ip_batch(&plan.configuration(node)?)?;
        }
        until("links up", LINKS_UP, || {
            let said = fabric.ip(&["-d", "-o", "link", "show"])?;
            let up = said.lines().filter(|line| line.contains("bridge_slave state forwarding")).count();
            Ok(if up == links { Probe::Done(()) } else { Probe::NotYet(said) })
        })?;
        Ok(Self { name, dir, nodes, ports, _fabric: fabric })
    }

    /// Its name, which no other lab on this host has.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder, there as long as the lab is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir.0
    }

    /// The names of its nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// The node of that name, to run something on.
    ///
    /// # Panics
    /// If the plan had no such node: a slip of the test's.
    #[must_use]
    pub fn on(&self, node: &str) -> On<'_> {
        let known = self.nodes.get_key_value(node);
        let (name, namespace) = known.unwrap_or_else(|| panic!("lab {} has no node {node}", self.name));
        On::new(self, name, namespace)
    }

    /// Starts the daemon on the director's ports.
    ///
    /// # Errors
    /// No director, no `dpvs` built, or a daemon that does not come up, with all it said.
    pub fn dpvs(&self, setup: &Setup) -> Result<Daemon, LabError> {
        let director = self.nodes.get(DIRECTOR).filter(|_| !self.ports.is_empty());
        let fault = || LabError::Plan { lab: self.name.clone(), fault: PlanFault::Director };
        Daemon::start(self, director.ok_or_else(fault)?, setup)
    }

    /// The command by which [`Self::dpvs`] starts the daemon, for people to read.
    ///
    /// # Errors
    /// No `dpvs` built.
    pub fn dpvs_command(&self, setup: &Setup) -> Result<String, LabError> {
        Ok(daemon::command(self, setup)?.join(" "))
    }

    /// The director's kernel devices, in the order of its ports.
    pub(crate) fn ports(&self) -> &[String] {
        &self.ports
    }

    /// The daemon's control socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.dir().join("dpvs.ipc")
    }

    /// Runs `dpip` with `words` (blanks separate them) and returns what it printed.
    ///
    /// # Errors
    /// No such program, or a status that is not 0, with all it said.
    pub fn dpip(&self, words: &str) -> Result<String, LabError> {
        Ok(self.tool("dpip", words)?.ok()?.stdout)
    }

    /// Runs `ipvsadm` with `words` (blanks separate them) and returns what it printed.
    ///
    /// # Errors
    /// No such program, or a status that is not 0, with all it said.
    pub fn ipvsadm(&self, words: &str) -> Result<String, LabError> {
        Ok(self.tool("ipvsadm", words)?.ok()?.stdout)
    }

    /// Runs one of our tools against the lab's daemon, whatever its status.
    ///
    /// # Errors
    /// No such program.
    pub fn tool(&self, program: &str, words: &str) -> Result<Output, LabError> {
        let program = bins::find(program)?.display().to_string();
        let argv: Vec<_> =
            [program.as_str()].into_iter().chain(words.split_whitespace()).map(str::to_owned).collect();
        run_with(&argv, &[("DPVS_IPC_FILE", &self.socket())], "")
    }
}

/// A folder of ours, removed with all that is in it.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn create(path: PathBuf) -> Result<Self, LabError> {
        fs::create_dir(&path).map_err(LabError::file(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() && env::var_os("DPVS_LAB_KEEP").is_some() {
            eprintln!("kept: {}", self.0.display());
        } else {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
