//! Tests of uploads in virtual time, with a service and a storage that fail as configured or at random.

mod simulation;

use std::time::Duration;

use crate::error::ErrorKind;
use crate::transport::SendErrorKind;

use super::failure::{UploadFailure, UploadFailureKind};
use super::plan::Plan;
use super::rules::effective_in_flight;

use simulation::{Dice, Fault, Kind, SECOND, Sim, core, plan, seconds};

#[test]
fn everything_arrives_whatever_the_shape() {
    for (kind, size, part_size) in [
        (Kind::Single, 0, 100),
        (Kind::Single, 100, 100),
        (Kind::Eager, 0, 4),
        (Kind::Eager, 8, 4),
        (Kind::Eager, 1001, 10),
        (Kind::Streaming, 1001, 10),
    ] {
        let story = Sim::new(kind, size, part_size).run(plan(Some(size as u64)));
        assert_eq!(story.outcome.as_ref().unwrap().as_ref().unwrap().size_bytes, size as u64);
        assert!(story.is_intact && story.finalized == 1, "{story:?}");
        assert_eq!(story.progress.first().map(|p| p.0), Some(0));
        assert_eq!(story.progress.last(), Some(&(size as u64, Some(size as u64))));
        if kind != Kind::Single && size > 100 {
            assert_eq!(story.most_in_flight, 10);
            assert_eq!(story.reads, 101);
            // Ten at a time, a second each.
            assert_eq!(story.took, 11 * SECOND);
        }
    }
}

#[test]
fn a_reader_is_read_once_and_on_and_on() {
    for size in [1, 99, 100, 101, 1000, 1001] {
        let story = Sim::new(Kind::Streaming, size, 100).run(plan(None));
        assert!(story.is_intact && story.finalized == 1, "{size}: {story:?}");
        let totals: Vec<Option<u64>> = story.progress.iter().map(|p| p.1).collect();
        assert_eq!(totals.last(), Some(&Some(size as u64)), "{size}");
        assert_eq!(totals.first(), Some(&None));
    }
    // What has failed keeps its place, and is not read again.
    let faults = [Fault::Status(500), Fault::Status(500), Fault::Status(500)];
    let story = Sim::new(Kind::Streaming, 1000, 100).faults(2, &faults).run(plan(None));
    assert!(story.is_intact, "{story:?}");
    assert_eq!(story.reads, 11);
    assert_eq!(seconds(&story.puts, 2), [0.0, 3.0, 8.0, 17.0]);
    assert_eq!(story.mints, 13);
    let faults = [Fault::Status(500); 4];
    let story = Sim::new(Kind::Streaming, 1000, 100).faults(2, &faults).run(plan(None));
    let failure = story.failure();
    assert_eq!((failure.part_number, failure.rounds_attempted, failure.is_exhausted), (Some(2), 4, true));
    assert_eq!(story.finalized, 0);
}

#[test]
fn what_has_no_end_ends_at_the_last_part_that_is_taken() {
    let story = Sim::new(Kind::Streaming, 10_001, 1).run(plan(None));
    assert_eq!(story.kind(), UploadFailureKind::SizeLimit);
    assert_eq!(story.finalized, 0);
    let story = Sim::new(Kind::Streaming, 10_000, 1).run(plan(None));
    assert!(story.is_intact && story.finalized == 1);
}

#[test]
fn the_inner_tier_waits_as_it_is_told() {
    let run = |faults: &[Fault]| {
        let mut sim = Sim::new(Kind::Eager, 8, 4).faults(2, faults);
        sim.put_takes = Duration::ZERO;
        let story = sim.run(plan(Some(8)));
        assert!(story.is_intact, "{story:?}");
        assert_eq!(story.reads, 2, "what is held is not read again");
        seconds(&story.puts, 2)
    };
    let lost = Fault::Lost(SendErrorKind::Closed);
    assert_eq!(run(&[lost, lost, lost]), [0.0, 0.0, 0.4, 1.2]);
    for kind in [SendErrorKind::Dns, SendErrorKind::Connect, SendErrorKind::Proxy, SendErrorKind::Timeout] {
        assert_eq!(run(&[Fault::Lost(kind)]), [0.0, 0.0]);
    }
    for status in [413, 429, 503] {
        assert_eq!(run(&[Fault::Later(status, 7), Fault::Later(status, 500)]), [0.0, 7.0, 127.0]);
    }
    assert_eq!(run(&[Fault::Status(429), Fault::Status(429)]), [0.0, 0.0, 0.4]);
}

