//! Batches that are killed, again and again, at every point and with faults on: no change is made twice, none is lost, and
//! every call is accounted for.

mod eloq;
mod h2o_workflows;
#[cfg(feature = "hotdata")]
mod hotdata;
mod mixed;
mod onehouse;

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use controlplane::client::CallState;
use controlplane::http::{Request, Response};
use controlplane::transport::{HttpConfig, Proxy, SendError, Transport, UreqTransport};
use controlplane::{Clock, Error, ErrorKind};
use controlplane_emulator::faults::Fault;
use serde_json::Value;

use crate::clock::Leaping;

/// How often a process dies in one of them, at most.
const DEATHS: u32 = 3;
/// A process dies at one of so many points: before a request is sent, or when its response has come.
const POINTS: u32 = 48;

/// A service, and a plan of calls to it.
trait World: Sized {
    /// The name of the service, for the names of files.
    const NAME: &'static str;

    /// How many histories are played, unless `CONTROLPLANE_TEST_HISTORIES` has another number.
    const RUNS: u32;

    /// Starts an emulator on which the plan can run.
    fn start(seed: u32, transport: Mortal, faults: Vec<Fault>) -> Self;

    /// The states of the calls in the journal, or those of a new plan if there is no journal.
    fn states(&self, transport: Mortal, journal: &Path) -> Vec<(String, CallState)>;

    /// Runs the plan: from the journal, if there is one.
    fn run(&self, transport: Mortal, journal: &Path, finished: &mut dyn FnMut(String, Option<Error>));

    /// How often the server has made the change of the call with this key; `None`: it changes nothing.
    fn taken(&self, key: &str) -> Option<u32>;

    /// How many changes the server has made in all.
    fn all_taken(&self) -> u32;
}

/// The way of a killed process out of its threads.
struct Killed;

/// Dies at a point: what is not in the journal by then never gets there. All clients of a process share the points.
#[derive(Clone)]
struct Mortal {
    inner: Arc<UreqTransport>,
    clock: Leaping,
    /// Points that are left.
    left: Arc<AtomicU32>,
}

impl Mortal {
    fn new(inner: &Arc<UreqTransport>, clock: &Leaping, life: u32) -> Self {
        Self { inner: inner.clone(), clock: clock.clone(), left: Arc::new(AtomicU32::new(life)) }
    }

    fn point(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            resume_unwind(Box::new(Killed));
        }
    }
}

impl Transport for Mortal {
    fn send(&self, request: &Request, timeout: Duration) -> Result<Response, SendError> {
        self.point();
        let result = self.inner.send(request, timeout);
        self.clock.sleep(Duration::from_millis(30));
        self.point();
        result
    }
}

/// The next number of a sequence that a seed begins.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A directory in memory, if the system has one: files are fast there.
fn folder() -> PathBuf {
    let quick = PathBuf::from("/dev/shm");
    if quick.is_dir() { quick } else { std::env::temp_dir() }
}

fn faults(state: &mut u64) -> Vec<Fault> {
    let all = [
        "submit, p=0.06: take-then-close",
        "submit, p=0.06: status=503, taken",
        "submit, p=0.06: status=503",
        "submit, p=0.06: cut-body",
        "submit, p=0.06: not-json",
        "p=0.08: status=429",
        "p=0.05: status=429, retry-after=3",
        "p=0.05: close-before-read",
        "poll, p=0.1: status=502",
        "poll, p=0.1: cut-header",
        "poll, p=0.1: empty-body",
    ];
    (0..draw(state) % 4).map(|_| all[draw(state) as usize % all.len()].parse().unwrap()).collect()
}

/// Cuts the last line of the journal, as when the process dies while it writes it. False if the last line is one of the plan,
/// which is on the disk before anything is sent.
fn tear(journal: &Path, state: &mut u64) -> bool {
    let bytes = std::fs::read(journal).unwrap();
    let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let start = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if bytes[start..].starts_with(b"{\"call\"") {
        return false;
    }
    let keep = start + draw(state) as usize % (bytes.len() - start);
    std::fs::write(journal, &bytes[..keep]).unwrap();
    true
}

/// Checks that nothing happened to a call before those that it comes after were done.
fn check_order(journal: &Path, what: &str) {
    let text = std::fs::read_to_string(journal).unwrap();
    let mut after: HashMap<String, Vec<String>> = HashMap::new();
    let mut done: HashSet<String> = HashSet::new();
    // Lines that were cut are not JSON.
    for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let of = |value: &Value| value["key"].as_str().unwrap().to_owned();
        if let Some(call) = line.get("call") {
            let before = call["after"].as_array().into_iter().flatten();
            after.insert(of(call), before.map(|key| key.as_str().unwrap().to_owned()).collect());
        } else if let Some(event) = line.get("event") {
            let key = of(event);
            assert!(after[&key].iter().all(|before| done.contains(before)), "{what}: {key} is too early");
            if event["what"] == "done" {
                done.insert(key);
            }
        }
    }
}

