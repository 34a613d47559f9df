//! The reason that a response gives for its status.

use percent_encoding::percent_decode;
use serde_json::Value;

use crate::server::Reply;
use crate::text::one_line;

/// The longest reason, in bytes.
const LONGEST: usize = 300;

/// The reason that a response gives, on one line.
pub(crate) fn of(reply: &Reply) -> Option<String> {
    let header = reply.headers.iter().find(|(name, _)| *name == "grpc-message");
    let text = match header {
        Some((_, value)) => percent_decode(value).decode_utf8_lossy().into_owned(),
        None => in_body(&reply.body)?,
    };
    (!text.is_empty()).then(|| one_line(&text, LONGEST))
}

/// The services write `{"message"}`, `{"error": {"message"}}`, `{"error", "error_description"}` or
/// `{"error"}`.
fn in_body(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let texts = [&body["message"], &body["error"]["message"], &body["error_description"], &body["error"]];
    texts.into_iter().find_map(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reason_is_where_each_service_writes_it() {
        let body = |body: Value| of(&Reply::new(400).json(&body));
        assert_eq!(of(&Reply::new(400).grpc_message("50 % ü")).unwrap(), "50 % ü");
        assert_eq!(body(json!({ "code": 3, "message": "a\nb" })).unwrap(), one_line("a\nb", 9));
        assert_eq!(body(json!({ "error": { "code": "X", "message": "b" } })).unwrap(), "b");
        assert_eq!(body(json!({ "error": "invalid_grant", "error_description": "c" })).unwrap(), "c");
        assert_eq!(body(json!({ "error": "d" })).unwrap(), "d");
        assert_eq!(body(json!({ "status": "e" })), None);
        assert_eq!(of(&Reply::new(500)), None);
        assert!(body(json!({ "error": "x".repeat(1000) })).unwrap().len() <= LONGEST + 3);
    }
}
