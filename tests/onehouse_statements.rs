//! The statements that the vendor's SDK 0.3.0 writes, and what it refuses, replayed through `AnyCommand` JSON.

use controlplane::onehouse::{AnyCommand, Command};
use serde_json::Value;

#[test]
fn every_vector_gives_the_vendors_sql_or_is_refused() {
    let mut failures = Vec::new();
    let mut count = 0;
    for line in include_str!("vectors/onehouse-statements.jsonl").lines() {
        count += 1;
        let case: Value = serde_json::from_str(line).unwrap();
        let helper = case["helper"].as_str().unwrap();
        let plan = serde_json::json!({ helper: case["args"] }).to_string();
        let got = serde_json::from_str::<AnyCommand>(&plan)
            .map_err(|e| e.to_string())
            .and_then(|command| command.to_sql().map_err(|e| e.to_string()));
        match (case["sql"].as_str(), got) {
            (Some(sql), Ok(got)) if got == sql => {}
            (None, Err(_)) if case["refused"] == true => {}
            (_, got) => failures.push(format!("{line}\n  got {got:?}")),
        }
    }
    assert_eq!(count, 291);
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}
