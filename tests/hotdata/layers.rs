//! What stands above the plain calls of Hotdata, without a server and in no time: queries in the background,
//! loads with their jobs, waits, what stops them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use controlplane::client::CancelToken;
use controlplane::hotdata::arrow::QueryInfo;
use controlplane::hotdata::uploads::UploadFailure;
use controlplane::hotdata::{
    BulkCreateDatabasesRequest, Client, CreateEmbeddingProviderRequest, CreateIndexRequest, Credentials,
    EmbeddingProviderType, JobEnd, JobStatus, LoadMode, Query, QueryOutcome, QueryRequest, ResultFailure,
};
use controlplane::http::{Headers, Request, Response};
use controlplane::transport::SendErrorKind;
use controlplane::{ErrorKind, Progress};
use serde_json::{Value, json};

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

type Step = Box<dyn Fn(&Request) -> Reply + Send>;

/// Gives its replies in order; one request too many is a panic.
#[derive(Clone)]
struct Script {
    left: Arc<Mutex<VecDeque<Step>>>,
    transport: Scripted,
}

impl Default for Script {
    fn default() -> Self {
        let left: Arc<Mutex<VecDeque<Step>>> = Arc::default();
        let steps = left.clone();
        let transport = Scripted::new(move |request, _| {
            let step = steps.lock().unwrap().pop_front();
            step.unwrap_or_else(|| panic!("one request too many: {request:?}"))(request)
        });
        Self { left, transport }
    }
}

impl Script {
    fn then(self, step: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        self.left.lock().unwrap().push_back(Box::new(step));
        self
    }

    fn json(self, status: u16, body: Value) -> Self {
        self.then(move |_| Reply::text(status, body.to_string()))
    }

    fn error(self, kind: SendErrorKind, is_sent: bool) -> Self {
        self.then(move |_| Reply::Fails(kind, is_sent))
    }

    fn sent(&self) -> Vec<Request> {
        self.transport.sent()
    }

    fn paths(&self) -> Vec<String> {
        let sent = self.sent();
        sent.iter().map(|request| format!("{} {}", request.method.as_str(), request.path)).collect()
    }

    fn body(&self, i: usize) -> Value {
        serde_json::from_slice(self.sent()[i].body.as_ref().unwrap()).unwrap()
    }

    /// All replies were asked for.
    fn check_over(&self) {
        assert_eq!(self.left.lock().unwrap().len(), 0, "replies are left: {:?}", self.paths());
    }
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    let mut all = Headers::new();
    for (name, value) in headers {
        all.push(*name, *value);
    }
    Reply::Whole(Response::new(status, all, body))
}

/// An Arrow stream that comes byte by byte.
fn in_pieces(bytes: &[u8]) -> Reply {
    let mut headers = Headers::new();
    headers.push(ARROW.0, ARROW.1);
    Reply::Pieces(200, headers, bytes.iter().map(|byte| vec![*byte]).collect(), None)
}

/// The pauses so far, in seconds.
fn slept(clock: &Leaping) -> Vec<f64> {
    clock.slept.lock().unwrap().iter().map(Duration::as_secs_f64).collect()
}

