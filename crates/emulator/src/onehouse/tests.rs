//! The emulator from outside: bytes in, bytes out.

use std::time::Duration;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::*;
use crate::Error;

mod faults;
mod state;
mod time;

/// A request with these headers; the status, the head and the body of the answer.
fn send(emulator: &Emulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.head);
        serde_json::from_str(&self.body).unwrap()
    }
}

fn submit(emulator: &Emulator, sql: &str) -> Answer {
    let body = json!({ "statement": sql }).to_string();
    send(emulator, "POST", "/v1/resource/", &emulator.identity().headers(), &body)
}

fn status(emulator: &Emulator, id: &str) -> Value {
    send(emulator, "GET", &format!("/v1/status/{id}"), &emulator.identity().headers(), "").json()
}

/// Submits and asks until the end; the last answer and how often it was asked for.
fn run(emulator: &Emulator, sql: &str) -> (Value, usize) {
    let id = submit(emulator, sql).json()["requestId"].as_str().unwrap().to_owned();
    for polls in 1.. {
        let status = status(emulator, &id);
        if status["apiStatus"] != "API_OPERATION_STATUS_PENDING" {
            return (status, polls);
        }
    }
    unreachable!()
}

#[test]
fn a_statement_is_pending_and_then_done() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let (done, polls) = run(&emulator, "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  MAX_OCU = 10");
    assert_eq!(polls, 3);
    assert_eq!(done["apiStatus"], "API_OPERATION_STATUS_SUCCESS");
    assert_eq!(done["apiResponse"]["name"], "prod");
    let (done, _) = run(&emulator, "DESCRIBE CLUSTER prod");
    assert_eq!(done["apiResponse"]["state"], "RUNNING");
    let (done, _) = run(&emulator, "DESCRIBE CLUSTER nope");
    assert_eq!(done["apiStatus"], "API_OPERATION_STATUS_FAILED");
    assert_eq!(done["apiResponse"]["error"], "NOT_FOUND");
    let (done, _) = run(&emulator, "CREATE CLUSTER x TYPE = 'Custom'");
    assert_eq!(done["apiStatus"], "API_OPERATION_STATUS_INVALID");

    let ledger = emulator.ledger();
    assert_eq!(ledger.len(), 4);
    assert_eq!(ledger[1].statement, "DESCRIBE CLUSTER prod");
    assert_eq!(ledger[1].parsed, parse("DESCRIBE CLUSTER prod").unwrap());
    let requests = emulator.requests();
    assert_eq!(requests.len(), 4 + 4 * 3);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str(), requests[0].status, requests[0].index),
        ("POST", "/v1/resource/", 200, 0)
    );
    assert_eq!(requests[0].request_id.as_deref(), Some(ledger[0].request_id.as_str()));
    assert_eq!(requests[1].request_id, requests[0].request_id);
    assert_eq!(requests[1].connection, 1);
    assert_eq!(emulator.connections(), 16);
}

