//! The daemon's `dpvs.conf` and EAL arguments for a number of workers and of queues per port
//! (`docs/spec/netstack.md` §2.5 and §3.2).
//!
//! An af_packet port must be read by exactly the queues that it was made with, so every queue has a worker, and a
//! worker may have several queues, or none: it then gets its packets by hand-over.

use std::fmt::Write as _;
use std::thread;

/// How the daemon gets its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Memory {
    /// Ordinary pages (`--no-huge`): works everywhere, changes nothing of the host.
    #[default]
    Pages,
    /// Hugepages that the host has reserved, in anonymous files (`--in-memory`).
    Hugepages,
}

/// How long connections last that nobody uses, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Of every UDP state and of every state of a TCP connection that is being opened or closed.
    pub short: u32,
    /// Of an established TCP connection.
    pub established: u32,
}

/// What a daemon is started with.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub(crate) workers: u16,
    pub(crate) queues: u16,
    memory: Memory,
    timeouts: Option<Timeouts>,
}

impl Setup {
    /// So many workers, each port with so many queue pairs; the default timeouts.
    ///
    /// # Panics
    /// Without a worker or a queue.
    #[must_use]
    pub fn new(workers: u16, queues: u16) -> Self {
        assert!(workers > 0 && queues > 0, "a daemon has workers, and ports have queues");
        Self { workers, queues, memory: Memory::Pages, timeouts: None }
    }

    /// With other timeouts.
    #[must_use]
    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts: Some(timeouts), ..self }
    }

    /// With other memory.
    #[must_use]
    pub fn memory(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    /// The configuration file for `ports` ports, `dpdk0` and so on.
    #[must_use]
    pub fn conf(&self, ports: usize) -> String {
        let mut conf = String::from("global_defs {\n    log_level INFO\n    kni off\n}\n\nnetif_defs {\n");
        conf += "    pktpool_size 32767\n    pktpool_cache 256\n";
        for port in 0..ports {
            let queues = self.queues;
            let _ = write!(
                conf,
                "
    device dpdk{port} {{
        rx {{
            queue_number {queues}
            descriptor_number 512
            rss all
        }}
        tx {{
            queue_number {queues}
            descriptor_number 512
        }}
    }}
"
            );
        }
        conf += "}\n\nworker_defs {\n    worker cpu0 {\n        type master\n        cpu_id 0\n    }\n";
        for worker in 1..=self.workers {
            self.worker(&mut conf, worker, ports);
        }
        conf += "}\n";
        conf += "\nipvs_defs {\n    conn {\n        conn_pool_size 131071\n";
        match self.timeouts {
            Some(timeouts) => conf += &timeouts.conf(),
            None => conf += "    }\n",
        }
        conf + "}\n"
    }

    fn worker(&self, conf: &mut String, worker: u16, ports: usize) {
        let _ = write!(conf, "    worker cpu{worker} {{\n        type slave\n        cpu_id {worker}\n");
        let queues: Vec<_> = (0..self.queues)
            .filter(|queue| queue % self.workers == worker - 1)
            .map(|queue| queue.to_string())
            .collect();
        for port in 0..ports {
            let _ = writeln!(conf, "        port dpdk{port} {{");
            if !queues.is_empty() {
                let ids = queues.join(" ");
                let _ = writeln!(conf, "            rx_queue_ids {ids}\n            tx_queue_ids {ids}");
            }
            *conf += "        }\n";
        }
        *conf += "    }\n";
    }

    /// The EAL's arguments for ports on `devices`.
    pub(crate) fn eal(&self, prefix: &str, devices: &[String]) -> Vec<String> {
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        let lcores: Vec<_> =
            (0..=usize::from(self.workers)).map(|lcore| format!("{lcore}@{}", lcore % cpus)).collect();
        let memory: &[&str] = match self.memory {
            Memory::Pages => &["--no-huge", "-m", "768"],
            Memory::Hugepages => &["--in-memory"],
        };
        let mut args = vec!["--lcores".to_owned(), lcores.join(",")];
        args.extend(["--no-pci", "--no-telemetry", "--file-prefix", prefix].map(str::to_owned));
        args.extend(memory.iter().map(|word| (*word).to_owned()));
        for (number, device) in devices.iter().enumerate() {
            let queues = self.queues;
            args.push(format!("--vdev=net_af_packet{number},iface={device},qpairs={queues}"));
        }
        args
    }
}

impl Timeouts {
    /// The rest of the `conn` block and the two blocks after it.
    fn conf(self) -> String {
        let Self { short, established } = self;
        let mut conf = format!("        conn_init_timeout {short}\n    }}\n");
        conf += "    udp {\n        timeout {\n";
        for state in ["oneway", "normal", "last"] {
            let _ = writeln!(conf, "            {state} {short}");
        }
        conf += "        }\n    }\n    tcp {\n        timeout {\n";
        let _ = writeln!(conf, "            established {established}");
        for state in TCP_STATES {
            let _ = writeln!(conf, "            {state} {short}");
        }
        conf += "        }\n    }\n";
        conf
    }
}

/// All of §2.5 but `established` and `listen`.
const TCP_STATES: [&str; 10] = [
    "none",
    "syn_sent",
    "syn_recv",
    "fin_wait",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "synack",
    "last",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The queues of each worker on each port.
    fn queues(conf: &str) -> Vec<&str> {
        let lines = conf.lines().map(str::trim).skip_while(|line| *line != "worker cpu1 {");
        lines.filter(|line| line.starts_with("rx_queue_ids") || line.starts_with("worker")).collect()
    }

    #[test]
    fn every_queue_has_one_worker() {
        let conf = Setup::new(1, 2).conf(1);
        assert_eq!(queues(&conf), ["worker cpu1 {", "rx_queue_ids 0 1"]);
        let conf = Setup::new(3, 2).conf(1);
        let expected =
            ["worker cpu1 {", "rx_queue_ids 0", "worker cpu2 {", "rx_queue_ids 1", "worker cpu3 {"];
        assert_eq!(queues(&conf), expected);
    }

    #[test]
    fn every_block_ends() {
        let timeouts = Timeouts { short: 1, established: 2 };
        let conf = Setup::new(3, 2).timeouts(timeouts).conf(2);
        assert_eq!(conf.matches('{').count(), conf.matches('}').count());
        assert!(conf.lines().all(|line| line.matches(['{', '}']).count() <= 1), "{conf}");
    }

    #[test]
    fn a_port_is_made_with_its_queues() {
        let args = Setup::new(3, 2).eal("p", &["port0".to_owned()]);
        assert_eq!(args.last().map(String::as_str), Some("--vdev=net_af_packet0,iface=port0,qpairs=2"));
        assert!(args[1].starts_with("0@0,1@") && args[1].matches('@').count() == 4, "{args:?}");
    }
}
