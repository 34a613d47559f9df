//! Compressed responses. Results as JSON can be large, so the client asks for gzip.

use std::io::{ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use crate::http::{Headers, Request, Response};

use crate::transport::{SendError, SendErrorKind};

/// The value of `Accept-Encoding` for responses that [`decoded`] can read.
pub(super) const ACCEPTED: &str = "gzip";

/// Decompresses a response whose request asked for that.
///
/// The response to a request without `Accept-Encoding` is returned as it is. An encoding that was not asked for, a broken
/// body, and a body that becomes larger than the limit of the request are errors with the status of the response.
pub(super) fn decoded(request: &Request, response: Response) -> Result<Response, SendError> {
    let Some(accepted) = request.headers.text("accept-encoding") else { return Ok(response) };
    let encoding = response.headers.text("content-encoding").unwrap_or_default();
    let encoding = encoding.trim().to_ascii_lowercase();
    let failed =
        |kind, message: String| Err(SendError::new(kind, true, message).with_status(response.status));
    match &*encoding {
        "" | "identity" => return Ok(response),
        "gzip" | "x-gzip" if accepted.split(',').any(|one| one.trim() == ACCEPTED) => {}
        other => {
            let other: String = other.chars().filter(char::is_ascii_graphic).take(40).collect();
            return failed(
                SendErrorKind::Encoding,
                format!("the response is encoded as {other:?}, which was not requested"),
            );
        }
    }
    let limit = request.max_response_body;
    let body = match gunzipped(&response.body, limit) {
        Ok(Some(body)) => body,
        Ok(None) => {
            return failed(
                SendErrorKind::BodyTooLarge,
                format!("the decompressed body of the response is larger than {limit} bytes"),
            );
        }
        Err(why) => return failed(SendErrorKind::Encoding, format!("the response is not valid gzip: {why}")),
    };
    let mut headers = Headers::new();
    for (name, value) in response.headers.iter() {
        if !name.eq_ignore_ascii_case("content-encoding") && !name.eq_ignore_ascii_case("content-length") {
            headers.push(name.to_owned(), value);
        }
    }
    Ok(Response::new(response.status, headers, body))
}

/// Returns `None` if there is more than the limit. Never holds much more than the limit.
fn gunzipped(compressed: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    if compressed.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut body = Vec::new();
    match MultiGzDecoder::new(compressed).take(most).read_to_end(&mut body) {
        Ok(_) if body.len() > limit => Ok(None),
        Ok(_) => Ok(Some(body)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err("it ends too early".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
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
            assert!(
                got.headers.get("content-encoding").is_none() && got.headers.get("content-length").is_none()
            );
        }
        let both = [gzip(b"ab"), gzip(b"cd")].concat();
        assert_eq!(decoded(&request(Some("gzip"), 4), response("gzip", both)).unwrap().body, b"abcd");
        assert!(decoded(&request(Some("gzip"), 4), response("gzip", Vec::new())).unwrap().body.is_empty());
        assert_eq!(
            decoded(&request(Some("gzip"), 4), response("identity", b"x".to_vec())).unwrap().body,
            b"x"
        );
    }

    #[test]
    fn what_was_not_asked_for_is_refused_or_left_alone() {
        for (accepted, encoding) in [("gzip", "br"), ("gzip", "gzip, gzip"), ("identity", "gzip")] {
            let error = decoded(&request(Some(accepted), 100), response(encoding, gzip(b"{}"))).unwrap_err();
            assert_eq!((error.kind(), error.status()), (SendErrorKind::Encoding, Some(404)), "{encoding}");
        }
        let raw = gzip(b"{}");
        assert_eq!(decoded(&request(None, 100), response("gzip", raw.clone())).unwrap().body, raw);
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
            let error =
                decoded(&request(Some("gzip"), 100), response("gzip", good[..end].to_vec())).unwrap_err();
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
}
