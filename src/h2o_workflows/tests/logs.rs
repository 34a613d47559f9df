//! Following a log in virtual time: each step of the machine, and how it is cancelled.

use super::*;
use crate::engine::Machine;
use crate::engine::machine::{Event, Now, Step, Steps};
use crate::error::ErrorKind;
use crate::h2o_workflows::LogPosition;

/// "one\n" up to offset 4.
const ONE: &[u8] = b"{\"result\": {\"data\": \"b25lCg==\", \"offset\": \"4\"}}\n";

fn at(now: Instant) -> Now {
    Now { at: now, wall: SystemTime::UNIX_EPOCH }
}

fn opens(machine: &mut dyn Machine<Output = Option<crate::h2o_workflows::LogChunk>>, now: Instant) -> String {
    match machine.next(now) {
        Step::Open { request, idle, .. } => {
            assert_eq!(idle, Duration::from_secs(60));
            request.query.iter().find(|(name, _)| name == "offset").unwrap().1.clone()
        }
        step => panic!("not expected here: {step:?}"),
    }
}

#[test]
fn the_steps_of_a_log() {
    let call = World::new(|_| lost()).client().step().stream_step_logs(STEP);
    let (mut machine, returned) = super::super::logs::follow_machine(&call);
    let mut now = Instant::now();
    assert_eq!(opens(&mut machine, now), "0");
    machine.on(at(now), Event::Head(Headers::new()));
    assert!(matches!(machine.next(now), Step::Read { .. }));
    machine.on(at(now), Event::Piece(Ok(Some([ONE, &ONE[..10]].concat()))));
    assert!(matches!(machine.next(now), Step::Done));
    assert_eq!(machine.finish().unwrap().unwrap().data, b"one\n");

    // Half a line is left, and the connection is silent: it is opened again at the end of the last whole
    // line.
    assert!(matches!(machine.next(now), Step::Read { .. }));
    now += Duration::from_secs(60);
    machine.on(at(now), Event::Piece(Err(SendError::new(SendErrorKind::Timeout, true, "silent"))));
    let Step::Wait(time) = machine.next(now) else { panic!() };
    now += time;
    assert_eq!(opens(&mut machine, now), "4");
    // A step may run for days.
    now += Duration::from_secs(3 * 24 * 3600);
    machine.on(at(now), Event::Head(Headers::new()));
    assert!(matches!(machine.next(now), Step::Read { .. }));
    machine.on(at(now), Event::Piece(Ok(None)));
    assert!(matches!(machine.next(now), Step::Done));
    assert!(machine.finish().unwrap().is_none());
    assert_eq!(returned.load(std::sync::atomic::Ordering::Relaxed), 4);
}

/// Where a log is cancelled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    BeforeOpening,
    Opening,
    Reading,
    WithAPiece,
    Pausing,
}

#[test]
fn cancelling_ends_a_log_at_any_moment_with_what_is_known() {
    use Moment::*;
    for moment in [BeforeOpening, Opening, Reading, WithAPiece, Pausing] {
        let call = World::new(|_| lost()).client().step().stream_step_logs(STEP).offset(9);
        let (mut machine, _) = super::super::logs::follow_machine(&call);
        let now = Instant::now();
        let mut expected = 9;
        if moment != BeforeOpening {
            opens(&mut machine, now);
        }
        if !matches!(moment, BeforeOpening | Opening) {
            machine.on(at(now), Event::Head(Headers::new()));
            assert!(matches!(machine.next(now), Step::Read { .. }));
            machine.on(at(now), Event::Piece(Ok(Some(ONE.to_vec()))));
            assert!(matches!(machine.next(now), Step::Done));
            machine.finish().unwrap().unwrap();
            expected = 4;
            assert!(matches!(machine.next(now), Step::Read { .. }));
        }
        match moment {
            WithAPiece => machine.on(at(now), Event::Piece(Ok(Some(ONE.to_vec())))),
            Pausing => {
                machine.on(at(now), Event::Piece(Err(SendError::new(SendErrorKind::Closed, true, "broke"))));
                assert!(matches!(machine.next(now), Step::Wait(_)));
            }
            _ => {}
        }
        machine.on(at(now), Event::Cancelled);
        assert!(matches!(machine.next(now), Step::Done), "{moment:?}");
        let error = machine.finish().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(STEP)), "{moment:?}");
        let position = error.detail::<LogPosition>().unwrap();
        assert_eq!(position.offset, expected, "{moment:?}");
        assert!(error.to_string().contains(&format!(".offset({expected})")), "{moment:?}: {error}");
    }
}

#[test]
fn a_log_that_cannot_be_followed_says_so_once() {
    let mut logs = World::new(|_| lost()).client().step().stream_step_logs("steps/1").follow();
    assert_eq!(logs.next().unwrap().unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert!(logs.next().is_none());
    let mut logs = Client::offline().step().stream_step_logs(STEP).follow();
    assert_eq!(logs.next().unwrap().unwrap_err().kind(), ErrorKind::Credentials);
    assert!(logs.next().is_none());
}

#[test]
fn half_a_line_of_text_is_not_returned_after_an_error() {
    let text = String::from_utf8(ONE.to_vec()).unwrap();
    // "two" without its line end, then an error of the service.
    let two = "{\"result\": {\"data\": \"dHdv\", \"offset\": \"7\"}}\n{\"error\": {\"code\": 14, \"message\": \"gone\"}}\n";
    let world = World::script(&[(200, &(text + two))]);
    let mut lines = world.client().step().stream_step_logs(STEP).follow().lines();
    assert_eq!(lines.next().unwrap().unwrap(), "one");
    let error = lines.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.api_code()), (ErrorKind::Server, Some("14")));
    // The half line is read again from its beginning.
    assert_eq!(error.detail::<LogPosition>().unwrap().offset, 4);
    assert!(lines.next().is_none());
}
