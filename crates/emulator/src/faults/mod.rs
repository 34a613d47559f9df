//! Faults that a test injects, the same for every emulated service.
//!
//! A [`Fault`] selects requests by its conditions and applies its action to them. It is built with methods,
//! or read from text: that of the program's `--fault SPEC`, of a file, of a test's table. The real services
//! have nothing like it.
//!
//! ```
//! use controlplane_emulator::faults::{Action, Fault, RequestKind};
//!
//! let fault: Fault = "nth=3, submit: take-then-close".parse()?;
//! assert_eq!(fault, Fault::new(Action::TakeThenClose).nth(3).kind(RequestKind::Submit));
//! assert_eq!(fault.to_string(), "nth=3, submit: take-then-close");
//!
//! let faults = Fault::list_from_json(r#"["p=0.05: status=503", "poll, times=2: drip=10ms"]"#)?;
//! assert_eq!(faults.len(), 2);
//! # Ok::<(), controlplane_emulator::Error>(())
//! ```
//!
//! # The text form
//!
//! ```text
//! SPEC   = [ CONDITION { "," CONDITION } ":" ] ACTION { "," OPTION }
//! ```
//!
//! Without conditions a fault applies to every request. White space around the parts is ignored. A value ends
//! at the next comma, in a condition also at the next colon; a value with one of these characters, a quote, a
//! backslash or white space at its ends is written in double quotes, with `\"`, `\\` and `\n` inside:
//! `contains="a, b"`. A file is a JSON array of such texts.
//!
//! | Condition | The fault applies to |
//! |---|---|
//! | `nth=N` | the Nth of the requests that meet all other conditions, from 1; with `times=M` M in a row, else one |
//! | `every=N` | every Nth of them |
//! | `p=X` | each of them with the probability X, 0 to 1, by the emulator's seed |
//! | `times=N` | at most N times |
//! | `submit`, `poll`, `other` | requests that submit work; that poll its status; all others |
//! | `method=TEXT` | requests with this method |
//! | `path=TEXT` | requests whose path begins with this text |
//! | `starts=TEXT` | requests whose statement begins with these words, in any case and with any space between them |
//! | `contains=TEXT` | requests whose statement contains this text, in any case |
//!
//! Only one of `nth`, `every` and `p` can be set. "Accepted" in the next table: whether the request takes
//! effect (a statement is recorded in the ledger, a poll is counted) before the fault applies.
//!
//! | Action | Accepted | What the client receives |
//! |---|---|---|
//! | `delay=TIME` | yes | the response after this delay |
//! | `close-before-read` | no | a closed connection; of the request only the header was read, or all of it if a condition is about the statement |
//! | `take-then-close` | yes | a closed connection without a response |
//! | `cut-header` | yes | the first half of the response's header, then the end |
//! | `cut-body[=N]` | yes | the header and N bytes of the body (default: half of it), then the end |
//! | `too-long[=N]` | yes | a `Content-Length` N above the body's (default 100), then the end |
//! | `too-short[=N]` | yes | a `Content-Length` N below the body's (default 5) |
//! | `not-json` | yes | a page of HTML with the response's status |
//! | `not-utf8` | yes | the response with two bytes in it that are not UTF-8 |
//! | `empty-body` | yes | the response's status and no body |
//! | `sparse` | yes | JSON without the fields that have no value: null, false, 0, empty texts, lists and objects, `…_UNSPECIFIED` |
//! | `error-line[=N]` | yes | only log streams: N lines (default 0), then one with an error, and the end |
//! | `drop-header=NAME` | yes | the response without this header: `path=/storage/: drop-header=etag` |
//! | `huge-body[=SIZE]` | yes | the response with white space after it, up to the size (default `64MiB`) |
//! | `drip[=TIME]` | yes | the response's body byte by byte, at this interval (default `1s`) |
//! | `status=N` | no, unless `taken` | this HTTP status, 200 to 599, and no body unless one is set |
//! | `operation-status=TEXT` | yes | only polls: the response with this text as the operation's status, known or not; `unknown-status=TEXT` is the same |
//! | `back-to-pending` | no | only polls of operations whose end an earlier poll has returned: they are pending |
//!
//! | Option of `status` | Adds |
//! |---|---|
//! | `taken` | the request takes effect first, and its own response is discarded |
//! | `grpc-message=TEXT` | the header `grpc-message`, percent-encoded |
//! | `retry-after=TEXT` | the header `Retry-After` with any text: `7`, `-1`, `nan`, a date |
//! | `body=TEXT` | this body: JSON if it begins with `{` or `[`, else HTML |
//! | `location=TEXT` | the header `Location`, for a redirect: `status=302, location=https://other.example/` |
//!
//! A log stream continues until its step ends, and has no `Content-Length`. With `delay`, `take-then-close`,
//! `cut-header`, `cut-body=N` and `drip` it remains a stream; for all others, including `cut-body` without N,
//! the lines that exist at the moment count as the whole body.
//!
//! TIME is a number and `h`, `m`, `s`, `ms`, `us` or `ns`, at most 24 hours. SIZE is a number of bytes, or
//! one with `KiB`, `MiB` or `GiB`, at most 1 TiB.
//!
//! # Which fault applies
//!
//! Each fault counts the requests that meet its conditions, whether another fault applies to them or not. Of
//! several that could apply, the first in the order in which they were added does; a `close-before-read`
//! without a condition about the statement is decided before all others. `times` counts how often the fault
//! has applied. Whether a fault with `p` applies to its Nth request follows from the seed, the fault's place
//! in the list and N, and from nothing else.
//!
//! No fault applies to a request that is not HTTP, or to a path that begins with `/_emulator/`.

