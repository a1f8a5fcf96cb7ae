//! `udp-echo NAME ADDRESS:PORT`: answers `NAME: PAYLOAD` to every datagram, until it is ended.
#![forbid(unsafe_code)]

use std::net::UdpSocket;
use std::process::ExitCode;
use std::{env, io};

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let [name, address] = args.as_slice() else {
        eprintln!("usage: udp-echo NAME ADDRESS:PORT");
        return ExitCode::from(2);
    };
    match serve(name, address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp-echo: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(name: &str, address: &str) -> io::Result<()> {
    let socket = UdpSocket::bind(address)?;
    println!("{}", testkit::udp::READY);
    testkit::udp::echo(name, &socket)
}
