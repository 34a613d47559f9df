//! The blocking client against every fault of the emulator: what it reports, and that nothing that changes
//! something is ever sent twice.

use std::collections::HashMap;
use std::time::Duration;

use controlplane::onehouse::{ApiStatus, Client, Command, StatusResponse};
use controlplane::transport::Proxy;
use controlplane::{Effect, Error, ErrorKind, PollPolicy, RetryPolicy};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::onehouse::{Emulator, Parsed};

use ErrorKind::*;

const MS: Duration = Duration::from_millis(1);
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(50);
/// For what is meant to run out of time: long enough for a busy machine to send a request.
const SHORT: Duration = Duration::from_secs(1);

fn emulator(specs: &[&str]) -> Emulator {
    let faults = specs.iter().map(|spec| spec.parse::<Fault>().unwrap_or_else(|e| panic!("{e}")));
    Emulator::builder().pending_polls(1).faults(faults).start().unwrap()
}

fn client(emulator: &Emulator, timeout: Duration) -> Client {
    let mut polling = PollPolicy::every(10 * MS);
    polling.factor = 1.0;
    let mut retry = RetryPolicy::retries(3);
    retry.first_delay = MS;
    Client::builder()
        .credentials(emulator.credentials())
        .proxy(Proxy::None)
        .no_rate_limit()
        .polling(polling)
        .retry(retry)
        .timeout(timeout)
        .build()
        .unwrap()
}

fn create(client: &Client) -> Result<StatusResponse, Error> {
    client.create_service_principal("p").send()
}

/// Whether a call succeeds, or how it fails.
type Outcome = Result<(), ErrorKind>;

/// How often each changing statement was taken.
fn changes(emulator: &Emulator) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for taken in emulator.ledger() {
        if changes_something(&taken.parsed) {
            *counts.entry(taken.statement.to_string()).or_default() += 1;
        }
    }
    counts
}

fn changes_something(parsed: &Parsed) -> bool {
    parsed.command().is_none_or(|command| command.effect() == Effect::Changes)
}

/// Runs all cases at the same time, and says of each that fails which it is.
fn each<C: Sync>(cases: &[C], check: impl Fn(&C) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}

