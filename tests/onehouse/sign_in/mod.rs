//! Signing in, against the emulator: the browser is a thread that follows addresses.

mod callbacks;
mod credentials;
mod flow;
mod processes;
mod sessions;
mod sign_out;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use controlplane::onehouse::{Client, Credentials, CredentialsBuilder, Session, SignIn};
use controlplane::{Error, onehouse};
use controlplane_emulator::onehouse::{Builder, Emulator};
use serde_json::Value;

/// A home directory that is deleted with the test.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("controlplane-sign-in-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An emulator that is never slow and never busy.
pub(crate) fn emulator(change: impl FnOnce(Builder) -> Builder) -> Emulator {
    change(Emulator::builder().pending_polls(0).rate_limit(None)).start().unwrap()
}

/// The variables of a project, without an API key.
pub(crate) fn variables(emulator_url: &str, home: &Path) -> Vec<(String, String)> {
    [
        ("HOME", home.to_str().unwrap()),
        ("USERPROFILE", home.to_str().unwrap()),
        ("ONEHOUSE_ACCOUNT_UID", "emulator-account"),
        ("ONEHOUSE_PROJECT_UID", "emulator-project"),
        ("ONEHOUSE_LINK_UID", "emulator-link"),
        ("ONEHOUSE_REGION", "us-west-2"),
        ("ONEHOUSE_BASE_URL", emulator_url),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

pub(crate) fn builder(emulator: &Emulator, home: &Home) -> CredentialsBuilder {
    Credentials::builder().env(variables(emulator.url(), home.path()))
}

pub(crate) fn client(emulator: &Emulator, home: &Home) -> Result<Client, Error> {
    Client::builder().credentials(builder(emulator, home).build()?).no_rate_limit().build()
}

pub(crate) fn sign_in(emulator: &Emulator, home: &Home) -> SignIn {
    SignIn::new().credentials(builder(emulator, home))
}

/// Signs in without a person; the emulator has to approve by itself.
pub(crate) fn signed_in(emulator: &Emulator, home: &Home) -> Session {
    sign_in(emulator, home).no_browser(|url| drop(browse(url))).run().unwrap()
}

/// A response: its status, its head and its body.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a request as a browser does.
pub(crate) fn fetch(method: &str, url: &str, body: &str) -> Page {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Page { status, head: head.to_owned(), body: body.to_owned() }
}

impl Page {
    pub(crate) fn location(&self) -> String {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with("location: "));
        line.unwrap_or_else(|| panic!("no location in {}", self.head))[10..].to_owned()
    }
}

/// Follows the address of a sign-in on a thread of its own, and gives the page that it ends on.
pub(crate) fn browse(url: &str) -> Receiver<Page> {
    let url = url.to_owned();
    let (give, take) = mpsc::channel();
    std::thread::spawn(move || {
        let callback = fetch("GET", &url, "").location();
        let _ = give.send(fetch("GET", &callback, ""));
    });
    take
}

/// The parameter of an address, decoded.
pub(crate) fn parameter(url: &str, wanted: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{wanted}=")));
    percent_encoding_decoded(pair.unwrap_or_else(|| panic!("no {wanted} in {url}")))
}

fn percent_encoding_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The session file as JSON.
pub(crate) fn stored(session: &Session) -> Value {
    serde_json::from_str(&std::fs::read_to_string(session.path()).unwrap()).unwrap()
}

/// Changes fields of a session file.
pub(crate) fn change(session: &Session, fields: Value) {
    let mut value = stored(session);
    for (name, field) in fields.as_object().unwrap() {
        value[name] = field.clone();
    }
    std::fs::write(session.path(), value.to_string()).unwrap();
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The requests of one operation so far.
pub(crate) fn count(emulator: &Emulator, operation: &str) -> usize {
    emulator.requests().iter().filter(|request| request.operation == Some(operation)).count()
}

/// No token of the session is in the text.
pub(crate) fn assert_no_token(text: &str, session: &Value) {
    for field in ["refresh_token", "access_token"] {
        let token = session[field].as_str().unwrap();
        assert!(!text.contains(token), "{field} in {text}");
    }
}

/// The session of a host that nobody has to be signed in to.
pub(crate) fn session(emulator: &Emulator, home: &Home) -> onehouse::Session {
    sign_in(emulator, home).session().unwrap()
}
