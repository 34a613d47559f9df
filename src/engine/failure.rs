//! Errors for requests that are not sent again.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, ErrorKind, shown};
use crate::http::{Response, host_of};
use crate::redact::Redacted;
use crate::transport::{SendError, SendErrorKind};

use super::context::{CallContext, Reply};
use super::decode::is_text;
use super::retry::{Effect, Verdict};
use super::service::{Failure, Words};

/// The error for a request that will not be sent again, after this many attempts.
#[cold]
pub(crate) fn failure(context: &CallContext, reply: Reply, verdict: Verdict, attempts: u32) -> Error {
    let error = match reply {
        Reply::NoResponse(error) => no_response(context, error, verdict, attempts),
        Reply::Failure(response, failure) => refused(context, &response, failure, verdict, attempts),
        // A success is not a failure; reported all the same.
        Reply::Success(response) => {
            let failure = Failure { status: response.status, ..Failure::default() };
            refused(context, &response, failure, verdict, attempts)
        }
    };
    context.masked(error)
}

/// Adds the number of attempts, where the last one ended as those before it did: a permanent failure is found
/// by one.
fn with_attempts(mut happened: String, verdict: Verdict, attempts: u32) -> String {
    if attempts > 1 && verdict != Verdict::Permanent {
        happened.push_str(&format!(" (tried {attempts} times)"));
    }
    happened
}

fn no_response(context: &CallContext, error: SendError, verdict: Verdict, attempts: u32) -> Error {
    if let Some(error) = error.token_error() {
        // It says by itself what was attempted and what to do.
        return error.duplicate().with_context(&context.label);
    }
    let happened = with_attempts(shown(&error.to_string()), verdict, attempts);
    let unknown = verdict == Verdict::Unknown;
    let kind = match error.kind() {
        _ if unknown => ErrorKind::OutcomeUnknown,
        SendErrorKind::InvalidRequest => ErrorKind::InvalidArgument,
        SendErrorKind::Cancelled => ErrorKind::Cancelled,
        SendErrorKind::Tls | SendErrorKind::Certificate | SendErrorKind::CertificateExpired => ErrorKind::Tls,
        SendErrorKind::Protocol | SendErrorKind::BodyTooLarge | SendErrorKind::Encoding => {
            ErrorKind::UnexpectedResponse
        }
        _ => ErrorKind::Transport,
    };
    let advice = match error.kind() {
        _ if unknown => Some(not_repeated(context)),
        SendErrorKind::Cancelled if error.is_sent() => None,
        SendErrorKind::Cancelled => Some("Nothing was sent.".to_owned()),
        _ if error.is_sent() && verdict == Verdict::Retry => {
            Some("The request changes nothing, so it is safe to send it again.".to_owned())
        }
        _ if error.is_sent() => None,
        _ if error.advice().is_some() => error.advice().map(|advice| format!("Nothing was sent. {advice}")),
        SendErrorKind::InvalidRequest => {
            Some("Nothing was sent. Correct the address or the credentials.".to_owned())
        }
        SendErrorKind::Certificate => Some(
            "Nothing was sent. If the server has a certificate of its own, add its CA file to the client."
                .to_owned(),
        ),
        _ => Some("Nothing was sent. Check the address, the network and the proxy settings.".to_owned()),
    };
    let (timeout, status) = (error.kind() == SendErrorKind::Timeout, error.status());
    let mut result =
        Error::new(kind, context.label.clone(), happened).with_timeout(timeout).with_source(error);
    if let Some(status) = status {
        result = result.with_status(status);
    }
    match advice {
        Some(advice) => result.with_advice(advice),
        None => result,
    }
}

