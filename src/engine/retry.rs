//! What may be repeated: the retry table, and `Retry-After`.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::http::{LONGEST, Response};
use crate::transport::{SendError, SendErrorKind};

use super::context::Reply;

/// The effect of a command at the server, which decides whether the command may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// Sending the command again does no harm: it only reads, or its repetition changes nothing.
    Repeatable,
    /// The command changes something. It is never sent again after it may have been accepted.
    Changes,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A success.
    Success,
    /// It may be sent again.
    Retry,
    /// It may have been accepted and must not be sent again.
    Unknown,
    /// Sending it again would end the same way.
    Permanent,
}

/// The retry table, for what became of a request.
pub(crate) fn judge(effect: Effect, reply: &Reply) -> Verdict {
    match reply {
        Reply::Success(_) => Verdict::Success,
        Reply::Failure(_, failure) => failure.verdict(effect),
        Reply::NoResponse(error) => judge_error(effect, error),
    }
}

/// The retry table, for a request without a response.
pub(crate) fn judge_error(effect: Effect, error: &SendError) -> Verdict {
    match error.kind() {
        // A status that is not a success says by itself what became of the request, whatever came with it.
        SendErrorKind::Encoding | SendErrorKind::BodyTooLarge
            if error.status().is_some_and(|status| !(200..300).contains(&status)) =>
        {
            judge_status(effect, error.status().unwrap_or_default())
        }
        _ if error.is_sent() && effect != Effect::Repeatable => Verdict::Unknown,
        SendErrorKind::InvalidRequest
        | SendErrorKind::Certificate
        | SendErrorKind::CertificateExpired
        | SendErrorKind::ProxyAuthentication
        | SendErrorKind::BodyTooLarge
        | SendErrorKind::Encoding
        | SendErrorKind::Cancelled
        | SendErrorKind::Token => Verdict::Permanent,
        _ => Verdict::Retry,
    }
}

/// The retry table, for a response.
pub(crate) fn judge_status(effect: Effect, status: u16) -> Verdict {
    let repeatable = effect == Effect::Repeatable;
    match status {
        200..=299 => Verdict::Success,
        429 => Verdict::Retry,
        408 | 425 | 500 | 502 | 503 | 504 if repeatable => Verdict::Retry,
        408 | 425 => Verdict::Unknown,
        // Refused, redirected, not implemented, HTTP version: the server did not accept it.
        300..=302 | 307 | 308 | 400..=499 | 501 | 505 => Verdict::Permanent,
        // "See other" after a change means that it was made; the rest means nothing that is known.
        _ if !repeatable => Verdict::Unknown,
        _ => Verdict::Permanent,
    }
}

/// Returns the server's `Retry-After`: seconds or an HTTP date. Negative, infinite and unreadable values are
/// ignored.
pub(crate) fn retry_after(response: &Response, wall: SystemTime) -> Option<Duration> {
    let text = response.headers.text("retry-after")?;
    let text = text.trim();
    if text.parse::<f64>().is_ok() {
        return retry_after_seconds(response);
    }
    let at = httpdate::parse_http_date(text).ok()?;
    // The server's own clock, if it tells the time: ours may be wrong.
    let now = response
        .headers
        .text("date")
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .unwrap_or(wall);
    Some(at.duration_since(now).unwrap_or_default().min(LONGEST))
}

/// Returns the server's `Retry-After` if it is in seconds.
pub(crate) fn retry_after_seconds(response: &Response) -> Option<Duration> {
    let seconds: f64 = response.headers.text("retry-after")?.trim().parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0)
        .then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    const SECOND: Duration = Duration::from_secs(1);

    fn judged(effect: Effect, result: &Result<Response, SendError>) -> Verdict {
        match result {
            Ok(response) => judge_status(effect, response.status),
            Err(error) => judge_error(effect, error),
        }
    }

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Response {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.push(*name, *value);
        }
        Response::new(status, all, "")
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let wall = httpdate::parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        for (text, expected) in [
            ("7", Some(7 * SECOND)),
            (" 0.5 ", Some(SECOND / 2)),
            ("0", Some(Duration::ZERO)),
            ("99999999999999999999", Some(LONGEST)),
            ("1e300", Some(LONGEST)),
            ("-1", None),
            ("nan", None),
            ("inf", None),
            ("soon", None),
            ("", None),
            ("Sat, 21 Nov 2026 10:00:07 GMT", Some(7 * SECOND)),
            ("Sat, 21 Nov 2026 09:59:00 GMT", Some(Duration::ZERO)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST)),
        ] {
            assert_eq!(retry_after(&answer(429, &[("Retry-After", text)]), wall), expected, "{text:?}");
        }
        assert_eq!(retry_after(&answer(429, &[]), wall), None);
        let skewed =
            [("retry-after", "Sat, 21 Nov 2026 12:00:07 GMT"), ("date", "Sat, 21 Nov 2026 12:00:00 GMT")];
        assert_eq!(retry_after(&answer(429, &skewed), wall), Some(7 * SECOND));
    }

    #[test]
    fn the_retry_table() {
        use Effect::{Changes, Repeatable};
        use SendErrorKind as K;
        use Verdict::{Permanent, Retry, Success, Unknown};

        for kind in [K::Dns, K::Connect, K::Tls, K::Proxy, K::Timeout, K::Closed] {
            let unsent = Err(SendError::new(kind, false, "test"));
            assert_eq!(judged(Repeatable, &unsent), Retry, "{kind:?}");
            assert_eq!(judged(Changes, &unsent), Retry, "{kind:?}");
        }
        for kind in [K::Timeout, K::Closed, K::Protocol] {
            let sent = Err(SendError::new(kind, true, "test"));
            assert_eq!(judged(Repeatable, &sent), Retry, "{kind:?}");
            assert_eq!(judged(Changes, &sent), Unknown, "{kind:?}");
        }
        let large = Err(SendError::new(K::BodyTooLarge, true, "test"));
        assert_eq!(judged(Repeatable, &large), Permanent);
        assert_eq!(judged(Changes, &large), Unknown);
        for kind in [K::InvalidRequest, K::Certificate, K::CertificateExpired, K::ProxyAuthentication] {
            let never = Err(SendError::new(kind, false, "test"));
            assert_eq!(judged(Repeatable, &never), Permanent, "{kind:?}");
            assert_eq!(judged(Changes, &never), Permanent, "{kind:?}");
            // An alert may come after the request.
            let late = Err(SendError::new(kind, true, "test"));
            assert_eq!(judged(Changes, &late), Unknown, "{kind:?}");
        }

        for status in 100..700 {
            let (reads, changes) = match status {
                200..=299 => (Success, Success),
                429 => (Retry, Retry),
                408 | 425 | 500 | 502 | 503 | 504 => (Retry, Unknown),
                501 | 505 => (Permanent, Permanent),
                303..=306 | 309..=399 | 506..=599 | 600.. => (Permanent, Unknown),
                ..=199 => (Permanent, Unknown),
                _ => (Permanent, Permanent),
            };
            let result = Ok(answer(status, &[]));
            assert_eq!(judged(Repeatable, &result), reads, "{status}");
            assert_eq!(judged(Changes, &result), changes, "{status}");
        }
    }
}
