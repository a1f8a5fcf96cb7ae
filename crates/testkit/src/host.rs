//! What the host must be able to do, asked before anything is made; and what earlier runs left behind.

use std::env;
use std::fs;
use std::path::Path;

use crate::error::LabError;
use crate::ns::ip;

/// Every namespace of ours starts with this and the number of the process that made it.
pub(crate) const PREFIX: &str = "dpvs-lab";

/// An error if no lab can be made here.
pub(crate) fn check() -> Result<(), LabError> {
    if !root() {
        return Err(missing("root", "network namespaces are root's; run the test as root"));
    }
    for (program, package) in
        [("ip", "iproute2"), ("ethtool", "ethtool"), ("timeout", "coreutils"), ("setpriv", "util-linux")]
    {
        program_is_here(program, package)?;
    }
    let probe = format!("{PREFIX}-{}-probe", std::process::id());
    let made = ip(&["netns", "add", &probe])?;
    if !made.status.success() {
        return Err(missing("network namespaces", made.stderr.trim()));
    }
    ip(&["netns", "del", &probe])?.ok()?;
    Ok(())
}

/// An error if `program` is not in the path.
pub(crate) fn program_is_here(program: &str, package: &str) -> Result<(), LabError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let known = ["/usr/sbin", "/sbin"].map(Path::new).into_iter().map(Path::to_path_buf);
    if env::split_paths(&path).chain(known).any(|folder| folder.join(program).is_file()) {
        return Ok(());
    }
    let why = format!("it is not installed; scripts/setup.sh does that (package {package})");
    Err(LabError::CannotHere { needs: program.to_owned(), why })
}

/// Deletes the namespaces of processes that are no more, killed before they could do it.
pub(crate) fn sweep() -> Result<(), LabError> {
    let listed = ip(&["netns", "list"])?.ok()?.stdout;
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    for name in
        names.filter(|name| maker(name).is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()))
    {
        // Another test may be sweeping too: that it is gone is all we want.
        ip(&["netns", "del", name])?;
    }
    Ok(())
}

fn maker(namespace: &str) -> Option<u32> {
    namespace.strip_prefix(PREFIX)?.strip_prefix('-')?.split('-').next()?.parse().ok()
}

fn root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    ids.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
}

fn missing(needs: &str, why: &str) -> LabError {
    LabError::CannotHere { needs: needs.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_namespaces_have_a_maker() {
        assert_eq!(maker("dpvs-lab-123-0-fullnat-client"), Some(123));
        for foreign in ["dpvs-lab", "dpvs-lab-x-y", "dpvs-lab123-a", "blue"] {
            assert_eq!(maker(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_missing_program_is_named_with_its_cure() {
        let error = program_is_here("no-such-program", "no-such-package").expect_err("missing");
        assert!(error.to_string().contains("scripts/setup.sh"), "{error}");
    }
}
