//! `global_defs`.

use crate::dpvs::block::block;
use crate::dpvs::check::{Flag, Switch, Text, maybe};
use crate::dpvs::lists::LevelWord;
use crate::dpvs::number::{NO_BOUND, power_minus_one};
use crate::dpvs::values::LogLevel;

block! {
    /// `global_defs`: the daemon as a whole.
    Globals;
    items {
        /// Least severe level that is logged; a word that begins with its name, in capitals.
        log_level: Option<LogLevel> = None, maybe(LevelWord, "as EAL sets it"), Sticky, Now;
        /// File that the log is appended to; opened anew at each reload.
        log_file: Option<String> = None, maybe(Text(4095, "the path of a file"), "none"), Sticky, Later;
        /// Log records are written by a core of their own.
        log_async_mode: bool = false, Switch, Start, Later;
        /// Records begin with date and time (UTC), in asynchronous mode.
        log_with_timestamp: bool = false, Switch, Reload, Later;
        /// Records that may wait, in asynchronous mode.
        log_async_pool_size: u32 = 16_383, power_minus_one(1_023..=NO_BOUND), Start, Later;
        /// Devices get an interface in the kernel.
        kni: bool = true, Switch, Start, Later;
        /// dpdk-pdump may capture.
        pdump: bool = false, Switch, Start, Later;
        /// Devices announce themselves and listen by LLDP.
        lldp: bool = false, Switch, Reload, Later;
        /// A comment in upstream's list of items, never implemented there.
        daemon: bool = false, Flag, Start, Never;
    }
    blocks {}
    lists {}
}