mod play;
mod spec;
mod strike;
#[cfg(test)]
mod tests;

use std::time::Duration;

use spec::MAX_SIZE;
pub(crate) use strike::{Faults, KeptFaults, MAX_FAULTS, Seen};

use crate::duration::LONGEST;

/// What a request is for, in the words that all services share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// It submits work that clients wait for.
    Submit,
    /// It polls the status of work that was submitted before.
    Poll,
    /// Any other request.
    Other,
}

/// A fault: an action, and conditions for the requests that it applies to. See the [module](self) for the
/// text form and for which of several faults applies.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault does nothing until an emulator is given it"]
pub struct Fault {
    action: Action,
    when: When,
}

/// The conditions of a fault.
#[derive(Clone, Debug, Default, PartialEq)]
struct When {
    pick: Pick,
    times: Option<u64>,
    kind: Option<RequestKind>,
    method: Option<String>,
    path: Option<String>,
    starts: Option<String>,
    contains: Option<String>,
}

/// Which of the requests that meet the other conditions the fault applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pick {
    #[default]
    All,
    Nth(u64),
    Every(u64),
    Chance(f64),
}

/// The action of a fault. Each variant states whether the request is accepted, that is, takes effect.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// The request is accepted; its response is delayed by this time.
    Delay(Duration),
    /// The connection is closed before the request is read: it is **not** accepted. Of the request only the
    /// header is read, or all of it if a condition is about the statement.
    CloseBeforeRead,
    /// The request is accepted, and the connection is closed without a response.
    TakeThenClose,
    /// The request is accepted; half of the response's header is sent, then the connection is closed.
    CutHeader,
    /// The request is accepted; the header and this number of bytes of the body are sent (`None`: half of the
    /// body), then the connection is closed.
    CutBody(Option<usize>),
    /// The request is accepted; `Content-Length` exceeds the length of the body by this number, then the
    /// connection is closed.
    TooLong(u64),
    /// The request is accepted; `Content-Length` is less than the length of the body by this number, at least
    /// 0.
    TooShort(u64),
    /// The request is accepted; a page of HTML replaces the body.
    NotJson,
    /// The request is accepted; the body has two bytes in its last text that are not UTF-8.
    NotUtf8,
    /// The request is accepted; the response has no body.
    EmptyBody,
    /// The request is accepted; JSON lacks the fields that have no value: null, false, 0, empty texts, lists
    /// and objects, enum values that end in `_UNSPECIFIED`.
    Sparse,
    /// Log streams only; other responses are unchanged. The request is accepted; this number of the lines
    /// that exist at the moment is sent, then a line with an error (code 14), and the stream ends.
    ErrorLine(usize),
    /// The request is accepted; the response has no header of this name, in any case. `Content-Length`,
    /// `Connection`, `Date` and `Server` remain.
    DropHeader(String),
    /// The request is accepted; white space follows the body up to this number of bytes. It is generated
    /// while it is sent, and takes no memory.
    HugeBody(u64),
    /// The request is accepted; the body is sent byte by byte, with this pause before each.
    Drip(Duration),
    /// The response is this one. The request is **not** accepted, unless [`Answer::taken`] is set.
    Status(Answer),
    /// Polls only. The poll is accepted; in its response this text replaces the operation's status.
    OperationStatus(String),
    /// Polls only, of operations whose end an earlier poll has returned. The response says that the operation
    /// is pending; the operation itself is **not** changed.
    BackToPending,
}

