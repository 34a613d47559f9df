//! The engine: what may be repeated, when to ask again, when to stop.
//!
//! Machines ([`Exchange`], [`Operation`], [`Wait`], [`Run`]) decide and do nothing: they take the time and the last
//! answer, and say [`Step`]. The driver carries out what they say. No machine knows a service, a socket or a clock, so
//! the whole protocol is tested in virtual time.

pub(crate) mod batch;
mod budget;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
pub(crate) mod chain;
mod exchange;
mod operation;
mod polls;
mod progress;
mod retry;
mod run;
#[cfg(feature = "eloq")]
mod sequence;
#[cfg(test)]
mod tests;
mod wait;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::error::Error;
use crate::http::{LONGEST, Request, Response};
use crate::redact::REDACTED;
use crate::transport::SendError;

pub(crate) use budget::{Budget, Pace, Turn};
pub(crate) use exchange::{Exchange, failure};
pub(crate) use operation::{Completed, Operation};
pub(crate) use progress::Observer;

pub use progress::Progress;
pub use retry::{Effect, PollPolicy, RetryPolicy};
pub(crate) use retry::{Schedule, Verdict, delay as retry_delay, judge_error, judge_status, retry_after};
pub(crate) use run::{Follow, Run};
#[cfg(feature = "eloq")]
pub(crate) use sequence::{Continues, Sequence};
pub(crate) use wait::{Finding, Rule, Wait};

/// The driver for blocking programs.
#[path = "."]
pub(crate) mod blocking {
    use maybe_async::must_be_sync as mode;
    use std::thread::sleep;

    #[cfg(feature = "arrow")]
    use crate::transport::Pieces as Body;
    use crate::transport::Transport;

    pub(crate) mod driver;
}

/// The driver for futures, from the same source. Without the feature `async` the tests alone build and run it, so that
/// the source stays good for both.
#[cfg(any(test, feature = "async"))]
#[path = "."]
#[cfg_attr(not(feature = "async"), allow(dead_code))]
#[allow(clippy::duplicate_mod, unreachable_pub)]
pub(crate) mod asynchronous {
    use maybe_async::must_be_async as mode;
    #[cfg(feature = "async")]
    use tokio::time::sleep;

    #[cfg(all(feature = "arrow", any(test, feature = "async")))]
    use crate::transport::AsyncPieces as Body;
    use crate::transport::AsyncTransport as Transport;

    #[cfg(not(feature = "async"))]
    async fn sleep(_: std::time::Duration) {}

    pub(crate) mod driver;
}

/// What a machine wants next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send this request once, wait at most this long for the whole answer, then call
    /// [`received`](Machine::received).
    Send(Arc<Request>, Duration),
    /// Call [`next`](Machine::next) again after this long.
    Wait(Duration),
    /// Nothing: the machine has its outcome.
    Done,
}

/// When a machine wants its next request to go, for whoever shares out the turns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wish {
    Now,
    At(Instant),
    /// There is one in flight.
    Answer,
    /// It has its outcome.
    Nothing,
}

/// Something that decides what to do next.
pub(crate) trait Machine: Send {
    /// What to do at this time.
    fn next(&mut self, now: Instant) -> Step;

    /// What came of the request that [`next`](Machine::next) asked to send. `wall` is for `Retry-After` dates.
    fn received(&mut self, now: Instant, wall: SystemTime, result: Result<Response, SendError>);
}

/// How long things may take and how often they are tried.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The whole call: submit, retries, waits, requests in flight.
    pub(crate) timeout: Duration,
    /// One request.
    pub(crate) http_timeout: Duration,
    pub(crate) poll: PollPolicy,
    pub(crate) retry: RetryPolicy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            http_timeout: Duration::from_secs(30),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
        }
    }
}

impl Settings {
    fn deadline(&self, now: Instant) -> Instant {
        now + self.timeout.min(LONGEST)
    }
}

/// What machines need besides their request.
#[derive(Debug)]
pub(crate) struct Context {
    /// What is attempted, for messages: "CREATE CLUSTER `prod`".
    pub(crate) label: String,
    pub(crate) settings: Settings,
    pub(crate) budget: Arc<Budget>,
    pub(crate) service: Arc<dyn Service>,
    /// Secrets of this very call, which the server may repeat in what it says.
    pub(crate) secrets: Vec<SecretString>,
    pub(crate) observer: Observer,
}

impl Context {
    /// The same for a service that was made for one wait.
    #[cfg(feature = "eloq")]
    pub(crate) fn with_service(&self, service: Arc<dyn Service>) -> Self {
        Self {
            label: self.label.clone(),
            settings: self.settings.clone(),
            budget: self.budget.clone(),
            service,
            secrets: self.secrets.clone(),
            observer: self.observer.clone(),
        }
    }

