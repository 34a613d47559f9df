//! The machine that follows a log: it opens the stream, reads it, and resumes it after a broken connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::auth::Authorized;
use crate::client::Call;
use crate::engine::context::Reply;
use crate::engine::failure::{cancelled, failure};
use crate::engine::machine::{Event, Now, Outcome, Step, Steps};
use crate::engine::policy::Schedule;
use crate::engine::retry::{Verdict, judge_error};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Effect, Exchange, Machine, Progress, RetryPolicy};
use crate::error::{Error, ErrorKind, shown};
use crate::h2o_workflows::account::{Account, Endpoint};
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::{CallOptions, Core, Single};
use crate::h2o_workflows::connect::Connect;
use crate::h2o_workflows::runs::StreamStepLogs;
use crate::h2o_workflows::service::Rules;
use crate::transport::{SendError, SendErrorKind};

use super::lines::LogLines;
use super::model::LogChunk;

/// A stream that is silent for longer is opened again: the connection may be dead.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// The position in the log of a step at which `follow` failed: the [`detail`](crate::Error::detail) of the
/// errors of [`LogFollow`](crate::h2o_workflows::LogFollow) and of its stream for asynchronous programs.
/// Another call continues there.
///
/// ```no_run
/// use controlplane::h2o_workflows::{Client, LogPosition};
///
/// let client = Client::from_env()?;
/// let step = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";
/// let call = client.step().stream_step_logs(step);
/// for chunk in call.clone().follow() {
///     match chunk {
///         Ok(chunk) => print!("{}", String::from_utf8_lossy(&chunk.data)),
///         Err(error) => match error.detail::<LogPosition>() {
///             Some(position) => println!("continue later with {:?}", call.clone().offset(position.offset)),
///             None => return Err(error),
///         },
///     }
/// }
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogPosition {
    /// The offset in the log, in bytes, up to which it was returned.
    pub offset: u64,
}

impl LogPosition {
    /// Returns a position. For tests of your own code, with [`Error::simulated`](crate::Error::simulated).
    pub fn new(offset: u64) -> Self {
        Self { offset }
    }
}

/// Follows a log; has an output for each chunk.
///
/// Each byte is returned once: after a broken connection the stream is requested from the offset of the last
/// complete line on, and bytes that come a second time all the same are left out.
pub(crate) type Follow = Sequence<Tail>;

/// The plan of [`Follow`].
pub(crate) struct Tail {
    /// The step and the offset of the end of the last complete line.
    command: StreamStepLogs,
    core: Core,
    options: CallOptions,
    context: Arc<CallContext>,
    endpoint: Option<Endpoint>,
    /// The offset up to which chunks were returned.
    returned: Arc<AtomicU64>,
    lines: LogLines,
    ready: VecDeque<Result<LogChunk, Error>>,
    state: State,
    /// True once a connection has broken: bytes may come a second time.
    resumed: bool,
    /// Failures since the last new bytes.
    failures: u32,
    delays: Schedule,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Closed,
    Open,
    Over,
}

/// The output of one machine of the plan.
pub(crate) enum Part {
    Endpoint(Endpoint),
    Opened,
    /// A piece of the open body, its end, or why it broke.
    Piece(Result<Option<Vec<u8>>, SendError>),
}

/// Returns the machine that follows a log, and the offset up to which it has returned chunks.
pub(crate) fn follow<M>(call: &Call<H2oWorkflows, M, StreamStepLogs>) -> (Follow, Arc<AtomicU64>) {
    follow_step(call.client.core().clone(), call.options.clone(), call.command.clone())
}

