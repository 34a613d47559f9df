//! A batch before it runs: its calls, its settings and its journal.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Blocking, Call, CallOptions, CancelToken, Shared};
use crate::engine::batch::{Batch as Jobs, Entry, JournalEvent, Past, Record};
use crate::engine::{Effect, Observer, Progress, Settings};
use crate::error::{Error, ErrorKind, one_line};

use super::blocking::{DEFAULT_THREADS, Lanes};
use super::cancel::Cancels;
#[cfg(feature = "async")]
use super::futures::Flights;
use super::journal::{End, Header, History, Journal, KeptSettings, Planned};
use super::order::{order, sequence};
#[cfg(feature = "async")]
use super::results::AsyncResults;
use super::results::Results;
use super::{BatchCommand, BatchPlatform, Job, JobContext, PlannedCall, Recorded};

/// Many calls of any kind, sent under the client's one budget.
///
/// Each service has this type under a name of its own, as `onehouse::Batch`. It is made by the client:
/// `client.batch()`, or `client.batch_from(journal)` to continue an interrupted one. Calls are added, each
/// with a key of its own, and sent by `run`. Results are returned as the calls finish.
///
/// | A call of a batch may be | |
/// |---|---|
/// | a command | of every service |
/// | a command with `and_wait`, a wait (`wait_for_…`) | of EloqCloud, H2O Workflows and Hotdata; without a rule of its own (`until`), which no journal can keep |
/// | a query, a load | of Hotdata |
///
/// # The budget
///
/// While calls wait to be submitted, they mostly take precedence over polls, because long operations should
/// begin early. An operation of Onehouse is polled when its end is likely, which the batch learns from other
/// operations of the same kind; [`poll_interval`](Call::poll_interval) is then the shortest interval between
/// two polls. The other services are polled as outside of a batch. Each call has its own
/// [`timeout`](Call::timeout), which begins with its first request.
///
/// If the service responds with 429, because other processes use its limit too, the budget slows down, and
/// the call is sent again until its timeout. It ends as [`RateLimited`](ErrorKind::RateLimited) only if the
/// service has accepted it at no time until then. Processes that share a limit need no settings for that.
///
/// # Stopping
///
/// Dropping the results stops the batch: nothing more is submitted, and what was submitted continues at the
/// server. A token ([`cancel_with`](Batch::cancel_with)) stops it from elsewhere, and each call still has a
/// result. With a [`journal`](Batch::journal), `client.batch_from` continues the batch, also after the
/// process was killed.
///
/// A call of several requests that change something (H2O Workflows: `apply_runners`) cannot be continued in
/// its middle: if it was interrupted after the first of them, its outcome is unknown.
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<S: BatchPlatform, M> {
    client: Shared<S, M>,
    calls: Vec<Item<S>>,
    journal: Option<PathBuf>,
    /// The end of the journal when it was read; `None`: the journal is new.
    read: Option<End>,
    /// The places of the calls of a journal that was read.
    places: HashMap<Arc<str>, usize>,
    stops_on_failure: bool,
    threads: usize,
    timeout: Option<Duration>,
    http_timeout: Option<Duration>,
    cancel: Option<CancelToken>,
    on_progress: Option<Arc<ProgressOf>>,
    /// What was decided about calls of earlier runs, to be written down.
    decided: Vec<Record>,
    problem: Option<Error>,
}

/// A callback with the key of a call and its progress.
type ProgressOf = dyn Fn(&str, &Progress) + Send + Sync;

impl<S: BatchPlatform, M> fmt::Debug for Batch<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("calls", &self.calls.len())
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// A call, rendered. `None`: it could not be, which is the problem of its batch.
struct Item<S: BatchPlatform> {
    key: Arc<str>,
    call: Option<S::Planned>,
    after: Vec<String>,
    options: CallOptions<S>,
    history: History,
}

impl<S: BatchPlatform> Item<S> {
    fn label(&self) -> Cow<'_, str> {
        self.call.as_ref().map(PlannedCall::label).unwrap_or_default()
    }
}

/// A call that was added to a batch, to set what it comes after.
#[derive(Debug)]
pub struct Added<'a> {
    after: &'a mut Vec<String>,
}

