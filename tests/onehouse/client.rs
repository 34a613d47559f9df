//! The blocking client, whole: against the emulator, and against transports and servers that misbehave.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::http::{Headers, Method, Response};
use controlplane::onehouse::{
    AnyCommand, ApiStatus, Client, ClientBuilder, ClusterState, ClusterType, Credentials, StatusResponse,
};
use controlplane::transport::{Proxy, SendErrorKind};
use controlplane::{Error, ErrorKind, ExposeSecret, Progress, RetryPolicy};
use controlplane_emulator::onehouse::Emulator;
use serde_json::{Value, json};

use crate::counted_server::CountedServer;
use crate::raw_request::read_request;
use crate::raw_response::answer;
use crate::raw_server::RawServer;
use crate::scripted::{Reply, Scripted};

const KEY: &str = "key-hunter1";
const SECRET: &str = "secret-hunter2";

fn credentials(base_url: &str) -> Credentials {
    Credentials::builder()
        .env([("HOME", "/nowhere")])
        .account_uid("acc")
        .project_uid("prj")
        .api_key(KEY)
        .api_secret(SECRET)
        .link_uid("lnk")
        .region("us-west-2")
        .user_uid("usr")
        .base_url(base_url)
        .build()
        .unwrap()
}

fn plain(credentials: Credentials) -> ClientBuilder {
    Client::builder().credentials(credentials).proxy(Proxy::None).poll_interval(Duration::from_millis(10))
}

fn emulated(emulator: &Emulator) -> Client {
    plain(emulator.credentials()).build().unwrap()
}

/// Takes every statement, and gives this as the status.
fn with_status(status: Value) -> Scripted {
    Scripted::new(move |request, _| match request.method {
        Method::Post => Reply::text(200, r#"{"requestId": "id-1"}"#),
        _ => Reply::text(200, status.to_string()),
    })
}

fn scripted(script: &Scripted) -> Client {
    let builder = plain(credentials("https://h")).transport(script.clone());
    builder.retry(RetryPolicy::retries(0)).build().unwrap()
}

#[test]
fn a_cluster_from_its_creation_to_its_end() {
    let emulator = Emulator::start().unwrap();
    let client = emulated(&emulator);
    let done = client.create_cluster("prod", ClusterType::Managed).max_ocu(10).min_ocu(1).send().unwrap();
    assert_eq!(done.api_status, ApiStatus::Success);
    assert!(done.is_terminal() && !done.is_partial());
    client.alter_cluster("prod").state(ClusterState::Stop).send().unwrap();
    let described = client.describe_cluster("prod").send().unwrap();
    assert_eq!(described.payload()["max_ocu"], 10);
    assert!(client.show_clusters().send().unwrap().rows().iter().any(|row| row["name"] == "prod"));
    client.delete_cluster("prod").send().unwrap();
    let error = client.delete_cluster("prod").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert_eq!(error.api_status(), Some("API_OPERATION_STATUS_FAILED"));
    assert!(error.request_id().is_some() && error.api_response().is_some());
    assert_eq!(emulator.connections(), 1, "one connection for all of it");
}

#[test]
fn submitted_here_and_waited_for_there() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let submitted = emulated(&emulator).create_cluster("prod", ClusterType::Sql).submit().unwrap();
    assert_eq!(submitted.raw["requestId"], submitted.request_id.as_str());

    let elsewhere = emulated(&emulator);
    let status = elsewhere.get_status(&submitted.request_id).send().unwrap();
    assert_eq!(status.api_status, ApiStatus::Pending);
    let done = elsewhere.resume(&submitted.request_id).send().unwrap();
    assert_eq!((done.request_id, done.api_status), (submitted.request_id, ApiStatus::Success));
    assert_eq!(emulator.ledger().len(), 1);
}

#[test]
fn raw_statements() {
    let emulator = Emulator::start().unwrap();
    let client = emulated(&emulator);
    let done = client.execute("show   clusters").send().unwrap();
    assert!(!done.rows().is_empty());
    let id = client.submit("SHOW CLUSTERS").send().unwrap().request_id;
    assert!(client.resume(id).send().unwrap().is_terminal());
    let error = client.execute("SHOW CLUSTERS;").send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert!(error.to_string().contains("Invalid sql query"), "{error}");
}