fn client(script: &Script) -> (Client, Leaping) {
    let clock = Leaping::new();
    let credentials = Credentials::builder()
        .env(Vec::<(String, String)>::new())
        .api_key("hd_hunter2")
        .workspace_id("ws_1")
        .database_id("db_1");
    let client = Client::builder()
        .credentials(credentials.build().unwrap())
        .transport(script.transport.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    (client, clock)
}

fn run(status: &str, more: Value) -> Value {
    let mut run = json!({
        "id": "qrun1", "status": status, "created_at": "2026-03-01T12:00:00Z", "sql_text": "S", "sql_hash": "h",
        "snapshot_id": "s",
    });
    run.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run
}

fn ticket() -> Value {
    json!({"query_run_id": "qrun1", "status": "running", "status_url": "/v1/query-runs/qrun1"})
}

fn page(rows: Value, total: i64) -> Value {
    json!({"result_id": "r1", "status": "ready", "columns": ["n"], "nullable": [false], "rows": rows,
        "row_count": 2, "total_row_count": total})
}

fn job(job_type: &str, status: &str, more: Value) -> Value {
    let mut job = json!({"id": "job1", "job_type": job_type, "status": status, "attempts": 1,
        "created_at": "2026-03-01T12:00:00Z"});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    job
}

fn loaded() -> Value {
    json!({"connection_id": "c1", "schema_name": "main", "table_name": "orders", "row_count": 5_000_000_000_u64,
        "arrow_schema_json": "{}"})
}

fn job_ticket() -> Value {
    json!({"id": "job1", "status": "pending", "status_url": "/v1/jobs/job1"})
}

#[test]
fn a_query_in_the_background_is_waited_for_by_its_run() {
    let script = Script::default()
        .json(202, ticket())
        .json(200, run("queued", json!({})))
        .json(503, json!({"error": {"code": "SERVICE_UNAVAILABLE", "message": "later"}}))
        .json(200, run("reticulating", json!({})))
        .json(200, run("succeeded", json!({"result_id": "r1", "row_count": 3, "execution_time_ms": 7})))
        .json(200, page(json!([[1], [2]]), 3))
        .json(200, page(json!([[3]]), 3));
    let (client, _) = client(&script);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = heard.clone();
    let done = client
        .query("SELECT n FROM t ORDER BY n")
        .and_wait()
        .page_size(2)
        .on_progress(move |progress| {
            if let Progress::Submitted { id } = progress {
                hears.lock().unwrap().push(id.clone());
            }
        })
        .send()
        .unwrap();
    assert_eq!(done.rows, [[json!(1)], [json!(2)], [json!(3)]]);
    assert_eq!((done.columns, done.nullable), (vec!["n".to_owned()], vec![false]));
    assert_eq!((done.total_row_count, done.execution_time_ms, done.truncated), (Some(3), 7, false));
    assert_eq!(script.body(0)["async"], true);
    assert_eq!(script.paths()[1..5], ["GET /v1/query-runs/qrun1"; 4]);
    assert_eq!(script.paths()[5..], ["GET /v1/results/r1"; 2]);
    for request in &script.sent()[1..] {
        assert_eq!(request.headers.text("x-database-id").as_deref(), Some("db_1"));
    }
    assert_eq!(*heard.lock().unwrap(), ["qrun1"]);
    script.check_over();
}

#[test]
fn a_query_that_is_quick_after_all_needs_no_wait() {
    let rows = json!({"columns": ["n"], "nullable": [false], "rows": [[1]], "preview_row_count": 1, "row_count": 1,
        "total_row_count": 1, "truncated": false, "query_run_id": "qrun1", "execution_time_ms": 1});
    let script = Script::default().json(200, rows);
    let (client, clock) = client(&script);
    assert_eq!(client.query("SELECT 1").and_wait().send().unwrap().rows, [[json!(1)]]);
    assert!(slept(&clock).is_empty());
}

#[test]
fn how_runs_end_badly() {
    for (status, retryable) in [("failed", false), ("cancelled", false), ("interrupted", true)] {
        let bad = run(status, json!({"error_message": "server restarted"}));
        let script = Script::default().json(202, ticket()).json(200, bad.clone());
        let error = client(&script).0.query("SELECT 1").and_wait().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationFailed, "{status}");
        assert_eq!((error.request_id(), error.api_status()), (Some("qrun1"), Some(status)));
        assert_eq!(error.api_message(), Some("server restarted"));
        assert_eq!(error.is_retryable(), retryable, "{status}");
        let script = Script::default().json(200, bad);
        let error = client(&script).0.query_runs().wait_for_query_run("qrun1").send().unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OperationFailed, retryable), "{status}");
    }
}

