//! Uploads over real sockets: what the storage sees of a client, and how soon an upload ends that is to end.

use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use controlplane::client::CancelToken;
use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::hotdata::{AsyncClient, Client, ClientBuilder, Credentials};
use controlplane::http::Bytes;
use controlplane::transport::Proxy;
use controlplane::{Error, ErrorKind};

use crate::raw_request::read_request;
use crate::raw_response::answer;
use crate::raw_server::RawServer;

fn with<M>(builder: ClientBuilder<M>, url: &str) -> ClientBuilder<M> {
    let credentials = Credentials::builder().env(Vec::<(String, String)>::new()).api_key("hunter2-key");
    let credentials = credentials.workspace_id("hunter2-workspace").base_url(url).build().unwrap();
    builder.credentials(credentials).default_header("X-Extra", "hunter2-extra").proxy(Proxy::None)
}

fn blocking(url: &str) -> Client {
    with(Client::builder(), url).build().unwrap()
}

fn futures(url: &str) -> AsyncClient {
    with(AsyncClient::builder(), url).build().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A session in whose place `{base}` stands for the server.
const SINGLE: &str = r#"{"upload_id": "u", "mode": "single", "finalize_token": "hunter2-token",
    "headers": {"X-Amz-Meta-A": "signed"}, "url": "{base}/storage/u?X-Amz-Signature=hunter2-signature%2F"}"#;
const EAGER: &str = r#"{"upload_id": "u", "mode": "multipart", "finalize_token": "hunter2-token", "headers": {},
    "part_size": 100000000, "part_urls": ["{base}/storage/1?s=hunter2-signature", "{base}/storage/2?s=hunter2-signature"]}"#;
const FINISHED: &str =
    r#"{"upload_id": "u", "size_bytes": 1, "status": "ready", "created_at": "2026-03-01T12:00:00Z"}"#;

/// What was asked, in its order, heads only.
struct Server {
    raw: RawServer,
    asked: Receiver<String>,
}

impl Server {
    /// `put` gets the connection of each PUT, before anything of it is read.
    fn start(
        session: &'static str,
        put: impl Fn(&mut TcpStream, &Sender<String>) + Clone + Send + 'static,
    ) -> Self {
        let (sender, asked) = channel();
        let raw = RawServer::start(move |mut stream, _| {
            let (sender, put) = (sender.clone(), put.clone());
            std::thread::spawn(move || {
                let base = format!("http://{}", stream.local_addr().unwrap());
                let mut first = [0; 3];
                while let Ok(3) = stream.peek(&mut first) {
                    if first == *b"PUT" {
                        put(&mut stream, &sender);
                        continue;
                    }
                    let Some(request) = read_request(&mut stream) else { return };
                    let is_session = request.starts_with("POST /v1/uploads HTTP");
                    let text =
                        if is_session { session.replace("{base}", &base) } else { FINISHED.to_owned() };
                    let _ = sender.send(request.lines().next().unwrap().to_owned());
                    if stream.write_all(&answer("200 OK", "", &text)).is_err() {
                        return;
                    }
                }
            });
        });
        Self { raw, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.try_iter().collect()
    }
}

#[test]
fn the_storage_sees_the_bytes_and_nothing_of_the_client() {
    for is_async in [false, true] {
        let server = Server::start(SINGLE, |stream, sender| {
            let request = read_request(stream).unwrap();
            sender.send(request).unwrap();
            stream.write_all(&answer("200 OK", "", "")).unwrap();
        });
        let url = server.raw.url();
        if is_async {
            wait(futures(&url).uploads().upload_bytes("x").send()).unwrap();
        } else {
            blocking(&url).uploads().upload_bytes("x").send().unwrap();
        }
        let asked = server.asked();
        assert_eq!(asked.len(), 3);
        let (head, body) = asked[1].split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<String> = head.lines().map(str::to_lowercase).collect();
        lines[1..].sort();
        let host = format!("host: {}", server.raw.addr);
        assert_eq!(
            lines,
            [
                "put /storage/u?x-amz-signature=hunter2-signature%2f http/1.1",
                "content-length: 1",
                &host,
                "x-amz-meta-a: signed"
            ]
        );
        assert_eq!(body, "x");
    }
}

#[test]
fn a_redirect_of_the_storage_is_not_followed() {
    for is_async in [false, true] {
        let server = Server::start(SINGLE, |stream, sender| {
            sender.send(read_request(stream).unwrap()).unwrap();
            let elsewhere = format!("Location: http://{}/elsewhere\r\n", stream.local_addr().unwrap());
            stream.write_all(&answer("307 Temporary Redirect", &elsewhere, "")).unwrap();
        });
        let url = server.raw.url();
        let error = if is_async {
            wait(futures(&url).uploads().upload_bytes("x").send()).unwrap_err()
        } else {
            blocking(&url).uploads().upload_bytes("x").send().unwrap_err()
        };
        assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(307)));
        assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Storage);
        assert_eq!(server.asked().len(), 2);
        no_secret_shows(&error);
    }
}