#[test]
fn a_failed_operation_is_an_answer_to_get_status() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = emulated(&emulator);
    let id = client.delete_cluster("never").submit().unwrap().request_id;
    let status = client.get_status(&id).send().unwrap();
    assert_eq!(status.api_status, ApiStatus::Failed);
    let error = client.resume(&id).send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationFailed, Some(id.as_str())));
}

#[test]
fn a_wait_that_times_out_can_be_resumed() {
    let emulator = Emulator::builder().pending_polls(1000).start().unwrap();
    let client = emulated(&emulator);
    let id = client.create_cluster("slow", ClusterType::Spark).submit().unwrap().request_id;
    let error = client.resume(&id).timeout(Duration::from_millis(50)).send().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::OperationTimeout, Some(id.as_str())));
    assert!(error.is_resumable() && !error.is_retryable());

    let quick = Emulator::builder().pending_polls(3).start().unwrap();
    let client = emulated(&quick);
    let id = client.create_cluster("quick", ClusterType::Spark).submit().unwrap().request_id;
    assert_eq!(client.resume(id).send().unwrap().api_status, ApiStatus::Success);
    assert_eq!(quick.ledger().len(), 1);
}

#[test]
fn progress_is_told() {
    let emulator = Emulator::builder().pending_polls(2).start().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let done = emulated(&emulator)
        .show_clusters()
        .on_progress(move |progress| sink.lock().unwrap().push(progress.clone()))
        .send()
        .unwrap();
    let seen = seen.lock().unwrap();
    assert!(matches!(&seen[0], Progress::Submitted { id } if *id == done.request_id));
    let polled = seen.iter().filter(|p| matches!(p, Progress::Polled { .. })).count();
    let changes = seen.iter().filter(|p| matches!(p, Progress::StatusChanged { .. })).count();
    assert_eq!((polled, changes, seen.len()), (2, 2, 6));
    assert!(matches!(&seen[5], Progress::Finished { outcome: Ok(_), .. }));
}

