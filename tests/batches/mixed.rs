//! One batch with the calls of several services, in both modes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::onehouse::LakeType;
use controlplane::transport::Proxy;
use controlplane::{
    AnyOutput, AsyncBatch, Batch, CancelToken, Error, ErrorKind, Progress, batch, eloq, onehouse,
};
use controlplane_emulator as emulators;

const TICK: Duration = Duration::from_millis(10);

struct Emulators {
    onehouse: emulators::onehouse::Emulator,
    eloq: emulators::eloq::Emulator,
}

impl Emulators {
    fn start(pending: u32) -> Self {
        Self {
            onehouse: emulators::onehouse::Emulator::builder().pending_polls(pending).start().unwrap(),
            eloq: emulators::eloq::Emulator::builder().pending_polls(pending).start().unwrap(),
        }
    }

    fn eloq_credentials(&self) -> eloq::Credentials {
        let (key, url) = (self.eloq.api_key(), self.eloq.url());
        eloq::Credentials::builder().api_key(key).base_url(url).build().unwrap()
    }

    fn blocking(&self) -> (onehouse::Client, eloq::Client) {
        let onehouse = onehouse::Client::builder().credentials(self.onehouse.credentials());
        let eloq = eloq::Client::builder().credentials(self.eloq_credentials());
        (
            onehouse.proxy(Proxy::None).poll_interval(TICK).build().unwrap(),
            eloq.proxy(Proxy::None).poll_interval(TICK).build().unwrap(),
        )
    }

    fn futures(&self) -> (onehouse::AsyncClient, eloq::AsyncClient) {
        let onehouse = onehouse::AsyncClient::builder().credentials(self.onehouse.credentials());
        let eloq = eloq::AsyncClient::builder().credentials(self.eloq_credentials());
        (
            onehouse.proxy(Proxy::None).poll_interval(TICK).build().unwrap(),
            eloq.proxy(Proxy::None).poll_interval(TICK).build().unwrap(),
        )
    }
}

