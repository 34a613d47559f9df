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

/// A batch of many calls. The calls of each client are sent under the client's rate limit.
///
/// Each service has an alias of this type, such as `onehouse::Batch`, for the calls of one client:
/// `client.batch()` returns an empty batch, and `client.batch_from(journal)` continues an interrupted one.
/// [`controlplane::Batch`](crate::Batch) holds the calls of several clients and services. [`add`](Batch::add)
/// adds a call with a key of its own, and `run` sends the calls and returns their results as they finish.
///
/// | A call of a batch may be | |
/// |---|---|
/// | a command | of every service |
/// | a command with `and_wait`, a wait (`wait_for_…`) | of every service; without `until`, because a journal cannot keep a function |
/// | a query, a load | of Hotdata |
/// | an upload of a file with `and_load` | of Hotdata; by its path (`upload_path`), because a journal keeps no bytes |
///
/// # The rate limit
///
/// Calls that are not submitted yet mostly take precedence over polls, because long operations should begin
/// early. The batch polls an operation of Onehouse when its end is likely, which the batch learns from other
/// operations of the same kind; [`poll_interval`](Call::poll_interval) is then the shortest interval between
/// two polls. Waits, and calls of the other services, are polled as outside of a batch. Each call has its own
/// [`timeout`](Call::timeout), which begins with its first request.
///
/// If the service responds with 429, because other processes use its limit too, the client slows down, and
/// the call is sent again until its timeout. The call ends as [`RateLimited`](ErrorKind::RateLimited) only if
/// the service has not accepted it by then. Processes that share a limit need no settings for this.
///
/// # Stopping
///
/// Dropping the results stops the batch: nothing more is submitted, and operations that were submitted
/// continue at the server. A token ([`cancel_with`](Batch::cancel_with)) stops the batch from elsewhere in
/// the program, and each call still has a result. If the batch has a [`journal`](Batch::journal),
/// `client.batch_from` continues it, also after the process was killed.
///
/// An upload with its load (Hotdata) counts as submitted when the load is submitted. Before then, the upload
/// ends at once if the batch stops or times out, with [`Skipped`](ErrorKind::Skipped), or if a token cancels
/// it, with [`Cancelled`](ErrorKind::Cancelled). If the upload was finalized, its id is the
/// [`resource`](Error::resource) of the error. A batch that is continued uploads the file again. An upload
/// that was not loaded changes no table.
///
/// A call that sends several requests which change something (H2O Workflows: `apply_runners`) cannot be
/// continued in its middle: if it was interrupted after the first of these requests, its outcome is unknown.
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

/// A call that was just added to a batch: [`after`](Added::after) sets the calls that it comes after.
#[derive(Debug)]
pub struct Added<'a> {
    after: &'a mut Vec<String>,
}

impl Added<'_> {
    /// Submits the call only after the call with this key has succeeded. If the call with this key does not
    /// succeed, the added call is [`Skipped`](ErrorKind::Skipped).
    ///
    /// `after` may be called several times, with keys of calls that are added later too. A key that no call
    /// of the batch has is an error of `run`.
    pub fn after(self, key: impl Into<String>) -> Self {
        self.after.push(key.into());
        self
    }
}

/// The state of a call before its batch runs: [`BatchCall::state`] returns it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallState {
    /// The call will be submitted.
    Todo,
    /// An earlier run submitted the call. The batch will wait for its end.
    Submitted {
        /// The id of the operation, or the name or id of the resource or run that the call has started.
        request_id: String,
    },
    /// The call succeeded in an earlier run, or was declared done with [`Batch::settled`]. It will not be
    /// submitted again.
    Done {
        /// The id of the operation, if it is known.
        request_id: Option<String>,
    },
    /// The call failed in an earlier run, after it was accepted. It will not be submitted again unless
    /// [`Batch::again`] is called.
    Failed {
        /// The text of the error.
        error: String,
    },
    /// An earlier run was submitting the call when it ended, so the call may have been accepted. It will not
    /// be submitted again unless [`Batch::again`] is called.
    Unknown,
}

