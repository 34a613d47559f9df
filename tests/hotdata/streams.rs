//! Streams of record batches: cancelling, deadlines and ids, in both modes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use controlplane::client::CancelToken;
use controlplane::hotdata::arrow::ArrowTable;
use controlplane::hotdata::{AsyncClient, Client};
use controlplane::http::{Headers, Request, Response};
use controlplane::transport::SendErrorKind;
use controlplane::{Error, ErrorKind, Progress};
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};
use crate::waits::credentials;

/// A stream of two batches: one in the first piece, the other in the second.
fn pieces() -> Vec<Vec<u8>> {
    let column = |numbers: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(numbers)) };
    let batch = |numbers| RecordBatch::try_from_iter([("n", column(numbers))]).unwrap();
    let first = batch(vec![1, 2]);
    let mut writer = StreamWriter::try_new(Vec::new(), &first.schema()).unwrap();
    writer.write(&first).unwrap();
    let split = writer.get_ref().len();
    writer.write(&batch(vec![3])).unwrap();
    writer.finish().unwrap();
    let mut first = writer.into_inner().unwrap();
    let second = first.split_off(split);
    vec![first, second]
}

/// A 200 with Arrow, whose connection breaks after these pieces if there is an error.
fn arrow(headers: &[(&'static str, &str)], pieces: Vec<Vec<u8>>, end: Option<SendErrorKind>) -> Reply {
    let mut all = Headers::new();
    all.push("Content-Type", "application/vnd.apache.arrow.stream");
    for (name, value) in headers {
        all.push(*name, *value);
    }
    Reply::Pieces(200, all, pieces, end)
}

fn whole(status: u16, body: &Value) -> Reply {
    Reply::Whole(Response::new(status, Headers::new(), body.to_string()))
}

fn run(status: &str) -> Value {
    json!({"id": "qrun1", "status": status, "created_at": "2026-03-01T12:00:00Z", "sql_text": "S", "sql_hash": "h",
        "snapshot_id": "s", "result_id": "r1"})
}

fn ticket() -> Value {
    json!({"query_run_id": "qrun1", "status": "running", "status_url": "/v1/query-runs/qrun1"})
}

fn blocking(transport: &Scripted) -> (Client, Leaping) {
    let clock = Leaping::new();
    let builder = Client::builder().credentials(credentials()).transport(transport.clone());
    (builder.clock(clock.clone()).build().unwrap(), clock)
}

/// Runs a test with a future client.
fn with_futures<F: Future>(transport: &Scripted, test: impl FnOnce(AsyncClient) -> F) -> F::Output {
    let builder = AsyncClient::builder().credentials(credentials()).transport(transport.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(builder.build().unwrap()))
}

fn has_ids(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert_eq!((error.request_id(), error.resource()), (Some("qrun1"), Some("r1")), "{error}");
    assert!(!error.is_retryable(), "{error}");
}

#[test]
fn a_token_ends_a_stream_and_the_error_has_the_ids() {
    let headers = [("x-query-run-id", "qrun1"), ("x-result-id", "r1")];
    let transport = Scripted::new(move |_, _| arrow(&headers, pieces(), None));
    let token = CancelToken::new();
    let query = blocking(&transport).0.query("SELECT n").arrow();
    let mut reader = query.cancel_with(&token).send().unwrap();
    assert_eq!(reader.next().unwrap().unwrap().num_rows(), 2);
    token.cancel();
    has_ids(&reader.next().unwrap().unwrap_err());
    assert!(reader.next().is_none());

    let token = CancelToken::new();
    with_futures(&transport, async |client| {
        let query = client.query("SELECT n").arrow().cancel_with(&token);
        let mut stream = query.send().await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap().num_rows(), 2);
        token.cancel();
        has_ids(&stream.next().await.unwrap().unwrap_err());
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn a_token_ends_what_comes_before_the_rows_too() {
    let token = CancelToken::new();
    let canceller = token.clone();
    let transport = Scripted::new(move |_, i| match i % 3 {
        0 => whole(202, &ticket()),
        1 => {
            canceller.cancel();
            whole(200, &run("succeeded"))
        }
        _ => panic!("a request after the call was cancelled"),
    });
    let error = blocking(&transport).0.query("SELECT n").arrow().cancel_with(&token).send().unwrap_err();
    // The run was found: it was cancelled before its result was opened.
    has_ids(&error);
    assert_eq!(transport.sent().len(), 2);
    // Nothing is sent by a call that was cancelled before.
    let transport = Scripted::new(|_, _| Reply::Fails(SendErrorKind::Connect, false));
    let token = CancelToken::new();
    token.cancel();
    let error = blocking(&transport).0.results().arrow("r1").cancel_with(&token).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some("r1")));
    assert!(transport.sent().is_empty());
}

#[test]
fn one_deadline_covers_the_query_its_run_and_its_result() {
    let transport = Scripted::new(|request: &Request, _| match &*request.path {
        "/v1/query" => whole(202, &ticket()),
        _ => whole(200, &run("running")),
    });
    let (client, clock) = blocking(&transport);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = seen.clone();
    let call = client.query("SELECT n").arrow().timeout(Duration::from_secs(10));
    let call = call.on_progress(move |progress| {
        if let Progress::Submitted { id } = progress {
            sees.lock().unwrap().push(id.clone());
        }
    });
    let error = call.send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationTimeout, Some("qrun1")));
    assert!(!error.is_retryable());
    assert!(clock.slept.lock().unwrap().iter().sum::<Duration>() <= Duration::from_secs(10));
    assert_eq!(*seen.lock().unwrap(), ["qrun1"]);
}

