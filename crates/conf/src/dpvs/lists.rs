//! Checks of the values that are lists or have a shape of their own (docs/spec/netstack.md §2.5).

use std::fmt::Display;

use crate::lexer::Word;
use crate::{Problem, Severity};

use super::check::{Check, Outcome, single, writing};
use super::number::{Number, int};
use super::values::{CpuId, LogLevel, QueueId, Rss, Secret};

/// A log level: the word must begin with its name, in capitals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LevelWord;

impl Check<LogLevel> for LevelWord {
    fn parse(&self, words: &[Word], _before: &LogLevel) -> Outcome<LogLevel> {
        single(words, |text| {
            let found = LogLevel::NAMES.iter().find(|(name, _)| text.starts_with(name));
            found.map_or(Outcome::Bad(Problem::UnknownWord), |(_, level)| Outcome::Good(*level))
        })
    }
    fn range(&self) -> String {
        LogLevel::NAMES.map(|(name, _)| name).join(", ")
    }
    fn show(&self, value: &LogLevel) -> String {
        let found = LogLevel::NAMES.iter().find(|(_, level)| level == value);
        found.map_or_else(String::new, |(name, _)| (*name).to_owned())
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

impl Default for LogLevel {
    /// What DPDK starts with.
    fn default() -> Self {
        Self::Info
    }
}

/// One word of the list, or several with `|` between them; of several, the unknown ones count as nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RssWords;

impl RssWords {
    const LONGEST: usize = 31;

    fn read(text: &str) -> Outcome<Rss> {
        if text.len() > Self::LONGEST {
            return Outcome::Bad(Problem::TooLong);
        }
        let members: Vec<_> = text.split('|').map(|word| Rss::named(word.trim())).collect();
        let set = members.iter().flatten().fold(Rss::default(), |set, member| set.with(*member));
        match (members.len(), members.iter().all(Option::is_some)) {
            (_, true) => Outcome::Good(set),
            (1, false) => Outcome::Bad(Problem::UnknownWord),
            (_, false) => Outcome::Doubtful(set, Problem::UnknownWord),
        }
    }
}

impl Check<Rss> for RssWords {
    fn parse(&self, words: &[Word], _before: &Rss) -> Outcome<Rss> {
        single(words, Self::read)
    }
    fn range(&self) -> String {
        let names = Rss::NAMES.map(|(name, _)| name).join(", ");
        format!("all, {names}, or several as a|b, at most {} characters", Self::LONGEST)
    }
    fn show(&self, value: &Rss) -> String {
        value.to_string()
    }
    fn severity(&self, problem: &Problem) -> Severity {
        // `tcp | udp` without quotes would silently be tcp alone.
        match problem {
            Problem::WordsBehind => Severity::Item,
            _ => Severity::Item.max(writing(problem)),
        }
    }
}

fn listed<T: Display>(values: impl Iterator<Item = T>) -> String {
    let shown: Vec<_> = values.map(|value| value.to_string()).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(" ") }
}

/// The receive or transmit queues of a worker; may be empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueIds;

impl QueueIds {
    /// As many queues has a port, and so a list.
    pub(crate) const MOST: usize = 16;

