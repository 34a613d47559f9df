//! The machine that follows the logs of a run: it finds a step, reads its log, and goes on with the next one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Call, Platform};
use crate::engine::failure::seconds;
use crate::engine::machine::{Event, Now, Outcome, Step, Steps};
use crate::engine::{CallContext, Machine, Progress};
use crate::error::{Error, ErrorKind, shown};
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::{CallOptions, Core};
use crate::h2o_workflows::logs::LogChunk;
use crate::h2o_workflows::logs::follow::{Follow, IDLE, follow_step};
use crate::h2o_workflows::names::Kind;
use crate::h2o_workflows::runs::StreamStepLogs;
use crate::h2o_workflows::service::Rules;

use super::call::FollowLogs;
use super::find::{Find, FindSteps, Status};
use super::level::Found;
use super::model::{LogSource, RunLogChunk};
use super::position::{RunLogPosition, Shared};

/// The time by which a silent stream may pass the deadline of the call. A stream that was opened with more time is
/// opened again with less.
const LATE: Duration = Duration::from_secs(2);

/// Follows the logs of a run; has an output for each chunk.
///
/// It reads one step at a time, so it has one connection and holds one piece of a log.
pub(super) struct RunFollow {
    core: Core,
    options: CallOptions,
    context: Arc<CallContext>,
    position: Shared,
    find: FindSteps,
    status: Arc<Status>,
    step: Option<Reading>,
    began: Option<Instant>,
    /// The time limit of the whole, if there is one.
    timeout: Option<Duration>,
    outcome: Outcome<Option<RunLogChunk>>,
}

/// The log of a step.
struct Reading {
    source: Arc<LogSource>,
    follow: Follow,
    /// The longest silence of the stream that is open.
    idle: Duration,
}

/// Returns the machine of a call, and the position that it moves.
pub(super) fn follow<M>(call: &Call<H2oWorkflows, M, FollowLogs>) -> (RunFollow, Shared) {
    let FollowLogs { name, stream, position } = &call.command;
    let position = position.clone().unwrap_or_else(|| RunLogPosition::beginning(name, stream.clone()));
    let label = call.command.label();
    let fault = if Kind::Run.fits(name) {
        position.fault(name, stream)
    } else {
        Some(
            "the name of a run has the form workspaces/{workspace}/workflows/{workflow}/revisions/{revision}/runs/{run}",
        )
    };
    let core = call.client.core().clone();
    let mut options = call.options.clone();
    let settings = &mut options.settings;
    // The timeout of the call is that of the whole. Each request has the default timeout of the service's
    // clients.
    let timeout = settings.has_own_timeout.then_some(settings.timeout);
    settings.timeout = H2oWorkflows::settings().timeout;
    let context = core.context(Arc::new(Rules::default()), label.clone(), Vec::new(), &options);
    let position = Shared::new(position);
    let (find, status) = Find::machine(core.clone(), options.clone(), context.clone(), position.clone());
    let mut outcome = Outcome::default();
    if let Some(why) = fault {
        let error = Error::invalid(label, format!("{}: {why}", shown(name))).with_advice("Nothing was sent.");
        outcome.set(Err(error.with_resource(&**name)));
    }
    let machine = RunFollow {
        core,
        options,
        context,
        position: position.clone(),
        find,
        status,
        step: None,
        began: None,
        timeout,
        outcome,
    };
    (machine, position)
}

impl RunFollow {
    fn begin(&mut self, found: Found, stream: crate::h2o_workflows::OutputStream) {
        let Found { source, offset } = found;
        let command = StreamStepLogs { offset, stream, ..StreamStepLogs::new(&*source.step) };
        let (follow, _) = follow_step(self.core.clone(), self.options.clone(), command);
        self.step = Some(Reading { source, follow, idle: IDLE });
    }

    /// Opens the stream of the step again, at the end of what was returned.
    fn reopen(&mut self) {
        if let Some(Reading { source, .. }) = self.step.take() {
            let stream = self.position.lock().stream.clone();
            let offset = self.position.here(|place| place.offset).unwrap_or_default();
            self.begin(Found { source, offset }, stream);
        }
    }

    /// Takes the outcome of the log of the step. `None`: the log has ended.
    fn read(&mut self, source: Arc<LogSource>, chunk: Result<Option<LogChunk>, Error>) {
        match chunk {
            Ok(None) => self.step = None,
            Ok(Some(LogChunk { data, offset })) => {
                let end = self.position.here(|place| {
                    let end = offset.unwrap_or_else(|| place.offset.saturating_add(data.len() as u64));
                    place.offset = end;
                    end
                });
                let chunk = RunLogChunk { source, data, offset: end.unwrap_or_default() };
                self.outcome.set(Ok(Some(chunk)));
            }
            Err(error) => self.end(Err(error)),
        }
    }