fn refused(
    context: &CallContext,
    response: &Response,
    failure: Failure,
    verdict: Verdict,
    attempts: u32,
) -> Error {
    let unknown = verdict == Verdict::Unknown;
    let kind = if unknown { ErrorKind::OutcomeUnknown } else { ErrorKind::of_status(failure.status) };
    let happened = if response.is_redirect() {
        let target = response.headers.text("location").unwrap_or_default();
        let host = shown(&context.mask(&redirect_host(&target)));
        format!("HTTP {}: the server redirects to {host}", response.status)
    } else {
        with_attempts(reason(context, response.status, &failure), verdict, attempts)
    };
    let advice = match kind {
        ErrorKind::OutcomeUnknown if failure.is_foreign => Some(not_seen(context.service.how_to_check())),
        ErrorKind::OutcomeUnknown => Some(not_repeated(context)),
        _ if response.is_redirect() => Some(
            "Redirects are not followed, so that credentials reach no other host. Check the base URL."
                .to_owned(),
        ),
        _ if response.status == 407 => Some(PROXY_AUTHENTICATION.to_owned()),
        _ => failure.advice.or_else(|| advice(kind)).map(str::to_owned),
    };
    let hint = context.service.about_credentials().filter(|_| kind == ErrorKind::Authentication);
    let advice = match (advice, hint) {
        (Some(advice), Some(hint)) => Some(format!("{advice} {hint}")),
        (advice, hint) => advice.or(hint.map(str::to_owned)),
    };
    let error = Error::new(kind, context.label.clone(), happened)
        .with_status(response.status)
        .with_api_code(failure.code)
        .with_api_message(failure.message)
        .with_body(context.text(response));
    match advice {
        Some(advice) => error.with_advice(advice),
        None => error,
    }
}

/// Why a response is a failure, in a few words.
fn reason(context: &CallContext, status: u16, failure: &Failure) -> String {
    let status = status.to_string();
    let code = failure.code.as_ref().filter(|code| **code != status);
    let code = code.map(|code| format!(", code {}", shown(&context.mask(code)))).unwrap_or_default();
    match &failure.explanation {
        Some(words) => format!("HTTP {status}{code}: {}", shown(&context.mask(words))),
        None => format!("HTTP {status}{code}"),
    }
}

/// The advice for a 407 that is not an answer to a request for a tunnel.
const PROXY_AUTHENTICATION: &str = "A proxy between the client and the server asks for a user and password, or does not \
    accept them. Add the user and password to the proxy's URL. The request was not sent again, because a wrong password may lock the account.";

fn advice(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Authentication => Some(
            "The service does not accept the credentials. Check them, and that they were not deleted or revoked.",
        ),
        ErrorKind::PermissionDenied => Some("The credentials are valid, but do not allow this request."),
        ErrorKind::RateLimited => Some("Wait before sending it again, or lower the client's rate limit."),
        ErrorKind::Server => Some("The server failed; it is safe to send the request again later."),
        ErrorKind::Rejected => Some("Change the request before you send it again."),
        _ => None,
    }
}

/// The advice for a request that may have been accepted.
fn not_repeated(context: &CallContext) -> String {
    format!(
        "It may have been accepted, so it was not sent again. {} before you repeat it.",
        context.service.how_to_check()
    )
}

/// The advice for a request that something else than the service has answered.
fn not_seen(how_to_check: &str) -> String {
    format!(
        "The service may not have seen it, and it was not sent again. Check the base URL and the proxy settings. \
         {how_to_check} before you repeat it."
    )
}

/// The error for a success that cannot be read, without the body. `id`: of what the request has made, if the
/// response has it; it proves that the request was accepted.
#[cold]
pub(crate) fn unreadable(
    label: &str,
    effect: Effect,
    response: &Response,
    why: &str,
    how_to_check: &str,
    id: Option<String>,
) -> Error {
    let what = format!(" with an invalid body: {}", shown(why));
    unexpected(label, effect, response, &what, how_to_check, id)
}

