//! The engine and the transports know no service: no file below `src/engine` or `src/transport` names one,
//! not even in a comment or in the condition of a feature.

use crate::source::{Source, sources};

const NAMES: [&str; 4] = ["onehouse", "eloq", "h2o", "hotdata"];

/// The lines that name a service.
fn named(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    let names = |line: &str| {
        let line = line.to_lowercase();
        NAMES.iter().any(|name| line.contains(name))
    };
    lines
        .filter(|(_, line)| names(line))
        .map(|(i, line)| format!("src/{}:{}: {}", source.path, i + 1, line.trim()))
        .collect()
}

#[test]
fn the_engine_and_the_transports_name_no_service() {
    let sources = sources();
    let below = sources.iter().filter(|source| matches!(source.room(), Some("engine" | "transport")));
    let wrong: Vec<String> = below.flat_map(named).collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_name_is_found_wherever_it_stands() {
    let text = "#[cfg(feature = \"hotdata\")]\n// As Onehouse does.\nfn for_h2o() {}\nlet host = \"api.eloq.example\";\nfn f() {}\n";
    let source = Source { path: "engine/mod.rs".to_owned(), text: text.to_owned() };
    assert_eq!(named(&source).len(), 4);
}
