//! `worker_defs`, devices and bonds (docs/spec/netstack.md §2.5, §3.2).

use std::path::Path;

use conf::dpvs::{self, BondError, CpuId, Loaded, QueueId, Side, WorkerError};
use conf::{Memory, Occasion, Problem, Severity, Verdict};

const DEVICES: &str = "netif_defs {\ndevice d0 {\n}\ndevice d1 {\n}\n}\n";

fn load(text: &str) -> Loaded {
    dpvs::load(&Memory::default().with("dpvs.conf", text), Path::new("dpvs.conf"))
}

/// `slave 1: d0 0/0, d1 /0` is a slave on lcore 1 with those rx/tx queues.
fn workers(rows: &[&str]) -> Loaded {
    let mut text = format!("{DEVICES}worker_defs {{\n");
    for (index, row) in rows.iter().enumerate() {
        let (head, ports) = row.split_once(':').unwrap_or((row, ""));
        let (kind, cpu) = head.split_once(' ').unwrap_or((head, ""));
        text += &format!("worker w{index} {{\n");
        for port in ports.split(',').map(str::trim).filter(|port| !port.is_empty()) {
            let (name, queues) = port.split_once(' ').unwrap_or((port, "/"));
            let (rx, tx) = queues.split_once('/').unwrap_or((queues, ""));
            let (tx, isolated) = tx.split_once('@').unwrap_or((tx, ""));
            text += &format!("port {name} {{\nrx_queue_ids {rx}\ntx_queue_ids {tx}\n");
            text +=
                &if isolated.is_empty() { String::new() } else { format!("isol_rx_cpu_ids {isolated}\n") };
            text += "}\n";
        }
        text += &if cpu.is_empty() { String::new() } else { format!("cpu_id {cpu}\n") };
        text += &format!("type {kind}\n}}\n");
    }
    load(&(text + "}\n"))
}

fn errors(loaded: &Loaded) -> Vec<WorkerError> {
    let errors = loaded.findings.iter().filter_map(|f| match &f.problem {
        Problem::Worker(error) => Some(error.clone()),
        _ => None,
    });
    errors.collect()
}

fn numbers(rows: &[&str]) -> Vec<i32> {
    let loaded = workers(rows);
    let numbers: Vec<_> = errors(&loaded).iter().filter_map(WorkerError::number).collect();
    assert_eq!(
        loaded.verdict(Occasion::Start) == Verdict::Exit,
        !numbers.is_empty(),
        "{:?}",
        loaded.findings
    );
    numbers
}

#[test]
fn good_workers_pass() {
    for rows in [
        &["master 0", "slave 1: d0 0/0, d1 0/0", "slave 2: d0 1/1, d1 1/1"][..],
        &["slave 1"],
        &["slave 1: d0 0/0", "slave 2: d0 1/1"],
        &["slave 2: d0 1/1", "slave 1: d0 0/0", "kni 3: d0 /2"],
        &["slave 1: d0 0/0", "kni 3: d0 1/"],
    ] {
        assert_eq!(errors(&workers(rows)), [], "{rows:?}");
    }
}

#[test]
fn workers_without_rx_or_tx_queue_are_full_members() {
    assert_eq!(errors(&workers(&["slave 1: d0 0/0", "slave 2: d0 /1"])), []);
    assert_eq!(errors(&workers(&["slave 1: d0 0/0", "slave 2: d0 1/", "slave 3: d0 /"])), []);
}

#[test]
fn the_numbers_of_the_spec() {
    assert_eq!(numbers(&["slave 1: d0 0/0", "slave 2: d0 0/1"]), [-2]);
    assert_eq!(numbers(&["slave 1: d0 0/0", "slave 2: d0 1/0"]), [-3]);
    assert_eq!(numbers(&["slave 1: d0 0/0", "slave 2: d0 2/1"]), [-4]);
    assert_eq!(numbers(&["slave 1: d0 0/1"]), [-4]);
    assert_eq!(numbers(&["slave 1: d0 /, d1 /, d0 /"]), [-5]);
    assert_eq!(numbers(&["slave 1: d0 0/0, d1 0/0", "slave 2: d0 1/1"]), [-6]);
    assert_eq!(numbers(&["slave 1: d0 0/0", "slave 2"]), [-6]);
    assert_eq!(numbers(&["slave 1: d0 0/"]), [-6]);
    assert_eq!(numbers(&["master 0"]), [-7]);
    assert_eq!(numbers(&["kni 1"]), [-7]);
}

