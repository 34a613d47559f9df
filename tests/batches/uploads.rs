//! Uploads with their loads as calls of batches, in both modes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::{CallState, CancelToken};
use controlplane::hotdata::uploads::{PartRetry, UploadFailure, UploadFailureKind};
use controlplane::hotdata::{
    AnyLoad, AnyOutput, AsyncClient, Batch, Blocking, Client, ClientBuilder, CreateDatabaseRequest,
    Credentials, Finished, JobEnd, LoadDatabaseTable, LoadManagedTable, LoadManagedTableRequest, LoadMode,
    PlanCommand, UploadAndLoadFile, client,
};
use controlplane::plan;
use controlplane::transport::Proxy;
use controlplane::{Clock, ErrorKind, Progress};
use controlplane_emulator::hotdata::Emulator;
use serde_json::{Value, json};

use crate::clock::Leaping;

const CSV: &str = "id,amount\n1,2.5\n2,3.5\n";

/// A folder with a file, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("controlplane-uploads-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("orders.csv"), CSV).unwrap();
        Self(folder)
    }

    fn orders(&self) -> PathBuf {
        self.0.join("orders.csv")
    }

    fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    /// The calls in the journal, by their keys.
    fn calls(&self) -> BTreeMap<String, Value> {
        let text = std::fs::read_to_string(self.journal()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let calls = lines.filter_map(|line| line.get("call").cloned());
        calls.map(|call| (call["key"].as_str().unwrap().to_owned(), call)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An emulator whose uploads of more than ten bytes come in parts, and a database.
fn emulator() -> (Emulator, String) {
    let builder = Emulator::builder().pending_polls(1);
    let builder = builder.set("single-up-to=10").unwrap().set("min-part=1").unwrap();
    let emulator = builder.set("part-size=9").unwrap().start().unwrap();
    let client: Client = with(Client::builder(), &emulator).build().unwrap();
    let database = client.databases().create(CreateDatabaseRequest::new().name("d")).send().unwrap().id;
    (emulator, database)
}

fn with<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
    let credentials = Credentials::builder()
        .env([("", ""); 0])
        .api_key(emulator.api_key())
        .workspace_id(emulator.workspace_id())
        .base_url(emulator.url());
    let builder = builder.credentials(credentials.build().unwrap()).proxy(Proxy::None);
    builder.poll_interval(Duration::from_millis(10))
}

fn blocking(emulator: &Emulator) -> Client {
    with(Client::builder(), emulator).build().unwrap()
}

fn count(emulator: &Emulator, part: &str) -> usize {
    emulator.requests().iter().filter(|request| request.taken && request.path.contains(part)).count()
}

fn plan<M>(client: &client::Client<M>, database: &str, folder: &Folder, batch: &mut Batch<M>) {
    let load = |table: &str| client.databases().load(database, "main", table, LoadMode::Append);
    let upload = || client.uploads().upload_path(folder.orders()).content_type("text/csv");
    batch.add("sum", client.query("SELECT sum(amount) FROM orders").database_id(database)).after("orders");
    batch.add("orders", upload().and_load(load("orders").and_wait()));
    batch.add("at once", upload().and_load(load("once")));
    batch.add("again", upload().and_load(load("once"))).after("at once");
    let missing = client.uploads().upload_path(folder.0.join("nowhere.csv"));
    batch.add("missing", missing.and_load(load("t").and_wait()));
    batch.add("too late", client.databases().list()).after("missing");
}

fn check(finished: Vec<Finished>, emulator: &Emulator) {
    let all: BTreeMap<&str, _> = finished.iter().map(|one| (&*one.key, &one.result)).collect();
    assert_eq!(all.len(), 6);
    let loaded = matches!(
        all["orders"],
        Ok(AnyOutput::LoadEnd(end)) if matches!(&**end, JobEnd::Succeeded(load) if load.row_count == 2)
    );
    assert!(loaded, "{:?}", all["orders"]);
    assert!(matches!(all["sum"], Ok(AnyOutput::QueryOutcome(_))), "{:?}", all["sum"]);
    assert!(matches!(all["at once"], Ok(AnyOutput::LoadOutcome(_))), "{:?}", all["at once"]);
    let rows = match all["again"] {
        Ok(AnyOutput::LoadOutcome(outcome)) => outcome.clone().loaded().unwrap().row_count,
        other => panic!("{other:?}"),
    };
    assert_eq!(rows, 4);
    let missing = all["missing"].as_ref().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(missing.to_string().contains("nowhere.csv"), "{missing}");
    assert_eq!(all["too late"].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
    assert_eq!((count(emulator, "/finalize"), count(emulator, "/loads")), (3, 3));
}

#[test]
fn results_come_as_calls_finish() {
    let folder = Folder::new("blocking");
    for threads in [1, 8] {
        let (emulator, database) = emulator();
        let client = blocking(&emulator);
        let mut batch = client.batch();
        batch.threads(threads);
        plan(&client, &database, &folder, &mut batch);
        check(batch.run().unwrap().collect(), &emulator);
    }
}

#[tokio::test]
async fn results_come_as_calls_finish_in_one_task() {
    let folder = Folder::new("task");
    let (emulator, database) = tokio::task::spawn_blocking(emulator).await.unwrap();
    let client: AsyncClient = with(AsyncClient::builder(), &emulator).build().unwrap();
    let mut batch = client.batch();
    plan(&client, &database, &folder, &mut batch);
    let mut results = batch.run().unwrap();
    let mut finished = Vec::new();
    while let Some(one) = results.next().await {
        finished.push(one);
    }
    check(finished, &emulator);
}

#[test]
fn callbacks_learn_of_the_upload_and_of_the_load() {
    let folder = Folder::new("progress");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = |who: &'static str| {
        let seen = seen.clone();
        move |progress: &Progress| {
            let what = match progress {
                Progress::Transferred { transferred: 22, .. } => "all transferred",
                Progress::Submitted { .. } => "submitted",
                _ => return,
            };
            seen.lock().unwrap().push(format!("{who}: {what}"));
        }
    };
    let load = |table: &str| client.databases().load(&*database, "main", table, LoadMode::Append);
    let upload = || client.uploads().upload_path(folder.orders());
    let mut batch = client.batch();
    batch.add("a", upload().and_load(load("a").and_wait()).on_progress(note("both")));
    batch.add("b", upload().on_progress(note("upload")).and_load(load("b").and_wait()));
    batch.add("c", upload().and_load(load("c").and_wait().on_progress(note("load"))));
    let of_batch = note("batch");
    batch.on_progress(move |_, progress| of_batch(progress));
    assert!(batch.run().unwrap().all(|one| one.result.is_ok()));
    let seen = seen.lock().unwrap();
    let times = |line: &str| seen.iter().filter(|other| *other == line).count();
    for (who, expected) in [("both", 1), ("upload", 1), ("load", 1), ("batch", 3)] {
        for what in ["all transferred", "submitted"] {
            assert_eq!(times(&format!("{who}: {what}")), expected, "{who}: {what}: {seen:?}");
        }
    }
}

/// A batch whose upload never ends, with a call that comes after it.
fn stalled(client: &Client, emulator: &Emulator, database: &str, folder: &Folder) -> Batch<Blocking> {
    emulator.add_fault("path=/storage/: delay=1h".parse().unwrap());
    let mut batch = client.batch();
    batch.journal(folder.journal());
    let load = client.databases().load(database, "main", "orders", LoadMode::Append).and_wait();
    batch.add("orders", client.uploads().upload_path(folder.orders()).and_load(load));
    batch.add("after", client.databases().list()).after("orders");
    batch
}

/// Nothing was finalized, and the upload is to be made again.
fn check_untouched(client: &Client, emulator: &Emulator, folder: &Folder) {
    assert_eq!((count(emulator, "/finalize"), count(emulator, "/loads")), (0, 0));
    let batch = client.batch_from(folder.journal()).unwrap();
    assert_eq!(
        batch.calls().map(|call| call.state()).collect::<Vec<_>>(),
        [CallState::Todo, CallState::Todo]
    );
    emulator.clear_faults();
    let finished: Vec<_> = batch.run().unwrap().collect();
    assert!(finished.iter().all(|one| one.result.is_ok()), "{finished:?}");
    assert_eq!((count(emulator, "/finalize"), count(emulator, "/loads")), (1, 1));
}

#[test]
fn a_token_ends_an_upload_and_the_batch_can_be_continued() {
    for threads in [1, 8] {
        let folder = Folder::new(&format!("token-{threads}"));
        let (emulator, database) = emulator();
        let client = blocking(&emulator);
        let mut batch = stalled(&client, &emulator, &database, &folder);
        let token = CancelToken::new();
        let canceller = token.clone();
        batch.threads(threads).cancel_with(&token).on_progress(move |_, progress| {
            if matches!(progress, Progress::Transferred { .. }) {
                canceller.cancel();
            }
        });
        let finished: BTreeMap<String, _> = batch.run().unwrap().map(|one| (one.key, one.result)).collect();
        let error = finished["orders"].as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Cancelled);
        assert!(error.resource().is_some());
        assert_eq!(finished["after"].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
        check_untouched(&client, &emulator, &folder);
    }
}

#[tokio::test]
async fn a_token_ends_an_upload_of_a_task() {
    let folder = Folder::new("token-task");
    let (emulator, database) = tokio::task::spawn_blocking(emulator).await.unwrap();
    emulator.add_fault("path=/storage/: delay=1h".parse().unwrap());
    let client: AsyncClient = with(AsyncClient::builder(), &emulator).build().unwrap();
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append).and_wait();
    let token = CancelToken::new();
    let canceller = token.clone();
    let call = client.uploads().upload_path(folder.orders()).and_load(load).cancel_with(&token);
    let mut batch = client.batch();
    batch.add("orders", call.on_progress(move |_| canceller.cancel()));
    let mut results = batch.run().unwrap();
    let error = results.next().await.unwrap().result.unwrap_err();
    assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Cancelled);
    assert!(results.next().await.is_none());
    assert_eq!((count(&emulator, "/finalize"), count(&emulator, "/loads")), (0, 0));
}