#[test]
fn the_outer_tier_goes_round_with_half_as_many() {
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    for part in 1..=20 {
        sim = sim.faults(part, &[Fault::Status(500), Fault::Status(404), Fault::NoETag]);
    }
    sim.put_takes = Duration::ZERO;
    let story = sim.run(plan(Some(100)));
    assert!(story.is_intact, "{story:?}");
    let at = |time: f64| story.puts.iter().filter(|(_, at)| at.as_secs_f64() == time).count();
    assert_eq!([at(0.0), at(2.0), at(6.0), at(14.0)], [20, 20, 20, 20]);
    // In flight by round: see `round_in_flight`. With one second each they show.
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    for part in 1..=20 {
        sim = sim.faults(part, &[Fault::Status(500)]);
    }
    let story = sim.run(plan(Some(100)));
    assert_eq!(story.took, 2 * SECOND + 2 * SECOND + 4 * SECOND);
}

#[test]
fn an_expired_url_is_replaced_once_in_a_round() {
    let expired = Fault::Status(403);
    let story = Sim::new(Kind::Eager, 8, 4).faults(2, &[expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 1 && story.reads == 2, "{story:?}");
    assert_eq!(story.took, 2 * SECOND);
    let story = Sim::new(Kind::Eager, 8, 4).faults(2, &[expired, expired, expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 2, "{story:?}");
    // Minted ones are not replaced but in the next round.
    let story = Sim::new(Kind::Streaming, 8, 4).faults(2, &[expired]).run(plan(Some(8)));
    assert!(story.is_intact && story.mints == 3, "{story:?}");
}

#[test]
fn what_cannot_pass_ends_it_at_once() {
    for kind in
        [SendErrorKind::Certificate, SendErrorKind::ProxyAuthentication, SendErrorKind::InvalidRequest]
    {
        let story = Sim::new(Kind::Eager, 100, 5).faults(2, &[Fault::Lost(kind)]).run(plan(Some(100)));
        assert_eq!(story.kind(), UploadFailureKind::StorageTransport);
        assert_eq!(story.took, SECOND);
        assert_eq!(story.finalized, 0);
    }
    let mut sim = Sim::new(Kind::Eager, 100, 5);
    sim.really = 99;
    let story = sim.run(plan(Some(100)));
    assert_eq!((story.kind(), story.error().kind()), (UploadFailureKind::Source, ErrorKind::Io));
    assert_eq!(story.finalized, 0);
    // The URL of one PUT cannot be replaced, and one PUT is not a part.
    for fault in [
        Fault::Status(403),
        Fault::Status(400),
        Fault::Status(302),
        Fault::Lost(SendErrorKind::Certificate),
        Fault::Lost(SendErrorKind::Closed),
    ] {
        let story = Sim::new(Kind::Single, 10, 5).faults(1, &[fault]).run(plan(Some(10)));
        assert_eq!((story.puts.len(), story.failure().part_number), (1, None), "{fault:?}");
        assert_eq!(story.finalized, 0);
    }
}

#[test]
fn one_put_is_repeated_as_a_part_is_while_the_storage_is_busy() {
    let run = |faults: &[Fault]| {
        let mut sim = Sim::new(Kind::Single, 10, 5).faults(1, faults);
        sim.put_takes = Duration::ZERO;
        let story = sim.run(plan(Some(10)));
        assert!(story.is_intact && story.finalized == 1, "{story:?}");
        seconds(&story.puts, 1)
    };
    // "Slow down", and a status of a fault, without `Retry-After`.
    for status in [408, 500, 502, 503, 504] {
        assert_eq!(run(&[Fault::Status(status), Fault::Status(status)]), [0.0, 2.0, 6.0], "{status}");
    }
    assert_eq!(run(&[Fault::Status(429), Fault::Status(429)]), [0.0, 0.0, 0.4]);
    assert_eq!(run(&[Fault::Later(503, 7)]), [0.0, 7.0]);
    // Zero counts as none: the schedule's own delays.
    assert_eq!(
        run(&[Fault::Later(503, 0), Fault::Later(429, 0), Fault::Later(429, 0)]),
        [0.0, 0.0, 0.4, 1.2]
    );
    assert_eq!(run(&[Fault::Unsent; 4]), [0.0, 0.0, 0.4, 1.2, 3.2]);
    let story = Sim::new(Kind::Single, 10, 5).faults(1, &[Fault::Status(503); 9]).run(plan(Some(10)));
    let failure = story.failure();
    assert_eq!((failure.part_number, failure.rounds_attempted, failure.is_exhausted), (None, 4, true));
    assert_eq!((story.puts.len(), story.finalized, story.error().status()), (4, 0, Some(503)));
}

#[test]
fn a_file_that_changed_is_not_finalized() {
    for kind in [Kind::Single, Kind::Eager, Kind::Streaming] {
        let mut sim = Sim::new(kind, 100, 40);
        sim.change = Some("it had 100 bytes and has 104");
        let story = sim.run(plan(Some(100)));
        assert_eq!((story.kind(), story.error().kind()), (UploadFailureKind::Source, ErrorKind::Io));
        assert_eq!((story.finalized, story.error().resource()), (0, Some("u")), "{kind:?}");
        assert!(story.error().to_string().contains("has 104"), "{}", story.error());
    }
}

#[test]
fn an_upload_that_ends_early_names_its_session() {
    let run = |cancel_at: Option<Duration>, timeout: Option<Duration>| {
        let mut sim = Sim::new(Kind::Eager, 100, 10);
        sim.session_takes = 2 * SECOND;
        sim.put_takes = 4 * SECOND;
        sim.cancel_at = cancel_at;
        sim.run(Plan { timeout, ..plan(Some(100)) })
    };
    for (cancel_at, timeout) in [(Some(SECOND), None), (None, Some(SECOND))] {
        let story = run(cancel_at, timeout);
        assert_eq!(story.error().resource(), None);
        assert!(story.error().to_string().contains("a session may have been created"), "{}", story.error());
    }
    for (cancel_at, timeout) in [(Some(3 * SECOND), None), (None, Some(3 * SECOND))] {
        let story = run(cancel_at, timeout);
        assert_eq!((story.error().resource(), story.failure().upload_id.as_deref()), (Some("u"), Some("u")));
        assert!(!story.error().to_string().contains("may have been created"), "{}", story.error());
    }
    let story = run(Some(Duration::ZERO), None);
    assert!(!story.error().to_string().contains("may have been created"), "{}", story.error());
}

#[test]
fn finalizing_is_tried_once_whatever_comes() {
    for finalize in [Ok(429), Ok(500), Ok(503), Err(SendErrorKind::Closed), Err(SendErrorKind::Timeout)] {
        let mut sim = Sim::new(Kind::Eager, 8, 4);
        sim.finalize = finalize;
        let story = sim.run(plan(Some(8)));
        assert_eq!((story.finalized, story.kind()), (1, UploadFailureKind::Finalize));
        assert!(!story.error().is_retryable());
        if finalize != Ok(429) {
            assert_eq!(story.error().kind(), ErrorKind::OutcomeUnknown, "{finalize:?}");
        }
        assert!(!format!("{:?}", story.error()).contains("token-1234"));
    }
}

#[test]
fn the_memory_bounds_what_is_in_flight() {
    for (budget, expected) in [(0, 1), (99, 1), (100, 1), (250, 2), (1000, 10), (100_000, 10)] {
        for kind in [Kind::Eager, Kind::Streaming] {
            let plan = Plan { memory_budget: budget, ..plan(Some(3000)) };
            let story = Sim::new(kind, 3000, 100).run(plan);
            assert_eq!(story.most_held, expected, "{budget}");
            assert!(story.is_intact);
        }
    }
}

#[test]
fn sizes_that_cannot_be_said_are_refused_before_anything_is_sent() {
    for plan in [Plan { part_size: Some(1 << 63), ..plan(Some(1)) }, plan(Some(1 << 63))] {
        let story = Sim::new(Kind::Eager, 8, 4).run(plan);
        assert_eq!(
            (story.kind(), story.error().kind()),
            (UploadFailureKind::SizeLimit, ErrorKind::InvalidArgument)
        );
        assert!(story.most_in_flight == 0);
    }
}

#[test]
fn time_that_is_over_ends_it() {
    let plan = Plan { timeout: Some(3 * SECOND), ..plan(Some(1000)) };
    let story = Sim::new(Kind::Eager, 1000, 10).run(plan);
    assert_eq!(story.error().kind(), ErrorKind::OperationTimeout);
    let text = story.error().to_string();
    assert!(text.starts_with("uploading: timed out after 3.0 s"), "{text}");
    assert_eq!((story.took, story.finalized), (3 * SECOND, 0));
}

#[test]
fn the_answer_to_finalizing_counts_whatever_was_wanted_meanwhile() {
    for is_cancelled in [false, true] {
        for finalize in [Ok(200), Ok(400), Err(SendErrorKind::Closed)] {
            let mut sim = Sim::new(Kind::Single, 8, 8);
            sim.finalize_takes = 10 * SECOND;
            sim.finalize = finalize;
            sim.cancel_at = is_cancelled.then_some(3 * SECOND);
            let story = sim.run(Plan { timeout: (!is_cancelled).then_some(3 * SECOND), ..plan(Some(8)) });
            assert_eq!((story.finalized, story.took), (1, 11 * SECOND));
            match finalize {
                Ok(200) => assert!(story.outcome.unwrap().is_ok()),
                _ => assert_eq!(story.kind(), UploadFailureKind::Finalize),
            }
        }
    }
}

#[test]
fn each_attempt_has_its_time() {
    let story = Sim::new(Kind::Eager, 100, 50).run(plan(Some(100)));
    assert!(story.put_timeouts.iter().all(|time| (60.0..60.1).contains(&time.as_secs_f64())));
}

#[test]
fn whatever_happens_the_promises_hold() {
    let (client, core) = core();
    let (mut whole, mut failed) = (0, 0);
    for seed in 1..=1500u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let size = usize::try_from(dice.roll(800)).unwrap();
        let kind = [Kind::Single, Kind::Eager, Kind::Streaming][usize::try_from(dice.roll(3)).unwrap()];
        let part_size = 1 + dice.roll(200);
        let is_reader = kind == Kind::Streaming && size > 0 && dice.roll(2) == 0;
        let mut plan = plan((!is_reader).then_some(size as u64));
        plan.max_concurrency = usize::try_from(dice.roll(8)).unwrap();
        plan.memory_budget = 800 + dice.roll(1000);
        plan.max_extra_rounds = u32::try_from(dice.roll(5)).unwrap();
        let most = effective_in_flight(plan.max_concurrency, part_size, plan.memory_budget);
        let mut sim = Sim::new(kind, size, part_size);
        sim.cancel_at = (dice.roll(4) == 0).then(|| Duration::from_millis(dice.roll(20_000)));
        if dice.roll(20) == 0 {
            sim.really = sim.really.saturating_sub(1 + usize::try_from(dice.roll(50)).unwrap());
            if is_reader {
                sim.data.truncate(sim.really);
            }
        }
        let is_short = sim.really < sim.data.len();
        let finalize = dice.roll(10);
        sim.finalize = if finalize == 0 { Err(SendErrorKind::Closed) } else { Ok(200) };
        sim.dice = Some(dice);
        let story = sim.run_with(plan, &client, &core);
        assert!(story.finalized <= 1, "{seed}");
        assert!(story.finalized == 0 || story.is_intact, "{seed}: {story:?}");
        assert!(story.begun_after_cancel == 0, "{seed}");
        assert!(story.most_in_flight <= most && story.most_held <= most, "{seed}");
        assert!(story.progress.windows(2).all(|two| two[0].0 <= two[1].0), "{seed}");
        match story.outcome.as_ref().unwrap() {
            Ok(finished) => {
                whole += 1;
                assert_eq!(story.finalized, 1, "{seed}");
                assert!(!is_short, "{seed}: {kind:?} {size} {part_size} {is_reader} {story:?}");
                let last = story.progress.last().unwrap();
                assert_eq!(*last, (finished.size_bytes, Some(finished.size_bytes)), "{seed}");
            }
            Err(error) => {
                failed += 1;
                let kind = error.detail::<UploadFailure>().unwrap().kind;
                assert_eq!(story.finalized == 1, kind == UploadFailureKind::Finalize, "{seed}: {error}");
                assert!(!format!("{error} {error:?}").contains("sig="), "{seed}: {error:?}");
            }
        }
    }
    assert!(whole > 200 && failed > 200, "{whole} {failed}");
}
