//! Tables of the specification (`docs/spec/`), for tests that hold code against them.

use std::fs;
use std::path::Path;

/// The rows below the header of a Markdown table, cell by cell. `head` is how the table's first line begins.
///
/// # Panics
/// When the chapter cannot be read or has no such table: then the test is about nothing.
#[must_use]
pub fn table(chapter: &str, head: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec").join(chapter);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().skip_while(|line| !line.starts_with(head));
    // The header and the line of dashes.
    let rows: Vec<_> = lines.skip(2).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(!rows.is_empty(), "{chapter} has no table that begins with {head}");
    rows
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_table_is_found_by_its_head() {
        let rows = super::table("datapath.md", "| IN | NO |");
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[0][..3], ["syn", "SR", "ES"]);
    }
}
