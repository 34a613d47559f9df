//! Waits and job runs of Onehouse as calls of a batch.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::onehouse::{Batch, Client, ClusterStatus, ClusterType, Finished, JobType};
use controlplane::transport::Proxy;
use controlplane::{ErrorKind, Progress, eloq};
use controlplane_emulator as emulators;
use controlplane_emulator::onehouse::Emulator;

const TICK: Duration = Duration::from_millis(10);

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().credentials(emulator.credentials()).proxy(Proxy::None);
    builder.no_rate_limit().poll_interval(TICK).build().unwrap()
}

/// A file that is gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("controlplane-waits-{name}-{}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(file);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A cluster that is waited for, a job on it, and two runs of the job.
fn plan<M>(client: &controlplane::onehouse::client::Client<M>, batch: &mut Batch<M>) {
    batch.add("cluster", client.create_cluster("spark", ClusterType::Spark));
    batch.add("running", client.wait_for_cluster("spark", ClusterStatus::Running)).after("cluster");
    batch
        .add("job", client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark"))
        .after("running");
    batch.add("run", client.run_job("etl").and_wait()).after("job");
    batch.add("again", client.run_job("etl").and_wait()).after("run");
}

fn runs(emulator: &Emulator) -> usize {
    emulator.ledger().iter().filter(|entry| entry.statement.starts_with("RUN JOB")).count()
}

fn check(finished: Vec<Finished>, emulator: &Emulator) {
    let all: BTreeMap<&str, _> =
        finished.iter().map(|one| (&*one.key, one.result.as_ref().unwrap())).collect();
    assert_eq!(all.len(), 5);
    assert_eq!(all["running"].state().as_deref(), Some("RUNNING"));
    // The response in which the end was found.
    assert!(all["run"].payload().to_string().contains("COMPLETED"), "{}", all["run"].payload());
    assert_eq!(runs(emulator), 2);
}

#[test]
fn a_call_comes_after_a_state_and_after_a_run() {
    let emulator = Emulator::builder().pending_polls(1).start().unwrap();
    let client = client(&emulator);
    let mut batch = client.batch();
    plan(&client, &mut batch);
    let shown: Vec<String> = batch.order().unwrap().iter().map(|call| call.sql().to_owned()).collect();
    assert_eq!((shown[1].as_str(), shown[3].as_str()), ("DESCRIBE CLUSTER `spark`", "RUN JOB `etl`"));
    check(batch.run().unwrap().collect(), &emulator);
}

#[tokio::test]
async fn a_call_comes_after_a_state_and_after_a_run_in_one_task() {
    let emulator = Emulator::builder().pending_polls(1).start().unwrap();
    let builder = controlplane::onehouse::AsyncClient::builder().credentials(emulator.credentials());
    let client = builder.proxy(Proxy::None).no_rate_limit().poll_interval(TICK).build().unwrap();
    let mut batch = client.batch();
    plan(&client, &mut batch);
    let (mut results, mut finished) = (batch.run().unwrap(), Vec::new());
    while let Some(one) = results.next().await {
        finished.push(one);
    }
    check(finished, &emulator);
}

/// The process ends when the run is submitted, and again while it is waited for.
#[test]
fn a_run_is_continued_by_the_request_id_that_started_it() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    let (file, client) = (File::new("run"), client(&emulator));
    let mut batch = client.batch();
    batch.journal(&file.0);
    plan(&client, &mut batch);
    // The token ends the batch, so that no more is sent than was.
    let token = controlplane::CancelToken::new();
    let ends = token.clone();
    batch.cancel_with(&token).on_progress(move |key, progress| {
        if key == "run" && matches!(progress, Progress::Submitted { .. }) {
            ends.cancel();
        }
    });
    let results: BTreeMap<String, _> =
        batch.run().unwrap().map(|one| (one.key, one.result.err().map(|error| error.kind()))).collect();
    assert_eq!(results["run"], Some(ErrorKind::Cancelled));
    assert_eq!(results["again"], Some(ErrorKind::Skipped));
    assert_eq!(runs(&emulator), 1);

    let batch = client.batch_from(&file.0).unwrap();
    let states: BTreeMap<String, CallState> =
        batch.calls().map(|call| (call.key().to_owned(), call.state())).collect();
    assert!(matches!(states["running"], CallState::Done { .. }), "{states:?}");
    assert!(matches!(states["run"], CallState::Submitted { .. }), "{states:?}");
    let rest: Vec<Finished> = batch.run().unwrap().collect();
    assert!(rest.iter().all(|one| one.result.is_ok()), "{rest:?}");
    assert_eq!(rest.len(), 2);
    assert_eq!(runs(&emulator), 2, "each run was started once");
}

#[test]
fn a_rule_of_its_own_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for rule in 0..3 {
        let mut batch = client.batch();
        match rule {
            0 => batch.add("a", client.wait_for_cluster("c", ClusterStatus::Running).until(|_| true)),
            1 => batch.add("a", client.wait_for_job_run("0", "etl").until(|_| true)),
            _ => batch.add("a", client.run_job("etl").and_wait().until(|_| true)),
        };
        let error = batch.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("`until`"), "{error}");
    }
    assert!(emulator.ledger().is_empty());
}

/// The owner of calls has what the client knows, and a journal of another organization is refused.
#[test]
fn the_organization_is_an_owner_once_it_is_known() {
    let emulator = emulators::eloq::Emulator::builder().pending_polls(0).start().unwrap();
    let new = || {
        let (key, url) = (emulator.api_key(), emulator.url());
        let credentials = eloq::Credentials::builder().api_key(key).base_url(url).build().unwrap();
        eloq::Client::builder().credentials(credentials).proxy(Proxy::None).build().unwrap()
    };
    let (file, client) = (File::new("organization"), new());
    let org = client.org().send().unwrap();
    // A call about clusters needs the organization, so the client remembers it.
    client.clusters().send().unwrap();
    let mut batch = client.batch();
    batch.journal(&file.0);
    batch.add("list", client.clusters());
    drop(batch.run().unwrap());
    let text = std::fs::read_to_string(&file.0).unwrap();
    let id = format!("\"organization\":\"{}\"", org.org_id);
    assert!(text.lines().next().unwrap().contains(&id), "{text}");
    // A client that does not know it yet may continue; one that knows another may not.
    assert!(new().batch_from(&file.0).is_ok());
    std::fs::write(&file.0, text.replace(&id, "\"organization\":\"elsewhere\"")).unwrap();
    let error = client.batch_from(&file.0).unwrap_err();
    assert!(error.to_string().contains("its organization is elsewhere"), "{error}");
}
