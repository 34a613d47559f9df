//! Following what a step writes: what to do next, decided without doing it; and the two that do it.

use std::collections::VecDeque;
use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context as Waker, Poll, ready};
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;

use crate::Effect;
use crate::auth::Grant;
#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::Blocking;
use crate::engine::blocking::driver::Clock;
use crate::engine::{
    Context, Schedule, Verdict, failure, judge_error, judge_status, retry_after, retry_delay,
};
use crate::error::Error;
use crate::h2o_workflows::command::{Call, Command, advised};
use crate::h2o_workflows::login::FirstToken;
use crate::h2o_workflows::protocol::Connected;
use crate::h2o_workflows::runs::StreamStepLogs;
use crate::http::{Headers, Request, Response};
#[cfg(feature = "async")]
use crate::transport::{AsyncPieces, AsyncTransport};
use crate::transport::{Opened, Pieces, SendError, SendErrorKind};

use super::model::{LogChunk, LogLines};

/// A stream that is silent for longer is asked for anew, from where it was: a connection may be dead without a word.
const IDLE: Duration = Duration::from_secs(60);
/// Of an answer that is no stream, no more is kept.
const MAX_ANSWER: usize = 1024 * 1024;

/// What is to be done next.
enum Next {
    /// Open the stream with this request; a token is to be added.
    Open(Box<Request>),
    /// Read the next piece of it.
    Read,
    /// Wait, then ask again.
    Wait(Duration),
    /// This is for the user. After an error there is nothing more.
    Give(Result<LogChunk, Error>),
    End,
}

/// How a stream stands.
enum State {
    Closed,
    Open,
    Waiting(Duration),
    /// Nothing more is asked for.
    Over,
}

/// Decides. Each byte is given once: after a broken connection the stream is asked for from the last offset on, and what
/// comes a second time nevertheless is left out.
struct Tail {
    command: StreamStepLogs,
    connected: Connected,
    context: Arc<Context>,
    /// Up to where everything was given; the command's own offset is what has come.
    given: u64,
    lines: LogLines,
    ready: VecDeque<Result<LogChunk, Error>>,
    state: State,
    /// Whether this is not the first connection.
    resumed: bool,
    /// Failures since the last bytes.
    failures: u32,
    delays: Schedule,
    /// A token was refused already, since the last answer that was none.
    has_refused: bool,
}

impl Tail {
    fn new<M>(call: &Call<M, StreamStepLogs>) -> Result<Self, Error> {
        call.command.to_request()?;
        let core = call.client.core();
        let protocol = core.protocol()?.clone();
        let connected = protocol.connected()?.clone();
        let label = call.command.label();
        let context = core.context(protocol, label, Vec::new(), &call.options);
        let delays = call.options.settings.retry.schedule();
        Ok(Self {
            command: call.command.clone(),
            connected,
            context,
            given: call.command.offset,
            lines: LogLines::default(),
            ready: VecDeque::new(),
            state: State::Closed,
            resumed: false,
            failures: 0,
            delays,
            has_refused: false,
        })
    }

    fn next(&mut self) -> Next {
        if let Some(item) = self.ready.pop_front() {
            match &item {
                Ok(chunk) => self.given = chunk.offset.unwrap_or(self.given),
                Err(_) => {
                    self.ready.clear();
                    self.state = State::Over;
                }
            }
            return Next::Give(item);
        }
        match self.state {
            State::Over => Next::End,
            State::Open => Next::Read,
            State::Waiting(time) => {
                self.state = State::Closed;
                Next::Wait(time)
            }
            State::Closed => match self.command.to_request() {
                Ok(request) => Next::Open(Box::new(self.connected.complete(request))),
                Err(error) => self.fail(error),
            },
        }
    }

    fn fail(&mut self, error: Error) -> Next {
        self.state = State::Over;
        Next::Give(Err(error))
    }

    fn end_with(&mut self, error: Error) {
        self.ready.push_back(Err(error));
    }

    /// The stream could not be opened, or has broken.
    fn broke(&mut self, error: SendError) {
        // Half a line will come again.
        self.lines = LogLines::default();
        let was_open = matches!(self.state, State::Open);
        self.state = State::Closed;
        self.resumed |= was_open;
        // A silence is no failure.
        if was_open && error.kind() == SendErrorKind::Timeout {
            self.state = State::Waiting(retry_delay(None, &mut self.delays));
            return;
        }
        let verdict = judge_error(Effect::Repeatable, &error);
        self.failed(verdict, None, Err(error));
    }

