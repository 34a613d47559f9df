//! Checks of a session: the URLs, and the number of parts.

use crate::error::shown;
use crate::hotdata::{Secret, UploadMode};
use crate::http::{Headers, Method, Request, host_of, target};
use crate::transport::is_loopback;

use super::failure::{self, Failed};
use super::model::{MintUploadPartsResponse, UploadSessionResponse};
use super::rules::{MAX_PART_SIZE, MAX_PARTS, STREAMING_THRESHOLD, part_count};

/// The largest response of a storage that is read.
const MAX_STORAGE_RESPONSE: usize = 1024 * 1024;

/// What to do if the service requires more memory than the upload may use.
const RAISE_THE_BUDGET: &str = "Nothing was finalized. Raise the budget with `.memory_budget(…)`.";

/// What to do if there are more parts than the service accepts.
const ENLARGE_THE_PARTS: &str =
    "Nothing was finalized. Divide the data into several uploads. Or set larger parts with `.part_size(…)`.";

/// Headers of HTTP itself, which a session cannot set.
const OF_HTTP: [&str; 5] = ["connection", "content-length", "host", "te", "transfer-encoding"];

/// The form of an upload.
#[derive(Debug)]
pub(super) enum Shape {
    /// One PUT.
    Single(Secret),
    /// One PUT for each part.
    Multipart {
        part_size: u64,
        /// `None`: the URL of each part is requested before it is written.
        urls: Option<Vec<Secret>>,
    },
}

/// Why a session cannot be used.
#[derive(Debug)]
pub(super) struct Unusable {
    why: String,
    /// What to do, if the usual advice does not help.
    advice: Option<&'static str>,
}

impl From<String> for Unusable {
    fn from(why: String) -> Self {
        Self { why, advice: None }
    }
}

impl From<&str> for Unusable {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

impl Unusable {
    /// Returns the error of the upload.
    #[cold]
    pub(super) fn failed(self, label: &str) -> Failed {
        let Failed { error, failure } = failure::malformed(label, self.why);
        match self.advice {
            Some(advice) => Failed { error: error.with_advice(advice), failure },
            None => Failed { error, failure },
        }
    }
}

/// Returns the form of the upload that the session describes. `size`: `None` while it is not known.
pub(super) fn shape(
    session: &mut UploadSessionResponse,
    size: Option<u64>,
    budget: u64,
) -> Result<Shape, Unusable> {
    match &session.mode {
        UploadMode::Single => {
            let url = session.url.take().ok_or("the service requires a single PUT and returned no URL")?;
            // A single PUT of this size is accepted with any budget.
            let budget = budget.max(STREAMING_THRESHOLD);
            match size {
                Some(size) if size <= budget => Ok(Shape::Single(url)),
                Some(size) => {
                    let why = format!(
                        "the service requires a single PUT of {size} bytes, which exceeds the memory budget of {budget} bytes"
                    );
                    Err(Unusable { why, advice: Some(RAISE_THE_BUDGET) })
                }
                None => {
                    Err("the service requires a single PUT, but the size of the upload is not known".into())
                }
            }
        }
        UploadMode::Multipart => {
            let part_size = session
                .part_size
                .filter(|size| *size > 0)
                .ok_or("the service returned no part size for an upload in parts")?;
            // What a part may have at most is held in memory as a whole, and with a reader before it is known
            // how much there is.
            let most = MAX_PART_SIZE.max(budget);
            if part_size.min(size.unwrap_or(part_size)) > most {
                let why = format!(
                    "the service requires parts of {part_size} bytes, which exceeds the limit of {most} bytes"
                );
                return Err(Unusable { why, advice: Some(RAISE_THE_BUDGET) });
            }
            let urls = session.part_urls.take();
            match (size.map(|size| part_count(size, part_size)), &urls) {
                (Some(parts), _) if parts > MAX_PARTS => {
                    let why = format!(
                        "the service requires parts of {part_size} bytes: that makes {parts} parts, but it accepts at most {MAX_PARTS}"
                    );
                    Err(Unusable { why, advice: Some(ENLARGE_THE_PARTS) })
                }
                (Some(parts), Some(urls)) if parts != urls.len() as u64 => {
                    Err(format!("the service returned {} URLs for {parts} parts", urls.len()).into())
                }
                (None, Some(_)) => {
                    Err("the service returned URLs of parts for an upload whose size is not known".into())
                }
                _ => Ok(Shape::Multipart { part_size, urls }),
            }
        }
        other => {
            Err(format!("the service requires the unknown upload mode `{}`", shown(other.as_str())).into())
        }
    }
}

/// Returns the headers of every PUT.
pub(super) fn storage_headers(session: &UploadSessionResponse) -> Result<Headers, String> {
    let mut headers = Headers::new();
    for (name, value) in &session.headers {
        let is_good = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && http::HeaderValue::from_bytes(value.as_bytes()).is_ok();
        if !is_good {
            return Err(format!("the session requires the header `{}`, which cannot be sent", shown(name)));
        }
        if !OF_HTTP.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            headers.push_secret(name.clone(), value.clone());
        }
    }
    Ok(headers)
}

