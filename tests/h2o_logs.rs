//! Streams of logs: cut, silent, repeated, refused. Both modes, against a transport that plays a service.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use controlplane::h2o_workflows::{
    AsyncClient, Call, Client, Credentials, LogPosition, StreamStepLogs, client::Async, client::Blocking,
};
use controlplane::http::{Headers, Request, Response};
use controlplane::transport::{
    AsyncPieces, AsyncTransport, Opened, Pieces, SendError, SendErrorKind, Transport,
};
use controlplane::{CancelToken, Clock, Error, ErrorKind, RetryPolicy, SecretString};
use serde_json::Value;

const STEP: &str = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";

/// What a connection gives: pieces, and how it ends.
type Script = (Vec<Vec<u8>>, Option<SendErrorKind>);
type Answer = Arc<dyn Fn(u32, u64) -> Result<(u16, Script), SendErrorKind> + Send + Sync>;

/// Answers the nth request for a stream from an offset on.
#[derive(Clone)]
struct Service {
    answer: Answer,
    opened: Arc<AtomicU32>,
    asked: Arc<Mutex<Vec<(u64, String)>>>,
}

impl Service {
    fn new(
        answer: impl Fn(u32, u64) -> Result<(u16, Script), SendErrorKind> + Send + Sync + 'static,
    ) -> Self {
        Self { answer: Arc::new(answer), opened: Arc::default(), asked: Arc::default() }
    }

    fn script(&self, request: &Request) -> Result<(u16, Script), SendError> {
        let value =
            |name: &str| request.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap();
        let offset = value("offset").parse().unwrap();
        self.asked.lock().unwrap().push((offset, value("stream")));
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        (self.answer)(number, offset).map_err(|kind| SendError::new(kind, true, "broke"))
    }
}

fn next_of(
    pieces: &mut std::vec::IntoIter<Vec<u8>>,
    end: &mut Option<SendErrorKind>,
) -> Result<Option<Vec<u8>>, SendError> {
    match (pieces.next(), end.take()) {
        (Some(piece), kept) => {
            *end = kept;
            Ok(Some(piece))
        }
        (None, Some(kind)) => Err(SendError::new(kind, true, "the connection broke")),
        (None, None) => Ok(None),
    }
}

impl Transport for Service {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        panic!("a stream is opened");
    }

    fn open(&self, request: &Request, _: Duration, _: Duration) -> Result<Opened<Pieces>, SendError> {
        let (status, (pieces, mut end)) = self.script(request)?;
        let mut pieces = pieces.into_iter();
        Ok(Opened::new(status, Headers::new(), Pieces::new(move || next_of(&mut pieces, &mut end))))
    }
}

impl AsyncTransport for Service {
    async fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        panic!("a stream is opened");
    }

    async fn open(
        &self,
        request: &Request,
        _: Duration,
        _: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        let (status, (pieces, mut end)) = self.script(request)?;
        let mut pieces = pieces.into_iter();
        let body = AsyncPieces::new(move |_| Poll::Ready(next_of(&mut pieces, &mut end)));
        Ok(Opened::new(status, Headers::new(), body))
    }
}

/// Waits by moving its hands.
struct Leaping(Mutex<Instant>);

impl Clock for Leaping {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

fn retry(retries: u32) -> RetryPolicy {
    let mut policy = RetryPolicy::retries(retries);
    policy.first_delay = Duration::from_millis(1);
    policy.max_delay = Duration::from_millis(2);
    policy
}

/// What was given, and where it ended.
struct Followed {
    bytes: Vec<u8>,
    offset: u64,
    error: Option<Error>,
}

fn credentials() -> Credentials {
    let token = SecretString::from("t");
    Credentials::builder().endpoint("http://h2o.test").token_provider(token).build().unwrap()
}

fn call(service: &Service, retries: u32) -> Call<Blocking, StreamStepLogs> {
    let client = Client::builder()
        .credentials(credentials())
        .retry(retry(retries))
        .clock(Leaping(Mutex::new(Instant::now())))
        .transport(service.clone())
        .build()
        .unwrap();
    client.step().stream_step_logs(STEP)
}

fn call_async(service: &Service, retries: u32) -> Call<Async, StreamStepLogs> {
    let client = AsyncClient::builder()
        .credentials(credentials())
        .retry(retry(retries))
        .transport(service.clone())
        .build()
        .unwrap();
    client.step().stream_step_logs(STEP)
}

fn follow(service: &Service, retries: u32, from: u64) -> Followed {
    let mut logs = call(service, retries).offset(from).follow();
    let (mut bytes, mut error) = (Vec::new(), None);
    for chunk in &mut logs {
        match chunk {
            Ok(chunk) => bytes.extend(chunk.data),
            Err(e) => error = Some(e),
        }
    }
    assert!(logs.next().is_none());
    Followed { bytes, offset: logs.offset(), error }
}

fn follow_async(service: &Service, retries: u32, from: u64) -> Followed {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut logs = call_async(service, retries).offset(from).follow();
        let (mut bytes, mut error) = (Vec::new(), None);
        while let Some(chunk) = logs.next().await {
            match chunk {
                Ok(chunk) => bytes.extend(chunk.data),
                Err(e) => error = Some(e),
            }
        }
        assert!(logs.next().await.is_none());
        Followed { bytes, offset: logs.offset(), error }
    })
}