    fn failed(&mut self, verdict: Verdict, asked: Option<Duration>, result: Result<Response, SendError>) {
        self.failures += 1;
        if verdict == Verdict::Retry && self.failures <= self.context.settings.retry.retries {
            self.state = State::Waiting(retry_delay(asked, &mut self.delays));
            return;
        }
        let error = failure(&self.context, result, verdict, self.failures);
        self.end_with(advised(error));
    }

    /// The answer is no stream. `wall`: for `Retry-After` dates.
    fn refused(&mut self, response: Response, grant: &Grant, wall: SystemTime) {
        let response = crate::auth::without_token(response, grant);
        if response.status == 401 && !self.has_refused {
            // Proof that it was not taken; a GET anyway.
            self.has_refused = true;
            self.connected.tokens.reject(grant);
            self.state = State::Closed;
            if self.connected.tokens.gives_another(grant) {
                return;
            }
        }
        let verdict = judge_status(Effect::Repeatable, response.status);
        let asked = retry_after(&response, wall);
        self.failed(verdict, asked, Ok(response));
    }

    fn opened(&mut self) {
        self.has_refused = false;
        self.state = State::Open;
    }

    /// A piece of the stream has come, or its end.
    fn came(&mut self, piece: Option<Vec<u8>>) {
        let label = self.context.label.clone();
        match piece {
            Some(bytes) => {
                self.lines.push(&bytes);
                while let Some(line) = self.lines.next(&label) {
                    let is_end = line.is_err();
                    self.take(line);
                    if is_end {
                        break;
                    }
                }
            }
            None => {
                if let Some(line) = self.lines.end(&label) {
                    self.take(line);
                }
                if self.ready.is_empty() {
                    self.given = self.command.offset;
                }
                self.state = State::Over;
            }
        }
    }

    /// A line: what of it is new is for the user.
    fn take(&mut self, line: Result<LogChunk, Error>) {
        let mut chunk = match line {
            Ok(chunk) => chunk,
            Err(error) => return self.end_with(error),
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

fn with_token(mut request: Request, grant: &Grant) -> Request {
    request.headers.push("Authorization", format!("Bearer {}", grant.token.expose_secret()));
    request
}

/// What a step writes, piece by piece: see [`Call::follow`].
#[must_use = "an iterator does nothing until it is asked"]
pub struct LogFollow {
    call: Call<Blocking, StreamStepLogs>,
    tail: Option<Tail>,
    pieces: Option<Pieces>,
    over: bool,
}

impl fmt::Debug for LogFollow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFollow").field("offset", &self.offset()).finish_non_exhaustive()
    }
}

impl LogFollow {
    /// Up to which byte of the output everything was given: where another process could go on.
    pub fn offset(&self) -> u64 {
        self.tail.as_ref().map_or(self.call.command.offset, |tail| tail.given)
    }

    /// The same as lines of text, without their ends; bytes that are not UTF-8 are replaced. What stands behind the last line
    /// end comes when the step has ended.
    pub fn lines(self) -> LogTextLines {
        LogTextLines { follow: self, text: TextLines::default() }
    }

