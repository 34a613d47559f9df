//! Batches as their users see them, in both modes, against the emulator.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::onehouse::{
    AnyCommand, AsyncClient, Batch, Blocking, CallState, Client, ClusterType, Credentials, Finished, LakeType,
};
use controlplane::transport::Proxy;
use controlplane::{ErrorKind, Progress};
use controlplane_emulator::onehouse::{Emulator, Identity};

/// A folder that is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("controlplane-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn emulator() -> Emulator {
    Emulator::builder().pending_polls(1).start().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    Client::builder()
        .credentials(emulator.credentials())
        .proxy(Proxy::None)
        .no_rate_limit()
        .poll_interval(Duration::from_millis(10))
        .build()
        .unwrap()
}

/// A cluster, a lake on it, databases in it, and one that cannot be.
fn platform(client: &Client) -> Batch<Blocking> {
    let mut batch = client.batch();
    batch.add("cluster", client.create_cluster("prod", ClusterType::Managed));
    batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://b/raw/", "prod")).after("cluster");
    for i in 0..10 {
        batch.add(format!("db {i}"), client.create_database(format!("d{i}"), "raw")).after("lake");
    }
    batch.add("lost", client.create_database("lost", "nowhere")).after("lake");
    batch.add("too late", client.delete_database("lost", "nowhere")).after("lost");
    batch
}

fn check_platform(finished: Vec<Finished>, emulator: &Emulator) {
    let place = |key: &str| finished.iter().position(|finished| finished.key == key).unwrap();
    assert!(place("cluster") < place("lake") && place("lake") < place("db 0"));
    assert_eq!(finished.len(), 14);
    for Finished { key, result, .. } in &finished {
        match (key.as_str(), result) {
            ("lost", Err(error)) => assert_eq!(error.kind(), ErrorKind::OperationFailed),
            ("too late", Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::Skipped);
                let text = error.to_string();
                assert!(text.contains("too late") && text.contains("lost"), "{text}");
            }
            (key, result) => assert!(result.is_ok(), "{key}: {result:?}"),
        }
    }
    assert_eq!(emulator.ledger().len(), 13);
}

#[test]
fn results_come_as_calls_finish_on_one_thread_and_on_several() {
    for threads in [1, 2, 8] {
        let emulator = emulator();
        let client = client(&emulator);
        let mut batch = platform(&client);
        batch.threads(threads);
        check_platform(batch.run().unwrap().collect(), &emulator);
        assert!(emulator.connections() <= threads as u64, "{} connections", emulator.connections());
    }
}

#[tokio::test]
async fn results_come_as_calls_finish_in_one_task() {
    let emulator = emulator();
    let client = AsyncClient::builder()
        .credentials(emulator.credentials())
        .proxy(Proxy::None)
        .no_rate_limit()
        .poll_interval(Duration::from_millis(10))
        .build()
        .unwrap();
    let mut batch = client.batch();
    batch.add("cluster", client.create_cluster("prod", ClusterType::Managed));
    batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://b/raw/", "prod")).after("cluster");
    for i in 0..10 {
        batch.add(format!("db {i}"), client.create_database(format!("d{i}"), "raw")).after("lake");
    }
    batch.add("lost", client.create_database("lost", "nowhere")).after("lake");
    batch.add("too late", client.delete_database("lost", "nowhere")).after("lost");
    let mut results = batch.run().unwrap();
    let mut finished = Vec::new();
    // In a task of another thread, as a server would.
    let finished = tokio::spawn(async move {
        while let Some(next) = results.next().await {
            finished.push(next);
        }
        finished
    });
    check_platform(finished.await.unwrap(), &emulator);
}

/// Many threads with clones of one client, calls of their own and a batch among them: the server, which
/// counts requests in any second, refuses none.
#[test]
fn never_an_eleventh_request_in_a_second_however_many_ask() {
    let emulator = Emulator::builder().pending_polls(0).rate_limit(Some(10)).start().unwrap();
    let client = Client::builder().credentials(emulator.credentials()).proxy(Proxy::None).build().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            let client = client.clone();
            scope.spawn(move || {
                client.show_lakes().send().unwrap();
                client.show_clusters().submit().unwrap();
            });
        }
        let client = client.clone();
        scope.spawn(move || {
            let mut batch = client.batch();
            for i in 0..12 {
                batch.add(format!("{i}"), client.create_service_principal(format!("p{i}")));
            }
            assert!(batch.run().unwrap().all(|finished| finished.result.is_ok()));
        });
    });
    let requests = emulator.requests();
    assert!(requests.len() >= 42, "{} requests", requests.len());
    assert!(requests.iter().all(|request| request.status == 200), "{requests:?}");
}

