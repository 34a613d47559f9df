//! What the tests of all services use to keep and restore states: requests without sockets, on a clock that
//! stands still.

use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clock::Clock;
use crate::gate::Gate;
use crate::instance::Instance;
use crate::server::{Arrival, Body, Handler, Headers, Received};
use crate::service::Backend;
use crate::settings::Settings;

/// An emulator without a server whose clock is stopped.
pub(crate) fn instance<S: Backend>(change: impl FnOnce(&mut Settings, &mut S::Options)) -> Instance<S> {
    let start = Instant::now();
    let mut settings = Settings { clock: Clock::new(move || start), ..Settings::default() };
    let mut options = S::Options::default();
    change(&mut settings, &mut options);
    Instance::new(settings, options)
}

/// Does these things: each time that one of them reads the clock, no state can be restored before it is done
/// with the service. Otherwise the time would be of one state and the service of another. Returns how often
/// the clock was read.
pub(crate) fn check_gate<S: Backend>(
    change: impl FnOnce(&mut Settings, &mut S::Options),
    act: impl FnOnce(&Instance<S>),
) -> usize {
    let (start, gate, free, held) =
        (Instant::now(), Arc::new(OnceLock::<Gate>::new()), AtomicUsize::new(0), AtomicUsize::new(0));
    let counts = Arc::new((free, held));
    let (watched, counted) = (Arc::clone(&gate), Arc::clone(&counts));
    let source = move || {
        if let Some(gate) = watched.get() {
            let (free, held) = &*counted;
            if gate.is_free() { free } else { held }.fetch_add(1, Ordering::SeqCst);
        }
        start
    };
    let instance = instance::<S>(|settings, options| {
        settings.clock = Clock::new(source);
        change(settings, options);
    });
    gate.set(instance.gate.clone()).unwrap();
    act(&instance);
    let (free, held) = &*counts;
    assert_eq!(free.load(Ordering::SeqCst), 0, "the clock was read where a state could be restored");
    held.load(Ordering::SeqCst)
}

/// Times that no emulator can go on from are refused, and nothing is changed then.
pub(crate) fn check_head<S: Backend>(of: &Instance<S>) {
    let state = of.state().unwrap();
    let year = 366 * 24 * 3600 * 1_000_000_000_i64;
    refuses(
        of,
        &state,
        &[
            ("/clock", Value::from(i64::MAX), "/clock"),
            ("/clock", Value::from(i64::MIN), "/clock"),
            ("/clock", Value::from(101 * year), "/clock"),
            ("/admitted", serde_json::json!([0, i64::MAX]), "/admitted/1: the time of this request is later"),
            ("/admitted", Value::from(vec![0; 100_001]), "/admitted"),
        ],
    );
    for clock in [100 * year, -100 * year] {
        let mut document: Value = serde_json::from_str(&state).unwrap();
        document["clock"] = Value::from(clock);
        document["admitted"] = serde_json::json!([clock]);
        of.restore(document.to_string().as_bytes()).unwrap();
        let later = of.settings.clock.advance(Duration::from_secs(2));
        assert_eq!(later, clock < 0, "what is later than 100 years could not be restored");
        of.state().and_then(|state| of.restore(state.as_bytes())).unwrap();
        // The second request in a second, or the first one in another.
        assert_eq!(of.admits(of.now()), later, "{clock}");
    }
}

