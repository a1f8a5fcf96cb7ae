//! The table's machinery: one row gives an item's field, default, check, reload behaviour and reference text.
//!
//! The macro of `dpvs/block.rs` turns rows into a struct of plain values and its [`Block`] and [`Table`], by which the
//! parser, the reload and the reference of docs/config.md reach it. Nobody else knows a keyword.

use crate::lexer::Word;
use crate::place::join;
use crate::{Places, Problem, Severity, Used};

use super::check::{Check, Outcome};

/// When a changed value takes effect (docs/spec/netstack.md §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At the next start.
    Start,
    /// At a reload; an absent item goes back to its default.
    Reload,
    /// At a reload; an absent item keeps its value.
    Sticky,
}

/// Whether an item does anything here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Now,
    /// Not yet: when it is set, that is named once.
    Later,
    /// It is accepted and checked for the sake of existing files, and will never do anything.
    Never,
}

/// A row, as the reference shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// With its blocks: `netif_defs.device.rx.queue_number`.
    pub path: String,
    /// One or two sentences.
    pub doc: String,
    /// As one would write it.
    pub default: String,
    /// What is allowed.
    pub range: String,
    /// When a change takes effect.
    pub when: When,
    /// Whether it does anything.
    pub effect: Effect,
}

/// A block of items, as the reference shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `netif_defs.device.rx`.
    pub path: String,
    /// Whether it takes a name.
    pub named: bool,
    /// One or two sentences.
    pub doc: String,
    /// Its own items; those of inner blocks follow in sections of their own.
    pub items: Vec<Item>,
}

/// An init-only item that a reload would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `netif_defs.device[0].mtu`, as in [`Places`].
    pub path: String,
    /// What the daemon runs with.
    pub running: String,
    /// What the file says.
    pub wanted: String,
}

/// What a keyword opens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Unknown,
    Item,
    Block,
    /// A block with a name; each occurrence is one more. The name is judged by this.
    List(fn(&str) -> Result<(), Problem>),
}

/// What setting an item gave.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub(crate) effect: Effect,
    pub(crate) wrong: Option<Wrong>,
}

#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    pub(crate) problem: Problem,
    pub(crate) severity: Severity,
    pub(crate) right: String,
    pub(crate) used: Option<Used>,
}

/// What the parser needs of a block.
pub(crate) trait Block {
    fn shape(&self, keyword: &str) -> Shape;
    fn keywords(&self) -> Vec<&'static str>;
    /// Sets an item; none when there is no such item.
    fn set(&mut self, keyword: &str, words: &[Word]) -> Option<Set>;
    /// The inner block of this keyword.
    fn enter(&mut self, keyword: &str) -> Option<&mut dyn Block>;
    /// One more block of this keyword, and its index.
    fn open(&mut self, keyword: &str, name: &str) -> Option<(usize, &mut dyn Block)>;
}

/// What reload and reference need of a block.
pub(crate) trait Table: Block + Default {
    fn describe(path: &str, named: bool, doc: String, out: &mut Vec<Section>);
    /// Init-only items that differ.
    fn changes(&self, new: &Self, path: &str, out: &mut Vec<Change>);
    /// Puts back what a reload must not change; `set` is what the new file sets.
    fn keep(&mut self, running: &Self, set: &Places, path: &str);
}

/// A block that has a name.
pub(crate) trait Named: Table {
    fn with_name(name: &str) -> Self;
    fn name(&self) -> &str;
    fn check_name(name: &str) -> Result<(), Problem>;
}

/// Sets one value: what the file says, or what stands for a bad value.
pub(crate) fn apply<T: Clone, C: Check<T>>(
    check: &C,
    words: &[Word],
    slot: &mut T,
    default: T,
) -> Option<Wrong> {
    let (value, problem, bad) = match check.parse(words, slot) {
        Outcome::Good(value) => (value, None, false),
        Outcome::Doubtful(value, problem) => (value, Some(problem), false),
        Outcome::Bad(problem) => (check.instead_of_bad().unwrap_or(default), Some(problem), true),
    };
    *slot = value;
    let problem = problem?;
    let (severity, shown) = (check.severity(&problem), check.show(slot));
    let used = match severity {
        Severity::Item if bad => Some(Used::Default(shown)),
        Severity::Item => Some(Used::Value(shown)),
        _ => None,
    };
    let right = if severity == Severity::Note { String::new() } else { format!("give {}", check.range()) };
    Some(Wrong { problem, severity, right, used })
}

/// Compares the lists of one keyword: first which blocks there are, then what they hold.
pub(crate) fn list_changes<T: Named>(running: &[T], new: &[T], path: &str, out: &mut Vec<Change>) {
    let names = |list: &[T]| list.iter().map(|block| block.name().to_owned()).collect::<Vec<_>>();
    let (old_names, new_names) = (names(running), names(new));
    if old_names != new_names {
        out.push(Change { path: path.to_owned(), running: old_names.join(" "), wanted: new_names.join(" ") });
        return;
    }
    for (index, (running, new)) in running.iter().zip(new).enumerate() {
        running.changes(new, &format!("{path}[{index}]"), out);
    }
}

/// All sections of a table.
pub(crate) fn sections<T: Table>() -> Vec<Section> {
    let mut out = Vec::new();
    T::describe("", false, String::new(), &mut out);
    out
}

/// `netif_defs.device[0].mtu` without its indices.
pub(crate) fn row_path(path: &str) -> String {
    path.split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .fold(String::new(), |row, part| join(&row, part))
}