    /// What the server says went wrong, without secrets.
    fn explain(&self, response: &Response) -> Option<String> {
        self.service.explain(response).map(|text| self.mask(&text))
    }

    /// The same for programs.
    fn message(&self, response: &Response) -> Option<String> {
        self.service.message(response).map(|text| self.mask(&text))
    }

    /// What to make of what came of a request.
    fn verdict(&self, effect: Effect, result: &Result<Response, SendError>) -> retry::Verdict {
        match result {
            Ok(response) => self.service.verdict(effect, response),
            Err(error) => retry::judge_error(effect, error),
        }
    }

    /// The text of an answer, without secrets.
    pub(crate) fn text(&self, response: &Response) -> String {
        self.mask(&String::from_utf8_lossy(&response.body))
    }

    /// Text from the server without the secrets that the client knows, should it have repeated them.
    pub(crate) fn mask(&self, text: &str) -> String {
        let all = self.service.secrets().iter().chain(&self.secrets).map(ExposeSecret::expose_secret);
        let mut secrets: Vec<&str> = all.filter(|secret| secret.len() >= MIN_MASKED).collect();
        // One may be the beginning of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut text = text.to_owned();
        for secret in secrets {
            // JSON writes some characters in another way.
            if secret.contains(|c: char| c == '"' || c == '\\' || c.is_control()) {
                let in_json = Value::from(secret).to_string();
                let in_json = in_json.trim_matches('"');
                if text.contains(in_json) {
                    text = text.replace(in_json, REDACTED);
                }
            }
            if text.contains(secret) {
                text = text.replace(secret, REDACTED);
            }
        }
        text
    }

    fn mask_json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask(&text)),
            Value::Array(entries) => entries.into_iter().map(|entry| self.mask_json(entry)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (self.mask(&key), self.mask_json(value))).collect()
            }
            other => other,
        }
    }
}

/// Shorter texts are no secrets, and masking them would leave nothing to read.
const MIN_MASKED: usize = 4;

/// What the engine has to know of a service. Pure functions of requests and answers.
pub(crate) trait Service: std::fmt::Debug + Send + Sync {
    /// What the server says went wrong, in its own words, if it says anything.
    fn explain(&self, response: &Response) -> Option<String>;

    /// The same as the service itself has it, for programs: nothing but what it calls its message.
    fn message(&self, response: &Response) -> Option<String> {
        self.explain(response)
    }

    /// The service's own code for what went wrong, if its answers have one.
    fn code(&self, _: &Response) -> Option<String> {
        None
    }

    /// The HTTP status that an answer amounts to: some services say in the body of a 200 that something went wrong.
    fn status(&self, response: &Response) -> u16 {
        response.status
    }

    /// What to make of an answer. A service may repeat less than the retry table, and more only where its documents say that
    /// nothing was taken.
    fn verdict(&self, effect: Effect, response: &Response) -> Verdict {
        judge_status(effect, self.status(response))
    }

    /// The client's own secrets.
    fn secrets(&self) -> &[SecretString];

    /// The id in the answer to a submit and the whole of it, or why there is none.
    fn accepted(&self, response: &Response) -> Result<(String, Value), String>;

    /// The request that asks for the state of an operation.
    fn status_request(&self, id: &str) -> Request;

    /// What the answer to that request means, or why it means nothing.
    fn judge(&self, response: &Response) -> Result<Judgement, String>;

    /// What an answer to that request that is not a success means, if it means something: that a thing is gone, for
    /// instance. `elapsed`: since the call began. `None`: the wait ends with an error.
    fn judge_refusal(&self, _: &Response, _elapsed: Duration) -> Option<Judgement> {
        None
    }

    /// What to do about an answer of this kind, where the service has better advice than the engine.
    fn advice(&self, _kind: crate::ErrorKind, _: &Response) -> Option<&'static str> {
        None
    }

    /// How to find out whether a command took effect, for messages.
    fn how_to_check(&self) -> &'static str;
}

/// What the state of an operation means for the wait.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Ask again later.
    Pending {
        /// In the server's words.
        status: String,
    },
    /// It ended well.
    Done {
        /// In the server's words.
        status: String,
        /// The whole answer.
        body: Value,
    },
    /// It ended badly.
    Failed {
        /// In the server's words.
        status: String,
        /// What it says about it.
        detail: Value,
    },
}

/// An error about time spent without a single request sent.
#[cold]
fn nothing_sent(context: &Context, why: String, elapsed: Duration) -> Error {
    Error::new(crate::ErrorKind::OperationTimeout, context.label.clone(), why)
        .with_elapsed(elapsed)
        .with_advice(
            "Nothing was sent. Give the call more time (`.timeout(…)`) or ask for fewer things at once.",
        )
        .with_retryable(true)
}