/// What happened in all histories, to see that they are the ones that were meant.
#[derive(Debug, Default)]
struct Sum {
    deaths: u32,
    torn: u32,
    done: u32,
    resumed: u32,
    unknown: u32,
    not_taken: u32,
}

fn history<W: World>(seed: u32, inner: &Arc<UreqTransport>, sum: &mut Sum) {
    let state = &mut (u64::from(seed) << 20);
    let name = format!("controlplane-batch-{}-{}-{seed}.jsonl", W::NAME, std::process::id());
    let journal = folder().join(name);
    let _ = std::fs::remove_file(&journal);
    let clock = Leaping::new();
    let world = W::start(seed, Mortal::new(inner, &clock, u32::MAX), faults(state));

    for life in 0..=DEATHS {
        // The first death comes at each point in turn, the others anywhere; the last life is long.
        let points = match life {
            0 => seed % POINTS,
            DEATHS => u32::MAX,
            _ => draw(state) as u32 % POINTS,
        };
        let before: HashMap<String, CallState> =
            world.states(Mortal::new(inner, &clock, 0), &journal).into_iter().collect();
        sum.resumed +=
            before.values().filter(|state| matches!(state, CallState::Submitted { .. })).count() as u32;
        let run = catch_unwind(AssertUnwindSafe(|| {
            world.run(Mortal::new(inner, &clock, points), &journal, &mut |key, error| {
                let before = &before[&key];
                let is_over = matches!(before, CallState::Done { .. } | CallState::Failed { .. });
                assert!(!is_over, "again: {key}: {error:?}");
                if *before == CallState::Unknown {
                    assert_eq!(error.unwrap().kind(), ErrorKind::OutcomeUnknown);
                }
            });
        }));
        match run {
            Ok(()) => break,
            Err(panic) if panic.is::<Killed>() => sum.deaths += 1,
            Err(panic) => {
                eprintln!("{}: seed {seed}", W::NAME);
                resume_unwind(panic);
            }
        }
        // It dies before a request: then the last line may not have got there whole.
        if points.is_multiple_of(2) && draw(state).is_multiple_of(2) && tear(&journal, state) {
            sum.torn += 1;
        }
    }

    let mut changes = 0;
    for (key, state) in world.states(Mortal::new(inner, &clock, 0), &journal) {
        let Some(times) = world.taken(&key) else { continue };
        let what = format!("{}: seed {seed}: {key} ({state:?}) was taken {times} times", W::NAME);
        changes += times;
        match state {
            CallState::Todo => assert_eq!(times, 0, "{what}"),
            CallState::Unknown => assert!(times <= 1, "{what}"),
            _ => assert_eq!(times, 1, "{what}"),
        }
        match state {
            CallState::Done { .. } => sum.done += 1,
            CallState::Unknown => sum.unknown += 1,
            CallState::Todo => sum.not_taken += 1,
            _ => {}
        }
    }
    assert_eq!(changes, world.all_taken(), "{}: seed {seed}: changes that nobody asked for", W::NAME);
    check_order(&journal, &format!("{}: seed {seed}", W::NAME));
    std::fs::remove_file(&journal).unwrap();
}

/// `CONTROLPLANE_TEST_HISTORIES=1200` takes a quarter of an hour of the processor for all services.
fn histories<W: World>() {
    let runs = std::env::var("CONTROLPLANE_TEST_HISTORIES").ok();
    let runs = runs.map_or(W::RUNS, |runs| runs.parse().expect("a number of histories"));
    // Two halves, each on a thread of its own.
    let half = |from: u32| {
        move || {
            let mut sum = Sum::default();
            let mut http = HttpConfig::default();
            http.proxy = Proxy::None;
            let seeds: Vec<u32> = (from..runs).step_by(2).collect();
            for seeds in seeds.chunks(6) {
                // One for several, because making one reads the certificates of the system. Not for all, because it
                // keeps connections to emulators that are gone, and compares the address of each when it looks for one.
                let inner = Arc::new(UreqTransport::new(&http).unwrap());
                seeds.iter().for_each(|seed| history::<W>(*seed, &inner, &mut sum));
            }
            sum
        }
    };
    let (one, other) = (std::thread::spawn(half(0)), std::thread::spawn(half(1)));
    for sum in [one.join().unwrap(), other.join().unwrap()] {
        println!("{}: {sum:?}", W::NAME);
        // What was to be tested has happened, and often.
        let each = [sum.deaths, sum.torn, sum.done, sum.resumed, sum.unknown, sum.not_taken];
        assert!(each.iter().all(|count| *count > runs / 48), "{sum:?}");
    }
}
