//! Calls of a client that has its token.

use std::time::Duration;

use controlplane::h2o_workflows::{AnyCommand, AnyOutput, AsyncClient, Client, Command};
use controlplane::{Effect, Error};
use serde_json::Value;

use super::compare::{RULES, compare, compare_error, compare_requests, first_status, snake};
use super::service::{sent, service};
use super::{
    BASE, cases, command, credentials, exchanges, is_login, not_known, op, outcome, retries, runtime,
};
use crate::clock::Leaping;
use crate::fits::fits;
use crate::scripted::Scripted;
use crate::vectors::{Case, Report};

/// What came of a call, and the pauses before its repetitions.
type Ran = (Result<AnyOutput, Error>, Vec<f64>);
type Mode = fn(&Case, Scripted, AnyCommand) -> Ran;
const MODES: [(&str, Mode); 2] = [("blocking", run), ("async", run_async)];

pub(super) fn client(case: &Case, script: Scripted, clock: &Leaping) -> Result<Client, Error> {
    Client::builder()
        .credentials(credentials(BASE))
        .retry(retries(repetitions(case)))
        .clock(clock.clone())
        .transport(script)
        .build()
}

pub(super) fn async_client(case: &Case, script: Scripted) -> Result<AsyncClient, Error> {
    AsyncClient::builder()
        .credentials(credentials(BASE))
        .retry(retries(repetitions(case)))
        .transport(script)
        .build()
}

fn run(case: &Case, script: Scripted, command: AnyCommand) -> Ran {
    let clock = Leaping::new();
    let result = client(case, script, &clock).and_then(|client| client.call(command).send());
    let slept = clock.slept.lock().unwrap().iter().map(Duration::as_secs_f64).collect();
    (result, slept)
}

fn run_async(case: &Case, script: Scripted, command: AnyCommand) -> Ran {
    let result = async_client(case, script);
    (result.and_then(|client| runtime().block_on(client.call(command).send())), Vec::new())
}

/// How often the client may repeat a request. Whether a change that was answered with 429 is repeated is a
/// matter of policy: where the vendor's client does not, neither does this one.
fn repetitions(case: &Case) -> u32 {
    let is_change = |exchange: &Value| exchange["request"]["method"] != "GET";
    let is_policy =
        exchanges(case).len() == 1 && is_change(&exchanges(case)[0]) && first_status(case) == Some(429);
    if case.json["class"] == "retry" && !is_policy { 3 } else { 0 }
}

fn pauses(case: &Case) -> Vec<f64> {
    serde_json::from_value(case.json["sleeps"].clone()).unwrap_or_default()
}

/// What is wrong with the pauses. A client may wait longer than the service asks for, but not much.
fn compare_pauses(slept: &[f64], expected: &[f64]) -> Vec<String> {
    let fits = |slept: f64, expected: f64| slept >= expected - 1e-6 && slept <= expected * 1.5 + 0.1;
    let is_right =
        slept.len() == expected.len() && slept.iter().zip(expected).all(|(slept, e)| fits(*slept, *e));
    if is_right { Vec::new() } else { vec![format!("slept {slept:?}, not {expected:?}")] }
}

/// One call, in one mode.
fn check(case: &Case, mode: Mode, is_async: bool) -> Vec<String> {
    let mut wrong = not_known(case);
    let script = match service(case) {
        Ok(script) => script,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let command = match command(op(case), &case.raw("/args").unwrap()) {
        Ok(command) => command,
        // The types make it impossible to say.
        Err(_) if outcome(case)["error"]["kind"] == "argument" => return wrong,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let changes = command.effect() == Effect::Changes;
    let (got, slept) = mode(case, script.clone(), command);
    let sent = sent(&script);
    // That a 413 is not repeated is right too.
    let is_given_up = first_status(case) == Some(413) && exchanges(case).len() > 1 && sent.len() == 1;
    if case.json["class"] == "retry" && is_given_up {
        let expected = serde_json::json!({"kind": "api", "status": 413});
        wrong.extend(match &got {
            Err(error) => compare_error(case, error, &expected, changes),
            Ok(output) => vec![format!("{output:?} of a 413")],
        });
        wrong.extend(compare_requests(&sent, &[&exchanges(case)[0]["request"]]));
        return wrong;
    }
    wrong.extend(compare(case, &got, &sent, changes));
    let expected = pauses(case);
    if !is_async && !expected.is_empty() {
        wrong.extend(compare_pauses(&slept, &expected));
    }
    wrong
}

/// A page after the other, as the recordings have them.
fn pages(case: &Case, mode: Mode) -> Vec<String> {
    let mut wrong = not_known(case);
    let script = match service(case) {
        Ok(script) => script,
        Err(why) => return [wrong, vec![why]].concat(),
    };
    let wanted = outcome(case);
    let mut args = case.json["args"].clone();
    let mut got = Vec::new();
    let error = loop {
        let command = command(op(case), &args.to_string()).unwrap();
        match mode(case, script.clone(), command).0 {
            Ok(page) => {
                let page = snake(&serde_json::to_value(page).unwrap());
                args["page_token"] = page["next_page_token"].clone();
                got.push(page);
                if args["page_token"].as_str().unwrap_or_default().is_empty() {
                    break None;
                }
            }
            Err(error) => break Some(error),
        }
        if got.len() > exchanges(case).len() {
            return vec!["the pages do not end".to_owned()];
        }
    };
    match (error, wanted.get("ok"), wanted.get("error")) {
        (None, Some(wanted), None) if fits(&Value::Array(got.clone()), wanted, RULES) => {}
        (Some(error), None, Some(wanted)) => wrong.extend(compare_error(case, &error, wanted, false)),
        (error, ..) => wrong.push(format!("{got:?} {error:?}\n    is not {wanted}")),
    }
    let requests: Vec<&Value> = exchanges(case).iter().map(|exchange| &exchange["request"]).collect();
    wrong.extend(compare_requests(&sent(&script), &requests));
    wrong
}

#[test]
fn every_recorded_case_in_both_modes() {
    let cases = cases();
    let mut report = Report::new(&cases);
    for case in cases.iter().filter(|case| !is_login(case)) {
        for (name, mode) in MODES {
            let is_async = name == "async";
            // The clock of futures is the real one, and no test waits.
            if is_async && pauses(case).iter().sum::<f64>() > 0.1 {
                continue;
            }
            report.run(case, name, || match case.json["paging"] == true {
                true => pages(case, mode),
                false => check(case, mode, is_async),
            });
        }
    }
    report.finish();
}

#[test]
fn commands_are_the_same_json_again() {
    let cases = cases();
    let mut report = Report::strict(&cases);
    for case in cases.iter().filter(|case| !is_login(case)) {
        report.run(case, "", || {
            let Ok(command) = command(op(case), &case.raw("/args").unwrap()) else { return Vec::new() };
            let json = serde_json::to_value(&command).unwrap();
            if json.as_object().and_then(|json| json.keys().next()).map(|name| &**name)
                != Some(command.name())
            {
                return vec![format!("{} is not the name in {json}", command.name())];
            }
            let again: AnyCommand = serde_json::from_value(json).unwrap();
            if again == command { Vec::new() } else { vec![format!("{again:?} is not {command:?}")] }
        });
    }
    report.finish();
}
