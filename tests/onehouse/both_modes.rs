//! Blocking and async: the same bytes out, the same results and errors in, in one program.

use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use controlplane::http::{Headers, Response};
use controlplane::onehouse::{AnyCommand, AsyncClient, Client, Credentials, StatusResponse};
use controlplane::transport::{Proxy, SendErrorKind};
use controlplane::{Error, ErrorKind, Progress, RetryPolicy};
use controlplane_emulator::onehouse::Emulator;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_response::answer;
use crate::raw_server::RawServer;
use crate::scripted::{Reply, Scripted};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn credentials(base_url: &str) -> Credentials {
    Credentials::builder()
        .env([("HOME", "/nowhere")])
        .account_uid("acc")
        .project_uid("prj")
        .api_key("key")
        .api_secret("secret")
        .link_uid("lnk")
        .region("us-west-2")
        .user_uid("usr")
        .base_url(base_url)
        .build()
        .unwrap()
}

/// Answers in order, the last entry for ever.
fn in_order(replies: &[Reply]) -> Scripted {
    let replies = replies.to_vec();
    Scripted::new(move |_, number| replies[number.min(replies.len() - 1)].clone())
}

fn blocking(script: &Scripted) -> Client {
    let builder = Client::builder().credentials(credentials("https://h")).transport(script.clone());
    builder.retry(RetryPolicy::retries(0)).no_rate_limit().poll_interval(Duration::ZERO).build().unwrap()
}

fn asynchronous(script: &Scripted) -> AsyncClient {
    let builder = AsyncClient::builder().credentials(credentials("https://h")).transport(script.clone());
    builder.retry(RetryPolicy::retries(0)).no_rate_limit().poll_interval(Duration::ZERO).build().unwrap()
}

fn with_header(status: u16, name: &'static str, value: &str) -> Reply {
    let mut headers = Headers::new();
    headers.push(name, value);
    Reply::Whole(Response::new(status, headers, ""))
}

