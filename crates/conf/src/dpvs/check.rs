//! What a value must look like: one type per kind of value, each of which reads, describes and prints it
//! (docs/spec/netstack.md §2.2).

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::lexer::{self, Word, Written};
use crate::{Problem, Severity};

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// As written.
    Good(T),
    /// Something is wrong with the text, but it says this.
    Doubtful(T, Problem),
    /// Nothing can be made of it.
    Bad(Problem),
}

/// The check of one item.
pub trait Check<T> {
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

/// How a number is rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rounding {
    None,
    PowerOfTwo,
    PowerOfTwoMinusOne,
}

impl Rounding {
    fn apply(self, value: u64) -> u64 {
        let power = |v: u64| if v < 2 { v } else { 1 << v.ilog2() };
        match self {
            Self::None => value,
            Self::PowerOfTwo => power(value),
            Self::PowerOfTwoMinusOne if value < 2 => value,
            Self::PowerOfTwoMinusOne => power(value.saturating_add(1)) - 1,
        }
    }
}

/// A number within bounds.
#[derive(Clone, Debug)]
pub struct Number {
    range: RangeInclusive<u64>,
    rounding: Rounding,
    bad: Option<u64>,
}

/// Any number of `range`.
#[must_use]
pub fn int(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::None, bad: None }
}

/// A number of `range`, rounded down to a power of two.
#[must_use]
pub fn power(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::PowerOfTwo, bad: None }
}

/// A number of `range`, rounded down to one less than a power of two.
#[must_use]
pub fn power_minus_one(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::PowerOfTwoMinusOne, bad: None }
}

impl Number {
    /// A bad value stands for `value`, not for the default.
    #[must_use]
    pub fn bad_is(self, value: u64) -> Self {
        Self { bad: Some(value), ..self }
    }

    /// Digits, a sign before them, junk behind them: what `atoi` makes of it, with the mistakes told.
    pub(crate) fn read<T: TryFrom<u64>>(&self, text: &str) -> Outcome<T> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if length == 0 {
            return Outcome::Bad(Problem::NotANumber);
        }
        // Only overflow is left to fail.
        let value = digits[..length].parse().unwrap_or(u64::MAX);
        if (negative && value != 0) || !self.range.contains(&value) {
            return Outcome::Bad(Problem::OutOfRange);
        }
        match T::try_from(self.rounding.apply(value)) {
            Err(_) => Outcome::Bad(Problem::OutOfRange),
            Ok(value) if length < digits.len() => Outcome::Doubtful(value, Problem::Junk),
            Ok(value) => Outcome::Good(value),
        }
    }
}

impl<T: TryFrom<u64> + Copy + Display> Check<T> for Number {
    fn parse(&self, words: &[Word], _before: &T) -> Outcome<T> {
        single(words, |text| self.read(text))
    }
    fn range(&self) -> String {
        let bounds = match (*self.range.start(), *self.range.end()) {
            (0, NO_BOUND) => "a number".to_owned(),
            (least, NO_BOUND) => format!("{least} or more"),
            (least, most) => format!("{least} … {most}"),
        };
        match self.rounding {
            Rounding::None => bounds,
            Rounding::PowerOfTwo => format!("{bounds} (2^n)"),
            Rounding::PowerOfTwoMinusOne => format!("{bounds} (2^n − 1)"),
        }
    }
    fn show(&self, value: &T) -> String {
        value.to_string()
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
    fn instead_of_bad(&self) -> Option<T> {
        self.bad.and_then(|value| T::try_from(value).ok())
    }
}

/// Where the spec sets no upper bound, what fits 31 bits is taken: upstream's numbers were C `int`s.
pub const NO_BOUND: u64 = i32::MAX as u64;

/// A value that may be unset.
#[derive(Clone, Debug)]
pub struct Maybe<C> {
    check: C,
    unset: &'static str,
}

/// `check`, for an item whose default is described by `unset`.
pub fn maybe<C>(check: C, unset: &'static str) -> Maybe<C> {
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
pub struct Strict<C>(pub C);

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
pub struct Switch;

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
pub struct Flag;

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
pub struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

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
pub struct Text(pub usize, pub &'static str);

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