#[test]
fn the_requests_are_those_of_the_api() {
    let fake = with_status(json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS"}));
    let client = plain(credentials("https://h/api/v1/")).transport(fake.clone()).build().unwrap();
    let done = client.execute("SHOW LAKES -- ü '").send().unwrap();
    assert_eq!(done.api_response, Value::Null);
    assert!(done.rows().is_empty());
    let seen = fake.sent();
    let (submit, poll) = (&seen[0], &seen[1]);
    assert_eq!((submit.method, submit.url().as_str()), (Method::Post, "https://h/api/v1/resource/"));
    let body: Value = serde_json::from_slice(submit.body.as_ref().unwrap()).unwrap();
    assert_eq!(body, json!({"statement": "SHOW LAKES -- ü '"}));
    assert_eq!((poll.method, poll.url().as_str()), (Method::Get, "https://h/api/v1/status/id-1"));
    assert_eq!(poll.body, None);
    for request in [submit, poll] {
        for (name, value) in [
            ("x-onehouse-account-uid", "acc"),
            ("x-onehouse-project-uid", "prj"),
            ("x-onehouse-api-key", KEY),
            ("x-onehouse-api-secret", SECRET),
            ("x-onehouse-link-uid", "lnk"),
            ("x-onehouse-region", "us-west-2"),
            ("x-onehouse-uuid", "usr"),
            ("content-type", "application/json"),
        ] {
            assert_eq!(request.headers.text(name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(request.headers.get("authorization"), None);
    }
}

#[test]
fn base_urls() {
    let url = |base: &str| {
        let fake = with_status(json!({"apiStatus": "API_OPERATION_STATUS_PENDING"}));
        let client = plain(credentials(base)).transport(fake.clone()).build()?;
        client.get_status("a/../b?x#y").send()?;
        let url = fake.sent()[0].url();
        Ok::<String, Error>(url)
    };
    for (base, root) in [
        ("https://h", "https://h"),
        ("https://h/", "https://h"),
        ("https://h/v1", "https://h"),
        ("https://h/v1/", "https://h"),
        ("http://h:8080/v1//", "http://h:8080"),
        ("https://h/api/v1", "https://h/api"),
        ("https://h/v1/v1", "https://h/v1"),
        ("https://h//v1", "https://h/"),
        ("https://h/V1", "https://h/V1"),
    ] {
        assert_eq!(url(base).unwrap(), format!("{root}/v1/status/a%2F..%2Fb%3Fx%23y"), "{base}");
    }
    for base in [
        "h",
        "ftp://h",
        "https://",
        "https:///v1",
        "https://:1",
        "https://u:hunter2@h",
        "https://h?a",
        "https://h/#",
        "https://h h",
    ] {
        let error = url(base).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{base}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn statuses_in_every_case_and_unknown_ones() {
    let send = |status: &str| {
        let fake = with_status(json!({"apiStatus": status, "apiResponse": {"a": 1}}));
        scripted(&fake).show_lakes().send()
    };
    assert_eq!(send("api_operation_status_success").unwrap().api_status, ApiStatus::Success);
    let partial = send("API_OPERATION_STATUS_SUCCESS_PARTIAL").unwrap();
    assert!(partial.is_partial() && partial.is_terminal());
    for status in ["API_OPERATION_STATUS_FAILED", "API_OPERATION_STATUS_INVALID"] {
        let error = send(status).unwrap_err();
        assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationFailed, Some(status)));
        assert_eq!(error.api_response(), Some(&json!({"a": 1})));
    }
    let fake = with_status(json!({"apiStatus": "NEW_STATE", "more": true}));
    let status = scripted(&fake).get_status("id-1").send().unwrap();
    assert_eq!(status.api_status, ApiStatus::Other("NEW_STATE".into()));
    assert_eq!(status.raw["more"], true);
    assert!(!status.is_terminal());
}

#[test]
fn statuses_that_are_none() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "7",
        "\"text\"",
        "<html>",
        r#"{"apiStatus": null}"#,
        r#"{"apiStatus": 7}"#,
        "\u{feff}{}",
    ] {
        let fake = Scripted::new(move |request, _| match request.method {
            Method::Post => Reply::text(200, r#"{"requestId": "id-1"}"#),
            _ => Reply::text(200, body),
        });
        for error in [
            scripted(&fake).get_status("id-1").send().unwrap_err(),
            scripted(&fake).run_job("etl").send().unwrap_err(),
        ] {
            assert_eq!(
                (error.kind(), error.request_id()),
                (ErrorKind::UnexpectedResponse, Some("id-1")),
                "{body}"
            );
        }
    }
}

#[test]
fn submits_that_are_answered_without_an_id() {
    for body in ["", "{}", "[]", "null", "<html>", r#"{"requestId": ""}"#, r#"{"requestId": 7}"#, "\u{0}"] {
        let fake = Scripted::new(move |_, _| Reply::text(200, body));
        let outcomes = [
            (scripted(&fake).run_job("etl").send().unwrap_err(), ErrorKind::OutcomeUnknown),
            (scripted(&fake).run_job("etl").submit().unwrap_err(), ErrorKind::OutcomeUnknown),
            (scripted(&fake).show_jobs().send().unwrap_err(), ErrorKind::UnexpectedResponse),
            (scripted(&fake).submit("GRANT x").send().unwrap_err(), ErrorKind::OutcomeUnknown),
        ];
        for (error, kind) in outcomes {
            assert_eq!((error.kind(), error.request_id()), (kind, None), "{body:?}");
        }
        assert_eq!(fake.sent().len(), 4, "each was sent once");
    }
}

#[test]
fn the_reason_of_an_error_is_decoded() {
    let with = |status: u16, message: &'static str, body: &'static str| {
        let fake = Scripted::new(move |_, _| {
            let mut headers = Headers::new();
            if !message.is_empty() {
                headers.push("Grpc-Message", message);
            }
            Reply::Whole(Response::new(status, headers, body))
        });
        scripted(&fake).execute("GRANT x").send().unwrap_err()
    };
    let error = with(400, "Invalid%20sql%20query%3A%20x+y%20%zz%FF", "");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(
        error.to_string().starts_with("GRANT x: HTTP 400: Invalid sql query: x+y %zz\u{fffd}"),
        "{error}"
    );
    let error = with(400, "", "bad");
    assert_eq!((error.status(), error.body()), (Some(400), Some("bad")));
    assert!(error.to_string().contains("HTTP 400: bad"), "{error}");
    for (status, kind) in [
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (422, ErrorKind::Rejected),
        (501, ErrorKind::Server),
        (503, ErrorKind::OutcomeUnknown),
    ] {
        assert_eq!(with(status, "", "").kind(), kind, "{status}");
    }
}

#[test]
fn a_statement_that_may_have_been_taken_is_sent_once() {
    // The server reads the whole request and closes the connection: over real sockets, with default retries.
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let server = RawServer::start(move |mut stream, _| {
        if read_request(&mut stream).is_some() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let client = plain(credentials(&server.url())).build().unwrap();
    let error = client.run_job("etl").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("not sent again"), "{error}");
    assert_eq!(taken.load(Ordering::SeqCst), 1);
}

#[test]
fn a_redirect_names_the_host_and_nothing_reaches_it() {
    let other = CountedServer::start(|mut stream, _| {
        read_request(&mut stream);
    });
    let location = format!("Location: {}/x?secret=hunter3\r\n", other.url());
    let server = RawServer::start(move |mut stream, _| {
        read_request(&mut stream);
        stream.write_all(&answer("307 Temporary Redirect", &location, "")).unwrap();
    });
    let client = plain(credentials(&server.url())).build().unwrap();
    let error = client.show_lakes().send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(307)));
    assert!(error.to_string().contains(&other.addr.to_string()), "{error}");
    assert!(!error.to_string().contains("hunter3"), "{error}");
    assert_eq!(other.connections(), 0);
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let client = emulated(&emulator);
    let refused = [
        client.execute("").send(),
        client.execute(" \n\t").send(),
        client.describe_cluster("").send(),
        client.describe_cluster("1abc").send(),
        client.describe_cluster("has space").send(),
        client.describe_cluster("prod\n").send(),
        client.describe_cluster("`; DELETE").unchecked_names().send(),
        client.create_database("d", "line\nbreak").send(),
        client.create_cluster("c", ClusterType::Other("a\nb".into())).send(),
        client.create_cluster("c", ClusterType::Sql).option("k", "hunter3\r").send(),
        client.create_cluster("c", ClusterType::Sql).option("k'", "hunter3").send(),
        client.create_cluster("c", ClusterType::Sql).option("", "hunter3").send(),
        client.create_cluster("c", ClusterType::Sql).option("k\0", "hunter3").send(),
        client.create_cluster("c", ClusterType::Sql).option("k", f64::NAN).send(),
        client.alter_cluster("c").send(),
        client.get_status("").send(),
        client.resume(" ").send(),
    ];
    for (number, outcome) in refused.into_iter().enumerate() {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{number}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter"), "{number}: {error}");
    }
    assert!(client.submit("").send().is_err());
    assert!(client.execute("").submit().is_err());
    assert!(client.execute("").to_sql().is_err());
    for plan in [
        r#"{"create_cluster": {"name": "c", "type": "Managd"}}"#,
        r#"{"create_cluster": {"name": "c", "type": "Managed", "max_ocus": 1}}"#,
        r#"{"create_cluster": {"name": "c", "type": "Managed", "max_ocu": "1"}}"#,
        r#"{"create_clutser": {"name": "c"}}"#,
        r#"{"create_cluster": {"name": "c""#,
    ] {
        assert!(serde_json::from_str::<AnyCommand>(plan).is_err(), "{plan}");
    }
    assert_eq!(emulator.requests().len(), 0);
    assert_eq!(emulator.connections(), 0);
}

#[test]
fn secrets_do_not_show() {
    let emulator = Emulator::start().unwrap();
    let client = plain(credentials(emulator.url()));
    let mut shown = vec![format!("{client:?}")];
    let client = client.build().unwrap();
    shown.push(format!("{client:?} {:?}", client.show_lakes()));
    // The server does not know these credentials.
    let error = client.show_lakes().send().unwrap_err();
    assert!(error.is_auth());
    shown.push(format!("{error} {error:?} {:?}", error.body()));
    // A server that says what it was sent.
    let echo = Scripted::new(|request, number| {
        let text: String =
            request.headers.iter().map(|(_, v)| String::from_utf8_lossy(v).into_owned() + " ").collect();
        let mut headers = Headers::new();
        if number == 0 {
            headers.push("grpc-message", text.replace(' ', "%20").as_bytes());
        }
        Reply::Whole(Response::new(400, headers, text))
    });
    for _ in 0..2 {
        let error = scripted(&echo).show_lakes().send().unwrap_err();
        assert!(error.body().unwrap().contains("[redacted]"));
        shown.push(format!("{error} {error:?} {:?}", error.body()));
    }
    shown.push(format!("{echo:?}"));
    for text in shown {
        assert!(!text.contains("hunter"), "{text}");
    }
    for request in emulator.requests() {
        assert!(!format!("{request:?}").contains("hunter"));
    }
}

#[test]
fn the_secret_of_a_token_is_given_and_not_shown() {
    let done = StatusResponse::from_json(
        "id-1",
        json!({
            "apiStatus": "API_OPERATION_STATUS_SUCCESS",
            "apiResponse": {"createApiTokenApiResponse": {"name": "t", "secret": "hunter2"}},
        }),
    )
    .unwrap();
    assert_eq!(done.secret().unwrap().expose_secret(), "hunter2");
    assert!(!format!("{done:?}").contains("hunter2"));
    let error = done.parse::<Vec<u8>>().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::UnexpectedResponse, Some("id-1")));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn all_clones_share_one_budget() {
    let fake = with_status(json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS"}));
    let client = plain(credentials("https://h")).transport(fake.clone()).rate_limit(2).build().unwrap();
    let waited = Arc::new(AtomicUsize::new(0));
    for client in [client.clone(), client.clone()] {
        let waited = waited.clone();
        client
            .show_lakes()
            .on_progress(move |progress| {
                if matches!(progress, Progress::WaitingForRateLimit { .. }) {
                    waited.fetch_add(1, Ordering::SeqCst);
                }
            })
            .send()
            .unwrap();
    }
    // Two requests may go at once: of four, some had to wait.
    assert_eq!(fake.sent().len(), 4);
    assert!(waited.load(Ordering::SeqCst) >= 1);
}

#[test]
fn a_client_serves_many_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = plain(emulator.credentials()).no_rate_limit().build().unwrap();
    shared(&client);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..5 {
                    client.create_cluster(format!("c-{thread}-{number}"), ClusterType::Spark).send().unwrap();
                }
            });
        }
    });
    assert_eq!(emulator.ledger().len(), 40);
    assert!(emulator.connections() <= 8, "{} connections", emulator.connections());
}