#[test]
fn a_plan_that_cannot_be_is_refused_before_anything_is_sent() {
    let emulator = emulator();
    let (client, other) = (client(&emulator), client(&emulator));
    type Plan<'a> = &'a dyn Fn(&mut Batch<Blocking>);
    let cases: [(&str, Plan<'_>); 8] = [
        ("another call with this key", &|batch| {
            batch.add("a", client.show_lakes());
            batch.add("a", client.show_lakes());
        }),
        ("\"b\", which is not in the batch", &|batch| {
            batch.add("a", client.show_lakes()).after("b");
        }),
        ("after itself", &|batch| {
            batch.add("a", client.show_lakes()).after("b");
            batch.add("b", client.show_lakes()).after("a");
        }),
        ("after itself", &|batch| {
            batch.add("a", client.show_lakes()).after("a");
        }),
        ("call \"a\": DELETE CLUSTER", &|batch| {
            batch.add("a", client.delete_cluster("no spaces here"));
        }),
        ("another client", &|batch| {
            batch.add("a", other.show_lakes());
        }),
        ("its key is empty", &|batch| {
            batch.add("", client.show_lakes());
        }),
        ("no call that was read from a journal has this key", &|batch| {
            batch.again("a");
        }),
    ];
    for (expected, plan) in cases {
        let mut batch = client.batch();
        plan(&mut batch);
        let error = batch.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let offline = Client::offline();
    let mut batch = offline.batch();
    batch.add("a", offline.show_lakes());
    assert_eq!(batch.calls().next().unwrap().sql(), "SHOW LAKES");
    assert_eq!(batch.run().unwrap_err().kind(), ErrorKind::Credentials);
    assert!(client.batch().run().unwrap().next().is_none());
    assert!(emulator.requests().is_empty());
}

#[test]
fn a_dry_run_shows_the_calls_in_the_order_of_their_dependencies() {
    let client = Client::offline();
    let mut batch = client.batch();
    batch.add("c", client.show_lakes()).after("b").after("a");
    batch.add("d", client.show_clusters());
    batch.add("b", client.show_lakes()).after("a");
    batch.add("a", client.show_clusters());
    let order = batch.order().unwrap();
    let order: Vec<(&str, &str)> = order.iter().map(|call| (call.key(), call.sql())).collect();
    let (clusters, lakes) = ("SHOW CLUSTERS", "SHOW LAKES");
    assert_eq!(order, [("d", clusters), ("a", clusters), ("b", lakes), ("c", lakes)]);
    // What cannot be run has no order.
    batch.add("e", client.show_lakes()).after("nowhere");
    let error = batch.order().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("\"nowhere\", which is not in the batch"), "{error}");
    batch.add("f", client.delete_cluster("no spaces here"));
    assert!(batch.order().unwrap_err().to_string().contains("call \"f\""));
}

#[test]
fn commands_of_a_plan_and_raw_sql_go_into_a_batch() {
    let emulator = emulator();
    let client = client(&emulator);
    let command: AnyCommand =
        serde_json::from_str(r#"{"create_service_principal": {"name": "ci"}}"#).unwrap();
    let mut batch = client.batch();
    batch.add("plan", client.call(command));
    batch.add("raw", client.execute("SHOW LAKES"));
    let keys: BTreeSet<String> =
        batch.run().unwrap().map(|finished| finished.result.map(|_| finished.key).unwrap()).collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["plan", "raw"]);
}

#[test]
fn progress_comes_with_the_key_and_to_the_calls_own_callback() {
    let emulator = emulator();
    let client = client(&emulator);
    let (seen, own) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(Mutex::new(0)));
    let (of_batch, of_call) = (seen.clone(), own.clone());
    let mut batch = client.batch();
    batch.on_progress(move |key, progress| {
        if let Progress::Submitted { id } = progress {
            of_batch.lock().unwrap().insert(key.to_owned(), id.clone());
        }
    });
    batch.add("a", client.show_lakes()).after("b");
    batch.add("b", client.show_clusters().on_progress(move |_| *of_call.lock().unwrap() += 1));
    for finished in batch.run().unwrap() {
        assert_eq!(seen.lock().unwrap()[&finished.key], finished.result.unwrap().request_id);
    }
    assert!(*own.lock().unwrap() > 0);
}