type Mode = fn(&Service, u32, u64) -> Followed;
const MODES: [Mode; 2] = [follow, follow_async];

/// The recorded stream: lines of text in three pieces, with a letter that stands in two of them.
const RECORDED: [(&str, usize); 4] = [("b25lCg==", 4), ("dHdvCg==", 8), ("dHLD", 11), ("qnMK", 14)];
const TEXT: &str = "one\ntwo\ntr\u{ea}s\n";

/// The stream as it is sent from an offset on.
fn stream(from: u64) -> Vec<u8> {
    let lines = RECORDED.iter().filter(|(_, end)| *end as u64 > from);
    let lines =
        lines.map(|(data, end)| format!("{{\"result\": {{\"data\": \"{data}\", \"offset\": \"{end}\"}}}}\n"));
    lines.collect::<String>().into_bytes()
}

#[test]
fn a_stream_that_is_cut_anywhere_gives_each_byte_once() {
    let whole = stream(0);
    for mode in MODES {
        for cut in 0..=whole.len() {
            // The second service does not heed the offset.
            for heeds in [true, false] {
                let service = Service::new(move |number, offset| {
                    let all = stream(if heeds { offset } else { 0 });
                    Ok((
                        200,
                        match number {
                            0 => (vec![all[..cut].to_vec()], Some(SendErrorKind::Closed)),
                            _ => (vec![all], None),
                        },
                    ))
                });
                let followed = mode(&service, 3, 0);
                assert!(followed.error.is_none(), "{cut}: {:?}", followed.error);
                assert_eq!(followed.bytes, TEXT.as_bytes(), "{cut}");
                assert_eq!(followed.offset, 14, "{cut}");
                assert_eq!(service.asked.lock().unwrap().len(), 2, "{cut}");
            }
        }
    }
}

