//! Faults that a test injects into the emulator of any service: lost responses, delays, wrong bodies, errors.
//!
//! A [`Fault`] selects requests by its conditions and applies its action to them. It is built with methods,
//! or read from text, such as that of the program's option `--fault SPEC`.
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
//! at the next comma, in a condition also at the next colon. Write a value in double quotes if it has one of
//! these characters, a quote, a backslash, or white space at its ends: `contains="a, b"`. Between the quotes,
//! `\"`, `\\` and `\n` stand for a quote, a backslash and a line break. A file of faults, as for the
//! program's option `--faults FILE`, is a JSON array of at most 1000 texts of this form.
//!
//! | Condition | The fault applies to |
//! |---|---|
//! | `nth=N` | the Nth, from 1, of the requests that meet all other conditions; with `times=M`, M requests from the Nth on |
//! | `every=N` | every Nth of the requests that meet all other conditions |
//! | `p=X` | each of the requests that meet all other conditions, with the probability X from 0 to 1; the choice follows from the emulator's seed |
//! | `times=N` | at most N requests (default: no limit; one with `nth`) |
//! | `submit`, `poll` or `other` | requests that submit work, requests that poll its status, or all other requests |
//! | `method=TEXT` | requests with this method |
//! | `path=TEXT` | requests whose path, percent-encoded as it is sent, begins with this text |
//! | `starts=TEXT` | requests whose statement begins with these words, in any case and with any space between them |
//! | `contains=TEXT` | requests whose statement contains this text, in any case |
//!
//! Only one of `nth`, `every` and `p` can be set, and only one of `submit`, `poll` and `other`. The module of
//! each service says which requests submit and which poll.
//!
//! The statement of a request is its SQL for Onehouse and its body for EloqCloud. For H2O Workflows and
//! Hotdata it is the operation's name in the vendor's client, the decoded path and the body, separated by
//! spaces.
//!
//! In the next table, a request is "accepted" if it takes effect (a statement is recorded in the ledger, a
//! poll is counted) before the fault applies.
//!
//! | Action | Accepted | What the client receives |
//! |---|---|---|
//! | `delay=TIME` | yes | the response after this delay |
//! | `close-before-read` | no | a closed connection; only the request's header was read, or the whole request if a condition is about the statement |
//! | `take-then-close` | yes | a closed connection without a response |
//! | `cut-header` | yes | the first half of the response's header, then a closed connection |
//! | `cut-body[=N]` | yes | the header and N bytes of the body (default: half of it), then a closed connection |
//! | `too-long[=N]` | yes | a `Content-Length` that exceeds the body by N bytes (default 100), the body, then a closed connection |
//! | `too-short[=N]` | yes | a `Content-Length` that is N bytes below the body's length (default 5), the body, then a closed connection |
//! | `not-json` | yes | a page of HTML with the response's status |
//! | `not-utf8` | yes | the response with two bytes in it that are not UTF-8 |
//! | `empty-body` | yes | the response's status and headers, and no body |
//! | `sparse` | yes | the response's JSON without the fields whose value is null, false, 0, an empty text, list or object, or an enum value that ends in `_UNSPECIFIED` |
//! | `error-line[=N]` | yes | only streams, such as logs: N lines (default 0), then a line with an error, then the end of the stream |
//! | `drop-header=NAME` | yes | the response without this header: `path=/storage/: drop-header=etag` |
//! | `huge-body[=SIZE]` | yes | the response with white space after its body, up to this size (default `64MiB`) |
//! | `drip[=TIME]` | yes | the response's body byte by byte, at this interval (default `1s`) |
//! | `status=N` | no, unless `taken` | this HTTP status, 200 to 599, and no body unless one is set |
//! | `operation-status=TEXT` | yes | only polls: the response with this text, which may be unknown to the service, as the status of the work; `unknown-status=TEXT` is a synonym |
//! | `back-to-pending` | no | only polls of work that has ended (Onehouse: whose end an earlier poll has returned): a response that says that the work is pending |
//!
//! | Option of `status` | Adds |
//! |---|---|
//! | `taken` | nothing to the response; the request takes effect first, and the service's response is discarded |
//! | `grpc-message=TEXT` | the header `grpc-message`, percent-encoded |
//! | `retry-after=TEXT` | the header `Retry-After` with any text: `7`, `-1`, `nan`, a date |
//! | `body=TEXT` | this body, with the content type of JSON if it begins with `{` or `[`, else of HTML |
//! | `location=TEXT` | the header `Location`, for a redirect: `status=302, location=https://other.example/` |
//!
//! Two kinds of responses are streams, which have no `Content-Length`: the log streams of H2O Workflows,
//! which continue until the step ends, and the results that Hotdata sends as Arrow, CSV or Markdown. With
//! `delay`, `take-then-close`, `cut-header`, `cut-body=N`, `drip` and `drop-header` a stream remains a
//! stream, and `sparse` does not change it. With `cut-body` without N, `too-long`, `too-short`, `not-utf8`,
//! `empty-body` and `huge-body`, the part of the stream that exists at the moment counts as the whole body.
//! `not-json` and `status` replace the stream.
//!
//! TIME is a number followed by `h`, `m`, `s`, `ms`, `us` or `ns`, at most 24 hours. SIZE is a number of
//! bytes, or a number followed by `KiB`, `MiB` or `GiB`, at most 1 TiB.
//!
//! # Which fault applies
//!
//! At most one fault applies to a request. If several could, the one that was added first applies; only a
//! `close-before-read` without a condition about the statement comes before all other faults.
//!
//! For `nth`, `every` and `p`, each fault counts the requests that meet its other conditions, whether it or
//! another fault applies to them; requests that such a `close-before-read` closes are not counted by the
//! other faults. `times` counts how often the fault itself has applied. Whether a fault with `p` applies to
//! its Nth request depends only on the emulator's seed, the fault's place in the list, and N.
//!
//! No fault applies to a request that is not valid HTTP, to a CORS preflight request that is allowed, or to a
//! path that begins with `/_emulator/`.