#[test]
fn a_connection_that_breaks_is_the_last_item() {
    let broken = || arrow(&[], pieces()[..1].to_vec(), Some(SendErrorKind::Closed));
    let transport = Scripted::new(move |_, _| broken());
    let mut reader = blocking(&transport).0.results().stream_arrow("r1").send().unwrap();
    assert_eq!(reader.schema().fields().len(), 1);
    assert!(reader.next().unwrap().is_ok());
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::Transport, Some("r1")));
    // Reading a result changes nothing.
    assert!(error.is_retryable());
    assert!(reader.next().is_none());
    with_futures(&transport, async |client| {
        let error = client.results().arrow("r1").send().await.unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Transport, Some("r1")));
    });
}

/// Writers may leave the end marker out. Without it the number of rows that the response announces decides.
#[test]
fn a_stream_that_ends_well_without_its_end_marker_is_whole() {
    let bytes = pieces().concat();
    let unmarked = &bytes[..bytes.len() - 8];
    let read = |bytes: &[u8], rows: Option<&'static str>, end: Option<SendErrorKind>| {
        let headers: Vec<_> = rows.map(|rows| ("x-total-row-count", rows)).into_iter().collect();
        let bytes = bytes.to_vec();
        let transport = Scripted::new(move |_, _| arrow(&headers, vec![bytes.clone()], end));
        let blocking = blocking(&transport).0.results().arrow("r1").send();
        let future = with_futures(&transport, async |client| client.results().arrow("r1").send().await);
        let rows = |result: Result<ArrowTable, Error>| {
            result.map(|table| table.num_rows()).map_err(|error| error.kind())
        };
        let both = [rows(blocking), rows(future)];
        assert_eq!(both[0], both[1]);
        both[0]
    };
    assert_eq!(&bytes[bytes.len() - 8..], [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    for rows in [None, Some("3"), Some("2")] {
        assert_eq!(read(&bytes, rows, None), Ok(3), "{rows:?}");
        assert_eq!(read(unmarked, rows, None), Ok(3), "{rows:?}");
    }
    // Rows are missing, the last message is not whole, or the connection broke.
    assert!(read(unmarked, Some("4"), None).is_err());
    assert!(read(&unmarked[..unmarked.len() - 1], None, None).is_err());
    assert!(read(&bytes[..bytes.len() - 4], Some("4"), None).is_err());
    assert!(read(unmarked, None, Some(SendErrorKind::Closed)).is_err());
}
