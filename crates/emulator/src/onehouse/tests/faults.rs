//! Every fault over a real socket: the bytes that arrive, and whether the statement was taken.

use std::time::Duration;

use std::io::ErrorKind as Io;

use super::*;
use crate::faults::{Action, Answer, Fault, RequestKind};

const SQL: &str = "CREATE SERVICE_PRINCIPAL p";

/// All bytes of the answer.
fn raw(emulator: &Emulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(e) => assert_eq!(e.kind(), Io::ConnectionReset, "{e}"),
    }
    bytes
}

fn raw_submit(emulator: &Emulator) -> Vec<u8> {
    let body = json!({ "statement": SQL }).to_string();
    raw(emulator, "POST", "/v1/resource/", &emulator.identity().headers(), &body)
}

/// Head and body; the head may be all there is.
fn parts(bytes: &[u8]) -> (String, Option<Vec<u8>>) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let head = String::from_utf8(bytes[..end.unwrap_or(bytes.len())].to_vec()).unwrap();
    (head, end.map(|end| bytes[end + 4..].to_vec()))
}

fn declared(head: &str) -> usize {
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.unwrap_or_else(|| panic!("{head}")).parse().unwrap()
}

/// `{"requestId":"…"}` with an id of 36 characters.
const ACCEPTED: usize = 52;

/// What arrives for the submit of a statement: the head, the body, and whether these are right.
type Right = fn(&str, Option<&[u8]>) -> bool;

#[test]
fn what_each_fault_sends_and_whether_the_statement_was_taken() {
    let nothing: Right = |head, body| head.is_empty() && body.is_none();
    let cases: [(&str, bool, u16, Right); 21] = [
        ("delay=1ms", true, 200, |_, body| body.unwrap().len() == ACCEPTED),
        ("close-before-read", false, 0, nothing),
        ("contains=PRINCIPAL: close-before-read", false, 0, nothing),
        ("take-then-close", true, 0, nothing),
        ("cut-header", true, 200, |head, body| head.starts_with("HTTP/1.1 200 OK\r\n") && body.is_none()),
        ("cut-body", true, 200, |head, body| {
            declared(head) == ACCEPTED && body.unwrap().len() == ACCEPTED / 2
        }),
        ("cut-body=3", true, 200, |head, body| declared(head) == ACCEPTED && body == Some(b"{\"r")),
        ("cut-body=999", true, 200, |_, body| body.unwrap().len() == ACCEPTED),
        ("too-long", true, 200, |head, body| {
            declared(head) == ACCEPTED + 100 && body.unwrap().len() == ACCEPTED
        }),
        ("too-short", true, 200, |head, body| {
            declared(head) == ACCEPTED - 5 && body.unwrap().len() == ACCEPTED
        }),
        ("too-short=999", true, 200, |head, _| declared(head) == 0),
        ("not-json", true, 200, |head, body| {
            head.contains("text/html") && body.unwrap().starts_with(b"<!doctype")
        }),
        ("not-utf8", true, 200, |_, body| body.unwrap().ends_with(b"\xff\xfe\"}")),
        ("empty-body", true, 200, |head, body| declared(head) == 0 && body == Some(b"")),
        ("huge-body=3MiB", true, 200, |head, body| {
            let body = body.unwrap();
            let is_json = serde_json::from_slice::<Value>(body).unwrap()["requestId"].is_string();
            declared(head) == 3 << 20 && body.len() == 3 << 20 && is_json
        }),
        ("huge-body=1", true, 200, |head, body| {
            declared(head) == ACCEPTED && body.unwrap().len() == ACCEPTED
        }),
        ("drip=1us", true, 200, |head, body| declared(head) == ACCEPTED && body.unwrap().len() == ACCEPTED),
        ("status=503", false, 503, |head, body| head.starts_with("HTTP/1.1 503 ") && body == Some(b"")),
        ("status=503, taken", true, 503, |head, body| head.starts_with("HTTP/1.1 503 ") && body == Some(b"")),
        (
            "status=429, retry-after=\"Fri, 31 Dec 9999 23:59:59 GMT\", grpc-message=\"ü, %\"",
            false,
            429,
            |head, _| {
                head.contains("retry-after: Fri, 31 Dec 9999 23:59:59 GMT")
                    && head.contains("grpc-message: %C3%BC, %25")
            },
        ),
        ("status=302, location=https://other.example/x", false, 302, |head, _| {
            head.starts_with("HTTP/1.1 302 Found") && head.contains("location: https://other.example/x")
        }),
    ];
    for (spec, taken, status, right) in cases {
        let emulator = Emulator::builder().fault(spec.parse().unwrap()).start().unwrap();
        let (head, body) = parts(&raw_submit(&emulator));
        let shown =
            body.as_ref().map(|body| String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned());
        assert!(right(&head, body.as_deref()), "{spec}: {head}\n{shown:?}");

        assert_eq!(emulator.ledger().len(), usize::from(taken), "{spec}");
        let requests = emulator.requests();
        assert_eq!(requests.len(), 1, "{spec}");
        assert_eq!(requests[0].status, status, "{spec}");
        assert_eq!(requests[0].request_id.is_some(), taken, "{spec}");
        assert_eq!(requests[0].fault.as_deref(), Some(&spec.parse().unwrap()), "{spec}");
        // The state agrees with the ledger.
        emulator.clear_faults();
        let (done, _) = run(&emulator, "SHOW SERVICE_PRINCIPALS");
        assert_eq!(done["apiResponse"].as_array().unwrap().len(), usize::from(taken), "{spec}");
        assert_eq!(emulator.requests()[1].fault, None);
    }
}