#[test]
fn without_pending_polls_the_first_answer_is_the_last() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    assert_eq!(
        run(&emulator, "SHOW LAKES"),
        (json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": []}), 1)
    );
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let id = |seed| {
        let emulator = Emulator::builder().seed(seed).start().unwrap();
        submit(&emulator, "SHOW LAKES").json()["requestId"].clone()
    };
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn payloads_can_be_wrapped() {
    let emulator = Emulator::builder().shape(Shape::Wrapped).start().unwrap();
    run(&emulator, "CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a') CLUSTER = 'System'");
    let (done, _) = run(&emulator, "RUN JOB j");
    let id = done["apiResponse"]["runJobApiResponse"]["jobRunId"].as_str().unwrap();
    let (done, _) = run(&emulator, &format!("DESCRIBE JOB_RUN `{id}` JOB_NAME = 'j'"));
    assert_eq!(
        done["apiResponse"]["describeJobRunApiResponse"]["sparkJobRun"]["status"],
        "SPARK_JOB_RUN_STATUS_QUEUED"
    );
}

#[test]
fn a_bad_statement_is_not_taken_and_the_reason_is_in_a_header() {
    let emulator = Emulator::start().unwrap();
    for (sql, message) in [
        (
            "CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = '3'",
            "Invalid sql query: Encountered \"'3'\" at line 1, column 41 (offset 40): \
             expected an integer without quotes",
        ),
        (
            "SHOW\nGRÜN",
            "Invalid sql query: Encountered \"GR\" at line 2, column 1 (offset 5): expected CLUSTERS",
        ),
        ("100%", "Invalid sql query: Encountered \"100\" at line 1, column 1 (offset 0): expected CREATE"),
        ("DELETE CLUSTER %", "Invalid sql query: Encountered \"%25\" at line"),
        ("DELETE CLUSTER ü", "Invalid sql query: Encountered \"%C3%BC\" at line"),
    ] {
        let answer = submit(&emulator, sql);
        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{sql}");
        let got = answer.header("grpc-message").unwrap();
        assert!(got.starts_with(message), "{sql}: {got}");
    }
    assert!(emulator.ledger().is_empty());
    assert_eq!(
        emulator.requests()[0].statement.as_deref(),
        Some("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = '3'")
    );
    assert_eq!(emulator.requests()[0].request_id, None);
    let answer = send(&emulator, "POST", "/v1/resource/", &emulator.identity().headers(), "{}");
    assert_eq!(answer.status, 400);
    assert!(answer.header("grpc-message").unwrap().contains("statement"));
}

#[test]
fn every_header_is_needed() {
    let emulator = Emulator::start().unwrap();
    let headers = emulator.identity().headers();
    for (i, (name, _)) in headers.iter().enumerate() {
        let status = if i < 2 { 401 } else { 403 };
        let mut without = headers.to_vec();
        without.remove(i);
        let mut wrong = headers.to_vec();
        wrong[i].1 = "hunter2";
        for headers in [without, wrong] {
            for (method, path) in [("POST", "/v1/resource/"), ("GET", "/v1/status/x")] {
                let answer = send(&emulator, method, path, &headers, r#"{"statement": "SHOW LAKES"}"#);
                assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{name}");
                assert!(answer.header("grpc-message").unwrap().starts_with(name), "{name}");
            }
        }
    }
    assert!(emulator.ledger().is_empty());
    let shown = format!("{:?} {emulator:?} {:?}", emulator.requests(), emulator.ledger());
    assert!(!shown.contains("emulator-secret") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn there_are_two_endpoints() {
    let emulator = Emulator::start().unwrap();
    let headers = emulator.identity().headers();
    let statement = r#"{"statement": "SHOW LAKES"}"#;
    for (method, path, status, allow) in [
        ("POST", "/v1/resource", 404, None),
        ("POST", "/v1/resource//", 404, None),
        ("POST", "/v2/resource/", 404, None),
        ("GET", "/", 404, None),
        ("GET", "/v1/status/", 404, None),
        ("GET", "/v1/status/a/b", 404, None),
        ("GET", "/v1/status/nope", 404, None),
        ("GET", "/v1/status/%ff", 404, None),
        ("GET", "/v1/resource/", 405, Some("POST")),
        ("POST", "/v1/status/x", 405, Some("GET")),
    ] {
        let answer = send(&emulator, method, path, &headers, statement);
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}");
        assert!(answer.header("grpc-message").is_some(), "{method} {path}");
    }
    let id = submit(&emulator, "SHOW LAKES").json()["requestId"].as_str().unwrap().to_owned();
    // An id is one segment, percent-encoded or not.
    let encoded: String = id.bytes().map(|b| format!("%{b:02X}")).collect();
    assert_eq!(status(&emulator, &encoded)["apiStatus"], "API_OPERATION_STATUS_PENDING");
    assert_eq!(status(&emulator, &id)["apiStatus"], "API_OPERATION_STATUS_SUCCESS");
}

#[test]
fn too_many_requests_are_told_when_to_come_back() {
    let emulator = Emulator::builder().rate_limit(Some(0)).start().unwrap();
    let answer = submit(&emulator, "SHOW LAKES");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    assert!(emulator.ledger().is_empty());
}

#[test]
fn concurrent_statements_are_all_taken_once() {
    let emulator = Emulator::start().unwrap();
    std::thread::scope(|scope| {
        for i in 0..16 {
            let emulator = &emulator;
            scope.spawn(move || {
                for j in 0..8 {
                    assert_eq!(submit(emulator, &format!("CREATE SERVICE_PRINCIPAL p{i}-{j}")).status, 200);
                }
            });
        }
    });
    let statements: std::collections::BTreeSet<_> =
        emulator.ledger().into_iter().map(|taken| taken.statement.to_string()).collect();
    assert_eq!(statements.len(), 128);
    assert_eq!(run(&emulator, "SHOW SERVICE_PRINCIPALS").0["apiResponse"].as_array().unwrap().len(), 128);
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    let first = Emulator::start().unwrap();
    let address = first.url().strip_prefix("http://").unwrap().to_owned();
    let error = Emulator::builder().listen(&address).start().unwrap_err();
    assert!(matches!(error, Error::Listen { .. }));
    assert!(error.to_string().contains(&address), "{error}");
}

#[test]
fn an_identity_of_ones_own_is_what_counts() {
    let mut identity = Identity { api_secret: "other".to_owned(), ..Identity::default() };
    let emulator = Emulator::builder().identity(identity.clone()).listen("0.0.0.0:0").start().unwrap();
    assert!(emulator.url().starts_with("http://127.0.0.1:"), "{}", emulator.url());
    assert_eq!(emulator.credentials().user_uid(), "emulator-user");
    assert_eq!(submit(&emulator, "SHOW LAKES").status, 200);
    let headers = Identity::default();
    let answer =
        send(&emulator, "POST", "/v1/resource/", &headers.headers(), r#"{"statement": "SHOW LAKES"}"#);
    assert_eq!(answer.status, 401);
    identity.region = "a\nb".to_owned();
    let error = Emulator::builder().identity(identity).start().unwrap_err();
    assert!(matches!(error, Error::InvalidSetting { .. }));
}
