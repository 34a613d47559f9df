//! What is logged of a call: its progress, and each HTTP attempt.
//!
//! With the feature `tracing`, each call has a span, each attempt a span in it, and each event the same six
//! fields. Without it, progress is written to `log`.

use crate::http::Request;

use super::progress::Progress;

/// What events are logged as.
const TARGET: &str = "controlplane";

#[cfg(not(feature = "tracing"))]
pub(super) use plain::Trace;
#[cfg(feature = "tracing")]
pub(super) use traced::Trace;

impl Progress {
    /// True if it reports that something failed.
    fn is_failure(&self) -> bool {
        matches!(self, Self::Retrying { .. } | Self::Finished { outcome: Err(_), .. })
    }
}

/// Without `tracing`: the events of a call have nothing in common.
#[cfg(not(feature = "tracing"))]
mod plain {
    use super::*;

    #[derive(Clone, Default)]
    pub(in crate::engine) struct Trace(());

    impl Trace {
        pub(in crate::engine) fn new(_: &str, _: &'static str) -> Self {
            Self(())
        }

        pub(in crate::engine) fn log(&self, progress: &Progress) {
            let level = if progress.is_failure() { log::Level::Warn } else { log::Level::Debug };
            log::log!(target: TARGET, level, "{progress}");
        }

        pub(in crate::engine) fn sends(&self, _: &Request) {}

        pub(in crate::engine) fn received(&self, _: Option<u16>, _: impl FnOnce() -> Option<String>) {}
    }
}

#[cfg(feature = "tracing")]
mod traced {
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Instant;

    use tracing::field::Empty;
    use tracing::{Span, debug, debug_span, warn};

    use crate::error::shown;
    use crate::http::target;

    use super::*;

    /// The spans of a call; none until there is one, or if nobody listened when the call began: a program may have very
    /// many calls that wait.
    #[derive(Clone, Default)]
    pub(in crate::engine) struct Trace(Option<Arc<Call>>);

    struct Call {
        span: Span,
        service: &'static str,
        operation: String,
        began: Instant,
        seen: Mutex<Seen>,
    }

    /// What is known of the call so far.
    #[derive(Default)]
    struct Seen {
        request_id: String,
        /// That of the operation, or else of the last response.
        status: String,
        has_operation_status: bool,
        attempt: u32,
        /// The attempt in flight.
        in_flight: Option<Attempt>,
        /// The last attempt failed, or its response could not be used.
        has_failed: bool,
        /// The status or the kind of the last attempt, if it failed.
        error: Option<String>,
        /// The hash of the last attempt's request, and how often it was sent again.
        last: Option<(u64, u32)>,
    }

    struct Attempt {
        span: Span,
        began: Instant,
    }

    /// Returns a hash of what distinguishes the request from others of its call. Of the body only the length:
    /// it may be large. A hash, because the URL may be secret.
    fn hash(request: &Request) -> u64 {
        let mut hasher = DefaultHasher::new();
        let Request { method, base_url, path, query, body, .. } = request;
        (method.as_str(), base_url, path, query, body.as_ref().map(|body| body.len())).hash(&mut hasher);
        hasher.finish()
    }

    impl Seen {
        /// Returns how often this request was sent before: a request is sent again if it is the same as the
        /// one before, and that one failed. A poll after a poll that succeeded is another request.
        fn resends(&mut self, request: &Request) -> u32 {
            let hash = hash(request);
            let resends = match self.last {
                Some((last, resends)) if self.has_failed && last == hash => resends + 1,
                _ => 0,
            };
            self.last = Some((hash, resends));
            resends
        }
    }

    impl Trace {
        pub(in crate::engine) fn new(operation: &str, service: &'static str) -> Self {
            let span = debug_span!(target: TARGET, "call", service, operation, request_id = Empty);
            if span.is_disabled() && !is_heard() {
                return Self(None);
            }
            Self(Some(Arc::new(Call {
                span,
                service,
                operation: operation.to_owned(),
                began: Instant::now(),
                seen: Mutex::default(),
            })))
        }

        pub(in crate::engine) fn log(&self, progress: &Progress) {
            let Some(call) = &self.0 else { return };
            let (event, id) = summary(progress);
            let mut seen = call.seen();
            if let Some(id) = id.filter(|id| **id != seen.request_id) {
                id.clone_into(&mut seen.request_id);
                call.span.record("request_id", shown(id));
            }
            let status = match progress {
                Progress::Polled { status, .. }
                | Progress::StatusChanged { to: status, .. }
                | Progress::Finished { outcome: Ok(status), .. } => Some(status),
                _ => None,
            };
            if let Some(status) = status.filter(|status| !status.is_empty()) {
                seen.status = shown(status);
                seen.has_operation_status = true;
            }
            let error = match progress {
                Progress::Finished { outcome: Err(kind), .. } => Some(kind.as_str()),
                Progress::Retrying { .. } => {
                    seen.has_failed = true;
                    seen.error.as_deref()
                }
                _ => None,
            };
            call.event(
                &seen,
                &call.span,
                Event { name: event, error, text: &progress.to_string() },
                progress.is_failure(),
            );
        }