mod play;
mod spec;
mod strike;
#[cfg(test)]
mod tests;

use std::time::Duration;

use spec::MAX_SIZE;
pub(crate) use strike::{Faults, KeptFaults, MAX_FAULTS, Seen};

use crate::duration::LONGEST;

/// The kind of a request, as a condition of a [`Fault`]. The module of each service says which requests
/// submit work and which poll it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// The request submits work or, with services other than Onehouse, any change.
    Submit,
    /// The request polls the status of work that was submitted before.
    Poll,
    /// Any other request.
    Other,
}

/// A fault: an [`Action`], and conditions that select the requests to which it applies.
///
/// Add it with [`Builder::fault`](crate::Builder::fault) or
/// [`Emulator::add_fault`](crate::Emulator::add_fault). It can be parsed from text, and `Display` writes the
/// same form. The [module](self) describes the text form, and which of several faults applies.
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

/// The action of a [`Fault`]. Each variant states whether the request is accepted, that is, takes effect.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// The request is accepted; its response is delayed by this time.
    Delay(Duration),
    /// The request is **not** accepted; the connection is closed when only the request's header has been
    /// read, or the whole request if a condition is about the statement.
    CloseBeforeRead,
    /// The request is accepted, and the connection is closed without a response.
    TakeThenClose,
    /// The request is accepted; half of the response's header is sent, then the connection is closed.
    CutHeader,
    /// The request is accepted; the header and this number of bytes of the body are sent (`None`: half of the
    /// body), then the connection is closed.
    CutBody(Option<usize>),
    /// The request is accepted; `Content-Length` exceeds the length of the body by this number of bytes, and
    /// the connection is closed after the body.
    TooLong(u64),
    /// The request is accepted; `Content-Length` is less than the length of the body by this number of bytes
    /// (but not below 0), and the connection is closed after the body.
    TooShort(u64),
    /// The request is accepted; a page of HTML replaces the body, and the response has no header of the
    /// service.
    NotJson,
    /// The request is accepted; two bytes that are not UTF-8 are inserted before the last quote in the body,
    /// or at its end.
    NotUtf8,
    /// The request is accepted; the response has its status and headers, and no body.
    EmptyBody,
    /// The request is accepted; the JSON of the response lacks the fields whose value is null, false, 0, an
    /// empty text, list or object, or an enum value that ends in `_UNSPECIFIED`. A body that is not JSON is
    /// unchanged.
    Sparse,
    /// Streams only, such as the log streams of H2O Workflows; other responses are unchanged. The request is
    /// accepted; at most this number of the lines that exist at the moment is sent, then a line with an error
    /// (code 14), and the stream ends.
    ErrorLine(usize),
    /// The request is accepted; the response does not have the header with this name, which is compared in
    /// any case. `Content-Length`, `Connection`, `Date` and `Server` are always sent.
    DropHeader(String),
    /// The request is accepted; white space is appended to the body until both have this number of bytes. It
    /// is generated while it is sent, and takes no memory.
    HugeBody(u64),
    /// The request is accepted; the body is sent byte by byte, with this pause before each byte.
    Drip(Duration),
    /// This response replaces the service's. The request is **not** accepted, unless [`Answer::taken`] is
    /// set.
    Status(Answer),
    /// Polls only. The poll is accepted; in its response this text replaces the status of the work.
    OperationStatus(String),
    /// Polls only, of work that has ended (with Onehouse: whose end an earlier poll has returned). The
    /// response says that the work is pending; the work itself is **not** changed.
    BackToPending,
}