/// A call of a batch before the batch runs: [`Batch::calls`] and [`Batch::order`] return it.
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

    /// Returns the key with which the call was added.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// Returns the call as a journal keeps it, to compare two calls: its command, and what it waits for. `None` if
    /// the call has no form in JSON.
    ///
    /// The JSON has all values of the command, also those that are secret.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        let written = self.0.call.as_ref()?.written().ok()?;
        serde_json::from_str(written.get()).ok()
    }

    /// Returns the keys of the calls that this call comes after.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        self.0.after.iter().map(String::as_str)
    }

    /// Returns the state of the call: always `Todo`, unless the batch was read from a journal.
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

    /// Adds a call: a [`Call`], or an upload with its load (Hotdata). The key is any text without control
    /// characters that is not empty and that no other call of the batch has.
    ///
    /// `add` itself does not fail. `run` returns [`InvalidArgument`](ErrorKind::InvalidArgument), before
    /// anything is sent, for a call that cannot be sent as it is, a key that is used twice, a call that comes
    /// after itself or after a key that no call has, and a call that was added to a batch from a journal.
    pub fn add<C: Addable<M>>(&mut self, key: impl Into<String>, call: C) -> Added<'_>
    where
        S: Includes<C::Platform>,
    {
        let key = key.into();
        let refuse = |why| Error::invalid("adding to the batch", why);
        if self.read.is_some() {
            self.complain(
                &key,
                refuse("a batch that continues a journal takes no more calls: add it to a new batch"),
            );
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

    /// Returns true if there are no calls.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Returns the calls in the order in which they were added, to show what the batch will do. Sends
    /// nothing.
    pub fn calls(&self) -> impl Iterator<Item = BatchCall<'_, S>> {
        self.calls.iter().map(BatchCall)
    }

    /// Returns the calls in an order in which they may be sent: each call behind the calls that it comes
    /// after, otherwise as they were added. It is for dry runs: it needs no credentials and sends nothing.
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
    /// The first error that [`add`](Batch::add) has kept, or [`InvalidArgument`](ErrorKind::InvalidArgument)
    /// if keys or the order of the calls are wrong.
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

    /// Sets whether the batch submits nothing more once a call has failed. Calls that were submitted before
    /// are waited for, and all others are [`Skipped`](ErrorKind::Skipped). Default: false, so that only the
    /// calls that come after a failed call are skipped.
    pub fn stop_on_failure(&mut self, stops: bool) -> &mut Self {
        self.stops_on_failure = stops;
        self
    }

    /// Sets the time limit of the whole batch. When it has passed, no further call is submitted: calls that
    /// were not submitted are [`Skipped`](ErrorKind::Skipped), and calls that are still running end with
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), an error that has the request id. Default: no
    /// limit. Each call has its own [`timeout`](Call::timeout) besides.
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the timeout of each HTTP request of the batch. Default: the [`http_timeout`](Call::http_timeout)
    /// of the request's call. This does not change the timeout of the parts of an upload (Hotdata), nor an
    /// upload that has an `http_timeout` of its own.
    pub fn http_timeout(&mut self, timeout: Duration) -> &mut Self {
        self.http_timeout = Some(timeout);
        self
    }

    /// Sets a token that cancels the batch from elsewhere in the program. Requests in flight are aborted, and
    /// each call has a result:
    ///
    /// - a call that is not submitted is [`Skipped`](ErrorKind::Skipped);
    /// - a call that was accepted and is running is [`Cancelled`](ErrorKind::Cancelled), and the error has
    ///   its request id or resource;
    /// - a call that is just being submitted is [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) if it changes
    ///   something and may have been accepted, else [`Cancelled`](ErrorKind::Cancelled).
    ///
    /// The journal, if there is one, remains complete, and the batch can be continued from it. Default: no
    /// token.
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
    /// The file must not exist yet, and must be on a file system whose appends are atomic, which those of NFS
    /// are not. Do not edit or replace the file while the batch runs: on Unix the batch notices this, and
    /// sends nothing more. The file contains the calls with all their values, but not the payloads of
    /// responses; on Unix, only its owner can read it. The thread or the task that runs the batch writes it.
    ///
    /// `run` returns [`Journal`](ErrorKind::Journal) if the file cannot be created. Default: no journal.
    pub fn journal(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        if self.read.is_some() {
            let error = Error::invalid(
                "choosing a journal",
                "this batch already continues the journal that it was read from",
            );
            self.problem.get_or_insert(error);
        }
        self.journal = Some(path.into());
        self
    }

    /// Sets a callback for the progress of all calls, which also gets the key of the call. The callback of a
    /// call itself ([`Call::on_progress`]) is called too. It runs on any thread of the batch while the other
    /// threads wait, so it should return soon. The progress of an upload is reported from a thread of its
    /// own, possibly at the same time as the progress of another call.
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
    /// Sets how many threads may send requests at a time for each client, the thread of the caller included.
    /// 0 counts as 1. Default: 8. The batch starts at most one thread for each request in flight, and one
    /// more that is ready to send the next request.
    ///
    /// An upload (Hotdata) has threads of its own besides, so that no other call waits for it. For each
    /// client, at most four uploads run at a time, or this number of threads if it is less than four.
    pub fn threads(&mut self, most: usize) -> &mut Self {
        self.threads = most;
        self
    }
}