#[test]
fn all_errors_come_at_once_with_their_places() {
    let loaded = workers(&["slave 1: d0 0/0", "slave 2: d0 0/0"]);
    let port = || "d0".to_owned();
    let queue = QueueId(0);
    let twice = [
        WorkerError::RxQueueTwice { port: port(), queue },
        WorkerError::TxQueueTwice { port: port(), queue },
    ];
    assert_eq!(errors(&loaded), twice);
    assert_eq!(
        loaded.findings[0].to_string(),
        "dpvs.conf:18:14: rx_queue_ids 0: rx queue 0 of d0 is given twice (-2); give each queue of a port to one worker"
    );
    assert_eq!(
        errors(&workers(&["slave 1: d0 0/3"])),
        [WorkerError::QueuesNotDense { port: port(), side: Side::Tx, count: 1, last: 0 }]
    );
}

#[test]
fn fix_d10_what_a_worker_must_say() {
    assert_eq!(
        errors(&workers(&["slave"])),
        [WorkerError::Missing { worker: "w0".to_owned(), item: "cpu_id" }]
    );
    let loaded = load("worker_defs {\nworker w {\ncpu_id 1\n}\n}");
    assert_eq!(errors(&loaded), [WorkerError::Missing { worker: "w".to_owned(), item: "type" }]);
    assert_eq!(errors(&workers(&["slave 1: d7 0/0"])), [WorkerError::UnknownPort { port: "d7".to_owned() }]);
    assert_eq!(errors(&workers(&["slave 1", "slave 1"])), [WorkerError::CpuTwice { cpu: CpuId(1) }]);
    assert_eq!(errors(&workers(&["slave 1", "kni 0"])), [WorkerError::KniOnZero]);
    assert_eq!(errors(&workers(&["slave 1", "kni 2", "kni 3"])), [WorkerError::OneOnly { kind: "kni" }]);
    for bad in ["slave 64", "slave one", "boss 1", "slave 1: d0 16/0", "slave 1: d0 0x/0"] {
        assert_eq!(workers(&[bad]).verdict(Occasion::Start), Verdict::Exit, "{bad}");
    }
}

#[test]
fn no_workers_is_an_error_of_the_whole_file() {
    let loaded = load(DEVICES);
    assert_eq!(
        loaded.findings[0].to_string(),
        "dpvs.conf: worker_defs: there is no worker of type slave (-7); add a worker block with type slave"
    );
}

#[test]
fn an_isolated_lcore_that_cannot_be_falls_back_with_a_warning() {
    let isolated = |loaded: &Loaded| loaded.config.workers.workers[0].ports[0].isol_rx_cpu_ids.clone();
    let loaded = workers(&["slave 1: d0 0 1/0@9 10"]);
    assert_eq!((errors(&loaded), isolated(&loaded)), (vec![], vec![Some(CpuId(9)), Some(CpuId(10))]));
    for (row, left) in [
        ("slave 1: d0 0 1/0@1 9", vec![None, Some(CpuId(9))]),
        ("slave 1: d0 0/0@9 10", vec![Some(CpuId(9))]),
        ("slave 1: d0 0 1/0@64 9", vec![None, Some(CpuId(9))]),
        ("slave 1: d0 0 1/0@x 9", vec![None, Some(CpuId(9))]),
    ] {
        let loaded = workers(&[row]);
        assert_eq!(isolated(&loaded), left, "{row}");
        assert_eq!(loaded.findings.iter().map(|f| f.severity).max(), Some(Severity::Item), "{row}");
        assert_eq!(loaded.verdict(Occasion::Start), Verdict::Go);
    }
}

#[test]
fn lcores_are_checked_when_eal_has_started() {
    let mut config = workers(&["master 7", "slave 1: d0 0 1/0@9 3", "slave 2: d0 /", "slave 0: d0 /"]).config;
    let enabled = [0, 1, 3].map(CpuId);
    let found = dpvs::check_lcores(&mut config, CpuId(0), &enabled);
    let path = |worker: usize| format!("worker_defs.worker[{worker}].cpu_id");
    assert_eq!(
        found,
        [
            (
                "worker_defs.worker[1].port[0].isol_rx_cpu_ids".to_owned(),
                WorkerError::IsolatedCpu { cpu: CpuId(9) }
            ),
            (path(2), WorkerError::NotAnLcore { cpu: CpuId(2) }),
            (path(3), WorkerError::CpuIsMain { cpu: CpuId(0) }),
        ]
    );
    assert_eq!(config.workers.workers[1].ports[0].isol_rx_cpu_ids, [None, Some(CpuId(3))]);
}

