//! Streams of logs: cut, silent, repeated, refused. Both modes, against a transport that plays a service.

use std::time::Duration;

use controlplane::h2o_workflows::{
    AsyncClient, Call, Client, Credentials, LogPosition, StreamStepLogs, client::Async, client::Blocking,
};
use controlplane::http::{Headers, Request, Response};
use controlplane::transport::{
    AsyncPieces, AsyncTransport, Opened, Pieces, SendError, SendErrorKind, Transport,
};
use controlplane::{CancelToken, Error, ErrorKind, RetryPolicy, SecretString};

use crate::clock::Leaping;
use crate::raw_close::wait_for_close;
use crate::raw_request::read_request;
use crate::raw_server::RawServer;
use crate::scripted::{Reply, Scripted};

const STEP: &str = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";

/// What a connection gives: pieces, and how it ends.
type Connection = (Vec<Vec<u8>>, Option<SendErrorKind>);

/// A service whose streams are opened, and not read as one response.
#[derive(Clone)]
struct Service(Scripted);

impl Service {
    /// Answers the nth request for a stream from an offset on.
    fn new(answer: impl Fn(usize, u64) -> (u16, Connection) + Send + Sync + 'static) -> Self {
        Self(Scripted::new(move |request, number| {
            let (status, (pieces, end)) = answer(number, queried(request, "offset").parse().unwrap());
            Reply::Pieces(status, Headers::new(), pieces, end)
        }))
    }
}

impl Transport for Service {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        panic!("a stream is opened");
    }

    fn open(&self, request: &Request, limit: Duration, idle: Duration) -> Result<Opened<Pieces>, SendError> {
        Transport::open(&self.0, request, limit, idle)
    }
}

impl AsyncTransport for Service {
    async fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        panic!("a stream is opened");
    }

    async fn open(
        &self,
        request: &Request,
        limit: Duration,
        idle: Duration,
    ) -> Result<Opened<AsyncPieces>, SendError> {
        AsyncTransport::open(&self.0, request, limit, idle).await
    }
}

fn queried(request: &Request, name: &str) -> String {
    request.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap()
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
        .clock(Leaping::new())
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
                    match number {
                        0 => (200, (vec![all[..cut].to_vec()], Some(SendErrorKind::Closed))),
                        _ => (200, (vec![all], None)),
                    }
                });
                let followed = mode(&service, 3, 0);
                assert!(followed.error.is_none(), "{cut}: {:?}", followed.error);
                assert_eq!(followed.bytes, TEXT.as_bytes(), "{cut}");
                assert_eq!(followed.offset, 14, "{cut}");
                assert_eq!(service.0.sent().len(), 2, "{cut}");
            }
        }
    }
}

#[test]
fn lines_come_once_whole_and_in_their_order_however_often_the_stream_is_cut() {
    let cut_often = || {
        Service::new(|number, offset| {
            let all = stream(offset);
            // Every connection gets a little further.
            let cut = (number % 7 * 10).min(all.len());
            match number {
                40 => (200, (vec![all], None)),
                _ => (200, (vec![all[..cut].to_vec()], Some(SendErrorKind::Closed))),
            }
        })
    };
    let service = cut_often();
    let lines: Result<Vec<String>, Error> = call(&service, 50).follow().lines().collect();
    assert_eq!(lines.unwrap(), ["one", "two", "três"]);
    let service = cut_often();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lines: Vec<String> = runtime.block_on(async {
        let (mut logs, mut lines) = (call_async(&service, 50).follow().lines(), Vec::new());
        while let Some(line) = logs.next().await {
            lines.push(line.unwrap());
        }
        lines
    });
    assert_eq!(lines, ["one", "two", "três"]);
    assert!(service.0.sent().iter().all(|request| queried(request, "stream") == "OUTPUT_STREAM_UNSPECIFIED"));
}

#[test]
fn silence_is_no_failure_and_failures_without_progress_end() {
    for mode in MODES {
        let service = Service::new(|number, offset| match number {
            0..20 => (200, (vec![], Some(SendErrorKind::Timeout))),
            _ => (200, (vec![stream(offset)], None)),
        });
        let followed = mode(&service, 0, 0);
        assert!(followed.error.is_none(), "{:?}", followed.error);
        assert_eq!(followed.bytes, TEXT.as_bytes());

        let service = Service::new(|_, _| (200, (vec![], Some(SendErrorKind::Closed))));
        let followed = mode(&service, 3, 0);
        assert_eq!(followed.error.unwrap().kind(), ErrorKind::Transport);
        assert_eq!(service.0.sent().len(), 4);
    }
}

#[test]
fn an_answer_that_is_no_stream() {
    for mode in MODES {
        let body = br#"{"code": 5, "message": "no such step", "details": []}"#.to_vec();
        let service = Service::new(move |_, _| (404, (vec![body.clone()], None)));
        let error = mode(&service, 3, 0).error.unwrap();
        assert_eq!((error.kind(), error.api_code()), (ErrorKind::NotFound, Some("5")));
        assert_eq!(service.0.sent().len(), 1);

        let service = Service::new(|number, offset| {
            if number == 0 { (503, (vec![], None)) } else { (200, (vec![stream(offset)], None)) }
        });
        let followed = mode(&service, 3, 4);
        assert!(followed.error.is_none());
        assert_eq!(followed.bytes, &TEXT.as_bytes()[4..]);

        // A token that stays the same is not tried twice.
        let service = Service::new(|_, _| (401, (vec![], None)));
        assert_eq!(mode(&service, 3, 0).error.unwrap().kind(), ErrorKind::Authentication);
        assert_eq!(service.0.sent().len(), 1);
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
        (200, (vec![piece[..first].to_vec()], end))
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
    assert_eq!(service.0.sent().len(), 0);

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
    assert_eq!((logs.offset(), service.0.sent().len()), (4, 1));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let token = CancelToken::new();
        token.cancel();
        let service = silent(&token, || {});
        let mut logs = call_async(&service, 3).cancel_with(&token).offset(2).follow();
        check(logs.next().await.unwrap().unwrap_err(), 2);
        assert_eq!(service.0.sent().len(), 0);

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
    let server = RawServer::start(move |mut stream, _| {
        if read_request(&mut stream).is_some() {
            std::io::Write::write_all(&mut stream, bytes.as_bytes()).unwrap();
            wait_for_close(&mut stream);
        }
    });
    let credentials = Credentials::builder().endpoint(server.url()).token_provider(SecretString::from("t"));
    let credentials = credentials.build().unwrap();
    let cancel = |token: &CancelToken| {
        let token = token.clone();
        std::thread::spawn(move || token.cancel())
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
}
