//! Options of the whole tool, which may stand anywhere on the line: docs/spec/cli.md §2.1. The habits are `getopt_long`'s.

/// What the options say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says it")]
pub struct Options {
    pub verbose: bool,
    pub stats: bool,
    pub family: Option<Ip>,
    /// Seconds between two samples; 0 for none.
    pub interval: u32,
    /// Samples; 0 for no end.
    pub count: u32,
    pub color: bool,
    pub force: bool,
    pub help: Option<Help>,
}

/// An address family that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Ip {
    /// As messages and listings name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => "inet",
            Self::V6 => "inet6",
        }
    }
}

/// How help was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// `-h`: as upstream, a complaint.
    Letter,
    /// `--help`: an answer.
    Word,
}

/// Why the options end the run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// `-V`.
    #[error("version")]
    Version,
    /// `-f` with something else.
    #[error("invalid family")]
    Family,
    /// What is wrong with an option, and the word behind it.
    #[error("{0}\nInvalid option: {1}")]
    Invalid(String, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opt {
    Verbose,
    Stats,
    V4,
    V6,
    Family,
    Interval,
    Count,
    Color,
    Force,
    Help,
    Version,
}

/// Letter, words, and whether a value follows. `--family` has no letter but `-f`; `-4` and `-6` have no word.
const TABLE: &[(char, &[&str], Opt, Value)] = &[
    ('v', &["verbose"], Opt::Verbose, Value::No),
    ('s', &["stats", "statistics"], Opt::Stats, Value::No),
    ('4', &[], Opt::V4, Value::No),
    ('6', &[], Opt::V6, Value::No),
    ('f', &["family"], Opt::Family, Value::Needed),
    ('i', &["interval"], Opt::Interval, Value::Needed),
    ('c', &["count"], Opt::Count, Value::Needed),
    ('C', &["color"], Opt::Color, Value::No),
    ('F', &["force"], Opt::Force, Value::No),
    ('h', &["help"], Opt::Help, Value::No),
    ('V', &["version"], Opt::Version, Value::No),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    No,
    Needed,
}

/// Parts a line in options and words.
///
/// # Errors
/// See [`Stop`]; the first one ends the reading.
pub fn parse<'a>(program: &str, line: &'a [String]) -> Result<(Options, Vec<&'a str>), Stop> {
    let mut reader = Reader { program, rest: line.iter(), options: Options::default() };
    let mut words = Vec::new();
    while let Some(word) = reader.rest.next() {
        if word == "--" {
            words.extend(reader.rest.by_ref().map(String::as_str));
        } else if let Some(long) = word.strip_prefix("--") {
            reader.long(long)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            reader.letters(letters)?;
        } else {
            words.push(word.as_str());
        }
    }
    Ok((reader.options, words))
}

struct Reader<'p, 'a> {
    program: &'p str,
    rest: std::slice::Iter<'a, String>,
    options: Options,
}

impl Reader<'_, '_> {
    fn letters(&mut self, letters: &str) -> Result<(), Stop> {
        for (at, letter) in letters.char_indices() {
            let Some(&(_, _, opt, value)) = TABLE.iter().find(|row| row.0 == letter) else {
                return Err(self.invalid(format!("invalid option -- '{letter}'")));
            };
            if value == Value::No {
                self.take(opt, "", Help::Letter)?;
                continue;
            }
            let attached = Some(&letters[at + letter.len_utf8()..]).filter(|rest| !rest.is_empty());
            let next = attached.or_else(|| self.rest.next().map(String::as_str));
            let Some(text) = next else {
                return Err(self.invalid(format!("option requires an argument -- '{letter}'")));
            };
            return self.take(opt, text, Help::Letter);
        }
        Ok(())
    }

