//! The client of EloqCloud against its emulator, over sockets: both modes, faults, projects, waits, pages.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::eloq::{
    AnyCommand, AsyncClient, Client, CloudProvider, Cluster, ClusterStatus, Credentials, EloqModule, Project,
    SkuType, may_be_missing,
};
use controlplane::transport::Proxy;
use controlplane::{Error, ErrorKind, ExposeSecret, Progress, RetryPolicy, SecretString};
use controlplane_emulator::eloq::{Change, Emulator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const TICK: Duration = Duration::from_millis(10);

fn quick() -> RetryPolicy {
    let mut policy = RetryPolicy::retries(3);
    policy.first_delay = TICK;
    policy.max_delay = TICK;
    policy
}

fn credentials(key: impl Into<SecretString>, base_url: impl Into<String>) -> Credentials {
    Credentials::builder().api_key(key).base_url(base_url).build().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().credentials(credentials(emulator.api_key(), emulator.url()));
    builder.proxy(Proxy::None).retry(quick()).poll_interval(TICK).build().unwrap()
}

fn asynchronous(emulator: &Emulator) -> AsyncClient {
    let builder = AsyncClient::builder().credentials(credentials(emulator.api_key(), emulator.url()));
    builder.proxy(Proxy::None).retry(quick()).poll_interval(TICK).build().unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn start() -> Emulator {
    Emulator::builder().pending_polls(1).start().unwrap()
}

/// What was asked, without the numbers of connections.
fn asked(emulator: &Emulator) -> Vec<String> {
    let requests = emulator.requests().into_iter();
    requests.map(|r| format!("{} {}?{} {}", r.method, r.path, r.query, r.status)).collect()
}

fn creations(emulator: &Emulator) -> usize {
    emulator.ledger().iter().filter(|taken| matches!(taken.change, Change::Create { .. })).count()
}

fn deletions(emulator: &Emulator) -> usize {
    emulator.ledger().iter().filter(|taken| taken.change == Change::Delete).count()
}

// ---- Both modes ---------------------------------------------------------------------------------

/// All eight calls, good and bad.
fn plan() -> Vec<AnyCommand> {
    serde_json::from_value(json!([
        {"info": {}},
        {"org": {}},
        {"get_skus": {"sku_type": "serverless", "eloq_module": "eloqkv", "cloud_provider": "aws"}},
        {"get_skus": {"sku_type": {"other": "cheap"}, "eloq_module": "eloqkv", "cloud_provider": "aws"}},
        {"clusters": {}},
        {"cluster": {"cluster_name": "c1"}},
        {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}},
        {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}},
        {"cluster_create": {"cluster_name": "c2", "region": "us-west-1", "sku_id": 77}},
        {"cluster_create": {"cluster_name": "a/b", "region": "us-east-1", "sku_id": 29, "required_zone": "us-east-1c"}},
        {"cluster_credentials": {"cluster_name": "c1"}},
        {"cluster_delete": {"cluster_name": "a/b"}},
        {"cluster": {"cluster_name": "c1"}},
        {"cluster": {"cluster_name": "a/b"}},
        {"cluster_credentials": {"cluster_name": "a/b"}},
        {"clusters": {"page": 1, "per_page": 1}},
        {"clusters": {"page": 0}},
        {"clusters": {"per_page": 51}},
        {"cluster_delete": {"cluster_name": "a/b"}},
        {"cluster_delete": {"cluster_name": ".."}},
        {"cluster_delete": {"cluster_name": "c9"}}
    ]))
    .unwrap()
}

fn shown<T: serde::Serialize>(outcome: Result<T, Error>) -> Value {
    match outcome {
        Ok(output) => serde_json::to_value(output).unwrap(),
        Err(error) => json!({
            "error": error.to_string(), "kind": format!("{:?}", error.kind()), "status": error.status(),
            "code": error.api_code(), "message": error.api_message(), "body": error.body(),
        }),
    }
}

#[test]
fn both_modes_ask_the_same_and_give_the_same() {
    let (one, other) = (start(), start());
    let (blocking, futures, runtime) = (client(&one), asynchronous(&other), runtime());
    for command in plan() {
        let first = shown(blocking.call(command.clone()).send());
        let second = shown(runtime.block_on(async { futures.call(command.clone()).await }));
        assert_eq!(first, second, "{command:?}");
    }
    assert_eq!(asked(&one), asked(&other));
    assert_eq!(one.ledger(), other.ledger());
    assert_eq!((creations(&one), deletions(&one)), (2, 1));
}

