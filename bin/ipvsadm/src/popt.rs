//! The habits of the option parser, without any meaning: docs/spec/cli.md §4. Letters bundle, values attach, long words are
//! never abbreviated.

use crate::misuse::Misuse;
use crate::switches::{SWITCHES, Switch, Value};

/// A switch as it was given.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Which.
    pub switch: &'static Switch,
    /// It was its letter that was given.
    pub by_letter: bool,
}

impl Found {
    /// As messages name it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.switch.short.filter(|_| self.by_letter) {
            Some(letter) => format!("-{letter}"),
            None => format!("--{}", self.switch.long),
        }
    }
}

/// The words of a command line, read switch by switch.
#[derive(Debug)]
pub struct Words<'a> {
    rest: std::slice::Iter<'a, String>,
    /// Letters of a bundle that are not read yet.
    bundle: &'a str,
    bare: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// Of the words behind the program's name.
    #[must_use]
    pub fn new(words: &'a [String]) -> Self {
        Self { rest: words.iter(), bundle: "", bare: Vec::new() }
    }

    /// The next switch and its value; bare words on the way are put aside.
    ///
    /// # Errors
    /// An unknown switch, or no value where one is due.
    pub fn read(&mut self) -> Result<Option<(Found, Option<&'a str>)>, Misuse> {
        if let Some(letter) = self.bundle.chars().next() {
            self.bundle = &self.bundle[letter.len_utf8()..];
            return self.letter(letter).map(Some);
        }
        while let Some(word) = self.rest.next() {
            if word == "--" {
                self.bare.extend(self.rest.by_ref().map(String::as_str));
            } else if let Some(long) = word.strip_prefix("--") {
                return self.long(word, long).map(Some);
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.bundle = letters;
                return self.read();
            } else {
                self.bare.push(word);
            }
        }
        Ok(None)
    }

    /// Words that are no switches and no values.
    #[must_use]
    pub fn bare(&self) -> &[&'a str] {
        &self.bare
    }

    fn letter(&mut self, letter: char) -> Result<(Found, Option<&'a str>), Misuse> {
        let switch = SWITCHES.iter().find(|switch| switch.short == Some(letter));
        let switch = switch.ok_or_else(|| Misuse::Unknown { option: format!("-{letter}") })?;
        let found = Found { switch, by_letter: true };
        let attached = Some(self.bundle).filter(|rest| !rest.is_empty() && switch.value != Value::No);
        if attached.is_some() {
            self.bundle = "";
        }
        let attached = attached.map(|value| value.strip_prefix('=').unwrap_or(value));
        Ok((found, self.value(found, attached)?))
    }

    fn long(&mut self, word: &'a str, long: &'a str) -> Result<(Found, Option<&'a str>), Misuse> {
        let (name, attached) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let switch = SWITCHES.iter().find(|switch| switch.long == name);
        let switch = switch.filter(|switch| attached.is_none() || switch.value != Value::No);
        let switch = switch.ok_or_else(|| Misuse::Unknown { option: word.to_owned() })?;
        let found = Found { switch, by_letter: false };
        Ok((found, self.value(found, attached)?))
    }

    fn value(&mut self, found: Found, attached: Option<&'a str>) -> Result<Option<&'a str>, Misuse> {
        match found.switch.value {
            Value::No => Ok(None),
            _ if attached.is_some() => Ok(attached),
            Value::Needed(_) => match self.rest.next() {
                Some(word) => Ok(Some(word)),
                None => Err(Misuse::NoValue { option: found.shown() }),
            },
            Value::Optional(_) => {
                let value = self.rest.as_slice().first().filter(|word| !word.starts_with('-'));
                Ok(value.and_then(|_| self.rest.next()).map(String::as_str))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, in short.
    fn read(line: &str) -> String {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut words = Words::new(&words);
        let mut read = Vec::new();
        loop {
            match words.read() {
                Ok(Some((found, value))) => read.push(format!("{}={}", found.shown(), value.unwrap_or("."))),
                Ok(None) => break,
                Err(misuse) => {
                    read.push(misuse.to_string());
                    break;
                }
            }
        }
        read.extend(words.bare().iter().map(|&word| word.to_owned()));
        read.join(" ")
    }

    #[test]
    fn letters_bundle_and_values_attach() {
        assert_eq!(read("-lnc"), "-l=. -n=. -c=.");
        assert_eq!(read("-At 1.1.1.1:80"), "-A=. -t=1.1.1.1:80");
        assert_eq!(read("-w5 -w 5 -w=5 --weight=5 --weight 5"), "-w=5 -w=5 -w=5 --weight=5 --weight=5");
        assert_eq!(read("-w -5"), "-w=-5");
    }

    #[test]
    fn only_persistent_may_go_without() {
        assert_eq!(read("-p"), "-p=.");
        assert_eq!(read("-p -s rr"), "-p=. -s=rr");
        assert_eq!(read("-p 300 -p300 --persistent=300"), "-p=300 -p=300 --persistent=300");
        assert_eq!(read("-A -t"), "-A=. -t: missing argument");
    }

    #[test]
    fn what_is_unknown_is_named_as_it_was_given() {
        assert_eq!(read("--lis"), "--lis: unknown option");
        assert_eq!(read("-nK"), "-n=. -K: unknown option");
        assert_eq!(read("-A extra -- -n"), "-A=. extra -n");
        assert_eq!(read("--numeric=1"), "--numeric=1: unknown option");
    }
}
