//! Progress as events of `tracing`, each in the span of its call.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::RetryPolicy;
use controlplane::onehouse::Client;
use controlplane_emulator::onehouse::Emulator;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down spans and events of the crate.
#[derive(Clone, Default)]
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicU64>,
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "controlplane"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::SeqCst) + 1;
        let parent = attributes.parent().map_or(0, Id::into_u64);
        let mut text = Text(format!("span {id} in {parent} {}", attributes.metadata().name()));
        attributes.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
        Id::from_u64(id)
    }

    fn event(&self, event: &Event<'_>) {
        let level = event.metadata().level();
        let mut text = Text(format!("{level} event in {}", event.parent().map_or(0, Id::into_u64)));
        event.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut text = Text(format!("record in {}", span.into_u64()));
        values.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn client(emulator: &Emulator) -> Client {
    let builder = Client::builder().credentials(emulator.credentials());
    builder.poll_interval(Duration::from_millis(10)).build().unwrap()
}

/// What is logged while this runs.
fn logged(run: impl FnOnce()) -> Vec<String> {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), run);
    lines.lines.lock().unwrap().clone()
}

/// The value of a field in a line.
fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let rest = line.split(&format!(" {name}=")).nth(1)?;
    Some(match rest.strip_prefix('"') {
        Some(text) => text.split('"').next().unwrap(),
        None => rest.split(' ').next().unwrap(),
    })
}

#[test]
fn each_call_has_a_span_with_its_attempts_and_events_in_it() {
    let emulator = Emulator::builder().pending_polls(1).seed(1).start().unwrap();
    let client = client(&emulator);
    let lines = logged(|| drop(client.show_lakes().send().unwrap()));
    assert_eq!(lines[0], "span 1 in 0 call service=\"onehouse\" operation=\"SHOW LAKES\"");
    let attempts: Vec<&String> = lines.iter().filter(|line| line.starts_with("span ")).skip(1).collect();
    let methods: Vec<_> = attempts.iter().map(|line| field(line, "http.request.method").unwrap()).collect();
    assert_eq!(methods, ["POST", "GET", "GET"], "{lines:#?}");
    let port = emulator.url().rsplit_once(':').unwrap().1;
    for (i, attempt) in attempts.iter().enumerate() {
        assert!(attempt.starts_with(&format!("span {} in 1 http", i + 2)), "{attempt}");
        assert_eq!(field(attempt, "otel.kind"), Some("client"));
        assert_eq!(field(attempt, "server.address"), Some("127.0.0.1"));
        assert_eq!(field(attempt, "server.port"), Some(port));
        assert_eq!(field(attempt, "url.scheme"), Some("http"));
        // A poll is another request than the one before.
        assert_eq!(field(attempt, "http.request.resend_count"), None);
        let status = format!("record in {} http.response.status_code=200", i + 2);
        assert!(lines.contains(&status), "{lines:#?}");
    }
    assert!(field(attempts[0], "url.full").unwrap().ends_with("/v1/resource/"));
    let events: Vec<&String> = lines.iter().filter(|line| line.contains(" event in ")).collect();
    let names: Vec<_> = events.iter().map(|line| field(line, "event").unwrap()).collect();
    assert_eq!(
        names,
        [
            "response",
            "submitted",
            "response",
            "status_changed",
            "polled",
            "response",
            "status_changed",
            "finished"
        ],
        "{lines:#?}"
    );
    for event in &events {
        assert!(event.starts_with("DEBUG"), "{event}");
        for name in ["service", "operation", "request_id", "status", "attempt", "elapsed_ms"] {
            assert!(field(event, name).is_some(), "{name}: {event}");
        }
    }
    let last = events.last().unwrap();
    assert_eq!(field(last, "status"), Some("API_OPERATION_STATUS_SUCCESS"));
    assert_eq!(field(last, "attempt"), Some("3"));
    let id = field(events[1], "request_id").unwrap();
    assert!(!id.is_empty() && field(last, "request_id") == Some(id), "{events:#?}");
    assert!(lines.contains(&format!("record in 1 request_id=\"{id}\"")), "{lines:#?}");
}

#[test]
fn what_failed_is_a_warning() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = client(&emulator);
    let lines = logged(|| drop(client.delete_lake("none").send().unwrap_err()));
    let warnings: Vec<&String> = lines.iter().filter(|line| line.starts_with("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{lines:#?}");
    assert_eq!(field(warnings[0], "event"), Some("finished"));
    assert_eq!(field(warnings[0], "error.type"), Some("operation_failed"));
    assert_eq!(field(warnings[0], "status"), Some("API_OPERATION_STATUS_FAILED"));

    // A rejected request is an attempt that failed, and a call that did.
    let lines = logged(|| drop(client.execute("SHOW NOTHING").send().unwrap_err()));
    let warnings: Vec<&String> = lines.iter().filter(|line| line.starts_with("WARN")).collect();
    let names: Vec<_> = warnings.iter().map(|line| field(line, "event").unwrap()).collect();
    assert_eq!(names, ["response", "finished"], "{lines:#?}");
    assert_eq!(field(warnings[0], "error.type"), Some("400"));
    assert!(lines.contains(&"record in 2 error.type=\"400\"".to_owned()), "{lines:#?}");
}

/// A submit that is refused twice, then a poll whose response is lost, then a poll that is pending.
#[test]
fn a_retry_names_its_cause_and_counts_what_is_sent_again() {
    let refused = "nth=1, times=2, submit: status=429".parse().unwrap();
    let builder = Emulator::builder().pending_polls(2).fault(refused);
    let emulator = builder.fault("nth=1, poll: take-then-close".parse().unwrap()).start().unwrap();
    let builder = Client::builder().credentials(emulator.credentials());
    let builder = builder.poll_interval(Duration::from_millis(10));
    let mut policy = RetryPolicy::default();
    policy.first_delay = Duration::from_millis(10);
    let client = builder.retry(policy).build().unwrap();
    let lines = logged(|| drop(client.show_lakes().send().unwrap()));
    let attempts = lines.iter().filter(|line| line.starts_with("span ")).skip(1);
    let resent: Vec<_> = attempts.map(|line| field(line, "http.request.resend_count")).collect();
    assert_eq!(resent, [None, Some("1"), Some("2"), None, Some("1"), None], "{lines:#?}");
    let retries = lines.iter().filter(|line| field(line, "event") == Some("retrying"));
    let causes: Vec<_> = retries.map(|line| field(line, "error.type")).collect();
    assert_eq!(causes, [Some("429"), Some("429"), Some("closed")], "{lines:#?}");
}

#[test]
fn a_submit_that_is_not_waited_for_has_not_ended() {
    let emulator = Emulator::builder().start().unwrap();
    let client = client(&emulator);
    let lines = logged(|| drop(client.show_lakes().submit().unwrap()));
    let names: Vec<_> = lines
        .iter()
        .filter(|line| line.contains(" event in "))
        .map(|line| field(line, "event").unwrap())
        .collect();
    assert_eq!(names, ["response", "submitted"], "{lines:#?}");
}