fn no_secret_shows(error: &Error) {
    let mut shown = format!("{error} {error:?} {:?}", error.body());
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        shown.push_str(&format!("{source} {source:?}"));
        next = source.source();
    }
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// Cancels when the storage has begun to read. It never answers, and reads nothing more.
fn cancelled_in_the_middle(session: &'static str, run: impl FnOnce(&str, CancelToken) -> Error) {
    let token = CancelToken::new();
    let theirs = token.clone();
    let (done, is_done) = channel::<()>();
    let is_done = Arc::new(Mutex::new(is_done));
    let server = Server::start(session, move |stream, sender| {
        let mut some = [0; 10];
        stream.read_exact(&mut some).unwrap();
        sender.send(String::from_utf8_lossy(&some).into_owned()).unwrap();
        theirs.cancel();
        // Until the call has returned. What comes then is what the sockets hold.
        let _ = is_done.lock().unwrap().recv();
        let mut buffer = vec![0; 65_536];
        let mut rest = 0;
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            rest += read;
        }
        sender.send(if rest < 50_000_000 { "cut" } else { "not cut" }.to_owned()).unwrap();
        let _ = stream.shutdown(Shutdown::Both);
    });
    let error = run(&server.raw.url(), token);
    drop(done);
    assert_eq!(
        (error.kind(), error.detail::<UploadFailure>().unwrap().kind),
        (ErrorKind::Cancelled, UploadFailureKind::Cancelled)
    );
    no_secret_shows(&error);
    let first = server.asked.recv().unwrap();
    assert!(first.starts_with("POST /v1/uploads HTTP"), "{first}");
    let mut left = 0;
    loop {
        match &*server.asked.recv().unwrap() {
            "PUT /stora" => left += 1,
            "cut" => left -= 1,
            other => panic!("{other}"),
        }
        if left == 0 {
            break;
        }
    }
}

#[test]
fn cancelling_cuts_what_is_under_way() {
    for session in [SINGLE, EAGER] {
        // Much more than sockets hold: theirs grow to some 33 MB where the system lets them.
        let bytes = Bytes::from(vec![7u8; 200_000_000]);
        let theirs = bytes.clone();
        cancelled_in_the_middle(session, |url, token| {
            blocking(url).uploads().upload_bytes(theirs).cancel_with(&token).send().unwrap_err()
        });
        cancelled_in_the_middle(session, |url, token| {
            wait(futures(url).uploads().upload_bytes(bytes).cancel_with(&token).send()).unwrap_err()
        });
    }
}

#[test]
fn what_blocks_for_ever_keeps_nobody() {
    /// Cancels, and gives nothing.
    struct Silent(CancelToken, Receiver<()>);

    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.cancel();
            let _ = self.1.recv();
            Ok(0)
        }
    }

    let (token, (hold, held)) = (CancelToken::new(), channel());
    let server = Server::start(SINGLE, |_, _| {});
    let reader = Silent(token.clone(), held);
    let call = blocking(&server.raw.url()).uploads().upload_reader(reader).cancel_with(&token);
    assert_eq!(call.send().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(server.asked().is_empty());
    drop(hold);
}

#[test]
fn a_panic_of_what_is_read_goes_on_in_the_caller() {
    struct Panics;

    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            std::panic::panic_any("of the reader");
        }
    }

    let server = Server::start(SINGLE, |_, _| {});
    for is_async in [false, true] {
        let url = server.raw.url();
        let panic = std::panic::catch_unwind(|| {
            if is_async {
                drop(wait(futures(&url).uploads().upload_reader(Panics).send()));
            } else {
                drop(blocking(&url).uploads().upload_reader(Panics).send());
            }
        });
        assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "of the reader");
        assert!(server.asked().is_empty());
    }
}

/// A file that is found to be of one length and turns out to be of another.
struct Changing {
    said: u64,
    really: u64,
    at: u64,
}