#[test]
fn waits_are_the_same_in_both_modes() {
    let (one, other) = (start(), start());
    let (blocking, futures, runtime) = (client(&one), asynchronous(&other), runtime());
    let made = blocking.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();
    let same = runtime.block_on(futures.cluster_create("c1", "us-west-1", 3).and_wait().send()).unwrap();
    assert_eq!(made, same);
    assert!(made.is_usable());
    blocking
        .wait_for_cluster("c1")
        .until(move |cluster| cluster.status == ClusterStatus::Available)
        .send()
        .unwrap();
    runtime
        .block_on(async {
            futures
                .wait_for_cluster("c1")
                .until(move |cluster| cluster.status == ClusterStatus::Available)
                .await
        })
        .unwrap();
    blocking.wait_for_cluster("c1").send().unwrap();
    runtime.block_on(async { futures.wait_for_cluster("c1").await }).unwrap();
    blocking.cluster_delete("c1").and_wait().send().unwrap();
    runtime.block_on(async { futures.cluster_delete("c1").and_wait().await }).unwrap();
    blocking.wait_for_cluster_deletion("c1").send().unwrap();
    runtime.block_on(async { futures.wait_for_cluster_deletion("c1").await }).unwrap();
    assert_eq!(asked(&one), asked(&other));
    assert_eq!((creations(&one), deletions(&one)), (1, 1));
}

#[test]
fn all_pages_blocking_and_as_a_stream() {
    let emulator = Emulator::builder().cluster_limit(None).pending_polls(0).start().unwrap();
    let blocking = client(&emulator);
    assert_eq!(blocking.clusters().iter().count(), 0);
    let names: Vec<String> = (0..7).map(|i| format!("c{i}")).collect();
    for name in &names {
        blocking.cluster_create(name, "us-west-1", 3).send().unwrap();
    }
    let lists = |emulator: &Emulator| asked(emulator).iter().filter(|r| r.contains("perPage=")).count();
    let before = lists(&emulator);
    let all: Vec<String> = blocking.clusters().page_size(3).iter().map(|c| c.unwrap().cluster_name).collect();
    assert_eq!((all, lists(&emulator) - before), (names.clone(), 3));
    let rest: Vec<String> =
        blocking.clusters().page(2).page_size(3).iter().map(|c| c.unwrap().cluster_name).collect();
    assert_eq!(rest, names[3..]);
    // A last page that is full is known to be the last.
    let before = lists(&emulator);
    assert_eq!(blocking.clusters().page_size(7).iter().count(), 7);
    assert_eq!(lists(&emulator) - before, 1);
    // Each page is asked for when it is needed.
    let before = lists(&emulator);
    assert_eq!(blocking.clusters().page_size(3).iter().take(3).count(), 3);
    assert_eq!(lists(&emulator) - before, 1);

    runtime().block_on(async {
        let mut stream = asynchronous(&emulator).clusters().page_size(3).stream();
        let mut all = Vec::new();
        while let Some(cluster) = stream.next().await {
            all.push(cluster.unwrap().cluster_name);
        }
        assert_eq!(all, names);
        assert!(stream.next().await.is_none());
    });

    // An error is the last item.
    emulator.add_fault("other, nth=2: status=403".parse().unwrap());
    let outcomes: Vec<bool> = blocking.clusters().page_size(3).iter().map(|c| c.is_ok()).collect();
    assert_eq!(outcomes, [true, true, true, false]);
}

// ---- Once, whatever happens ---------------------------------------------------------------------

