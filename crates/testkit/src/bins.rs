//! Where the programs of this workspace are.

use std::env;
use std::path::PathBuf;

use crate::error::LabError;

/// A program of the workspace: in `DPVS_BIN_DIR`, if that is set, else where cargo put the running test or program.
///
/// # Errors
/// [`LabError::CannotHere`] if it has not been built.
pub fn find(program: &str) -> Result<PathBuf, LabError> {
    let folder = env::var_os("DPVS_BIN_DIR").map(PathBuf::from).or_else(beside_us).unwrap_or_default();
    let path = folder.join(program);
    if path.is_file() {
        return Ok(path);
    }
    let why = format!(
        "it is not in {}; build it with `cargo build --workspace --bins`, or say in DPVS_BIN_DIR where it is",
        folder.display()
    );
    Err(LabError::CannotHere { needs: format!("the program {program}"), why })
}

/// Tests lie in `deps/` (examples in `examples/`), programs one above.
fn beside_us() -> Option<PathBuf> {
    let folder = env::current_exe().ok()?.parent()?.to_path_buf();
    let below = ["deps", "examples"].iter().any(|name| folder.ends_with(name));
    if below { folder.parent().map(PathBuf::from) } else { Some(folder) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_not_built_is_a_reason_to_skip() {
        let error = find("no-such-program").expect_err("not built");
        assert!(matches!(&error, LabError::CannotHere { .. }), "{error}");
    }
}