#[test]
fn lines_come_once_whole_and_in_their_order_however_often_the_stream_is_cut() {
    let service = Service::new(|number, offset| {
        let all = stream(offset);
        // Every connection gets a little further.
        let cut = (usize::try_from(number).unwrap() % 7 * 10).min(all.len());
        Ok((
            200,
            if number == 40 {
                (vec![all], None)
            } else {
                (vec![all[..cut].to_vec()], Some(SendErrorKind::Closed))
            },
        ))
    });
    let lines: Result<Vec<String>, Error> = call(&service, 50).follow().lines().collect();
    assert_eq!(lines.unwrap(), ["one", "two", "três"]);
    service.opened.store(0, Ordering::Relaxed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lines: Vec<String> = runtime.block_on(async {
        let (mut logs, mut lines) = (call_async(&service, 50).follow().lines(), Vec::new());
        while let Some(line) = logs.next().await {
            lines.push(line.unwrap());
        }
        lines
    });
    assert_eq!(lines, ["one", "two", "três"]);
    assert!(service.asked.lock().unwrap().iter().all(|(_, stream)| stream == "OUTPUT_STREAM_UNSPECIFIED"));
}

#[test]
fn silence_is_no_failure_and_failures_without_progress_end() {
    for mode in MODES {
        let service = Service::new(|number, offset| {
            Ok((
                200,
                match number {
                    0..20 => (vec![], Some(SendErrorKind::Timeout)),
                    _ => (vec![stream(offset)], None),
                },
            ))
        });
        let followed = mode(&service, 0, 0);
        assert!(followed.error.is_none(), "{:?}", followed.error);
        assert_eq!(followed.bytes, TEXT.as_bytes());

        let service = Service::new(|_, _| Ok((200, (vec![], Some(SendErrorKind::Closed)))));
        let followed = mode(&service, 3, 0);
        assert_eq!(followed.error.unwrap().kind(), ErrorKind::Transport);
        assert_eq!(service.asked.lock().unwrap().len(), 4);
    }
}

#[test]
fn an_answer_that_is_no_stream() {
    for mode in MODES {
        let body = br#"{"code": 5, "message": "no such step", "details": []}"#.to_vec();
        let service = Service::new(move |_, _| Ok((404, (vec![body.clone()], None))));
        let error = mode(&service, 3, 0).error.unwrap();
        assert_eq!((error.kind(), error.api_code()), (ErrorKind::NotFound, Some("5")));
        assert_eq!(service.asked.lock().unwrap().len(), 1);

        let service = Service::new(|number, offset| {
            Ok(if number == 0 { (503, (vec![], None)) } else { (200, (vec![stream(offset)], None)) })
        });
        let followed = mode(&service, 3, 4);
        assert!(followed.error.is_none());
        assert_eq!(followed.bytes, &TEXT.as_bytes()[4..]);

        // A token that stays the same is not tried twice.
        let service = Service::new(|_, _| Ok((401, (vec![], None))));
        assert_eq!(mode(&service, 3, 0).error.unwrap().kind(), ErrorKind::Authentication);
        assert_eq!(service.asked.lock().unwrap().len(), 1);
    }
}

/// A log whose connection gives one piece and then nothing, until it is cancelled.
fn silent(token: &CancelToken, opened: impl Fn() + Send + Sync + 'static) -> Service {
    let token = token.clone();
    Service::new(move |_, offset| {
        opened();
        let (piece, token) = (stream(offset)[..].to_vec(), token.clone());
        let first = piece.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        // The connection breaks when it is aborted, as a socket that is shut down.
        let end = token.is_cancelled().then_some(SendErrorKind::Closed);
        Ok((200, (vec![piece[..first].to_vec()], end)))
    })
}

#[test]
fn a_log_can_be_cancelled_over_both_transports() {
    let check = |error: Error, offset: u64| {
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(STEP)), "{error}");
        assert_eq!(error.detail::<LogPosition>().unwrap().offset, offset, "{error}");
    };
    // Before anything is sent.
    let token = CancelToken::new();
    token.cancel();
    let service = silent(&token, || {});
    check(call(&service, 3).cancel_with(&token).offset(2).follow().next().unwrap().unwrap_err(), 2);
    assert_eq!(service.opened.load(Ordering::Relaxed), 0);

    // While the stream is opened.
    let token = CancelToken::new();
    let inner = token.clone();
    let service = silent(&token, move || inner.cancel());
    check(call(&service, 3).cancel_with(&token).follow().next().unwrap().unwrap_err(), 0);

    // After a chunk: the rest of the log is not read.
    let token = CancelToken::new();
    let service = silent(&token, || {});
    let mut logs = call(&service, 3).cancel_with(&token).follow();
    assert_eq!(logs.next().unwrap().unwrap().data, b"one\n");
    token.cancel();
    check(logs.next().unwrap().unwrap_err(), 4);
    assert!(logs.next().is_none());
    assert_eq!((logs.offset(), service.opened.load(Ordering::Relaxed)), (4, 1));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let token = CancelToken::new();
        token.cancel();
        let service = silent(&token, || {});
        let mut logs = call_async(&service, 3).cancel_with(&token).offset(2).follow();
        check(logs.next().await.unwrap().unwrap_err(), 2);
        assert_eq!(service.opened.load(Ordering::Relaxed), 0);

        let token = CancelToken::new();
        let service = silent(&token, || {});
        let mut logs = call_async(&service, 3).cancel_with(&token).follow();
        assert_eq!(logs.next().await.unwrap().unwrap().data, b"one\n");
        token.cancel();
        check(logs.next().await.unwrap().unwrap_err(), 4);
        assert!(logs.next().await.is_none());
        assert_eq!(logs.offset(), 4);
    });
}

