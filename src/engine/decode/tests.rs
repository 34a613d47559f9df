//! Responses as they come.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::http::Method;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn request(accepted: Option<&'static str>, limit: usize) -> Request {
    let mut request = Request::new(Method::Get, "http://h", "/");
    if let Some(accepted) = accepted {
        request.headers.push("Accept-Encoding", accepted);
    }
    request.max_response_body = limit;
    request
}

fn response(encoding: &'static str, body: Vec<u8>) -> Response {
    let mut headers = Headers::new();
    headers.push("Content-Type", "application/json");
    headers.push("Content-Encoding", encoding);
    headers.push("Content-Length", body.len().to_string());
    Response::new(404, headers, body)
}

#[test]
fn what_was_asked_for_is_inflated() {
    for encoding in ["gzip", "x-gzip", " GZIP "] {
        let got = decoded(&request(Some("gzip"), 100), response(encoding, gzip(b"{}"))).unwrap();
        assert_eq!((got.status, &*got.body), (404, &b"{}"[..]));
        assert_eq!(got.headers.text("content-type").as_deref(), Some("application/json"));
        assert!(got.headers.get("content-encoding").is_none() && got.headers.get("content-length").is_none());
    }
    let both = [gzip(b"ab"), gzip(b"cd")].concat();
    assert_eq!(decoded(&request(Some("gzip"), 4), response("gzip", both)).unwrap().body, b"abcd");
    assert!(decoded(&request(Some("gzip"), 4), response("gzip", Vec::new())).unwrap().body.is_empty());
    assert_eq!(decoded(&request(Some("gzip"), 4), response("identity", b"x".to_vec())).unwrap().body, b"x");
}

#[test]
fn gzip_is_read_whether_or_not_it_was_asked_for() {
    for accepted in [Some("gzip"), Some("identity"), None] {
        let got = decoded(&request(accepted, 100), response("gzip", gzip(b"{}"))).unwrap();
        assert_eq!(got.body, b"{}", "{accepted:?}");
        // Without the header that says so.
        let got = decoded(&request(accepted, 100), response("identity", gzip(b"{}"))).unwrap();
        assert_eq!(got.body, b"{}", "{accepted:?}");
    }
    let mut headers = Headers::new();
    headers.push("Content-Type", "application/octet-stream");
    let file = Response::new(200, headers, gzip(b"a file"));
    assert_eq!(decoded(&request(None, 100), file.clone()).unwrap().body, file.body);
    let mut bare = request(None, 100);
    bare.bare = true;
    let stored = response("gzip", gzip(b"{}"));
    assert_eq!(decoded(&bare, stored.clone()).unwrap().body, stored.body);
}

#[test]
fn other_encodings_are_refused() {
    for encoding in ["br", "gzip, gzip", "deflate"] {
        let error = decoded(&request(Some("gzip"), 100), response(encoding, gzip(b"{}"))).unwrap_err();
        assert_eq!((error.kind(), error.status()), (SendErrorKind::Encoding, Some(404)), "{encoding}");
    }
}

#[test]
fn json_is_cleaned_and_nothing_else_is() {
    let with = |media: Option<&'static str>, body: &[u8]| {
        let mut headers = Headers::new();
        if let Some(media) = media {
            headers.push("content-type", media);
        }
        decoded(&request(None, 100), Response::new(200, headers, body)).unwrap().body
    };
    let marked = b"\xef\xbb\xbf {}\0";
    for media in
        [None, Some("application/json; charset=utf-8"), Some("text/plain"), Some("application/problem+json")]
    {
        assert_eq!(with(media, marked), b"{}", "{media:?}");
    }
    for media in ["text/csv", "application/octet-stream"] {
        assert_eq!(with(Some(media), marked), marked, "{media}");
    }
}

#[test]
fn a_web_page_is_recognized() {
    let is_page = |media: Option<&'static str>, body: &str| {
        let mut headers = Headers::new();
        if let Some(media) = media {
            headers.push("content-type", media);
        }
        is_web_page(&Response::new(200, headers, body))
    };
    for (media, body, expected) in [
        (Some("text/html; charset=utf-8"), "Sign in", true),
        (Some("TEXT/HTML"), "<p>", true),
        (Some("application/xhtml+xml"), "x", true),
        (Some("application/json"), "\u{feff}\r\n <!doctype html>", true),
        (None, "<html>", true),
        (Some("text/plain"), "<html>", true),
        (Some("text/html"), "", false),
        (Some("text/csv"), "<a>,<b>", false),
        (Some("application/octet-stream"), "<a>", false),
        (Some("application/json"), "{}", false),
        (None, "", false),
    ] {
        assert_eq!(is_page(media, body), expected, "{media:?} {body:?}");
    }
}

#[test]
fn a_bomb_goes_off_at_the_limit() {
    let bomb = gzip(&vec![0; 10_000_000]);
    assert!(bomb.len() < 20_000);
    let error = decoded(&request(Some("gzip"), 100_000), response("gzip", bomb.clone())).unwrap_err();
    assert_eq!((error.kind(), error.status()), (SendErrorKind::BodyTooLarge, Some(404)));
    assert!(decoded(&request(Some("gzip"), 10_000_000), response("gzip", bomb.clone())).is_ok());
    assert!(decoded(&request(Some("gzip"), 9_999_999), response("gzip", bomb)).is_err());
}

#[test]
fn every_cut_and_most_changes_are_errors() {
    let good = gzip(b"some text, some text");
    for end in 1..good.len() {
        let error = decoded(&request(Some("gzip"), 100), response("gzip", good[..end].to_vec())).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Encoding, "cut to {end}");
    }
    let mut garbage = good.clone();
    garbage.extend_from_slice(b"garbage");
    assert!(decoded(&request(Some("gzip"), 100), response("gzip", garbage)).is_err());
    for at in 10..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 0x41;
        let got = decoded(&request(Some("gzip"), 100), response("gzip", changed));
        assert!(got.is_err(), "byte {at}");
    }
}
