//! Bodies as servers and proxies really send them: compressed without a request for it, with a byte order
//! mark, with half of a surrogate pair.

mod gzip;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::http::{Headers, Request, Response};
use crate::transport::{SendError, SendErrorKind};
use crate::wire;

use gzip::gunzipped;

/// The first bytes of a gzip file with the only method that there is.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Returns the response with its body decompressed, and with JSON that can be read.
///
/// gzip is read whether or not the request asked for it. Another encoding, a broken body, and a body that
/// becomes larger than the limit of the request are errors with the status of the response. The response to a
/// bare request is left alone.
pub(crate) fn decoded(request: &Request, response: Response) -> Result<Response, SendError> {
    if request.bare {
        return Ok(response);
    }
    let mut response = decompressed(request, response)?;
    if is_json(&response) {
        wire::clean(&mut response.body);
    }
    Ok(response)
}

fn decompressed(request: &Request, response: Response) -> Result<Response, SendError> {
    let encoding = response.headers.text("content-encoding").unwrap_or_default();
    let encoding = encoding.trim().to_ascii_lowercase();
    let failed =
        |kind, message: String| Err(SendError::new(kind, true, message).with_status(response.status));
    match &*encoding {
        "" | "identity" if response.body.starts_with(&MAGIC) && may_be_json(&response) => {}
        "" | "identity" => return Ok(response),
        "gzip" | "x-gzip" => {}
        other => return failed(SendErrorKind::Encoding, unrequested(other)),
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

fn unrequested(encoding: &str) -> String {
    let encoding: String = encoding.chars().filter(char::is_ascii_graphic).take(40).collect();
    format!("the response is encoded as {encoding:?}, which was not requested")
}

/// Returns the error for an open body that is compressed: pieces are not decompressed.
#[cfg(streams)]
pub(crate) fn compressed_stream(headers: &Headers) -> Option<SendError> {
    let encoding = headers.text("content-encoding")?.trim().to_ascii_lowercase();
    let is_plain = matches!(&*encoding, "" | "identity");
    (!is_plain)
        .then(|| SendError::new(SendErrorKind::Encoding, true, unrequested(&encoding)).with_status(200))
}

/// The media type of a response in small letters, without parameters.
fn media_type(response: &Response) -> Option<Cow<'_, str>> {
    let text: Cow<'_, str> = response.headers.text("content-type")?;
    let media = match text {
        Cow::Borrowed(text) => Cow::Borrowed(before_parameters(text)),
        Cow::Owned(text) => Cow::Owned(before_parameters(&text).to_owned()),
    };
    (!media.is_empty()).then_some(media)
}

fn before_parameters(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// True if the media type contains this word, in any case.
fn says(media: &str, word: &str) -> bool {
    media.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// True if the headers do not say that the body is something else than JSON.
fn may_be_json(response: &Response) -> bool {
    media_type(response).is_none_or(|media| says(&media, "json") || media.eq_ignore_ascii_case("text/plain"))
}

fn is_json(response: &Response) -> bool {
    let says_so = media_type(response).is_some_and(|media| says(&media, "json"));
    says_so || may_be_json(response) && matches!(first(&response.body), Some(b'{' | b'['))
}

/// The first byte that is neither white space nor part of a byte order mark.
fn first(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(wire::BOM).unwrap_or(body);
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

/// True for a page that is meant for a browser, where a service would have sent JSON or the format that was
/// requested.
pub(crate) fn is_web_page(response: &Response) -> bool {
    match media_type(response) {
        Some(media) if says(&media, "html") => !response.body.is_empty(),
        _ => may_be_json(response) && first(&response.body) == Some(b'<'),
    }
}

/// True for text that is not even the beginning of JSON.
pub(crate) fn is_text(response: &Response) -> bool {
    !matches!(first(&response.body), None | Some(b'{' | b'['))
        && serde_json::from_slice::<serde::de::IgnoredAny>(&response.body).is_err()
}