#[test]
fn a_read_that_waits_is_cancelled_in_both_modes() {
    // A server that sends one line and keeps the connection open.
    let first = String::from_utf8(stream(0)).unwrap().lines().next().unwrap().to_owned() + "\n";
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = format!("{head}{:x}\r\n{first}\r\n", first.len());
    let server = support::RawServer::start(move |mut stream, _| {
        if support::read_request(&mut stream).is_some() {
            std::io::Write::write_all(&mut stream, bytes.as_bytes()).unwrap();
            support::wait_for_close(&mut stream);
        }
    });
    let credentials = Credentials::builder().endpoint(server.url()).token_provider(SecretString::from("t"));
    let credentials = credentials.build().unwrap();
    let cancel = |token: &CancelToken| {
        let token = token.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            token.cancel();
        })
    };
    let check = |error: Error| {
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(STEP)), "{error}");
        assert_eq!(error.detail::<LogPosition>().unwrap().offset, 4, "{error}");
    };

    let token = CancelToken::new();
    let client = Client::new(credentials.clone()).unwrap();
    let mut logs = client.step().stream_step_logs(STEP).cancel_with(&token).follow();
    assert_eq!(logs.next().unwrap().unwrap().data, b"one\n");
    let canceller = cancel(&token);
    check(logs.next().unwrap().unwrap_err());
    canceller.join().unwrap();
    drop(logs);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let token = CancelToken::new();
        let client = AsyncClient::new(credentials).unwrap();
        let mut logs = client.step().stream_step_logs(STEP).cancel_with(&token).follow();
        assert_eq!(logs.next().await.unwrap().unwrap().data, b"one\n");
        let canceller = cancel(&token);
        check(logs.next().await.unwrap().unwrap_err());
        canceller.join().unwrap();
    });
    assert_eq!(server.connections(), 2);
}

fn decoded(text: &str) -> Vec<u8> {
    // Through the crate's own reader, which the tests of the wire cover.
    let line = format!("{{\"data\": \"{text}\"}}");
    serde_json::from_str::<controlplane::h2o_workflows::StepLogs>(&line).unwrap().data
}

#[test]
fn every_recorded_stream() {
    let mut count = 0;
    for line in include_str!("vectors/h2o-workflows-wire.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let expected = &case["expected"]["stream"];
        if case["op"] != "step.stream_step_logs" || !expected.is_object() {
            continue;
        }
        count += 1;
        let answer = case["exchanges"][0]["response"].clone();
        let body = answer["body"]["text"].as_str().unwrap_or_default().as_bytes().to_vec();
        let cut = answer["cut_after"].as_u64().map(|cut| usize::try_from(cut).unwrap());
        let mut pieces = Vec::new();
        let mut rest = &body[..cut.unwrap_or(body.len())];
        for size in answer["chunks"].as_array().into_iter().flatten() {
            let (piece, after) =
                rest.split_at(rest.len().min(usize::try_from(size.as_u64().unwrap()).unwrap()));
            pieces.push(piece.to_vec());
            rest = after;
        }
        pieces.push(rest.to_vec());
        let script: Script = (pieces, cut.map(|_| SendErrorKind::Closed));
        for mode in MODES {
            let (script, from) = (script.clone(), case["args"]["offset"].as_u64().unwrap_or_default());
            let followed = mode(&Service::new(move |_, _| Ok((200, script.clone()))), 0, from);
            assert_eq!(followed.bytes, decoded(expected["bytes_base64"].as_str().unwrap()), "{}", case["id"]);
            let error = followed.error;
            match expected["end"].as_str().unwrap() {
                "closed" => assert!(error.is_none(), "{}: {error:?}", case["id"]),
                "error line" => {
                    let error = error.unwrap();
                    assert_eq!(error.api_code(), Some(&*expected["grpc_code"].to_string()));
                    assert_eq!(error.api_message(), expected["message"].as_str());
                }
                "decode error" => assert_eq!(error.unwrap().kind(), ErrorKind::UnexpectedResponse),
                "transport error" => assert_eq!(error.unwrap().kind(), ErrorKind::Transport),
                other => panic!("{other}"),
            }
            if let Some(offset) = expected["offset"].as_u64() {
                assert_eq!(followed.offset, offset, "{}", case["id"]);
            }
        }
    }
    assert!(count > 14, "{count}");
}
