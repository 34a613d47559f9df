//! A batch before it runs: its calls, its settings and its journal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{Blocking, Call, CancelToken};
use crate::engine::Progress;
use crate::engine::batch::{Past, Record};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, one_line};
use crate::http::Request;

use super::blocking::DEFAULT_THREADS;
use super::journal::{End, History};
use super::member::{AnyCall, Member};
use super::order::{order, sequence};
use super::{Addable, BatchCommand, BatchScope, Includes};

/// Many calls of any kind, those of each client sent under its rate limit.
///
/// Each service has this type under a name of its own, as `onehouse::Batch`. It is made by the client:
/// `client.batch()`, or `client.batch_from(journal)` to continue an interrupted one. With the calls of several
/// services it is [`controlplane::Batch`](crate::Batch). Calls are added, each with a key of its own, and sent
/// by `run`. Results are returned as the calls finish.
///
/// | A call of a batch may be | |
/// |---|---|
/// | a command | of every service |
/// | a command with `and_wait`, a wait (`wait_for_…`) | of every service; without a rule of its own (`until`), which a journal cannot keep |
/// | a query, a load | of Hotdata |
/// | an upload of a file with `and_load` | of Hotdata; by its path (`upload_path`), because a journal keeps no bytes |
///
/// # The rate limit
///
/// While calls wait to be submitted, they mostly take precedence over polls, because long operations should
/// begin early. An operation of Onehouse is polled when its end is likely, which the batch learns from other
/// operations of the same kind; [`poll_interval`](Call::poll_interval) is then the shortest interval between
/// two polls. Waits, and calls of the other services, are polled as outside of a batch. Each call has its own
/// [`timeout`](Call::timeout), which begins with its first request.
///
/// If the service responds with 429, because other processes use its limit too, the client slows down, and
/// the call is sent again until its timeout. It ends as [`RateLimited`](ErrorKind::RateLimited) only if the
/// service has not accepted it by then. Processes that share a limit need no settings for that.
///
/// # Stopping
///
/// Dropping the results stops the batch: nothing more is submitted, and what was submitted continues at the
/// server. A token ([`cancel_with`](Batch::cancel_with)) stops it from elsewhere, and each call still has a
/// result. With a [`journal`](Batch::journal), `client.batch_from` continues the batch, also after the
/// process was killed.
///
/// An upload counts as not submitted until its load is. A batch that stops or times out ends it at once, as
/// [`Skipped`](ErrorKind::Skipped), and so does a token, as [`Cancelled`](ErrorKind::Cancelled); the id of an
/// upload that was finalized is the [`resource`](Error::resource) of the error. A batch that is continued uploads
/// the file again. What was uploaded and not loaded changes no table.
///
/// A call of several requests that change something (H2O Workflows: `apply_runners`) cannot be continued in
/// its middle: if it was interrupted after the first of them, its outcome is unknown.
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<S: BatchScope, M> {
    pub(super) members: Vec<Member<S, M>>,
    pub(super) calls: Vec<Item<S::Output>>,
    pub(super) journal: Option<PathBuf>,
    /// The end of the journal when it was read; `None`: the journal is new.
    pub(super) read: Option<End>,
    /// The places of the calls of a journal that was read.
    pub(super) places: HashMap<Arc<str>, usize>,
    pub(super) stops_on_failure: bool,
    pub(super) threads: usize,
    pub(super) timeout: Option<Duration>,
    pub(super) http_timeout: Option<Duration>,
    pub(super) cancel: Option<CancelToken>,
    pub(super) on_progress: Option<Arc<ProgressOf>>,
    /// What was decided about calls of earlier runs, to be written down.
    pub(super) decided: Vec<Record>,
    pub(super) problem: Option<Error>,
}

/// A callback with the key of a call and its progress.
pub(super) type ProgressOf = dyn Fn(&str, &Progress) + Send + Sync;

impl<S: BatchScope, M> fmt::Debug for Batch<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("calls", &self.calls.len())
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// A call, rendered.
pub(super) struct Item<T> {
    pub(super) key: Arc<str>,
    /// `None`: it could not be rendered, which is the problem of its batch.
    pub(super) call: Option<Box<dyn AnyCall<T>>>,
    /// The number of its client.
    pub(super) member: usize,
    pub(super) after: Vec<String>,
    pub(super) history: History,
}

impl<T> Item<T> {
    fn label(&self) -> Cow<'_, str> {
        self.call.as_ref().map(|call| call.label()).unwrap_or_default()
    }
}

/// A call that was added to a batch, to set what it comes after.
#[derive(Debug)]
pub struct Added<'a> {
    after: &'a mut Vec<String>,
}

impl Added<'_> {
    /// Submits the call only after the call with this key has succeeded. If that call fails, this one is
    /// [`Skipped`](ErrorKind::Skipped). May be called several times; the call with the key may be added
    /// later.
    pub fn after(self, key: impl Into<String>) -> Self {
        self.after.push(key.into());
        self
    }
}

