//! Starts a batch: everything is checked, and the journal is opened.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::clock::AnyClock;
use crate::client::{Blocking, CancelToken};
use crate::engine::batch::{Batch as Jobs, Entry, Past};
use crate::engine::{Budget, Observer, Settings};
use crate::error::{Error, ErrorKind};

use super::blocking::Lanes;
use super::calls::{Item, about};
use super::cancel::Cancels;
#[cfg(feature = "async")]
use super::futures::Flights;
use super::journal::{Header, History, Journal, KeptSettings, Planned};
use super::member::AnyCall;
#[cfg(feature = "async")]
use super::results::AsyncResults;
use super::results::Results;
use super::{Batch, BatchScope, Job, Owner, Recorded};

/// A batch that is ready to run.
struct Ready<C, T> {
    clients: Vec<C>,
    clock: AnyClock,
    keys: Vec<Arc<str>>,
    recorded: Recorded<T>,
    threads: usize,
}

impl<S: BatchScope, M> Batch<S, M> {
    /// Checks everything and opens the journal. Sends nothing.
    fn prepare(self) -> Result<Ready<S::Client<M>, S::Output>, Error> {
        let after = self.edges()?;
        let keys: Vec<Arc<str>> = self.calls.iter().map(|item| item.key.clone()).collect();
        let owners = self.members.iter().map(|member| member.account.owner());
        let owners: Vec<Owner> = owners.collect::<Result<_, Error>>()?;
        let clock = self.clock()?;
        let wall = SystemTime::now();
        let calls = self
            .calls
            .iter()
            .zip(after)
            .filter_map(|(item, after)| Some((item, after, item.call.as_deref()?)));
        let entries = calls.map(|(item, after, call)| {
            let History { past, request_id, .. } = &item.history;
            let submitted = request_id.as_deref().filter(|_| *past == Past::Submitted);
            let Job(work) = call
                .job(&item.key, self.settings(call), self.observer(item, call), submitted)
                .map_err(|error| about(&item.key, error))?;
            Ok(Entry {
                label: format!("{} ({})", item.key, call.label()),
                member: item.member,
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
        let tokens: Vec<(usize, CancelToken)> =
            tokens.filter_map(|(job, item)| Some((job, item.call.as_ref()?.cancel()?.clone()))).collect();
        let journal = match (&self.journal, self.read) {
            (None, _) => None,
            (Some(path), Some(end)) => Some(Journal::open(path, end, keys.clone(), self.ids())?),
            (Some(path), None) => {
                let header = Header::new(owners, self.stops_on_failure, self.calls.len());
                let calls = self.calls.iter().filter_map(|item| Some((item, item.call.as_deref()?)));
                let planned = calls.map(|(item, call)| planned(item, call, &self.settings(call)));
                Some(Journal::create(path, header, keys.clone(), planned)?)
            }
        };
        let budgets: Vec<Arc<Budget>> =
            self.members.iter().map(|member| member.account.budget().clone()).collect();
        let jobs = Jobs::new(entries, budgets, self.stops_on_failure).with_timeout(self.timeout);
        let mut recorded = Recorded { jobs, journal, cancels: Cancels::new(self.cancel, tokens) };
        if let Some(journal) = &mut recorded.journal {
            journal.write(&self.decided, wall)?;
        }
        let clients = self.members.into_iter().map(|member| member.client).collect();
        Ok(Ready { clients, clock, keys, recorded, threads: self.threads })
    }

    /// The clock of the clients.
    fn clock(&self) -> Result<AnyClock, Error> {
        let mut clocks = self.members.iter().map(|member| member.account.clock());
        let Some(clock) = clocks.next() else { return Ok(AnyClock::default()) };
        if clocks.all(|other| other.is_of_the_system() == clock.is_of_the_system()) {
            return Ok(clock.clone());
        }
        let why = "some of its clients have a clock of the program's own, and others that of the system";
        Err(Error::invalid("running the batch", why)
            .with_advice("Nothing was sent. Build all clients of a batch with the same clock."))
    }

    /// The ids of the calls that were submitted in earlier runs.
    fn ids(&self) -> HashMap<usize, String> {
        let ids = self.calls.iter().enumerate();
        ids.filter_map(|(job, item)| Some((job, item.history.request_id.clone()?))).collect()
    }

    /// The settings of a call, as the batch changes them.
    fn settings(&self, call: &dyn AnyCall<S::Output>) -> Settings {
        let mut settings = call.settings().clone();
        settings.http_timeout = self.http_timeout.unwrap_or(settings.http_timeout);
        settings
    }

    /// Calls back the call and the batch.
    fn observer(&self, item: &Item<S::Output>, call: &dyn AnyCall<S::Output>) -> Observer {
        let own = call.observer().clone();
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

/// A call as the journal keeps it.
fn planned<T>(item: &Item<T>, call: &dyn AnyCall<T>, settings: &Settings) -> Result<Planned, Error> {
    let call =
        call.written().map_err(|e| Error::new(ErrorKind::Journal, "writing the journal", e.to_string()))?;
    Ok(Planned {
        key: item.key.to_string(),
        after: item.after.clone(),
        member: item.member,
        settings: KeptSettings::of(settings),
        call,
    })
}

impl<S: BatchScope> Batch<S, Blocking> {
    /// Prepares the batch and returns an iterator over its results. The first call of `next` starts it; each
    /// result is returned when its call has finished.
    ///
    /// # Errors
    ///
    /// After an error of `run`, nothing was sent:
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument): a call cannot be sent as it is, a key is used
    ///   twice, a call comes after itself or after a key that no call has, or the clients have different
    ///   clocks;
    /// - [`Credentials`](ErrorKind::Credentials): a client was made with `Client::offline()`;
    /// - [`Journal`](ErrorKind::Journal): the journal cannot be created, or has changed since it was read.
    ///
    /// The error of a call is not an error of `run`: it is the result of that call.
    pub fn run(self) -> Result<Results<S>, Error> {
        let Ready { clients, clock, keys, recorded, threads } = self.prepare()?;
        let senders = clients.into_iter().map(S::sender).collect();
        Ok(Results { keys, lanes: Lanes::new(senders, clock, recorded, threads) })
    }
}

#[cfg(feature = "async")]
impl<S: BatchScope> Batch<S, Async> {
    /// Prepares the batch and returns its results, which are awaited one by one. The batch runs while a
    /// result is awaited, on the task that awaits it; each result is returned when its call has finished. The
    /// task also writes the journal, if there is one, and waits for the disk before a submit.
    ///
    /// # Errors
    ///
    /// The errors are those of `run` of a blocking batch, which this page lists too.
    pub fn run(self) -> Result<AsyncResults<S>, Error> {
        let Ready { clients, keys, recorded, .. } = self.prepare()?;
        let senders = clients.into_iter().map(S::async_sender).collect();
        Ok(AsyncResults { keys, flights: Flights::new(senders, recorded) })
    }
}