/// An HTTP response that a fault sends in place of the service's: a status, some headers, perhaps a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    grpc_message: Option<String>,
    retry_after: Option<String>,
    location: Option<String>,
    body: Option<String>,
    taken: bool,
}

impl Answer {
    /// Returns a response with this status to a request that is not accepted. A status below 200 or above 599
    /// counts as the nearest of these two.
    pub fn new(status: u16) -> Self {
        Self {
            status: status.clamp(200, 599),
            grpc_message: None,
            retry_after: None,
            location: None,
            body: None,
            taken: false,
        }
    }

    /// Adds the header `grpc-message`, percent-encoded.
    pub fn grpc_message(mut self, text: impl Into<String>) -> Self {
        self.grpc_message = Some(text.into());
        self
    }

    /// Adds the header `Retry-After` with any text. Control characters are left out.
    pub fn retry_after(mut self, text: impl Into<String>) -> Self {
        self.retry_after = Some(text.into());
        self
    }

    /// Adds the header `Location` with any text. Control characters are left out.
    pub fn location(mut self, url: impl Into<String>) -> Self {
        self.location = Some(url.into());
        self
    }

    /// Adds a body: JSON if it begins with `{` or `[`, else HTML.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Lets the request take effect first; its own response is discarded.
    pub fn taken(mut self) -> Self {
        self.taken = true;
        self
    }
}

impl Action {
    /// Returns [`Status`](Action::Status) with nothing but a status: the request is not accepted.
    pub fn status(status: u16) -> Self {
        Self::Status(Answer::new(status))
    }

    /// Returns true if the request takes effect before the fault applies.
    pub fn takes(&self) -> bool {
        match self {
            Self::CloseBeforeRead | Self::BackToPending => false,
            Self::Status(answer) => answer.taken,
            _ => true,
        }
    }

    fn is_for_polls(&self) -> bool {
        matches!(self, Self::OperationStatus(_) | Self::BackToPending)
    }
}

impl From<Answer> for Action {
    fn from(answer: Answer) -> Self {
        Self::Status(answer)
    }
}

impl Fault {
    /// Returns a fault that applies to every request that its action is for.
    ///
    /// A pause longer than 24 hours counts as 24 hours, and a body of more than 1 TiB as one of 1 TiB.
    pub fn new(action: impl Into<Action>) -> Self {
        let action = match action.into() {
            Action::Delay(time) => Action::Delay(time.min(LONGEST)),
            Action::Drip(pause) => Action::Drip(pause.min(LONGEST)),
            Action::HugeBody(size) => Action::HugeBody(size.min(MAX_SIZE)),
            action => action,
        };
        Self { action, when: When::default() }
    }

    /// Returns the action.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Applies the fault to the nth of the requests that meet all other conditions, from 1 (0 counts as 1):
    /// to one, or with [`times`](Fault::times) to that number in a row. Replaces `every` and `chance`.
    pub fn nth(mut self, n: u64) -> Self {
        self.when.pick = Pick::Nth(n.max(1));
        self
    }

    /// Applies the fault to every nth of the requests that meet all other conditions (0 counts as 1).
    /// Replaces `nth` and `chance`.
    pub fn every(mut self, n: u64) -> Self {
        self.when.pick = Pick::Every(n.max(1));
        self
    }

    /// Applies the fault to each of the requests that meet all other conditions with this probability, by the
    /// emulator's seed. A number below 0 and NaN count as 0, a number above 1 as 1. Replaces `nth` and
    /// `every`.
    pub fn chance(mut self, p: f64) -> Self {
        self.when.pick = Pick::Chance(if p > 0.0 { p.min(1.0) } else { 0.0 });
        self
    }

    /// Limits how often the fault applies. Default: no limit, and once with [`nth`](Fault::nth).
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Limits the fault to requests of this kind. An action for polls never applies to another kind.
    pub fn kind(mut self, kind: RequestKind) -> Self {
        self.when.kind = Some(kind);
        self
    }

    /// Limits the fault to requests with this method, in any case.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.when.method = Some(method.into().to_ascii_uppercase());
        self
    }

    /// Limits the fault to requests whose path, percent-encoded as it is sent, begins with this text.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.when.path = Some(prefix.into());
        self
    }

    /// Limits the fault to requests whose statement begins with these words, in any case and with any space
    /// between them.
    pub fn starts_with(mut self, words: impl Into<String>) -> Self {
        self.when.starts = Some(words.into());
        self
    }

    /// Limits the fault to requests whose statement contains this text, in any case.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        self.when.contains = Some(text.into());
        self
    }
}
