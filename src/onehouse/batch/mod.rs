//! Batches: many calls under one budget, with a journal to go on from.

mod order;
mod results;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

#[cfg(feature = "async")]
use crate::client::Async;
#[cfg(feature = "async")]
use crate::client::batch::Flights;
use crate::client::batch::{DEFAULT_THREADS, Lanes, Recorded};
use crate::client::{Blocking, CallOptions, Shared};
use crate::engine::batch::{Entry, Event, Past, Record};
use crate::engine::{Budget, Context, Effect, Observer, Operation, Progress};
use crate::error::{Error, ErrorKind, one_line};
use crate::journal::{Header, Journal, Planned, Told};

use super::Call;
use super::call::{RawSql, label};
use super::client::{Client, Onehouse};
use super::commands::Command;
use super::statement::secrets_in;

use order::order;
#[cfg(feature = "async")]
pub use results::AsyncResults;
pub use results::{Finished, Results};

/// Many calls of any kind, sent under the client's one budget.
///
/// Made by [`Client::batch`], or by [`Client::batch_from`] from the journal of an interrupted one. Calls are added, each
/// with a key of its own, and sent by `run`. Results come as they finish.
///
/// ```
/// use controlplane::onehouse::{Client, ClusterType, LakeType};
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let client = Client::new(emulator.credentials())?;
/// let mut batch = client.batch();
/// batch.add("cluster", client.create_cluster("prod", ClusterType::Managed));
/// batch.add("lake", client.create_lake("raw", LakeType::Managed, "s3://bucket/raw/", "prod")).after("cluster");
/// for name in ["events", "clicks"] {
///     batch.add(name, client.create_database(name, "raw")).after("lake");
/// }
/// for finished in batch.run()? {
///     match finished.result {
///         Ok(done) => println!("{}: {}", finished.key, done.api_status),
///         Err(error) => eprintln!("{}: {error}", finished.key),
///     }
/// }
/// # assert_eq!(emulator.ledger().len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What it does with the budget
///
/// While calls wait to be submitted, they mostly go first: what runs longest had better begin early. An operation is polled
/// when its end is likely, which the batch learns from other operations that begin with the same two words (`CREATE
/// CLUSTER`); [`poll_interval`](Call::poll_interval) is then the least time between two polls. Each call has its own time
/// ([`timeout`](Call::timeout)), which begins with its submit.
///
/// # Stopping
///
/// Dropping the results stops the batch: nothing more is submitted, and what was submitted goes on at the server. With a
/// [`journal`](Batch::journal), [`Client::batch_from`] goes on from there, also after the process was killed.
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<M> {
    client: Shared<Onehouse, M>,
    calls: Vec<Item>,
    journal: Option<PathBuf>,
    /// How long the journal was when it was read; `None`: it is to be made.
    read: Option<u64>,
    stops_on_failure: bool,
    threads: usize,
    on_progress: Option<Arc<ProgressOf>>,
    /// What was said of earlier calls, to be written down.
    said: Vec<Record>,
    problem: Option<Error>,
}

/// A callback with the key of a call and what it does.
type ProgressOf = dyn Fn(&str, &Progress) + Send + Sync;

impl<M> fmt::Debug for Batch<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("calls", &self.calls.len())
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// A call, rendered.
#[derive(Clone)]
struct Item {
    key: Arc<str>,
    sql: String,
    after: Vec<String>,
    options: CallOptions<Onehouse>,
    told: Told,
}

/// A call as a journal has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sql: String,
    timeout_ms: u64,
    poll_interval_ms: u64,
}

/// A call that was added to a batch. Says what it comes after.
#[derive(Debug)]
pub struct Added<'a> {
    after: &'a mut Vec<String>,
}

impl Added<'_> {
    /// The call is submitted when the call with this key has come to a good end. If that fails, this one is skipped
    /// ([`Skipped`](ErrorKind::Skipped)). May be said several times; the other call may be added later.
    pub fn after(self, key: impl Into<String>) -> Self {
        self.after.push(key.into());
        self
    }
}

/// How a call of a batch stands before the batch is run: by [`Batch::calls`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallState {
    /// It is to be submitted.
    Todo,
    /// It was submitted, and will be waited for.
    Submitted {
        /// The id of its operation.
        request_id: String,
    },
    /// It is done, and will not be done again.
    Done {
        /// The id of its operation, if it is known: for [`Client::get_status`].
        request_id: Option<String>,
    },
    /// It failed, and will not be done again unless [`Batch::again`] says so.
    Failed {
        /// What happened.
        error: String,
    },
    /// It may have been taken. It will not be sent again unless [`Batch::again`] says so.
    Unknown,
}

