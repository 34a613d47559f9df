//! Plans that are cancelled.

use super::super::{Next, Plan, Planned, Sequence, Step};
use super::*;

/// Ends with its first event.
#[derive(Default)]
struct Once {
    is_over: bool,
}

impl Machine for Once {
    type Output = &'static str;

    fn next(&mut self, _: Instant) -> Step {
        if self.is_over { Step::Done } else { Step::Read }
    }

    fn on(&mut self, _: Now, _: Event) {
        self.is_over = true;
    }

    fn finish(&mut self) -> Result<&'static str, Error> {
        Ok("id-1")
    }
}

/// Learns an id from its first machine, then runs a second one.
#[derive(Default)]
struct Learning(Option<&'static str>);

impl Plan for Learning {
    type Part = &'static str;
    type Output = ();

    fn begin(&mut self, _: Instant) -> Planned<&'static str, ()> {
        Ok(Next::Run(Box::new(Once::default())))
    }

    fn ended(&mut self, _: Instant, outcome: Result<&'static str, Error>) -> Planned<&'static str, ()> {
        match (outcome, self.0) {
            (Ok(id), _) => {
                self.0 = Some(id);
                Ok(Next::Run(Box::new(Once::default())))
            }
            (Err(error), Some(id)) => Err(error.with_request_id(id)),
            (Err(error), None) => Err(error),
        }
    }
}

#[test]
fn a_plan_that_is_cancelled_between_two_machines_names_what_the_first_one_found() {
    let context =
        CallContext::new("TEST", Settings::default(), Arc::new(Budget::unlimited()), Arc::new(Plain));
    let mut sequence = Sequence::new(Arc::new(context), Learning::default());
    let now = Now { at: Instant::now(), wall: SystemTime::UNIX_EPOCH };
    assert!(matches!(sequence.next(now.at), Step::Read));
    // The first machine has its outcome, and the plan has not taken it yet.
    sequence.on(now, Event::Piece(Ok(None)));
    sequence.on(now, Event::Cancelled);
    let error = sequence.finish().unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Cancelled, Some("id-1")));
}