#[test]
fn the_end_of_the_batch_and_a_drop_of_its_results_end_an_upload() {
    let folder = Folder::new("deadline");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    let mut batch = stalled(&client, &emulator, &database, &folder);
    batch.threads(1).timeout(Duration::from_millis(200));
    let finished: Vec<_> = batch.run().unwrap().collect();
    assert_eq!(finished.len(), 2);
    for one in finished {
        assert_eq!(one.result.unwrap_err().kind(), ErrorKind::Skipped, "{}", one.key);
    }
    check_untouched(&client, &emulator, &folder);

    for threads in [1, 8] {
        let folder = Folder::new(&format!("drop-{threads}"));
        let (emulator, database) = self::emulator();
        let client = blocking(&emulator);
        let mut batch = stalled(&client, &emulator, &database, &folder);
        batch.threads(threads);
        let (send, began) = std::sync::mpsc::channel();
        batch.on_progress(move |_, progress| {
            if let Progress::Transferred { .. } = progress {
                let _ = send.send(());
            }
        });
        batch.add("quick", client.databases().list());
        let mut results = batch.run().unwrap();
        assert_eq!(results.next().unwrap().key, "quick");
        began.recv().unwrap();
        drop(results);
        assert_eq!((count(&emulator, "/finalize"), count(&emulator, "/loads")), (0, 0));
    }
}

