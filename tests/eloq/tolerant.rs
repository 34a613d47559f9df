//! Every field of every recorded answer, removed and set to null: only what identifies a thing is required.

use std::collections::{BTreeSet, HashSet};

use controlplane::eloq::{AnyCommand, Client, Credentials};
use controlplane::http::{Headers, Response};
use controlplane::{Error, RetryPolicy};
use serde_json::Value;

use crate::fields::{changed, compare};
use crate::scripted::{Reply, Scripted};
use crate::vectors::Cases;

/// The operations and the fields without which an answer is an error: the payload, what other calls need, and
/// the parts of credentials. Everything else may be missing or null.
const IDENTITIES: [&str; 20] = [
    "cluster data",
    "cluster data.display_cluster_name",
    "cluster_credentials data",
    "cluster_credentials data.admin_password",
    "cluster_credentials data.admin_user",
    "cluster_credentials data.display_cluster_name",
    "cluster_credentials data.elb_addr",
    "cluster_credentials data.elb_port",
    "clusters data",
    "clusters data.cluster_list[].cluster_name",
    "get_skus data",
    "get_skus data[].sku_id",
    "info data",
    "info data.org_info",
    "info data.org_info.org_id",
    "info data.org_info.projects",
    "info data.org_info.projects[].project_id",
    "info org_info",
    "info org_info.org_id",
    "info org_info.projects[].project_id",
];

fn send(command: &AnyCommand, answers: &[Value]) -> Result<Value, Error> {
    let bodies: Vec<String> = answers.iter().map(Value::to_string).collect();
    let transport = Scripted::new(move |_, number| {
        let mut headers = Headers::new();
        headers.push("content-type", "application/json");
        Reply::Whole(Response::new(200, headers, bodies.get(number).map_or("", String::as_str)))
    });
    let credentials =
        Credentials::builder().api_key("eloq-made-up-key-0001").base_url("http://eloq.test").build().unwrap();
    let client = Client::builder()
        .credentials(credentials)
        .retry(RetryPolicy::retries(0))
        .transport(transport)
        .build()
        .unwrap();
    Ok(serde_json::to_value(client.call(command.clone()).send()?).unwrap())
}

#[test]
fn only_identities_are_required() {
    let cases = Cases::read("eloq-wire.jsonl", include_str!("../vectors/eloq-wire.jsonl"), &[]);
    let (mut missed, mut seen) = (BTreeSet::new(), HashSet::new());
    for case in cases.iter() {
        let op = case.json["op"].as_str().unwrap();
        let args = case.raw("/args").unwrap_or_else(|| "{}".to_owned());
        let command = serde_json::from_str::<AnyCommand>(&format!("{{\"{op}\": {args}}}"));
        let exchanges = case.json["exchanges"].as_array().unwrap();
        let answers: Vec<Value> = exchanges.iter().map(|e| e["response"]["body"].clone()).collect();
        let are_good =
            exchanges.iter().all(|e| e["response"]["status"] == 200 && e["response"]["body"].is_object());
        let Ok(command) = command else { continue };
        if !are_good || !seen.insert(format!("{op} {answers:?}")) || send(&command, &answers).is_err() {
            continue;
        }
        for i in 0..answers.len() {
            for changed in changed(&answers[i]) {
                let mut answers = answers.clone();
                answers[i] = changed.answer;
                if send(&command, &answers).is_err() {
                    let op = if i + 1 < answers.len() { "info" } else { op };
                    missed.insert(format!("{op} {}", changed.field));
                }
            }
        }
    }
    assert!(!cases.is_own() || seen.len() > 20, "{}", seen.len());
    compare(&missed, &IDENTITIES, cases.is_own());
}
