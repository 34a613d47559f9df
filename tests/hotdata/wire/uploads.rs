//! Uploads, and the rules behind them.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::CancelToken;
use controlplane::hotdata::uploads::{
    DEFAULT_MEMORY_BUDGET, PartRetry, UploadFailure, UploadFailureKind, auto_part_size_hint,
    effective_in_flight, part_put_timeout, round_in_flight,
};
use controlplane::hotdata::{AsyncClient, Client, UploadCall, Uploads};
use controlplane::{Error, ErrorKind, Progress};
use serde_json::{Value, json};

use super::case::{Case, Done};
use super::errors::OF_CONNECTIONS;
use super::server::sha256;
use crate::vectors::unknown;

/// What comes of a case of this layer.
pub(super) fn run(case: &Case<'_>, client: &Client) -> Done {
    let file = written(case);
    let seen = Seen::default();
    let result = call(case, client.uploads(), &file, &seen).send();
    seen.done(case, result)
}

/// The same as a future.
pub(super) async fn run_async(case: &Case<'_>, client: &AsyncClient) -> Done {
    let file = written(case);
    let seen = Seen::default();
    let result = call(case, client.uploads(), &file, &seen).send().await;
    seen.done(case, result)
}

/// What comes of a pure rule.
pub(super) fn rule(case: &Case<'_>) -> Done {
    let number = |name: &str| case.args()[name].as_u64().unwrap();
    let size = |name: &str| usize::try_from(number(name)).unwrap();
    let result = match case.op() {
        "auto_part_size_hint" => json!(auto_part_size_hint(number("size"))),
        "effective_in_flight" => {
            json!(effective_in_flight(size("max_concurrency"), number("part_size"), DEFAULT_MEMORY_BUDGET))
        }
        "round_in_flight" => json!(round_in_flight(size("base"), u32::try_from(number("round")).unwrap())),
        "part_put_timeout" => json!(part_put_timeout(number("bytes")).as_secs_f64()),
        other => panic!("{other} is no rule"),
    };
    Done::new(Ok(result))
}

/// The bytes of a case.
fn bytes(source: &Value) -> Vec<u8> {
    let (length, seed) = (source["bytes_len"].as_u64().unwrap(), source["seed"].as_u64().unwrap());
    let byte = |i: u64| {
        let j = i % 65_536;
        u8::try_from((j * 31 + (j >> 8) * 17 + seed) & 255).unwrap()
    };
    let bytes: Vec<u8> = (0..length).map(byte).collect();
    assert_eq!(sha256(&bytes), source["sha256"].as_str().unwrap());
    bytes
}

/// The file of a case, which is removed with it.
struct Written {
    bytes: Vec<u8>,
    path: Option<std::path::PathBuf>,
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(directory) = self.path.as_deref().and_then(std::path::Path::parent) {
            std::fs::remove_dir_all(directory).unwrap();
        }
    }
}

fn written(case: &Case<'_>) -> Written {
    let source = &case.args()["source"];
    let bytes = bytes(source);
    let path = source["file_name"].as_str().map(|name| {
        let place = format!("controlplane-{}-{}", std::process::id(), case.id().replace('/', "-"));
        let directory = std::env::temp_dir().join(place);
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
        path
    });
    Written { bytes, path }
}

/// Can be read, but at no other place.
struct Pipe(Cursor<Vec<u8>>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Pipe {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Err(std::io::ErrorKind::NotSeekable.into())
    }
}

/// The progress that was reported.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Value>>>);