fn taken() -> Reply {
    Reply::text(200, r#"{"requestId": "id-1"}"#)
}

fn done() -> Reply {
    Reply::text(200, r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": [1]}"#)
}

fn pending() -> Reply {
    Reply::text(200, r#"{"apiStatus": "API_OPERATION_STATUS_PENDING"}"#)
}

#[test]
fn every_command_sends_the_same_requests_and_gives_the_same() {
    let runtime = runtime();
    let mut helpers = std::collections::BTreeSet::new();
    for line in include_str!("../vectors/onehouse-statements.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let helper = case["helper"].as_str().unwrap();
        let plan = serde_json::json!({ helper: case["args"] }).to_string();
        let Ok(command) = serde_json::from_str::<AnyCommand>(&plan) else {
            assert_eq!(case["refused"], true, "{line}");
            continue;
        };
        helpers.insert(helper.to_owned());

        let scripts = [(); 2].map(|()| in_order(&[taken(), pending(), done()]));
        let one = blocking(&scripts[0]).call(command.clone()).send();
        let other = runtime.block_on(asynchronous(&scripts[1]).call(command).send());
        assert_eq!(scripts[0].sent(), scripts[1].sent(), "{line}");
        match (one, other) {
            (Ok(one), Ok(other)) => assert_eq!(one, other, "{line}"),
            (Err(one), Err(other)) => assert_eq!(told(&one), told(&other), "{line}"),
            (one, other) => panic!("{line}: {one:?} and {other:?}"),
        }
    }
    assert_eq!(helpers.len(), 62);
}

/// Everything that an error shows, except times.
fn told(error: &Error) -> String {
    format!(
        "{:?} {error} {:?} {:?} {:?} {:?} {:?} {:?} {} {} {} {}",
        error.kind(),
        error.request_id(),
        error.status(),
        error.body(),
        error.retry_after(),
        error.api_status(),
        error.api_response(),
        error.is_retryable(),
        error.is_resumable(),
        error.is_auth(),
        error.is_timeout(),
    )
}

#[test]
fn every_kind_of_error_is_the_same() {
    use Reply::Fails;
    let runtime = runtime();
    let mut kinds = std::collections::HashSet::new();
    let scripts: Vec<Vec<Reply>> = vec![
        vec![with_header(400, "grpc-message", "a%20b")],
        vec![Reply::text(401, "who?")],
        vec![Reply::text(403, "")],
        vec![Reply::text(404, "")],
        vec![Reply::text(409, "")],
        vec![with_header(429, "retry-after", "7")],
        vec![Reply::text(501, "")],
        vec![Reply::text(503, "")],
        vec![with_header(302, "location", "https://elsewhere/")],
        vec![Reply::text(200, "{}")],
        vec![Fails(SendErrorKind::Connect, false)],
        vec![Fails(SendErrorKind::Certificate, false)],
        vec![Fails(SendErrorKind::Closed, true)],
        vec![Reply::Pieces(200, Headers::new(), vec![b"{".to_vec()], Some(SendErrorKind::Closed))],
        vec![Fails(SendErrorKind::InvalidRequest, false)],
        vec![
            taken(),
            Reply::text(200, r#"{"apiStatus": "API_OPERATION_STATUS_FAILED", "apiResponse": {"a": 1}}"#),
        ],
        vec![taken(), Reply::text(401, "")],
        vec![taken(), Reply::text(200, "<html>")],
    ];
    for script in scripts {
        for sql in ["RUN JOB `etl`", "SHOW JOBS", ""] {
            let one = blocking(&in_order(&script)).execute(sql).send().unwrap_err();
            let other = asynchronous(&in_order(&script)).execute(sql);
            let other = runtime.block_on(async { other.await }).unwrap_err();
            assert_eq!(told(&one), told(&other), "{sql} {script:?}");
            kinds.insert(one.kind());
        }
    }
    // And those that come from elsewhere than an answer.
    let short = Duration::from_millis(30);
    let one = blocking(&in_order(&[taken(), pending()])).run_job("etl").timeout(short).send().unwrap_err();
    let other = asynchronous(&in_order(&[taken(), pending()])).run_job("etl").timeout(short);
    let other = runtime.block_on(other.send()).unwrap_err();
    assert_eq!((one.kind(), one.request_id()), (other.kind(), other.request_id()));
    kinds.insert(one.kind());
    let one = Client::offline().show_jobs().send().unwrap_err();
    let other = runtime.block_on(AsyncClient::offline().show_jobs().send()).unwrap_err();
    assert_eq!(told(&one), told(&other));
    kinds.insert(one.kind());
    use ErrorKind as K;
    for kind in [
        K::InvalidArgument,
        K::Credentials,
        K::Authentication,
        K::PermissionDenied,
        K::NotFound,
        K::Conflict,
        K::RateLimited,
        K::Rejected,
        K::Server,
        K::Transport,
        K::Tls,
        K::UnexpectedResponse,
        K::OutcomeUnknown,
        K::OperationFailed,
        K::OperationTimeout,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} was not seen");
    }
}

#[test]
fn the_bytes_on_the_wire_are_the_same_but_for_the_order_of_headers() {
    let (sender, heard) = mpsc::channel();
    let server = RawServer::start(move |mut stream, _| {
        while let Some(request) = read_request(&mut stream) {
            let body = if request.starts_with("POST") {
                r#"{"requestId": "id/1"}"#
            } else {
                r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS"}"#
            };
            sender.send(request).unwrap();
            stream.write_all(&answer("200 OK", "", body)).unwrap();
        }
    });
    let heard = || {
        let request: String = heard.recv().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
        for line in &mut lines[1..] {
            let (name, value) = line.split_once(':').unwrap();
            *line = format!("{}:{value}", name.to_ascii_lowercase());
        }
        lines[1..].sort();
        (lines, body.to_owned())
    };
    let client =
        Client::builder().credentials(credentials(&server.url())).proxy(Proxy::None).build().unwrap();
    client.delete_lake("raw").send().unwrap();
    drop(client);
    let blocking = [heard(), heard()];
    let client =
        AsyncClient::builder().credentials(credentials(&server.url())).proxy(Proxy::None).build().unwrap();
    runtime().block_on(client.delete_lake("raw").send()).unwrap();
    let asynchronous = [heard(), heard()];
    assert_eq!(blocking, asynchronous);
}

#[test]
fn both_clients_work_in_one_program_and_on_one_emulator() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let blocking = Client::new(emulator.credentials()).unwrap();
    let asynchronous = AsyncClient::new(emulator.credentials()).unwrap();
    let submitted = blocking.create_service_principal("bot").submit().unwrap();
    let done: StatusResponse = runtime().block_on(async {
        let done = asynchronous.resume(&submitted.request_id).await.unwrap();
        assert!(asynchronous.get_status(&submitted.request_id).await.unwrap().is_terminal());
        let id = asynchronous.submit("SHOW SERVICE_PRINCIPALS").await.unwrap().request_id;
        assert_eq!(asynchronous.resume(id).send().await.unwrap().rows().len(), 1);
        assert!(asynchronous.show_lakes().submit().await.is_ok());
        done
    });
    assert_eq!(done.request_id, submitted.request_id);
}

#[test]
fn the_blocking_client_works_on_a_worker_thread_of_a_runtime() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let done = runtime.block_on(async {
        let here = client.clone();
        here.show_lakes().send().unwrap();
        tokio::spawn(async move { client.show_lakes().send() }).await.unwrap()
    });
    assert!(done.is_ok());
}

#[test]
fn a_dropped_future_leaves_nothing_behind_and_can_be_resumed() {
    // A server that takes the statement, answers it, and never answers the poll.
    let (closed, was_closed) = mpsc::channel();
    let server = RawServer::start(move |mut stream, number| {
        if number > 0 {
            while let Some(request) = read_request(&mut stream) {
                assert!(request.starts_with("GET /v1/status/id-1 "), "{request}");
                stream
                    .write_all(&answer("200 OK", "", r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS"}"#))
                    .unwrap();
            }
            return;
        }
        read_request(&mut stream).unwrap();
        stream.write_all(&answer("200 OK", "", r#"{"requestId": "id-1"}"#)).unwrap();
        read_request(&mut stream).unwrap();
        wait_for_close(&mut stream);
        closed.send(()).unwrap();
    });
    let client =
        AsyncClient::builder().credentials(credentials(&server.url())).proxy(Proxy::None).build().unwrap();
    let runtime = runtime();
    let id = runtime.block_on(async {
        let (sender, receiver) = mpsc::channel();
        let call = client.run_job("etl").on_progress(move |progress| {
            if let Progress::Submitted { id } = progress {
                sender.send(id.clone()).unwrap();
            }
        });
        let outcome = tokio::time::timeout(Duration::from_millis(300), call.send()).await;
        assert!(outcome.is_err(), "it was dropped while it waited");
        assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
        receiver.recv().unwrap()
    });
    was_closed.recv().unwrap();
    assert!(runtime.block_on(client.resume(id).send()).is_ok());
}

#[test]
fn futures_can_travel_between_threads() {
    fn travels<T: Send + 'static>(value: T) -> T {
        value
    }
    let client = AsyncClient::offline();
    drop(travels(client.show_lakes().send()));
    drop(travels(client.show_lakes().submit()));
    drop(travels(client.show_lakes().into_future()));
    drop(travels(client.resume("id").send()));
}

#[test]
fn dropped_futures_give_their_place_in_the_budget_back() {
    // An answer that suits a submit and a poll.
    let both = r#"{"requestId": "id-1", "apiStatus": "API_OPERATION_STATUS_SUCCESS"}"#;
    let recorder = in_order(&[Reply::text(200, both)]);
    let builder = AsyncClient::builder().credentials(credentials("https://h")).transport(recorder);
    let client = builder.rate_limit(2).build().unwrap();
    runtime().block_on(async {
        let mut waiting: Vec<_> = (0..200).map(|_| Box::pin(client.show_lakes().send())).collect();
        // All have asked for a place once; most have one far ahead.
        let all = std::future::poll_fn(|cx| {
            for call in &mut waiting {
                let _ = call.as_mut().poll(cx);
            }
            std::task::Poll::Ready(())
        });
        all.await;
        drop(waiting);
        let call = client.show_lakes().timeout(Duration::from_secs(8));
        assert!(call.send().await.is_ok(), "there is room again");
    });
}
