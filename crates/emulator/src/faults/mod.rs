//! Misbehaviour on demand, the same for every emulated service.
//!
//! A [`Fault`] says which requests it strikes and what it does to them. It is built with methods, or read
//! from text: that of the program's `--fault SPEC`, of a file, of a test's table. All of it is the emulator's
//! own.
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
//! Without conditions a fault strikes every request. White space around the parts does not count. A value
//! runs to the next comma, in a condition also to the next colon; one that has such a sign, a quote, a
//! backslash or white space at its ends stands in double quotes, with `\"`, `\\` and `\n` inside:
//! `contains="a, b"`. A file is a JSON array of such texts.
//!
//! | Condition | Strikes |
//! |---|---|
//! | `nth=N` | the Nth of the requests that meet all other conditions, from 1; with `times=M` M in a row, else one |
//! | `every=N` | every Nth of them |
//! | `p=X` | each of them with the probability X, 0 to 1, by the emulator's seed |
//! | `times=N` | at most N times |
//! | `submit`, `poll`, `other` | requests that submit work; that ask how it stands; all others |
//! | `method=TEXT` | requests with this method |
//! | `path=TEXT` | requests whose path begins so |
//! | `starts=TEXT` | requests whose statement begins with these words, whatever their case and the space between them |
//! | `contains=TEXT` | requests whose statement has this text in it, whatever its case |
//!
//! Only one of `nth`, `every` and `p` can be given. "Taken" in the next table: whether the request takes
//! effect (a statement stands in the ledger, a poll counts) before the fault strikes.
//!
//! | Action | Taken | What the client sees |
//! |---|---|---|
//! | `delay=TIME` | yes | the answer, so much later |
//! | `close-before-read` | no | the connection closed; of the request only the header was read, or all of it if a condition is about the statement |
//! | `take-then-close` | yes | the connection closed without an answer |
//! | `cut-header` | yes | the first half of the answer's header, then the end |
//! | `cut-body[=N]` | yes | the header and N bytes of the body (default: half of it), then the end |
//! | `too-long[=N]` | yes | a `Content-Length` N above the body's (default 100), then the end |
//! | `too-short[=N]` | yes | a `Content-Length` N below the body's (default 5) |
//! | `not-json` | yes | a page of HTML with the answer's status |
//! | `not-utf8` | yes | the answer with two bytes in it that are no UTF-8 |
//! | `empty-body` | yes | the answer's status and no body |
//! | `sparse` | yes | JSON without the fields that say nothing: null, false, 0, empty texts, lists and objects, `…_UNSPECIFIED` |
//! | `error-line[=N]` | yes | only log streams: N lines (default 0), then one with an error, and the end |
//! | `drop-header=NAME` | yes | the answer without this header: `path=/storage/: drop-header=etag` |
//! | `huge-body[=SIZE]` | yes | the answer with white space after it, up to the size (default `64MiB`) |
//! | `drip[=TIME]` | yes | the answer's body byte by byte, one each so often (default `1s`) |
//! | `status=N` | no, unless `taken` | this HTTP status, 200 to 599, and no body unless one is given |
//! | `operation-status=TEXT` | yes | only polls: the answer with this text for the operation's status, known or not; `unknown-status=TEXT` is the same |
//! | `back-to-pending` | no | only polls of operations that have shown their end before: they are pending |
//!
//! | Option of `status` | Adds |
//! |---|---|
//! | `taken` | the request takes effect first, and its own answer is thrown away |
//! | `grpc-message=TEXT` | the header `grpc-message`, percent-encoded |
//! | `retry-after=TEXT` | the header `Retry-After` with any text: `7`, `-1`, `nan`, a date |
//! | `body=TEXT` | this body: JSON if it begins with `{` or `[`, else HTML |
//! | `location=TEXT` | the header `Location`, for a redirect: `status=302, location=https://other.example/` |
//!
//! A log stream goes on until its step ends, and has no `Content-Length`. `delay`, `take-then-close`,
//! `cut-header`, `cut-body=N` and `drip` leave it a stream; for all others, `cut-body` without N among them,
//! what there is at the moment counts as the whole body.
//!
//! TIME is a number and `h`, `m`, `s`, `ms`, `us` or `ns`, at most 24 hours. SIZE is a number of bytes, or
//! one with `KiB`, `MiB` or `GiB`, at most 1 TiB.
//!
//! # Which fault strikes
//!
//! Each fault counts the requests that meet its conditions, whether another one strikes them or not. Of
//! several that would strike, the first in the order in which they were added does; a `close-before-read`
//! without a condition about the statement is decided before all others. `times` counts strikes. Whether a
//! fault with `p` strikes its Nth request follows from the seed, the fault's place in the list and N, and
//! from nothing else.
//!
//! A request that is no HTTP meets no fault, nor does one to a path that begins with `/_emulator/`.

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
    /// It submits work that is then waited for.
    Submit,
    /// It asks how work stands that was submitted before.
    Poll,
    /// Anything else.
    Other,
}

/// Which requests are struck, and how. See the [module](self) for the text form and for which of several
/// strikes.
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