    fn step(&mut self) -> Option<Result<LogChunk, Error>> {
        let tail = match &mut self.tail {
            Some(tail) => tail,
            empty => match Tail::new(&self.call) {
                Ok(tail) => empty.insert(tail),
                Err(error) => return Some(Err(error)),
            },
        };
        let shared = self.call.client.clone();
        let settings = &self.call.options.settings;
        loop {
            match tail.next() {
                Next::Give(item) => return Some(item),
                Next::End => return None,
                Next::Wait(time) => shared.core().clock().sleep(time),
                Next::Open(request) => {
                    self.pieces = None;
                    let grant = match token_call(&self.call).send() {
                        Ok(grant) => grant,
                        Err(error) => return Some(Err(error)),
                    };
                    let request = with_token(*request, &grant);
                    match shared.transport().open(&request, settings.http_timeout, IDLE) {
                        Ok(opened) if (200..300).contains(&opened.status) => {
                            tail.opened();
                            self.pieces = Some(opened.body);
                        }
                        Ok(opened) => match whole(opened) {
                            Ok(response) => tail.refused(response, &grant, shared.core().clock().wall()),
                            Err(error) => tail.broke(error),
                        },
                        Err(error) => tail.broke(error),
                    }
                }
                Next::Read => match self.pieces.as_mut().map_or(Ok(None), Pieces::next_piece) {
                    Ok(piece) => tail.came(piece),
                    Err(error) => tail.broke(error),
                },
            }
        }
    }
}

fn token_call<M>(call: &Call<M, StreamStepLogs>) -> Call<M, FirstToken> {
    let mut token = Call::new(call.client.clone(), FirstToken);
    token.options.settings = call.options.settings.clone();
    token
}

/// An answer that is no stream, as far as it is kept.
fn whole(opened: Opened<Pieces>) -> Result<Response, SendError> {
    let Opened { status, headers, mut body, .. } = opened;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next_piece()? {
        if !keep(&mut bytes, &piece) {
            break;
        }
    }
    Ok(response(status, headers, bytes))
}

fn keep(bytes: &mut Vec<u8>, piece: &[u8]) -> bool {
    bytes.extend_from_slice(piece);
    bytes.truncate(MAX_ANSWER);
    bytes.len() < MAX_ANSWER
}

fn response(status: u16, headers: Headers, bytes: Vec<u8>) -> Response {
    Response::new(status, headers, bytes)
}

impl Iterator for LogFollow {
    type Item = Result<LogChunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let item = self.step();
        if !matches!(item, Some(Ok(_))) {
            self.over = true;
            self.pieces = None;
        }
        item
    }
}

impl Call<Blocking, StreamStepLogs> {
    /// Follows what a step writes, until it has ended: an iterator over pieces of bytes, or over lines with
    /// [`LogFollow::lines`].
    ///
    /// A connection that breaks, or is silent for a minute, is made anew, and the stream goes on where it was: nothing is lost
    /// and nothing comes twice. An error is the last item: what the service says went wrong in the middle, or a failure that
    /// does not pass within the retries of the call, which count from the last bytes on. The time of the call does not count:
    /// a step may run for days.
    ///
    /// ```no_run
    /// # use controlplane::h2o_workflows;
    /// # let clients = h2o_workflows::login()?;
    /// # let step = "workspaces/w/workflows/f/revisions/r/runs/x/attempts/1/jobs/j/steps/1";
    /// for line in clients.step().stream_step_logs(step).follow().lines() {
    ///     println!("{}", line?);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn follow(self) -> LogFollow {
        LogFollow { call: self, tail: None, pieces: None, over: false }
    }
}

/// Makes lines of text of pieces of bytes.
#[derive(Default)]
struct TextLines {
    lines: VecDeque<String>,
    rest: Vec<u8>,
}

impl TextLines {
    fn push(&mut self, bytes: &[u8]) {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.rest.extend_from_slice(part);
            self.cut();
        }
        self.rest.extend_from_slice(last);
    }

    fn cut(&mut self) {
        let line = std::mem::take(&mut self.rest);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        self.lines.push_back(String::from_utf8_lossy(line).into_owned());
    }

    fn end(&mut self) {
        if !self.rest.is_empty() {
            self.cut();
        }
    }
}

/// Lines of text: see [`LogFollow::lines`].
#[must_use = "an iterator does nothing until it is asked"]
pub struct LogTextLines {
    follow: LogFollow,
    text: TextLines,
}

impl fmt::Debug for LogTextLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.follow.fmt(f)
    }
}

impl Iterator for LogTextLines {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.text.lines.pop_front() {
                return Some(Ok(line));
            }
            match self.follow.next() {
                Some(Ok(chunk)) => self.text.push(&chunk.data),
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    self.text.end();
                    return self.text.lines.pop_front().map(Ok);
                }
            }
        }
    }
}

/// The parts of a stream for futures, which travel into the future of its next item and back.
#[cfg(feature = "async")]
struct Parts {
    call: Call<Async, StreamStepLogs>,
    tail: Option<Tail>,
    pieces: Option<AsyncPieces>,
}

