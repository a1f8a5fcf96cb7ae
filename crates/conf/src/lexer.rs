//! Lines and words of `dpvs.conf` (docs/spec/netstack.md §2.1, rules 1 to 4).
//!
//! Every text has words: nothing is an error here, and nothing panics. The rules of `keepalived.conf` differ in
//! comments, quotes and braces; they are not these.

/// Longer lines were cut in two by upstream; here they are read whole and reported.
pub const LONG_LINE: usize = 1024;

/// A word, and where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text. A quote is a word of its own.
    pub text: String,
    /// The first character's column, from 1.
    pub column: u32,
}

/// Splits a text at LF, CR or both together; numbers from 1. The last line needs no end.
pub fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let mut rest = Some(text);
    let mut number = 0;
    std::iter::from_fn(move || {
        let now = rest.filter(|text| !text.is_empty())?;
        number += 1;
        let (line, after) = match now.find(['\n', '\r']) {
            None => (now, None),
            Some(at) if now[at..].starts_with("\r\n") => (&now[..at], Some(&now[at + 2..])),
            Some(at) => (&now[..at], Some(&now[at + 1..])),
        };
        rest = after;
        Some((number, line))
    })
}

/// What separates words. CR and LF end the line before this is asked.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r' | '\n')
}

/// The words of one line, without comment and annotations.
#[must_use]
pub fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches(is_blank);
        let Some(first) = rest.chars().next() else { break };
        let length = match first {
            '!' | '#' => break,
            '<' => {
                rest = &rest[annotation(rest)..];
                continue;
            }
            '"' => 1,
            _ => word_length(rest),
        };
        words.push(Word { text: rest[..length].to_owned(), column: column(line, line.len() - rest.len()) });
        rest = &rest[length..];
    }
    words
}

/// To the next blank or quote.
fn word_length(text: &str) -> usize {
    text.find(|c| is_blank(c) || c == '"').unwrap_or(text.len())
}

/// Length of the annotation that `text` begins with: to a `>` that ends its first word, else to the next `>` after
/// that word, else all.
fn annotation(text: &str) -> usize {
    let word = word_length(text);
    if text[..word].ends_with('>') {
        return word;
    }
    text[word..].find('>').map_or(text.len(), |more| word + more + 1)
}

/// The column of the character that starts at byte `at`.
fn column(line: &str, at: usize) -> u32 {
    u32::try_from(line[..at].chars().count() + 1).unwrap_or(u32::MAX)
}

/// A value: one word, or what stands in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its text.
    pub text: String,
    /// How it was written.
    pub written: Written,
}

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As it should be.
    Well,
    /// It begins with a quote, but the last word of the line is none: that word is lost.
    QuoteOpen,
    /// More words follow, which nobody reads.
    WordsBehind,
}

/// The value that `words` (all behind the keyword) stand for; none when there is no word (rule 4).
#[must_use]
pub fn value(words: &[Word]) -> Option<Value> {
    let (first, rest) = words.split_first()?;
    if first.text != "\"" {
        let written = if rest.is_empty() { Written::Well } else { Written::WordsBehind };
        return Some(Value { text: first.text.clone(), written });
    }
    let written =
        if rest.last().is_some_and(|w| w.text == "\"") { Written::Well } else { Written::QuoteOpen };
    let inside = &rest[..rest.len().saturating_sub(1)];
    let text = inside.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Value { text, written })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(line: &str) -> Vec<String> {
        words(line).into_iter().map(|w| w.text).collect()
    }

    fn said(line: &str) -> Option<String> {
        value(&words(line)[1..]).map(|v| v.text)
    }

    #[test]
    fn rule_1_lines_end_at_lf_or_cr_and_the_last_needs_no_end() {
        let got: Vec<_> = lines("a\nb\rc\r\nd\n\ne").collect();
        assert_eq!(got, [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, ""), (6, "e")]);
    }

    #[test]
    fn rule_2_comments() {
        assert_eq!(texts("  ! mtu 1500"), [""; 0]);
        assert_eq!(texts("\t# mtu"), [""; 0]);
        assert_eq!(texts("mtu 1500 # bytes"), ["mtu", "1500"]);
        assert_eq!(texts("mtu 1500 !bytes"), ["mtu", "1500"]);
        assert_eq!(texts("log_file /a#b!c"), ["log_file", "/a#b!c"]);
    }

    #[test]
    fn rule_3_annotations_are_dropped() {
        assert_eq!(texts("<init> mtu 1500 <1500, 1-9000>"), ["mtu", "1500"]);
        assert_eq!(texts("<init>"), [""; 0]);
        assert_eq!(texts("mtu <a>b c> 7"), ["mtu", "7"]);
        assert_eq!(texts("mtu <a b>7"), ["mtu", "7"]);
        assert_eq!(texts("mtu 7 <no end # here"), ["mtu", "7"]);
        assert_eq!(texts("a<b> c"), ["a<b>", "c"]);
    }

    #[test]
    fn rule_4_quotes() {
        assert_eq!(texts("rss\"tcp\""), ["rss", "\"", "tcp", "\""]);
        assert_eq!(said("rss \"tcp  |\tudp\"").as_deref(), Some("tcp | udp"));
        assert_eq!(said("log_file \"\"").as_deref(), Some(""));
        assert_eq!(said("log_file \"a b").as_deref(), Some("a"));
        assert_eq!(said("log_file \"").as_deref(), Some(""));
        assert_eq!(said("log_file \"#x\"").as_deref(), Some(""));
        assert_eq!(said("log_file"), None);
        assert_eq!(value(&words("\"a b")).map(|v| v.written), Some(Written::QuoteOpen));
        assert_eq!(value(&words("a b")).map(|v| v.written), Some(Written::WordsBehind));
    }

    #[test]
    fn columns_count_characters() {
        let got: Vec<_> = words("<ä> é  {").into_iter().map(|w| w.column).collect();
        assert_eq!(got, [5, 8]);
    }

    proptest! {
        #[test]
        fn any_line_has_words_without_blanks(line in "[ -~\t\u{e4}<>\"!#{}]{0,60}") {
            for word in words(&line) {
                prop_assert!(!word.text.is_empty() && !word.text.contains(is_blank));
                let at = usize::try_from(word.column).unwrap() - 1;
                let there: String = line.chars().skip(at).collect();
                prop_assert!(there.starts_with(&word.text));
            }
        }

        #[test]
        fn lines_lose_nothing_but_their_ends(text in "[a-c\r\n]{0,40}") {
            let kept: String = lines(&text).map(|(_, line)| line).collect();
            prop_assert_eq!(kept, text.replace(['\r', '\n'], ""));
        }
    }
}