/// The same plan in both modes: chains that go back and forth between the services.
fn plan<M>(
    onehouse: &onehouse::client::Client<M>,
    eloq: &eloq::client::Client<M>,
    batch: &mut controlplane::client::Batch<batch::Services, M>,
) {
    batch.add("events", onehouse.create_database("events", "raw")).after("key").after("lake");
    batch.add("key", eloq.cluster_credentials("c")).after("cluster");
    batch.add("cluster", eloq.cluster_create("c", "us-west-1", 3).and_wait()).after("lake");
    batch.add("lake", onehouse.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System"));
    batch.add("missing", eloq.cluster("nowhere"));
    batch.add("skipped", onehouse.create_service_principal("p")).after("missing");
}

fn check(finished: Vec<batch::Finished>, emulators: &Emulators) {
    let keys: Vec<&str> = finished.iter().map(|one| &*one.key).collect();
    let place = |key: &str| keys.iter().position(|other| *other == key).unwrap();
    assert!(
        place("lake") < place("cluster") && place("cluster") < place("key") && place("key") < place("events")
    );
    let all: BTreeMap<&str, &Result<AnyOutput, Error>> =
        finished.iter().map(|one| (&*one.key, &one.result)).collect();
    assert!(matches!(all["lake"], Ok(AnyOutput::Onehouse(done)) if done.is_terminal()));
    let Ok(AnyOutput::Eloq(eloq::AnyOutput::Cluster(cluster))) = all["cluster"] else { panic!("{all:?}") };
    assert!(cluster.is_usable());
    assert!(matches!(all["events"], Ok(AnyOutput::Onehouse(_))));
    assert_eq!(all["missing"].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(all["skipped"].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
    assert_eq!((emulators.onehouse.ledger().len(), emulators.eloq.ledger().len()), (2, 1));
}

fn journal(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("controlplane-mixed-{name}-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn calls_of_two_services_come_after_each_other() {
    for threads in [1, 8] {
        let emulators = Emulators::start(1);
        let (onehouse, eloq) = emulators.blocking();
        let mut batch = Batch::new();
        batch.threads(threads);
        plan(&onehouse, &eloq, &mut batch);
        let order: Vec<String> =
            batch.order().unwrap().iter().map(|call| format!("{} {}", call.service(), call.key())).collect();
        let expected = [
            "onehouse lake",
            "eloq cluster",
            "eloq key",
            "onehouse events",
            "eloq missing",
            "onehouse skipped",
        ];
        assert_eq!(order, expected);
        let first = batch.order().unwrap()[0];
        assert!(first.sql().unwrap().starts_with("CREATE LAKE") && first.to_request().is_none());
        let second = batch.order().unwrap()[1];
        assert!(second.to_request().unwrap().path.contains("clusters") && second.sql().is_none());
        check(batch.run().unwrap().collect(), &emulators);
    }
}

#[tokio::test]
async fn calls_of_two_services_come_after_each_other_in_one_task() {
    let emulators = Emulators::start(1);
    let (onehouse, eloq) = emulators.futures();
    let mut batch = AsyncBatch::new();
    plan(&onehouse, &eloq, &mut batch);
    let (mut results, mut finished) = (batch.run().unwrap(), Vec::new());
    while let Some(one) = results.next().await {
        finished.push(one);
    }
    check(finished, &emulators);
}

#[test]
fn a_journal_is_continued_with_the_clients_of_all_its_calls() {
    let emulators = Emulators::start(1);
    let (onehouse, eloq) = emulators.blocking();
    let path = journal("continued");
    let mut batch = Batch::new();
    batch.journal(&path);
    plan(&onehouse, &eloq, &mut batch);
    // Three results, then the program ends.
    let early: Vec<batch::Finished> = batch.run().unwrap().take(3).collect();
    assert_eq!(early.len(), 3);

    let refused = |error: Error, expected: &str| {
        assert_eq!(error.kind(), ErrorKind::Journal);
        assert!(error.to_string().contains(expected), "{error}");
    };
    refused(onehouse.batch_from(&path).unwrap_err(), "use `controlplane::Batch::from_journal`");
    refused(
        Batch::from_journal(&path, [(&onehouse).into()]).unwrap_err(),
        "it has calls of eloq at http://127.0.0.1",
    );
    let other = Emulators::start(0);
    let (_, elsewhere) = other.blocking();
    let clients = [(&onehouse).into(), (&elsewhere).into()];
    refused(Batch::from_journal(&path, clients).unwrap_err(), "the clients are: onehouse at");

    // In any order, with one more.
    let clients = [(&elsewhere).into(), (&eloq).into(), (&onehouse).into()];
    let batch = Batch::from_journal(&path, clients).unwrap();
    let done = batch.calls().filter(|call| matches!(call.state(), CallState::Done { .. })).count();
    assert!(done >= 1, "{done}");
    for finished in batch.run().unwrap() {
        let is_expected = matches!(&*finished.key, "missing" | "skipped") || finished.result.is_ok();
        assert!(is_expected, "{}: {:?}", finished.key, finished.result);
    }
    assert_eq!((emulators.onehouse.ledger().len(), emulators.eloq.ledger().len()), (2, 1));
    assert_eq!((other.onehouse.ledger().len(), other.eloq.ledger().len()), (0, 0));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_journal_of_one_service_is_continued_as_one_of_several() {
    let emulators = Emulators::start(0);
    let (onehouse, eloq) = emulators.blocking();
    let path = journal("one");
    let mut batch = onehouse.batch();
    batch.journal(&path);
    batch.add("a", onehouse.create_service_principal("a"));
    batch.add("b", onehouse.create_service_principal("b"));
    assert!(batch.run().unwrap().next().unwrap().result.is_ok());
    let batch = Batch::from_journal(&path, [(&eloq).into(), (&onehouse).into()]).unwrap();
    assert!(batch.run().unwrap().all(|finished| finished.result.is_ok()));
    assert_eq!(emulators.onehouse.ledger().len(), 2);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_failure_of_one_service_stops_the_calls_of_all() {
    let emulators = Emulators::start(0);
    let (onehouse, eloq) = emulators.blocking();
    let mut batch = Batch::new();
    batch.stop_on_failure(true);
    batch.add("missing", eloq.cluster("nowhere"));
    // A chain that takes twelve seconds at ten requests in a second.
    batch.add("0", onehouse.show_clusters());
    for i in 1..60 {
        batch.add(i.to_string(), onehouse.show_clusters()).after((i - 1).to_string());
    }
    let results: BTreeMap<String, ErrorKind> = batch
        .run()
        .unwrap()
        .filter_map(|finished| Some((finished.key, finished.result.err()?.kind())))
        .collect();
    assert_eq!(results["missing"], ErrorKind::NotFound);
    assert_eq!(results["59"], ErrorKind::Skipped);
    assert!(emulators.onehouse.ledger().len() < 60);
}

#[test]
fn one_token_cancels_the_calls_of_all_and_progress_has_their_keys() {
    let emulators = Emulators::start(1_000_000);
    let (onehouse, eloq) = emulators.blocking();
    let mut batch = Batch::new();
    batch.add("lake", onehouse.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System"));
    batch.add("cluster", eloq.cluster_create("c", "us-west-1", 3).and_wait());
    let (token, seen) = (CancelToken::new(), Arc::new(Mutex::new(BTreeMap::new())));
    let (cancels, keys) = (token.clone(), seen.clone());
    batch.cancel_with(&token).on_progress(move |key, progress| {
        if let Progress::Polled { .. } = progress {
            let mut keys = keys.lock().unwrap();
            *keys.entry(key.to_owned()).or_insert(0) += 1;
            if keys.len() == 2 {
                cancels.cancel();
            }
        }
    });
    let results: Vec<batch::Finished> = batch.run().unwrap().collect();
    assert_eq!(results.len(), 2);
    for finished in results {
        let error = finished.result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    }
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[test]
fn the_time_of_a_batch_is_that_of_the_calls_of_all() {
    let emulators = Emulators::start(1_000_000);
    let (onehouse, eloq) = emulators.blocking();
    let mut batch = Batch::new();
    batch.timeout(Duration::from_millis(300));
    batch.add("lake", onehouse.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System"));
    batch.add("cluster", eloq.cluster_create("c", "us-west-1", 3).and_wait());
    for finished in batch.run().unwrap() {
        assert_eq!(finished.result.unwrap_err().kind(), ErrorKind::OperationTimeout, "{}", finished.key);
    }
}

#[test]
fn a_batch_of_nothing_ends_and_one_of_offline_clients_is_refused() {
    assert_eq!(Batch::<controlplane::onehouse::Blocking>::new().run().unwrap().count(), 0);
    let (onehouse, eloq) = (onehouse::Client::offline(), eloq::Client::offline());
    let mut batch = Batch::new();
    plan(&onehouse, &eloq, &mut batch);
    assert_eq!(batch.order().unwrap().len(), 6);
    assert_eq!(batch.run().unwrap_err().kind(), ErrorKind::Credentials);
}