#[test]
fn a_run_can_succeed_without_a_result() {
    let saved = run("succeeded", json!({"warning_message": "storage offline"}));
    let script = Script::default().json(200, saved.clone());
    let done =
        client(&script).0.query_runs().wait_for_query_run("qrun1").database_id("other").send().unwrap();
    assert_eq!((done.result_id, done.warning_message.as_deref()), (None, Some("storage offline")));
    assert_eq!(script.sent()[0].headers.text("x-database-id").as_deref(), Some("other"));
    let script = Script::default().json(202, ticket()).json(200, saved);
    let error = client(&script).0.query("SELECT 1").and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationFailed, Some("qrun1")));
    let unavailable = ResultFailure::Unavailable { warning: Some("storage offline".to_owned()) };
    assert_eq!(error.detail(), Some(&unavailable));
    assert!(error.to_string().contains("storage offline"));
}

#[test]
fn a_status_that_is_not_known_is_told_when_the_time_is_over() {
    let mut script = Script::default();
    for _ in 0..6 {
        script = script.json(200, run("reticulating", json!({})));
    }
    let (client, clock) = client(&script);
    let error =
        client.query_runs().wait_for_query_run("qrun1").timeout(Duration::from_secs(10)).send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationTimeout, Some("reticulating")));
    assert_eq!(error.request_id(), Some("qrun1"));
    assert_eq!(slept(&clock)[..4], [0.5, 1.0, 2.0, 4.0]);
    assert!(slept(&clock).iter().sum::<f64>() <= 10.0);
}

#[test]
fn submitted_queries_give_their_tickets() {
    let script = Script::default().json(202, ticket());
    let outcome = client(&script).0.submit_query("SELECT 1").send().unwrap();
    assert!(matches!(&outcome, QueryOutcome::Submitted(ticket) if ticket.query_run_id == "qrun1"));
    assert_eq!(script.body(0), json!({"sql": "SELECT 1", "async": true}));
}