/// Faults after which the server may have done it, and whether it has.
const LOST: [(&str, bool); 12] = [
    ("take-then-close", true),
    ("cut-header", true),
    ("cut-body", true),
    ("close-before-read", false),
    ("too-long", true),
    ("empty-body", true),
    ("not-json", true),
    ("status=500", false),
    ("status=500, taken", true),
    ("status=503", false),
    ("status=504, taken", true),
    (r#"status=200, taken, body="{\"code\": 500, \"message\": \"internal server error\"}""#, true),
];

#[test]
fn a_creation_is_sent_once_whatever_happens() {
    for (fault, taken) in LOST {
        for waits in [false, true] {
            let emulator = start();
            let client = client(&emulator);
            emulator.add_fault(format!("submit: {fault}").parse().unwrap());
            let error = if waits {
                client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap_err()
            } else {
                client.cluster_create("c1", "us-west-1", 3).send().unwrap_err()
            };
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{fault}: {error}");
            assert!(error.to_string().contains("creating the cluster `c1`"), "{error}");
            assert!(error.to_string().contains("before you repeat it"), "{error}");
            assert!(!error.is_retryable());
            assert_eq!(creations(&emulator), usize::from(taken), "{fault}");
            let posts = asked(&emulator).iter().filter(|r| r.starts_with("POST")).count();
            assert_eq!(posts, 1, "{fault}");
        }
    }
}

#[test]
fn a_deletion_is_sent_once_whatever_happens() {
    for (fault, taken) in LOST {
        for waits in [false, true] {
            let emulator = Emulator::builder().pending_polls(0).start().unwrap();
            let client = client(&emulator);
            client.cluster_create("c1", "us-west-1", 3).send().unwrap();
            emulator.add_fault(format!("submit: {fault}").parse().unwrap());
            let error = if waits {
                client.cluster_delete("c1").and_wait().send().unwrap_err()
            } else {
                client.cluster_delete("c1").send().unwrap_err()
            };
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{fault}: {error}");
            assert_eq!(deletions(&emulator), usize::from(taken), "{fault}");
            let deletes = asked(&emulator).iter().filter(|r| r.starts_with("DELETE")).count();
            assert_eq!(deletes, 1, "{fault}");
        }
    }
}

#[test]
fn what_was_certainly_not_taken_is_sent_again() {
    let emulator = start();
    emulator.add_fault("submit, nth=1: status=429, retry-after=0".parse().unwrap());
    client(&emulator).cluster_create("c1", "us-west-1", 3).send().unwrap();
    assert_eq!(creations(&emulator), 1);

    // A server that is not there never got anything.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client =
        Client::builder().credentials(credentials("k", format!("http://{nobody}/api/v1"))).project((1, 147));
    let client = client.proxy(Proxy::None).retry(RetryPolicy::retries(0)).build().unwrap();
    let error = client.cluster_create("c1", "us-west-1", 3).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
}

#[test]
fn reads_are_retried() {
    for fault in [
        "times=2: status=503",
        "times=2: take-then-close",
        "times=2: cut-body",
        "times=1: status=429, retry-after=0",
        r#"times=2: status=200, body="{\"code\": 500, \"message\": \"internal server error\"}""#,
        r#"times=2: status=200, body="{\"code\": 429, \"message\": \"too many requests\"}""#,
    ] {
        let emulator = start();
        emulator.add_fault(fault.parse().unwrap());
        let client = client(&emulator);
        assert_eq!(client.clusters().send().unwrap().total, 0, "{fault}");
        assert_eq!(client.info().send().unwrap().user_name, "dev");
    }
}

// ---- What errors say ----------------------------------------------------------------------------

#[test]
fn a_failing_code_in_a_200_is_an_error_with_its_code_and_message() {
    for (body, kind) in [
        (json!({"code": 400, "message": "cluster name already exists"}), ErrorKind::Rejected),
        (json!({"code": 403, "message": "permission denied"}), ErrorKind::PermissionDenied),
        (json!({"code": 10023, "message": "quota exceeded"}), ErrorKind::Rejected),
        (json!({"code": 409, "message": "busy", "data": {"more": 1}}), ErrorKind::Conflict),
    ] {
        let emulator = start();
        let client = client(&emulator);
        let fault = controlplane_emulator::faults::Answer::new(200).body(body.to_string());
        let fault = controlplane_emulator::faults::Fault::new(fault);
        emulator.add_fault(fault.kind(controlplane_emulator::faults::RequestKind::Submit));
        let error = client.cluster_create("c1", "us-west-1", 3).send().unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(200)), "{error}");
        assert_eq!(error.api_code(), Some(body["code"].to_string().as_str()));
        assert_eq!(error.api_message(), body["message"].as_str());
        let says = format!("HTTP 200, code {}: {}", body["code"], body["message"].as_str().unwrap());
        assert!(error.to_string().contains(&says), "{error}");
        assert_eq!(error.body(), Some(body.to_string().as_str()));
    }
}

