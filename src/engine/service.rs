//! What the engine needs to know of a service: how to read a failed response, and how to poll.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::error::Error;
use crate::http::{Request, Response};
use crate::redact::Secrets;

use super::retry::{Effect, Verdict, judge_status};

/// Reads the responses of a service. Pure functions.
pub(crate) trait Service: fmt::Debug + Send + Sync {
    /// The service's name in logs.
    fn name(&self) -> &'static str {
        ""
    }

    /// Reads a failed response; `None` if the response is a success.
    fn failure(&self, response: &Response) -> Option<Failure>;

    /// The client's own secrets, masked in everything that the server sends back.
    fn secrets(&self) -> Option<&Secrets> {
        None
    }

    /// Reads what the payload of an operation that failed says of it.
    fn words(&self, _: &Value) -> Words {
        Words::default()
    }

    /// What looks wrong with the credentials, for the error that the server does not accept them. Names and
    /// places, no values.
    fn about_credentials(&self) -> Option<&str> {
        None
    }

    /// How to find out whether a command took effect, for messages: "Look with SHOW whether it took effect".
    fn how_to_check(&self) -> &'static str;
}

/// What the payload of an operation that failed says of it, where it has fields for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The service's own code.
    pub(crate) code: Option<String>,
    /// The service's own message.
    pub(crate) message: Option<String>,
}

/// A failed response, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure {
    /// The HTTP status that the response amounts to: some services report a failure in the body of a 200.
    pub(crate) status: u16,
    /// The service's own code for the failure.
    pub(crate) code: Option<String>,
    /// The service's own message, for programs.
    pub(crate) message: Option<String>,
    /// The words to show in an error: the message, or the body where there is none.
    pub(crate) explanation: Option<String>,
    /// Whether the request may be sent again.
    #[cfg(retry_rules)]
    pub(crate) retry: RetryAdvice,
    /// What to do about it, where the service has better advice than the engine.
    pub(crate) advice: Option<&'static str>,
    /// True if the response did not come from the service.
    pub(crate) is_foreign: bool,
}

/// Whether a failed request may be sent again, where the response says more than its status.
#[cfg(retry_rules)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RetryAdvice {
    /// The retry table decides by the status.
    #[default]
    ByStatus,
    /// The response proves that the request was not accepted, and repeating it would end the same way.
    Never,
    /// Repeating a request that only reads would end the same way; the retry table decides about changes, and
    /// about polls, because the operation goes on meanwhile.
    NotForReads,
}

impl Failure {
    /// The failure of a response whose status is not a 2xx, with the text of its body as the explanation.
    pub(crate) fn of(response: &Response) -> Option<Self> {
        (!response.is_success()).then(|| Self {
            status: response.status,
            explanation: nonempty(&String::from_utf8_lossy(&response.body)),
            ..Self::default()
        })
    }

    /// The failure of a success that is a web page.
    pub(super) fn web_page(response: &Response) -> Self {
        Self {
            status: response.status,
            explanation: Some(
                "the response is a web page; it may come from a proxy or a sign-in page".to_owned(),
            ),
            advice: Some("Check the base URL and the proxy settings, or open the address in a browser."),
            is_foreign: true,
            ..Self::default()
        }
    }

    /// Sets the service's own code and message. A message replaces the body as the explanation.
    pub(crate) fn with_words(mut self, code: Option<String>, message: Option<String>) -> Self {
        if let Some(text) = message.as_deref().and_then(nonempty) {
            self.explanation = Some(text);
        }
        (self.code, self.message) = (code, message);
        self
    }

    /// Whether a poll may be sent again.
    pub(super) fn poll_verdict(&self) -> Verdict {
        #[cfg(retry_rules)]
        if self.retry == RetryAdvice::NotForReads {
            return Self { retry: RetryAdvice::ByStatus, ..self.clone() }.verdict(Effect::Repeatable);
        }
        self.verdict(Effect::Repeatable)
    }