    fn found(&mut self, found: Result<Option<Found>, Error>) {
        match found {
            Ok(Some(found)) => {
                let stream = self.position.lock().stream.clone();
                self.begin(found, stream);
            }
            Ok(None) => self.end(Ok(())),
            Err(error) => self.end(Err(error)),
        }
    }

    /// Ends the whole. Every error has the name of the run, and the position.
    fn end(&mut self, outcome: Result<(), Error>) {
        self.step = None;
        let error = match outcome {
            Ok(()) => return self.outcome.set(Ok(None)),
            Err(error) => error,
        };
        let position = self.position.lock().clone();
        let error = match error.kind() {
            ErrorKind::Cancelled | ErrorKind::OperationTimeout | ErrorKind::Transport | ErrorKind::Server => {
                error.with_advice(
                    "The run is not affected. Continue its logs from the position in the error (`error.detail::<RunLogPosition>()`) with `.position(…)`.",
                )
            }
            _ => error,
        };
        let run = position.run().to_owned();
        self.outcome.set(Err(error.with_resource(run).with_detail(position)));
    }

    /// Reports the end, once.
    fn report_end(&mut self, now: Instant) {
        let outcome = match self.outcome.get() {
            Some(Ok(None)) => Ok(self.status.of_run().unwrap_or_default()),
            Some(Err(error)) => Err(error.kind()),
            Some(Ok(Some(_))) | None => return,
        };
        let elapsed = self.began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        let id = Some(self.position.lock().run().to_owned());
        self.context.observer.emit(&Progress::Finished { id, outcome, elapsed });
    }

    /// The time that is left; `None`: there is no limit.
    fn left(&mut self, now: Instant) -> Option<Duration> {
        let began = *self.began.get_or_insert(now);
        let timeout = self.timeout?;
        Some(timeout.saturating_sub(now.saturating_duration_since(began)))
    }

    #[cold]
    fn time_is_over(&mut self) {
        let timeout = self.timeout.unwrap_or_default();
        let status =
            self.status.of_run().map(|status| format!("; last status of the run: {}", shown(&status)));
        let why = format!("timed out after {}{}", seconds(timeout), status.unwrap_or_default());
        let error = Error::new(ErrorKind::OperationTimeout, self.context.label.clone(), why);
        self.end(Err(error.with_elapsed(timeout).with_retryable(true)));
    }

    /// The step of the part that runs, within the time that is left.
    fn within(&mut self, step: Step, left: Option<Duration>) -> Step {
        let most = left.unwrap_or(Duration::MAX);
        match step {
            Step::Send { request, timeout } => Step::Send { request, timeout: timeout.min(most) },
            Step::Open { request, timeout, idle } => {
                let idle = idle.min(most);
                if let Some(reading) = &mut self.step {
                    reading.idle = idle;
                }
                Step::Open { request, timeout: timeout.min(most), idle }
            }
            Step::Wait(time) => Step::Wait(time.min(most)),
            step => step,
        }
    }
}

impl Steps for RunFollow {
    fn next(&mut self, now: Instant) -> Step {
        let left = self.left(now);
        while !self.outcome.is_set() {
            if left.is_some_and(|left| left.is_zero()) {
                self.time_is_over();
                break;
            }
            let Some(reading) = &mut self.step else {
                match self.find.next(now) {
                    Step::Done => {
                        let found = self.find.finish();
                        self.found(found);
                    }
                    step => return self.within(step, left),
                }
                continue;
            };
            match reading.follow.next(now) {
                Step::Done => {
                    let (source, chunk) = (reading.source.clone(), reading.follow.finish());
                    self.read(source, chunk);
                }
                Step::Read { .. } if left.is_some_and(|left| reading.idle > left + LATE) => self.reopen(),
                step => return self.within(step, left),
            }
        }
        self.report_end(now);
        Step::Done
    }

    fn on(&mut self, now: Now, event: Event) {
        match &mut self.step {
            _ if self.outcome.is_set() => {}
            Some(reading) => reading.follow.on(now, event),
            None => self.find.on(now, event),
        }
    }
}

impl Machine for RunFollow {
    type Output = Option<RunLogChunk>;

    fn finish(&mut self) -> Result<Option<RunLogChunk>, Error> {
        self.outcome.take().map_err(|error| self.context.masked(error))
    }
}