/// A call of a batch, before it is run.
#[derive(Clone, Copy)]
pub struct BatchCall<'a>(&'a Item);

impl BatchCall<'_> {
    /// Its key.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// The statement that will be sent, or was.
    pub fn sql(&self) -> &str {
        &self.0.sql
    }

    /// The keys of the calls that it comes after.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        self.0.after.iter().map(String::as_str)
    }

    /// How it stands: `Todo`, except for what a journal told of.
    pub fn state(&self) -> CallState {
        let Told { past, request_id, text, .. } = &self.0.told;
        match past {
            Past::Todo => CallState::Todo,
            Past::Submitted => CallState::Submitted { request_id: request_id.clone().unwrap_or_default() },
            Past::Done => CallState::Done { request_id: request_id.clone() },
            Past::Failed => CallState::Failed { error: text.clone().unwrap_or_default() },
            Past::Unknown => CallState::Unknown,
        }
    }
}

impl fmt::Debug for BatchCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall")
            .field("key", &self.0.key)
            .field("call", &label(&self.0.sql))
            .finish_non_exhaustive()
    }
}

/// # Batches
impl<M> Client<M> {
    /// An empty batch: see [`Batch`].
    pub fn batch(&self) -> Batch<M> {
        Batch {
            client: self.shared.clone(),
            calls: Vec::new(),
            journal: None,
            read: None,
            stops_on_failure: false,
            threads: DEFAULT_THREADS,
            on_progress: None,
            said: Vec::new(),
            problem: None,
        }
    }

    /// The batch that an earlier run wrote into a journal, to go on with it.
    ///
    /// What is finished is not done again. What was submitted is waited for, by its id. What was being submitted when the
    /// earlier run ended, and may have been taken, is told as [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) and not
    /// sent: look, then say [`again`](Batch::again) or [`settled`](Batch::settled). All else is submitted. The file is not
    /// changed until the batch is run; then it is written on.
    ///
    /// # Errors
    ///
    /// [`Journal`](ErrorKind::Journal) if the file cannot be read, is not a journal, or is that of another project or
    /// another address.
    pub fn batch_from(&self, journal: impl AsRef<Path>) -> Result<Batch<M>, Error> {
        let path = journal.as_ref();
        let contents = Journal::read(path)?;
        let refuse = |why: String| {
            Error::new(ErrorKind::Journal, format!("going on with the journal {}", path.display()), why)
                .with_advice("Nothing was sent. Use the client that the journal was written with.")
        };
        let own = self.header(contents.header.stops_on_failure)?;
        for (what, theirs, ours) in [
            ("service", &contents.header.service, &own.service),
            ("address", &contents.header.endpoint, &own.endpoint),
            ("project", &contents.header.account, &own.account),
        ] {
            if theirs != ours {
                return Err(refuse(format!(
                    "its {what} is {}, and the client's is {ours}",
                    one_line(theirs, 200)
                )));
            }
        }
        let mut batch = self.batch();
        for (planned, mut told) in contents.calls.into_iter().zip(contents.told) {
            let written: Written = serde_json::from_value(planned.call)
                .map_err(|e| refuse(format!("the call {:?}: {e}", one_line(&planned.key, 100))))?;
            let command = RawSql::new(written.sql);
            let settled = told.settle(command.spec().effect == Effect::Repeatable);
            let job = batch.calls.len();
            batch.said.extend(settled.map(|event| Record { job, event }));
            let call = self
                .call(command)
                .timeout(Duration::from_millis(written.timeout_ms))
                .poll_interval(Duration::from_millis(written.poll_interval_ms));
            batch.add(planned.key, call);
            if let Some(item) = batch.calls.last_mut() {
                (item.after, item.told) = (planned.after, told);
            }
        }
        batch.stops_on_failure = contents.header.stops_on_failure;
        batch.journal = Some(path.to_owned());
        batch.read = Some(contents.length);
        Ok(batch)
    }

    fn header(&self, stops_on_failure: bool) -> Result<Header, Error> {
        let (endpoint, project) = self.shared.core().protocol()?.whose();
        Ok(Header::new("onehouse", endpoint, &project, stops_on_failure))
    }
}

