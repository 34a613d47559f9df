//! Every recorded case of the vendor's client: the requests that this crate sends, and what it makes of the
//! responses. Both modes, over sockets, against a server that gives the recorded responses.

use std::time::Duration;

use controlplane::Effect;
use controlplane::hotdata::{AnyCommand, Command};

use crate::vectors::{Cases, Report};

mod arrow;
mod arrow_cells;
mod arrow_types;
mod arrow_values;
mod case;
mod compare;
mod errors;
mod known;
mod query;
mod right;
mod server;
mod tolerant;
mod uploads;

use case::{Case, Done};
use server::Server;

fn cases() -> Cases {
    let own = include_str!("../../vectors/hotdata-wire.jsonl");
    let cases = Cases::read("hotdata-wire.jsonl", own, &[]);
    assert!(!cases.is_own() || cases.iter().len() == 667, "{}", cases.iter().len());
    cases
}

/// What runs a case.
enum Layer {
    Query,
    Arrow,
    Uploads,
    Rule,
    Plain(Box<AnyCommand>),
}

impl Layer {
    /// `Err`: there is no such operation, or its arguments cannot be read.
    fn of(case: &Case) -> Result<Self, String> {
        Ok(match case.op() {
            "query_with_follow"
            | "wait_for_result"
            | "fetch_ready_result"
            | "load_database_table_with_retry"
            | "load_managed_table_with_retry" => Self::Query,
            "get_result_arrow" | "stream_result_arrow" => Self::Arrow,
            "upload_file" => Self::Uploads,
            "auto_part_size_hint" | "effective_in_flight" | "round_in_flight" | "part_put_timeout" => {
                Self::Rule
            }
            _ => {
                let command = serde_json::from_str(&case.command());
                Self::Plain(Box::new(command.map_err(|error| format!("no command: {error}"))?))
            }
        })
    }

    /// True if the layer's first request changes something.
    fn changes(&self, case: &Case) -> bool {
        match self {
            Self::Plain(command) => command.effect() == Effect::Changes,
            Self::Query => !matches!(case.op(), "wait_for_result" | "fetch_ready_result"),
            Self::Uploads => true,
            Self::Arrow | Self::Rule => false,
        }
    }
}

fn run(case: &Case, layer: &Layer, server: &Server) -> (Done, Vec<f64>) {
    let (client, clock) = case::client(case, server);
    let done = match layer {
        Layer::Query => query::run(case, &client),
        Layer::Arrow => arrow::run(case, &client),
        Layer::Uploads => uploads::run(case, &client),
        Layer::Rule => uploads::rule(case),
        Layer::Plain(command) => Done::plain(client.call(AnyCommand::clone(command)).send()),
    };
    let slept = clock.slept.lock().unwrap().iter().map(Duration::as_secs_f64).collect();
    (done, slept)
}

fn run_async(case: &Case, layer: &Layer, server: &Server) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = case::async_client(case, server);
        match layer {
            Layer::Query => query::run_async(case, &client).await,
            Layer::Arrow => arrow::run_async(case, &client).await,
            Layer::Uploads => uploads::run_async(case, &client).await,
            Layer::Rule => uploads::rule(case),
            Layer::Plain(command) => Done::plain(client.call(AnyCommand::clone(command)).send().await),
        }
    })
}

fn check(case: &Case, is_async: bool) -> Vec<String> {
    let mut wrong = known::not_known(case);
    let layer = match Layer::of(case) {
        Ok(layer) => layer,
        // The types make it impossible to say.
        Err(_) if right::Right::of(case) == Some(right::Right::Refused) || case.class() == "local" => {
            return wrong;
        }
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let server = Server::start(case);
    let (done, slept) = match is_async {
        true => (run_async(case, &layer, &server), None),
        false => {
            let (done, slept) = run(case, &layer, &server);
            (done, Some(slept))
        }
    };
    wrong.extend(server.problems());
    wrong.extend(compare::outcome(case, &layer, &done, &server));
    if let (Some(slept), Some(expected)) = (slept, case.sleeps()) {
        wrong.extend(compare::sleeps(case, &slept, &expected));
    }
    wrong
}

#[test]
fn every_recorded_case_in_both_modes() {
    let cases = cases();
    let mut report = Report::new(&cases);
    for recorded in cases.iter() {
        let case = Case(recorded);
        for (mode, is_async) in [("blocking", false), ("async", true)] {
            // The clock of futures is the real one, and no test waits.
            if is_async && case.waits() {
                continue;
            }
            report.run(recorded, mode, || check(&case, is_async));
        }
    }
    report.finish();
}

#[test]
fn commands_are_the_same_json_again() {
    let cases = cases();
    let mut report = Report::strict(&cases);
    for recorded in cases.iter() {
        report.run(recorded, "", || {
            let Ok(Layer::Plain(command)) = Layer::of(&Case(recorded)) else { return Vec::new() };
            let json = serde_json::to_value(&command).unwrap();
            let again: AnyCommand = serde_json::from_value(json).unwrap();
            if again == *command { Vec::new() } else { vec![format!("{again:?} is not {command:?}")] }
        });
    }
    report.finish();
}
