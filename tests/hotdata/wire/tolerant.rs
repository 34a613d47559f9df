//! Every field of every recorded answer, removed and set to null: only what identifies a thing is required.

use std::collections::{BTreeSet, HashSet};

use controlplane::RetryPolicy;
use controlplane::hotdata::{AnyCommand, AnyOutput, Client, Credentials};
use controlplane::http::{Headers, Response};
use serde_json::{Value, json};

use super::case::Case;
use super::{Layer, cases};
use crate::fields::{changed, compare};
use crate::scripted::{Reply, Scripted};

/// The fields without which an answer is an error: ids, names that other calls take, and what an upload goes
/// on with. Everything else may be missing or null.
const IDENTITIES: [&str; 26] = [
    "batch_id",
    "connections[].id",
    "context",
    "context.name",
    "contexts[].name",
    "databases[].id",
    "embedding_providers[].id",
    "finalize_token",
    "id",
    "index_name",
    "indexes[].index_name",
    "jobs[].id",
    "parts[].part_number",
    "parts[].url",
    "queries[].id",
    "query_run_id",
    "query_runs[].id",
    "result_id",
    "results[].id",
    "tables[].table",
    "upload_id",
    "uploads[].finalize_token",
    "uploads[].upload_id",
    "workspace",
    "workspace.public_id",
    "workspaces[].public_id",
];

fn client(status: u16, answer: &Value) -> Client {
    let body = answer.to_string();
    let transport = Scripted::new(move |_, _| {
        let mut headers = Headers::new();
        headers.push("content-type", "application/json");
        Reply::Whole(Response::new(status, headers, &*body))
    });
    let credentials = Credentials::builder()
        .env(Vec::<(String, String)>::new())
        .base_url("http://hotdata.test")
        .api_key("test-key")
        .workspace_id("ws_test")
        .build()
        .unwrap();
    Client::builder()
        .credentials(credentials)
        .database_id("db")
        .retry(RetryPolicy::retries(0))
        .transport(transport)
        .build()
        .unwrap()
}

fn send(command: &AnyCommand, status: u16, answer: &Value) -> Result<Value, controlplane::Error> {
    let output: AnyOutput = client(status, answer).call(command.clone()).send()?;
    Ok(serde_json::to_value(output).unwrap())
}

/// The id of what an answer is about.
fn id(answer: &Value) -> Option<&Value> {
    let keys = ["id", "upload_id", "batch_id", "query_run_id", "result_id"];
    keys.iter().find_map(|key| answer.get(key)).or_else(|| answer["workspace"].get("public_id"))
}

#[test]
fn only_identities_are_required() {
    let cases = cases();
    let (mut missed, mut seen) = (BTreeSet::new(), HashSet::new());
    for recorded in cases.iter() {
        let case = Case(recorded);
        let (Ok(Layer::Plain(command)), [exchange]) = (Layer::of(&case), case.exchanges()) else { continue };
        let response = &exchange["response"];
        let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let (Some(status @ 200..=299), Value::Object(_)) = (status, &response["body"]) else { continue };
        let answer = &response["body"];
        // Rows as text or as bytes are not models.
        let is_new = seen.insert(format!("{} {answer}", case.op()));
        if !is_new || answer.get("text").is_some() || answer.get("base64").is_some() {
            continue;
        }
        let Ok(whole) = send(&command, status, answer) else { continue };
        let id = id(answer).filter(|id| whole.to_string().contains(&id.to_string()));
        for changed in changed(answer) {
            match send(&command, status, &changed.answer) {
                Err(_) => {
                    missed.insert(changed.field);
                }
                Ok(read) => {
                    let is_kept = id.is_none_or(|id| {
                        !changed.answer.to_string().contains(&id.to_string())
                            || read.to_string().contains(&id.to_string())
                    });
                    assert!(is_kept, "{}: {} without {}: {read}", recorded.place(), answer, changed.field);
                }
            }
        }
    }
    assert!(!cases.is_own() || seen.len() > 100, "{}", seen.len());
    compare(&missed, &IDENTITIES, cases.is_own());
}

/// What servers have left out.
#[test]
fn answers_of_older_servers_are_read() {
    let read = |command: Value, answer: Value| {
        let command: AnyCommand = serde_json::from_value(command).unwrap();
        send(&command, 200, &answer).unwrap_or_else(|error| panic!("{answer}: {error}"))
    };
    assert_eq!(read(json!({"list_databases": {}}), json!({"databases": null})), json!({"databases": []}));
    let tables = read(json!({"information_schema": {}}), json!({"tables": [{"table": "t", "synced": true}]}));
    assert_eq!(tables["tables"][0]["partition_by"], json!([]));
    let database = read(json!({"get_database": {"database_id": "db1"}}), json!({"id": "db1"}));
    assert_eq!((&database["id"], &database["default_schema"]), (&json!("db1"), &json!("")));
    let workspaces = json!({"workspaces": [{"public_id": "w1", "name": "main"}]});
    assert_eq!(read(json!({"list_workspaces": {}}), workspaces)["ok"], true);
    let rows = json!({"columns": ["n"], "nullable": [true], "rows": [[1], [2]], "row_count": 2, "query_run_id": "q1",
        "execution_time_ms": 3});
    let rows = read(json!({"query": {"query_request": {"sql": "SELECT 1"}}}), rows);
    assert_eq!((&rows["preview_row_count"], &rows["truncated"]), (&json!(2), &json!(false)));
    let dataset = read(json!({"get_dataset": {"id": "d1"}}), json!({"id": "d1", "label": "x"}));
    assert_eq!((&dataset["schema_name"], &dataset["latest_version"]), (&json!(""), &json!(0)));
}

/// A field of another type is an error; the error has the id of what was made.
#[test]
fn a_field_of_another_type_does_not_lose_the_id() {
    for (command, answer, id) in [
        (
            json!({"create_database": {"create_database_request": {}}}),
            json!({"id": "db1", "default_catalog": 7}),
            "db1",
        ),
        (
            json!({"create_database": {"create_database_request": {}}}),
            json!({"id": "db1", "expires_at": {"at": 1}}),
            "db1",
        ),
        (
            json!({"create_workspace": {"create_workspace_request": {"name": "w"}}}),
            json!({"ok": 1, "workspace": {"public_id": "w1"}}),
            "w1",
        ),
    ] {
        let command: AnyCommand = serde_json::from_value(command).unwrap();
        let error = send(&command, 201, &answer).unwrap_err();
        assert_eq!(error.resource(), Some(id), "{answer}: {error}");
        let text = error.to_string();
        assert!(text.contains("It was accepted") && text.contains(id), "{text}");
        assert!(!error.is_retryable());
    }
    let query: AnyCommand =
        serde_json::from_value(json!({"query": {"query_request": {"sql": "x"}}})).unwrap();
    let error = send(&query, 200, &json!({"query_run_id": "q1", "rows": {"a": 1}})).unwrap_err();
    assert_eq!(error.request_id(), Some("q1"), "{error}");
}
