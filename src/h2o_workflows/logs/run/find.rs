//! The plan that finds the next step of a run: it lists attempts, jobs and steps, and waits while none has
//! begun.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::policy::Schedule;
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Exchange, Machine, Progress};
use crate::error::{Error, ErrorKind};
use crate::h2o_workflows::command::{CallOptions, Core, Single, Success};
use crate::h2o_workflows::connect::authorized;
use crate::h2o_workflows::runs::{
    GetJob, GetRun, GetRunAttempt, Job, JobsPage, Run, RunAttempt, RunAttemptsPage, StepsPage,
};
use crate::h2o_workflows::service::Rules;

use super::level::{Found, Level, Move, Task};
use super::position::{MAX_CALLS, Place, Shared};

/// Finds one step after the other. Its output is `None` once the run has ended.
pub(super) type FindSteps = Sequence<Find>;

/// The plan of [`FindSteps`]. It begins anew when the log of the step that it has found was read to its end.
pub(super) struct Find {
    core: Core,
    options: CallOptions,
    context: Arc<CallContext>,
    position: Shared,
    /// What is known of the run, of the run that its job has called, and so on.
    levels: Vec<Level>,
    polls: Schedule,
    began: Option<Instant>,
    /// The step that was found last, and the offset.
    last: Option<(String, u64)>,
    status: Arc<Status>,
}

/// The states that were seen last, in the service's words.
#[derive(Debug, Default)]
pub(super) struct Status(std::sync::Mutex<(Option<String>, String)>);

impl Status {
    fn lock(&self) -> std::sync::MutexGuard<'_, (Option<String>, String)> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Returns the last state of the run.
    pub(super) fn of_run(&self) -> Option<String> {
        self.lock().0.clone()
    }

    /// Returns the state of what was looked at last: the run, an attempt or a job.
    fn last(&self) -> String {
        self.lock().1.clone()
    }
}

/// A response.
pub(super) enum Part {
    Run(Box<Run>),
    Attempts(RunAttemptsPage),
    Attempt(Box<RunAttempt>),
    Jobs(JobsPage),
    Job(Box<Job>),
    Steps(StepsPage),
}

impl Find {
    pub(super) fn machine(
        core: Core,
        options: CallOptions,
        context: Arc<CallContext>,
        position: Shared,
    ) -> (FindSteps, Arc<Status>) {
        let levels = position.lock().places.iter().map(|_| Level::default()).collect();
        let polls = options.settings.poll.schedule();
        let status = Arc::<Status>::default();
        let find = Self {
            core,
            options,
            context: context.clone(),
            position,
            levels,
            polls,
            began: None,
            last: None,
            status: status.clone(),
        };
        (Sequence::new(context, find), status)
    }

    /// Returns the machine that sends a command.
    fn ask<C: Single>(&self, command: C, part: fn(C::Reply) -> Part) -> Planned<Part, Option<Found>> {
        let label = self.context.label.clone();
        let request = command.request(&label)?;
        // The timeout of the call limits each request by itself: a run may take days.
        let context = self.core.context(Arc::new(Rules::default()), label.clone(), Vec::new(), &self.options);
        let call = context.clone();
        let running = authorized(&self.core, &context, move |endpoint| {
            Exchange::new(call, endpoint.complete(request), C::EFFECT).map(move |outcome| {
                let read = |response| command.read(Success::new(&label, C::EFFECT, &response));
                outcome.and_then(read).map(part)
            })
        })?;
        Ok(Next::Run(running.0))
    }

    fn pause(&mut self, now: Instant) -> Planned<Part, Option<Found>> {
        let next = self.polls.next();
        let elapsed = self.began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        let (id, status) = (self.position.lock().run().to_owned(), self.status.last());
        self.context.observer.emit(&Progress::Polled { id, status, elapsed, next });
        Ok(Next::Pause(next))
    }