#[test]
fn a_cluster_that_is_not_there_is_known_in_both_forms() {
    let error = client(&start()).cluster("c1").send().unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && may_be_missing(&error), "{error}");
    let emulator = Emulator::builder().missing_as_403().start().unwrap();
    let error = client(&emulator).cluster("c1").send().unwrap_err();
    assert!(error.kind() == ErrorKind::PermissionDenied && may_be_missing(&error), "{error}");
    assert!(error.to_string().contains("the cluster does not exist"), "{error}");
    let wrong = Client::from_key_and_url("wrong", emulator.url()).unwrap();
    let error = wrong.info().send().unwrap_err();
    assert!(error.kind() == ErrorKind::Authentication && !may_be_missing(&error), "{error}");
    assert!(error.to_string().contains("API Keys"), "{error}");
    // The same if it comes out on the way to something else.
    let error = wrong.clusters().send().unwrap_err();
    assert!(error.to_string().contains("reading org-info") && error.to_string().contains("API Keys"));
    let root = emulator.url().replace("/api/v1/", "");
    let error = Client::from_key_and_url(emulator.api_key(), root).unwrap().clusters().send().unwrap_err();
    assert!(error.to_string().contains("Check the base URL"), "{error}");
}

#[test]
fn keys_and_passwords_do_not_show() {
    let emulator = Emulator::builder().pending_polls(0).api_key("hunter2-key").start().unwrap();
    let client = client(&emulator);
    client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();
    let cluster = client.cluster("c1").send().unwrap();
    let access = client.cluster_credentials("c1").send().unwrap();
    let password = access.password.expose_secret().to_owned();
    assert_eq!((access.username.as_str(), access.port), ("147-c1", 6378));
    let call = client.cluster("c1");
    for shown in [format!("{client:?}"), format!("{call:?}"), format!("{access:?}"), format!("{cluster:?}")] {
        assert!(!shown.contains(&password) && !shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains(&cluster.admin_password), "{shown}");
    }
    // Asked for, it is written.
    assert_eq!(serde_json::to_value(&access).unwrap()["password"], password);

    // A server that repeats the key.
    emulator.add_fault("status=400, body=no hunter2-key here".parse().unwrap());
    let error = client.info().send().unwrap_err();
    assert!(!format!("{error}{error:?}{:?}{:?}", error.body(), error.api_message()).contains("hunter2"));
}

/// Whatever is wrong with the description of a cluster, its password stays out of the error.
#[test]
fn a_description_that_cannot_be_used_does_not_show_its_password() {
    let data =
        json!({"display_cluster_name": "c1", "admin_user": "dXNlcg==", "admin_password": "aHVudGVyMg=="});
    let bad = json!({"display_cluster_name": 7, "admin_password": "aHVudGVyMg=="});
    let whole = json!({"code": 500, "message": null, "data": data}).to_string();
    for (status, body) in [
        (200, whole.clone()),
        (500, whole.clone()),
        (400, whole[..whole.len() - 5].to_owned()),
        (200, whole[..whole.len() - 5].to_owned()),
        (200, json!({"code": 0, "message": "success", "data": bad}).to_string()),
        (400, json!({"admin_password": "aHVudGVyMg=="}).to_string()),
    ] {
        let emulator = start();
        let fault = controlplane_emulator::faults::Answer::new(status).body(body.clone());
        emulator.add_fault(controlplane_emulator::faults::Fault::new(fault).path_prefix("/api/v1/orgs"));
        let client = client(&emulator);
        for error in [
            client.cluster("c1").send().unwrap_err(),
            client.cluster_credentials("c1").send().unwrap_err(),
            client.wait_for_cluster("c1").timeout(Duration::from_millis(200)).send().unwrap_err(),
            client
                .cluster_create("c1", "r", 3)
                .and_wait()
                .timeout(Duration::from_millis(200))
                .send()
                .unwrap_err(),
        ] {
            let source = std::error::Error::source(&error).map(|e| format!("{e} {e:?}"));
            let all = format!("{error} {error:?} {:?} {:?} {source:?}", error.body(), error.api_message());
            assert!(!all.contains("aHVudGVyMg"), "{body}: {all}");
        }
    }
}