#[test]
fn jobs_end_well_badly_or_in_part() {
    let part = json!({"error_message": "3 rows skipped", "result": loaded()});
    let script = Script::default()
        .json(200, job("managed_load", "pending", json!({})))
        .json(200, job("managed_load", "partially_succeeded", part.clone()));
    let done = client(&script).0.jobs().wait_for_job("job1").send().unwrap();
    assert_eq!(done.status, JobStatus::PartiallySucceeded);
    let script = Script::default()
        .json(200, job("managed_load", "failed", json!({"error_message": "no such column"})));
    let error = client(&script).0.jobs().wait_for_job("job1").send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationFailed, Some("job1")));
    assert!(error.to_string().contains("no such column"));
    let script =
        Script::default().json(202, job_ticket()).json(200, job("managed_load", "partially_succeeded", part));
    let load = client(&script).0.databases().load("db_1", "main", "orders", LoadMode::Append).upload_id("u1");
    match load.and_wait().send().unwrap() {
        JobEnd::PartiallySucceeded { result, error_message } => {
            assert_eq!((result.row_count, error_message.as_deref()), (5_000_000_000, Some("3 rows skipped")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_load_waits_for_the_lock_and_then_for_its_job() {
    let locked = json!({"error": {"code": "RESOURCE_LOCKED", "message": "busy"}});
    let script = Script::default()
        .then(move |_| answer(409, &[("retry-after", "5")], locked.to_string()))
        .json(202, job_ticket())
        .json(200, job("managed_load", "running", json!({})))
        .json(200, job("managed_load", "succeeded", json!({"result": loaded()})));
    let (client, clock) = client(&script);
    let load =
        client.connections().load("c1", "main", "orders", LoadMode::Upsert).upload_id("u1").key(["id"]);
    let done = load.and_wait().send().unwrap();
    assert!(matches!(done, JobEnd::Succeeded(loaded) if loaded.table_name == "orders"));
    assert_eq!(script.body(1), json!({"mode": "upsert", "upload_id": "u1", "key": ["id"], "async": true}));
    assert_eq!(script.paths()[2..], ["GET /v1/jobs/job1"; 2]);
    assert!((5.0..=7.5).contains(&slept(&clock)[0]), "{:?}", slept(&clock));
}

#[test]
fn a_retry_after_of_zero_leaves_the_delays_of_the_schedule() {
    let locked = json!({"error": {"code": "RESOURCE_LOCKED", "message": "busy"}}).to_string();
    let mut script = Script::default();
    for _ in 0..12 {
        let locked = locked.clone();
        script = script.then(move |_| answer(409, &[("retry-after", "0")], locked.clone()));
    }
    let (client, clock) = client(&script);
    let load = client.databases().load("db_1", "main", "orders", LoadMode::Append).upload_id("u1");
    assert_eq!(load.send().unwrap_err().kind(), ErrorKind::Conflict);
    let slept = slept(&clock);
    // 1 s, 2 s, 4 s, …, each with up to a half more: until another delay would end after the 60 s of the
    // policy.
    assert!((1.0..=1.5).contains(&slept[0]) && (2.0..=3.0).contains(&slept[1]), "{slept:?}");
    let total: f64 = slept.iter().sum();
    assert!((38.0..=60.0).contains(&total), "{slept:?}");
}

#[test]
fn every_followed_query_needs_a_database_before_it_is_sent() {
    let script = Script::default();
    let credentials =
        Credentials::builder().env(Vec::<(String, String)>::new()).api_key("hd_hunter2").workspace_id("ws_1");
    let builder = Client::builder().credentials(credentials.build().unwrap());
    let client = builder.transport(script.transport.clone()).build().unwrap();
    let query = || Query::new(QueryRequest::new("SELECT 1"));
    let errors = [
        client.query("SELECT 1").send().unwrap_err(),
        client.follow_query(query()).send().unwrap_err(),
        client.query("SELECT 1").and_wait().send().unwrap_err(),
        // It waits for a run, whatever becomes of its rows.
        client.query("SELECT 1").follow(false).and_wait().send().unwrap_err(),
        client.submit_query("SELECT 1").send().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.kind(), error.missing_fields()),
            (ErrorKind::InvalidArgument, &["database_id"][..])
        );
        assert!(error.to_string().contains("HOTDATA_DATABASE"), "{error}");
    }
    assert!(script.sent().is_empty());
}

#[test]
fn a_load_is_done_at_once_or_not_told_what_came_of_it() {
    for is_set_first in [true, false] {
        let script = Script::default().json(200, loaded());
        let load = client(&script).0.databases().load("db_1", "main", "orders", LoadMode::Replace);
        let load = match is_set_first {
            true => load.result_id("r1").and_wait(),
            false => load.and_wait().result_id("r1"),
        };
        assert!(matches!(load.send().unwrap(), JobEnd::Succeeded(_)));
        // Never in the background.
        assert_eq!(script.body(0), json!({"mode": "replace", "result_id": "r1"}));
    }
    let script =
        Script::default().json(202, job_ticket()).json(200, job("managed_load", "succeeded", json!({})));
    let load =
        client(&script).0.databases().load("db_1", "main", "orders", LoadMode::Replace).upload_id("u1");
    let error = load.and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::UnexpectedResponse, Some("job1")));
}

