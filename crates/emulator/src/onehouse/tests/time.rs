//! Operations that take time, on a clock that the test sets.

use std::time::Duration;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A clock that stands still until it is set.
#[derive(Clone)]
struct Hand(Arc<Mutex<Instant>>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn advance(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn emulator(&self, builder: Builder) -> Emulator {
        let clock = self.clone();
        builder.clock(move || *clock.0.lock().unwrap()).start().unwrap()
    }
}

fn begin(emulator: &Emulator, sql: &str) -> String {
    submit(emulator, sql).json()["requestId"].as_str().unwrap().to_owned()
}

#[test]
fn an_operation_ends_when_its_time_has_come_and_no_earlier() {
    let clock = Hand::new();
    let emulator = clock.emulator(Emulator::builder().pending(Pending::time(20 * SECOND)));
    let id = begin(&emulator, "CREATE CLUSTER c TYPE = 'SQL'");
    for (time, expected) in [(0, "PENDING"), (19, "PENDING"), (1, "SUCCESS"), (0, "SUCCESS")] {
        clock.advance(time * SECOND);
        // However often it is asked about.
        for _ in 0..3 {
            assert_eq!(status(&emulator, &id)["apiStatus"], format!("API_OPERATION_STATUS_{expected}"));
        }
    }
}

#[test]
fn times_are_drawn_by_the_seed_alone() {
    let ends = |seed| {
        let clock = Hand::new();
        let range = SECOND..=100 * SECOND;
        let emulator = clock.emulator(Emulator::builder().pending(Pending::between(range)).seed(seed));
        let ids: Vec<_> = (0..5).map(|_| begin(&emulator, "SHOW LAKES")).collect();
        let mut ends = vec![0; ids.len()];
        for now in 1..=101 {
            clock.advance(SECOND);
            for (id, end) in ids.iter().zip(&mut ends) {
                if *end == 0 && status(&emulator, id)["apiStatus"] == "API_OPERATION_STATUS_SUCCESS" {
                    *end = now;
                }
            }
        }
        ends
    };
    let first = ends(1);
    assert!(first.iter().all(|end| (1..=100).contains(end)), "{first:?}");
    assert!(first.iter().any(|end| *end != first[0]), "{first:?}");
    assert_eq!(first, ends(1));
    assert_ne!(first, ends(2));
}

#[test]
fn the_rate_limit_goes_by_the_clock() {
    let clock = Hand::new();
    let emulator = clock.emulator(Emulator::builder().rate_limit(Some(2)));
    let statuses = |n| (0..n).map(|_| submit(&emulator, "SHOW LAKES").status).collect::<Vec<_>>();
    assert_eq!(statuses(3), [200, 200, 429]);
    clock.advance(SECOND - Duration::from_millis(1));
    assert_eq!(statuses(1), [429]);
    clock.advance(Duration::from_millis(1));
    assert_eq!(statuses(3), [200, 200, 429]);
    assert_eq!(emulator.ledger().len(), 4);
}