    fn id() -> Number {
        int(0..=Self::MOST as u64 - 1)
    }
}

impl Check<Vec<QueueId>> for QueueIds {
    fn parse(&self, words: &[Word], _before: &Vec<QueueId>) -> Outcome<Vec<QueueId>> {
        if words.len() > Self::MOST {
            return Outcome::Bad(Problem::TooMany);
        }
        let mut ids = Vec::new();
        for word in words {
            match Self::id().read(&word.text) {
                Outcome::Good(id) => ids.push(id),
                Outcome::Doubtful(_, problem) | Outcome::Bad(problem) => return Outcome::Bad(problem),
            }
        }
        Outcome::Good(ids)
    }
    fn range(&self) -> String {
        format!("up to 16 of {}", Check::<QueueId>::range(&Self::id()))
    }
    fn show(&self, value: &Vec<QueueId>) -> String {
        listed(value.iter())
    }
}

/// The lcores that poll a worker's receive queues for it, by position; an entry that is none means: polled by the
/// worker itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuIds;

impl CpuIds {
    fn id() -> Number {
        int(1..=63)
    }
}

impl Check<Vec<Option<CpuId>>> for CpuIds {
    fn parse(&self, words: &[Word], _before: &Vec<Option<CpuId>>) -> Outcome<Vec<Option<CpuId>>> {
        let mut wrong = None;
        let mut ids = Vec::new();
        for word in words.iter().take(QueueIds::MOST) {
            ids.push(match Self::id().read(&word.text) {
                Outcome::Good(id) => Some(id),
                Outcome::Doubtful(_, problem) | Outcome::Bad(problem) => {
                    wrong = Some(problem);
                    None
                }
            });
        }
        if words.is_empty() {
            wrong = Some(Problem::Missing);
        } else if words.len() > QueueIds::MOST {
            wrong = Some(Problem::TooMany);
        }
        match wrong {
            None => Outcome::Good(ids),
            Some(problem) => Outcome::Doubtful(ids, problem),
        }
    }
    fn range(&self) -> String {
        format!("{} for each of rx_queue_ids, in its order", Check::<CpuId>::range(&Self::id()))
    }
    fn show(&self, value: &Vec<Option<CpuId>>) -> String {
        listed(value.iter().map(|id| id.map_or_else(|| "-".to_owned(), |id| id.to_string())))
    }
}

/// Thirty-two hexadecimal digits; what follows them is not read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HexSecret;

impl HexSecret {
    fn read(text: &str) -> Outcome<Secret> {
        let mut secret = Secret::default();
        let digits: Vec<u8> =
            text.chars().map_while(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
        let Some(digits) = digits.get(..32) else { return Outcome::Bad(Problem::BadName) };
        for (byte, pair) in secret.0.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Outcome::Good(secret)
    }
}

impl Check<Secret> for HexSecret {
    fn parse(&self, words: &[Word], _before: &Secret) -> Outcome<Secret> {
        single(words, Self::read)
    }
    fn range(&self) -> String {
        "32 hexadecimal digits or more, of which the first 32 are used".to_owned()
    }
    fn show(&self, value: &Secret) -> String {
        value.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

/// `dedicated_queues=on|enable|off|disable`, as a bond takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DedicatedQueues;

impl Check<bool> for DedicatedQueues {
    fn parse(&self, words: &[Word], before: &bool) -> Outcome<bool> {
        single(words, |text| {
            let mut value = *before;
            for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
                value = match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
                    Some(("dedicated_queues", "on" | "enable")) => true,
                    Some(("dedicated_queues", "off" | "disable")) => false,
                    _ => return Outcome::Bad(Problem::UnknownWord),
                };
            }
            Outcome::Good(value)
        })
    }
    fn range(&self) -> String {
        "dedicated_queues=on or dedicated_queues=off".to_owned()
    }
    fn show(&self, value: &bool) -> String {
        format!("dedicated_queues={}", if *value { "on" } else { "off" })
    }
    fn severity(&self, problem: &Problem) -> Severity {
        writing(problem)
    }
}

/// The slaves of a bond: each line adds one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slaves;

impl Check<Vec<String>> for Slaves {
    fn parse(&self, words: &[Word], before: &Vec<String>) -> Outcome<Vec<String>> {
        single(words, |text| {
            if text.is_empty() {
                return Outcome::Bad(Problem::Missing);
            }
            let mut slaves = before.clone();
            slaves.push(text.to_owned());
            Outcome::Good(slaves)
        })
    }
    fn range(&self) -> String {
        "a device declared earlier; at most 32 lines".to_owned()
    }
    fn show(&self, value: &Vec<String>) -> String {
        listed(value.iter())
    }
}