/// How often a part is tried again. The names are those of the vendor's library, or of the other policies.
/// What none of this crate's settings can say is not known.
fn part_retry(policy: &Value) -> PartRetry {
    let mut retry = PartRetry::default();
    for (name, value) in policy.as_object().unwrap() {
        let seconds = || Duration::from_secs_f64(value.as_f64().unwrap());
        match &**name {
            "total" | "max_retries" | "retries" => {
                retry.max_retries = value.as_u64().unwrap().try_into().unwrap()
            }
            "backoff_factor" | "base_backoff_s" | "backoff_s" => retry.backoff = seconds(),
            "backoff_max" | "max_backoff_s" => retry.max_backoff = seconds(),
            "jitter" | "backoff_jitter" if value.as_f64() == Some(0.0) => {}
            "status_forcelist" if *value == json!([429]) => {}
            "respect_retry_after_header" if *value == true => {}
            "redirect" | "raise_on_status" if *value == false => {}
            "allowed_methods" if *value == json!(["PUT"]) => {}
            _ => panic!("{}", unknown(format_args!("`{name}`: {value} of part_retry"))),
        }
    }
    retry
}

fn call<M>(case: &Case<'_>, uploads: Uploads<M>, file: &Written, seen: &Seen) -> UploadCall<M> {
    let args = case.args();
    let source = &args["source"];
    let mut call = match source["kind"].as_str() {
        Some("path") => uploads.upload_path(file.path.clone().unwrap()),
        Some("file") => {
            let mut cursor = Cursor::new(file.bytes.clone());
            cursor.set_position(source["start"].as_u64().unwrap_or(0));
            uploads.upload_file(cursor)
        }
        // What needs to be read at any place and cannot be.
        Some("pipe") => uploads.upload_file(Pipe(Cursor::new(file.bytes.clone()))),
        Some("bytes") | None => uploads.upload_bytes(file.bytes.clone()),
        Some(other) => panic!("{}", unknown(format_args!("the source {other}"))),
    };
    for (name, value) in args.as_object().unwrap() {
        let number = || value.as_u64().unwrap();
        let seconds = || Duration::from_secs_f64(value.as_f64().unwrap());
        let text = || value.as_str().unwrap().to_owned();
        call = match (&**name, value) {
            ("source" | "progress" | "cancel", _) | (_, Value::Null) => call,
            ("size", _) => call.size(number()),
            ("content_type", _) => call.content_type(text()),
            ("content_encoding", _) => call.content_encoding(text()),
            ("filename", _) => call.filename(text()),
            ("part_size", _) => call.part_size(number()),
            ("max_concurrency", _) => call.max_concurrency(usize::try_from(number()).unwrap()),
            ("max_extra_rounds", _) => call.max_extra_rounds(u32::try_from(number()).unwrap()),
            ("round_base_delay", _) => call.round_base_delay(seconds()),
            ("request_timeout", _) => call.http_timeout(seconds()),
            ("part_retry", policy) => call.part_retry(part_retry(policy)),
            (other, _) => panic!("{}", unknown(format_args!("the argument {other}"))),
        };
    }
    let token = CancelToken::new();
    let is_to_cancel = match args["cancel"].as_str() {
        None if args["cancel"].is_null() => false,
        Some("before") => {
            token.cancel();
            false
        }
        Some("after-first-part") => true,
        _ => panic!("{}", unknown(format_args!("when to cancel: {}", args["cancel"]))),
    };
    // The program's own error, which it raises when the first part is there.
    let is_to_fail = case.outcome()["error"]["exception"] == "RuntimeError";
    let (seen, canceller) = (seen.clone(), token.clone());
    call.cancel_with(&token).try_on_progress(move |progress| {
        let Progress::Transferred { transferred, total } = progress else { return Ok(()) };
        seen.0.lock().unwrap().push(json!([transferred, total]));
        if *transferred > 0 && is_to_cancel {
            canceller.cancel();
        }
        if *transferred > 0 && is_to_fail { Err("enough".into()) } else { Ok(()) }
    })
}

impl Seen {
    fn done<T: serde::Serialize + std::fmt::Debug>(&self, case: &Case<'_>, result: Result<T, Error>) -> Done {
        let mut done = Done::new(result);
        if let Some(expected) = case.outcome().get("progress") {
            let seen = self.0.lock().unwrap();
            if json!(*seen) != *expected {
                done.wrong.push(format!("progress {seen:?} is not {expected}"));
            }
        }
        match (&done.result, case.outcome().get("error")) {
            (Err(error), Some(expected)) => {
                done.is_compared = true;
                let wrong = compare(error, expected);
                done.wrong.extend(wrong);
            }
            // A client with a streaming session may take a source that cannot be read at any place.
            (Ok(_), Some(_)) if case.args()["source"]["kind"] == "pipe" => done.is_compared = true,
            _ => {}
        }
        done
    }
}