/// The error for a success that is not what was expected: as [`unreadable`]. `what` follows the status.
#[cold]
pub(crate) fn unexpected(
    label: &str,
    effect: Effect,
    response: &Response,
    what: &str,
    how_to_check: &str,
    id: Option<String>,
) -> Error {
    let status = response.status;
    let is_text = is_text(response);
    let happened = match is_text {
        true => format!("HTTP {status}: the response is text instead of JSON; it may come from a proxy"),
        false => format!("HTTP {status}{what}"),
    };
    let error = |kind| Error::new(kind, label, &*happened).with_status(status);
    match (effect, id) {
        (Effect::Changes, Some(id)) => error(ErrorKind::UnexpectedResponse)
            .with_resource(id)
            .with_advice("It was accepted: get it by its id or name, and do not send it again."),
        (Effect::Changes, None) if is_text => {
            error(ErrorKind::OutcomeUnknown).with_advice(not_seen(how_to_check))
        }
        (Effect::Changes, None) => error(ErrorKind::OutcomeUnknown).with_advice(format!(
            "It was probably accepted, so it was not sent again. {how_to_check} before you repeat it."
        )),
        (Effect::Repeatable, _) => error(ErrorKind::UnexpectedResponse)
            .with_advice("Check whether this is the address of the service, or of a proxy."),
    }
}

/// The error of a call that was cancelled by the program.
#[cold]
pub(crate) fn cancelled(label: &str) -> Error {
    Error::new(ErrorKind::Cancelled, label, "cancelled")
        .with_advice("Whatever the call started at the service continues there.")
}

/// The error of a call that cannot send its first request in time.
#[cold]
pub(super) fn nothing_sent(context: &CallContext, why: String, elapsed: Duration) -> Error {
    Error::new(ErrorKind::OperationTimeout, context.label.clone(), why)
        .with_elapsed(elapsed)
        .with_advice(
            "Nothing was sent. Give the call more time (`.timeout(…)`), or send fewer calls at once.",
        )
        .with_retryable(true)
}

/// The error of a call that failed after it began something at the server: no longer safe to send again,
/// unless the server itself says that the operation failed.
pub(crate) fn begun(error: Error) -> Error {
    if !error.is_retryable() || error.kind() == ErrorKind::OperationFailed {
        return error;
    }
    error.with_retryable(false).with_advice(
        "It was started and continues: wait for it with the id of this error, and do not start it again.",
    )
}

/// The host that a redirect leads to, without the rest of the URL, which may be secret.
fn redirect_host(location: &str) -> String {
    let host = host_of(location);
    if host.is_empty() { "another path of the same host".to_owned() } else { host.to_owned() }
}

/// A time in a message.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The error of an operation, or of what a wait waits for, that ended with a failure.
#[cold]
pub(crate) fn ended(context: &CallContext, status: &str, detail: Value) -> Error {
    let (status, detail) = (context.mask(status), context.mask_json(detail));
    let Words { code, message } = context.service.words(&detail);
    let why = match (&code, &message) {
        (Some(code), Some(message)) => format!("{}: {}", shown(code), shown(message)),
        (code, message) => match code.as_ref().or(message.as_ref()) {
            Some(text) => shown(text),
            None => shown(&Redacted(&detail).to_string()),
        },
    };
    let happened = format!("ended with {}: {why}", shown(&status));
    let error = Error::new(ErrorKind::OperationFailed, context.label.clone(), happened)
        .with_api_code(code)
        .with_api_message(message)
        .with_api_status(Some(status))
        .with_api_response(detail);
    let advice = if error.is_not_found() {
        Some(
            "Something that the call names does not exist. Check the names, and that the credentials belong to its project.",
        )
    } else if error.is_already_exists() {
        Some("Something with this name exists. Use it, or choose another name.")
    } else {
        None
    };
    match advice {
        Some(advice) => error.with_advice(advice),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_a_redirect_is_named() {
        for (url, host) in [
            ("https://evil.example:8443/a?token=hunter2", "evil.example:8443"),
            ("https://user:hunter2@evil.example", "evil.example"),
            ("//evil.example/x", "another path of the same host"),
            ("/elsewhere?hunter2", "another path of the same host"),
            ("", "another path of the same host"),
        ] {
            assert_eq!(redirect_host(url), host);
        }
    }
}