#[test]
fn offline_clients_say_so() {
    let error = Client::offline().show_lakes().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("offline"), "{error}");
    assert!(Client::offline().get_status("id").send().is_err());
}

#[test]
fn a_broken_connection_while_polling_is_borne() {
    let fake = Scripted::new(|request, number| match (request.method, number) {
        (Method::Post, _) => Reply::text(200, r#"{"requestId": "id-1"}"#),
        (_, 1) => Reply::Fails(SendErrorKind::Closed, true),
        (_, 2) => Reply::text(503, ""),
        _ => Reply::text(200, r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS"}"#),
    });
    assert!(scripted(&fake).run_job("etl").send().is_ok());
    assert_eq!(fake.sent().len(), 4);
}

#[test]
fn a_failed_poll_never_invites_to_submit_again() {
    for what in [
        Reply::text(400, ""),
        Reply::text(404, ""),
        Reply::text(501, ""),
        Reply::text(507, ""),
        Reply::Fails(SendErrorKind::BodyTooLarge, false),
        Reply::Fails(SendErrorKind::Certificate, false),
        Reply::Fails(SendErrorKind::InvalidRequest, false),
    ] {
        let answer = what.clone();
        let fake = Scripted::new(move |request, _| match request.method {
            Method::Post => Reply::text(200, r#"{"requestId": "id-1"}"#),
            _ => answer.clone(),
        });
        let error = scripted(&fake).run_job("etl").send().unwrap_err();
        assert_eq!(error.request_id(), Some("id-1"), "{what:?}");
        assert!(error.to_string().contains("do not submit it again"), "{error}");
    }
}

#[test]
fn an_id_that_the_service_does_not_know_is_not_to_be_resumed() {
    let fake = Scripted::new(|_, _| Reply::text(404, "no such request"));
    let error = scripted(&fake).resume("nobody").send().unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && !error.is_resumable(), "{error}");
    assert!(error.to_string().contains("does not know this request id"), "{error}");
    assert!(!error.to_string().contains("resume the wait"), "{error}");
}

#[test]
fn what_the_server_repeats_of_secrets_is_masked() {
    let failing = with_status(json!({
        "apiStatus": "API_OPERATION_STATUS_FAILED",
        "apiResponse": {"error": format!("bad credentials {KEY} / {SECRET}"), "list": [SECRET]},
    }));
    let strange = with_status(json!({ "apiStatus": SECRET }));
    let quoting = Scripted::new(|request, _| {
        let statement: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        Reply::text(400, format!("Encountered {}", statement["statement"].as_str().unwrap()))
    });
    let call = scripted(&quoting).create_source("s", controlplane::onehouse::SourceType::ApacheKafka);
    let call =
        call.option("schema.registry.confluent.secret", "hunter's5").option("kafka.topic.name", "shown");
    let raw = "CREATE X y WITH 'a' = 'b', 'x.password'='hunter6'";
    let errors = [
        scripted(&failing).run_job("etl").send().unwrap_err(),
        scripted(&strange).run_job("etl").timeout(Duration::from_millis(50)).send().unwrap_err(),
        call.send().unwrap_err(),
        scripted(&quoting).execute(raw).send().unwrap_err(),
    ];
    for error in &errors {
        let shown = format!(
            "{error} {error:?} {:?} {:?} {:?}",
            error.body(),
            error.api_status(),
            error.api_response()
        );
        assert!(!shown.contains("hunter"), "{shown}");
    }
    assert!(errors[2].to_string().contains("shown"), "{}", errors[2]);
    assert!(!format!("{:?}", scripted(&quoting).execute(raw)).contains("hunter"));
    assert!(!format!("{:?}", scripted(&quoting).submit(raw)).contains("hunter"));
}

#[test]
fn the_secret_of_a_token_is_found_in_every_shape() {
    for payload in [
        json!({"name": "t", "secret": "hunter2"}),
        json!([{"name": "t", "secret": "hunter2"}]),
        json!({"data": [{"secret": "hunter2"}]}),
        json!({"columns": ["name", "secret"], "rows": [["t", "hunter2"]]}),
    ] {
        let raw = json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": payload});
        let done = StatusResponse::from_json("id-1", raw).unwrap();
        assert_eq!(done.secret().unwrap().expose_secret(), "hunter2", "{payload}");
        assert!(!format!("{done:?}").contains("hunter2"), "{payload}");
    }
}

#[test]
fn what_failed_before_the_time_was_over_is_told() {
    let fake = Scripted::new(|_, _| Reply::text(503, "down for a while"));
    let client = plain(credentials("https://h")).transport(fake.clone()).rate_limit(1).build().unwrap();
    let error = client.show_lakes().timeout(Duration::from_millis(900)).send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(503)));
    assert!(!error.to_string().contains("Nothing was sent"), "{error}");
}
