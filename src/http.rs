//! HTTP requests and responses as plain data, which [transports](crate::transport) send and return.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

pub use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

/// The default of [`Request::max_response_body`]: 16 MiB.
pub const MAX_RESPONSE_BODY: usize = 16 * 1024 * 1024;

/// The longest duration: longer ones are cut to it, so that no sum of times overflows.
pub(crate) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Headers whose values may be shown in logs and `Debug`. All others may hold secrets.
const SHOWN_HEADERS: [&str; 9] = [
    "accept",
    "content-length",
    "content-type",
    "date",
    "grpc-status",
    "host",
    "retry-after",
    "server",
    "user-agent",
];

/// Returns the host and the port of a URL, for messages: without user, password, path and query.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Parses the URL of a request.
pub(crate) fn target(url: &str) -> Result<http::Uri, String> {
    let url: http::Uri = url.parse().map_err(|e: http::uri::InvalidUri| e.to_string())?;
    let authority = url.authority().ok_or("the URL has no host")?;
    match url.scheme_str() {
        Some("http" | "https") if authority.host().is_empty() => Err("the URL has no host".to_owned()),
        // One transport would send it as a password and the other would not.
        Some("http" | "https") if authority.as_str().contains('@') => {
            Err("the URL has a user name in it".to_owned())
        }
        Some("http" | "https") => Ok(url),
        _ => Err("the scheme of the URL is neither https nor http".to_owned()),
    }
}

/// Returns something that should be a URL, for messages: without anything that may be a password.
pub(crate) fn shown_url(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match plain.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => plain.to_owned(),
    }
}

/// Returns true if values of this header may be shown.
pub(crate) fn is_shown(name: &str) -> bool {
    SHOWN_HEADERS.iter().any(|shown| shown.eq_ignore_ascii_case(name))
}

/// The characters that are encoded in a segment of a path.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The characters that are encoded in the name or the value of a query parameter.
const QUERY: &AsciiSet = &SEGMENT.add(b'&').add(b'+').add(b'=').add(b'\'');

/// Percent-encodes one segment of a path, so that it stays one segment: a `/` becomes `%2F`, `..` becomes
/// `%2E%2E`.
pub fn encode_segment(segment: &str) -> String {
    match segment {
        // Encoded or not, a dot segment would be resolved away on the path.
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(segment, SEGMENT).to_string(),
    }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

impl Method {
    /// Returns true if a request without a body says that its body is empty.
    pub(crate) fn has_body(self) -> bool {
        matches!(self, Self::Patch | Self::Post | Self::Put)
    }

    /// Returns the name of the method as it is sent: `"GET"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// A list of headers in the order in which they were added. Clones share their memory until one is changed.
///
/// The values of secret headers ([`push_secret`](Headers::push_secret)) are zeroed when the last clone is
/// dropped. `Debug` shows the values of a few harmless headers only, such as `Content-Type`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Arc<Vec<Entry>>);

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    name: Cow<'static, str>,
    value: HeaderValue,
}

#[derive(Clone)]
enum HeaderValue {
    Plain(Vec<u8>),
    Secret(SecretString),
}

impl HeaderValue {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(value) => value,
            Self::Secret(value) => value.expose_secret().as_bytes(),
        }
    }
}

impl PartialEq for HeaderValue {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for HeaderValue {}

impl Headers {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header. Use [`push_secret`](Headers::push_secret) for keys and tokens.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Vec<u8>>) {
        self.add(name.into(), HeaderValue::Plain(value.into()));
    }

    /// Adds a header whose value is secret.
    pub fn push_secret(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<SecretString>) {
        self.add(name.into(), HeaderValue::Secret(value.into()));
    }

    fn add(&mut self, name: Cow<'static, str>, value: HeaderValue) {
        Arc::make_mut(&mut self.0).push(Entry { name, value });
    }

    /// Returns the value of the first header of this name, or `None`. The case of the name does not matter.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// Returns the value of the first header of this name as text, or `None`. The case of the name does not
    /// matter. Bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// Returns true if both are clones of one value.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns the names and values of all headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|entry| (entry.name.as_ref(), entry.value.bytes()))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            if is_shown(name) {
                map.entry(&name, &String::from_utf8_lossy(value));
            } else {
                map.entry(&name, &format_args!("…"));
            }
        }
        map.finish()
    }
}

/// An HTTP request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The scheme, the host, the port if it is not the scheme's own, and possibly the beginning of the path,
    /// without a slash at the end.
    pub base_url: String,
    /// The path with its leading slash, percent-encoded.
    pub path: String,
    /// The query parameters, not encoded.
    pub query: Vec<(String, String)>,
    /// The headers. `Debug` shows the values of a few harmless headers only, because values may be secret.
    pub headers: Headers,
    /// The body, if there is one. Clones share it.
    pub body: Option<Bytes>,
    /// The largest response body that is accepted, in bytes. Default: [`MAX_RESPONSE_BODY`].
    pub max_response_body: usize,
    /// Whether the request is sent with the headers in `headers` and those that HTTP requires (`Host` and
    /// `Content-Length`) alone, without `Accept` and `User-Agent`. Default: false.
    ///
    /// It is true for presigned URLs, whose signature may cover every header. Their `path` may contain a
    /// query, which is secret.
    pub bare: bool,
    /// Ends a blocking request from another thread. Async transports ignore it: their requests are ended by
    /// dropping the future. Default: none.
    pub interrupt: Option<Interrupt>,
}