/// Returns the URL of the requested part.
pub(super) fn minted(response: MintUploadPartsResponse, part_number: u64) -> Result<Secret, String> {
    let mut parts = response.parts.into_iter();
    match (parts.next(), parts.next()) {
        (Some(part), None) if u64::try_from(part.part_number) == Ok(part_number) => Ok(part.url),
        _ => Err(format!(
            "the URL of part {part_number} was requested, but the response has no URL, several, or that of another part"
        )),
    }
}

/// Returns a PUT to a presigned URL, without its body. `api`: the address of the service.
///
/// The URL must be `https` or `http`, without a user name. `http` is rejected if the service is reached by
/// `https`, so that no data is sent in the clear unexpectedly; loopback hosts are exempt.
pub(super) fn put_request(api: &str, url: &Secret, headers: &Headers) -> Result<Request, String> {
    let wrong = |why: &str| format!("the storage's URL cannot be used: {why}");
    let url = url.expose();
    let url = url.split('#').next().unwrap_or_default();
    let parsed = target(url).map_err(|why| wrong(&why))?;
    let is_plain = parsed.scheme_str() == Some("http");
    let is_api_safe = api.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    if is_plain && is_api_safe && !is_loopback(parsed.host().unwrap_or_default()) {
        let host = host_of(url);
        return Err(wrong(&format!("it is an http URL (host {host}), but the service is reached by https")));
    }
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |at| authority + at);
    let (base, path) = url.split_at(end);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let mut request = Request::new(Method::Put, base, path);
    request.headers = headers.clone();
    request.bare = true;
    request.max_response_body = MAX_STORAGE_RESPONSE;
    Ok(request)
}

