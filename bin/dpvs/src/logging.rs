//! Where log lines go: to stderr, one line each, with their level (docs/spec/netstack.md §1.6).

use std::io::Write;

use conf::dpvs::LogLevel;
use log::{Level, LevelFilter, Log, Metadata, Record};

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Nobody is left to tell when stderr is gone.
            let _ = writeln!(std::io::stderr(), "dpvs: {}: {}", name(record.level()), record.args());
        }
    }

    fn flush(&self) {}
}

/// The word that users know.
fn name(level: Level) -> &'static str {
    match level {
        Level::Error => "ERR",
        Level::Warn => "WARNING",
        Level::Info => "INFO",
        Level::Debug | Level::Trace => "DEBUG",
    }
}

/// Starts logging, with everything that an operator wants to see.
pub(crate) fn start() {
    static STDERR: Stderr = Stderr;
    if log::set_logger(&STDERR).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Keeps back what is less severe than `level`.
pub(crate) fn set_level(level: Option<LogLevel>) {
    let Some(level) = level else { return };
    log::set_max_level(match level {
        LogLevel::Emerg | LogLevel::Alert | LogLevel::Crit | LogLevel::Err => LevelFilter::Error,
        LogLevel::Warning => LevelFilter::Warn,
        LogLevel::Notice | LogLevel::Info => LevelFilter::Info,
        LogLevel::Debug => LevelFilter::Debug,
    });
}
