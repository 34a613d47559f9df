//! Batches that are killed, again and again, at every point and with faults on: no statement is taken twice, none is lost,
//! and every call is accounted for.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use controlplane::http::{Request, Response};
use controlplane::onehouse::{CallState, Client, LakeType};
use controlplane::transport::{HttpConfig, Proxy, SendError, Transport, UreqTransport};
use controlplane::{Clock, ErrorKind};
use controlplane_emulator::faults::Fault;
use controlplane_emulator::onehouse::{Emulator, Pending};

use crate::clock::Leaping;

/// How many histories are played.
const RUNS: u32 = 1200;
/// How often a process dies in one of them, at most.
const DEATHS: u32 = 3;
/// A process dies at one of so many points: before a request is sent, or when its answer has come.
const POINTS: u32 = 48;

/// The way of a killed process out of its threads.
struct Killed;

/// Dies at a point: what is not in the journal by then never gets there.
struct Mortal {
    inner: UreqTransport,
    clock: Leaping,
    /// Points that are left.
    left: AtomicU32,
}

impl Mortal {
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

fn client(emulator: &Emulator, clock: &Leaping, life: u32) -> Client {
    let inner = {
        let mut http = HttpConfig::default();
        http.proxy = Proxy::None;
        UreqTransport::new(&http).unwrap()
    };
    Client::builder()
        .credentials(emulator.credentials())
        .clock(clock.clone())
        .transport(Mortal { inner, clock: clock.clone(), left: AtomicU32::new(life) })
        .timeout(Duration::from_secs(120))
        .build()
        .unwrap()
}

/// What a plan is: some chains, some by itself, and something that only reads.
fn plan(client: &Client, journal: &Path) -> controlplane::onehouse::Batch<controlplane::onehouse::Blocking> {
    let mut batch = client.batch();
    batch.journal(journal);
    batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "System"));
    for i in 0..3 {
        batch.add(format!("database {i}"), client.create_database(format!("d{i}"), "raw")).after("lake");
    }
    batch.add("lakes", client.show_lakes()).after("lake");
    for i in 0..4 {
        batch.add(format!("principal {i}"), client.create_service_principal(format!("p{i}")));
    }
    batch
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

/// Cuts the last line of the journal, as when the process dies while it writes it.
fn tear(journal: &Path, state: &mut u64) {
    let bytes = std::fs::read(journal).unwrap();
    let whole = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let start = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let keep = start + draw(state) as usize % (bytes.len() - start);
    std::fs::write(journal, &bytes[..keep]).unwrap();
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

fn history(seed: u32, sum: &mut Sum) {
    let state = &mut (u64::from(seed) << 20);
    let journal = folder().join(format!("controlplane-batch-{}-{seed}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&journal);
    let clock = Leaping::new();
    let emulators = clock.clone();
    let emulator = Emulator::builder()
        .pending(Pending::between(Duration::ZERO..=Duration::from_secs(20)))
        .clock(move || emulators.now())
        .seed(u64::from(seed))
        .faults(faults(state))
        .start()
        .unwrap();

    for life in 0..=DEATHS {
        // The first death comes at each point in turn, the others anywhere; the last life is long.
        let points = match life {
            0 => seed % POINTS,
            DEATHS => u32::MAX,
            _ => draw(state) as u32 % POINTS,
        };
        let client = client(&emulator, &clock, points);
        let batch = match journal.exists() {
            true => client.batch_from(&journal).unwrap(),
            false => plan(&client, &journal),
        };
        let before: HashMap<String, CallState> =
            batch.calls().map(|call| (call.key().to_owned(), call.state())).collect();
        sum.resumed +=
            before.values().filter(|state| matches!(state, CallState::Submitted { .. })).count() as u32;
        let run = catch_unwind(AssertUnwindSafe(|| {
            for finished in batch.run().unwrap() {
                let before = &before[&finished.key];
                assert!(
                    !matches!(before, CallState::Done { .. } | CallState::Failed { .. }),
                    "again: {finished:?}"
                );
                if *before == CallState::Unknown {
                    assert_eq!(finished.result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
                }
            }
        }));
        match run {
            Ok(()) => break,
            Err(panic) if panic.is::<Killed>() => sum.deaths += 1,
            Err(panic) => {
                eprintln!("seed {seed}");
                resume_unwind(panic);
            }
        }
        // It dies before a request: then the last line may not have got there whole.
        if points % 2 == 0 && draw(state) % 2 == 0 {
            tear(&journal, state);
            sum.torn += 1;
        }
    }

    let mut taken: HashMap<String, u32> = HashMap::new();
    for entry in emulator.ledger() {
        *taken.entry(entry.statement.to_string()).or_default() += 1;
    }
    let batch = client(&emulator, &clock, 0).batch_from(&journal).unwrap();
    assert_eq!(batch.len(), 9);
    let mut statements = 0;
    for call in batch.calls() {
        let times = taken.get(call.sql()).copied().unwrap_or_default();
        let what = format!("seed {seed}: {} ({:?}) was taken {times} times", call.key(), call.state());
        statements += times;
        if call.sql().starts_with("SHOW") {
            continue;
        }
        match call.state() {
            CallState::Todo => assert_eq!(times, 0, "{what}"),
            CallState::Unknown => assert!(times <= 1, "{what}"),
            _ => assert_eq!(times, 1, "{what}"),
        }
        match call.state() {
            CallState::Done { .. } => sum.done += 1,
            CallState::Unknown => sum.unknown += 1,
            CallState::Todo => sum.not_taken += 1,
            _ => {}
        }
    }
    assert_eq!(statements, taken.values().sum::<u32>(), "seed {seed}: statements that nobody sent");
    drop(batch);
    std::fs::remove_file(&journal).unwrap();
}

#[test]
fn killed_at_every_point_no_statement_is_taken_twice_and_none_is_lost() {
    // Two halves, each on a thread of its own.
    let half = |from: u32| {
        move || {
            let mut sum = Sum::default();
            (from..RUNS).step_by(2).for_each(|seed| history(seed, &mut sum));
            sum
        }
    };
    let (one, other) = (std::thread::spawn(half(0)), std::thread::spawn(half(1)));
    for sum in [one.join().unwrap(), other.join().unwrap()] {
        println!("{sum:?}");
        // What was to be tested has happened, and often.
        let each = [sum.deaths, sum.torn, sum.done, sum.resumed, sum.unknown, sum.not_taken];
        assert!(each.iter().all(|count| *count > 50), "{sum:?}");
    }
}