#[test]
fn a_load_that_was_started_is_waited_for_and_not_sent_again() {
    let folder = Folder::new("started");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    let token = CancelToken::new();
    let canceller = token.clone();
    let mut batch = client.batch();
    batch.journal(folder.journal()).cancel_with(&token).on_progress(move |_, progress| {
        if let Progress::Submitted { .. } = progress {
            canceller.cancel();
        }
    });
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append).and_wait();
    batch.add("orders", client.uploads().upload_path(folder.orders()).and_load(load));
    let error = batch.run().unwrap().next().unwrap().result.unwrap_err();
    let job = error.request_id().unwrap().to_owned();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    // The file is not needed any more.
    std::fs::remove_file(folder.orders()).unwrap();
    let batch = client.batch_from(folder.journal()).unwrap();
    let states: Vec<CallState> = batch.calls().map(|call| call.state()).collect();
    assert_eq!(states, [CallState::Submitted { request_id: job }]);
    let end = batch.run().unwrap().next().unwrap().result.unwrap();
    assert!(matches!(end, AnyOutput::LoadEnd(_)), "{end:?}");
    assert_eq!((count(&emulator, "/finalize"), count(&emulator, "/loads")), (1, 1));
}

#[test]
fn a_storage_that_refuses_ends_the_call_and_skips_what_comes_after_it() {
    let folder = Folder::new("refused");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    emulator.add_fault("path=/storage/: status=403".parse().unwrap());
    let mut batch = client.batch();
    batch.journal(folder.journal());
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append).and_wait();
    let upload = client.uploads().upload_path(folder.orders()).max_extra_rounds(0);
    batch.add("orders", upload.part_retry(PartRetry::retries(0)).and_load(load));
    batch.add("after", client.databases().list()).after("orders");
    let finished: BTreeMap<String, _> = batch.run().unwrap().map(|one| (one.key, one.result)).collect();
    let error = finished["orders"].as_ref().unwrap_err();
    assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Storage);
    assert_eq!(error.status(), Some(403));
    assert_eq!(finished["after"].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
    check_untouched(&client, &emulator, &folder);
}