/// The state of a call before its batch runs: by [`BatchCall::state`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallState {
    /// It will be submitted.
    Todo,
    /// It was submitted, and will be waited for.
    Submitted {
        /// The id of its operation, or the name of what it has started.
        request_id: String,
    },
    /// It is done, and will not be done again.
    Done {
        /// The id of its operation, if it is known.
        request_id: Option<String>,
    },
    /// It failed after it was accepted, and will not be submitted again unless [`Batch::again`] is called.
    Failed {
        /// The error.
        error: String,
    },
    /// It may have been accepted. It will not be submitted again unless [`Batch::again`] is called.
    Unknown,
}

/// A call of a batch before it runs: by [`Batch::calls`].
pub struct BatchCall<'a, S: BatchScope>(&'a Item<S::Output>);

impl<S: BatchScope> Clone for BatchCall<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: BatchScope> Copy for BatchCall<'_, S> {}

impl<'a, S: BatchScope> BatchCall<'a, S> {
    /// The statement that the call sends, if it sends one.
    pub(crate) fn shown_statement(self) -> Option<&'a str> {
        self.0.call.as_ref()?.statement()
    }

    /// The first request of the call, without the service's address and the credentials.
    pub(crate) fn shown_request(self) -> Option<Request> {
        self.0.call.as_ref()?.request()
    }

    /// The name of its service.
    pub(crate) fn service_name(self) -> &'static str {
        self.0.call.as_ref().map_or("", |call| call.service())
    }

    /// Returns the key.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// Returns the call as a journal keeps it, to compare two calls: its command, and what it waits for. `None` if
    /// it cannot be written.
    ///
    /// It has all values of the command, also those that are secret.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        let written = self.0.call.as_ref()?.written().ok()?;
        serde_json::from_str(written.get()).ok()
    }

    /// Returns the keys of the calls that it comes after.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        self.0.after.iter().map(String::as_str)
    }

    /// Returns the state: `Todo`, unless the batch was read from a journal.
    pub fn state(&self) -> CallState {
        let History { past, request_id, text, .. } = &self.0.history;
        match past {
            Past::Todo => CallState::Todo,
            Past::Submitted => CallState::Submitted { request_id: request_id.clone().unwrap_or_default() },
            Past::Done => CallState::Done { request_id: request_id.clone() },
            Past::Failed => CallState::Failed { error: text.clone().unwrap_or_default() },
            Past::Unknown => CallState::Unknown,
        }
    }
}

impl<S: BatchScope> fmt::Debug for BatchCall<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall")
            .field("key", &self.0.key)
            .field("call", &self.0.label())
            .finish_non_exhaustive()
    }
}

impl<S: BatchScope, M> Batch<S, M> {
    /// An empty batch for the calls of these clients.
    pub(crate) fn of(members: Vec<Member<S, M>>) -> Self {
        Self {
            members,
            calls: Vec::new(),
            journal: None,
            read: None,
            places: HashMap::new(),
            stops_on_failure: false,
            threads: DEFAULT_THREADS,
            timeout: None,
            http_timeout: None,
            cancel: None,
            on_progress: None,
            decided: Vec::new(),
            problem: None,
        }
    }

    /// Adds a call: a [`Call`], or an upload with its load. The key is any text that no other call of the batch has.
    ///
    /// `run` returns an error, before anything is sent, for a call that cannot be sent as it is, a key that
    /// is used twice, and a call that comes after an unknown one or after itself.
    pub fn add<C: Addable<M>>(&mut self, key: impl Into<String>, call: C) -> Added<'_>
    where
        S: Includes<C::Platform>,
    {
        let key = key.into();
        let refuse = |why| Error::invalid("adding to the batch", why);
        if self.read.is_some() {
            self.complain(&key, refuse("the batch is continued from a journal, which has no such call"));
        }
        let Call { client, command, options } = call.into_call();
        let planned = match command.plan(client.core(), &options) {
            Ok(planned) => Some(planned),
            Err(error) => {
                self.complain(&key, error);
                None
            }
        };
        let mut member = self.members.iter().position(|member| member.is(&client));
        if member.is_none() && S::IS_OPEN {
            member = Some(self.members.len());
            self.members.push(Member::new(client));
        }
        if member.is_none() {
            self.complain(&key, refuse("the call was made with another client"));
        }
        if key.is_empty() || key.chars().any(char::is_control) {
            self.complain(&key, refuse("its key is empty or has control characters"));
        }
        let member = member.unwrap_or_default();
        let call = planned.and_then(|planned| self.members.get(member)?.keep(planned, options));
        self.calls.push(Item {
            key: key.into(),
            call,
            member,
            after: Vec::new(),
            history: History::default(),
        });
        let at = self.calls.len() - 1;
        Added { after: &mut self.calls[at].after }
    }

    /// Keeps the first problem.
    pub(super) fn complain(&mut self, key: &str, error: Error) {
        self.problem.get_or_insert(about(key, error));
    }