fn compare(error: &Error, expected: &Value) -> Vec<String> {
    use UploadFailureKind as K;

    let mut wrong = Vec::new();
    let kind = error.detail::<UploadFailure>().map(|failure| failure.kind);
    let wanted: &[Option<K>] = match expected["exception"].as_str().unwrap_or_default() {
        "SessionCreateError" => &[Some(K::Session)],
        "StorageError" => &[Some(K::Storage)],
        "StorageTransportError" => &[Some(K::StorageTransport)],
        "MissingETagError" => &[Some(K::MissingETag)],
        "MintPartError" => &[Some(K::Mint)],
        "MalformedSessionError" => &[Some(K::MalformedSession)],
        "SizeLimitError" => &[Some(K::SizeLimit)],
        "FinalizeError" => &[Some(K::Finalize)],
        "UploadCancelledError" => &[Some(K::Cancelled)],
        // A short read.
        "UploadError" => &[Some(K::Source)],
        // The program's own.
        "RuntimeError" => &[Some(K::Progress)],
        // Not seekable.
        "TypeError" => &[Some(K::Source), None],
        // Of the file.
        "OSError" | "FileNotFoundError" | "IsADirectoryError" | "PermissionError" => &[Some(K::Source), None],
        // The transport's, where the vendor lets it out.
        exception if OF_CONNECTIONS.contains(&exception) => {
            &[Some(K::Session), Some(K::Finalize), Some(K::Mint)]
        }
        _ => return vec![unknown(format_args!("what error {expected} is"))],
    };
    if !wanted.contains(&kind) {
        wrong.push(format!("{kind:?} is not {}: {error}", expected["exception"]));
    }
    let note = expected["note"].as_str().unwrap_or_default();
    if note.contains("outcome is unknown") && error.kind() != ErrorKind::OutcomeUnknown {
        wrong.push(format!("the outcome is not unknown: {error}"));
    }
    if error.status().map(u64::from) != expected["status"].as_u64() {
        // Of a session that makes no sense the status is known too.
        if expected["status"].is_u64() {
            wrong.push(format!("status {:?} is not {}", error.status(), expected["status"]));
        }
    }
    if error.api_code() != expected["code"].as_str() {
        wrong.push(format!("code {:?} is not {}", error.api_code(), expected["code"]));
    }
    let texts = [("message", error.api_message()), ("body", error.body())];
    for (name, got) in texts {
        if expected[name].is_string() && got != expected[name].as_str() {
            wrong.push(format!("{name} {got:?} is not {}", expected[name]));
        }
    }
    let failure: Option<&UploadFailure> = error.detail();
    let numbers = [
        ("part_number", failure.and_then(|failure| failure.part_number)),
        ("rounds_attempted", failure.map(|failure| u64::from(failure.rounds_attempted))),
    ];
    for (name, got) in numbers {
        if let Some(wanted) = expected.get(name)
            && got != wanted.as_u64()
        {
            wrong.push(format!("{name} {got:?} is not {wanted}"));
        }
    }
    // What is too large, and how large: in the words of the error.
    let said = error.to_string().replace("part size", "part_size");
    let words: Vec<&str> = said.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    for name in ["what", "value"] {
        let text = expected[name].to_string();
        if !expected[name].is_null() && !words.contains(&text.trim_matches('"')) {
            wrong.push(format!("{name} {text} is not in {error}"));
        }
    }
    let is_exhausted = failure.is_some_and(|failure| failure.is_exhausted);
    if is_exhausted != expected["exhausted"].as_bool().unwrap_or(false) {
        wrong.push(format!("exhausted: {is_exhausted}"));
    }
    wrong
}