#[test]
fn only_a_load_with_a_key_is_sent_again_when_its_answer_was_lost() {
    let load = |script: &Script| {
        client(script).0.databases().load("db_1", "main", "t", LoadMode::Append).data("a\n1\n")
    };
    let script = Script::default().error(SendErrorKind::Closed, true).json(200, loaded());
    assert!(load(&script).idempotency_key("k1").send().is_ok());
    assert_eq!(script.body(0), script.body(1));
    let script = Script::default().error(SendErrorKind::Closed, true);
    assert_eq!(load(&script).send().unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    // It is not documented what the service does with an empty key.
    let script = Script::default().error(SendErrorKind::Closed, true);
    assert_eq!(load(&script).idempotency_key("").send().unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    let script = Script::default().error(SendErrorKind::Closed, true);
    let request = BulkCreateDatabasesRequest::new(3).idempotency_key("");
    let error = client(&script).0.databases().bulk_create(request).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let script = Script::default();
    let error = load(&script).upload_id("u1").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(script.sent().is_empty());
}

#[test]
fn a_query_is_not_sent_again_when_its_answer_was_lost() {
    let script = Script::default().error(SendErrorKind::Connect, false).error(SendErrorKind::Timeout, true);
    let error = client(&script).0.query("SELECT 1").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    script.check_over();
}

#[test]
fn indexes_and_databases_are_waited_for_by_their_jobs() {
    let index = json!({"index_name": "i1", "index_type": "sorted", "columns": ["a"], "status": "ready",
        "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"});
    let script = Script::default()
        .json(202, job_ticket())
        .json(200, job("create_index", "succeeded", json!({"result": index.clone()})));
    let create = |script: &Script| {
        client(script).0.indexes().create("c1", "main", "t", CreateIndexRequest::new("i1", ["a"])).and_wait()
    };
    assert_eq!(create(&script).send().unwrap().into_result().index_name, "i1");
    assert_eq!(script.body(0)["async"], true);
    let script = Script::default().json(201, index);
    assert_eq!(create(&script).send().unwrap().into_result().index_name, "i1");

    let batch = json!({"batch_id": "b1", "count": 250, "created_count": 0, "cancel_requested": false});
    let mut with_job = batch.clone();
    with_job["job_id"] = "job1".into();
    let result = json!({"batch_id": "b1", "requested": 250, "created": 249, "cancelled": true});
    let end = job("bulk_create_databases", "partially_succeeded", json!({"result": result}));
    let script = Script::default().json(202, with_job).json(200, end);
    let create = |script: &Script| {
        client(script).0.databases().bulk_create(BulkCreateDatabasesRequest::new(250)).and_wait()
    };
    let done = create(&script).send().unwrap();
    assert!(matches!(done, JobEnd::PartiallySucceeded { result, .. } if result.created == 249));
    let error = create(&Script::default().json(202, batch)).send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some("b1")));
}

fn arrow_stream(numbers: &[i64]) -> (RecordBatch, Vec<u8>) {
    let column: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
    let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    (batch, bytes)
}

const ARROW: (&str, &str) = ("content-type", "application/vnd.apache.arrow.stream");

#[test]
fn rows_come_as_arrow_straight_from_the_query() {
    let (batch, bytes) = arrow_stream(&[1, 2, 3]);
    let headers =
        [ARROW, ("x-query-run-id", "qrun1"), ("x-total-row-count", "3"), ("x-execution-time-ms", "12")];
    let busy = json!({"error": {"code": "OVERLOADED", "message": "busy"}});
    let script = Script::default().json(429, busy).then(move |_| answer(200, &headers, bytes.clone()));
    let table = client(&script).0.query("SELECT n").arrow().send().unwrap().read_all().unwrap();
    assert_eq!(table.batches, [batch]);
    assert_eq!(table.info.total_row_count, Some(3));
    let mut info = QueryInfo::default();
    (info.query_run_id, info.execution_time_ms) = (Some("qrun1".to_owned()), Some(12));
    assert_eq!(table.info.query, Some(info));
    let asked = &script.sent()[1];
    assert_eq!(asked.headers.text("accept").as_deref(), Some(ARROW.1));
    assert_eq!(asked.headers.text("accept-encoding").as_deref(), Some("identity"));
}

