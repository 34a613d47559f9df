//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the answers. Both
//! modes, over sockets, against a server that gives the recorded answers.
//!
//! `HOTDATA_CASES=upload_file/single` in the environment runs only the cases whose id begins so.

#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, missing_docs)]

use std::collections::BTreeSet;

use controlplane::hotdata::AnyCommand;

mod arrow;
mod case;
mod compare;
mod query;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod uploads;

use case::{Case, Done};
use server::Server;

const CASES: &str = include_str!("../vectors/hotdata-wire.jsonl");

fn cases() -> Vec<Case> {
    let all: Vec<Case> = CASES.lines().map(|line| Case(serde_json::from_str(line).unwrap())).collect();
    assert!(all.len() >= 665, "{} cases", all.len());
    match std::env::var("HOTDATA_CASES") {
        Ok(only) => all.into_iter().filter(|case| case.id().starts_with(&only)).collect(),
        Err(_) => all,
    }
}

/// Who runs a case.
enum Layer {
    Query,
    Arrow,
    Uploads,
    Plain(Box<AnyCommand>),
}

impl Layer {
    /// `Err`: there is no such operation, or its arguments are not to be read.
    fn of(case: &Case) -> Result<Self, String> {
        Ok(match case.op() {
            "query_with_follow"
            | "wait_for_result"
            | "fetch_ready_result"
            | "load_database_table_with_retry"
            | "load_managed_table_with_retry" => Self::Query,
            "get_result_arrow" | "stream_result_arrow" => Self::Arrow,
            "upload_file"
            | "auto_part_size_hint"
            | "effective_in_flight"
            | "round_in_flight"
            | "part_put_timeout" => Self::Uploads,
            // The plain call gives bytes; there is one for Arrow.
            _ => Self::Plain(Box::new(serde_json::from_value(case.command()).map_err(|e| e.to_string())?)),
        })
    }
}

fn run(case: &Case, layer: &Layer, server: &Server) -> (Option<Done>, Vec<f64>) {
    let (client, clock) = case::client(case, server);
    let done = match layer {
        Layer::Query => query::run(case, server, &client),
        Layer::Arrow => arrow::run(case, server, &client),
        Layer::Uploads => uploads::run(case, server, &client),
        Layer::Plain(command) => Some(Done::plain(client.call(AnyCommand::clone(command)).send())),
    };
    (done, clock.slept())
}

fn run_async(case: &Case, layer: &Layer, server: &Server) -> Option<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = case::async_client(case, server);
        match layer {
            Layer::Query => query::run_async(case, server, &client).await,
            Layer::Arrow => arrow::run_async(case, server, &client).await,
            Layer::Uploads => uploads::run_async(case, server, &client).await,
            Layer::Plain(command) => Some(Done::plain(client.call(AnyCommand::clone(command)).send().await)),
        }
    })
}

#[test]
fn every_recorded_case_in_both_modes() {
    let mut failures = Vec::new();
    let mut not_run = BTreeSet::new();
    let mut count = 0;
    for case in &cases() {
        let layer = match Layer::of(case) {
            Ok(layer) => layer,
            Err(why) if why.contains("unknown variant") => {
                not_run.insert(case.op().to_owned());
                continue;
            }
            Err(why) => {
                failures.push(format!("{}: {why}", case.id()));
                continue;
            }
        };
        for is_async in [false, true] {
            // The clock of futures is the real one, and no test waits.
            if is_async && case.sleeps().is_some_and(|sleeps| sleeps.iter().sum::<f64>() > 0.1) {
                continue;
            }
            let server = Server::start(case);
            let (done, slept) = if is_async {
                (run_async(case, &layer, &server), Vec::new())
            } else {
                run(case, &layer, &server)
            };
            let Some(done) = done else {
                not_run.insert(case.op().to_owned());
                continue;
            };
            count += 1;
            let mut wrong = compare::outcome(case, &layer, &done, &server);
            if let (Some(sleeps), false) = (case.sleeps(), is_async) {
                wrong.extend(compare::sleeps(&slept, &sleeps));
            }
            if !wrong.is_empty() {
                let mode = if is_async { "async" } else { "blocking" };
                failures.push(format!("{} ({mode}): {}", case.id(), wrong.join("\n    ")));
            }
        }
    }
    println!("{count} runs");
    assert!(not_run.is_empty(), "nobody runs these: {not_run:?}");
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn commands_are_the_same_json_again() {
    for case in &cases() {
        let Ok(Layer::Plain(command)) = Layer::of(case) else { continue };
        let json = serde_json::to_value(&command).unwrap();
        assert_eq!(serde_json::from_value::<AnyCommand>(json).unwrap(), *command);
    }
}
