//! The protocol between a machine, which decides, and a driver, which carries out.
//!
//! A machine holds no I/O and no clock. The driver asks it for the next [`Step`], carries the step out, and
//! reports the result as an [`Event`]. A future-based and a blocking driver run the same machine; tests run
//! it in virtual time.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, ErrorKind};
#[cfg(streams)]
use crate::http::Headers;
use crate::http::{Interrupt, Request, Response};
use crate::transport::SendError;

/// What the driver does next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends the request once and waits at most this long for the whole response. Reports
    /// [`Event::Response`].
    Send { request: Arc<Request>, timeout: Duration },
    /// Sends the request once and waits at most `timeout` for the head of the response. If the status is 200,
    /// the body stays open for [`Step::Read`], each piece arriving within `idle`, and the driver reports
    /// [`Event::Head`]. Any other response is read whole and reported as [`Event::Response`].
    #[cfg(streams)]
    Open { request: Arc<Request>, timeout: Duration, idle: Duration },
    /// Reads the next bytes of the open body, at most `most`, and appends them to the buffer. Reports
    /// [`Event::Piece`].
    #[cfg(streams)]
    Read { buffer: Vec<u8>, most: usize },
    /// Waits this long, then asks again.
    Wait(Duration),
    /// Starts another machine, which runs to its end whatever becomes of this call. Then asks again.
    #[cfg(tokens)]
    Detach(Detached),
    /// Nothing: the outcome can be taken with [`Machine::finish`].
    Done,
}

/// A machine that a call starts and does not own: see [`Step::Detach`].
#[cfg(tokens)]
pub(crate) struct Detached(pub(crate) BoxMachine<()>);

#[cfg(tokens)]
impl fmt::Debug for Detached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detached")
    }
}

/// The means of the caller of a driver.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    /// Ends the call from elsewhere in the program.
    pub(crate) cancel: Option<&'a Interrupt>,
    /// Carries out [`Step::Detach`].
    #[cfg(tokens)]
    pub(crate) detach: &'a (dyn Fn(Detached) + Sync),
}

/// The result of a step.
#[derive(Debug)]
pub(crate) enum Event {
    /// The response, or why there is none.
    Response(Result<Response, SendError>),
    /// The head of a 200 whose body is read piece by piece.
    #[cfg(streams)]
    Head(Headers),
    /// The buffer with the next bytes of the open body; `None` at its end.
    #[cfg(streams)]
    Piece(Result<Option<Vec<u8>>, SendError>),
    /// The program cancelled the call. Reported once, while no request is in flight. The machine ends.
    Cancelled,
}

/// The current time on both clocks. The wall clock is needed for `Retry-After` dates only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) at: Instant,
    pub(crate) wall: SystemTime,
}

/// Decides what to do next, one step at a time.
///
/// This is a machine without its output. Code that only passes steps and events on takes `&mut dyn Steps`, so
/// that a program has it once, and not for each type of output.
pub(crate) trait Steps: Send {
    /// Returns the next step at this time.
    fn next(&mut self, now: Instant) -> Step;

    /// Takes the result of the last step.
    fn on(&mut self, now: Now, event: Event);
}

/// Decides what to do next, and has an outcome in the end.
///
/// A machine of a stream has an outcome for each item: after [`finish`](Machine::finish) it goes on with
/// [`next`](Steps::next).
pub(crate) trait Machine: Steps {
    /// The result of the machine.
    type Output;

    /// Takes the outcome. Called once after [`Step::Done`].
    fn finish(&mut self) -> Result<Self::Output, Error>;

    /// The same machine with another output.
    fn map<U, F>(self, convert: F) -> Map<Self, F>
    where
        Self: Sized,
        F: FnOnce(Result<Self::Output, Error>) -> Result<U, Error> + Send,
    {
        Map { machine: self, convert: Some(convert) }
    }
}

impl<M: Steps + ?Sized> Steps for Box<M> {
    fn next(&mut self, now: Instant) -> Step {
        (**self).next(now)
    }

    fn on(&mut self, now: Now, event: Event) {
        (**self).on(now, event);
    }
}

impl<M: Machine + ?Sized> Machine for Box<M> {
    type Output = M::Output;

    fn finish(&mut self) -> Result<Self::Output, Error> {
        (**self).finish()
    }
}

/// A machine that can be stored and run without its type.
pub(crate) type BoxMachine<T> = Box<dyn Machine<Output = T>>;

/// A machine whose outcome is converted: see [`Machine::map`].
pub(crate) struct Map<M, F> {
    machine: M,
    convert: Option<F>,
}

impl<M: Steps, F: Send> Steps for Map<M, F> {
    fn next(&mut self, now: Instant) -> Step {
        self.machine.next(now)
    }

    fn on(&mut self, now: Now, event: Event) {
        self.machine.on(now, event);
    }
}

impl<M, F, U> Machine for Map<M, F>
where
    M: Machine,
    F: FnOnce(Result<M::Output, Error>) -> Result<U, Error> + Send,
{
    type Output = U;

    fn finish(&mut self) -> Result<U, Error> {
        let outcome = self.machine.finish();
        match self.convert.take() {
            Some(convert) => convert(outcome),
            None => Err(no_outcome()),
        }
    }
}

/// The outcome of a machine: set once, taken once.
pub(crate) struct Outcome<T>(Option<Result<T, Error>>);

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> fmt::Debug for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            None => "pending",
            Some(Ok(_)) => "success",
            Some(Err(_)) => "error",
        })
    }
}

impl<T> Outcome<T> {
    pub(crate) fn set(&mut self, outcome: Result<T, Error>) {
        self.0 = Some(outcome);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn get(&self) -> Option<&Result<T, Error>> {
        self.0.as_ref()
    }

    /// Takes the outcome. An outcome that is not set is a bug in the driver, reported as an error.
    pub(crate) fn take(&mut self) -> Result<T, Error> {
        self.0.take().unwrap_or_else(|| Err(no_outcome()))
    }
}

/// A driver asked a machine for its outcome before [`Step::Done`], or twice.
#[cold]
pub(crate) fn no_outcome() -> Error {
    Error::new(ErrorKind::UnexpectedResponse, "running a call", "the call has no outcome")
        .with_advice("This is a bug in this crate. Please report it.")
}