#[test]
fn csv_is_sent_in_the_load_where_clients_cannot_write_to_the_storage() {
    let folder = Folder::new("inline");
    let emulator = Emulator::builder().set("presign=off").unwrap().start().unwrap();
    let client = blocking(&emulator);
    let database = client.databases().create(CreateDatabaseRequest::new().name("d")).send().unwrap().id;
    let mut batch = client.batch();
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append).and_wait();
    batch.add("orders", client.uploads().upload_path(folder.orders()).and_load(load));
    let finished: Vec<_> = batch.run().unwrap().collect();
    assert!(finished[0].result.is_ok(), "{finished:?}");
}

#[test]
fn a_load_that_fails_names_the_upload() {
    let folder = Folder::new("not-loaded");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    std::fs::write(folder.orders(), "{not json").unwrap();
    let mut batch = client.batch();
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append);
    let load = load.format(controlplane::hotdata::LoadFormat::Json);
    batch.add("orders", client.uploads().upload_path(folder.orders()).and_load(load));
    let error = batch.run().unwrap().next().unwrap().result.unwrap_err();
    let failure = error.detail::<UploadFailure>().unwrap();
    assert_eq!(failure.kind, UploadFailureKind::Load);
    assert!(failure.upload_id.is_some());
}

#[test]
fn what_no_journal_can_keep_is_refused_when_it_is_added() {
    let client = Client::offline();
    let load = || client.databases().load("dbid7h2k9q4m1x8c", "main", "t", LoadMode::Append);
    let uploads = client.uploads();
    let other = Client::offline();
    let token = CancelToken::new();
    let path = || uploads.upload_path("orders.csv");
    let cases = [
        (uploads.upload_bytes(CSV).and_load(load()), "its input is bytes"),
        (uploads.upload_file(std::io::Cursor::new(CSV)).and_load(load()), "its input is a file that is open"),
        (uploads.upload_reader(CSV.as_bytes()).and_load(load()), "its input is a reader"),
        (path().try_on_progress(|_| Ok(())).and_load(load()), "`try_on_progress`"),
        (path().and_load(load().data(CSV)), "another source"),
        (path().and_load(load().idempotency_key("k")), "`idempotency_key` is set"),
        (other.uploads().upload_path("orders.csv").and_load(load()), "two clients"),
        (path().cancel_with(&token).and_load(load().cancel_with(&CancelToken::new())), "two tokens"),
    ];
    for (call, expected) in cases {
        let mut batch = client.batch();
        batch.add("orders", call);
        let error = batch.order().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let text = error.to_string();
        assert!(text.contains("call \"orders\"") && text.contains(expected), "{text}");
        assert!(text.contains("Nothing was sent"), "{text}");
    }
}

#[test]
fn a_dry_run_shows_the_request_that_creates_the_session() {
    let client = Client::offline();
    let load = client.databases().load("dbid7h2k9q4m1x8c", "main", "orders", LoadMode::Append);
    let mut batch = client.batch();
    batch.add("orders", client.uploads().upload_path("data/orders.csv").size(7).and_load(load));
    let order = batch.order().unwrap();
    let request = order[0].to_request().unwrap();
    assert_eq!(request.path, "/v1/uploads");
    let body: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
    assert_eq!((&body["filename"], &body["declared_size_bytes"]), (&json!("orders.csv"), &json!(7)));
}

