//! Shows the SQL of a plan. Sends nothing and needs no credentials.
//!
//! ```text
//! cargo run --example dry_run [PLAN.json]
//! ```
//!
//! A plan is a JSON list of commands, each an object with the name of a helper and its parameters. Without an
//! argument it is `examples/plan.json`.

use std::process::ExitCode;

use controlplane::onehouse::{AnyCommand, Command};
use serde_json::Value;

fn main() -> ExitCode {
    let path = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/plan.json").into());
    let path = std::path::Path::new(&path);
    let plan: Vec<Value> = match std::fs::read_to_string(path)
        .map_err(|e| e.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|e| format!("not a JSON list: {e}")))
    {
        Ok(plan) => plan,
        Err(why) => {
            eprintln!("{}: {why}", path.display());
            return ExitCode::FAILURE;
        }
    };

    // Each step by itself, so that one bad step does not hide the others.
    let mut bad = 0;
    for (number, step) in (1..).zip(plan) {
        let sql = serde_json::from_value::<AnyCommand>(step)
            .map_err(|e| e.to_string())
            .and_then(|command| command.to_sql().map_err(|e| e.to_string()));
        match sql {
            Ok(sql) => println!("-- {number}\n{sql}\n"),
            Err(why) => {
                bad += 1;
                println!("-- {number}: cannot be sent\n");
                eprintln!("step {number}: {why}");
            }
        }
    }
    if bad > 0 {
        eprintln!("{bad} of the plan's steps cannot be sent");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