/// The same for a command without a call.
pub(super) fn follow_step(
    core: Core,
    options: CallOptions,
    command: StreamStepLogs,
) -> (Follow, Arc<AtomicU64>) {
    let context = context(&core, &options, &command);
    let returned = Arc::new(AtomicU64::new(command.offset));
    let delays = options.settings.retry.schedule();
    let tail = Tail {
        command,
        core,
        options,
        context: context.clone(),
        endpoint: None,
        returned: returned.clone(),
        lines: LogLines::default(),
        ready: VecDeque::new(),
        state: State::Closed,
        resumed: false,
        failures: 0,
        delays,
    };
    (Sequence::new(context, tail), returned)
}

/// The error of a log that ended at this offset.
#[cold]
pub(super) fn ended_at(error: Error, offset: u64) -> Error {
    let error = match error.kind() {
        ErrorKind::Cancelled => {
            error.with_advice(format!("Continue from byte {offset}: `.offset({offset})`."))
        }
        _ => error,
    };
    error.with_detail(LogPosition { offset })
}

fn context(core: &Core, options: &CallOptions, command: &StreamStepLogs) -> Arc<CallContext> {
    core.context(Arc::new(Rules::default()), command.label(), Vec::new(), options)
}

impl Tail {
    fn account(&self) -> Result<Arc<Account>, Error> {
        Ok(self.core.protocol()?.0.clone())
    }

    /// What comes next: a chunk, a piece of the stream, or the stream itself.
    fn step(&mut self) -> Planned<Part, Option<LogChunk>> {
        if let Some(item) = self.ready.pop_front() {
            let chunk = item.map_err(|error| self.located(error))?;
            self.returned.store(chunk.offset.unwrap_or(self.command.offset), Ordering::Relaxed);
            return Ok(Next::Done(Some(chunk)));
        }
        match self.state {
            State::Over => Ok(Next::Done(None)),
            State::Open => Ok(Next::Run(Box::new(Read::new(&self.context.label)))),
            State::Closed => self.open().map_err(|error| self.located(error)),
        }
    }

    fn open(&self) -> Planned<Part, Option<LogChunk>> {
        // The timeout of the call limits each look-up and each request by itself: a step may run for days.
        let context = context(&self.core, &self.options, &self.command);
        let request = self.command.request(&context.label)?;
        let Some(endpoint) = &self.endpoint else {
            let connect = Connect::machine(self.account()?, context);
            return Ok(Next::Run(Box::new(connect.map(|outcome| outcome.map(Part::Endpoint)))));
        };
        let settings = context.settings.clone();
        // The plan counts the failures, because a stream that breaks is one too.
        let exchange = Exchange::new(context, endpoint.complete(request), Effect::Repeatable)
            .retrying(RetryPolicy::retries(0))
            .streaming(IDLE);
        let machine = Authorized::new(endpoint.tokens.clone(), exchange, settings);
        Ok(Next::Run(Box::new(machine.map(|outcome| outcome.map(|_| Part::Opened)))))
    }

    /// The error with what is known of the log.
    #[cold]
    fn located(&mut self, error: Error) -> Error {
        self.state = State::Over;
        self.ready.clear();
        let offset = self.returned.load(Ordering::Relaxed);
        ended_at(error, offset).with_resource(&*self.command.name)
    }

    /// The stream could not be opened, or it has broken: tries again, or ends.
    fn failed(&mut self, error: Error) -> Planned<Part, Option<LogChunk>> {
        if error.kind() == ErrorKind::Cancelled {
            return Err(self.located(error));
        }
        self.failures += 1;
        if !error.is_retryable() || self.failures > self.context.settings.retry.retries {
            let tried = format!("tried {} times", self.failures);
            let is_lasting = self.failures > 1 && error.is_retryable();
            let error = if is_lasting { error.with_more(&tried) } else { error };
            return Err(self.located(error.with_attempts(self.failures)));
        }
        let delay = self.delays.delay(error.retry_after());
        self.context.observer.emit(&Progress::Retrying { reason: shown(error.happened()), delay });
        Ok(Next::Pause(delay))
    }

