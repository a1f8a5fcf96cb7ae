//! What must hold between workers (docs/spec/netstack.md §3.2), with upstream's numbers.
//!
//! Here a worker may be without receive or transmit queue on a port: its packets come and go over others.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::{Finding, Place};

use super::Loaded;
use super::items::{Config, Worker, WorkerPort};
use super::values::{CpuId, QueueId, WorkerKind};
use super::worker_error::{Side, WorkerError};

/// All checks that need no more than the file.
pub(crate) fn check(loaded: &mut Loaded, file: &Arc<str>) {
    let mut checker = Checker { loaded, file, found: Vec::new() };
    checker.each();
    checker.roles();
    checker.ports();
    let found = checker.found;
    loaded.findings.extend(found);
    let cpus: Vec<_> = loaded
        .config
        .workers
        .workers
        .iter()
        .filter(|w| w.kind != WorkerKind::Master)
        .map(|w| w.cpu_id)
        .collect();
    let isolated = drop_isolated(&mut loaded.config, |cpu| !cpus.contains(&cpu));
    for (path, error) in isolated {
        if let Some(mark) = loaded.set.get(&path) {
            let finding = error.at(mark.place.clone(), "isol_rx_cpu_ids");
            loaded.findings.push(finding);
        }
    }
}

/// What is wrong now that EAL's lcores are known; isolated-rx lcores that are none are taken out of `config`.
///
/// The path is that of [`crate::Places`]; errors of isolated-rx lcores are warnings, all others keep the daemon from
/// starting.
pub fn check_lcores(config: &mut Config, main: CpuId, enabled: &[CpuId]) -> Vec<(String, WorkerError)> {
    let mut found = drop_isolated(config, |cpu| cpu != main && enabled.contains(&cpu));
    for (index, worker) in config.workers.workers.iter().enumerate() {
        let path = format!("worker_defs.worker[{index}].cpu_id");
        let cpu = worker.cpu_id;
        if worker.kind == WorkerKind::Master {
            continue; // informational: the master runs on the main lcore whatever it says
        } else if cpu == main {
            found.push((path, WorkerError::CpuIsMain { cpu }));
        } else if !enabled.contains(&cpu) {
            found.push((path, WorkerError::NotAnLcore { cpu }));
        }
    }
    found
}

/// Takes isolated-rx lcores that are not `good`, and those without a queue, out of the configuration.
fn drop_isolated(config: &mut Config, good: impl Fn(CpuId) -> bool) -> Vec<(String, WorkerError)> {
    let mut found = Vec::new();
    for (w, worker) in config.workers.workers.iter_mut().enumerate() {
        for (p, port) in worker.ports.iter_mut().enumerate() {
            let path = format!("worker_defs.worker[{w}].port[{p}].isol_rx_cpu_ids");
            if port.isol_rx_cpu_ids.len() > port.rx_queue_ids.len() {
                port.isol_rx_cpu_ids.truncate(port.rx_queue_ids.len());
                found.push((path.clone(), WorkerError::IsolatedTooMany));
            }
            for entry in &mut port.isol_rx_cpu_ids {
                if let Some(cpu) = entry.filter(|cpu| !good(*cpu)) {
                    *entry = None;
                    found.push((path.clone(), WorkerError::IsolatedCpu { cpu }));
                }
            }
        }
    }
    found
}