#[test]
fn the_journal_keeps_every_setting() {
    let folder = Folder::new("settings");
    let (emulator, database) = emulator();
    let client = blocking(&emulator);
    let mut batch = client.batch();
    batch.journal(folder.journal());
    let upload =
        client.uploads().upload_path(folder.orders()).content_type("text/csv").content_encoding("gzip");
    let upload = upload.filename("o").size(15).part_size(6).max_concurrency(3).memory_budget(1 << 20);
    let upload =
        upload.part_retry(PartRetry::retries(7)).max_extra_rounds(4).http_timeout(Duration::from_secs(9));
    let upload = upload.round_base_delay(Duration::from_millis(5)).timeout(Duration::from_secs(90));
    let load = client.databases().load(&*database, "main", "orders", LoadMode::Append).and_wait();
    batch.add("a", upload.and_load(load.timeout(Duration::from_secs(77))));
    let load = client.connections().load("conn1", "main", "orders", LoadMode::Upsert).key(["id"]);
    let upload = client.uploads().upload_path("data/orders.csv");
    batch.add("b", upload.and_load(load).timeout(Duration::from_secs(55)));
    let _ = batch.run().unwrap();

    let calls = folder.calls();
    let time = |secs: u64, nanos: u64| json!({"secs": secs, "nanos": nanos});
    let a = &calls["a"]["call"]["upload_and_load"];
    let settings = json!({
        "filename": "o", "content_type": "text/csv", "content_encoding": "gzip", "part_size": 6,
        "max_concurrency": 3, "memory_budget": 1 << 20,
        "part_retry": {"max_retries": 7, "backoff": time(0, 200_000_000), "max_backoff": time(120, 0)},
        "max_extra_rounds": 4, "round_base_delay": time(0, 5_000_000), "http_timeout": time(9, 0),
        "timeout": time(90, 0),
    });
    assert_eq!(a["upload"], json!({"path": folder.orders(), "size": 15, "settings": settings}));
    assert_eq!((&a["is_timed"], &a["load"]["load_database_table"]["waits"]), (&json!(false), &json!(true)));
    assert_eq!(calls["a"]["settings"]["timeout_ms"], 77_000);
    let b = &calls["b"]["call"]["upload_and_load"];
    assert_eq!((&b["is_timed"], &b["upload"]["path"]), (&json!(true), &json!("data/orders.csv")));
    let request = &b["load"]["load_managed_table"]["load"]["load"]["load_managed_table_request"];
    assert_eq!(*request, json!({"mode": "upsert", "key": ["id"]}));
    assert_eq!(calls["b"]["settings"]["timeout_ms"], 55_000);

    // What is read is what was written.
    let batch = client.batch_from(folder.journal()).unwrap();
    for call in batch.calls() {
        assert_eq!(call.to_json().unwrap(), calls[call.key()]["call"]);
    }
}

/// A transport that notes when requests to the service are sent.
struct Timed {
    inner: controlplane::transport::UreqTransport,
    clock: Leaping,
    sent: Arc<Mutex<Vec<std::time::Instant>>>,
}

impl controlplane::transport::Transport for Timed {
    fn send(
        &self,
        request: &controlplane::http::Request,
        timeout: Duration,
    ) -> Result<controlplane::http::Response, controlplane::transport::SendError> {
        if !request.path.starts_with("/storage/") {
            self.sent.lock().unwrap().push(self.clock.now());
        }
        self.inner.send(request, timeout)
    }
}

#[test]
fn the_requests_of_uploads_have_their_places_under_the_rate_limit_of_the_client() {
    let folder = Folder::new("budget");
    let (emulator, database) = emulator();
    let (clock, sent) = (Leaping::new(), Arc::<Mutex<Vec<_>>>::default());
    let mut http = controlplane::transport::HttpConfig::default();
    http.proxy = Proxy::None;
    let inner = controlplane::transport::UreqTransport::new(&http).unwrap();
    let transport = Timed { inner, clock: clock.clone(), sent: sent.clone() };
    let credentials = Credentials::builder().env([("", ""); 0]).api_key(emulator.api_key());
    let credentials = credentials.workspace_id(emulator.workspace_id()).base_url(emulator.url());
    let builder = Client::builder().credentials(credentials.build().unwrap()).rate_limit(2);
    let client = builder.clock(clock).transport(transport).build().unwrap();
    let mut batch = client.batch();
    for table in ["a", "b", "c"] {
        let load = client.databases().load(&*database, "main", table, LoadMode::Append);
        batch.add(table, client.uploads().upload_path(folder.orders()).and_load(load));
    }
    assert!(batch.run().unwrap().all(|one| one.result.is_ok()));
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 9);
    for three in sent.windows(3) {
        assert!(three[2] - three[0] >= Duration::from_secs(1), "{three:?}");
    }
}

/// Programs name the path as they like: it is that of the process that runs the batch.
#[test]
fn a_path_is_kept_as_it_is() {
    let client = Client::offline();
    let load = || client.databases().load("dbid7h2k9q4m1x8c", "main", "t", LoadMode::Append);
    let mut batch = client.batch();
    for path in ["orders.csv", "./data/../orders.csv", "/data/orders.csv"] {
        batch.add(path, client.uploads().upload_path(Path::new(path)).and_load(load()));
    }
    for call in batch.calls() {
        assert_eq!(call.to_json().unwrap()["upload_and_load"]["upload"]["path"], call.key());
    }
}