/// Which of the requests that meet the other conditions are struck.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Pick {
    #[default]
    All,
    Nth(u64),
    Every(u64),
    Chance(f64),
}

/// What a fault does. Whether the request takes effect before is said at each: it is never left open.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// The request is taken; its answer comes so much later.
    Delay(Duration),
    /// The connection is closed before the request is read: it is **not** taken. Of the request only the
    /// header is read, or all of it if a condition is about the statement.
    CloseBeforeRead,
    /// The request is taken, and the connection closed without an answer.
    TakeThenClose,
    /// The request is taken; half of the answer's header is sent, then the connection is closed.
    CutHeader,
    /// The request is taken; the header and so many bytes of the body are sent (`None`: half of them), then
    /// the connection is closed.
    CutBody(Option<usize>),
    /// The request is taken; `Content-Length` is so much more than the body has bytes, then the connection is
    /// closed.
    TooLong(u64),
    /// The request is taken; `Content-Length` is so much less than the body has bytes, at least 0.
    TooShort(u64),
    /// The request is taken; a page of HTML takes the place of the body.
    NotJson,
    /// The request is taken; the body has two bytes in its last text that are no UTF-8.
    NotUtf8,
    /// The request is taken; the answer has no body.
    EmptyBody,
    /// The request is taken; of JSON those fields are left out that say nothing: null, false, 0, empty texts,
    /// lists and objects, enum values that end in `_UNSPECIFIED`.
    Sparse,
    /// Log streams only; nothing happens to other answers. The request is taken; so many lines are sent of
    /// what there is at the moment, then a line with an error (code 14), and the stream ends.
    ErrorLine(usize),
    /// The request is taken; the answer has no header of this name, whatever its case. `Content-Length`,
    /// `Connection`, `Date` and `Server` stay.
    DropHeader(String),
    /// The request is taken; white space follows the body until it has so many bytes. It is made as it is
    /// sent, and takes no memory.
    HugeBody(u64),
    /// The request is taken; the body comes byte by byte, with this pause before each.
    Drip(Duration),
    /// The request is answered with this. It is **not** taken, unless the answer says so ([`Answer::taken`]).
    Status(Answer),
    /// Polls only. The poll is taken; in its answer this text takes the place of the operation's status.
    OperationStatus(String),
    /// Polls only, of operations that have shown their end before. The answer is that the operation is
    /// pending; the operation itself is **not** touched.
    BackToPending,
}

/// An HTTP answer that a fault gives in place of the service's: a status, some headers, perhaps a body.
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
    /// An answer with this status to a request that is not taken. A status below 200 or above 599 counts as
    /// the nearest of these two.
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

    /// The request takes effect first: its own answer is thrown away.
    pub fn taken(mut self) -> Self {
        self.taken = true;
        self
    }
}

impl Action {
    /// [`Status`](Action::Status) with nothing but a status: the request is not taken.
    pub fn status(status: u16) -> Self {
        Self::Status(Answer::new(status))
    }

    /// Whether the request takes effect before the fault strikes.
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
    /// A fault that strikes every request that its action is for.
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

    /// What it does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Strikes the nth of the requests that meet all other conditions, from 1 (0 counts as 1): one, or with
    /// [`times`](Fault::times) so many in a row. Takes the place of `every` and `chance`.
    pub fn nth(mut self, n: u64) -> Self {
        self.when.pick = Pick::Nth(n.max(1));
        self
    }

    /// Strikes every nth of the requests that meet all other conditions (0 counts as 1). Takes the place of
    /// `nth` and `chance`.
    pub fn every(mut self, n: u64) -> Self {
        self.when.pick = Pick::Every(n.max(1));
        self
    }

    /// Strikes each of the requests that meet all other conditions with this probability, by the emulator's
    /// seed. Below 0 and not a number count as 0, above 1 as 1. Takes the place of `nth` and `every`.
    pub fn chance(mut self, p: f64) -> Self {
        self.when.pick = Pick::Chance(if p > 0.0 { p.min(1.0) } else { 0.0 });
        self
    }

    /// Strikes at most so many times. Default: no limit, and once with [`nth`](Fault::nth).
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Strikes requests of this kind only. An action that is for polls strikes nothing of another kind.
    pub fn kind(mut self, kind: RequestKind) -> Self {
        self.when.kind = Some(kind);
        self
    }

    /// Strikes requests with this method only; it is put in capitals.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.when.method = Some(method.into().to_ascii_uppercase());
        self
    }

    /// Strikes requests only whose path begins so, percent-encoded as it is sent.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.when.path = Some(prefix.into());
        self
    }

    /// Strikes requests only whose statement begins with these words, whatever their case and the space
    /// between them.
    pub fn starts_with(mut self, words: impl Into<String>) -> Self {
        self.when.starts = Some(words.into());
        self
    }

    /// Strikes requests only whose statement has this text in it, whatever its case.
    pub fn contains(mut self, text: impl Into<String>) -> Self {
        self.when.contains = Some(text.into());
        self
    }
}
