//! From lines to values: blocks, braces, keywords (docs/spec/netstack.md §2.1, rules 5, 7 and 8).

use std::collections::BTreeSet;

use crate::lexer::Word;
use crate::place::join;
use crate::{Finding, Line, Mark, Places, Problem, Severity, Used};

use super::items::Config;
use super::table::{Block, Effect, Set, Shape, row_path};
use super::{Loaded, sections};

/// The values that `lines` say, where they say them, and what is wrong with it.
pub(crate) fn walk(lines: &[Line]) -> (Config, Places, Vec<Finding>) {
    let mut config = Config::default();
    let mut walk =
        Walk { lines, next: 0, set: Places::default(), findings: Vec::new(), named: BTreeSet::new() };
    walk.fill(&mut config, "", None);
    (config, walk.set, walk.findings)
}

struct Walk<'a> {
    lines: &'a [Line],
    next: usize,
    set: Places,
    findings: Vec<Finding>,
    /// Items without effect that were named already.
    named: BTreeSet<String>,
}

/// Whether a block's inner lines follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Follows,
    None,
}

impl<'a> Walk<'a> {
    fn line(&mut self) -> Option<&'a Line> {
        let line = self.lines.get(self.next)?;
        self.next += 1;
        Some(line)
    }

    fn find(&mut self, severity: Severity, line: &Line, word: &Word, problem: Problem, right: &str) {
        self.findings.push(Finding::new(severity, line.place(word), &line.text(), problem).right(right));
    }

    fn mark(&mut self, path: String, line: &Line, word: &Word) {
        self.set.set(path, Mark { place: line.place(word), order: self.next });
    }

    /// Reads the inside of `block` to its closing brace, or to the end of the file for the outermost.
    fn fill(&mut self, block: &mut dyn Block, path: &str, opened: Option<&Line>) {
        while let Some(line) = self.line() {
            let keyword = &line.words[0];
            match (block.shape(&keyword.text), opened) {
                (Shape::Unknown, Some(opened)) if keyword.text == "}" => return self.close(opened, line),
                (Shape::Unknown, _) => self.unknown(&*block, path, line),
                (Shape::Item, _) => self.item(block, path, line),
                (Shape::Block, _) => {
                    let path = join(path, &keyword.text);
                    self.mark(path.clone(), line, keyword);
                    let body = self.brace(line, &line.words[1..]);
                    match block.enter(&keyword.text) {
                        Some(inner) if body == Body::Follows => self.fill(inner, &path, Some(line)),
                        _ => {}
                    }
                }
                (Shape::List(check_name), _) => self.named_block(block, path, line, check_name),
            }
        }
        if let Some(opened) = opened {
            self.find(
                Severity::Structure,
                opened,
                &opened.words[0],
                Problem::Unclosed,
                "end it with } on a line of its own",
            );
        }
    }

    fn close(&mut self, opened: &Line, line: &Line) {
        if opened.file != line.file {
            let problem = Problem::ClosedElsewhere { opened: opened.start().to_string() };
            self.find(Severity::Structure, line, &line.words[0], problem, "close each block in its own file");
        }
        if let Some(word) = line.words.get(1) {
            self.find(Severity::Note, line, word, Problem::WordsBehindBrace, "");
        }
    }

    fn named_block(
        &mut self,
        block: &mut dyn Block,
        path: &str,
        line: &Line,
        check_name: fn(&str) -> Result<(), Problem>,
    ) {
        let keyword = &line.words[0];
        let (name, rest) = match line.words.get(1) {
            Some(name) if name.text != "{" => (name, &line.words[2..]),
            _ => {
                let right = format!("write {} NAME {{", keyword.text);
                self.find(Severity::Structure, line, keyword, Problem::NoName, &right);
                (keyword, &line.words[1..])
            }
        };
        if let Err(problem) = check_name(&name.text) {
            let right = match keyword.text.as_str() {
                "bonding" => "give letters and a number, such as bond0, at most 15 characters",
                _ => "give a name of printable characters, at most 15",
            };
            self.find(Severity::Worker, line, name, problem, right);
        }
        let body = self.brace(line, rest);
        if let Some((index, inner)) = block.open(&keyword.text, &name.text) {
            let path = format!("{}[{index}]", join(path, &keyword.text));
            self.mark(path.clone(), line, name);
            if body == Body::Follows {
                self.fill(inner, &path, Some(line));
            }
        }
    }

    /// `rest` is what stands behind a block's keyword and name: should be `{` and nothing else.
    fn brace(&mut self, line: &Line, rest: &[Word]) -> Body {
        let right = "write { at the end of the line, and each item on a line of its own";
        match rest {
            [brace] if brace.text == "{" => {}
            [] => match self.lines.get(self.next) {
                Some(next) if next.words.len() == 1 && next.words[0].text == "{" => self.next += 1,
                _ => self.find(Severity::Note, line, &line.words[0], Problem::NoBrace, right),
            },
            [first, .., last] | [first @ last] => {
                let problem =
                    if first.text == "{" { Problem::WordsBehindBrace } else { Problem::BlockRequired };
                self.find(Severity::Structure, line, first, problem, right);
                let open = last.text == "{" || (first.text == "{" && last.text != "}");
                return if open { Body::Follows } else { Body::None };
            }
        }
        Body::Follows
    }

    fn item(&mut self, block: &mut dyn Block, path: &str, line: &Line) {
        let keyword = &line.words[0];
        if opens(line) {
            self.find(
                Severity::Structure,
                line,
                keyword,
                Problem::NotABlock,
                "write the item and its value on one line",
            );
            return self.skip(line);
        }
        let words = &line.words[1..];
        let place = words.first().unwrap_or(keyword);
        let path = join(path, &keyword.text);
        self.mark(path.clone(), line, place);
        let Some(Set { effect, wrong }) = block.set(&keyword.text, words) else { return };
        if let Some(wrong) = wrong {
            let finding = Finding::new(wrong.severity, line.place(place), &line.text(), wrong.problem);
            self.findings.push(Finding { used: wrong.used, ..finding.right(wrong.right) });
        }
        let problem = match effect {
            Effect::Now => return,
            Effect::Later => Problem::NotYet,
            Effect::Never => Problem::NoEffect,
        };
        if self.named.insert(row_path(&path)) {
            self.find(Severity::Note, line, place, problem, "");
        }
    }

    fn unknown(&mut self, block: &dyn Block, path: &str, line: &Line) {
        let keyword = &line.words[0];
        if matches!(keyword.text.as_str(), "{" | "}") {
            self.find(
                Severity::Structure,
                line,
                keyword,
                Problem::StrayBrace,
                "remove it, or the line that ended its block too early",
            );
        } else {
            let right = hint(block, path, &keyword.text);
            self.find(Severity::Unknown, line, keyword, Problem::UnknownKeyword, &right);
        }
        if opens(line) {
            self.skip(line);
        }
    }

    /// Skips what `opened` opened, to the brace that closes it.
    fn skip(&mut self, opened: &Line) {
        let mut depth = 1;
        while let Some(line) = self.line() {
            if line.words[0].text == "}" {
                depth -= 1;
            }
            if opens(line) {
                depth += 1;
            }
            if depth == 0 {
                return self.close(opened, line);
            }
        }
        self.find(
            Severity::Structure,
            opened,
            &opened.words[0],
            Problem::Unclosed,
            "end it with } on a line of its own",
        );
    }
}

