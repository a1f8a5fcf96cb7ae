//! Real files, in a directory whose name looks like a pattern.
#![allow(clippy::unwrap_used, reason = "tests")]

use conf::{Disk, Severity, dpvs};

#[test]
fn include_files_are_found_beside_the_file_that_names_them() {
    let directory = std::env::temp_dir().join(format!("conf [{}] *", std::process::id()));
    let inner = directory.join("conf.d");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(directory.join("dpvs.conf"), "neigh_defs {\ninclude conf.d/*.conf\n}").unwrap();
    std::fs::write(inner.join("b.conf"), "timeout 8").unwrap();
    std::fs::write(inner.join("a.conf"), "timeout 7").unwrap();
    std::fs::write(inner.join("c.txt"), "timeout 9").unwrap();
    std::fs::create_dir(inner.join("d.conf")).unwrap();
    let loaded = dpvs::load(&Disk, &directory.join("dpvs.conf"));
    std::fs::remove_dir_all(&directory).unwrap();

    assert_eq!(loaded.config.neigh.timeout.0, 8);
    let structure: Vec<_> = loaded.findings.iter().filter(|f| f.severity == Severity::Structure).collect();
    assert_eq!(structure.len(), 1, "the directory that matches is no file: {structure:?}");
    assert!(structure[0].to_string().contains("d.conf"));
}
