//! Progress as events of `tracing`, each in the span of its call.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
        let mut text = Text(format!("span {id} {}", attributes.metadata().name()));
        attributes.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
        Id::from_u64(id)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(format!("event in {}", event.parent().map_or(0, Id::into_u64)));
        event.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn each_call_has_a_span_with_its_events_in_it() {
    let emulator = Emulator::builder().pending_polls(1).seed(1).start().unwrap();
    let client = Client::builder()
        .credentials(emulator.credentials())
        .poll_interval(Duration::from_millis(10))
        .build()
        .unwrap();
    let lines = Lines::default();
    let id = tracing::subscriber::with_default(lines.clone(), || {
        client.show_lakes().send().unwrap();
        client.delete_lake("none").send().unwrap_err().request_id().unwrap().to_owned()
    });
    let lines = lines.lines.lock().unwrap();
    assert_eq!(lines[0], "span 1 call label=\"SHOW LAKES\"");
    let events: Vec<&str> = lines
        .iter()
        .filter(|line| line.starts_with("event in 2"))
        .filter_map(|line| line.split("event=\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(events, ["submitted", "status changed", "polled", "status changed", "finished"], "{lines:#?}");
    let last = lines.last().unwrap();
    assert!(last.contains(&id) && last.contains("the error OperationFailed"), "{last}");
}
