//! Reads the tables of docs/spec/netstack.md §2.5.

use std::collections::BTreeMap;

use super::root;

/// What docs/spec/netstack.md §2.5 says of an item.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) default: String,
    pub(crate) range: String,
    pub(crate) init_only: bool,
}

/// Words of a cell, without parentheses and units.
fn words(cell: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut depth = 0;
    for c in cell.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let kept = plain.split([' ', '/']).filter(|w| !matches!(*w, "" | "s" | "µs"));
    kept.map(str::to_owned).collect()
}

/// One of several: by position where there are as many as names.
fn pick(cell: &str, index: usize, count: usize, separator: char) -> String {
    let parts: Vec<_> = match separator {
        '/' => cell.split(" / ").map(str::to_owned).collect(),
        _ => words(cell),
    };
    if parts.len() == count { parts[index].trim().to_owned() } else { cell.to_owned() }
}

struct Reader {
    section: String,
    columns: Vec<String>,
    blocks: Vec<String>,
    last: String,
    rows: BTreeMap<String, Spec>,
}

impl Reader {
    fn row(&mut self, cells: &[&str]) {
        let at = |name: &str| self.columns.iter().position(|c| c == name).map_or("", |i| cells[i]);
        let (item, when, default, range, kind) =
            (cells[0], at("I/R"), at("default"), at("range"), at("type"));
        let depth = item.chars().filter(|c| *c == '·').count();
        self.blocks.truncate(depth);
        let item = item.trim_start_matches(['·', ' ']);
        let inner = self.blocks.join(".");
        if let Some(block) = item.strip_suffix('{') {
            self.blocks.push(block.split_whitespace().next().unwrap().to_owned());
            return;
        }
        let names = words(item);
        let mut prefix = [self.section.as_str(), &inner]
            .iter()
            .filter(|p| !p.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(".");
        for (index, name) in names.iter().enumerate() {
            // `….x` stands in the block of the row before; `.x` in the block that this row names.
            let path = match (name.strip_prefix("…."), name.strip_prefix('.')) {
                (Some(rest), _) => format!("{}.{rest}", self.last),
                (None, Some(rest)) => format!("{prefix}.{rest}"),
                (None, None) if prefix.is_empty() => name.clone(),
                (None, None) => format!("{prefix}.{name}"),
            };
            if path.ends_with("conn_reuse_state") {
                prefix = path;
                continue;
            }
            prefix = path.rsplit_once('.').unwrap().0.to_owned();
            let spec = Spec {
                default: pick(default, index, names.len(), ' '),
                range: format!("{kind} {}", pick(range, index, names.len(), '/')),
                init_only: when == "I",
            };
            self.rows.insert(path, spec);
        }
        if !prefix.ends_with("conn_reuse_state") {
            self.last = prefix;
        }
    }
}

/// All rows, by path.
pub(crate) fn spec() -> BTreeMap<String, Spec> {
    let text = std::fs::read_to_string(root().join("docs/spec/netstack.md")).unwrap();
    let text = text.split("### 2.5 Every item").nth(1).unwrap().split("\n---").next().unwrap();
    let (section, last) = (String::new(), String::new());
    let mut reader = Reader { section, columns: vec![], blocks: vec![], last, rows: BTreeMap::new() };
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("**") {
            let title = title.split("**").next().unwrap();
            // A table of several blocks names the block in each row.
            reader.section = if title.contains('/') { String::new() } else { title.to_owned() };
            (reader.blocks, reader.columns) = (vec![], vec![]);
        } else if let Some(row) = line.strip_prefix("| ") {
            let bare = row.replace("\\|", "¦");
            let cells: Vec<_> = bare.trim_end_matches('|').split('|').map(str::trim).collect();
            if reader.columns.is_empty() {
                reader.columns = cells.iter().map(|c| (*c).to_owned()).collect();
            } else {
                reader.row(&cells);
            }
        }
    }
    reader.rows
}
