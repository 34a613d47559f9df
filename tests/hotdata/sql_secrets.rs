//! Secrets in SQL do not show where the service repeats the statement.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use controlplane::Error;
use controlplane::hotdata::{Client, Credentials};
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

const SQL: &str = "CREATE SECRET pg (TYPE postgres, HOST 'db.corp.example', PASSWORD 'hunter2-hunter2')";
const ATTACH: &str = "ATTACH 'postgres://me:hunter2-hunter2@db/shop' AS shop";

/// A client to which these responses are given in order.
fn client(replies: Vec<(u16, Value)>) -> Client {
    let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
    let transport = Scripted::new(move |_, _| {
        let (status, body) = replies.lock().unwrap().pop_front().unwrap();
        Reply::text(status, body.to_string())
    });
    let credentials = Credentials::builder()
        .env(Vec::<(String, String)>::new())
        .api_key("hd_key_1234")
        .workspace_id("ws_1")
        .database_id("db_1");
    Client::builder()
        .credentials(credentials.build().unwrap())
        .transport(transport)
        .clock(Leaping::new())
        .build()
        .unwrap()
}

#[track_caller]
fn shows_no_secret(error: &Error) {
    let shown =
        format!("{error} {error:?} {:?} {:?} {:?}", error.body(), error.api_response(), error.api_message());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("[redacted]"), "{shown}");
}

#[test]
fn a_rejected_statement_is_repeated_without_its_secrets() {
    for sql in [SQL, ATTACH] {
        let body = json!({"error": {"code": "BAD_REQUEST", "message": format!("syntax error in: {sql}")}});
        shows_no_secret(&client(vec![(400, body.clone())]).query(sql).send().unwrap_err());
        shows_no_secret(&client(vec![(400, body.clone())]).query(sql).and_wait().send().unwrap_err());
        shows_no_secret(&client(vec![(400, body)]).saved_queries().create("s", sql).send().unwrap_err());
    }
}

#[test]
fn a_failed_run_is_reported_without_the_secrets_of_its_statement() {
    for sql in [SQL, ATTACH] {
        let ticket =
            json!({"query_run_id": "qrun1", "status": "running", "status_url": "/v1/query-runs/qrun1"});
        let run = json!({
            "id": "qrun1", "status": "failed", "created_at": "2026-03-01T12:00:00Z", "sql_text": sql, "sql_hash": "h",
            "snapshot_id": "s", "error_message": format!("permission denied: {sql}"),
        });
        let error = client(vec![(202, ticket), (200, run.clone())]).query(sql).and_wait().send().unwrap_err();
        shows_no_secret(&error);
        // The program that waits may be another one than that which has sent the statement.
        let waits = client(vec![(200, run)]);
        shows_no_secret(&waits.query_runs().wait_for_query_run("qrun1").send().unwrap_err());
    }
}