        /// An attempt begins: the span of it.
        pub(in crate::engine) fn sends(&self, request: &Request) {
            let Some(call) = &self.0 else { return };
            let mut seen = call.seen();
            seen.attempt += 1;
            let resends = seen.resends(request);
            let (host, port, scheme) = address(&request.base_url);
            // A presigned URL is a secret, and so may a query be.
            let url = match request.bare {
                true => request.base_url.to_string(),
                false => format!("{}{}", request.base_url, request.path),
            };
            let method = request.method.as_str();
            let span = debug_span!(
                target: TARGET,
                parent: &call.span,
                "http",
                otel.name = method,
                otel.kind = "client",
                http.request.method = method,
                http.request.resend_count = (resends > 0).then_some(resends),
                http.response.status_code = Empty,
                server.address = host,
                server.port = port,
                url.scheme = scheme,
                url.full = url,
                error.type = Empty,
            );
            seen.in_flight = Some(Attempt { span, began: Instant::now() });
        }

        /// An attempt has ended: with this HTTP status, and why it is a failure, if it is.
        pub(in crate::engine) fn received(
            &self,
            status: Option<u16>,
            error: impl FnOnce() -> Option<String>,
        ) {
            let Some(call) = &self.0 else { return };
            let mut seen = call.seen();
            let Some(Attempt { span, began }) = seen.in_flight.take() else { return };
            let error = error();
            if let Some(status) = status {
                span.record("http.response.status_code", status);
            }
            if !seen.has_operation_status {
                seen.status = status.map(|status| status.to_string()).unwrap_or_default();
            }
            if let Some(error) = &error {
                span.record("error.type", error.as_str());
            }
            seen.has_failed = error.is_some();
            seen.error.clone_from(&error);
            let took = began.elapsed().as_millis();
            let text = match (status, &error) {
                (Some(status), _) => format!("HTTP {status} after {took} ms"),
                (None, Some(kind)) => format!("no response after {took} ms: {kind}"),
                (None, None) => format!("after {took} ms"),
            };
            let is_failure = error.is_some();
            call.event(
                &seen,
                &span,
                Event { name: "response", error: error.as_deref(), text: &text },
                is_failure,
            );
        }
    }

    /// True if somebody listens to warnings.
    fn is_heard() -> bool {
        tracing::enabled!(target: TARGET, tracing::Level::WARN)
            || log::log_enabled!(target: TARGET, log::Level::Warn)
    }

    struct Event<'a> {
        name: &'static str,
        error: Option<&'a str>,
        text: &'a str,
    }

    impl Call {
        fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn event(&self, seen: &Seen, span: &Span, event: Event<'_>, is_failure: bool) {
            let Event { name, error, text } = event;
            let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let (service, operation) = (self.service, &*self.operation);
            let Seen { request_id, status, attempt, .. } = seen;
            let (request_id, status) = (shown(request_id), &**status);
            if is_failure {
                warn!(
                    target: TARGET, parent: span, event = name, service, operation, request_id, status, attempt,
                    elapsed_ms, error.type = error, "{text}"
                );
            } else {
                debug!(
                    target: TARGET, parent: span, event = name, service, operation, request_id, status, attempt,
                    elapsed_ms, "{text}"
                );
            }
        }
    }

    /// The host, the port and the scheme of an address.
    fn address(url: &str) -> (String, Option<u16>, Option<String>) {
        let Ok(uri) = target(url) else { return (String::new(), None, None) };
        let scheme = uri.scheme_str().map(str::to_owned);
        let usual = if scheme.as_deref() == Some("https") { 443 } else { 80 };
        (uri.host().unwrap_or_default().to_owned(), Some(uri.port_u16().unwrap_or(usual)), scheme)
    }

    /// The name of an event, and the id that it is about.
    fn summary(progress: &Progress) -> (&'static str, Option<&String>) {
        match progress {
            Progress::Submitted { id } => ("submitted", Some(id)),
            Progress::Polled { id, .. } => ("polled", Some(id)),
            Progress::StatusChanged { id, .. } => ("status_changed", Some(id)),
            Progress::Retrying { .. } => ("retrying", None),
            Progress::WaitingForRateLimit { .. } => ("waiting_for_rate_limit", None),
            Progress::Transferred { .. } => ("transferred", None),
            Progress::Finished { id, .. } => ("finished", id.as_ref()),
        }
    }
}
