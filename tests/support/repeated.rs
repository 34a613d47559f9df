//! A secret in the forms in which a server may repeat it, and the check that an error shows none of them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use controlplane::Error;
use controlplane::http::{Headers, Response};

use crate::scripted::Reply;

/// The secret as it is, and in the escapes of JSON, of URLs and of base64.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let escaped: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url: String =
        secret
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02x}")
                }
            })
            .collect();
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        json[1..json.len() - 1].replace('/', "\\/"),
        escaped,
        percent,
        url,
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        URL_SAFE_NO_PAD.encode(format!("{secret}:x")),
    ]
}

/// Every kind of response with each form of the secret: a refusal in all of its fields, a page, a redirect, a
/// header, a success that cannot be read.
pub(crate) fn replies(secret: &str) -> Vec<Reply> {
    let mut replies = Vec::new();
    for form in forms(secret) {
        let text = serde_json::to_string(&form).unwrap();
        // As it is inside of quotes, unless that ends the quotes.
        let is_inside = serde_json::from_str::<String>(&format!("\"{form}\"")).is_ok();
        let text = if is_inside { format!("\"{form}\"") } else { text };
        let body = format!(
            r#"{{"error": {{"code": {text}, "message": {text}, "details": [{text}]}}, "code": {text}, "message": {text},
                "error_description": {text}, "apiStatus": {text}, {text}: {text}}}"#
        );
        replies.extend([
            Reply::text(400, body.clone()),
            Reply::text(401, body.clone()),
            Reply::text(200, body),
            Reply::text(403, format!("<html>{form}")),
            Reply::text(200, format!("<html>{form}")),
            Reply::text(400, format!("{}{form}", "x".repeat(485))),
        ]);
        for (status, name, value) in
            [(302, "Location", format!("https://{form}.evil.test/{form}")), (400, "grpc-message", form)]
        {
            let mut headers = Headers::new();
            headers.push(name, value);
            replies.push(Reply::Whole(Response::new(status, headers, "")));
        }
    }
    replies
}

/// Checks that nothing in an error shows the secret.
pub(crate) fn assert_hidden(secret: &str, error: &Error) {
    let shown = [
        error.to_string(),
        format!("{error:?}"),
        error.body().unwrap_or_default().to_owned(),
        error.api_code().unwrap_or_default().to_owned(),
        error.api_message().unwrap_or_default().to_owned(),
        error.api_status().unwrap_or_default().to_owned(),
        error.api_response().map(ToString::to_string).unwrap_or_default(),
        std::error::Error::source(error).map(ToString::to_string).unwrap_or_default(),
    ];
    for (i, text) in shown.iter().enumerate() {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{i}: {form} of {secret} is in {text}");
        }
    }
}
