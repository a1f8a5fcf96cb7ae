//! What the demo looks like.

/// The network, in short; `testkit::fullnat` has it in full.
pub(crate) const PICTURE: &str = "
  client ───── router ──────────── director ────────────┬── b1  192.168.10.11
  10.1.0.2     10.1.0.1            VIP 10.0.0.100       ├── b2  192.168.10.12
               10.0.0.254          dpdk0 10.0.0.1       └── lan-router 192.168.10.254
                                   dpdk1 192.168.10.1                │
                                   laddrs .200, .201                 b3  192.168.20.13
";

pub(crate) fn heading(text: &str) {
    println!("\n== {text}");
}

/// A bar for each who answered.
pub(crate) fn answers<'a>(counts: impl Iterator<Item = (&'a str, usize)>) {
    for (name, count) in counts {
        println!("  {name} answered {count:>3}  {}", "#".repeat(count));
    }
}