impl<M> Batch<M> {
    /// Adds a call. The key is any text of yours that no other call of the batch has.
    ///
    /// A call that cannot be sent as it is, a key that is there already, a call that comes after an unknown one or after
    /// itself: all that is told by `run`, before anything is sent.
    pub fn add<C: Command>(&mut self, key: impl Into<String>, call: Call<M, C>) -> Added<'_> {
        let key = key.into();
        if self.read.is_some() {
            self.complain(
                &key,
                Error::invalid("adding to the batch", "it goes on from a journal, which has no such call"),
            );
        }
        let (client, command, options) = call.into_parts();
        let sql = command.render(options.own).unwrap_or_else(|error| {
            self.complain(&key, error);
            String::new()
        });
        let refuse = |why| Error::invalid("adding to the batch", why);
        if !client.is_same(&self.client) {
            self.complain(&key, refuse("the call is that of another client"));
        }
        if key.is_empty() || key.chars().any(char::is_control) {
            self.complain(&key, refuse("its key is empty or has control characters"));
        }
        let item = Item { key: key.into(), sql, after: Vec::new(), options, told: Told::default() };
        let at = self.calls.len();
        self.calls.push(item);
        Added { after: &mut self.calls[at].after }
    }

    /// Keeps the first problem.
    fn complain(&mut self, key: &str, error: Error) {
        let error = error.with_context(format!("call {:?}", one_line(key, 100)));
        self.problem.get_or_insert(error);
    }

    /// How many calls it has.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// True if it has none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Its calls, in the order in which they were added: to show what will be done, without sending anything.
    pub fn calls(&self) -> impl Iterator<Item = BatchCall<'_>> {
        self.calls.iter().map(BatchCall)
    }

    /// Whether to submit nothing more once a call has failed. What is submitted by then is waited for, the rest is
    /// [`Skipped`](ErrorKind::Skipped). Default: false; only what comes after a failed call is skipped.
    pub fn stop_on_failure(&mut self, stops: bool) -> &mut Self {
        self.stops_on_failure = stops;
        self
    }

    /// Writes a journal, so that [`Client::batch_from`] can go on if the batch is interrupted: a file with one JSON object
    /// a line, for each call, and for each thing that happens to it, before and after each submit.
    ///
    /// The file must not exist yet. It holds the statements with all their values, so it is made readable for its owner
    /// only (on Unix), but not the payloads of answers. It is written by the thread or the task that runs the batch.
    pub fn journal(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        if self.read.is_some() {
            let error =
                Error::invalid("choosing a journal", "this batch goes on with the one that it was read from");
            self.problem.get_or_insert(error);
        }
        self.journal = Some(path.into());
        self
    }

    /// Calls back with the key of a call and what happens to it, besides the call's own callback. It may run on any
    /// thread of the batch; the others wait meanwhile, so it should return soon.
    pub fn on_progress(&mut self, callback: impl Fn(&str, &Progress) + Send + Sync + 'static) -> &mut Self {
        self.on_progress = Some(Arc::new(callback));
        self
    }

    /// Of a call that failed or whose outcome is not known: it is to be submitted, because you have looked and it took no
    /// effect, or because doing it twice does no harm.
    pub fn again(&mut self, key: &str) -> &mut Self {
        self.say(key, Event::Again, Past::Todo)
    }

    /// Of a call that failed or whose outcome is not known: it is as good as done, because you have looked. What comes
    /// after it can go.
    pub fn settled(&mut self, key: &str) -> &mut Self {
        self.say(key, Event::Settled, Past::Done)
    }

    fn say(&mut self, key: &str, event: Event, past: Past) -> &mut Self {
        let place = self.calls.iter().position(|item| &*item.key == key);
        match place.map(|job| (job, self.calls[job].told.past)) {
            Some((job, Past::Failed | Past::Unknown)) => {
                self.said.push(Record { job, event });
                self.calls[job].told = Told::said(past);
            }
            Some(_) => {
                self.complain(
                    key,
                    Error::invalid("going on with the batch", "it has neither failed nor is it unknown"),
                );
            }
            None => self.complain(key, Error::invalid("going on with the batch", "there is no such call")),
        }
        self
    }

    /// Everything checked, the journal opened: ready to go. Nothing is sent yet.
    fn prepare(self) -> Result<Ready<M>, Error> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let after = order(&self.calls)?;
        let keys: Vec<Arc<str>> = self.calls.iter().map(|item| item.key.clone()).collect();
        let core = self.client.core();
        let protocol = core.protocol()?;
        let unlimited = Arc::new(Budget::unlimited());
        let wall = SystemTime::now();
        let entries = self.calls.iter().zip(after).map(|(item, after)| {
            let command = RawSql::new(item.sql.clone());
            let observer = match &self.on_progress {
                None => item.options.observer.clone(),
                Some(callback) => {
                    let (callback, key, own) =
                        (callback.clone(), item.key.clone(), item.options.observer.clone());
                    Observer::new(move |progress| {
                        own.call(progress);
                        callback(&key, progress);
                    })
                }
            };
            let observer = observer.of(&format!("{} ({})", item.key, label(&item.sql)));
            let context = Arc::new(Context {
                label: label(&item.sql),
                settings: item.options.settings.clone(),
                // The batch shares out the turns.
                budget: unlimited.clone(),
                service: protocol.clone(),
                secrets: secrets_in(&item.sql),
                observer,
            });
            let operation = match (&item.told.past, &item.told.request_id) {
                (Past::Submitted, Some(id)) => Operation::resume(context, id.clone()),
                _ => Operation::submit(context, protocol.submit_request(&item.sql), command.spec().effect),
            };
            Entry {
                label: format!("{} ({})", item.key, label(&item.sql)),
                kind: kind(&item.sql),
                operation,
                after,
                past: item.told.past,
                age: item.told.age(wall),
            }
        });
        let entries: Vec<Entry> = entries.collect();
        let journal = match (&self.journal, self.read) {
            (None, _) => None,
            (Some(path), Some(length)) => Some(Journal::open(path, length, keys.clone())?),
            (Some(path), None) => {
                let (endpoint, project) = protocol.whose();
                let header = Header::new("onehouse", endpoint, &project, self.stops_on_failure);
                let planned: Result<Vec<Planned>, Error> = self.calls.iter().map(Item::planned).collect();
                Some(Journal::create(path, header, &planned?)?)
            }
        };
        let batch = crate::engine::batch::Batch::new(entries, core.budget().clone(), self.stops_on_failure);
        let mut recorded = Recorded { batch, journal };
        if let Some(journal) = &mut recorded.journal {
            journal.write(&self.said, wall)?;
        }
        Ok(Ready { client: self.client, keys, recorded, threads: self.threads })
    }
}

