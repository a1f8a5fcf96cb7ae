//! `net_af_packet` with two queues: a port that is not asked for exactly as many would lose what the kernel spreads.

use dpdk::*;

#[test]
fn queues_must_be_as_made() {
    let vdev = "net_af_packet0,iface=lo,qpairs=2";
    let args = [
        "--no-huge",
        "--no-shconf",
        "-m",
        "128",
        "--no-pci",
        "--no-telemetry",
        "--lcores",
        "0@0",
        "--vdev",
        vdev,
    ];
    let eal = match Eal::init(args) {
        Ok(eal) => eal,
        Err(error) => return eprintln!("skipped: net_af_packet needs CAP_NET_RAW ({error})"),
    };
    let pool = Pool::new(&eal, PoolConfig { buffers: 1023, ..PoolConfig::default() }).expect("room");
    let device = eal.devices().expect("first time").pop().expect("net_af_packet");
    let error = device.start(&pool, &PortConfig::default()).expect_err("one queue is not two");
    assert_eq!(
        error.to_string(),
        "port 0 (net_af_packet0, net_af_packet): 1 receive and 1 transmit queues are asked for, but the device has 2 and 2; \
         both must be equal (change the workers' queue ids, or qpairs= of its --vdev)"
    );
    assert_eq!(pool.in_use(), 0);
}