#[cfg(feature = "async")]
impl Parts {
    async fn step(&mut self) -> Option<Result<LogChunk, Error>> {
        let tail = match &mut self.tail {
            Some(tail) => tail,
            empty => match Tail::new(&self.call) {
                Ok(tail) => empty.insert(tail),
                Err(error) => return Some(Err(error)),
            },
        };
        let shared = self.call.client.clone();
        let timeout = self.call.options.settings.http_timeout;
        loop {
            match tail.next() {
                Next::Give(item) => return Some(item),
                Next::End => return None,
                Next::Wait(time) => tokio::time::sleep(time).await,
                Next::Open(request) => {
                    self.pieces = None;
                    let grant = match token_call(&self.call).send().await {
                        Ok(grant) => grant,
                        Err(error) => return Some(Err(error)),
                    };
                    let request = with_token(*request, &grant);
                    match shared.transport().open(&request, timeout, IDLE).await {
                        Ok(opened) if (200..300).contains(&opened.status) => {
                            tail.opened();
                            self.pieces = Some(opened.body);
                        }
                        Ok(opened) => match whole_async(opened).await {
                            Ok(response) => tail.refused(response, &grant, SystemTime::now()),
                            Err(error) => tail.broke(error),
                        },
                        Err(error) => tail.broke(error),
                    }
                }
                Next::Read => {
                    let piece = match &mut self.pieces {
                        Some(pieces) => pieces.next_piece().await,
                        None => Ok(None),
                    };
                    match piece {
                        Ok(piece) => tail.came(piece),
                        Err(error) => tail.broke(error),
                    }
                }
            }
        }
    }
}

#[cfg(feature = "async")]
async fn whole_async(opened: Opened<AsyncPieces>) -> Result<Response, SendError> {
    let Opened { status, headers, mut body, .. } = opened;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next_piece().await? {
        if !keep(&mut bytes, &piece) {
            break;
        }
    }
    Ok(response(status, headers, bytes))
}

#[cfg(feature = "async")]
type StepFuture = Pin<Box<dyn Future<Output = (Box<Parts>, Option<Result<LogChunk, Error>>)> + Send>>;

/// What a step writes, piece by piece, for programs with futures: see [`Call::follow_stream`].
#[cfg(feature = "async")]
#[must_use = "a stream does nothing until it is asked"]
pub struct LogStream {
    parts: Option<Box<Parts>>,
    step: Option<StepFuture>,
    offset: u64,
    text: TextLines,
}

#[cfg(feature = "async")]
impl fmt::Debug for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogStream").field("offset", &self.offset).finish_non_exhaustive()
    }
}

#[cfg(feature = "async")]
impl LogStream {
    /// Up to which byte of the output everything was given: where another process could go on.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next piece, or `None` after the last: for programs that have no crate for streams.
    pub async fn next(&mut self) -> Option<Result<LogChunk, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// The next line of text, without its end; bytes that are not UTF-8 are replaced. What stands behind the last line end
    /// comes when the step has ended. Not to be mixed with [`next`](LogStream::next).
    pub async fn next_line(&mut self) -> Option<Result<String, Error>> {
        loop {
            if let Some(line) = self.text.lines.pop_front() {
                return Some(Ok(line));
            }
            match self.next().await {
                Some(Ok(chunk)) => self.text.push(&chunk.data),
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    self.text.end();
                    return self.text.lines.pop_front().map(Ok);
                }
            }
        }
    }

    fn poll(&mut self, context: &mut Waker<'_>) -> Poll<Option<Result<LogChunk, Error>>> {
        let step = match &mut self.step {
            Some(step) => step,
            None => match self.parts.take() {
                None => return Poll::Ready(None),
                Some(mut parts) => self.step.insert(Box::pin(async move {
                    let item = parts.step().await;
                    (parts, item)
                })),
            },
        };
        let (parts, item) = ready!(step.as_mut().poll(context));
        self.step = None;
        if let Some(tail) = &parts.tail {
            self.offset = tail.given;
        }
        if matches!(item, Some(Ok(_))) {
            self.parts = Some(parts);
        }
        Poll::Ready(item)
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for LogStream {
    type Item = Result<LogChunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

#[cfg(feature = "async")]
impl Call<Async, StreamStepLogs> {
    /// Follows what a step writes, until it has ended: a stream of pieces of bytes, with a `next` of its own for programs that
    /// have no crate for streams, and [`next_line`](LogStream::next_line) for lines. It goes on after a broken connection as
    /// the blocking `follow` does. To be used inside a Tokio runtime.
    pub fn follow_stream(self) -> LogStream {
        let offset = self.command.offset;
        let parts = Parts { call: self, tail: None, pieces: None };
        LogStream { parts: Some(Box::new(parts)), step: None, offset, text: TextLines::default() }
    }
}
