//! §7, 105 to 108: saving and restoring.

use cli::fake::{FakeDaemon, Ran};
use sockopt::dest::Forward;
use sockopt::service::{Netmask, ServiceFlags};
use sockopt::{Code, Id, Protocol, Reply, call};

use crate::table::{self, daemon};
use crate::{ask, failed, printed, run};

fn restore(daemon: &FakeDaemon, input: &str) -> Ran {
    run(daemon.client(), "-R", input)
}

const SAVED: &str = "\
-A -t 192.168.100.254:80 -s rr
-a -t 192.168.100.254:80 -r 192.168.100.2:80 -b -w 100
-A -H proto=tcp,src-range=192.168.100.0-192.168.100.254:0-0,dst-range=0.0.0.0-0.0.0.0:0-0,iif=,oif=dpdk1 -s rr
-a -H proto=tcp,src-range=192.168.100.0-192.168.100.254:0-0,dst-range=0.0.0.0-0.0.0.0:0-0,iif=,oif=dpdk1 -r 123.1.2.1:0 -J -w 100
-A -t 10.0.0.1:8080 -s wrr -p 360 -M 255.255.255.0
-A -f 8 -6 -s wlc
";

/// 105
#[test]
fn what_is_saved_can_be_restored() {
    let entries = vec![
        table::service(Protocol::TCP, "[::]:0", "wlc").with(|s| s.key.fwmark = 8),
        table::service(Protocol::TCP, "10.0.0.1:8080", "wrr").with(|s| {
            s.flags = ServiceFlags::PERSISTENT;
            (s.timeout, s.netmask) = (360, Netmask::V4([255, 255, 255, 0].into()));
        }),
        table::service(Protocol::TCP, "192.168.100.254:80", "rr").dest(
            "192.168.100.2:80",
            Forward::FullNat,
            |d| {
                d.weight = 100;
            },
        ),
        table::snat(),
    ];
    let full = daemon(entries.clone());
    assert_eq!(ask(&full, "-Sn"), printed(SAVED));

    let empty = FakeDaemon::canned([]);
    assert_eq!(restore(&empty, SAVED), printed(""));
    let asked = empty.asked();
    let added: Vec<_> = asked
        .iter()
        .filter(|request| request.id == Id::ServiceAdd)
        .map(|request| request.read::<call::ServiceAdd>().unwrap())
        .collect();
    for (service, was) in added.iter().zip([&entries[2], &entries[3], &entries[1], &entries[0]]) {
        assert_eq!(service.key, was.service.key);
        assert_eq!((service.scheduler, service.netmask), (was.service.scheduler, was.service.netmask));
    }
    let dests: Vec<_> = asked
        .iter()
        .filter(|request| request.id == Id::DestAdd)
        .map(|request| request.read::<call::DestAdd>().unwrap().dest)
        .collect();
    assert_eq!(dests, [entries[2].dests[0], entries[3].dests[0]]);
}

/// 106, 107
#[test]
fn words_and_lines_that_do_not_count() {
    let daemon = FakeDaemon::canned([]);
    let input = "ipvsadm -A -t 1.1.1.1:80 -s rr\n\n-a -t 1.1.1.1:80 -r 2.2.2.2:80 -b";
    assert_eq!(restore(&daemon, input), printed(""));
    assert_eq!(daemon.asked().len(), 2);
    assert_eq!(restore(&daemon, "# c\n-A -t 1.1.1.1:80\n"), printed(""));
    assert_eq!(restore(&daemon, "-A -t 1.1.1.1:80 # the first\r\n"), printed(""));
    assert_eq!(daemon.asked().len(), 2);
}

/// 108
#[test]
fn a_refused_line_does_not_stop_the_rest() {
    let exist = |_: &sockopt::Request| Reply::Refused(Code::Exist);
    let daemon = FakeDaemon::start(exist);
    let line = "[sockopt_msg_recv] errcode set in socket msg#10 header: already exist(-3)\n";
    let expected = format!("{line}line 1: Service already exists\n{line}line 2: Service already exists\n");
    assert_eq!(restore(&daemon, "-A -t 1.1.1.1:80\n-A -t 1.1.1.1:81\n"), failed(253, &expected));

    let once =
        FakeDaemon::canned([(Id::ServiceAdd, Reply::Refused(Code::Exist)), (Id::ServiceAdd, Reply::done())]);
    assert_eq!(
        restore(&once, "-A -t 1.1.1.1:80\n-A -t 1.1.1.1:81\n").status,
        253,
        "a failure is not forgotten"
    );
}

#[test]
fn a_wrong_line_stops_the_rest() {
    let daemon = FakeDaemon::canned([]);
    let ran = restore(&daemon, "-A -t 1.1.1.1:80\n-A -t foo\n-A -t 1.1.1.1:81\n");
    assert_eq!(ran, failed(2, "line 2: illegal virtual server address[:port] specified\n"));
    assert_eq!(daemon.asked().len(), 1);
    let ran = restore(&daemon, "-R\n");
    assert_eq!(ran, failed(255, "line 1: Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n"));
}