    fn step(&mut self, now: Instant) -> Planned<Part, Option<Found>> {
        loop {
            let Some(level) = self.levels.last() else { return Ok(Next::Done(None)) };
            match &level.task {
                Task::Run => {
                    let run = self.position.here(|place| place.run.clone()).unwrap_or_default();
                    return self.ask(GetRun::new(run), |run| Part::Run(Box::new(run)));
                }
                Task::Attempts(pages) => return self.ask(pages.command(), Part::Attempts),
                Task::Attempt => {
                    let command = GetRunAttempt::new(level.attempt());
                    return self.ask(command, |attempt| Part::Attempt(Box::new(attempt)));
                }
                Task::Jobs(pages) => return self.ask(pages.command(), Part::Jobs),
                Task::Job => {
                    return self.ask(GetJob::new(level.job_name()), |job| Part::Job(Box::new(job)));
                }
                Task::Steps(pages) => return self.ask(pages.command(), Part::Steps),
                Task::Choose => {}
            }
            let levels = &mut self.levels;
            let moved = self.position.here(|place| levels.last_mut().map(|level| level.choose(place)));
            match moved.flatten().unwrap_or(Move::Over) {
                Move::On => {}
                Move::Pause => return self.pause(now),
                Move::Step(found) => {
                    let last = Some((found.source.step.clone(), found.offset));
                    if self.last != last {
                        self.last = last;
                        self.polls.restart();
                    }
                    return Ok(Next::Done(Some(found)));
                }
                Move::Call(child) => self.enter(child)?,
                Move::Over => self.leave(),
            }
        }
    }

    /// Goes on with the run that a job has called.
    fn enter(&mut self, child: String) -> Result<(), Error> {
        let mut position = self.position.lock();
        if position.places.len() >= MAX_CALLS || position.places.iter().any(|place| place.run == child) {
            let why =
                format!("a chain of more than {MAX_CALLS} calls of workflows, or a run that calls itself");
            return Err(Error::new(ErrorKind::UnexpectedResponse, self.context.label.clone(), why));
        }
        position.places.push(Place::new(child));
        self.levels.push(Level::default());
        Ok(())
    }

    /// The innermost run has ended: its job has no more logs.
    fn leave(&mut self) {
        self.levels.pop();
        if let Some(level) = self.levels.last_mut() {
            level.job = None;
            let mut position = self.position.lock();
            position.places.pop();
            if let Some(place) = position.places.last_mut() {
                place.end_job();
            }
        }
    }

    /// Keeps the state of the run, an attempt or a job. `is_run`: of the run that is followed.
    fn saw(&self, status: &str, is_run: bool) {
        let to = self.context.mask(status);
        let mut seen = self.status.lock();
        seen.1.clone_from(&to);
        if !is_run || seen.0.as_ref() == Some(&to) {
            return;
        }
        let from = seen.0.replace(to.clone());
        drop(seen);
        let id = self.position.lock().run().to_owned();
        self.context.observer.emit(&Progress::StatusChanged { id, from, to });
    }

    /// Takes a response. True: the plan pauses.
    fn take(&mut self, part: Part) -> Result<bool, Error> {
        let is_run = self.levels.len() == 1;
        match &part {
            Part::Run(run) => self.saw(run.state.as_str(), is_run),
            Part::Attempt(attempt) => self.saw(attempt.state.as_str(), false),
            Part::Job(job) => self.saw(job.state.as_str(), false),
            Part::Attempts(_) | Part::Jobs(_) | Part::Steps(_) => {}
        }
        let (label, levels) = (&self.context.label, &mut self.levels);
        let taken = self.position.here(|place| match levels.last_mut() {
            Some(level) => level.take(label, place, part),
            None => Ok(false),
        });
        taken.unwrap_or(Ok(false))
    }
}

impl Plan for Find {
    type Part = Part;
    type Output = Option<Found>;

    fn begin(&mut self, now: Instant) -> Planned<Part, Option<Found>> {
        self.began.get_or_insert(now);
        let levels = &mut self.levels;
        self.position.here(|place| levels.last_mut().map(|level| level.read_to_its_end(place)));
        self.step(now)
    }

    fn ended(&mut self, now: Instant, outcome: Result<Part, Error>) -> Planned<Part, Option<Found>> {
        match outcome {
            Ok(part) => {
                if self.take(part)? {
                    return self.pause(now);
                }
            }
            // A run that a job has called may be deleted by itself. Its logs are gone then.
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && self.levels.len() > 1
                    && self.levels.last().is_some_and(|level| matches!(level.task, Task::Run)) =>
            {
                self.leave();
            }
            Err(error) => return Err(error),
        }
        self.step(now)
    }

    fn resumed(&mut self, now: Instant) -> Planned<Part, Option<Found>> {
        self.step(now)
    }
}