/// Whether a line of which nothing else is known opens a block.
fn opens(line: &Line) -> bool {
    line.words.last().is_some_and(|word| word.text == "{")
}

/// What an unknown keyword may have meant.
fn hint(block: &dyn Block, path: &str, keyword: &str) -> String {
    if keyword == "include" {
        return "write include and exactly one word, without quotes".to_owned();
    }
    let near = block.keywords().into_iter().map(|known| (distance(known, keyword), known)).min();
    if let Some((0..=2, known)) = near {
        return format!("did you mean {known}");
    }
    let inside = |path: &str| path.rsplit_once('.').map(|(outer, last)| (outer.to_owned(), last == keyword));
    let all = sections();
    let paths = all.iter().flat_map(|s| s.items.iter().map(|i| &i.path).chain([&s.path]));
    let elsewhere =
        paths.filter_map(|path| inside(path).filter(|(_, same)| *same)).map(|(outer, _)| outer).next();
    match elsewhere {
        Some(outer) => format!("it belongs into {outer}"),
        None if path.is_empty() => format!("known here: {}", block.keywords().join(", ")),
        None => format!("known in {}: {}", row_path(path), block.keywords().join(", ")),
    }
}

/// How many letters must be changed, added or removed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// `max_entries` must fit the buckets; where it does not, half of what fits is taken.
pub(crate) fn check_fragments(loaded: &mut Loaded) {
    let fragment = &mut loaded.config.ipv4.fragment;
    let fits = u64::from(fragment.bucket_number) * u64::from(fragment.bucket_entries);
    if u64::from(fragment.max_entries) <= fits {
        return;
    }
    let text = format!("max_entries {}", fragment.max_entries);
    fragment.max_entries = u32::try_from(fits / 2).unwrap_or(u32::MAX);
    let names = ["max_entries", "bucket_number", "bucket_entries"];
    let mark = names.iter().find_map(|name| loaded.set.get(&format!("ipv4_defs.fragment.{name}")));
    let Some(mark) = mark else { return };
    let finding = Finding::new(Severity::Item, mark.place.clone(), &text, Problem::TooManyFragments);
    let used = Some(Used::Default(fragment.max_entries.to_string()));
    loaded.findings.push(Finding { used, ..finding.right(format!("give 1 … {fits}")) });
}