/// A connection that is closed on a request whose body was not read: the client's sending breaks, as with a
/// server that is gone.
#[test]
fn before_it_is_read_means_before_its_body_is_asked_for() {
    let emulator = Emulator::builder().fault("close-before-read".parse().unwrap()).start().unwrap();
    let mut stream = TcpStream::connect(emulator.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = "POST /v1/resource/ HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(stream.read(&mut [0; 100]).unwrap(), 0);
    assert_eq!(emulator.requests()[0].path, "/v1/resource/");
}

#[test]
fn a_fault_strikes_whom_it_is_for() {
    let builder = Emulator::builder().pending_polls(0);
    let emulator = builder.fault("poll, nth=2: status=500".parse().unwrap()).start().unwrap();
    let headers = emulator.identity().headers();
    let id = submit(&emulator, SQL).json()["requestId"].as_str().unwrap().to_owned();
    let path = format!("/v1/status/{id}");
    let poll = || send(&emulator, "GET", &path, &headers, "").status;
    assert_eq!(submit(&emulator, SQL).status, 200);
    assert_eq!([poll(), poll(), poll()], [200, 500, 200]);
    assert_eq!(submit(&emulator, SQL).status, 200);
    let record = &emulator.requests()[3];
    assert_eq!((record.status, record.request_id.as_deref()), (500, Some(id.as_str())));
    assert!(format!("{record:?}").contains("poll: status=500"), "{record:?}");
}

#[test]
fn the_emulators_own_paths_meet_no_fault() {
    let faults = ["close-before-read", "status=500"].map(|spec| spec.parse::<Fault>().unwrap());
    let emulator = Emulator::builder().faults(faults).start().unwrap();
    assert_eq!(send(&emulator, "GET", "/_emulator/x", &[], "").status, 404);
    assert_eq!(raw(&emulator, "GET", "/_emulators", &[], ""), b"");
}

#[test]
fn a_poll_that_is_not_taken_does_not_count() {
    for (spec, polls) in [("nth=1, poll: status=503", 3), ("nth=1, poll: status=503, taken", 2)] {
        let emulator = Emulator::builder().fault(spec.parse().unwrap()).start().unwrap();
        let id = submit(&emulator, SQL).json()["requestId"].as_str().unwrap().to_owned();
        let answers: Vec<_> = (0..polls)
            .map(|_| {
                let path = format!("/v1/status/{id}");
                let answer = send(&emulator, "GET", &path, &emulator.identity().headers(), "");
                answer.body.contains("SUCCESS")
            })
            .collect();
        assert_eq!(answers.iter().position(|is_over| *is_over), Some(polls - 1), "{spec}");
    }
}

#[test]
fn the_status_of_an_operation_can_be_any_text_and_can_go_back() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let id = submit(&emulator, SQL).json()["requestId"].as_str().unwrap().to_owned();
    let text = || status(&emulator, &id)["apiStatus"].as_str().unwrap().replace("API_OPERATION_STATUS_", "");

    // Not before the end has been shown.
    emulator.add_fault(Fault::new(Action::BackToPending).times(2));
    assert_eq!([text(), text(), text(), text()], ["SUCCESS", "PENDING", "PENDING", "SUCCESS"]);
    emulator.clear_faults();
    emulator.add_fault("times=1: operation-status=API_OPERATION_STATUS_RESTING".parse().unwrap());
    let rests = status(&emulator, &id);
    assert_eq!(
        (&rests["apiStatus"], &rests["apiResponse"]["name"]),
        (&json!("API_OPERATION_STATUS_RESTING"), &json!("p"))
    );
    assert_eq!(text(), "SUCCESS");
    // An answer without a status stays what it is.
    emulator.add_fault(Fault::new(Action::OperationStatus("X".to_owned())));
    let answer = send(&emulator, "GET", "/v1/status/nope", &emulator.identity().headers(), "");
    assert_eq!((answer.status, answer.body.as_str()), (404, ""));
    assert_eq!(submit(&emulator, SQL).status, 200);
}

