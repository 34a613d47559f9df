//! The call that a thread is in: what of it ureq is not shown, and whether anything of it was written.

use std::cell::RefCell;
use std::sync::Arc;

use ureq::http;

use crate::http::{Headers, Interrupt, is_shown};

/// A request's headers as they are given to ureq: with asterisks for all that may be secret. At level trace it logs every
/// byte that it is about to write.
pub(super) struct Prepared {
    pub(super) headers: Headers,
    pub(super) map: http::HeaderMap,
    pub(super) hidden: Vec<Hidden>,
}

impl Prepared {
    pub(super) fn new(headers: &Headers) -> Result<Self, http::Error> {
        let mut map = http::HeaderMap::new();
        let mut hidden = Vec::new();
        for (name, value) in headers.iter() {
            let key = http::HeaderName::try_from(name)?;
            let value = http::HeaderValue::from_bytes(value)?;
            if is_shown(name) || value.is_empty() {
                map.try_append(key, value)?;
            } else {
                map.try_append(key.clone(), http::HeaderValue::try_from("*".repeat(value.len()))?)?;
                hidden.push(Hidden { name: key, value });
            }
        }
        Ok(Self { headers: headers.clone(), map, hidden })
    }
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
    /// The path, where ureq was given asterisks.
    path: Option<Vec<u8>>,
    header: Option<Arc<Prepared>>,
    /// The header is written: what follows is the body, and is left alone.
    is_over: bool,
    /// Where among its hidden headers the next one should be.
    next: usize,
}

impl Present {
    pub(super) const NONE: Self =
        Self { id: None, interrupt: None, wrote: false, path: None, header: None, is_over: false, next: 0 };

    pub(super) fn begin(header: Arc<Prepared>, path: Option<Vec<u8>>, interrupt: Option<Interrupt>) {
        CALL.set(Self { id: Some(Arc::default()), interrupt, path, header: Some(header), ..Self::NONE });
    }

    /// What was written so far was for the connection itself, a proxy's CONNECT for one, and nothing of the request.
    pub(super) fn connected() {
        CALL.with_borrow_mut(|call| (call.wrote, call.is_over, call.next) = (false, false, 0));
    }

    /// True if anything of the request was written.
    pub(super) fn end() -> bool {
        CALL.replace(Self::NONE).wrote
    }

    /// These bytes are about to be written.
    pub(super) fn writes(&mut self, mut output: &mut [u8]) {
        // Before the write: one that fails half-way has sent something.
        let is_first = !std::mem::replace(&mut self.wrote, true);
        if let Some(path) = self.path.as_deref().filter(|_| is_first) {
            put_path_in_place(path, output);
        }
        let Some(header) = self.header.as_ref().filter(|_| !self.is_over) else { return };
        let hidden = &header.hidden;
        while !output.is_empty() {
            if output.starts_with(b"\r\n") {
                self.is_over = true;
                return;
            }
            if let Some(length) = hidden.get(self.next).and_then(|hidden| hidden.put_in_place(output)) {
                self.next += 1;
                output = &mut output[length..];
                continue;
            }
            let length = output.iter().position(|byte| *byte == b'\n').map_or(output.len(), |at| at + 1);
            if output[..length].ends_with(b"*\r\n") {
                // Not in the order in which they were given. Of two with one name, each has its turn.
                let mut others = (self.next..hidden.len()).chain(0..self.next);
                if let Some(i) = others.find(|&i| hidden[i].put_in_place(output).is_some()) {
                    self.next = i + 1;
                }
            }
            output = &mut output[length..];
        }
    }
}

/// Puts a path in the place of its asterisks, if the output begins with a request line.
pub(super) fn put_path_in_place(path: &[u8], output: &mut [u8]) {
    let Some(at) = output.iter().position(|byte| *byte == b' ').map(|at| at + 1) else { return };
    let Some(hidden) = output.get_mut(at..at + path.len()) else { return };
    if hidden.strip_prefix(b"/").is_some_and(|rest| rest.iter().all(|byte| *byte == b'*')) {
        hidden.copy_from_slice(path);
    }
}

/// A header whose value is put in its place when it is written to the connection.
pub(super) struct Hidden {
    name: http::HeaderName,
    value: http::HeaderValue,
}

impl Hidden {
    /// The length of the header's line, if the output begins with it as ureq writes it: name, colon, asterisks, line end.
    /// The value is then in its place.
    fn put_in_place(&self, output: &mut [u8]) -> Option<usize> {
        let value = self.value.as_bytes();
        let rest = output.strip_prefix(self.name.as_str().as_bytes())?.strip_prefix(b": ")?;
        let (stars, rest) = rest.split_at_checked(value.len())?;
        if !rest.starts_with(b"\r\n") || !stars.iter().all(|byte| *byte == b'*') {
            return None;
        }
        let at = self.name.as_str().len() + 2;
        output[at..at + value.len()].copy_from_slice(value);
        Some(at + value.len() + 2)
    }
}

/// The URL with asterisks for its path and query, and those as they are to be written: they are a secret, and ureq logs.
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
        Arc::new(Prepared::new(&all).unwrap())
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
