//! A request whose answer the real work needs, and then that work.

use std::fmt;
use std::time::{Instant, SystemTime};

use crate::error::Error;
use crate::http::Response;
use crate::transport::SendError;

use super::exchange::Time;
use super::{Exchange, Machine, Operation, Step};

/// A machine that can be the second part of something: its deadline is that of the whole.
pub(crate) trait Continues: Machine + Sized {
    fn with_time(self, time: Time) -> Self;
}

impl Continues for Exchange {
    fn with_time(mut self, time: Time) -> Self {
        self.set_time(time);
        self
    }
}

impl Continues for Operation {
    fn with_time(self, time: Time) -> Self {
        self.within(time)
    }
}

type Make<K> = Box<dyn FnOnce(Response) -> Result<K, Error> + Send>;

/// A request, and the machine that is made of its answer; or that machine alone.
pub(crate) struct Sequence<K> {
    time: Option<Time>,
    state: State<K>,
}

enum State<K> {
    First(Box<Exchange>, Option<Make<K>>),
    Second(K),
    Failed(Option<Error>),
}

impl<K> fmt::Debug for Sequence<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sequence")
    }
}

impl<K: Continues> Sequence<K> {
    /// First this request; of its answer the rest is made.
    pub(crate) fn new(
        first: Exchange,
        make: impl FnOnce(Response) -> Result<K, Error> + Send + 'static,
    ) -> Self {
        Self { time: None, state: State::First(Box::new(first), Some(Box::new(make))) }
    }

    /// Nothing has to be asked first.
    pub(crate) fn at_once(second: K) -> Self {
        Self { time: None, state: State::Second(second) }
    }

    /// The second machine, to take its outcome from; or why there is none.
    pub(crate) fn finish(self) -> Result<Option<K>, Error> {
        match self.state {
            State::Second(machine) => Ok(Some(machine)),
            State::Failed(Some(error)) => Err(error),
            State::First(..) | State::Failed(None) => Ok(None),
        }
    }

    /// Goes on if the first request has its outcome.
    fn advance(&mut self) {
        let State::First(first, make) = &mut self.state else { return };
        let Some(outcome) = first.finish() else { return };
        let made = match make.take() {
            Some(make) => outcome.and_then(make),
            None => return,
        };
        self.state = match made {
            Ok(second) => State::Second(match self.time {
                Some(time) => second.with_time(time),
                None => second,
            }),
            Err(error) => State::Failed(Some(error)),
        };
    }
}

impl<K: Continues> Machine for Sequence<K> {
    fn next(&mut self, now: Instant) -> Step {
        if let State::First(first, _) = &mut self.state {
            self.time.get_or_insert(first.time(now));
            match first.next(now) {
                Step::Done => self.advance(),
                step => return step,
            }
        }
        match &mut self.state {
            State::Second(second) => second.next(now),
            State::First(..) | State::Failed(_) => Step::Done,
        }
    }

    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>) {
        match &mut self.state {
            State::First(first, _) => {
                first.received(now, wall, result);
                self.advance();
            }
            State::Second(second) => second.received(now, wall, result),
            State::Failed(_) => {}
        }
    }
}