    /// A word, or its beginning if nothing else begins so.
    fn long(&mut self, long: &str) -> Result<(), Stop> {
        let (name, attached) = long.split_once('=').map_or((long, None), |(name, text)| (name, Some(text)));
        let begins =
            |(_, words, ..): &&(char, &[&str], Opt, Value)| words.iter().any(|word| word.starts_with(name));
        let exact = TABLE.iter().find(|(_, words, ..)| words.contains(&name));
        let mut candidates = TABLE.iter().filter(begins);
        let found = exact.or_else(|| candidates.next().filter(|_| candidates.next().is_none()));
        let Some(&(_, _, opt, value)) = found else {
            return Err(self.invalid(match TABLE.iter().any(|row| begins(&row)) {
                true => format!("option '--{name}' is ambiguous"),
                false => format!("unrecognized option '--{name}'"),
            }));
        };
        let text = match (value, attached) {
            (Value::No, None) => "",
            (Value::No, Some(_)) => {
                return Err(self.invalid(format!("option '--{name}' doesn't allow an argument")));
            }
            (Value::Needed, Some(text)) => text,
            (Value::Needed, None) => match self.rest.next() {
                Some(text) => text,
                None => return Err(self.invalid(format!("option '--{name}' requires an argument"))),
            },
        };
        self.take(opt, text, Help::Word)
    }

    fn take(&mut self, opt: Opt, text: &str, help: Help) -> Result<(), Stop> {
        let options = &mut self.options;
        match opt {
            Opt::Verbose => options.verbose = true,
            Opt::Stats => options.stats = true,
            Opt::V4 => options.family = Some(Ip::V4),
            Opt::V6 => options.family = Some(Ip::V6),
            Opt::Family if text == Ip::V4.name() => options.family = Some(Ip::V4),
            Opt::Family if text == Ip::V6.name() => options.family = Some(Ip::V6),
            Opt::Family => return Err(Stop::Family),
            Opt::Interval => options.interval = lenient(text),
            Opt::Count => options.count = lenient(text),
            Opt::Color => options.color = true,
            Opt::Force => options.force = true,
            Opt::Help => options.help = Some(help),
            Opt::Version => return Err(Stop::Version),
        }
        Ok(())
    }

    fn invalid(&mut self, what: String) -> Stop {
        let next = self.rest.next().map_or("(null)", String::as_str);
        Stop::Invalid(format!("{}: {what}", self.program), next.to_owned())
    }
}

/// The digits that a text begins with; 0 without any.
fn lenient(text: &str) -> u32 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Options, String), Stop> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse("dpip", &words).map(|(options, words)| (options, words.join(" ")))
    }

    #[test]
    fn options_may_stand_anywhere() {
        let six = Options { family: Some(Ip::V6), ..Options::default() };
        for line in [
            "-6 route show",
            "route -6 show",
            "route show -6",
            "route --fam inet6 show",
            "route -4 show -f inet6",
        ] {
            assert_eq!(read(line), Ok((six, "route show".to_owned())), "{line}");
        }
        assert_eq!(read("-- -6 show"), Ok((Options::default(), "-6 show".to_owned())));
    }

    #[test]
    fn letters_bundle_and_words_may_be_short() {
        let both = Options { verbose: true, stats: true, interval: 3, ..Options::default() };
        for line in ["-vsi3", "-sv -i 3x", "--verb --stat --interval=3"] {
            assert_eq!(read(line), Ok((both, String::new())), "{line}");
        }
        assert_eq!(read("-i x").map(|(options, _)| options.interval), Ok(0));
    }

    #[test]
    fn what_is_no_option() {
        let invalid = |what: &str, next: &str| Err(Stop::Invalid(format!("dpip: {what}"), next.to_owned()));
        assert_eq!(read("-x addr show"), invalid("invalid option -- 'x'", "addr"));
        assert_eq!(read("-D"), invalid("invalid option -- 'D'", "(null)"));
        assert_eq!(read("-I 1"), invalid("invalid option -- 'I'", "1"));
        assert_eq!(read("--ver"), invalid("option '--ver' is ambiguous", "(null)"));
        assert_eq!(read("--foo"), invalid("unrecognized option '--foo'", "(null)"));
        assert_eq!(read("-i"), invalid("option requires an argument -- 'i'", "(null)"));
        assert_eq!(read("-f foo"), Err(Stop::Family));
        assert_eq!(read("-V -x"), Err(Stop::Version));
    }
}
