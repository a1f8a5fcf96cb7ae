//! Titles and values below each other, in columns of one width. Cells are padded on the right and follow each other without a
//! gap, so lines end in blanks.

use std::io::{self, Write};

/// A title and its value.
pub(super) type Cell = (String, String);

/// A cell.
pub(super) fn cell(title: impl Into<String>, value: impl ToString) -> Cell {
    (title.into(), value.to_string())
}

/// Both lines of a row, indented.
pub(super) fn row(out: &mut impl Write, width: usize, cells: &[Cell]) -> io::Result<()> {
    line(out, width, cells.iter().map(|(title, _)| title))?;
    line(out, width, cells.iter().map(|(_, value)| value))
}

fn line<'a>(out: &mut impl Write, width: usize, texts: impl Iterator<Item = &'a String>) -> io::Result<()> {
    write!(out, "    ")?;
    for text in texts {
        write!(out, "{text:<width$}")?;
    }
    writeln!(out)
}