#[test]
fn rows_that_are_too_many_for_the_answer_come_as_arrow_from_the_result() {
    let (batch, bytes) = arrow_stream(&[1, 2, 3]);
    let script = Script::default()
        .then(|_| answer(202, &[("x-result-id", "r1")], ticket().to_string()))
        .json(200, run("running", json!({})))
        .json(200, run("succeeded", json!({})))
        .then(move |_| in_pieces(&bytes));
    let table = client(&script).0.query("SELECT n").arrow().send().unwrap().read_all().unwrap();
    assert_eq!(table.batches, [batch]);
    let query = table.info.query.unwrap();
    assert_eq!((query.query_run_id.as_deref(), query.result_id.as_deref()), (Some("qrun1"), Some("r1")));
    assert_eq!(script.paths()[3], "GET /v1/results/r1");
    assert_eq!(script.sent()[3].query, [("format".to_owned(), "arrow".to_owned())]);
}

#[test]
fn a_query_whose_rows_break_off_is_not_said_to_be_good_for_another_time() {
    let (_, bytes) = arrow_stream(&[1, 2, 3]);
    let cut = bytes[..bytes.len() - 9].to_vec();
    for (id, advice) in [(Some("r1"), "stream_arrow"), (None, "not saved")] {
        let headers: Vec<_> = [ARROW].into_iter().chain(id.map(|id| ("x-result-id", id))).collect();
        let reply = answer(200, &headers, cut.clone());
        let script = Script::default().then(move |_| reply.clone());
        let error = client(&script).0.query("SELECT n").arrow().send().unwrap().read_all().unwrap_err();
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(error.resource(), id);
        let told = error.to_string();
        assert!(told.contains("The query ran") && told.contains(advice), "{told}");
    }
    // Something else than rows says nothing about whether it ran.
    let html = answer(200, &[("content-type", "text/html")], "<html>");
    let script = Script::default().then(move |_| html.clone());
    let error = client(&script).0.query("SELECT n").arrow().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}

#[test]
fn what_was_begun_is_not_said_to_be_good_for_another_time() {
    let truncated = json!({"columns": ["n"], "nullable": [false], "rows": [[1]], "row_count": 1, "preview_row_count": 1,
        "total_row_count": 2, "truncated": true, "query_run_id": "qrun1", "result_id": "r1", "execution_time_ms": 1});
    let busy = json!({"error": {"code": "OVERLOADED", "message": "busy"}});
    let mut script = Script::default().json(200, truncated).json(200, page(json!([]), 2));
    for _ in 0..4 {
        script = script.json(429, busy.clone());
    }
    let error = client(&script).0.query("INSERT").send().unwrap_err();
    assert_eq!((error.status(), error.is_retryable()), (Some(429), false));
    assert_eq!((error.request_id(), error.resource()), (Some("qrun1"), Some("r1")));
    assert!(error.to_string().contains("do not start it again"), "{error}");

    let pending = |script: Script, more: &dyn Fn() -> Value| {
        (0..200).fold(script, |script, _| script.json(200, more()))
    };
    let script = Script::default().json(202, job_ticket());
    let script = pending(script, &|| job("managed_load", "running", json!({})));
    let load = client(&script).0.databases().load("db_1", "main", "orders", LoadMode::Append).upload_id("u");
    let error = load.and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OperationTimeout, false));
    let script =
        pending(Script::default().json(202, job_ticket()), &|| job("create_index", "running", json!({})));
    let request = CreateIndexRequest::new("i", ["a"]);
    let error = client(&script).0.indexes().create("c", "s", "t", request).and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::OperationTimeout, false));
}

