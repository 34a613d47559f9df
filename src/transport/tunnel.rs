//! A tunnel through an HTTP proxy: the request for it, and what the proxy's response means.

use base64::Engine;
use secrecy::SecretBox;
use thiserror::Error;

/// A proxy's response without an end after this many bytes is none.
const MAX_HEAD: usize = 64 * 1024;

/// Why a proxy makes no tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    /// The user or password is wrong or missing.
    #[error("it does not accept the user and password (HTTP 407)")]
    Authentication,
    /// Another status.
    #[error("HTTP {0}")]
    Status(u16),
    /// The response is not HTTP.
    #[error("its response is not HTTP")]
    NotHttp,
    /// The response does not end.
    #[error("its response has more than {MAX_HEAD} bytes of headers")]
    TooLong,
    /// There is no whole response.
    #[error("it closed the connection without a whole response")]
    Closed,
}

/// Returns the request for a tunnel to `host:port`, in one piece: a proxy may refuse it and close after its
/// first bytes.
pub(super) fn request(target: &str, user_agent: &str, user: Option<(&str, &str)>) -> SecretBox<Vec<u8>> {
    let mut text = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {user_agent}\r\nProxy-Connection: Keep-Alive\r\n"
    );
    if let Some((user, password)) = user {
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        text.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    text.push_str("\r\n");
    SecretBox::new(Box::new(text.into_bytes()))
}

/// Returns the length of the response's head once it is whole and the tunnel is made; `None` while more has
/// to come.
pub(super) fn response(input: &[u8]) -> Result<Option<usize>, Refusal> {
    if !input.starts_with(&b"HTTP/1."[..input.len().min(7)]) {
        return Err(Refusal::NotHttp);
    }
    // The status decides as soon as it is there: a proxy that refuses may cut the rest.
    let status = match input.get(8..13) {
        None => return Ok(None),
        Some([b' ', digits @ .., b' ' | b'\r' | b'\n']) if digits.iter().all(u8::is_ascii_digit) => {
            digits.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0'))
        }
        Some(_) => return Err(Refusal::NotHttp),
    };
    match status {
        200..=299 => {}
        407 => return Err(Refusal::Authentication),
        other => return Err(Refusal::Status(other)),
    }
    match input.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
        Some(at) => Ok(Some(at + 4)),
        None if input.len() >= MAX_HEAD => Err(Refusal::TooLong),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_status_decides_wherever_the_response_is_cut() {
        let good = b"HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n";
        for cut in 0..good.len() {
            assert_eq!(response(&good[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(response(&[&good[..], b"more"].concat()), Ok(Some(good.len())));
        assert_eq!(response(b"HTTP/1.0 407 \r"), Err(Refusal::Authentication));
        assert_eq!(response(b"HTTP/1.1 503\r\n"), Err(Refusal::Status(503)));
        let flood = [b"HTTP/1.1 407 No\r\n".to_vec(), b"X-H: 1\r\n".repeat(1000)].concat();
        assert_eq!(response(&flood), Err(Refusal::Authentication));
        for bad in [&b"what?"[..], b"SSH-2.0", b"HTTP/1.1  200 OK", b"HTTP/1.1 2000\r\n", b"HTTP/1.1 abc x"] {
            assert_eq!(response(bad), Err(Refusal::NotHttp), "{bad:?}");
        }
        let endless = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"x".repeat(MAX_HEAD)].concat();
        assert_eq!(response(&endless), Err(Refusal::TooLong));
    }

    #[test]
    fn the_request_names_the_target_and_the_user() {
        let sent = request("h.example:443", "me/1", Some(("user", "pass")));
        let text = String::from_utf8(sent.expose_secret().clone()).unwrap();
        assert!(text.starts_with("CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n"), "{text}");
        assert!(text.ends_with("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"), "{text}");
        assert!(!format!("{sent:?}").contains("dXNl"), "{sent:?}");
    }
}
