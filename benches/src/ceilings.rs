//! Instructions per packet held against `benches/ceilings.txt`: what a packet may cost. A ceiling is raised only by a commit that says
//! why. Instructions, not time: they are the same on a busy machine.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::instructions;

/// Counts each row of the file and says which is above its ceiling.
pub(crate) fn check(file: &Path) -> io::Result<ExitCode> {
    let text = std::fs::read_to_string(file)?;
    let mut over = 0;
    for (row, ceiling) in parse(&text)? {
        let Some(count) = instructions::per_packet(row) else {
            println!("skipped: {row}: neither perf nor valgrind can count instructions here");
            continue;
        };
        let verdict = if count <= ceiling { "ok" } else { "ABOVE" };
        println!("{row:16} {count:6.0} of {ceiling:6.0} instructions per packet  {verdict}");
        over += u32::from(count > ceiling);
    }
    Ok(if over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lines of `row ceiling`; `#` starts a remark.
fn parse(text: &str) -> io::Result<Vec<(&str, f64)>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim());
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let pair = line.split_once(' ').and_then(|(row, n)| Some((row, n.trim().parse().ok()?)));
            pair.ok_or_else(|| io::Error::other(format!("not a row and a number: {line}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_remarks() {
        assert_eq!(parse("# x\n\na 1 # y\nb  2.5\n").expect("good"), [("a", 1.0), ("b", 2.5)]);
        assert!(parse("a\n").is_err());
    }
}