/// Returns the secrets of a presigned URL, to mask them if the storage repeats them: its query and the values
/// in it.
pub(super) fn secrets_of(url: &Secret) -> Vec<secrecy::SecretString> {
    const SHORTEST: usize = 12;
    let query = url.expose().split_once('?').map_or("", |(_, query)| query);
    let values = query.split('&').filter_map(|pair| pair.split_once('=')).flat_map(|(_, value)| {
        let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        [value.to_owned(), decoded]
    });
    values.chain([query.to_owned()]).filter(|secret| secret.len() >= SHORTEST).map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn session(more: serde_json::Value) -> UploadSessionResponse {
        let mut all = json!({"upload_id": "u", "finalize_token": "t", "headers": {}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn sessions_that_make_no_sense_are_refused() {
        let multipart = |more: serde_json::Value| {
            let mut all = json!({"mode": "multipart", "part_size": 4});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            session(all)
        };
        let urls = |count: usize| json!({"part_urls": vec!["http://h/x"; count]});
        for (mut bad, size) in [
            (session(json!({"mode": "single"})), Some(1)),
            (session(json!({"mode": "single", "url": "http://h/x"})), None),
            (session(json!({"mode": "single", "url": "http://h/x"})), Some(STREAMING_THRESHOLD + 1)),
            (session(json!({"mode": "resumable", "url": "http://h/x"})), Some(1)),
            (session(json!({"mode": "multipart"})), Some(1)),
            (multipart(json!({"part_size": 0})), Some(1)),
            (multipart(urls(2)), Some(10)),
            (multipart(urls(4)), Some(10)),
            (multipart(urls(0)), Some(10)),
            (multipart(urls(0)), Some(0)),
            (multipart(urls(1)), None),
            (multipart(json!({})), Some(40_001)),
            (multipart(json!({"part_size": u64::MAX})), None),
            (multipart(json!({"part_size": MAX_PART_SIZE + 1})), None),
            (multipart(json!({"part_size": u64::MAX})), Some(u64::MAX)),
        ] {
            assert!(shape(&mut bad, size, 1000).is_err(), "{bad:?} {size:?}");
        }
        for (mut good, size) in [
            (session(json!({"mode": "single", "url": "http://h/x"})), Some(0)),
            (session(json!({"mode": "single", "url": "http://h/x"})), Some(STREAMING_THRESHOLD)),
            (multipart(urls(3)), Some(10)),
            (multipart(urls(1)), Some(0)),
            (multipart(json!({"part_urls": null})), Some(10)),
            (multipart(json!({})), None),
            (multipart(json!({})), Some(40_000)),
            (multipart(json!({"part_size": MAX_PART_SIZE})), None),
            (multipart(json!({"part_size": u64::MAX})), Some(10)),
        ] {
            shape(&mut good, size, 1000).unwrap();
        }
    }

    #[test]
    fn a_single_put_beyond_the_budget_says_what_to_set() {
        let mut large = session(json!({"mode": "single", "url": "http://h/x"}));
        let size = STREAMING_THRESHOLD + 1;
        let error = shape(&mut large, Some(size), 1000).unwrap_err().failed("uploading x").error;
        assert_eq!(
            error.to_string(),
            format!(
                "uploading x: the service requires a single PUT of {size} bytes, which exceeds the memory budget of \
                 {STREAMING_THRESHOLD} bytes\nNothing was finalized. Raise the budget with `.memory_budget(…)`."
            )
        );
        let mut other = session(json!({"mode": "torrent"}));
        let error = shape(&mut other, Some(1), 1000).unwrap_err().failed("uploading x").error;
        assert!(error.to_string().contains("unknown upload mode `torrent`"), "{error}");
    }

    #[test]
    fn a_url_is_sent_as_it_is() {
        let mut headers = Headers::new();
        headers.push("x-amz-meta-a", "1");
        for (url, base, path) in [
            ("https://s.example/b/k?X=a%2Fb%3D&y", "https://s.example", "/b/k?X=a%2Fb%3D&y"),
            ("http://127.0.0.1:9/u1?sig=e#f", "http://127.0.0.1:9", "/u1?sig=e"),
            ("https://s.example?x=/", "https://s.example", "/?x=/"),
            ("https://s.example", "https://s.example", "/"),
        ] {
            let request = put_request("https://api.example", &url.into(), &headers).unwrap();
            assert_eq!((&*request.base_url, &*request.path), (base, path));
            assert!(request.bare);
            assert_eq!(request.headers.iter().count(), 1);
            assert!(!format!("{request:?}").contains("sig="));
        }
    }

    #[test]
    fn urls_that_are_not_safe_are_refused_and_do_not_show() {
        for url in [
            "ftp://s.example/hunter2",
            "file:///hunter2",
            "https://user:hunter2@s.example/",
            "https:///hunter2",
            "hunter2",
            "",
            "https://s.example/\nhunter2",
            "http://s.example/?hunter2",
        ] {
            let why = put_request("https://api.example", &url.into(), &Headers::new()).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
        assert!(put_request("http://api.example", &"http://s.example/x".into(), &Headers::new()).is_ok());
    }

    #[test]
    fn one_url_is_minted_for_the_part_that_was_asked_for() {
        let response = |numbers: &[i64]| -> MintUploadPartsResponse {
            let parts: Vec<_> =
                numbers.iter().map(|number| json!({"part_number": number, "url": "http://h"})).collect();
            serde_json::from_value(json!({ "parts": parts })).unwrap()
        };
        assert!(minted(response(&[2]), 2).is_ok());
        for bad in [&[][..], &[1], &[2, 2], &[2, 3], &[-2]] {
            assert!(minted(response(bad), 2).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn session_headers_are_replayed_but_for_those_of_http() {
        let good =
            session(json!({"mode": "single", "headers": {"X-A": "1", "Host": "h", "content-length": "3"}}));
        let headers = storage_headers(&good).unwrap();
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("X-A", &b"1"[..])]);
        assert!(!format!("{good:?}").contains('1'));
        for (name, value) in [("x a", "1"), ("x-a", "1\r\nx: y"), ("", "1")] {
            assert!(storage_headers(&session(json!({"mode": "single", "headers": {name: value}}))).is_err());
        }
    }

    #[test]
    fn secrets_of_a_url() {
        use secrecy::ExposeSecret;
        let found = secrets_of(&"https://h/p?a=short&Signature=abcdefgh%2Fijkl".into());
        let found: Vec<&str> = found.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(found, ["abcdefgh%2Fijkl", "abcdefgh/ijkl", "a=short&Signature=abcdefgh%2Fijkl"]);
    }
}
