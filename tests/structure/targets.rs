//! Tests, examples and benches are targets that a manifest lists. Cargo does not find them by itself, because their
//! packages lie in the folders `tests`, `examples` and `benches`: a file that is not listed is not compiled.

use std::collections::BTreeSet;
use std::path::Path;

/// The paths that the manifest of a folder lists as targets.
fn listed(manifest: &str) -> BTreeSet<String> {
    let path = |line: &str| line.strip_prefix("path = \"")?.strip_suffix('"').map(str::to_owned);
    manifest.lines().filter_map(path).collect()
}

/// The programs of a folder: `NAME.rs` where it has programs of one file, and `NAME/main.rs`.
fn programs(folder: &Path) -> BTreeSet<String> {
    let mut programs = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.join("main.rs").is_file() {
            programs.insert(format!("{name}/main.rs"));
        } else if name.ends_with(".rs") {
            programs.insert(name);
        }
    }
    programs
}

#[test]
fn every_test_example_and_bench_is_listed_in_its_manifest() {
    for name in ["benches", "examples", "tests"] {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(name);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert_eq!(listed(&manifest), programs(&folder), "{name}/Cargo.toml and the files in {name}");
    }
}
