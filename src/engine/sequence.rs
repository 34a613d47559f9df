//! One machine after another under one deadline: the combinator of all calls that need more than one request.

use std::fmt;
use std::sync::Arc;
#[cfg(pauses)]
use std::time::Duration;
use std::time::Instant;

use crate::error::Error;
#[cfg(pauses)]
use crate::http::LONGEST;

use super::context::CallContext;
use super::failure::{begun, cancelled};
use super::machine::{BoxMachine, Event, Machine, Now, Outcome, Step, Steps, no_outcome};

/// What a plan does next.
pub(crate) enum Next<P, O> {
    /// Runs a machine; its outcome goes to [`Plan::ended`].
    Run(BoxMachine<P>),
    /// Pauses this long, then calls [`Plan::resumed`].
    #[cfg(pauses)]
    Pause(Duration),
    /// Ends with this output.
    Done(O),
}

/// The next step of a plan, or the error that ends it.
pub(crate) type Planned<P, O> = Result<Next<P, O>, Error>;

/// Decides which machine runs next. The first error that it returns ends the sequence.
pub(crate) trait Plan: Send {
    /// The output of the machines that it runs.
    type Part;
    /// The result of the sequence.
    type Output: Send;

    /// Returns the first thing to do. The plan of a stream begins anew for each item.
    fn begin(&mut self, now: Instant) -> Planned<Self::Part, Self::Output>;

    /// Takes the outcome of the machine that ran last. After a cancelled call or pause the outcome is that
    /// error, and the sequence ends whatever this returns: the plan adds the ids that it knows.
    fn ended(
        &mut self,
        now: Instant,
        outcome: Result<Self::Part, Error>,
    ) -> Planned<Self::Part, Self::Output>;

    /// Returns what to do after a pause. By default the plan begins again.
    #[cfg(pauses)]
    fn resumed(&mut self, now: Instant) -> Planned<Self::Part, Self::Output> {
        self.begin(now)
    }

    /// True once something was started at the server: from then on no error says that the call can be sent
    /// again.
    fn has_begun(&self) -> bool {
        false
    }
}

/// Runs the machines of a plan.
pub(crate) struct Sequence<P: Plan> {
    context: Arc<CallContext>,
    plan: P,
    state: State<P::Part>,
    outcome: Outcome<P::Output>,
}

enum State<T> {
    Ready,
    Running(BoxMachine<T>),
    /// A pause of this length begins.
    #[cfg(pauses)]
    Pausing(Duration),
    #[cfg(pauses)]
    Paused(Instant),
}

impl<P: Plan> fmt::Debug for Sequence<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequence").field("context", &self.context).finish_non_exhaustive()
    }
}

impl<P: Plan> Sequence<P> {
    /// The machines of the plan share the context's deadline if they are made with clones of it.
    pub(crate) fn new(context: Arc<CallContext>, plan: P) -> Self {
        Self { context, plan, state: State::Ready, outcome: Outcome::default() }
    }

    fn take(&mut self, next: Planned<P::Part, P::Output>) {
        match next {
            Ok(Next::Run(machine)) => self.state = State::Running(machine),
            #[cfg(pauses)]
            Ok(Next::Pause(time)) => self.state = State::Pausing(time.min(LONGEST)),
            Ok(Next::Done(output)) => {
                // The plan of a stream begins again for the next item.
                self.state = State::Ready;
                self.outcome.set(Ok(output));
            }
            Err(error) => {
                let error = if self.plan.has_begun() { begun(error) } else { error };
                self.outcome.set(Err(error));
            }
        }
    }

    #[cold]
    fn cancel(&mut self, now: Now) {
        let ended = match &mut self.state {
            State::Running(machine) => {
                machine.on(now, Event::Cancelled);
                machine.finish()
            }
            _ => Err(cancelled(&self.context.label)),
        };
        let next = match self.plan.ended(now.at, ended) {
            Ok(Next::Done(output)) => Ok(Next::Done(output)),
            Err(error) => Err(error),
            // The machine had ended before. The next one has sent nothing, and its error has the ids that it
            // was made with.
            Ok(Next::Run(mut machine)) => {
                machine.on(now, Event::Cancelled);
                self.plan.ended(now.at, machine.finish())
            }
            #[cfg(pauses)]
            Ok(Next::Pause(_)) => self.plan.ended(now.at, Err(cancelled(&self.context.label))),
        };
        match next {
            Ok(Next::Done(_)) | Err(_) => self.take(next),
            Ok(_) => self.outcome.set(Err(cancelled(&self.context.label))),
        }
    }
}

impl<P: Plan> Steps for Sequence<P> {
    fn next(&mut self, now: Instant) -> Step {
        self.context.span(now);
        while !self.outcome.is_set() {
            let next = match &mut self.state {
                State::Ready => self.plan.begin(now),
                State::Running(machine) => match machine.next(now) {
                    Step::Done => {
                        let ended = machine.finish();
                        self.plan.ended(now, ended)
                    }
                    step => return step,
                },
                #[cfg(pauses)]
                State::Pausing(time) => {
                    self.state = State::Paused(now + *time);
                    continue;
                }
                #[cfg(pauses)]
                State::Paused(until) if now < *until => return Step::Wait(*until - now),
                #[cfg(pauses)]
                State::Paused(_) => self.plan.resumed(now),
            };
            self.take(next);
        }
        Step::Done
    }

    fn on(&mut self, now: Now, event: Event) {
        match (event, &mut self.state) {
            _ if self.outcome.is_set() => {}
            (Event::Cancelled, _) => self.cancel(now),
            (event, State::Running(machine)) => machine.on(now, event),
            _ => {}
        }
    }
}

impl<P: Plan> Machine for Sequence<P> {
    type Output = P::Output;

    fn finish(&mut self) -> Result<P::Output, Error> {
        self.outcome.take().map_err(|error| self.context.masked(error))
    }
}

type Make<A, B> = Box<dyn FnOnce(A) -> Result<BoxMachine<B>, Error> + Send>;

/// A plan of two machines: the second is made of the output of the first.
pub(crate) struct Then<A, B> {
    first: Option<BoxMachine<A>>,
    make: Option<Make<A, B>>,
}

/// The output of either machine of [`Then`].
pub(crate) enum Either<A, B> {
    First(A),
    Second(B),
}

/// First this machine, then the one that is made of its output.
pub(crate) fn then<A: 'static, B: Send + 'static>(
    context: Arc<CallContext>,
    first: impl Machine<Output = A> + 'static,
    make: impl FnOnce(A) -> Result<BoxMachine<B>, Error> + Send + 'static,
) -> Sequence<Then<A, B>> {
    Sequence::new(context, Then { first: Some(Box::new(first)), make: Some(Box::new(make)) })
}

impl<A: 'static, B: Send + 'static> Plan for Then<A, B> {
    type Part = Either<A, B>;
    type Output = B;

    fn begin(&mut self, _: Instant) -> Planned<Either<A, B>, B> {
        match self.first.take() {
            Some(first) => Ok(Next::Run(Box::new(first.map(|outcome| outcome.map(Either::First))))),
            None => Err(no_outcome()),
        }
    }

    fn ended(&mut self, _: Instant, outcome: Result<Either<A, B>, Error>) -> Planned<Either<A, B>, B> {
        match (outcome?, self.make.take()) {
            (Either::First(output), Some(make)) => {
                let second = make(output)?;
                Ok(Next::Run(Box::new(second.map(|outcome| outcome.map(Either::Second)))))
            }
            (Either::Second(output), _) => Ok(Next::Done(output)),
            (Either::First(_), None) => Err(no_outcome()),
        }
    }
}