    fn broke(&mut self, error: SendError) -> Planned<Part, Option<LogChunk>> {
        // Half a line comes again.
        self.lines = LogLines::default();
        self.state = State::Closed;
        self.resumed = true;
        if error.kind() == SendErrorKind::Timeout {
            return Ok(Next::Pause(self.delays.delay(None)));
        }
        let verdict = judge_error(Effect::Repeatable, &error);
        let is_retryable = verdict == Verdict::Retry;
        let error = failure(&self.context, Reply::NoResponse(error), verdict, 1);
        self.failed(error.with_retryable(is_retryable))
    }

    fn came(&mut self, piece: Option<&[u8]>) {
        let label = self.context.label.clone();
        match piece {
            Some(bytes) => {
                self.lines.push(bytes);
                while let Some(line) = self.lines.next(&label) {
                    let is_error = line.is_err();
                    self.take(line);
                    if is_error {
                        break;
                    }
                }
            }
            None => {
                if let Some(line) = self.lines.end(&label) {
                    self.take(line);
                }
                if self.ready.is_empty() {
                    self.returned.store(self.command.offset, Ordering::Relaxed);
                }
                self.state = State::Over;
            }
        }
    }

    /// Keeps the new bytes of a line.
    fn take(&mut self, line: Result<LogChunk, Error>) {
        let mut chunk = match line {
            Ok(chunk) => chunk,
            Err(error) => return self.ready.push_back(Err(error)),
        };
        let seen = self.command.offset;
        let length = u64::try_from(chunk.data.len()).unwrap_or(u64::MAX);
        let end = chunk.offset.unwrap_or_else(|| seen.saturating_add(length));
        if self.resumed {
            if end <= seen {
                return;
            }
            let repeated = seen.saturating_sub(end.saturating_sub(length));
            chunk.data.drain(..usize::try_from(repeated).unwrap_or_default().min(chunk.data.len()));
        }
        self.failures = 0;
        self.delays.restart();
        self.command.offset = end;
        chunk.offset = Some(end);
        if !chunk.data.is_empty() {
            self.ready.push_back(Ok(chunk));
        }
    }
}

impl Plan for Tail {
    type Part = Part;
    type Output = Option<LogChunk>;

    fn begin(&mut self, _: Instant) -> Planned<Part, Option<LogChunk>> {
        self.step()
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> Planned<Part, Option<LogChunk>> {
        match outcome {
            Ok(Part::Endpoint(endpoint)) => self.endpoint = Some(endpoint),
            Ok(Part::Opened) => self.state = State::Open,
            Ok(Part::Piece(Ok(piece))) => self.came(piece.as_deref()),
            Ok(Part::Piece(Err(error))) => return self.broke(error),
            // A look-up has its own retries.
            Err(error) if self.endpoint.is_none() => return Err(self.located(error)),
            Err(error) => return self.failed(error),
        }
        self.step()
    }
}

/// The most that is read of a log at once.
const PIECE: usize = 16 * 1024;

/// Reads one piece of the open body.
struct Read {
    label: String,
    outcome: Outcome<Part>,
}

impl Read {
    fn new(label: &str) -> Self {
        Self { label: label.to_owned(), outcome: Outcome::default() }
    }
}

impl Steps for Read {
    fn next(&mut self, _: Instant) -> Step {
        if self.outcome.is_set() { Step::Done } else { Step::Read { buffer: Vec::new(), most: PIECE } }
    }

    fn on(&mut self, _: Now, event: Event) {
        match event {
            Event::Piece(piece) => self.outcome.set(Ok(Part::Piece(piece))),
            // A piece that came at the same time is not lost: it was not returned, so the log continues
            // before it.
            Event::Cancelled => self.outcome.set(Err(cancelled(&self.label))),
            Event::Response(_) | Event::Head(_) => {}
        }
    }
}

impl Machine for Read {
    type Output = Part;

    fn finish(&mut self) -> Result<Part, Error> {
        self.outcome.take()
    }
}