fn bond(inside: &str) -> Vec<Problem> {
    let workers = "worker_defs {\nworker w {\ntype slave\ncpu_id 1\n}\n}\n";
    let loaded = load(&format!("{DEVICES}netif_defs {{\n{inside}\n}}\n{workers}"));
    loaded.findings.into_iter().filter(|f| f.severity > Severity::Note).map(|f| f.problem).collect()
}

#[test]
fn bonds() {
    let (d0, d9) = (|| "d0".to_owned(), || "d9".to_owned());
    assert_eq!(
        bond("bonding bond0 {\nmode 4\nslave d0\nslave d1\nprimary d1\noptions dedicated_queues=off\n}"),
        []
    );
    assert_eq!(bond("bonding bond0 {\n}"), [BondError::NoSlave.into()]);
    assert_eq!(bond("bonding 0bond {\nslave d0\n}"), [Problem::BadName]);
    assert_eq!(bond("bonding bond {\nslave d0\n}"), [Problem::BadName]);
    assert_eq!(bond("bonding b0 {\nslave d9\n}"), [BondError::UnknownSlave { name: d9() }.into()]);
    assert_eq!(
        bond("bonding b0 {\nslave d9\n}\ndevice d9 {\n}"),
        [BondError::UnknownSlave { name: d9() }.into()]
    );
    assert_eq!(
        bond("bonding b0 {\nslave d0\n}\nbonding b1 {\nslave d0\n}"),
        [BondError::SlaveTwice { name: d0(), bond: "b0".to_owned() }.into()]
    );
    assert_eq!(
        bond("bonding b0 {\nslave d0\n}\nbonding c0 {\nslave d1\n}"),
        [BondError::NumberTwice { number: 0 }.into()]
    );
    assert_eq!(
        bond("bonding b0 {\nslave d0\nprimary d1\n}"),
        [BondError::PrimaryIsNoSlave { name: "d1".to_owned() }.into()]
    );
    assert_eq!(
        bond("bonding b0 {\nslave d0\noptions dedicated_queues=off\nmode 4\n}"),
        [Problem::OptionsNeedMode4]
    );
    assert_eq!(bond("device d0 {\n}"), [BondError::NameTwice { name: d0() }.into()]);
    assert_eq!(bond("device averylongname0123 {\n}"), [Problem::TooLong]);
}

#[test]
fn fix_d9_a_bad_numa_node_leaves_the_mode() {
    let loaded = load("netif_defs {\ndevice d0 {\n}\nbonding b0 {\nmode 4\nslave d0\nnuma_node x\n}\n}");
    assert_eq!((loaded.config.netif.bonds[0].mode, loaded.config.netif.bonds[0].numa_node), (4, 0));
    let loaded = load("ipvs_defs {\ntcp {\nsynproxy {\nsynack_options {\nmss 1000\nwscale 15\n}\n}\n}\n}");
    let options = &loaded.config.ipvs.tcp.synproxy.synack_options;
    assert_eq!((options.mss, options.wscale), (1_000, 0));
}

#[test]
fn what_the_daemon_sets_up() {
    let loaded =
        workers(&["master 0", "slave 5: d0 1/0, d1 0/0", "slave 3: d0 0/, d1 /1", "kni 7: d0 2/1, d1 1/2"]);
    assert_eq!(errors(&loaded), []);
    let workers = &loaded.config.workers;
    assert_eq!(workers.forwarding().iter().map(|w| w.cpu_id.0).collect::<Vec<_>>(), [3, 5]);
    assert_eq!((workers.queues("d0"), workers.queues("d1"), workers.queues("d2")), ((3, 2), (2, 3), (0, 0)));
    assert_eq!(workers.workers[1].port("d0").map(|port| &port.rx_queue_ids[..]), Some(&[QueueId(1)][..]));
    assert_eq!(loaded.config.netif.port_names().collect::<Vec<_>>(), ["d0", "d1"]);
}
