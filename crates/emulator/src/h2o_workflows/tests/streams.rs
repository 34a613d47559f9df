//! Log streams.

use super::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const TALK: &str = "id: talk\njobs: {a: {steps: [{run: \"echo one\\necho zwölf >&2\\necho three\"}]}}\n";
const WHOLE: &str = "one\nzwölf\nthree\n";

fn stream(run: &str) -> String {
    format!("/v1/{run}/attempts/1/jobs/a/steps/1:streamLogs")
}

/// The bytes of the lines of a stream, and the last offset.
pub(super) fn read(body: &[u8]) -> (String, u64) {
    let mut bytes = Vec::new();
    let mut offset = 0;
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line).unwrap();
        bytes.extend(decoded(line["result"]["data"].as_str().unwrap()));
        offset = line["result"]["offset"].as_str().unwrap().parse().unwrap();
    }
    (String::from_utf8(bytes).unwrap(), offset)
}

pub(super) fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let digits: Vec<usize> =
        text.bytes().filter_map(|byte| alphabet.iter().position(|other| *other == byte)).collect();
    for digits in digits.chunks(4) {
        let bits = digits.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - digits.len()));
        out.extend((0..digits.len() - 1).map(|place| (bits >> (16 - 8 * place) & 255) as u8));
    }
    out
}

#[test]
fn a_stream_has_the_part_that_is_asked_for() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    caller.wait(&run);
    let get = |query: &str| {
        let (status, body) = caller.raw(Method::Get, &format!("{}?{query}", stream(&run)), None);
        (status, body)
    };
    for (query, text, offset) in [
        ("", WHOLE, 17),
        ("offset=0&stream=OUTPUT_STREAM_UNSPECIFIED", WHOLE, 17),
        ("stream=OUTPUT_STREAM_COMBINED&offset=4", "zwölf\nthree\n", 17),
        ("stream=OUTPUT_STREAM_STDOUT", "one\nthree\n", 10),
        ("stream=OUTPUT_STREAM_STDERR&offset=5", "f\n", 7),
        ("offset=17", "", 0),
    ] {
        let (status, body) = get(query);
        assert_eq!((status, read(&body)), (200, (text.to_owned(), offset)), "{query}");
    }
    for (query, code) in
        [("offset=18", 11), ("offset=-1", 3), ("offset=x", 3), ("stream=STDOUT", 3), ("x=1", 3)]
    {
        let (status, body) = get(query);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{query}");
    }
    let (status, _) = caller.raw(Method::Get, &stream(&run).replace("steps/1", "steps/2"), None);
    assert_eq!(status, 404);
}

#[test]
fn a_stream_follows_its_step_to_the_end() {
    let hands = Hands::new();
    let pending = Pending::time(Duration::from_secs(30));
    let emulator = hands.on(Emulator::builder().pending(pending)).start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    let address = emulator.url().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let token = emulator.access_token();
    let head = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n",
        stream(&run)
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut socket = BufReader::new(socket);
    let mut next = |says: &str| {
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            assert!(socket.read_line(&mut line).unwrap() > 0, "no {says:?}");
        }
        line
    };
    next("transfer-encoding: chunked");
    // In the queue: nothing is said. A third of the step's time: one line is there, and no more.
    hands.forward(40.0);
    assert!(next("result").contains("\"offset\":\"4\""));
    let logs = caller.get(&format!("{run}/attempts/1/jobs/a/steps/1:logs"));
    assert_eq!(decoded(logs["data"].as_str().unwrap()), b"one\n");
    hands.forward(10.0);
    assert!(next("result").contains("\"offset\":\"11\""));
    hands.forward(10.0);
    assert!(next("result").contains("\"offset\":\"17\""));
    let mut rest = String::new();
    socket.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");
}

#[test]
fn a_stream_alone_brings_its_run_to_the_end_if_looks_count() {
    let emulator = Emulator::builder().pending_polls(3).start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    let (_, body) = caller.raw(Method::Get, &stream(&run), None);
    assert_eq!(read(&body), (WHOLE.to_owned(), 17));
    assert_eq!(caller.state(&run), "SUCCEEDED");
}

#[test]
fn a_stream_that_is_cut_anywhere_goes_on_where_it_was() {
    let emulator = Emulator::builder().log_piece(Some(2)).start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    caller.wait(&run);
    let (_, whole) = caller.raw(Method::Get, &stream(&run), None);
    assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), 9);
    let address = emulator.url().strip_prefix("http://").unwrap();
    for cut in 0..=whole.len() {
        emulator.clear_faults();
        emulator.add_fault(format!("starts=stream_step_logs, nth=1: cut-body={cut}").parse().unwrap());
        let mut socket = TcpStream::connect(address).unwrap();
        let token = emulator.access_token();
        let head =
            format!("GET {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n", stream(&run));
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (_, chunks) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!chunks.ends_with("0\r\n\r\n"), "{cut}");
        let sent: String = chunks.split("\r\n").skip(1).step_by(2).collect();
        assert_eq!(sent.as_bytes(), &whole[..cut]);
    }
    // The part that came, and the rest by its offset.
    let (_, rest) = caller.raw(Method::Get, &format!("{}?offset=6", stream(&run)), None);
    let text = decoded(
        &rest
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| {
                let line: Value = serde_json::from_slice(line).unwrap();
                line["result"]["data"].as_str().unwrap().trim_end_matches('=').to_owned()
            })
            .next()
            .unwrap(),
    );
    assert_eq!(text, &WHOLE.as_bytes()[6..8]);
}

#[test]
fn other_faults_meet_a_stream_too() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    caller.wait(&run);
    let get = |fault: &str| {
        emulator.clear_faults();
        emulator.add_fault(fault.parse().unwrap());
        let mut request = Request::new(Method::Get, caller.url.as_str(), stream(&run).as_str());
        request.headers.push("authorization", format!("Bearer {}", caller.token).as_str());
        caller
            .transport
            .send(&request, Duration::from_secs(20))
            .map(|response| (response.status, response.body))
    };
    assert_eq!(read(&get("drip=1us").unwrap().1).0, WHOLE);
    assert_eq!(read(&get("delay=1ms").unwrap().1).0, WHOLE);
    assert_eq!(get("status=503").unwrap().0, 503);
    assert!(get("not-json").unwrap().1.starts_with(b"<!doctype"));
    assert!(get("empty-body").unwrap().1.is_empty());
    assert!(String::from_utf8(get("not-utf8").unwrap().1).is_err());
    let broken = String::from_utf8(get("error-line=2").unwrap().1).unwrap();
    let lines: Vec<&str> = broken.lines().collect();
    assert_eq!((lines.len(), read(lines[..2].join("\n").as_bytes()).0.as_str()), (3, "one\nzwölf\n"));
    assert!(lines[2].starts_with("{\"error\":{\"code\":14"));
    assert_eq!(get("error-line").unwrap().1.iter().filter(|byte| **byte == b'\n').count(), 1);
    for fault in ["cut-body", "too-long", "cut-header", "take-then-close"] {
        assert!(get(fault).is_err(), "{fault}");
    }
}

#[test]
fn sparse_answers_leave_out_what_says_nothing() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::of(&emulator);
    let run = caller.run(TALK, json!({}));
    emulator.add_fault("poll: sparse".parse().unwrap());
    let shown = caller.get(&run)["run"].clone();
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["name", "state", "trigger", "createTime", "creator"]);
}
