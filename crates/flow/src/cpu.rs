//! Which instructions this program was built with, and whether a CPU has them.
//!
//! A program built for `x86-64-v3` dies of an illegal instruction on an older CPU. Whoever asks here first, before anything else,
//! can say what is missing instead.

use std::fmt;

/// A level of x86-64, by its psABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Any x86-64, or another architecture.
    V1 = 1,
    /// SSE4.2, POPCNT.
    V2,
    /// AVX2, BMI2.
    V3,
    /// AVX-512.
    V4,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x86-64-v{}", *self as u8)
    }
}

struct Feature {
    level: Level,
    /// As `/proc/cpuinfo` calls it.
    name: &'static str,
    /// Whether this program uses it.
    built_in: bool,
}

macro_rules! features {
    ($($level:ident: $($feature:literal = $name:literal),+;)+) => {
        const FEATURES: &[Feature] = &[$($(
            Feature { level: Level::$level, name: $name, built_in: cfg!(target_feature = $feature) },
        )+)+];
    };
}

// The compiler's name, and the kernel's.
features! {
    V2: "cmpxchg16b" = "cx16", "popcnt" = "popcnt", "sse3" = "pni", "ssse3" = "ssse3", "sse4.1" = "sse4_1",
        "sse4.2" = "sse4_2";
    V3: "avx" = "avx", "avx2" = "avx2", "bmi1" = "bmi1", "bmi2" = "bmi2", "f16c" = "f16c", "fma" = "fma",
        "lzcnt" = "abm", "movbe" = "movbe", "xsave" = "xsave";
    V4: "avx512f" = "avx512f", "avx512bw" = "avx512bw", "avx512cd" = "avx512cd", "avx512dq" = "avx512dq",
        "avx512vl" = "avx512vl";
}

/// The level that this program was built for.
#[must_use]
pub fn built_for() -> Level {
    let whole =
        |level| FEATURES.iter().filter(|feature| feature.level == level).all(|feature| feature.built_in);
    [Level::V2, Level::V3, Level::V4]
        .into_iter()
        .take_while(|&level| whole(level))
        .last()
        .unwrap_or(Level::V1)
}

/// What this program uses and a CPU of `cpuinfo` (the text of `/proc/cpuinfo`) has not. Empty if that lists no features.
#[must_use]
pub fn missing_features(cpuinfo: &str) -> Vec<&'static str> {
    missing(FEATURES.iter().filter(|feature| feature.built_in), cpuinfo)
}

fn missing<'f>(needed: impl Iterator<Item = &'f Feature>, cpuinfo: &str) -> Vec<&'static str> {
    let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let cpus: Vec<&str> = fields.filter(|(name, _)| name.trim() == "flags").map(|(_, flags)| flags).collect();
    let lacks = |name: &str| cpus.iter().any(|flags| flags.split_whitespace().all(|flag| flag != name));
    needed.map(|feature| feature.name).filter(|name| lacks(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags of a Zen 4, of an Ivy Bridge (v2 with AVX), as Linux lists them, less what nobody asks for here.
    const ZEN4: &str = "flags\t\t: fpu pni ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt xsave avx f16c abm bmi1 avx2 bmi2 \
        avx512f avx512dq avx512cd avx512bw avx512vl\n";
    const IVY_BRIDGE: &str = "flags\t\t: fpu pni ssse3 cx16 sse4_1 sse4_2 popcnt xsave avx f16c\n";

    fn of(level: Level, cpuinfo: &str) -> Vec<&'static str> {
        missing(FEATURES.iter().filter(|feature| feature.level <= level), cpuinfo)
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(of(Level::V4, ZEN4).is_empty());
        assert!(of(Level::V2, IVY_BRIDGE).is_empty());
        assert_eq!(of(Level::V3, IVY_BRIDGE), ["avx2", "bmi1", "bmi2", "fma", "abm", "movbe"]);
    }

    #[test]
    fn the_weakest_cpu_counts_and_silence_does_not() {
        let two = format!("processor\t: 0\n{ZEN4}\nprocessor\t: 1\n{IVY_BRIDGE}");
        assert_eq!(of(Level::V3, &two), of(Level::V3, IVY_BRIDGE));
        for text in ["", "processor : 0\nFeatures : fp asimd", "flags"] {
            assert!(of(Level::V4, text).is_empty());
        }
    }

    #[test]
    fn this_program_runs_where_it_runs() {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").expect("procfs");
        assert!(missing_features(&cpuinfo).is_empty());
        assert_eq!(built_for() >= Level::V3, cfg!(all(target_feature = "avx2", target_feature = "bmi2")));
        assert_eq!(Level::V3.to_string(), "x86-64-v3");
    }
}
