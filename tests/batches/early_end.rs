//! Batches that end early, in both modes: cancelled by a token, or out of time. Each call has a result, and
//! the journal can be continued. And one effect for a command, wherever it is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use controlplane::onehouse::client::Client as AnyClient;
use controlplane::onehouse::{AsyncClient, Batch, CallState, Client, Finished, StatusResponse};
use controlplane::transport::Proxy;
use controlplane::{CancelToken, Error, ErrorKind, Progress, RetryPolicy};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::onehouse::{Emulator, Pending};

/// Longer than any of these tests may take.
const NEVER: &str = "delay=100s";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Blocking,
    Async,
}

const MODES: [Mode; 2] = [Mode::Blocking, Mode::Async];

/// A file that is gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str, mode: Mode) -> Self {
        let name = format!("controlplane-{name}-{mode:?}-{}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn emulator(polls: u32, faults: &[&str]) -> Emulator {
    emulator_with(Pending::polls(polls), faults)
}

fn emulator_with(pending: Pending, faults: &[&str]) -> Emulator {
    let faults: Vec<Fault> = faults.iter().map(|spec| spec.parse().unwrap()).collect();
    Emulator::builder().pending(pending).faults(faults).start().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().credentials(emulator.credentials()).proxy(Proxy::None).no_rate_limit();
    builder.poll_interval(Duration::from_millis(10)).build().unwrap()
}

fn async_client(emulator: &Emulator) -> AsyncClient {
    let builder =
        AsyncClient::builder().credentials(emulator.credentials()).proxy(Proxy::None).no_rate_limit();
    builder.poll_interval(Duration::from_millis(10)).build().unwrap()
}

/// Fills a batch in either mode.
trait Fill {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>);
}

/// Runs a batch that is made by the client, or continued from the journal if it exists.
fn run(mode: Mode, emulator: &Emulator, journal: Option<&Path>, fill: &impl Fill) -> Vec<Finished> {
    fn made<M>(client: &AnyClient<M>, journal: Option<&Path>, fill: &impl Fill) -> Batch<M> {
        match journal {
            Some(journal) if journal.exists() => {
                let mut batch = client.batch_from(journal).unwrap();
                let keys: Vec<String> = batch.calls().map(|call| call.key().to_owned()).collect();
                let states: Vec<CallState> = batch.calls().map(|call| call.state()).collect();
                for (key, state) in keys.iter().zip(states) {
                    // In these tests the server has accepted whatever was sent.
                    if state == CallState::Unknown {
                        batch.settled(key);
                    }
                }
                batch
            }
            journal => {
                let mut batch = client.batch();
                if let Some(journal) = journal {
                    batch.journal(journal);
                }
                fill.fill(client, &mut batch);
                batch
            }
        }
    }
    match mode {
        Mode::Blocking => made(&client(emulator), journal, fill).run().unwrap().collect(),
        Mode::Async => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut results = made(&async_client(emulator), journal, fill).run().unwrap();
                let mut finished = Vec::new();
                while let Some(next) = results.next().await {
                    finished.push(next);
                }
                finished
            })
        }
    }
}

fn by_key(finished: Vec<Finished>) -> BTreeMap<String, Result<StatusResponse, Error>> {
    let count = finished.len();
    let by_key: BTreeMap<_, _> =
        finished.into_iter().map(|finished| (finished.key, finished.result)).collect();
    assert_eq!(by_key.len(), count, "a call has two results");
    by_key
}

fn kind(result: &Result<StatusResponse, Error>) -> Option<ErrorKind> {
    result.as_ref().err().map(Error::kind)
}

/// How often each statement was accepted.
fn accepted(emulator: &Emulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in emulator.ledger() {
        *counts.entry(entry.statement.to_string()).or_default() += 1;
    }
    counts
}

/// Service principals, and one that comes after the first; cancelled by its own progress.
struct Principals {
    token: CancelToken,
    /// Cancels when so many are submitted.
    after: usize,
    /// The number of calls that are submitted.
    submitted: Arc<AtomicUsize>,
}

impl Principals {
    fn new(token: CancelToken, after: usize) -> Self {
        Self { token, after, submitted: Arc::default() }
    }
}

impl Fill for Principals {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>) {
        for i in 0..8 {
            batch.add(format!("p{i}"), client.create_service_principal(format!("p{i}")));
        }
        batch.add("late", client.create_service_principal("late")).after("p0");
        batch.cancel_with(&self.token);
        let (token, after, seen) = (self.token.clone(), self.after, self.submitted.clone());
        batch.on_progress(move |_, progress| {
            let is_submitted = matches!(progress, Progress::Submitted { .. });
            if is_submitted && seen.fetch_add(1, Ordering::SeqCst) + 1 == after {
                token.cancel();
            }
        });
    }
}

