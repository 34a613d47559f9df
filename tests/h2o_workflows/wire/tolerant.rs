//! Every field of every recorded answer, removed and set to null: only the resource itself is required.

use std::collections::{BTreeSet, HashSet};

use controlplane::h2o_workflows::{AnyCommand, Client};
use controlplane::http::{Headers, Response};
use controlplane::{Error, RetryPolicy};
use serde_json::Value;

use super::{BASE, cases, credentials, exchanges, is_login, is_stream, op};
use crate::fields::{changed, compare};
use crate::scripted::{Reply, Scripted};

/// The fields without which an answer is an error: the resource that it wraps. Everything else may be missing
/// or null.
const RESOURCES: [&str; 9] = [
    "action",
    "actionRevision",
    "job",
    "run",
    "runAttempt",
    "runner",
    "step",
    "workflow",
    "workflowRevision",
];

fn send(command: &AnyCommand, answer: &Value) -> Result<Value, Error> {
    let body = answer.to_string();
    let transport = Scripted::new(move |_, _| {
        let mut headers = Headers::new();
        headers.push("content-type", "application/json");
        Reply::Whole(Response::new(200, headers, &*body))
    });
    let client = Client::builder()
        .credentials(credentials(BASE))
        .retry(RetryPolicy::retries(0))
        .transport(transport)
        .build()
        .unwrap();
    Ok(serde_json::to_value(client.call(command.clone()).send()?).unwrap())
}

#[test]
fn only_the_resource_is_required() {
    let cases = cases();
    let (mut missed, mut seen) = (BTreeSet::new(), HashSet::new());
    for case in cases.iter().filter(|case| !is_login(case) && !is_stream(case)) {
        let [exchange] = exchanges(case) else { continue };
        let answer = &exchange["response"]["body"];
        if exchange["response"]["status"] != 200 || !answer.is_object() {
            continue;
        }
        let args = case.raw("/args").unwrap_or_else(|| "{}".to_owned());
        let Ok(command) = serde_json::from_str::<AnyCommand>(&format!("{{\"{}\": {args}}}", op(case))) else {
            continue;
        };
        if !seen.insert(format!("{} {answer}", op(case))) || send(&command, answer).is_err() {
            continue;
        }
        for changed in changed(answer) {
            match send(&command, &changed.answer) {
                Err(_) => {
                    missed.insert(changed.field);
                }
                Ok(read) => {
                    let name = answer.as_object().and_then(|map| map.values().next()?.get("name"));
                    let name = name.filter(|name| name.is_string());
                    let is_kept = name.is_none_or(|name| {
                        changed.field.ends_with("name") || read.to_string().contains(&name.to_string())
                    });
                    assert!(is_kept, "{}: without {}: {read}", case.place(), changed.field);
                }
            }
        }
    }
    assert!(!cases.is_own() || seen.len() > 50, "{}", seen.len());
    compare(&missed, &RESOURCES, false);
}
