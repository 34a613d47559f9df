//! The call that a thread is in: which parts of it are hidden from ureq, and whether any of it was written.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use secrecy::{ExposeSecret, SecretBox};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration as Span;
use ureq::{Timeout, http};

use crate::http::{Headers, Interrupt, is_shown};

/// A request's headers as they are given to ureq: with asterisks for all that may be secret. At level trace
/// it logs every byte that it is about to write.
pub(super) struct Prepared {
    headers: Headers,
    /// Without a user agent.
    is_bare: bool,
    pub(super) map: http::HeaderMap,
    pub(super) hidden: Vec<Hidden>,
    /// Heads that were written before, the latest first.
    heads: Mutex<Vec<Head>>,
}

impl Prepared {
    /// `user_agent`: that of requests that have none of their own; `None` for bare ones.
    pub(super) fn new(
        headers: &Headers,
        user_agent: Option<&http::HeaderValue>,
    ) -> Result<Self, http::Error> {
        let mut map = http::HeaderMap::new();
        let mut hidden = Vec::new();
        for (name, value) in headers.iter() {
            let key = http::HeaderName::try_from(name)?;
            let value = http::HeaderValue::from_bytes(value)?;
            if is_shown(name) || value.is_empty() {
                map.try_append(key, value)?;
            } else {
                hidden.push(Hidden::new(&key, value.as_bytes()));
                map.try_append(key, http::HeaderValue::try_from("*".repeat(value.len()))?)?;
            }
        }
        if let Some(user_agent) = user_agent {
            map.entry(http::header::USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        let is_bare = user_agent.is_none();
        Ok(Self { headers: headers.clone(), is_bare, map, hidden, heads: Mutex::default() })
    }

    /// True if it was made of these.
    pub(super) fn is_of(&self, headers: &Headers, user_agent: Option<&http::HeaderValue>) -> bool {
        self.is_bare == user_agent.is_none() && self.headers.is_same(headers)
    }

    /// Puts all hidden values in place if the output begins with a head that was seen before, whatever its
    /// request line. Then its lines need not be searched. False: nothing was done.
    fn put_all_in_place(&self, output: &mut [u8]) -> bool {
        let Some(start) = end_of_line(output, 0) else { return false };
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(head) = heads.iter().find(|head| output[start..].starts_with(&head.text)) else {
            return false;
        };
        for (at, hidden) in head.lines.iter().zip(&self.hidden) {
            hidden.put(output, start + at);
        }
        true
    }

    /// Remembers a head that was written at once.
    fn remember(&self, head: Head) {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.truncate(MAX_HEADS - 1);
        heads.insert(0, head);
    }
}

/// A head as ureq writes it, after its request line.
struct Head {
    text: Vec<u8>,
    /// Where each hidden line begins.
    lines: Vec<usize>,
}

/// A client's requests have few kinds of heads: with a body and without one.
const MAX_HEADS: usize = 4;

/// The place after the line that begins here.
fn end_of_line(output: &[u8], at: usize) -> Option<usize> {
    let length = output[at..].iter().position(|byte| *byte == b'\n')?;
    Some(at + length + 1)
}

thread_local! {
    /// What is known of the call that this thread is in. ureq does a call's work on the thread that makes it.
    pub(super) static CALL: RefCell<Present> = const { RefCell::new(Present::NONE) };
}

/// A call on its way.
pub(super) struct Present {
    /// Which call it is: no other has this one.
    pub(super) id: Option<Arc<()>>,
    pub(super) interrupt: Option<Interrupt>,
    /// Whether anything of the request was written to the connection.
    wrote: bool,
    /// A write failed. What has arrived of the response is read all the same.
    pub(super) write_failed: bool,
    /// When the call ends. ureq keeps no time of its own: it would not look at a response that has arrived
    /// meanwhile.
    pub(super) deadline: Option<Instant>,
    /// When the last look after the deadline ends.
    pub(super) last_look: Option<Instant>,
    /// True until the head of the response has arrived.
    pub(super) awaits_head: bool,
    /// The path, where ureq was given asterisks.
    path: Option<Vec<u8>>,
    header: Option<Arc<Prepared>>,
    /// The header is written: what follows is the body, and is left alone.
    is_over: bool,
    /// Where among its hidden headers the next one should be.
    next: usize,
}

impl Present {
    pub(super) const NONE: Self = Self {
        id: None,
        interrupt: None,
        wrote: false,
        write_failed: false,
        deadline: None,
        last_look: None,
        awaits_head: false,
        path: None,
        header: None,
        is_over: false,
        next: 0,
    };

    pub(super) fn begin(
        header: Arc<Prepared>,
        path: Option<Vec<u8>>,
        interrupt: Option<Interrupt>,
        deadline: Option<Instant>,
    ) {
        CALL.set(Self {
            id: Some(Arc::default()),
            interrupt,
            deadline,
            awaits_head: true,
            path,
            header: Some(header),
            ..Self::NONE
        });
    }

    /// What was written so far was for the connection itself, and nothing of the request.
    pub(super) fn connected() {
        CALL.with_borrow_mut(|call| call.write_failed = false);
    }

    /// The head of the response has arrived.
    pub(super) fn has_head() {
        CALL.with_borrow_mut(|call| call.awaits_head = false);
    }

    /// True if anything of the request was written.
    pub(super) fn end() -> bool {
        CALL.replace(Self::NONE).wrote
    }

    /// True until the first write of a request.
    pub(super) fn begins(&self) -> bool {
        self.id.is_some() && !self.wrote
    }

    /// Puts the hidden values in place in bytes that are about to be written.
    pub(super) fn writes(&mut self, output: &mut [u8]) {
        // Before the write: one that fails half-way has sent something.
        let is_first = !std::mem::replace(&mut self.wrote, true);
        if let Some(path) = self.path.as_deref().filter(|_| is_first) {
            put_path_in_place(path, output);
        }
        let Some(header) = self.header.clone().filter(|_| !self.is_over) else { return };
        if is_first && header.put_all_in_place(output) {
            self.is_over = true;
            return;
        }
        // Before the values are put in place: the copy has asterisks.
        let written = is_first.then(|| output.to_vec());
        let mut lines = vec![None; header.hidden.len()];
        let mut at = 0;
        while at < output.len() {
            if output[at..].starts_with(b"\r\n") {
                self.is_over = true;
                at += 2;
                break;
            }
            // Mostly in the order in which they were given. Of two with one name, each has its turn.
            let next = self.next.min(header.hidden.len());
            let mut places = (next..header.hidden.len()).chain(0..next);
            if let Some(i) = places.find(|&i| header.hidden[i].is_at(output, at)) {
                header.hidden[i].put(output, at);
                lines[i] = Some(at);
                self.next = i + 1;
                at += header.hidden[i].line.len();
            } else {
                at = end_of_line(output, at).unwrap_or(output.len());
            }
        }
        let start = end_of_line(output, 0).unwrap_or_default();
        let lines: Option<Vec<usize>> =
            lines.into_iter().map(|line| line.and_then(|at: usize| at.checked_sub(start))).collect();
        if let (Some(written), Some(lines), true) = (written, lines, self.is_over) {
            header.remember(Head { text: written[start..at].to_vec(), lines });
        }
    }
}

/// A time-out that is no longer than the call that this thread is in.
pub(super) fn limited(mut timeout: NextTimeout) -> NextTimeout {
    if let Some(deadline) = CALL.with_borrow(|call| call.deadline) {
        let left = Span::Exact(deadline.saturating_duration_since(Instant::now()));
        if left < timeout.after {
            (timeout.after, timeout.reason) = (left, Timeout::Global);
        }
    }
    timeout
}

/// True if the program has ended the call that this thread is in.
pub(super) fn is_interrupted() -> bool {
    CALL.with_borrow(|call| call.interrupt.as_ref().is_some_and(Interrupt::is_tripped))
}

/// The error of a call that its program has ended.
pub(super) fn interrupted() -> ureq::Error {
    interruption().into()
}

/// The same error, from a socket.
pub(super) fn interruption() -> std::io::Error {
    std::io::Error::other("it was interrupted")
}

/// Puts a path in place of its asterisks, if the output begins with a request line.
pub(super) fn put_path_in_place(path: &[u8], output: &mut [u8]) {
    let Some(at) = output.iter().position(|byte| *byte == b' ').map(|at| at + 1) else { return };
    let Some(hidden) = output.get_mut(at..at + path.len()) else { return };
    if hidden.strip_prefix(b"/").is_some_and(|rest| rest.iter().all(|byte| *byte == b'*')) {
        hidden.copy_from_slice(path);
    }
}

/// A header that ureq sees with asterisks for its value.
pub(super) struct Hidden {
    /// The line as ureq writes it.
    line: Vec<u8>,
    value: SecretBox<Vec<u8>>,
}

impl Hidden {
    fn new(name: &http::HeaderName, value: &[u8]) -> Self {
        let line = format!("{name}: {}\r\n", "*".repeat(value.len())).into_bytes();
        Self { line, value: SecretBox::new(Box::new(value.to_vec())) }
    }

    /// True if the line is in the output at this place.
    fn is_at(&self, output: &[u8], at: usize) -> bool {
        output.get(at..).is_some_and(|rest| rest.starts_with(&self.line))
    }

    /// Puts the value in place of its asterisks; the line is at this place.
    fn put(&self, output: &mut [u8], at: usize) {
        let value = self.value.expose_secret();
        let end = at + self.line.len() - 2;
        output[end - value.len()..end].copy_from_slice(value);
    }
}

/// The URL with asterisks for its path and query, and those as they are to be written: they are a secret, and
/// ureq logs.
pub(super) fn with_hidden_path(url: http::Uri) -> Result<(http::Uri, Option<Vec<u8>>), ureq::Error> {
    let Some(path) = url.path_and_query().map(|path| path.as_str().as_bytes().to_vec()) else {
        return Ok((url, None));
    };
    let hidden = format!("/{}", "*".repeat(path.len().saturating_sub(1)));
    let mut parts = url.into_parts();
    parts.path_and_query = Some(hidden.try_into().map_err(http::Error::from)?);
    Ok((http::Uri::from_parts(parts).map_err(http::Error::from)?, Some(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(headers: &[(&'static str, &str)]) -> Arc<Prepared> {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.push(*name, *value);
        }
        Arc::new(Prepared::new(&all, None).unwrap())
    }

    fn written(present: &mut Present, piece: &str) -> String {
        let mut bytes = piece.as_bytes().to_vec();
        present.writes(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn values_are_put_in_place_in_any_order_and_in_pieces() {
        let headers = [
            ("X-Key", "k-1"),
            ("Accept", "***"),
            ("x-two", "one"),
            ("x-two", "two"),
            ("x-empty", ""),
            ("x-z", "z"),
        ];
        let prepared = prepared(&headers);
        for (_, value) in &prepared.map {
            assert!(value.as_bytes().iter().all(|byte| *byte == b'*'), "{value:?}");
        }
        let mut present = Present { header: Some(prepared), ..Present::NONE };
        let first = written(&mut present, "POST /*** HTTP/1.1\r\nhost: h\r\nx-z: *\r\nx-key: ***\r\n");
        assert_eq!(first, "POST /*** HTTP/1.1\r\nhost: h\r\nx-z: z\r\nx-key: k-1\r\n");
        let second = written(
            &mut present,
            "accept: ***\r\nx-two: ***\r\nx-two: ***\r\nx-empty: \r\n\r\nx-key: ***\r\n",
        );
        assert_eq!(second, "accept: ***\r\nx-two: one\r\nx-two: two\r\nx-empty: \r\n\r\nx-key: ***\r\n");
        let body = "x-key: ***\r\n";
        assert_eq!(written(&mut present, body), body);
        assert!(present.wrote);
    }

    #[test]
    fn a_known_head_is_used_only_where_it_fits() {
        let prepared = prepared(&[("X-Key", "secret"), ("x-two", "2")]);
        let write = |piece: &str| {
            let mut present = Present { header: Some(prepared.clone()), ..Present::NONE };
            written(&mut present, piece)
        };
        let head = |path: &str, more: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nhost: h\r\nx-key: ******\r\n{more}x-two: *\r\n\r\nx-key: ******\r\n"
            )
        };
        let full = |text: String| text.replacen("******", "secret", 1).replacen("x-two: *", "x-two: 2", 1);
        for (path, more) in
            [("/a", ""), ("/a", ""), ("/b", ""), ("/longer", ""), ("/a", "content-length: 3\r\n"), ("/a", "")]
        {
            let head = head(path, more);
            assert_eq!(write(&head), full(head.clone()), "{path} {more}");
        }
        // A body that looks like a head is left alone.
        assert_eq!(write("\r\nx-key: ******\r\n"), "\r\nx-key: ******\r\n");
    }

    #[test]
    fn a_hidden_path_is_put_in_place_when_it_is_written() {
        let url = "https://s.example/b/k?Signature=hunter2%2F".parse().unwrap();
        let (hidden, path) = with_hidden_path(url).unwrap();
        assert_eq!(hidden.to_string(), format!("https://s.example/{}", "*".repeat(24)));
        let mut present = Present { path, header: Some(prepared(&[])), ..Present::NONE };
        let line = format!("PUT {} HTTP/1.1\r\n", hidden.path());
        assert_eq!(written(&mut present, &line), "PUT /b/k?Signature=hunter2%2F HTTP/1.1\r\n");
        // Once: what follows is the request's own.
        assert_eq!(written(&mut present, &line), line);
        let url = "https://s.example".parse().unwrap();
        let (hidden, path) = with_hidden_path(url).unwrap();
        assert_eq!((hidden.path(), path.as_deref()), ("/", Some(&b"/"[..])));
    }
}