impl Seek for Changing {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(_) => self.said,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

impl Read for Changing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(usize::try_from(self.really.saturating_sub(self.at)).unwrap());
        buffer[..length].fill(b'x');
        self.at += length as u64;
        Ok(length)
    }
}

#[test]
fn a_source_that_shrinks_is_not_finalized_and_one_that_says_nothing_of_more_is_not_read_on() {
    let server = Server::start(SINGLE, |stream, sender| {
        let request = read_request(stream).unwrap();
        sender.send(request.split_once("\r\n\r\n").unwrap().1.to_owned()).unwrap();
        stream.write_all(&answer("200 OK", "", "")).unwrap();
    });
    let client = blocking(&server.raw.url());
    let error = client.uploads().upload_file(Changing { said: 10, really: 9, at: 0 }).send().unwrap_err();
    assert_eq!(
        (error.kind(), error.detail::<UploadFailure>().unwrap().kind),
        (ErrorKind::Io, UploadFailureKind::Source)
    );
    assert_eq!(server.asked().len(), 1, "the session alone");
    client.uploads().upload_file(Changing { said: 10, really: 1000, at: 0 }).send().unwrap();
    assert_eq!(server.asked()[1], "x".repeat(10));
}

/// A file that is removed with its test.
struct TempFile(std::path::PathBuf);

impl TempFile {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path =
            std::env::temp_dir().join(format!("controlplane-upload-{name}-{}.csv", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn append(&self) {
        let mut file = std::fs::File::options().append(true).open(&self.0).unwrap();
        file.write_all(b"more").unwrap();
    }

    /// Another file with the same size under the same name.
    #[cfg(unix)]
    fn replace(&self) {
        let other = self.0.with_extension("other");
        std::fs::copy(&self.0, &other).unwrap();
        std::fs::rename(other, &self.0).unwrap();
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const PARTS: &str = r#"{"upload_id": "u", "mode": "multipart", "finalize_token": "hunter2-token", "headers": {},
    "part_size": 5, "part_urls": ["{base}/storage/1?s=hunter2-signature", "{base}/storage/2?s=hunter2-signature"]}"#;

#[test]
fn a_file_that_changes_while_it_is_uploaded_is_not_finalized() {
    for (session, is_async) in [(SINGLE, false), (SINGLE, true), (PARTS, false), (PARTS, true)] {
        let name = format!("{}-{is_async}", session.len());
        let changes: [fn(&TempFile); 2] = [
            TempFile::append,
            #[cfg(unix)]
            TempFile::replace,
            #[cfg(not(unix))]
            TempFile::append,
        ];
        for (i, change) in changes.into_iter().enumerate() {
            let file = Arc::new(TempFile::new(&format!("{name}-{i}"), b"0123456789"));
            let theirs = file.clone();
            // The change comes while the bytes are on their way.
            let server = Server::start(session, move |stream, sender| {
                let request = read_request(stream).unwrap();
                change(&theirs);
                sender.send(request.lines().next().unwrap().to_owned()).unwrap();
                stream.write_all(&answer("200 OK", "ETag: \"e\"\r\n", "")).unwrap();
            });
            let url = server.raw.url();
            let error = if is_async {
                wait(futures(&url).uploads().upload_path(&file.0).send()).unwrap_err()
            } else {
                blocking(&url).uploads().upload_path(&file.0).send().unwrap_err()
            };
            let failure = error.detail::<UploadFailure>().unwrap();
            assert_eq!((error.kind(), failure.kind), (ErrorKind::Io, UploadFailureKind::Source), "{error}");
            assert_eq!((error.resource(), failure.upload_id.as_deref()), (Some("u"), Some("u")));
            assert!(server.asked().iter().all(|asked| !asked.contains("finalize")), "{error}");
        }
        // The first bytes of a log that grows.
        let file = Arc::new(TempFile::new(&name, b"0123456789 and more"));
        let theirs = file.clone();
        let server = Server::start(session, move |stream, _| {
            read_request(stream).unwrap();
            theirs.append();
            stream.write_all(&answer("200 OK", "ETag: \"e\"\r\n", "")).unwrap();
        });
        let url = server.raw.url();
        if is_async {
            wait(futures(&url).uploads().upload_path(&file.0).size(10).send()).unwrap();
        } else {
            blocking(&url).uploads().upload_path(&file.0).size(10).send().unwrap();
        }
    }
}