    /// Returns the number of calls.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// True if there are no calls.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Returns the calls in the order in which they were added: to show what will be done, without sending
    /// anything.
    pub fn calls(&self) -> impl Iterator<Item = BatchCall<'_, S>> {
        self.calls.iter().map(BatchCall)
    }

    /// Returns the calls in an order in which they may be sent: each behind those that it comes after,
    /// otherwise as they were added. For dry runs: it needs no credentials and sends nothing.
    ///
    /// ```
    /// # #[cfg(feature = "onehouse")] {
    /// use controlplane::onehouse::{Client, LakeType};
    ///
    /// let client = Client::offline();
    /// let mut batch = client.batch();
    /// batch.add("events", client.create_database("events", "raw")).after("lake");
    /// batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "prod"));
    /// for call in batch.order()? {
    ///     println!("{}: {}", call.key(), call.sql());
    /// }
    /// assert_eq!(batch.order()?[0].key(), "lake");
    /// # }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) for everything that [`run`](Batch::run) refuses before
    /// it sends.
    pub fn order(&self) -> Result<Vec<BatchCall<'_, S>>, Error> {
        let places = sequence(&self.edges()?);
        Ok(places.into_iter().map(|place| BatchCall(&self.calls[place])).collect())
    }

    /// The places of the calls that each call comes after.
    pub(super) fn edges(&self) -> Result<Vec<Vec<usize>>, Error> {
        if let Some(problem) = &self.problem {
            return Err(problem.duplicate());
        }
        let edges: Vec<(&str, &[String])> =
            self.calls.iter().map(|item| (&*item.key, item.after.as_slice())).collect();
        order(&edges)
    }

    /// Sets whether to submit nothing more once a call has failed. What was submitted is waited for, the rest
    /// is [`Skipped`](ErrorKind::Skipped). Default: false; only calls that come after a failed one are
    /// skipped.
    pub fn stop_on_failure(&mut self, stops: bool) -> &mut Self {
        self.stops_on_failure = stops;
        self
    }

    /// Sets the time limit of the whole batch. When it has passed, no further call is submitted: calls that
    /// were not submitted are [`Skipped`](ErrorKind::Skipped), and calls that are still running end with
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), which has their request ids. Default: no limit.
    /// Each call has its own [`timeout`](Call::timeout) besides.
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the timeout of each HTTP request of the batch. Default: that of its call. The parts of an upload, and an
    /// upload with an [`http_timeout`](Call::http_timeout) of its own, keep theirs.
    pub fn http_timeout(&mut self, timeout: Duration) -> &mut Self {
        self.http_timeout = Some(timeout);
        self
    }

    /// Sets a token that cancels the batch from elsewhere. Requests in flight are aborted, and each call has
    /// a result: one that is not submitted is [`Skipped`](ErrorKind::Skipped), one that is running is
    /// [`Cancelled`](ErrorKind::Cancelled) and has its request id, and one that was just being submitted is
    /// [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if it changes something and may have been accepted, else
    /// [`Cancelled`](ErrorKind::Cancelled). A journal remains complete, and the batch can be continued from
    /// it.
    ///
    /// A call that has a token of its own ([`Call::cancel_with`]) is cancelled by either token.
    pub fn cancel_with(&mut self, token: &CancelToken) -> &mut Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Sets a file to write a journal to, so that `client.batch_from` can continue the batch if it is
    /// interrupted. The journal has one JSON object a line: for each call, and for each event of a call,
    /// before and after each submit.
    ///
    /// The file must not exist yet, and must be a regular file on a file system whose appends are atomic (NFS
    /// is not one). Do not edit it or replace it while the batch runs: on Unix the batch notices and sends
    /// nothing more. It contains the calls with all their values, so it is readable by its owner only (on
    /// Unix), but not the payloads of responses. It is written by the thread or the task that runs the batch.
    pub fn journal(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        if self.read.is_some() {
            let error =
                Error::invalid("choosing a journal", "this batch continues the one that it was read from");
            self.problem.get_or_insert(error);
        }
        self.journal = Some(path.into());
        self
    }

    /// Sets a callback for the progress of all calls, with the key of the call, besides the call's own
    /// callback. It runs on any thread of the batch while the others wait, so it should return soon. The progress
    /// of an upload is reported from a thread of its own, at the same time as that of the others.
    pub fn on_progress(&mut self, callback: impl Fn(&str, &Progress) + Send + Sync + 'static) -> &mut Self {
        self.on_progress = Some(Arc::new(callback));
        self
    }
}

/// An error about the call with this key.
pub(super) fn about(key: &str, error: Error) -> Error {
    error.with_context(format!("call {:?}", one_line(key, 100)))
}

impl<S: BatchScope> Batch<S, Blocking> {
    /// Sets how many threads may send requests at a time for each client, that of the caller included; 0
    /// counts as 1. Default: 8. The batch starts at most one thread for each request in flight, and one more
    /// that is ready to send the next request. An upload has threads of its own besides, so that no other call
    /// waits for it. A client runs at most four uploads at a time, and no more than this number.
    pub fn threads(&mut self, most: usize) -> &mut Self {
        self.threads = most;
        self
    }
}
