//! A worker that panics takes the process down, with a line that says so.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use dpdk::*;

const CHILD: &str = "DPDK_TEST_CHILD";
const SIGABRT: i32 = 6;

#[test]
fn a_panic_on_an_lcore_ends_the_process() {
    if std::env::var_os(CHILD).is_some() {
        return panic_on_an_lcore();
    }
    let me = std::env::current_exe().expect("this test");
    let output = Command::new(me).arg("--nocapture").env(CHILD, "1").output().expect("it runs again");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{stderr}");
    assert!(stderr.contains("out of cheese"), "{stderr}");
    assert!(stderr.contains("the worker on lcore 7 panicked"), "{stderr}");
}

fn panic_on_an_lcore() {
    let args = ["--no-huge", "--no-shconf", "-m", "32", "--no-pci", "--no-telemetry", "--lcores", "0@0,7@0"];
    let eal = Eal::init(args).expect("EAL starts without hugepages");
    eal.launch(|launch| launch.on(LcoreId(7), || panic!("out of cheese")).expect("idle"));
    unreachable!("nothing can go on");
}