/// A fault, the outcome of a changing statement, how often the emulator carried that out, and the outcome of
/// a reading one.
type Case = (&'static str, Outcome, usize, Outcome);

/// What can go wrong with the answer to a submit; the outcome for a statement that changes something, how
/// often it has been taken then, and the outcome for one that reads and meets the same each time.
const SUBMITS: [Case; 40] = [
    ("delay=1ms", Ok(()), 1, Ok(())),
    ("delay=1h", Err(OutcomeUnknown), 1, Err(Transport)),
    ("close-before-read", Err(OutcomeUnknown), 0, Err(Transport)),
    ("take-then-close", Err(OutcomeUnknown), 1, Err(Transport)),
    ("cut-header", Err(OutcomeUnknown), 1, Err(Transport)),
    ("cut-body", Err(OutcomeUnknown), 1, Err(Transport)),
    ("cut-body=0", Err(OutcomeUnknown), 1, Err(Transport)),
    ("too-long", Err(OutcomeUnknown), 1, Err(Transport)),
    ("too-short", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("not-json", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("not-utf8", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("empty-body", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("huge-body=17MiB", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("huge-body=1MiB", Ok(()), 1, Ok(())),
    ("drip=1ms", Ok(()), 1, Ok(())),
    ("drip=1h", Err(OutcomeUnknown), 1, Err(Transport)),
    ("status=200", Err(OutcomeUnknown), 0, Err(UnexpectedResponse)),
    ("status=204, taken", Err(OutcomeUnknown), 1, Err(UnexpectedResponse)),
    ("status=302, location=https://other.example/", Err(UnexpectedResponse), 0, Err(UnexpectedResponse)),
    ("status=307, location=https://other.example/", Err(UnexpectedResponse), 0, Err(UnexpectedResponse)),
    ("status=400, grpc-message=Invalid sql query", Err(Rejected), 0, Err(Rejected)),
    ("status=401", Err(Authentication), 0, Err(Authentication)),
    ("status=403", Err(PermissionDenied), 0, Err(PermissionDenied)),
    ("status=404", Err(NotFound), 0, Err(NotFound)),
    ("status=408", Err(OutcomeUnknown), 0, Err(Rejected)),
    ("status=409", Err(Conflict), 0, Err(Conflict)),
    ("status=425", Err(OutcomeUnknown), 0, Err(Rejected)),
    ("status=429", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=0", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=-1", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=nan", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=99999999999999999999", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=\"Fri, 31 Dec 9999 23:59:59 GMT\"", Err(RateLimited), 0, Err(RateLimited)),
    ("status=429, retry-after=\"Sat, 01 Jan 2000 00:00:00 GMT\"", Err(RateLimited), 0, Err(RateLimited)),
    ("status=500", Err(OutcomeUnknown), 0, Err(Server)),
    ("status=500, taken", Err(OutcomeUnknown), 1, Err(Server)),
    ("status=501", Err(Server), 0, Err(Server)),
    ("status=502, taken", Err(OutcomeUnknown), 1, Err(Server)),
    ("status=503, retry-after=0", Err(OutcomeUnknown), 0, Err(Server)),
    ("status=504, taken", Err(OutcomeUnknown), 1, Err(Server)),
];

/// Those that wait for an hour are not waited for.
fn http_timeout(spec: &str) -> Duration {
    if spec.ends_with("=1h") { SHORT } else { LONG }
}

#[test]
fn a_submit_that_changes_something_is_sent_once() {
    each(&SUBMITS, |&(spec, outcome, taken, _)| {
        let emulator = emulator(&[&format!("submit: {spec}")]);
        let client = client(&emulator, LONG);
        let sent = client.create_service_principal("p").http_timeout(http_timeout(spec)).send();
        assert_eq!(sent.as_ref().map(|_| ()).map_err(Error::kind), outcome, "{spec}: {sent:?}");
        if let Err(error) = &sent {
            assert_eq!(error.request_id(), None, "{spec}: {error}");
            assert!(!error.is_retryable() || error.kind() == RateLimited, "{spec}: {error}");
            assert!(spec.ends_with("=1h") == error.is_timeout(), "{spec}: {error}");
        }
        // Who has given up on an answer may be ahead of the server.
        while emulator.requests().is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(emulator.ledger().len(), taken, "{spec}");
        let submits = emulator.requests().iter().filter(|request| request.method == "POST").count();
        let waits_too_long = spec.contains("9999");
        let expected = if outcome == Err(RateLimited) && !waits_too_long { 4 } else { 1 };
        assert_eq!(submits, expected, "{spec}");
        // It goes on after that, with the client that met the fault.
        emulator.clear_faults();
        client.show_lakes().send().unwrap_or_else(|e| panic!("{spec}: {e}"));
    });
}

#[test]
fn a_submit_that_reads_is_sent_again_where_that_may_help() {
    each(&SUBMITS, |&(spec, _, _, outcome)| {
        let emulator = emulator(&[&format!("submit: {spec}")]);
        let client = client(&emulator, LONG);
        let sent = client.show_lakes().http_timeout(http_timeout(spec)).send();
        assert_eq!(sent.as_ref().map(|_| ()).map_err(Error::kind), outcome, "{spec}: {sent:?}");
        assert!(sent.err().is_none_or(|error| error.request_id().is_none()), "{spec}");
    });
}

#[test]
fn a_submit_that_reads_gets_over_what_passes() {
    each(&SUBMITS, |&(spec, _, _, lasting)| {
        // An answer that makes no sense is not asked for again; what passes is.
        let passes = match lasting {
            Ok(()) | Err(Transport | Server) => !spec.starts_with("status=501"),
            Err(RateLimited) => !spec.contains("9999"),
            Err(_) => ["status=408", "status=425"].contains(&spec),
        };
        let emulator = emulator(&[&format!("submit, times=2: {spec}")]);
        let sent = client(&emulator, LONG).show_lakes().http_timeout(http_timeout(spec)).send();
        assert_eq!(sent.is_ok(), passes, "{spec}: {sent:?}");
    });
}

#[test]
fn a_rate_limit_that_passes_leads_to_one_statement() {
    let specs = SUBMITS.map(|(spec, ..)| spec);
    let specs: Vec<_> =
        specs.iter().filter(|spec| spec.starts_with("status=429") && !spec.contains("9999")).collect();
    assert_eq!(specs.len(), 5);
    each(&specs, |spec| {
        let emulator = emulator(&[&format!("submit, times=3: {spec}")]);
        create(&client(&emulator, LONG)).unwrap_or_else(|e| panic!("{spec}: {e}"));
        assert_eq!(changes(&emulator).into_values().collect::<Vec<_>>(), [1], "{spec}");
    });
}

/// What can go wrong with polls; how the wait ends if it goes on, and whether it passes if it happens twice
/// only.
const POLLS: [(&str, Outcome, bool); 32] = [
    ("delay=1ms", Ok(()), true),
    ("delay=1h", Err(OperationTimeout), true),
    ("close-before-read", Err(OperationTimeout), true),
    ("take-then-close", Err(OperationTimeout), true),
    ("cut-header", Err(OperationTimeout), true),
    ("cut-body", Err(OperationTimeout), true),
    ("too-long", Err(OperationTimeout), true),
    ("too-short", Err(UnexpectedResponse), true),
    ("not-json", Err(UnexpectedResponse), true),
    ("not-utf8", Err(UnexpectedResponse), true),
    ("empty-body", Err(UnexpectedResponse), true),
    ("huge-body=17MiB", Err(UnexpectedResponse), false),
    ("huge-body=1MiB", Ok(()), true),
    ("drip=10us", Ok(()), true),
    ("drip=1h", Err(OperationTimeout), true),
    ("status=200", Err(UnexpectedResponse), true),
    ("status=302, location=https://other.example/", Err(UnexpectedResponse), false),
    ("status=400, grpc-message=no", Err(Rejected), false),
    ("status=401", Err(Authentication), false),
    ("status=403", Err(PermissionDenied), false),
    // It was accepted a moment ago; the service may not know it yet.
    ("status=404", Err(OperationTimeout), true),
    ("status=409", Err(Conflict), false),
    ("status=408", Err(OperationTimeout), true),
    ("status=429, retry-after=0", Err(OperationTimeout), true),
    ("status=429, retry-after=nan", Err(OperationTimeout), true),
    ("status=500", Err(OperationTimeout), true),
    ("status=501", Err(Server), false),
    ("status=503, taken", Err(OperationTimeout), true),
    ("unknown-status=API_OPERATION_STATUS_RESTING", Err(OperationTimeout), true),
    ("unknown-status=API_OPERATION_STATUS_FAILED", Err(OperationFailed), false),
    ("unknown-status=API_OPERATION_STATUS_INVALID", Err(OperationFailed), false),
    ("unknown-status=API_OPERATION_STATUS_SUCCESS_PARTIAL", Ok(()), true),
];

#[test]
fn what_polls_meet_for_ever() {
    each(&POLLS, |&(spec, outcome, _)| {
        let emulator = emulator(&[&format!("poll: {spec}")]);
        let timeout = if outcome == Err(OperationTimeout) { SHORT } else { LONG };
        let sent = create(&client(&emulator, timeout));
        assert_eq!(sent.as_ref().map(|_| ()).map_err(Error::kind), outcome, "{spec}: {sent:?}");
        let ledger = emulator.ledger();
        assert_eq!(ledger.len(), 1, "{spec}");
        let id = sent.as_ref().map_or_else(|error| error.request_id(), |done| Some(&done.request_id));
        assert_eq!(id, Some(ledger[0].request_id.as_str()), "{spec}: {sent:?}");
        if let Err(error) = sent {
            assert!(!error.is_retryable(), "{spec}: {error}");
            assert_eq!(error.is_timeout(), outcome == Err(OperationTimeout), "{spec}: {error}");
            if spec.starts_with("unknown-status") {
                assert_eq!(error.api_status(), spec.split('=').nth(1), "{error}");
            }
            // Once it is over, the wait can be resumed.
            emulator.clear_faults();
            let done = client(&emulator, LONG).resume(error.request_id().unwrap()).send();
            assert_eq!(done.unwrap().api_status, ApiStatus::Success, "{spec}");
        }
        assert_eq!(emulator.ledger().len(), 1, "{spec}");
    });
}

#[test]
fn what_polls_meet_twice() {
    each(&POLLS, |&(spec, lasting, passes)| {
        let emulator = emulator(&[&format!("poll, times=2: {spec}")]);
        let call = client(&emulator, LONG).create_service_principal("p");
        let sent = call.http_timeout(http_timeout(spec)).send();
        let expected = if passes { Ok(()) } else { lasting };
        assert_eq!(sent.as_ref().map(|_| ()).map_err(Error::kind), expected, "{spec}: {sent:?}");
        if let Ok(done) = &sent {
            assert_eq!(done.is_partial(), spec.ends_with("PARTIAL"), "{spec}");
        }
        assert!(sent.err().is_none_or(|error| error.request_id().is_some()), "{spec}");
        assert_eq!(changes(&emulator).into_values().collect::<Vec<_>>(), [1], "{spec}");
    });
}

#[test]
fn an_operation_that_goes_back_to_pending_is_waited_for() {
    let emulator = emulator(&["nth=2, times=3: back-to-pending"]);
    let client = client(&emulator, LONG);
    let id = create(&client).unwrap().request_id;
    let look = || client.get_status(&id).send().unwrap().api_status;
    assert_eq!(look(), ApiStatus::Success);
    assert_eq!(look(), ApiStatus::Pending);
    let done = client.resume(&id).send().unwrap();
    assert_eq!(done.api_status, ApiStatus::Success);
    let struck = emulator.requests().iter().filter(|request| request.fault.is_some()).count();
    assert_eq!(struck, 3);
}

#[test]
fn an_unknown_status_is_waited_out() {
    let emulator = emulator(&["times=2: unknown-status=API_OPERATION_STATUS_RESTING"]);
    assert_eq!(create(&client(&emulator, LONG)).unwrap().api_status, ApiStatus::Success);
}

/// All faults at once, by chance, from several threads: what the client says agrees with what the ledger
/// says.
#[test]
fn whatever_happens_nothing_that_changes_something_is_taken_twice() {
    let specs = [
        "submit, p=0.1: status=401",
        "poll, p=0.1: status=404",
        "p=0.04: close-before-read",
        "submit, p=0.05: take-then-close",
        "p=0.05: cut-header",
        "p=0.05: cut-body",
        "p=0.05: too-long",
        "p=0.05: too-short",
        "p=0.05: not-json",
        "p=0.05: not-utf8",
        "p=0.05: empty-body",
        "p=0.05: delay=1ms",
        "p=0.05: drip=1us",
        "p=0.05: status=503",
        "p=0.05: status=502, taken",
        "p=0.2: status=429, retry-after=0",
        "p=0.05: unknown-status=RESTING",
    ];
    let faults: Vec<Fault> = specs.iter().map(|spec| spec.parse().unwrap()).collect();
    let mut seen = HashMap::new();
    for seed in 0..3 {
        let emulator = Emulator::builder().seed(seed).faults(faults.clone()).start().unwrap();
        let client = client(&emulator, LONG);
        let results: Vec<(String, Result<StatusResponse, Error>)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let client = &client;
                    let one = move |i| {
                        let name = format!("p{thread}-{i}");
                        let call = client.create_service_principal(&name);
                        (call.to_sql().unwrap(), call.send())
                    };
                    scope.spawn(move || (0..40).map(one).collect::<Vec<_>>())
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let taken = changes(&emulator);
        for (sql, result) in &results {
            let count = taken.get(sql).copied().unwrap_or_default();
            let kind = result.as_ref().map(|_| ()).map_err(Error::kind);
            *seen.entry(kind).or_insert(0) += 1;
            match result {
                Ok(_) => assert_eq!(count, 1, "{sql}"),
                Err(error) if error.request_id().is_some() => assert_eq!(count, 1, "{sql}: {error}"),
                Err(error) if error.kind() == OutcomeUnknown => assert!(count <= 1, "{sql}: {error}"),
                Err(error) => assert_eq!(count, 0, "{sql}: {error}"),
            }
        }
    }
    // Every outcome has happened; the rarest is expected some forty times.
    for kind in [Ok(()), Err(OutcomeUnknown), Err(Authentication), Err(NotFound)] {
        assert!(seen.contains_key(&kind), "{kind:?} is not in {seen:?}");
    }
}