impl Added<'_> {
    /// Submits the call only when the call with this key has ended with a success. If that fails, this one is
    /// skipped ([`Skipped`](ErrorKind::Skipped)). May be set several times; the other call may be added
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
    /// It failed, and will not be submitted again unless [`Batch::again`] is called.
    Failed {
        /// The error.
        error: String,
    },
    /// It may have been accepted. It will not be submitted again unless [`Batch::again`] is called.
    Unknown,
}

/// A call of a batch before it runs: by [`Batch::calls`].
pub struct BatchCall<'a, S: BatchPlatform>(&'a Item<S>);

impl<S: BatchPlatform> Clone for BatchCall<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: BatchPlatform> Copy for BatchCall<'_, S> {}

impl<'a, S: BatchPlatform> BatchCall<'a, S> {
    /// The call in the form of its service; `None` if it cannot be sent.
    pub(crate) fn planned(self) -> Option<&'a S::Planned> {
        self.0.call.as_ref()
    }

    /// Returns the key.
    pub fn key(&self) -> &str {
        &self.0.key
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

impl<S: BatchPlatform> fmt::Debug for BatchCall<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall")
            .field("key", &self.0.key)
            .field("call", &self.0.label())
            .finish_non_exhaustive()
    }
}

impl<S: BatchPlatform, M> Batch<S, M> {
    /// An empty batch.
    pub(crate) fn new(client: Shared<S, M>) -> Self {
        Self {
            client,
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

    /// The batch that an earlier run wrote into this journal.
    pub(crate) fn from_journal(client: Shared<S, M>, path: &Path) -> Result<Self, Error> {
        let contents = Journal::read(path)?;
        let refuse = |why: String| {
            Error::new(ErrorKind::Journal, format!("continuing the journal {}", path.display()), why)
                .with_advice("Nothing was sent. Use the client that the journal was written with.")
        };
        let owner = S::owner(client.core().protocol()?);
        for (what, theirs, ours) in [
            ("service", contents.header.service.as_str(), owner.service),
            ("address", &contents.header.endpoint, &owner.endpoint),
            ("account", &contents.header.account, &owner.account),
        ] {
            if theirs != ours {
                return Err(refuse(format!(
                    "its {what} is {}, and the client's is {ours}",
                    one_line(theirs, 200)
                )));
            }
        }
        let mut batch = Self::new(client);
        for (planned, mut history) in contents.calls.into_iter().zip(contents.histories) {
            let Planned { key, after, settings, call } = planned;
            let call: S::Planned = serde_json::from_value(call)
                .map_err(|e| refuse(format!("the call {:?}: {e}", one_line(&key, 100))))?;
            let settled = history.settle(call.effect() == Effect::Repeatable);
            let job = batch.calls.len();
            batch.decided.extend(settled.map(|event| Record { job, event }));
            let mut options = Call::new(batch.client.clone(), ()).options;
            settings.restore(&mut options.settings);
            let key: Arc<str> = key.into();
            batch.places.insert(key.clone(), job);
            batch.calls.push(Item { key, call: Some(call), after, options, history });
        }
        batch.stops_on_failure = contents.header.stops_on_failure;
        batch.journal = Some(path.to_owned());
        batch.read = Some(contents.end);
        Ok(batch)
    }

    /// Adds a call. The key is any text that no other call of the batch has.
    ///
    /// `run` returns an error, before anything is sent, for a call that cannot be sent as it is, a key that
    /// is used twice, and a call that comes after an unknown one or after itself.
    pub fn add<C: BatchCommand<S>>(&mut self, key: impl Into<String>, call: Call<S, M, C>) -> Added<'_> {
        let key = key.into();
        let refuse = |why| Error::invalid("adding to the batch", why);
        if self.read.is_some() {
            self.complain(&key, refuse("the batch is continued from a journal, which has no such call"));
        }
        let Call { client, command, options } = call;
        let call = match command.plan(client.core(), &options) {
            Ok(call) => Some(call),
            Err(error) => {
                self.complain(&key, error);
                None
            }
        };
        if !client.is_same(&self.client) {
            self.complain(&key, refuse("the call is that of another client"));
        }
        if key.is_empty() || key.chars().any(char::is_control) {
            self.complain(&key, refuse("its key is empty or has control characters"));
        }
        let item = Item { key: key.into(), call, after: Vec::new(), options, history: History::default() };
        let at = self.calls.len();
        self.calls.push(item);
        Added { after: &mut self.calls[at].after }
    }

    /// Keeps the first problem.
    fn complain(&mut self, key: &str, error: Error) {
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
    fn edges(&self) -> Result<Vec<Vec<usize>>, Error> {
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

    /// Sets the time that the whole batch may take. Then nothing more is submitted, the rest is
    /// [`Skipped`](ErrorKind::Skipped), and calls that are still running end with
    /// [`OperationTimeout`](ErrorKind::OperationTimeout), which has their request ids. Default: no limit.
    /// Each call has its own [`timeout`](Call::timeout) besides.
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the timeout of each HTTP request of the batch. Default: that of its call.
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
    /// callback. It runs on any thread of the batch while the others wait, so it should return soon.
    pub fn on_progress(&mut self, callback: impl Fn(&str, &Progress) + Send + Sync + 'static) -> &mut Self {
        self.on_progress = Some(Arc::new(callback));
        self
    }

    /// Submits a call again that failed or whose outcome is unknown: because you have checked that it took no
    /// effect, or because doing it twice does no harm.
    pub fn again(&mut self, key: &str) -> &mut Self {
        self.decide(key, JournalEvent::Again, Past::Todo)
    }

    /// Treats a call that failed or whose outcome is unknown as done, because you have checked. The calls
    /// that come after it can be submitted.
    pub fn settled(&mut self, key: &str) -> &mut Self {
        self.decide(key, JournalEvent::Settled, Past::Done)
    }

    fn decide(&mut self, key: &str, event: JournalEvent, past: Past) -> &mut Self {
        // A call that was added has neither failed nor is it unknown, so those of a journal are enough.
        let place = self.places.get(key).copied();
        match place.map(|job| (job, self.calls[job].history.past)) {
            Some((job, Past::Failed | Past::Unknown)) => {
                self.decided.push(Record { job, event });
                self.calls[job].history = History::decided(past);
            }
            Some(_) => {
                self.complain(
                    key,
                    Error::invalid("continuing the batch", "it has neither failed nor is it unknown"),
                );
            }
            None => self.complain(key, Error::invalid("continuing the batch", "there is no such call")),
        }
        self
    }

    /// Checks everything and opens the journal. Sends nothing.
    fn prepare(self) -> Result<Ready<S, M>, Error> {
        let after = self.edges()?;
        let keys: Vec<Arc<str>> = self.calls.iter().map(|item| item.key.clone()).collect();
        let core = self.client.core();
        let protocol = core.protocol()?;
        let of_calls = Arc::new(core.of_a_batch());
        let wall = SystemTime::now();
        let calls =
            self.calls.iter().zip(after).filter_map(|(item, after)| Some((item, after, item.call.as_ref()?)));
        let entries = calls.map(|(item, after, call)| {
            let label = format!("{} ({})", item.key, call.label());
            let mut options = self.options(item);
            options.observer = self.observer(item);
            options.key = Some(item.key.clone());
            let History { past, request_id, .. } = &item.history;
            let submitted = request_id.as_deref().filter(|_| *past == Past::Submitted);
            let Job(work) = S::job(JobContext::new(of_calls.clone(), options), call, submitted)
                .map_err(|error| about(&item.key, error))?;
            Ok(Entry {
                label,
                #[cfg(operation_batches)]
                kind: call.kind().to_owned(),
                work,
                after,
                past: *past,
                #[cfg(operation_batches)]
                age: item.history.age(wall),
            })
        });
        let entries: Vec<Entry<S::Output>> = entries.collect::<Result<_, Error>>()?;
        let tokens = self.calls.iter().enumerate();
        let tokens: BTreeMap<usize, CancelToken> =
            tokens.filter_map(|(job, item)| Some((job, item.options.cancel.clone()?))).collect();
        let journal = match (&self.journal, self.read) {
            (None, _) => None,
            (Some(path), Some(end)) => Some(Journal::open(path, end, keys.clone(), self.ids())?),
            (Some(path), None) => {
                let header = Header::new(S::owner(protocol), self.stops_on_failure);
                let planned: Result<Vec<Planned>, Error> =
                    self.calls.iter().map(|item| planned(item, &self.options(item).settings)).collect();
                Some(Journal::create(path, header, &planned?)?)
            }
        };
        let jobs = Jobs::new(entries, core.budget.clone(), self.stops_on_failure).with_timeout(self.timeout);
        let mut recorded = Recorded { jobs, journal, cancels: Cancels::new(self.cancel, tokens) };
        if let Some(journal) = &mut recorded.journal {
            journal.write(&self.decided, wall)?;
        }
        Ok(Ready { client: self.client, keys, recorded, threads: self.threads })
    }

    /// The ids of the calls that were submitted in earlier runs.
    fn ids(&self) -> BTreeMap<usize, String> {
        let ids = self.calls.iter().enumerate();
        ids.filter_map(|(job, item)| Some((job, item.history.request_id.clone()?))).collect()
    }

    /// The options of a call, as the batch changes them.
    fn options(&self, item: &Item<S>) -> CallOptions<S> {
        let mut options = item.options.clone();
        options.settings.http_timeout = self.http_timeout.unwrap_or(options.settings.http_timeout);
        options
    }

    /// Calls back the call and the batch.
    fn observer(&self, item: &Item<S>) -> Observer {
        let own = item.options.observer.clone();
        match &self.on_progress {
            None => own,
            Some(callback) => {
                let (callback, key) = (callback.clone(), item.key.clone());
                Observer::new(move |progress| {
                    own.call(progress);
                    callback(&key, progress);
                })
            }
        }
    }
}

/// An error about the call with this key.
fn about(key: &str, error: Error) -> Error {
    error.with_context(format!("call {:?}", one_line(key, 100)))
}

/// A call as the journal keeps it.
fn planned<S: BatchPlatform>(item: &Item<S>, settings: &Settings) -> Result<Planned, Error> {
    let call = serde_json::to_value(&item.call)
        .map_err(|e| Error::new(ErrorKind::Journal, "writing the journal", e.to_string()))?;
    Ok(Planned {
        key: item.key.to_string(),
        after: item.after.clone(),
        settings: KeptSettings::of(settings),
        call,
    })
}

/// A batch that is ready to run.
struct Ready<S: BatchPlatform, M> {
    client: Shared<S, M>,
    keys: Vec<Arc<str>>,
    recorded: Recorded<S::Output>,
    threads: usize,
}

impl<S: BatchPlatform> Batch<S, Blocking> {
    /// Sets how many threads may send requests at a time, that of the caller included; 0 counts as 1.
    /// Default: 8. The batch starts no more threads than there are requests in flight, and one that stands by
    /// for the next.
    pub fn threads(&mut self, most: usize) -> &mut Self {
        self.threads = most;
        self
    }

    /// Starts the batch. It runs while results are taken, which are returned as the calls finish.
    ///
    /// # Errors
    ///
    /// Nothing was sent:
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument): a call cannot be sent as it is, a key is used
    ///   twice, a call comes after an unknown one or after itself;
    /// - [`Credentials`](ErrorKind::Credentials): the client is an offline one;
    /// - [`Journal`](ErrorKind::Journal): the journal cannot be created, or has changed since it was read.
    ///
    /// The error of a call is the result of that call.
    pub fn run(self) -> Result<Results<S>, Error> {
        let Ready { client, keys, recorded, threads } = self.prepare()?;
        Ok(Results { keys, lanes: Lanes::new(client, recorded, threads) })
    }
}

#[cfg(feature = "async")]
impl<S: BatchPlatform> Batch<S, Async> {
    /// Starts the batch. It runs while results are awaited, on the task that awaits them, and returns results
    /// as the calls finish. A journal is written on that task too, which waits for the disk before a submit.
    ///
    /// # Errors
    ///
    /// Those of the blocking batch.
    pub fn run(self) -> Result<AsyncResults<S>, Error> {
        let Ready { client, keys, recorded, .. } = self.prepare()?;
        Ok(AsyncResults { keys, flights: Flights::new(client, recorded) })
    }
}
