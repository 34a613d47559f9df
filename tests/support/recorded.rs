//! Recorded responses as replies of a scripted transport.

use base64::Engine as _;
use controlplane::http::{Headers, Response};
use controlplane::transport::SendErrorKind;
use serde_json::Value;

use crate::scripted::Reply;
use crate::vectors::{Case, unknown};

/// Bytes that stand as base64.
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_else(|e| panic!("base64 {text:?}: {e}"))
}

/// What an object stands for that has only this key, such as `{"text": "..."}`.
pub(crate) fn only<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.as_object().filter(|map| map.len() == 1)?.get(key)?.as_str()
}

/// The body of a recorded response as bytes. `null`: no body.
pub(crate) fn body(case: &Case, pointer: &str, body: &Value) -> Vec<u8> {
    match (only(body, "text"), only(body, "base64")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(text)) => from_base64(text),
        _ if body.is_null() => Vec::new(),
        _ => case.raw(&format!("{pointer}/body")).unwrap().into_bytes(),
    }
}

/// The recorded response at a JSON pointer. `Err`: the harness does not know it.
pub(crate) fn reply(case: &Case, pointer: &str) -> Result<Reply, String> {
    let response = case.json.pointer(pointer).unwrap();
    let size = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
    if let Some(fault) = response.get("fault") {
        return match fault.as_str() {
            Some("closed-before-response" | "closed before response") => {
                Ok(Reply::Fails(SendErrorKind::Closed, true))
            }
            _ => Err(unknown(format_args!("the fault {fault}"))),
        };
    }
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or_else(|| unknown(format_args!("the response {response}")))?;
    let mut headers = Headers::new();
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().ok_or_else(|| unknown(format_args!("the header {name}: {value}")))?;
        headers.push(name.clone(), value);
    }
    let mut body = body(case, pointer, &response["body"]);
    let (chunks, cut) = (&response["chunks"], &response["cut_after"]);
    if chunks.is_null() && cut.is_null() {
        return Ok(Reply::Whole(Response::new(status, headers, body)));
    }
    if !cut.is_null() {
        body.truncate(size(cut).ok_or_else(|| unknown(format_args!("cut_after {cut}")))?);
    }
    let mut pieces = Vec::new();
    for chunk in chunks.as_array().into_iter().flatten() {
        let length = size(chunk).ok_or_else(|| unknown(format_args!("chunks {chunks}")))?;
        let rest = body.split_off(length.min(body.len()));
        pieces.push(std::mem::replace(&mut body, rest));
    }
    pieces.push(body);
    pieces.retain(|piece| !piece.is_empty());
    Ok(Reply::Pieces(status, headers, pieces, (!cut.is_null()).then_some(SendErrorKind::Closed)))
}
