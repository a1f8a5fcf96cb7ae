//! All lines of a file and of the files it includes, in the order in which they count (docs/spec/netstack.md §2.1,
//! rule 6). A relative pattern starts at the directory of the file that holds it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::lexer::{self, Word};
use crate::{Finding, Place, Problem, Severity, Source};

/// A line that holds at least one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file it stands in.
    pub file: Arc<str>,
    /// Its number there, from 1.
    pub number: u32,
    /// Never empty.
    pub words: Vec<Word>,
}

impl Line {
    /// Where a word of this line stands.
    #[must_use]
    pub fn place(&self, word: &Word) -> Place {
        Place { file: Arc::clone(&self.file), line: self.number, column: word.column }
    }

    /// Where the line starts.
    #[must_use]
    pub fn start(&self) -> Place {
        self.place(&self.words[0])
    }

    /// Its words with single blanks between them.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The main file, as it was named.
    pub file: Arc<str>,
    /// The lines of all files.
    pub lines: Vec<Line>,
    /// What could not be read, or not as written, with the number of lines that stand before it.
    pub findings: Vec<(usize, Finding)>,
}

/// Reads `path` and what it includes.
pub fn read(source: &dyn Source, path: &Path) -> Read {
    let file: Arc<str> = path.display().to_string().into();
    let mut reader = Reader { source, open: Vec::new(), read: 0, lines: Vec::new(), findings: Vec::new() };
    reader.file(path, &Place::whole(&file), &file);
    Read { file, lines: reader.lines, findings: reader.findings }
}

/// No file may be read within itself; links and `..` can hide that it is the same file.
const DEEPEST: usize = 32;
/// All include files together, a file counted each time it is read.
const MOST: usize = 4096;

struct Reader<'a> {
    source: &'a dyn Source,
    /// Files being read, the outermost first.
    open: Vec<PathBuf>,
    read: usize,
    lines: Vec<Line>,
    findings: Vec<(usize, Finding)>,
}

impl Reader<'_> {
    fn find(&mut self, severity: Severity, place: Place, text: &str, problem: Problem, right: &str) {
        let finding = Finding::new(severity, place, text, problem).right(right);
        self.findings.push((self.lines.len(), finding));
    }

    /// `asked` is where this file was asked for, by `text`.
    fn file(&mut self, path: &Path, asked: &Place, text: &str) {
        if self.open.iter().any(|open| open == path) || self.open.len() == DEEPEST || self.read == MOST {
            let right = "remove this include";
            return self.find(Severity::Structure, asked.clone(), text, Problem::IncludeLoop, right);
        }
        let bytes = match self.source.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let problem =
                    Problem::Unreadable { path: path.display().to_string(), why: error.to_string() };
                let right = "make the file readable or name another";
                return self.find(Severity::Structure, asked.clone(), text, problem, right);
            }
        };
        self.read += 1;
        self.open.push(path.to_path_buf());
        self.text(path, &String::from_utf8_lossy(&bytes));
        self.open.pop();
    }

    fn text(&mut self, path: &Path, text: &str) {
        let file: Arc<str> = path.display().to_string().into();
        for (number, raw) in lexer::lines(text) {
            let words = lexer::words(raw);
            if words.is_empty() {
                continue;
            }
            let line = Line { file: Arc::clone(&file), number, words };
            if raw.len() > lexer::LONG_LINE {
                let problem = Problem::LongLine { bytes: raw.len() };
                self.find(Severity::Note, line.start(), &line.words[0].text, problem, "shorten it");
            }
            match line.words.as_slice() {
                [keyword, pattern] if keyword.text == "include" => self.include(path, &line, pattern),
                _ => self.lines.push(line),
            }
        }
    }

    fn include(&mut self, from: &Path, line: &Line, pattern: &Word) {
        let base = from.parent().unwrap_or(Path::new(""));
        let (place, text) = (line.place(pattern), line.text());
        if !pattern.text.contains(['*', '?', '[']) {
            return self.file(&base.join(&pattern.text), &place, &text);
        }
        // Only what the file says is a pattern: the directory it lies in may hold any character.
        let directory = if Path::new(&pattern.text).is_absolute() { Path::new("") } else { base };
        let escaped = glob::Pattern::escape(&directory.display().to_string());
        let whole = Path::new(&escaped).join(&pattern.text).display().to_string();
        let matches = self.source.glob(&whole);
        if matches.is_empty() {
            self.find(Severity::Note, place.clone(), &text, Problem::NoMatch, "");
        }
        for path in matches {
            self.file(&path, &place, &text);
        }
    }
}