#[test]
fn a_panic_of_a_callback_ends_the_batch_and_comes_out() {
    let emulator = emulator();
    let client = client(&emulator);
    for threads in [1, 8] {
        let mut batch = client.batch();
        batch.threads(threads).on_progress(|_, _| panic!("on purpose"));
        for i in 0..20 {
            batch.add(format!("{i}"), client.show_lakes());
        }
        let results = batch.run().unwrap();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| results.count()));
        assert_eq!(outcome.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    }
}

#[test]
fn dropping_the_results_stops_it_and_the_journal_goes_on_from_there() {
    let folder = Folder::new("dropped");
    let emulator = emulator();
    let client = client(&emulator);
    let journal = folder.file("batch.jsonl");
    let mut batch = platform(&client);
    batch.journal(&journal);
    let first = batch.run().unwrap().next().unwrap();
    assert_eq!(first.key, "cluster");
    assert!(emulator.ledger().len() < 13);

    // A second batch on the same file would do everything again.
    let mut batch = platform(&client);
    batch.journal(&journal);
    let error = batch.run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(error.to_string().contains("batch_from"), "{error}");

    let batch = client.batch_from(&journal).unwrap();
    let states: Vec<(String, CallState)> =
        batch.calls().map(|call| (call.key().to_owned(), call.state())).collect();
    assert!(matches!(&states[0], (key, CallState::Done { request_id: Some(_) }) if key == "cluster"));
    let mut finished: Vec<Finished> = batch.run().unwrap().collect();
    assert!(finished.iter().all(|finished| finished.key != "cluster"));
    finished.insert(0, first);
    check_platform(finished, &emulator);

    // Nothing is left to do; what failed stays failed, and what comes after it is skipped again.
    let rest: Vec<Finished> = client.batch_from(&journal).unwrap().run().unwrap().collect();
    assert_eq!(rest.len(), 1);
    assert_eq!(
        (rest[0].key.as_str(), rest[0].result.as_ref().unwrap_err().kind()),
        ("too late", ErrorKind::Skipped)
    );
    assert_eq!(emulator.ledger().len(), 13);
}

#[test]
fn what_is_unknown_waits_for_a_word() {
    let folder = Folder::new("unknown");
    for word in ["again", "settled"] {
        let emulator = emulator();
        emulator.add_fault("nth=1, submit: status=503, taken".parse().unwrap());
        let client = client(&emulator);
        let journal = folder.file(word);
        let mut batch = client.batch();
        batch.journal(&journal);
        batch.add("a", client.create_service_principal("a"));
        batch.add("b", client.create_service_principal("b")).after("a");
        let kinds: Vec<ErrorKind> =
            batch.run().unwrap().map(|finished| finished.result.unwrap_err().kind()).collect();
        assert_eq!(kinds, [ErrorKind::OutcomeUnknown, ErrorKind::Skipped]);

        // A second run reports it again, and sends nothing.
        let rest: Vec<Finished> = client.batch_from(&journal).unwrap().run().unwrap().collect();
        let error = rest[0].result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        assert!(error.to_string().contains("batch.again(key)"), "{error}");
        assert_eq!(emulator.ledger().len(), 1);

        let mut batch = client.batch_from(&journal).unwrap();
        assert_eq!(batch.calls().next().unwrap().state(), CallState::Unknown);
        if word == "again" {
            batch.again("a")
        } else {
            batch.settled("a")
        };
        let rest: BTreeMap<String, bool> =
            batch.run().unwrap().map(|finished| (finished.key, finished.result.is_ok())).collect();
        // Sent again, it meets the one that was taken: that is why it is asked before.
        let outcome = (rest.get("a"), rest.get("b"));
        assert_eq!(outcome, if word == "again" { (Some(&false), Some(&false)) } else { (None, Some(&true)) });
        // Twice the one, or each once.
        assert_eq!(emulator.ledger().len(), 2);
        let last = client.batch_from(&journal).unwrap();
        let state = last.calls().next().unwrap().state();
        assert!(if word == "again" {
            matches!(state, CallState::Failed { .. })
        } else {
            matches!(state, CallState::Done { .. })
        });
    }
}

#[test]
fn a_journal_is_for_its_owner_and_its_project() {
    let folder = Folder::new("owner");
    let emulator = emulator();
    let client = client(&emulator);
    let journal = folder.file("batch.jsonl");
    let mut batch = client.batch();
    batch.journal(&journal);
    batch.add("a", client.create_service_principal("a"));
    assert_eq!(batch.run().unwrap().count(), 1);
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&journal).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(&journal).unwrap();
    for secret in [emulator.identity().api_secret.as_str(), emulator.identity().api_key.as_str()] {
        assert!(!text.contains(secret));
    }

    let elsewhere = self::emulator();
    let error = self::client(&elsewhere).batch_from(&journal).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(error.to_string().contains("its address is"), "{error}");
    let error = client.batch_from(folder.file("none")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
}

