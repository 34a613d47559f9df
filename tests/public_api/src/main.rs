//! Compares the public API of a package, as rustdoc's JSON has it, with the lines of a snapshot.
//!
//! Arguments: the JSON file, the snapshot, and `--update` to write the snapshot instead.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::{env, error, fs};

use public_api::{Builder, MINIMUM_NIGHTLY_RUST_VERSION};

fn main() -> Result<ExitCode, Box<dyn error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [json, snapshot, rest @ ..] = arguments.as_slice() else {
        return Err("usage: public-api-snapshot JSON SNAPSHOT [--update]".into());
    };
    let api = Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|error| format!("{error} ({json} must be of the version that {MINIMUM_NIGHTLY_RUST_VERSION} writes)"))?;
    let now: Vec<String> = api.items().map(|item| item.to_string()).collect();
    if rest.iter().any(|argument| argument == "--update") {
        fs::write(snapshot, now.join("\n") + "\n")?;
        return Ok(ExitCode::SUCCESS);
    }

    let text = fs::read_to_string(snapshot)?;
    let before: BTreeSet<&str> = text.lines().collect();
    let now: BTreeSet<&str> = now.iter().map(String::as_str).collect();
    for removed in before.difference(&now) {
        println!("- {removed}");
    }
    for added in now.difference(&before) {
        println!("+ {added}");
    }
    if before == now {
        println!("{snapshot}: {} items", now.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("The public API is not the one of {snapshot}. If that is intended: tests/public_api/run --update");
    Ok(ExitCode::FAILURE)
}