    /// Whether the request may be sent again.
    pub(crate) fn verdict(&self, effect: Effect) -> Verdict {
        #[cfg(retry_rules)]
        match (self.retry, effect) {
            (RetryAdvice::Never, _) | (RetryAdvice::NotForReads, Effect::Repeatable) => {
                return Verdict::Permanent;
            }
            (RetryAdvice::NotForReads, Effect::Changes) | (RetryAdvice::ByStatus, _) => {}
        }
        match judge_status(effect, self.status) {
            // It proves nothing, not even that the service has seen the request.
            Verdict::Success if self.is_foreign && effect == Effect::Changes => Verdict::Unknown,
            // The status of a failure that is reported in the body of a success.
            Verdict::Success => Verdict::Permanent,
            verdict => verdict,
        }
    }
}

/// The text without surrounding white space, if anything is left.
pub(crate) fn nonempty(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The state of an operation.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Still running: poll again later.
    Pending {
        /// In the server's words.
        status: String,
    },
    /// Ended with a success.
    Done {
        /// In the server's words.
        status: String,
        /// The result: for most services the whole response.
        body: Value,
    },
    /// Ended with a failure.
    Failed {
        /// In the server's words.
        status: String,
        /// What the server says about it.
        detail: Value,
    },
}

type Judge = dyn Fn(&Response) -> Result<Judgement, String> + Send + Sync;
type JudgeFailure = dyn Fn(&Failure, Duration) -> Option<Judgement> + Send + Sync;

/// How to poll: a request that reads, and a rule for its response.
#[derive(Clone)]
pub(crate) struct Poll {
    pub(crate) request: Arc<Request>,
    judge: Arc<Judge>,
    /// Gives a meaning to responses that are permanent failures: that a resource is gone, for example. The
    /// duration is the time since the call began. `None`: the wait ends with an error.
    pub(crate) judge_failure: Option<Arc<JudgeFailure>>,
}

impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll").field("request", &self.request).finish_non_exhaustive()
    }
}

impl Poll {
    /// `judge` returns the state that a successful response reports, or why the response cannot be read.
    pub(crate) fn new(
        request: Request,
        judge: impl Fn(&Response) -> Result<Judgement, String> + Send + Sync + 'static,
    ) -> Self {
        Self { request: Arc::new(request), judge: Arc::new(judge), judge_failure: None }
    }

    pub(super) fn judge(&self, response: &Response) -> Result<Judgement, String> {
        (self.judge)(response)
    }

    pub(super) fn judge_failure(&self, failure: &Failure, elapsed: Duration) -> Option<Judgement> {
        self.judge_failure.as_ref()?(failure, elapsed)
    }
}

/// The id under which an operation is polled, and which errors carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// The server gave it to a request or an operation.
    #[cfg(operation_ids)]
    Request(String),
    /// The name or id of a resource.
    #[cfg(resources)]
    Resource(String),
}

impl Id {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            #[cfg(operation_ids)]
            Self::Request(id) => id,
            #[cfg(resources)]
            Self::Resource(id) => id,
        }
    }

    /// The error with this id.
    pub(crate) fn add_to(&self, error: Error) -> Error {
        match self {
            #[cfg(operation_ids)]
            Self::Request(id) => error.with_request_id(id.clone()),
            #[cfg(resources)]
            Self::Resource(id) => error.with_resource(id.clone()),
        }
    }
}

/// What the response to a submit says.
#[cfg(submits)]
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The id of the operation.
    pub(crate) id: Id,
    /// The whole response.
    pub(crate) body: Value,
    /// How to wait for its end; `None`: the call ends with the submit.
    pub(crate) poll: Option<Poll>,
}

/// Reads the response to a submit, or says why there is no usable id in it.
#[cfg(submits)]
pub(crate) type Accept = Arc<dyn Fn(&Response) -> Result<Accepted, String> + Send + Sync>;