#[test]
fn two_that_go_on_with_one_journal_do_not_both_send() {
    let folder = Folder::new("two");
    let emulator = emulator();
    let client = client(&emulator);
    let journal = folder.file("batch.jsonl");
    let mut batch = client.batch();
    batch.journal(&journal).threads(1);
    for i in 0..3 {
        batch.add(format!("{i}"), client.create_service_principal(format!("p{i}")));
    }
    drop(batch.run().unwrap());

    let (one, other) = (client.batch_from(&journal).unwrap(), client.batch_from(&journal).unwrap());
    let mut results = one.run().unwrap();
    // It has changed since it was read.
    assert_eq!(other.run().unwrap_err().kind(), ErrorKind::Journal);
    // Somebody takes it over while it is running.
    let third = client.batch_from(&journal).unwrap().run();
    if cfg!(windows) {
        // There nobody else can open it.
        let error = third.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Journal);
        assert!(error.to_string().contains("still running"), "{error}");
        assert!(results.all(|finished| finished.result.is_ok()));
    } else {
        let first = results.next().unwrap();
        assert_eq!(first.result.unwrap_err().kind(), ErrorKind::Journal);
        assert!(results.all(|finished| finished.result.unwrap_err().kind() == ErrorKind::Skipped));
        assert!(emulator.ledger().is_empty());
        assert!(third.unwrap().into_iter().all(|finished| finished.result.is_ok()));
    }
    assert_eq!(emulator.ledger().len(), 3);
}

/// The part of the next test that is killed: a process of its own.
#[test]
fn a_process_that_is_killed() {
    let Ok(url) = std::env::var("CONTROLPLANE_TEST_KILLED_URL") else { return };
    let journal = PathBuf::from(std::env::var("CONTROLPLANE_TEST_KILLED_JOURNAL").unwrap());
    let polls: u32 = std::env::var("CONTROLPLANE_TEST_KILLED_AFTER").unwrap().parse().unwrap();
    let identity = Identity::default();
    let credentials = Credentials::builder()
        .account_uid(identity.account_uid)
        .project_uid(identity.project_uid)
        .api_key(identity.api_key)
        .api_secret(identity.api_secret)
        .link_uid(identity.link_uid)
        .region(identity.region)
        .user_uid(identity.user_uid)
        .base_url(url)
        .build()
        .unwrap();
    let client = Client::builder()
        .credentials(credentials)
        .proxy(Proxy::None)
        .no_rate_limit()
        .poll_interval(Duration::from_millis(10))
        .build()
        .unwrap();
    let mut batch = if journal.exists() {
        client.batch_from(&journal).unwrap()
    } else {
        let mut batch = client.batch();
        batch.journal(&journal);
        for i in 0..16 {
            batch.add(format!("{i}"), client.create_service_principal(format!("p{i}")));
        }
        batch
    };
    // Some requests are in flight on other threads when it dies.
    let left = std::sync::atomic::AtomicU32::new(polls);
    batch.on_progress(move |_, _| {
        if left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            std::process::abort();
        }
    });
    for _ in batch.run().unwrap() {}
}

#[test]
fn processes_that_are_killed_take_nothing_twice() {
    let folder = Folder::new("killed");
    let emulator = emulator();
    let journal = folder.file("batch.jsonl");
    let mut deaths = 0;
    for after in 0..40 {
        let output = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", "batch::a_process_that_is_killed"])
            .env("CONTROLPLANE_TEST_KILLED_URL", emulator.url())
            .env("CONTROLPLANE_TEST_KILLED_JOURNAL", &journal)
            .env("CONTROLPLANE_TEST_KILLED_AFTER", (after % 5).to_string())
            .output()
            .unwrap();
        if output.status.success() {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 2, "{deaths}");
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    for entry in emulator.ledger() {
        *taken.entry(entry.statement.to_string()).or_default() += 1;
    }
    for call in client(&emulator).batch_from(&journal).unwrap().calls() {
        let times = taken.get(call.sql()).copied().unwrap_or_default();
        let (least, most) = match call.state() {
            CallState::Todo => (0, 0),
            CallState::Unknown => (0, 1),
            _ => (1, 1),
        };
        assert!((least..=most).contains(&times), "{}: {:?}, taken {times} times", call.key(), call.state());
    }
}