/// A batch that can go.
struct Ready<M> {
    client: Shared<Onehouse, M>,
    keys: Vec<Arc<str>>,
    recorded: Recorded,
    threads: usize,
}

impl Batch<Blocking> {
    /// How many threads may send requests at a time, that of the caller among them; 0 counts as 1. Default: 8, of which
    /// no more are made than there are requests in flight, and one that stands by for the next.
    pub fn threads(&mut self, most: usize) -> &mut Self {
        self.threads = most;
        self
    }

    /// Begins. The results come as the calls finish; the batch goes on while they are asked for.
    ///
    /// # Errors
    ///
    /// Nothing was sent:
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument): a call cannot be sent as it is, a key is there twice, a call
    ///   comes after an unknown one or after itself;
    /// - [`Credentials`](ErrorKind::Credentials): the client is an offline one;
    /// - [`Journal`](ErrorKind::Journal): the journal cannot be made, or has changed since it was read.
    ///
    /// What goes wrong with a call is the result of that call.
    pub fn run(self) -> Result<Results, Error> {
        let Ready { client, keys, recorded, threads } = self.prepare()?;
        Ok(Results { keys, lanes: Lanes::new(client, recorded, threads) })
    }
}

#[cfg(feature = "async")]
impl Batch<Async> {
    /// Begins. The results come as the calls finish; the batch goes on while they are awaited, on the task that awaits
    /// them. A journal is written on that task too: a line is handed to the system, and before a submit the disk is
    /// waited for.
    ///
    /// # Errors
    ///
    /// As those of the blocking batch.
    pub fn run(self) -> Result<AsyncResults, Error> {
        let Ready { client, keys, recorded, .. } = self.prepare()?;
        Ok(AsyncResults { keys, flights: Flights::new(client, recorded) })
    }
}

impl Item {
    fn planned(&self) -> Result<Planned, Error> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let written = Written {
            sql: self.sql.clone(),
            timeout_ms: millis(self.options.settings.timeout),
            poll_interval_ms: millis(self.options.settings.poll.interval),
        };
        let call = serde_json::to_value(written)
            .map_err(|e| Error::new(ErrorKind::Journal, "writing the journal", e.to_string()))?;
        Ok(Planned { key: self.key.to_string(), after: self.after.clone(), call })
    }
}

/// Operations whose statements begin alike take about the same time.
fn kind(sql: &str) -> String {
    let words: Vec<String> = sql.split_whitespace().take(2).map(str::to_ascii_uppercase).collect();
    words.join(" ")
}