#[test]
fn keys_that_cannot_be_sent_are_refused_before() {
    for key in ["", " key", "key\n", "a\u{0}b"] {
        let error = Client::from_key(key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{key:?}");
    }
    for url in ["", "api", "ftp://h/", "https://", "https://user:hunter2@h/", "https://h/?a"] {
        let error = Client::from_key_and_url("key", url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{url}");
        assert!(!error.to_string().contains("hunter2"));
    }
    assert_eq!(Client::offline().info().send().unwrap_err().kind(), ErrorKind::Credentials);
    if std::env::var_os("ELOQ_API_KEY").is_none() {
        let error = Client::from_env().unwrap_err();
        assert_eq!((error.kind(), error.missing_fields()), (ErrorKind::Credentials, ["api_key"].as_slice()));
        assert!(error.to_string().contains("ELOQ_API_KEY"));
    }
}

#[test]
fn credentials_are_given_when_they_are_whole() {
    let emulator = Emulator::builder().pending_polls(1).start().unwrap();
    let client = client(&emulator);
    client.cluster_create("c1", "us-west-1", 3).send().unwrap();
    let error = client.cluster_credentials("c1").send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::NotReady, Some("provisioning")), "{error}");
    assert!(error.is_retryable() && error.to_string().contains("wait_for_cluster"), "{error}");
    client.cluster_credentials("c1").send().unwrap();
}

// ---- Projects -----------------------------------------------------------------------------------

fn org_infos(emulator: &Emulator) -> usize {
    asked(emulator).iter().filter(|r| r.contains("org-info")).count()
}

#[test]
fn org_info_is_asked_once_and_the_first_project_counts() {
    let emulator = start();
    let client = client(&emulator);
    let clone = client.clone();
    client.clusters().send().unwrap();
    clone.cluster_create("c1", "us-west-1", 3).send().unwrap();
    clone.clusters().send().unwrap();
    assert_eq!(org_infos(&emulator), 1);
    assert_eq!(emulator.ledger()[0].project_id, 147);
    // On demand it is asked again.
    client.info().send().unwrap();
    client.org().send().unwrap();
    client.clusters().send().unwrap();
    assert_eq!(org_infos(&emulator), 3);
    client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send().unwrap();
    assert_eq!(org_infos(&emulator), 3);
}

#[test]
fn another_project_for_a_client_or_a_call() {
    let emulator = start();
    let first = client(&emulator);
    for (name, project) in [("a", Project::from(205)), ("b", "p2".into()), ("c", (1, 205).into())] {
        let builder =
            Client::builder().credentials(credentials(emulator.api_key(), emulator.url())).proxy(Proxy::None);
        let second = builder.project(project.clone()).build().unwrap();
        second.cluster_create(name, "us-west-1", 3).send().unwrap();
        assert_eq!(second.cluster(name).send().unwrap().project_name, "p2");
        assert_eq!(first.cluster(name).project(project).send().unwrap().project_name, "p2");
        assert!(first.cluster(name).send().is_err());
        assert!(second.cluster(name).project("p1").send().is_err());
    }
    assert!(emulator.ledger().iter().all(|taken| taken.project_id == 205));
    // Both ids given: nothing is looked up.
    emulator.reset();
    let builder =
        Client::builder().credentials(credentials(emulator.api_key(), emulator.url())).proxy(Proxy::None);
    builder.project((1, 147)).build().unwrap().clusters().send().unwrap();
    assert_eq!(org_infos(&emulator), 0);
}

#[test]
fn a_project_that_is_not_there_is_looked_for_anew_and_named() {
    let emulator = start();
    let client = client(&emulator);
    client.clusters().send().unwrap();
    let error = client.clusters().project(999).send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, None));
    assert!(
        error.to_string().contains("no project 999") && error.to_string().contains("147 (p1)"),
        "{error}"
    );
    assert_eq!(org_infos(&emulator), 2);
    let error = client.cluster_create("c1", "r", 3).project("px").send().unwrap_err();
    assert!(error.to_string().contains("no project named \"px\""), "{error}");
    assert!(emulator.ledger().is_empty());
}

// ---- Waits --------------------------------------------------------------------------------------