/// An HTTP response that a fault sends instead of the service's: the value of [`Action::Status`].
///
/// ```
/// use controlplane_emulator::faults::{Answer, Fault};
///
/// let fault = Fault::new(Answer::new(503).retry_after("1")).nth(2);
/// assert_eq!(fault.to_string(), "nth=2: status=503, retry-after=1");
/// ```
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
    /// Returns a response with this HTTP status, without body and without the service's headers. The request
    /// is not accepted unless [`taken`](Answer::taken) is set. A status below 200 counts as 200, and one
    /// above 599 as 599.
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

    /// Sets the body. Its content type is JSON if the text begins with `{` or `[`, else HTML. Default: no
    /// body.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Lets the request take effect first; the service's response is then discarded. Default: the request
    /// does not take effect.
    pub fn taken(mut self) -> Self {
        self.taken = true;
        self
    }
}

impl Action {
    /// Returns [`Action::Status`] with this HTTP status and no body, for a request that is not accepted: the
    /// same as with [`Answer::new`].
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
    /// Returns a fault without conditions. It applies to every request, or to every poll if its action is for
    /// polls only.
    ///
    /// A delay or pause longer than 24 hours counts as 24 hours, and a body larger than 1 TiB as 1 TiB.
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

    /// Applies the fault to the nth of the requests that meet all other conditions, counted from 1 (0 counts
    /// as 1). With [`times`](Fault::times) it applies to that number of requests from the nth on, else to
    /// one. Replaces [`every`](Fault::every) and [`chance`](Fault::chance).
    pub fn nth(mut self, n: u64) -> Self {
        self.when.pick = Pick::Nth(n.max(1));
        self
    }

    /// Applies the fault to every nth of the requests that meet all other conditions (0 counts as 1).
    /// Replaces [`nth`](Fault::nth) and [`chance`](Fault::chance).
    pub fn every(mut self, n: u64) -> Self {
        self.when.pick = Pick::Every(n.max(1));
        self
    }

    /// Applies the fault with this probability to each of the requests that meet all other conditions. The
    /// choice follows from the emulator's [seed](crate::Builder::seed). A number below 0 and NaN count as 0,
    /// a number above 1 as 1. Replaces [`nth`](Fault::nth) and [`every`](Fault::every).
    pub fn chance(mut self, p: f64) -> Self {
        self.when.pick = Pick::Chance(if p > 0.0 { p.min(1.0) } else { 0.0 });
        self
    }

    /// Limits how often the fault applies. Default: no limit, but once with [`nth`](Fault::nth).
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Limits the fault to requests of this kind. [`Action::OperationStatus`] and [`Action::BackToPending`]
    /// apply to polls only, whatever the kind that is set. Default: any kind.
    pub fn kind(mut self, kind: RequestKind) -> Self {
        self.when.kind = Some(kind);
        self
    }

    /// Limits the fault to requests with this HTTP method, which may be written in any case. Default: any
    /// method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.when.method = Some(method.into().to_ascii_uppercase());
        self
    }

    /// Limits the fault to requests whose path, percent-encoded as it is sent, begins with this text.
    /// Default: any path.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.when.path = Some(prefix.into());
        self
    }

    /// Limits the fault to requests whose [statement](self#the-text-form) begins with these words, in any
    /// case and with any space between them. Default: any request, with a statement or without.
    pub fn starts_with(mut self, words: impl Into<String>) -> Self {
        self.when.starts = Some(words.into());
        self
    }

    /// Limits the fault to requests whose [statement](self#the-text-form) contains this text, in any case.
    /// Default: any request, with a statement or without.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        self.when.contains = Some(text.into());
        self
    }
}