#[test]
fn a_cancelled_batch_gives_each_call_a_result_and_continues_from_its_journal() {
    for mode in MODES {
        let journal = File::new("cancelled", mode);
        let millis = Duration::from_millis;
        let emulator = emulator_with(Pending::between(millis(500)..=millis(700)), &[]);
        let principals = Principals::new(CancelToken::new(), 3);
        let results = by_key(run(mode, &emulator, Some(&journal.0), &principals));
        assert_eq!(results.len(), 9);
        let accepted_so_far = accepted(&emulator);
        let (mut cancelled, mut unknown) = (0, 0);
        for (key, result) in &results {
            let error = result.as_ref().unwrap_err();
            let was_accepted = accepted_so_far.contains_key(&format!("CREATE SERVICE_PRINCIPAL `{key}`"));
            match error.kind() {
                ErrorKind::Cancelled if error.request_id().is_some() => {
                    cancelled += 1;
                    assert!(was_accepted, "{mode:?} {key}: {error}");
                }
                // Its connection was being made.
                ErrorKind::Cancelled => {
                    assert!(!was_accepted && error.to_string().contains("Nothing was sent"), "{error}");
                }
                ErrorKind::OutcomeUnknown => {
                    unknown += 1;
                    assert_eq!(error.request_id(), None);
                }
                kind => assert_eq!((kind, was_accepted), (ErrorKind::Skipped, false), "{key}: {error}"),
            }
        }
        assert!(cancelled >= 3, "{mode:?}: {results:?}");
        assert_eq!(kind(&results["late"]), Some(ErrorKind::Skipped));

        let rest = by_key(run(mode, &emulator, Some(&journal.0), &principals));
        for (key, result) in &rest {
            assert!(result.is_ok(), "{mode:?} {key}: {result:?}");
        }
        // Those that were cancelled kept their ids.
        for (key, result) in &results {
            let id = result.as_ref().unwrap_err().request_id();
            if let (Some(id), Some(Ok(done))) = (id, rest.get(key)) {
                assert_eq!(id, done.request_id);
            }
        }
        let accepted = accepted(&emulator);
        assert!(accepted.len() + unknown >= 9, "{accepted:?}");
        assert!(accepted.values().all(|times| *times == 1), "{accepted:?}");
    }
}

#[test]
fn requests_in_flight_are_aborted() {
    let cases = [
        ("submit, starts=\"CREATE SERVICE_PRINCIPAL `p1`\"", ErrorKind::OutcomeUnknown),
        ("poll, nth=1", ErrorKind::Cancelled),
    ];
    for (mode, (condition, expected)) in MODES.into_iter().flat_map(|mode| cases.map(|case| (mode, case))) {
        let journal = File::new("aborted", mode);
        let emulator = emulator(1000, &[&format!("{condition}: {NEVER}")]);
        let token = CancelToken::new();
        let principals = Principals::new(token.clone(), usize::MAX);
        let submitted = principals.submitted.clone();
        let results = std::thread::scope(|scope| {
            scope.spawn(|| {
                // Until all are accepted, and the responses that are not delayed have arrived.
                let responses = if expected == ErrorKind::OutcomeUnknown { 7 } else { 8 };
                while accepted(&emulator).len() < 8 || submitted.load(Ordering::SeqCst) < responses {
                    std::thread::yield_now();
                }
                token.cancel();
            });
            by_key(run(mode, &emulator, Some(&journal.0), &principals))
        });
        assert_eq!(results.len(), 9);
        let kinds: Vec<Option<ErrorKind>> = results.values().map(kind).collect();
        assert!(kinds.contains(&Some(expected)), "{mode:?} {condition}: {results:?}");
        let unknown = kinds.iter().filter(|kind| **kind == Some(ErrorKind::OutcomeUnknown)).count();
        assert_eq!(unknown, usize::from(expected == ErrorKind::OutcomeUnknown), "{results:?}");
        let read = client(&emulator).batch_from(&journal.0).unwrap();
        for call in read.calls() {
            match (kind(&results[call.key()]), call.state()) {
                (Some(ErrorKind::Skipped | ErrorKind::Cancelled), CallState::Todo)
                | (Some(ErrorKind::OutcomeUnknown), CallState::Unknown) => {}
                (Some(ErrorKind::Cancelled), CallState::Submitted { request_id }) => {
                    let error = results[call.key()].as_ref().unwrap_err();
                    assert_eq!(error.request_id(), Some(request_id.as_str()));
                }
                (kind, state) => panic!("{mode:?} {}: {kind:?}, but {state:?}", call.key()),
            }
        }
    }
}

/// One call has a token of its own, which its progress cancels.
struct OneToken(CancelToken);

impl Fill for OneToken {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>) {
        let token = self.0.clone();
        let call = client.create_service_principal("p1").cancel_with(&self.0);
        batch.add("p1", call.on_progress(move |_| token.cancel()));
        batch.add("p2", client.create_service_principal("p2"));
        batch.add("after p1", client.create_service_principal("p3")).after("p1");
        batch.add("after p2", client.create_service_principal("p4")).after("p2");
    }
}

