//! docs/config.md, printed from the table.

use std::fmt::Write as _;

use super::sections;
use super::table::{Effect, Item, Section, When};

const HEAD: &str = "\
# dpvs.conf

Every item, by block. This page is printed from the table that the daemon reads the file with. The rules of the file
itself are in [docs/spec/netstack.md §2](spec/netstack.md); an example is `deploy/dpvs.conf.sample`.

*When*: **start** takes effect at the next start of the daemon; **reload** at SIGHUP, where an absent item goes back
to its default; **sticky** at SIGHUP, where an absent item keeps its value. A *flag* takes no value: standing there, it
is on. *2^n* is rounded down to a power of two, *2^n − 1* to one less than a power of two.

*Effect*: **yes**; **not yet**: accepted and checked, and named once in the log when set; **none**: as before, and it
will stay so.
";

/// The reference of all items, as markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    for section in sections().iter().filter(|section| !section.path.is_empty()) {
        write_section(&mut out, section);
    }
    out
}

fn write_section(out: &mut String, section: &Section) {
    let name = if section.named { " NAME" } else { "" };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\n## {}{name}\n\n{}", section.path, section.doc);
    if section.items.is_empty() {
        return;
    }
    let _ =
        writeln!(out, "\n| item | default | range | when | effect | meaning |\n|---|---|---|---|---|---|");
    for item in &section.items {
        write_item(out, item);
    }
}

fn write_item(out: &mut String, item: &Item) {
    let name = item.path.rsplit('.').next().unwrap_or(&item.path);
    let when = match item.when {
        When::Start => "start",
        When::Reload => "reload",
        When::Sticky => "sticky",
    };
    let effect = match item.effect {
        Effect::Now => "yes",
        Effect::Later => "not yet",
        Effect::Never => "none",
    };
    let cells =
        [name, &item.default, &item.range, when, effect, &item.doc].map(|cell| cell.replace('|', "\\|"));
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}
