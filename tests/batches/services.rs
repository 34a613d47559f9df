//! Batches of the services whose calls are several machines, in both modes, against their emulators.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use controlplane::transport::Proxy;
use controlplane::{ErrorKind, PollPolicy, RetryPolicy, eloq, h2o_workflows};
use controlplane_emulator as emulators;
use serde_json::{Value, json};

const TICK: Duration = Duration::from_millis(10);

/// A file that is gone with it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("controlplane-services-{name}-{}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(file);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    /// The calls in the journal, by their keys.
    fn calls(&self) -> BTreeMap<String, Value> {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let calls = lines.filter_map(|line| line.get("call").cloned());
        calls.map(|call| (call["key"].as_str().unwrap().to_owned(), call)).collect()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

mod of_eloq {
    use super::*;
    use controlplane::eloq::{AnyOutput, AsyncClient, Client, ClientBuilder, Credentials};
    use emulators::eloq::Emulator;

    fn emulator() -> Emulator {
        Emulator::builder().pending_polls(1).cluster_limit(None).start().unwrap()
    }

    fn with<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
        let (key, url) = (emulator.api_key(), emulator.url());
        builder
            .credentials(Credentials::builder().api_key(key).base_url(url).build().unwrap())
            .proxy(Proxy::None)
            .poll_interval(TICK)
    }

    fn plan<M>(client: &eloq::client::Client<M>, batch: &mut eloq::Batch<M>) {
        batch.add("gone", client.cluster_delete("a").and_wait()).after("a");
        for name in ["a", "b"] {
            batch.add(name, client.cluster_create(name, "us-west-1", 3).and_wait());
        }
        batch.add("key", client.cluster_credentials("b")).after("b");
        batch.add("seen", client.wait_for_cluster("b")).after("key");
        batch.add("list", client.clusters()).after("gone");
        batch.add("lost", client.cluster("nowhere")).after("list");
        batch.add("too late", client.cluster_create("c", "us-west-1", 3)).after("lost");
    }

    fn check(finished: Vec<eloq::Finished>, emulator: &Emulator) {
        let all: BTreeMap<&str, _> = finished.iter().map(|one| (&*one.key, &one.result)).collect();
        assert_eq!(all.len(), 8);
        assert!(matches!(all["a"], Ok(AnyOutput::Cluster(cluster)) if cluster.is_usable()));
        assert!(matches!(all["seen"], Ok(AnyOutput::Cluster(cluster)) if cluster.is_usable()));
        assert!(matches!(all["gone"], Ok(AnyOutput::Nothing(()))), "{:?}", all["gone"]);
        assert!(matches!(all["key"], Ok(AnyOutput::Credentials(_))));
        assert!(matches!(all["list"], Ok(AnyOutput::Clusters(list)) if list.total <= 1));
        assert_eq!(all["lost"].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(all["too late"].as_ref().unwrap_err().kind(), ErrorKind::Skipped);
        assert_eq!(emulator.ledger().len(), 3);
    }

    #[test]
    fn results_come_as_calls_finish() {
        for threads in [1, 8] {
            let emulator = emulator();
            let client: Client = with(Client::builder(), &emulator).build().unwrap();
            let mut batch = client.batch();
            batch.threads(threads);
            plan(&client, &mut batch);
            check(batch.run().unwrap().collect(), &emulator);
        }
    }

    #[tokio::test]
    async fn results_come_as_calls_finish_in_one_task() {
        let emulator = emulator();
        let client: AsyncClient = with(AsyncClient::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        plan(&client, &mut batch);
        let mut results = batch.run().unwrap();
        let mut finished = Vec::new();
        while let Some(one) = results.next().await {
            finished.push(one);
        }
        check(finished, &emulator);
    }

    #[test]
    fn a_rule_of_its_own_is_refused_before_anything_is_sent() {
        let emulator = emulator();
        let client: Client = with(Client::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        batch.add("a", client.cluster_create("a", "us-west-1", 3).and_wait().until(|_| true));
        let error = batch.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let text = error.to_string();
        assert!(text.contains("call \"a\"") && text.contains("`until`"), "{text}");
        let mut batch = client.batch();
        batch.add("b", client.wait_for_cluster("b").until(|_| true));
        assert_eq!(batch.run().unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert!(emulator.requests().is_empty());
    }

    #[test]
    fn a_plan_shows_its_requests_and_needs_no_key() {
        let client = Client::offline();
        let mut batch = client.batch();
        batch.add("a", client.cluster_create("a b", "us-west-1", 3).and_wait());
        batch.add("b", client.wait_for_cluster("a b"));
        let paths: Vec<String> = batch.calls().map(|call| call.to_request().unwrap().path).collect();
        let clusters = "/orgs/{org}/projects/{project}/clusters";
        assert_eq!(paths, [clusters.to_owned(), format!("{clusters}/a%20b")]);
        assert_eq!(batch.run().unwrap_err().kind(), ErrorKind::Credentials);
    }

    #[test]
    fn the_journal_keeps_every_setting_and_another_project_is_refused() {
        let file = File::new("settings");
        let emulator = emulator();
        let client: Client = with(Client::builder(), &emulator).project("p2").build().unwrap();
        let mut polls = PollPolicy::every(Duration::from_millis(20));
        (polls.factor, polls.max_interval) = (3.0, Duration::from_secs(7));
        let mut retry = RetryPolicy::retries(9);
        (retry.first_delay, retry.jitter) = (Duration::from_millis(70), 0.25);
        let mut batch = client.batch();
        batch.journal(&file.0).http_timeout(Duration::from_secs(11));
        let create = client.cluster_create("a", "us-west-1", 3).timeout(Duration::from_secs(99));
        batch.add("a", create.polling(polls).retry(retry));
        batch.add("b", client.cluster_create("b", "us-west-1", 3).project((1, 147)));
        let _ = batch.run().unwrap();

        let calls = file.calls();
        let settings = json!({
            "timeout_ms": 99_000, "http_timeout_ms": 11_000,
            "poll": {"interval_ms": 20, "factor": 3.0, "max_interval_ms": 7000},
            "retry": {
                "retries": 9, "first_delay_ms": 70, "factor": 2.0, "max_delay_ms": 8000, "jitter": 0.25,
            },
        });
        assert_eq!(calls["a"]["settings"], settings);
        assert_eq!(calls["a"]["call"]["project"], json!({"name": "p2"}));
        assert_eq!(calls["b"]["call"]["project"], json!({"in_org": {"org_id": 1, "project_id": 147}}));

        let other: Client = with(Client::builder(), &emulator).build().unwrap();
        let error = other.batch_from(&file.0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Journal);
        assert!(error.to_string().contains("project \"p2\""), "{error}");
        // The rest of the batch is about the projects that were chosen when it was made.
        let rest = client.batch_from(&file.0).unwrap().run().unwrap();
        assert!(rest.into_iter().all(|one| one.result.is_ok()));
        let projects: Vec<(String, i64)> =
            emulator.ledger().into_iter().map(|taken| (taken.cluster_name, taken.project_id)).collect();
        assert!(projects.contains(&("a".to_owned(), 205)) && projects.contains(&("b".to_owned(), 147)));
    }
}

mod of_h2o_workflows {
    use super::*;
    use controlplane::h2o_workflows::{AnyOutput, AsyncClient, Client, ClientBuilder, Credentials, Workflow};
    use emulators::h2o_workflows::Emulator;

    const PARENT: &str = "workspaces/w";
    const SOURCE: &str = "id: f\njobs:\n  j:\n    steps:\n      - name: s\n        run: echo hello\n";

    fn emulator() -> Emulator {
        Emulator::builder().pending_polls(1).start().unwrap()
    }

    fn with<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
        let credentials = Credentials::builder()
            .env([("HOME", "/nonexistent")])
            .environment(emulator.url())
            .platform_token(emulator.refresh_token());
        builder.credentials(credentials.build().unwrap()).proxy(Proxy::None).poll_interval(TICK)
    }

    fn plan<M>(client: &h2o_workflows::client::Client<M>, batch: &mut h2o_workflows::Batch<M>) {
        let workflow = format!("{PARENT}/workflows/f");
        let revision = format!("{workflow}/revisions/active");
        batch.add("create", client.workflow().create_workflow(PARENT, Workflow::new(SOURCE)));
        batch.add("activate", client.workflow().activate_workflow(&*workflow)).after("create");
        for key in ["run 1", "run 2"] {
            let run = client.workflow_revision().run_workflow_revision(&*revision);
            batch.add(key, run.and_wait()).after("activate");
        }
        batch.add("lost", client.run().wait_for_run(format!("{revision}/runs/lost"))).after("run 1");
        batch.add("list", client.run().list_runs(&*revision)).after("run 2");
    }

    fn check(finished: Vec<h2o_workflows::Finished>, emulator: &Emulator) {
        let all: BTreeMap<&str, _> = finished.iter().map(|one| (&*one.key, &one.result)).collect();
        assert_eq!(all.len(), 6);
        assert!(matches!(all["create"], Ok(AnyOutput::Workflow(_))), "{:?}", all["create"]);
        for key in ["run 1", "run 2"] {
            assert!(matches!(all[key], Ok(AnyOutput::Run(_))), "{:?}", all[key]);
        }
        assert_eq!(all["lost"].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
        assert!(matches!(all["list"], Ok(AnyOutput::RunsPage(_))), "{:?}", all["list"]);
        assert_eq!(emulator.ledger().len(), 4);
        assert_eq!(emulator.renewals(), 1);
    }

    #[test]
    fn results_come_as_calls_finish() {
        for threads in [1, 8] {
            let emulator = emulator();
            let client: Client = with(Client::builder(), &emulator).build().unwrap();
            let mut batch = client.batch();
            batch.threads(threads);
            plan(&client, &mut batch);
            check(batch.run().unwrap().collect(), &emulator);
        }
    }

    #[tokio::test]
    async fn results_come_as_calls_finish_in_one_task() {
        let emulator = emulator();
        let client: AsyncClient = with(AsyncClient::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        plan(&client, &mut batch);
        let mut results = batch.run().unwrap();
        let mut finished = Vec::new();
        while let Some(one) = results.next().await {
            finished.push(one);
        }
        check(finished, &emulator);
    }

    #[test]
    fn tokens_are_renewed_while_the_batch_runs_and_no_discovery_request_has_one() {
        let emulator = emulator();
        let client: Client = with(Client::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        plan(&client, &mut batch);
        let mut results = batch.run().unwrap();
        let mut finished = vec![results.next().unwrap()];
        emulator.revoke_access_tokens();
        finished.extend(results);
        assert!(emulator.renewals() >= 2);
        assert_eq!(finished.iter().filter(|one| one.result.is_ok()).count(), 5, "{finished:?}");
        assert_eq!(emulator.ledger().len(), 4);
    }

    #[test]
    fn a_journal_is_for_its_environment() {
        let file = File::new("environment");
        let (emulator, other) = (emulator(), self::emulator());
        let client: Client = with(Client::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        batch.journal(&file.0);
        plan(&client, &mut batch);
        let _ = batch.run().unwrap();
        let text = std::fs::read_to_string(&file.0).unwrap();
        assert!(!text.contains(emulator.refresh_token()));
        let elsewhere: Client = with(Client::builder(), &other).build().unwrap();
        let error = elsewhere.batch_from(&file.0).unwrap_err();
        assert!(error.to_string().contains("its address is"), "{error}");
        check(client.batch_from(&file.0).unwrap().run().unwrap().collect(), &emulator);
    }
}

#[cfg(feature = "hotdata")]
mod of_hotdata {
    use super::*;
    use controlplane::client::CallState;
    use controlplane::hotdata::{
        AnyOutput, AsyncClient, BulkCreateDatabasesRequest, Client, ClientBuilder, CreateDatabaseRequest,
        Credentials, JobEnd, LoadMode,
    };
    use controlplane::{Progress, hotdata};
    use emulators::hotdata::Emulator;

    fn emulator() -> (Emulator, String) {
        let emulator = Emulator::builder().pending_polls(1).start().unwrap();
        let client: Client = with(Client::builder(), &emulator).build().unwrap();
        let database = client.databases().create(CreateDatabaseRequest::new().name("d")).send().unwrap().id;
        (emulator, database)
    }

    fn with<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
        let credentials = Credentials::builder()
            .api_key(emulator.api_key())
            .workspace_id(emulator.workspace_id())
            .base_url(emulator.url());
        builder.credentials(credentials.build().unwrap()).proxy(Proxy::None).poll_interval(TICK)
    }

    fn plan<M>(client: &hotdata::client::Client<M>, database: &str, batch: &mut hotdata::Batch<M>) {
        for table in ["t1", "t2"] {
            let load = client.databases().load(database, "main", table, LoadMode::Append);
            batch.add(table, load.data("id,amount\n1,2.5\n2,3.5\n").and_wait());
        }
        let load = client.databases().load(database, "main", "t3", LoadMode::Append);
        batch.add("t3", load.data("id\n1\n")).after("t2");
        let query = client.query("SELECT sum(amount) FROM t1").database_id(database);
        batch.add("sum", query).after("t1");
        let query = client.query("SELECT id FROM t2 ORDER BY id").database_id(database);
        batch.add("ids", query.and_wait()).after("t2");
        batch.add("bulk", client.databases().bulk_create(BulkCreateDatabasesRequest::new(2)).and_wait());
        batch.add("lost", client.jobs().wait_for_job("job_lost")).after("bulk");
        batch.add("count", client.databases().list()).after("bulk");
    }

    fn check(finished: Vec<hotdata::Finished>) {
        let all: BTreeMap<&str, _> = finished.iter().map(|one| (&*one.key, &one.result)).collect();
        assert_eq!(all.len(), 8);
        for key in ["t1", "t2"] {
            let loaded = matches!(
                all[key],
                Ok(AnyOutput::LoadEnd(end)) if matches!(&**end, JobEnd::Succeeded(load) if load.row_count == 2)
            );
            assert!(loaded, "{:?}", all[key]);
        }
        assert!(matches!(all["t3"], Ok(AnyOutput::LoadOutcome(_))), "{:?}", all["t3"]);
        assert!(matches!(all["sum"], Ok(AnyOutput::QueryOutcome(_))), "{:?}", all["sum"]);
        assert!(matches!(all["ids"], Ok(AnyOutput::QueryResponse(rows)) if rows.rows == [[1], [2]]));
        assert!(matches!(all["bulk"], Ok(AnyOutput::BulkCreateEnd(_))), "{:?}", all["bulk"]);
        assert!(all["lost"].is_err());
        assert!(matches!(all["count"], Ok(AnyOutput::ListDatabases(_))), "{:?}", all["count"]);
        let json = serde_json::to_value(all["t1"].as_ref().unwrap()).unwrap();
        assert_eq!(json["row_count"], 2);
    }

    #[test]
    fn results_come_as_calls_finish() {
        for threads in [1, 8] {
            let (emulator, database) = emulator();
            let client: Client = with(Client::builder(), &emulator).build().unwrap();
            let mut batch = client.batch();
            batch.threads(threads);
            plan(&client, &database, &mut batch);
            check(batch.run().unwrap().collect());
        }
    }

    #[tokio::test]
    async fn results_come_as_calls_finish_in_one_task() {
        let (emulator, database) = tokio::task::spawn_blocking(emulator).await.unwrap();
        let client: AsyncClient = with(AsyncClient::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        plan(&client, &database, &mut batch);
        let mut results = batch.run().unwrap();
        let mut finished = Vec::new();
        while let Some(one) = results.next().await {
            finished.push(one);
        }
        check(finished);
    }

    #[test]
    fn a_load_without_a_source_is_refused_before_anything_is_sent() {
        let client = Client::offline();
        let mut batch = client.batch();
        batch.add("a", client.databases().load("dbid7h2k9q4m1x8c", "main", "t", LoadMode::Append).and_wait());
        let error = batch.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("no source is set"), "{error}");
    }

    #[test]
    fn what_was_started_is_waited_for_by_its_id() {
        let file = File::new("started");
        let (emulator, database) = emulator();
        let client: Client = with(Client::builder(), &emulator).build().unwrap();
        let mut batch = client.batch();
        batch.journal(&file.0).threads(1);
        plan(&client, &database, &mut batch);
        // The program ends as soon as each call that starts something has an id.
        let (send, started) = std::sync::mpsc::channel();
        batch.on_progress(move |key, progress| {
            if let Progress::Submitted { id } = progress {
                send.send((key.to_owned(), id.clone())).unwrap();
            }
        });
        let mut results = batch.run().unwrap();
        let mut finished = vec![results.next().unwrap()];
        drop(results);
        let started: BTreeMap<String, String> = started.try_iter().collect();
        let batch = client.batch_from(&file.0).unwrap();
        let states: BTreeMap<String, CallState> =
            batch.calls().map(|call| (call.key().to_owned(), call.state())).collect();
        assert!(started.len() >= 2, "{started:?}");
        for (key, id) in started {
            match &states[&key] {
                CallState::Submitted { request_id } => assert_eq!(*request_id, id),
                CallState::Done { request_id } => assert_eq!(*request_id, Some(id)),
                state => panic!("{key}: {state:?}"),
            }
        }
        finished.extend(batch.run().unwrap());
        check(finished);
        // Other clients are refused.
        let other: Client = with(Client::builder(), &emulator).database_id(&*database).build().unwrap();
        let error = other.batch_from(&file.0).unwrap_err();
        assert!(error.to_string().contains("its account is"), "{error}");
    }
}