struct Checker<'a> {
    loaded: &'a Loaded,
    file: &'a Arc<str>,
    found: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn workers(&self) -> impl Iterator<Item = (usize, &'a Worker)> + use<'a> {
        self.loaded.config.workers.workers.iter().enumerate()
    }

    /// All but masters, with the path of each of their ports.
    fn all_ports(&self) -> impl Iterator<Item = (String, &'a WorkerPort)> + use<'a> {
        self.workers().filter(|(_, worker)| worker.kind != WorkerKind::Master).flat_map(|(w, worker)| {
            let ports = worker.ports.iter().enumerate();
            ports.map(move |(p, port)| (format!("worker_defs.worker[{w}].port[{p}]"), port))
        })
    }

    fn report(&mut self, path: &str, text: &str, error: WorkerError) {
        let set = &self.loaded.set;
        let outer = path.rsplit_once('.').map_or("", |(outer, _)| outer);
        let mark = set.get(path).or_else(|| set.get(outer));
        let place = mark.map_or_else(|| Place::whole(self.file), |mark| mark.place.clone());
        self.found.push(error.at(place, text));
    }

    /// What each worker must say for itself.
    fn each(&mut self) {
        let known: HashSet<&str> = self.loaded.config.netif.port_names().collect();
        for (index, worker) in self.workers() {
            let path = format!("worker_defs.worker[{index}]");
            for item in ["type", "cpu_id"] {
                if !self.loaded.set.contains(&format!("{path}.{item}")) {
                    let error = WorkerError::Missing { worker: worker.name.clone(), item };
                    self.report(&path, &format!("worker {}", worker.name), error);
                }
            }
            let mut seen = HashSet::new();
            for (p, port) in worker.ports.iter().enumerate() {
                let (path, name) = (format!("{path}.port[{p}]"), &port.device);
                let text = format!("port {name}");
                if !known.contains(name.as_str()) {
                    self.report(&path, &text, WorkerError::UnknownPort { port: name.clone() });
                } else if !seen.insert(name) {
                    let error = WorkerError::PortTwice { worker: worker.name.clone(), port: name.clone() };
                    self.report(&path, &text, error);
                }
            }
            if worker.ports.len() > known.len() {
                let (worker, listed) = (worker.name.clone(), worker.ports.len());
                let text = format!("worker {worker}");
                self.report(&path, &text, WorkerError::TooManyPorts { worker, listed, exist: known.len() });
            }
        }
    }

    /// Who there must be, and where.
    fn roles(&mut self) {
        let mut cpus = HashSet::new();
        let mut count = BTreeMap::new();
        for (index, worker) in self.workers() {
            let path = format!("worker_defs.worker[{index}]");
            let (cpu, text) = (worker.cpu_id, format!("worker {}", worker.name));
            let (kind, most) = match worker.kind {
                WorkerKind::Master => ("master", 1),
                WorkerKind::Kni => ("kni", 1),
                WorkerKind::Slave => ("slave", usize::MAX),
            };
            let so_far: &mut usize = count.entry(kind).or_default();
            *so_far += 1;
            if *so_far > most {
                self.report(&path, &text, WorkerError::OneOnly { kind });
            }
            let given = self.loaded.set.contains(&format!("{path}.cpu_id"));
            if worker.kind == WorkerKind::Master {
                if !worker.ports.is_empty() {
                    self.report(&path, &text, WorkerError::MasterPorts);
                }
            } else if given && !cpus.insert(cpu) {
                self.report(&format!("{path}.cpu_id"), &text, WorkerError::CpuTwice { cpu });
            } else if given && worker.kind == WorkerKind::Kni && cpu == CpuId(0) {
                self.report(&format!("{path}.cpu_id"), &text, WorkerError::KniOnZero);
            }
        }
        if !count.contains_key("slave") {
            self.report("worker_defs", "worker_defs", WorkerError::NoWorker);
        }
    }

    /// The queues of each port, over all workers.
    fn ports(&mut self) {
        let names: BTreeSet<&str> = self.all_ports().map(|(_, port)| port.device.as_str()).collect();
        for name in names {
            for (index, worker) in self.workers() {
                let listed = worker.ports.iter().any(|port| port.device == name);
                if worker.kind != WorkerKind::Master && !listed {
                    let error =
                        WorkerError::PortMissing { worker: worker.name.clone(), port: name.to_owned() };
                    self.report(
                        &format!("worker_defs.worker[{index}]"),
                        &format!("worker {}", worker.name),
                        error,
                    );
                }
            }
            let received = self.queues(name, Side::Rx, |port| &port.rx_queue_ids);
            let sent = self.queues(name, Side::Tx, |port| &port.tx_queue_ids);
            if received > 0 && sent == 0 {
                self.report_port(name, WorkerError::NoTxQueue { port: name.to_owned() });
            }
        }
    }

    /// At the first block of this port.
    fn report_port(&mut self, name: &str, error: WorkerError) {
        let path = self.all_ports().find(|(_, port)| port.device == name).map(|(path, _)| path);
        self.report(&path.unwrap_or_default(), &format!("port {name}"), error);
    }

    /// Checks one direction of one port; says how many queues it has.
    fn queues(&mut self, name: &str, side: Side, ids: fn(&WorkerPort) -> &Vec<QueueId>) -> usize {
        let mut seen = BTreeSet::new();
        let item = format!("{side}_queue_ids");
        for (path, port) in self.all_ports().filter(|(_, port)| port.device == name) {
            for queue in ids(port).iter().copied().filter(|queue| !seen.insert(*queue)) {
                let port = name.to_owned();
                let error = match side {
                    Side::Rx => WorkerError::RxQueueTwice { port, queue },
                    Side::Tx => WorkerError::TxQueueTwice { port, queue },
                };
                self.report(&format!("{path}.{item}"), &format!("{item} {queue}"), error);
            }
        }
        let last = seen.last().map_or(0, |queue| usize::from(queue.0));
        if !seen.is_empty() && last + 1 != seen.len() {
            let (count, port) = (seen.len(), name.to_owned());
            self.report_port(name, WorkerError::QueuesNotDense { port, side, count, last: count - 1 });
        }
        seen.len()
    }
}
