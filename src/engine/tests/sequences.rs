//! Sequences: streams of outputs, and what becomes of a cancelled call.

use super::*;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};

/// Submits, then waits for two seconds, again and again; an output each time.
struct Twice {
    context: Arc<CallContext>,
    ids: Vec<String>,
}

impl Plan for Twice {
    type Part = Completed;
    type Output = Option<usize>;

    fn begin(&mut self, _: Instant) -> Planned<Completed, Option<usize>> {
        let submit = Request::new(Method::Post, "http://h", "/submit");
        let operation = Operation::submit(self.context.clone(), submit, Effect::Changes, accept());
        Ok(Next::Run(Box::new(operation)))
    }

    fn ended(&mut self, _: Instant, outcome: Result<Completed, Error>) -> Planned<Completed, Option<usize>> {
        match outcome {
            Ok(completed) => {
                self.ids.push(completed.id);
                Ok(Next::Pause(2 * SECOND))
            }
            Err(error) => Err(error.with_resource(self.ids.join(" "))),
        }
    }

    fn resumed(&mut self, _: Instant) -> Planned<Completed, Option<usize>> {
        Ok(Next::Done(Some(self.ids.len())))
    }
}

fn twice() -> Sequence<Twice> {
    let (context, _) = World::new(Effect::Changes).context();
    Sequence::new(context.clone(), Twice { context, ids: Vec::new() })
}

#[test]
fn a_plan_begins_again_for_each_output() {
    let mut machine = twice();
    for expected in 1..=3 {
        let (sent, took) = play(&mut machine, &events([taken(), What::text("done")]));
        assert_eq!((sent.len(), took), (2, 2 * SECOND + Duration::from_millis(40)));
        assert_eq!(machine.finish().unwrap(), Some(expected));
    }
    // An outcome is taken once.
    assert!(machine.finish().is_err());
}

#[test]
fn a_cancelled_plan_adds_what_it_knows() {
    for when in ["before", "between two machines", "in a pause"] {
        let mut machine = twice();
        let now = Instant::now();
        let mut expected = "";
        if when != "before" {
            for text in ["taken id-1", "done"] {
                assert!(matches!(machine.next(now), Step::Send { .. }));
                machine.on(at(now), Event::Response(What::text(text).result()));
            }
            expected = "id-1";
        }
        if when == "in a pause" {
            assert!(matches!(machine.next(now), Step::Wait(_)));
        }
        machine.on(at(now), Event::Cancelled);
        assert!(matches!(machine.next(now), Step::Done), "{when}");
        let error = machine.finish().unwrap_err();
        assert_eq!((error.kind(), error.resource()), (ErrorKind::Cancelled, Some(expected)), "{when}");
    }
}