#[test]
fn a_request_that_is_refused_is_refused_whatever_the_fault() {
    let emulator = Emulator::builder().fault(Fault::new(Action::Delay(Duration::ZERO))).start().unwrap();
    assert_eq!(send(&emulator, "POST", "/v1/resource/", &[], r#"{"statement": "SHOW LAKES"}"#).status, 401);
    emulator.clear_faults();
    emulator.add_fault(Fault::new(Answer::new(204).taken()).kind(RequestKind::Submit));
    assert_eq!(send(&emulator, "POST", "/v1/resource/", &[], r#"{"statement": "SHOW LAKES"}"#).status, 204);
    assert!(emulator.ledger().is_empty());
}

/// The same seed strikes the same requests; about as many as it says.
#[test]
fn chance_repeats() {
    let struck = |seed| {
        let fault = "submit, p=0.3: status=503".parse().unwrap();
        let emulator = Emulator::builder().seed(seed).fault(fault).start().unwrap();
        let struck: Vec<_> = (0..100).map(|_| submit(&emulator, "SHOW LAKES").status == 503).collect();
        assert_eq!(emulator.ledger().len(), struck.iter().filter(|struck| !**struck).count());
        struck
    };
    let first = struck(1);
    assert_eq!(first, struck(1));
    assert_ne!(first, struck(2));
}

#[test]
fn a_bearer_token_is_accepted_over_the_wire() {
    let emulator = Emulator::start().unwrap();
    let bearer = emulator.identity().bearer_headers();
    let mut headers: Vec<_> = bearer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = json!({ "statement": SQL }).to_string();
    let id = send(&emulator, "POST", "/v1/resource/", &headers, &body).json()["requestId"].clone();
    let path = format!("/v1/status/{}", id.as_str().unwrap());
    assert_eq!(send(&emulator, "GET", &path, &headers, "").status, 200);
    headers[0].1 = "Bearer hunter2";
    let answer = send(&emulator, "POST", "/v1/resource/", &headers, &body);
    assert_eq!(
        (answer.status, answer.header("grpc-message")),
        (401, Some("authorization: the token is wrong or has expired"))
    );
    headers[0].1 = &bearer[0].1;
    headers.extend(emulator.identity().headers());
    let answer = send(&emulator, "POST", "/v1/resource/", &headers, &body);
    assert_eq!(answer.status, 401);
    assert!(answer.header("grpc-message").unwrap().contains("a request cannot have both"));
    assert_eq!(emulator.ledger().len(), 1);
}
