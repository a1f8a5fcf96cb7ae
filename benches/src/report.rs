//! One value gives the table for people and the file for machines, so that they cannot differ.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::clock::Trials;

/// One row of the path.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) flows: u64,
    /// Least of all trials, source subtracted.
    pub(crate) cycles_per_packet: f64,
    pub(crate) median: f64,
    /// A random flow, its bucket line, its record line, and nothing else; least, source subtracted likewise.
    pub(crate) floor_cycles: f64,
    /// `None` where nothing here can count them.
    pub(crate) instructions_per_packet: Option<f64>,
    /// What flow table and records lie on.
    pub(crate) pages: String,
    pub(crate) burst: usize,
}

/// Bytes per connection, all in, at the table load that it is built for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Bytes {
    pub(crate) v4: f64,
    pub(crate) v6: f64,
}

/// Connections a second, from the least cycles.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Rates {
    pub(crate) create: f64,
    pub(crate) create_expire: f64,
}

/// A figure that is no row of the path.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) unit: &'static str,
}

impl Part {
    pub(crate) fn new(name: impl Into<String>, trials: Trials, unit: &'static str) -> Self {
        Self { name: name.into(), least: trials.least, median: trials.median, unit }
    }
}

/// All of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    pub(crate) bytes_per_connection: Bytes,
    pub(crate) connections_per_second: Rates,
    pub(crate) parts: Vec<Part>,
    pub(crate) machine: String,
    pub(crate) command: String,
}

const HEAD: &str = "\
| row           |    flows | cycles/packet | median | floor | × floor | instructions | pages                          |
|---------------|---------:|--------------:|-------:|------:|--------:|-------------:|--------------------------------|";

impl Report {
    /// What comes before the first row.
    pub(crate) fn start(&self, people: &mut impl Write) -> io::Result<()> {
        writeln!(people, "{}\n$ {}\nbursts of {}\n\n{HEAD}", self.machine, self.command, pktio::BURST)
    }

    /// One more row, as it comes.
    pub(crate) fn add(&mut self, row: Row, people: &mut impl Write) -> io::Result<()> {
        let Row {
            name, flows, cycles_per_packet, median, floor_cycles, instructions_per_packet, pages, ..
        } = &row;
        let instructions = instructions_per_packet.map_or("-".to_owned(), |n| format!("{n:.0}"));
        writeln!(
            people,
            "| {name:13} | {flows:8} | {cycles_per_packet:13.1} | {median:6.1} | {floor_cycles:5.1} | {:7.2} | {instructions:>12} | {pages:30} |",
            cycles_per_packet / floor_cycles,
        )?;
        self.rows.push(row);
        Ok(())
    }

    /// What comes after the last row.
    pub(crate) fn finish(&self, people: &mut impl Write, path: &Path) -> io::Result<()> {
        writeln!(people, "\n| part | least | median | unit |\n|------|------:|-------:|------|")?;
        for Part { name, least, median, unit } in &self.parts {
            writeln!(people, "| {name} | {least:.1} | {median:.1} | {unit} |")?;
        }
        let Bytes { v4, v6 } = self.bytes_per_connection;
        let Rates { create, create_expire } = self.connections_per_second;
        writeln!(people, "\nbytes per connection, all in: {v4:.1} (IPv4), {v6:.1} (IPv6)")?;
        writeln!(
            people,
            "connections a second: {:.2} M made, {:.2} M made and expired at 1 M alive",
            create / 1e6,
            create_expire / 1e6
        )?;
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let mut file = BufWriter::new(File::create(path)?);
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()?;
        writeln!(people, "\nwritten to {}", path.display())
    }
}

/// The CPU's name and how many of them, as the kernel tells.
pub(crate) fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, n)| n));
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{} × {cores}, TSC {:.2} GHz, Linux {}, built for {}",
        model.unwrap_or("unknown CPU"),
        crate::clock::hertz() / 1e9,
        kernel.trim(),
        flow::cpu::built_for(),
    )
}
