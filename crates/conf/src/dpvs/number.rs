//! Numbers: range, rounding, and what C's `atoi` made of them (docs/spec/netstack.md §2.2).

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::lexer::Word;
use crate::{Problem, Severity};

use super::check::{Check, Outcome, single, writing};

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
pub(crate) struct Number {
    range: RangeInclusive<u64>,
    rounding: Rounding,
    bad: Option<u64>,
}

/// Any number of `range`.
#[must_use]
pub(crate) fn int(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::None, bad: None }
}

/// A number of `range`, rounded down to a power of two.
#[must_use]
pub(crate) fn power(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::PowerOfTwo, bad: None }
}

/// A number of `range`, rounded down to one less than a power of two.
#[must_use]
pub(crate) fn power_minus_one(range: RangeInclusive<u64>) -> Number {
    Number { range, rounding: Rounding::PowerOfTwoMinusOne, bad: None }
}

impl Number {
    /// A bad value stands for `value`, not for the default.
    #[must_use]
    pub(crate) fn bad_is(self, value: u64) -> Self {
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
pub(crate) const NO_BOUND: u64 = i32::MAX as u64;
