//! What a value must look like: one type per kind of value, each of which reads, describes and prints it
//! (docs/spec/netstack.md §2.2).

use crate::lexer::{self, Word, Written};
use crate::{Problem, Severity};

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// As written.
    Good(T),
    /// Something is wrong with the text, but it says this.
    Doubtful(T, Problem),
    /// Nothing can be made of it.
    Bad(Problem),
}

/// The check of one item.
pub(crate) trait Check<T> {
    /// Reads the words behind the keyword; `before` is what the item holds so far.
    fn parse(&self, words: &[Word], before: &T) -> Outcome<T>;
    /// What would be right, to stand behind "give".
    fn range(&self) -> String;
    /// A value, as one would write it.
    fn show(&self, value: &T) -> String;
    /// Which row of §2.3 a bad value belongs to.
    fn severity(&self, _problem: &Problem) -> Severity {
        Severity::Item
    }
    /// What a bad value stands for, if that is not the default.
    fn instead_of_bad(&self) -> Option<T> {
        None
    }
}

/// Reads the single value of an item: what `read` makes of its text, and what was wrong with the writing.
pub(crate) fn single<T>(words: &[Word], read: impl FnOnce(&str) -> Outcome<T>) -> Outcome<T> {
    let Some(value) = lexer::value(words) else { return Outcome::Bad(Problem::Missing) };
    if value.text.contains(char::REPLACEMENT_CHARACTER) {
        return Outcome::Bad(Problem::NotText);
    }
    match (read(&value.text), value.written) {
        (Outcome::Good(v), Written::QuoteOpen) => Outcome::Doubtful(v, Problem::QuoteOpen),
        (Outcome::Good(v), Written::WordsBehind) => Outcome::Doubtful(v, Problem::WordsBehind),
        (outcome, _) => outcome,
    }
}

/// Words behind the one that counts: upstream never looked at them, and files in the field have them.
pub(crate) fn writing(problem: &Problem) -> Severity {
    match problem {
        Problem::WordsBehind | Problem::ValueBehindFlag => Severity::Note,
        _ => Severity::Item,
    }
}

/// A value that may be unset.
#[derive(Clone, Debug)]
pub(crate) struct Maybe<C> {
    check: C,
    unset: &'static str,
}

/// `check`, for an item whose default is described by `unset`.
pub(crate) fn maybe<C>(check: C, unset: &'static str) -> Maybe<C> {
    Maybe { check, unset }
}

impl<T: Clone + Default, C: Check<T>> Check<Option<T>> for Maybe<C> {
    fn parse(&self, words: &[Word], before: &Option<T>) -> Outcome<Option<T>> {
        match self.check.parse(words, &before.clone().unwrap_or_default()) {
            Outcome::Good(value) => Outcome::Good(Some(value)),
            Outcome::Doubtful(value, problem) => Outcome::Doubtful(Some(value), problem),
            Outcome::Bad(problem) => Outcome::Bad(problem),
        }
    }
    fn range(&self) -> String {
        self.check.range()
    }
    fn show(&self, value: &Option<T>) -> String {
        value.as_ref().map_or_else(|| self.unset.to_owned(), |value| self.check.show(value))
    }
    fn severity(&self, problem: &Problem) -> Severity {
        self.check.severity(problem)
    }
    fn instead_of_bad(&self) -> Option<Option<T>> {
        self.check.instead_of_bad().map(Some)
    }
}

/// A check whose failure keeps the daemon from starting (second row of the table in §2.3).
#[derive(Clone, Debug)]
pub(crate) struct Strict<C>(pub C);

impl<T, C: Check<T>> Check<T> for Strict<C> {
    fn parse(&self, words: &[Word], before: &T) -> Outcome<T> {
        self.0.parse(words, before)
    }
    fn range(&self) -> String {
        self.0.range()
    }
    fn show(&self, value: &T) -> String {
        self.0.show(value)
    }
    fn severity(&self, problem: &Problem) -> Severity {
        match writing(problem) {
            Severity::Note => Severity::Note,
            _ => Severity::Worker,
        }
    }
}

/// `on` or `off`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switch;

impl Check<bool> for Switch {
    fn parse(&self, words: &[Word], _before: &bool) -> Outcome<bool> {
        single(words, |text| match text.to_ascii_lowercase().as_str() {
            "on" => Outcome::Good(true),
            "off" => Outcome::Good(false),
            _ => Outcome::Bad(Problem::UnknownWord),
        })
    }
    fn range(&self) -> String {
        "on or off".to_owned()
    }
    fn show(&self, value: &bool) -> String {
        if *value { "on" } else { "off" }.to_owned()
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

/// Presence means on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag;

impl Check<bool> for Flag {
    fn parse(&self, words: &[Word], _before: &bool) -> Outcome<bool> {
        if words.is_empty() { Outcome::Good(true) } else { Outcome::Doubtful(true, Problem::ValueBehindFlag) }
    }
    fn range(&self) -> String {
        "flag".to_owned()
    }
    fn show(&self, value: &bool) -> String {
        Switch.show(value)
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

/// One word of a list, in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Check<T> for Choice<T> {
    fn parse(&self, words: &[Word], _before: &T) -> Outcome<T> {
        single(words, |text| {
            let found = self.0.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            found.map_or(Outcome::Bad(Problem::UnknownWord), |(_, value)| Outcome::Good(*value))
        })
    }
    fn range(&self) -> String {
        self.0.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
    }
    fn show(&self, value: &T) -> String {
        let found = self.0.iter().find(|(_, v)| v == value);
        found.map_or_else(String::new, |(word, _)| (*word).to_owned())
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

/// Any text of at most so many bytes; the second member says what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text(pub usize, pub &'static str);

impl Check<String> for Text {
    fn parse(&self, words: &[Word], _before: &String) -> Outcome<String> {
        single(words, |text| match text.len() {
            0 => Outcome::Bad(Problem::Missing),
            length if length > self.0 => Outcome::Bad(Problem::TooLong),
            _ => Outcome::Good(text.to_owned()),
        })
    }
    fn range(&self) -> String {
        self.1.to_owned()
    }
    fn show(&self, value: &String) -> String {
        value.clone()
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}
