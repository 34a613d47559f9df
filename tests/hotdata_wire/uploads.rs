//! Uploads, and the rules behind them.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::client::CancelToken;
use controlplane::hotdata::uploads::{
    DEFAULT_MEMORY_BUDGET, UploadFailure, UploadFailureKind, auto_part_size_hint, effective_in_flight,
    part_put_timeout, round_in_flight,
};
use controlplane::hotdata::{AsyncClient, Client, UploadCall, Uploads};
use controlplane::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::case::{Case, Done};
use crate::server::{Server, sha256};

/// What comes of a case of this layer; `None`: it is not there yet.
pub fn run(case: &Case, _: &Server, client: &Client) -> Option<Done> {
    if case.op() != "upload_file" {
        return Some(rule(case));
    }
    let file = written(case);
    let told = Told::default();
    let result = call(case, client.uploads(), &file, &told).send();
    Some(told.done(case, result))
}

/// The same as a future.
pub async fn run_async(case: &Case, _: &Server, client: &AsyncClient) -> Option<Done> {
    if case.op() != "upload_file" {
        return Some(rule(case));
    }
    let file = written(case);
    let told = Told::default();
    let result = call(case, client.uploads(), &file, &told).send().await;
    Some(told.done(case, result))
}

fn rule(case: &Case) -> Done {
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

fn written(case: &Case) -> Written {
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

/// What was said of the progress.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Value>>>);

fn call<M>(case: &Case, uploads: Uploads<M>, file: &Written, told: &Told) -> UploadCall<M> {
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
        _ => uploads.upload_bytes(file.bytes.clone()),
    };
    for (name, value) in args.as_object().unwrap() {
        let number = || value.as_u64().unwrap();
        let seconds = || Duration::from_secs_f64(value.as_f64().unwrap());
        let text = || value.as_str().unwrap().to_owned();
        call = match &**name {
            "source" | "progress" | "cancel" => call,
            "size" => call.size(number()),
            "content_type" => call.content_type(text()),
            "content_encoding" => call.content_encoding(text()),
            "filename" => call.filename(text()),
            "part_size" => call.part_size(number()),
            "max_concurrency" => call.max_concurrency(usize::try_from(number()).unwrap()),
            "max_extra_rounds" => call.max_extra_rounds(u32::try_from(number()).unwrap()),
            "round_base_delay" => call.round_base_delay(seconds()),
            "request_timeout" => call.request_timeout(seconds()),
            other => panic!("{other} is not known"),
        };
    }
    let token = CancelToken::new();
    if args["cancel"] == "before" {
        token.cancel();
    }
    let is_to_cancel = args["cancel"] == "after-first-part";
    let is_to_fail = case.id().contains("progress-raises");
    let (told, canceller) = (told.clone(), token.clone());
    call.cancel_with(&token).try_on_upload_progress(move |progress| {
        told.0.lock().unwrap().push(json!([progress.transferred, progress.total]));
        if progress.transferred > 0 && is_to_cancel {
            canceller.cancel();
        }
        if progress.transferred > 0 && is_to_fail { Err("enough".into()) } else { Ok(()) }
    })
}

impl Told {
    fn done<T: serde::Serialize + std::fmt::Debug>(&self, case: &Case, result: Result<T, Error>) -> Done {
        let mut done = Done::new(result);
        if let Some(expected) = case.outcome().get("progress") {
            let told = self.0.lock().unwrap();
            if json!(*told) != *expected {
                done.wrong.push(format!("progress {told:?} is not {expected}"));
            }
        }
        if let (Err(error), Some(expected)) = (&done.result, case.outcome().get("error")) {
            done.is_compared = true;
            let wrong = compare(error, expected);
            done.wrong.extend(wrong);
        }
        done
    }
}

fn compare(error: &Error, expected: &Value) -> Vec<String> {
    use UploadFailureKind as K;

    let mut wrong = Vec::new();
    let kind = error.upload().map(|failure| failure.kind);
    let wanted: &[Option<K>] = match expected["exception"].as_str().unwrap() {
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
        // The transport's, where the vendor lets it out.
        "ProtocolError" | "MaxRetryError" | "ConnectionError" => {
            &[Some(K::Session), Some(K::Finalize), Some(K::Mint)]
        }
        other => panic!("{other} is not known"),
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
    let failure: Option<&UploadFailure> = error.upload();
    let numbers = [
        ("part_number", failure.and_then(|failure| failure.part_number)),
        ("rounds_attempted", failure.map(|failure| u64::from(failure.rounds_attempted))),
    ];
    for (name, got) in numbers {
        if let Some(wanted) = expected.get(name) {
            if got != wanted.as_u64() {
                wrong.push(format!("{name} {got:?} is not {wanted}"));
            }
        }
    }
    let is_exhausted = failure.is_some_and(|failure| failure.is_exhausted);
    if is_exhausted != expected["exhausted"].as_bool().unwrap_or(false) {
        wrong.push(format!("exhausted: {is_exhausted}"));
    }
    wrong
}