#[test]
fn an_upload_as_data_is_the_call_of_the_builder() {
    let client = Client::offline();
    let request = || LoadManagedTableRequest::new(LoadMode::Upsert).key(["id"]);
    let into_database = || LoadDatabaseTable::new("dbid7h2k9q4m1x8c", "main", "orders", request());
    let into_catalog = || LoadManagedTable::new("conn7h2k9q4m1x8c", "main", "orders", request());
    let upload = || {
        let upload = client.uploads().upload_path("data/orders.csv").filename("o.csv");
        upload.content_type("text/csv").content_encoding("gzip")
    };
    let file = |load: AnyLoad| {
        let mut file = UploadAndLoadFile::new("data/orders.csv", load);
        file.filename = Some("o.csv".to_owned());
        file.content_type = Some("text/csv".to_owned());
        file.content_encoding = Some("gzip".to_owned());
        file
    };
    let mut built = client.batch();
    built.add("a", upload().and_load(client.load(into_database()).and_wait()));
    built.add("b", upload().and_load(client.load(into_catalog())));
    built.add("c", client.uploads().upload_path("data/orders.csv").and_load(client.load(into_catalog())));
    let mut read = client.batch();
    let plain = UploadAndLoadFile::new("data/orders.csv", into_catalog());
    for (key, file) in
        [("a", file(into_database().into())), ("b", file(into_catalog().into())), ("c", plain.clone())]
    {
        // As a plan has it.
        let text = serde_json::to_string(&PlanCommand::from(file)).unwrap();
        let text = format!(r#"[{{"key": "{key}", "command": {text}}}]"#);
        let step = plan::read::<PlanCommand>(&text).unwrap().remove(0);
        let PlanCommand::UploadAndLoad(file) = step.command else { panic!("{text}") };
        let call = client.upload_and_load(file);
        if key == "a" {
            read.add(key, call.and_wait());
        } else {
            read.add(key, call);
        }
    }
    let calls = |batch: &Batch<Blocking>| -> Vec<Value> {
        batch.calls().map(|call| json!({"call": call.to_json().unwrap()})).collect()
    };
    assert_eq!(calls(&read), calls(&built));
    let (shown, mut file) = (read.calls().nth(1).unwrap().to_request().unwrap(), file(into_catalog().into()));
    assert_eq!(PlanCommand::from(file.clone()).to_request().unwrap().body, shown.body);
    // A load of something else, and one that cannot be sent.
    file.load = into_catalog().into();
    if let AnyLoad::LoadManagedTable(load) = &mut file.load {
        load.load_managed_table_request.data = Some("id\n1\n".to_owned());
    }
    let error = PlanCommand::from(file.clone()).to_request().unwrap_err();
    assert!(error.to_string().contains("the load has another source"), "{error}");
    file.load = LoadManagedTable::new("", "main", "orders", request()).into();
    assert_eq!(file.to_request().unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_plan_of_several_services_has_uploads() {
    let load = r#"{"load_database_table": {"database_id": "d", "schema": "main", "table": "t", "load_managed_table_request": {"mode": "append"}}}"#;
    let text = format!(
        "[{{\"key\": \"a\", \"command\": {{\"hotdata\": {{\"upload_and_load\": {{\"path\": \"x\", \"load\": {load}}}}}}}}},
        {{\"key\": \"b\", \"command\": {{\"hotdata\": {{\"list_jobs\": {{}}}}}}}}]"
    );
    let steps = plan::read::<controlplane::PlanCommand>(&text).unwrap();
    let written: Vec<Value> =
        steps.iter().map(|step| serde_json::to_value(&step.command).unwrap()["hotdata"].clone()).collect();
    assert_eq!((&written[0]["upload_and_load"]["path"], &written[1]["list_jobs"]), (&json!("x"), &json!({})));
    let of = |text: &str| plan::read::<controlplane::PlanCommand>(text).unwrap_err().to_string();
    assert_eq!(
        of(&text.replace("upload_and_load", "uplaod_and_load")),
        "1:39: unknown command `uplaod_and_load`; did you mean `upload_and_load`?"
    );
    assert_eq!(
        of(&text.replace("list_jobs", "list_jbos")),
        "2:46: unknown command `list_jbos`; did you mean `list_jobs`?"
    );
    assert_eq!(of(&text.replace("\"mode\"", "\"data\": \"a\", \"mode\"")).lines().count(), 1);
    assert_eq!(of(&text.replace("\"path\"", "\"pth\"")).lines().count(), 2);
}