#[test]
fn what_a_success_repeats_of_secrets_does_not_show() {
    // A page of something in between that shows what it was sent.
    let page = "<html>Authorization: Bearer hd_key_1234, api_key=sk-hunter2</html>";
    let script = Script::default().then(move |_| answer(201, &[], page));
    let request =
        CreateEmbeddingProviderRequest::new("p", EmbeddingProviderType::Service).api_key("sk-hunter2");
    let error = client(&script).0.embedding_providers().create(request).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let shown = format!("{error} {error:?} {:?}", error.body());
    assert!(shown.contains("<html>") && !shown.contains("hunter2"), "{shown}");
    // Nor does it show in the error about a wrong type.
    let script = Script::default().json(
        201,
        json!({"id": "i", "name": "n", "provider_type": "p", "config": {},
        "created_at": "sk-hunter2"}),
    );
    let request =
        CreateEmbeddingProviderRequest::new("p", EmbeddingProviderType::Service).api_key("sk-hunter2");
    let error = client(&script).0.embedding_providers().create(request).send().unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.body());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_is_no_arrow_is_not_taken_for_it() {
    let html = answer(200, &[("content-type", "text/html")], "<html>");
    let script = Script::default().then(move |_| html.clone());
    let error = client(&script).0.results().arrow("r1").send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(200)));
    let (_, bytes) = arrow_stream(&[1]);
    let packed = answer(200, &[ARROW, ("content-encoding", "gzip")], bytes.clone());
    let script = Script::default().then(move |_| packed.clone());
    let error = client(&script).0.results().arrow("r1").send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(200)));
    let cut = answer(200, &[ARROW], bytes[..bytes.len() - 9].to_vec());
    let script = Script::default().then(move |_| cut.clone());
    let error = client(&script).0.results().arrow("r1").send().unwrap_err();
    assert_eq!((error.kind(), error.resource()), (ErrorKind::UnexpectedResponse, Some("r1")));
    let pending = json!({"status": "processing", "result_id": "r1"}).to_string();
    let script = Script::default().then(move |_| answer(202, &[("retry-after", "3")], pending.clone()));
    let error = client(&script).0.results().stream_arrow("r1").send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::NotReady, Some("processing")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
}

#[test]
fn a_token_ends_waits_and_what_is_under_way() {
    let token = CancelToken::new();
    let cancels = token.clone();
    let script = Script::default().json(200, run("running", json!({}))).then(move |_| {
        cancels.cancel();
        answer(200, &[], run("running", json!({})).to_string())
    });
    let error =
        client(&script).0.query_runs().wait_for_query_run("qrun1").cancel_with(&token).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    // From then on nothing begins.
    let script = Script::default();
    let error = client(&script).0.query("SELECT 1").cancel_with(&token).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(script.sent().is_empty());
    // What may have been taken stays unknown.
    let token = CancelToken::new();
    let cancels = token.clone();
    let script = Script::default().then(move |request| {
        assert!(!request.interrupt.as_ref().unwrap().is_tripped());
        cancels.cancel();
        Reply::Fails(SendErrorKind::Closed, true)
    });
    let error = client(&script).0.query("SELECT 1").cancel_with(&token).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}

#[test]
fn the_token_of_an_upload_ends_its_load_too() {
    let token = CancelToken::new();
    let cancels = token.clone();
    let session = json!({"upload_id": "u1", "mode": "single", "finalize_token": "token-1234", "headers": {},
        "url": "https://storage.example/u1"});
    let finished =
        json!({"upload_id": "u1", "size_bytes": 1, "status": "ready", "created_at": "2026-03-01T12:00:00Z"});
    let script = Script::default().json(201, session).json(200, json!({})).then(move |_| {
        cancels.cancel();
        answer(200, &[], finished.to_string())
    });
    let client = client(&script).0;
    let load = client.databases().load("db_1", "main", "t", LoadMode::Append);
    let error = client.uploads().upload_bytes("a").cancel_with(&token).and_load(load).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.detail::<UploadFailure>().unwrap().upload_id.as_deref(), Some("u1"));
    assert_eq!(error.resource(), Some("u1"));
    assert_eq!(script.sent().len(), 3);
}