pub(crate) fn request(method: &str, url: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Received {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut all = Headers::new();
    all.push("host", "localhost");
    headers.iter().for_each(|(name, value)| all.push(*name, *value));
    Received {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: all,
        body: body.to_vec(),
        connection: 0,
        index: 0,
    }
}

/// All of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Answered {
    /// Something was done that has no answer.
    pub(crate) fn nothing() -> Self {
        Self { status: 0, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

struct Whole(Cursor<Vec<u8>>);

impl Read for Whole {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Body for Whole {
    fn length(&self) -> Option<u64> {
        Some(self.0.get_ref().len() as u64)
    }
}

/// Sends a request.
pub(crate) fn send<S: Backend>(to: &Instance<S>, request: &Received) -> Answered {
    let mut reply = match to.arriving(request) {
        Arrival::Close => return Answered::nothing(),
        Arrival::Stream => to.stream(request, &mut Whole(Cursor::new(request.body.clone()))),
        Arrival::Read | Arrival::ReadUpTo(_) => to.handle(request),
    };
    if let Some(live) = reply.live.take() {
        reply.body = live.what_is_there();
    }
    let headers = reply.headers.iter().map(|(name, value)| (name.to_owned(), value.to_vec()));
    Answered { status: reply.status, headers: headers.collect(), body: reply.body }
}

/// The texts that answers had in them, ids above all.
#[derive(Debug, Default)]
pub(crate) struct Seen(Vec<String>);

impl Seen {
    /// One of those that are wanted; the first ones are the newest.
    pub(crate) fn pick(&self, number: u8, wanted: impl Fn(&str) -> bool) -> String {
        let all: Vec<&String> = self.0.iter().rev().filter(|text| wanted(text)).collect();
        all.get(usize::from(number) % all.len().max(1))
            .map_or_else(|| "none".to_owned(), |text| (*text).clone())
    }

    #[cfg(feature = "hotdata")]
    pub(crate) fn oldest(&self, wanted: impl Fn(&str) -> bool) -> String {
        self.0.iter().find(|text| wanted(text)).cloned().unwrap_or_else(|| "none".to_owned())
    }

    pub(crate) fn note(&mut self, answered: &Answered) {
        self.add(&answered.json());
        // The code of a redirect is in no body.
        for (_, location) in answered.headers.iter().filter(|(name, _)| name == "location") {
            let location = String::from_utf8_lossy(location);
            let codes = location.split(['?', '&']).filter_map(|one| one.strip_prefix("code="));
            codes.for_each(|code| self.add(&Value::from(code.replace("%2D", "-"))));
        }
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) if text.len() < 1000 && !self.0.contains(text) => self.0.push(text.clone()),
            Value::Array(all) => all.iter().for_each(|one| self.add(one)),
            Value::Object(all) => all.values().for_each(|one| self.add(one)),
            _ => {}
        }
    }
}

/// Does things to an emulator, restores its state into another one, and does more to both: the state is the
/// same byte for byte, and so are all answers. Returns the state.
pub(crate) fn check<S: Backend, T: std::fmt::Debug>(
    make: &dyn Fn() -> Instance<S>,
    before: &[T],
    after: &[T],
    act: &dyn Fn(&Instance<S>, &T, &Seen) -> Answered,
) -> String {
    let mut seen = Seen::default();
    let original = make();
    for one in before {
        let answered = act(&original, one, &seen);
        seen.note(&answered);
    }
    let state = original.state().unwrap();
    let restored = make();
    // The other one is not new.
    restored.settings.clock.advance(Duration::from_secs(7));
    restored.restore(state.as_bytes()).unwrap_or_else(|why| panic!("{why}\n{state}"));
    assert_eq!(restored.state().unwrap(), state);
    for one in after {
        let (a, b) = (act(&original, one, &seen), act(&restored, one, &seen));
        assert_eq!(a, b, "{one:?}\n{}\n{}", a.text(), b.text());
        seen.note(&a);
    }
    assert_eq!(restored.state().unwrap(), original.state().unwrap());
    state
}

/// Changes of a document, each of which is refused with a text that has the place in it. Nothing is changed
/// then.
pub(crate) fn refuses<S: Backend>(of: &Instance<S>, state: &str, changes: &[(&str, Value, &str)]) {
    let before = of.state().unwrap();
    for (pointer, new, wanted) in changes {
        let mut document: Value = serde_json::from_str(state).unwrap();
        match document.pointer_mut(pointer) {
            Some(old) => *old = new.clone(),
            None => {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} {state}"))[key] =
                    new.clone();
            }
        }
        let why = of.restore(document.to_string().as_bytes()).expect_err(pointer);
        assert!(why.contains(wanted), "{pointer}: {why}");
        assert_eq!(of.state().unwrap(), before, "{pointer}");
    }
}