impl Request {
    /// Returns a request without a query, headers or a body.
    pub fn new(method: Method, base_url: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            method,
            base_url: base_url.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Headers::new(),
            body: None,
            max_response_body: MAX_RESPONSE_BODY,
            bare: false,
            interrupt: None,
        }
    }

    /// Returns the complete URL, with the query encoded.
    pub fn url(&self) -> String {
        let mut url = [&*self.base_url, &*self.path].concat();
        self.add_query(&mut url);
        url
    }

    /// Adds the query to a URL or a path.
    pub(crate) fn add_query(&self, url: &mut String) {
        for (i, (name, value)) in self.query.iter().enumerate() {
            url.push(if i == 0 { '?' } else { '&' });
            url.extend(utf8_percent_encode(name, QUERY));
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
        }
    }
}

/// Shows neither header values nor the body, which may contain secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &format_args!("{}", self.method.as_str()))
            .field("path", &self.path.split('?').next().unwrap_or_default())
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.as_ref().map_or(0, Bytes::len)))
            .finish_non_exhaustive()
    }
}

/// Ends blocking requests from another thread: requests in flight end soon, and requests that begin later end
/// at once. An interrupt that was tripped cannot be reset.
///
/// All clones share one state. A blocking transport of your own can check
/// [`is_tripped`](Interrupt::is_tripped) regularly, or register a callback with
/// [`on_trip`](Interrupt::on_trip).
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Tripwire>);

#[derive(Default)]
struct Tripwire {
    is_tripped: AtomicBool,
    callbacks: Mutex<Vec<Weak<TripFn>>>,
}

/// What an [`Interrupt`] calls back.
type TripFn = dyn Fn() + Send + Sync;

impl Interrupt {
    /// Returns an interrupt that is not tripped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all requests that have this interrupt, and calls the callbacks that are registered with
    /// [`on_trip`](Interrupt::on_trip).
    pub fn trip(&self) {
        self.0.is_tripped.store(true, Ordering::SeqCst);
        let callbacks = std::mem::take(&mut *self.callbacks());
        for callback in callbacks.iter().filter_map(Weak::upgrade) {
            callback();
        }
    }

    /// Returns true once [`trip`](Interrupt::trip) was called.
    pub fn is_tripped(&self) -> bool {
        self.0.is_tripped.load(Ordering::SeqCst)
    }

    /// Registers a callback that [`trip`](Interrupt::trip) calls. If the interrupt was tripped already, the
    /// callback is called now. The interrupt holds a weak reference: keep the `Arc`, because a callback that
    /// was dropped is not called.
    pub fn on_trip(&self, callback: &Arc<dyn Fn() + Send + Sync>) {
        let mut callbacks = self.callbacks();
        callbacks.retain(|other| other.strong_count() > 0);
        callbacks.push(Arc::downgrade(callback));
        drop(callbacks);
        // Whoever trips it meanwhile has seen the callback, or is seen here.
        if self.is_tripped() {
            callback();
        }
    }

    fn callbacks(&self) -> MutexGuard<'_, Vec<Weak<TripFn>>> {
        self.0.callbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for Interrupt {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Interrupt {}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt").field("is_tripped", &self.is_tripped()).finish_non_exhaustive()
    }
}

/// A complete response.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers. `Debug` shows the values of a few harmless headers only.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// Returns a response with this status, these headers and this body.
    pub fn new(status: u16, headers: Headers, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers, body: body.into() }
    }

    /// Returns true for a status from 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns true for a status from 300 to 399 with a header `Location`. This crate follows no redirects.
    pub fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status) && self.headers.get("location").is_some()
    }
}

/// Shows neither header values nor the body, which may contain secrets.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one_segment() {
        for (segment, encoded) in [
            ("8c3f2e9d-7a16", "8c3f2e9d-7a16"),
            ("a/../b?x#y", "a%2F..%2Fb%3Fx%23y"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("100%", "100%25"),
            ("ü \r\n", "%C3%BC%20%0D%0A"),
        ] {
            assert_eq!(encode_segment(segment), encoded);
        }
    }

    #[test]
    fn queries_are_encoded() {
        let mut request = Request::new(Method::Get, "http://h", "/p");
        request.query.push(("a b".into(), "1&2=3+4".into()));
        request.query.push(("c".into(), String::new()));
        assert_eq!(request.url(), "http://h/p?a%20b=1%262%3D3%2B4&c=");
    }

    #[test]
    fn debug_hides_what_may_be_secret() {
        let mut request = Request::new(Method::Post, "http://user:hunter2@h", "/p");
        request.headers.push("x-api-secret", "hunter2");
        request.headers.push("Content-Type", "application/json");
        request.body = Some(Bytes::from_static(b"hunter2"));
        let shown = format!("{request:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("application/json"), "{shown}");
        let mut headers = Headers::new();
        headers.push("set-cookie", "hunter2");
        let shown = format!("{:?}", Response::new(200, headers, "hunter2"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