#[test]
fn a_wait_bears_what_may_pass() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    emulator.add_fault("poll, nth=1, times=2: status=404".parse().unwrap());
    emulator.add_fault("poll, nth=4: status=503".parse().unwrap());
    emulator.add_fault("poll, nth=5: take-then-close".parse().unwrap());
    emulator.add_fault("poll, nth=6: not-json".parse().unwrap());
    let statuses = Arc::new(Mutex::new(Vec::new()));
    let seen = statuses.clone();
    let call =
        client(&emulator).cluster_create("c1", "us-west-1", 3).and_wait().on_progress(move |progress| {
            if let Progress::Polled { status, .. } = progress {
                seen.lock().unwrap().push(status.clone());
            }
        });
    assert!(call.send().unwrap().is_usable());
    let statuses = statuses.lock().unwrap();
    assert_eq!(statuses[..2], ["not found", "not found"]);
    assert!(statuses[2..].iter().all(|status| status == "provisioning"), "{statuses:?}");
    assert_eq!(creations(&emulator), 1);
}

#[test]
fn a_wait_that_is_over_says_where_it_stood() {
    let emulator = Emulator::builder().pending_polls(u32::MAX).start().unwrap();
    let client = client(&emulator);
    let call = client.cluster_create("c1", "us-west-1", 3).and_wait().timeout(Duration::from_millis(300));
    let error = call.send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    assert_eq!((error.resource(), error.api_status()), (Some("c1"), Some("provisioning")));
    let text = error.to_string();
    assert!(text.contains(": timed out after ") && text.contains("; last status: provisioning"), "{text}");
    assert!(text.contains("wait_for_cluster"), "{text}");
    assert_eq!(creations(&emulator), 1);
    // The wait can be taken up again.
    assert!(emulator.set_status("c1", "Available"));
    assert!(client.wait_for_cluster("c1").send().unwrap().is_usable());
}

#[test]
fn a_status_that_reads_like_a_failure_ends_the_wait() {
    let emulator = start();
    let client = client(&emulator);
    client.cluster_create("c1", "us-west-1", 3).send().unwrap();
    emulator.set_status("c1", "PROVISION_FAILED");
    let error = client
        .wait_for_cluster("c1")
        .until(move |cluster| cluster.status == ClusterStatus::Available)
        .send()
        .unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some("PROVISION_FAILED")));
    assert!(error.to_string().contains("PROVISION_FAILED"), "{error}");
    // It can be waited for too, whatever its case.
    let is_failed = |cluster: &Cluster| cluster.status.as_str().eq_ignore_ascii_case("provision_failed");
    client.wait_for_cluster("c1").until(is_failed).send().unwrap();
    let accepted = client.wait_for_cluster("c1").accept_failure().send().unwrap();
    assert!(accepted.status.is_failure());
}

#[test]
fn a_deletion_is_over_when_the_cluster_is_gone_in_either_form() {
    for emulator in [
        Emulator::builder().pending_polls(1).start().unwrap(),
        Emulator::builder().pending_polls(1).missing_as_403().start().unwrap(),
    ] {
        let client = client(&emulator);
        client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();
        client.cluster_delete("c1").and_wait().send().unwrap();
        assert!(may_be_missing(&client.cluster("c1").send().unwrap_err()));
        assert_eq!(deletions(&emulator), 1);
        // What cannot be deleted is refused, and not waited for.
        let error = client.cluster_delete("c1").and_wait().send().unwrap_err();
        assert!(may_be_missing(&error) && error.resource().is_none(), "{error}");
    }
}

#[test]
fn a_wait_does_not_take_another_403_for_a_missing_cluster() {
    let emulator = start();
    let client = client(&emulator);
    client.cluster_create("c1", "us-west-1", 3).send().unwrap();
    emulator
        .add_fault(r#"poll: status=403, body="{\"code\":403,\"message\":\"key revoked\"}""#.parse().unwrap());
    for error in [
        client.wait_for_cluster_deletion("c1").send().unwrap_err(),
        client.wait_for_cluster("c1").send().map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert_eq!((error.resource(), error.api_message()), (Some("c1"), Some("key revoked")));
    }
    for name in ["", " ", "a\nb"] {
        let error = client.cluster_create(name, "us-west-1", 3).and_wait().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name:?}");
    }
}