#[test]
fn a_call_with_a_token_of_its_own_is_cancelled_alone() {
    for mode in MODES {
        let emulator = emulator(5, &[]);
        let results = by_key(run(mode, &emulator, None, &OneToken(CancelToken::new())));
        let error = results["p1"].as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        assert!(error.request_id().is_some() && error.is_resumable(), "{error}");
        assert_eq!(kind(&results["after p1"]), Some(ErrorKind::Skipped));
        assert_eq!((kind(&results["p2"]), kind(&results["after p2"])), (None, None));
    }
}

#[test]
fn a_token_that_was_cancelled_before_submits_nothing() {
    for mode in MODES {
        let emulator = emulator(0, &[]);
        let token = CancelToken::new();
        token.cancel();
        let principals = Principals::new(token, usize::MAX);
        let results = by_key(run(mode, &emulator, None, &principals));
        assert_eq!(results.len(), 9);
        assert!(results.values().all(|result| kind(result) == Some(ErrorKind::Skipped)), "{results:?}");
        assert!(emulator.requests().is_empty());
    }
}

/// Operations that take too long, one of which has not begun.
struct Slow;

impl Fill for Slow {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>) {
        batch.timeout(Duration::from_secs(1));
        for i in 0..4 {
            batch.add(format!("p{i}"), client.create_service_principal(format!("p{i}")));
        }
        batch.add("late", client.show_lakes()).after("p0");
    }
}

#[test]
fn a_batch_whose_time_is_over_gives_each_call_a_result() {
    for mode in MODES {
        let emulator = emulator(100_000, &[]);
        let results = by_key(run(mode, &emulator, None, &Slow));
        assert_eq!(kind(&results["late"]), Some(ErrorKind::Skipped));
        for i in 0..4 {
            let error = results[&format!("p{i}")].as_ref().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
            assert!(error.request_id().is_some() && error.is_resumable(), "{error}");
        }
    }
}

/// A request that is not answered.
struct Unanswered;

impl Fill for Unanswered {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>) {
        batch.http_timeout(Duration::from_millis(200));
        batch.add("reads", client.show_lakes().retry(RetryPolicy::retries(0)));
        batch.add("changes", client.create_service_principal("p"));
    }
}

#[test]
fn the_http_timeout_of_a_batch_is_that_of_its_requests() {
    for mode in MODES {
        let emulator = emulator(0, &[&format!("submit: {NEVER}")]);
        let results = by_key(run(mode, &emulator, None, &Unanswered));
        assert_eq!(kind(&results["reads"]), Some(ErrorKind::Transport));
        assert_eq!(kind(&results["changes"]), Some(ErrorKind::OutcomeUnknown));
        assert!(results.values().all(|result| result.as_ref().unwrap_err().is_timeout()));
    }
}

/// Reads, with a `;` in a value.
struct Semicolon;

const WITH_SEMICOLON: &str = "SHOW TABLES LAKE = 'raw; x' DATABASE = 'd'";

impl Fill for Semicolon {
    fn fill<M>(&self, client: &AnyClient<M>, batch: &mut Batch<M>) {
        batch.add("show", client.show_tables("raw; x", "d"));
    }
}

/// That such a lake does not exist is what the server says in the end.
fn is_answered(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::OperationFailed, "{error}");
    assert!(error.to_string().starts_with("SHOW TABLES: "), "{error}");
}

#[test]
fn a_typed_command_that_reads_is_sent_again_alone_in_a_batch_and_in_one_that_is_continued() {
    const LOST: &str = "submit, nth=1: status=503";
    for mode in MODES {
        let alone = emulator(0, &[LOST]);
        is_answered(&match mode {
            Mode::Blocking => client(&alone).show_tables("raw; x", "d").send().unwrap_err(),
            Mode::Async => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async_client(&alone).show_tables("raw; x", "d").send()).unwrap_err()
            }
        });
        assert_eq!(accepted(&alone), BTreeMap::from([(WITH_SEMICOLON.to_owned(), 1)]));

        let journal = File::new("semicolon", mode);
        let batch = emulator(0, &[LOST]);
        let results = by_key(run(mode, &batch, Some(&journal.0), &Semicolon));
        is_answered(results["show"].as_ref().unwrap_err());

        // As if the process had died while it was being submitted the first time.
        let text = std::fs::read_to_string(&journal.0).unwrap();
        let end = text.find("submitting").map(|at| at + text[at..].find('\n').unwrap() + 1).unwrap();
        std::fs::write(&journal.0, &text[..end]).unwrap();
        batch.clear_faults();
        batch.add_fault(LOST.parse().unwrap());
        let read = client(&batch).batch_from(&journal.0).unwrap();
        let states: Vec<CallState> = read.calls().map(|call| call.state()).collect();
        assert_eq!(states, [CallState::Todo], "it reads, so it may be sent again");
        drop(read);
        let results = by_key(run(mode, &batch, Some(&journal.0), &Semicolon));
        is_answered(results["show"].as_ref().unwrap_err());
        assert_eq!(accepted(&batch), BTreeMap::from([(WITH_SEMICOLON.to_owned(), 2)]));

        // The same text as raw SQL is not known to read.
        let raw = emulator(0, &[LOST]);
        let error = client(&raw).execute(WITH_SEMICOLON).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    }
}
