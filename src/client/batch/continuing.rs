//! Continues the batch of a journal.

use std::path::Path;
use std::sync::Arc;

use crate::engine::Effect;
use crate::engine::batch::{JournalEvent, Past, Record};
use crate::error::{Error, ErrorKind, one_line};

use super::calls::Item;
use super::journal::{History, Journal, Planned};
use super::member::Member;
use super::{Batch, BatchScope, Owner};

impl<S: BatchScope, M> Batch<S, M> {
    /// The batch that an earlier run wrote into this journal, with the clients of its calls.
    pub(crate) fn continued(clients: &[Member<S, M>], path: &Path) -> Result<Self, Error> {
        let contents = Journal::read(path)?;
        let refuse = |why: String| {
            Error::new(ErrorKind::Journal, format!("continuing the journal {}", path.display()), why)
        };
        let advise = |error: Error, what: &str| error.with_advice(format!("Nothing was sent. {what}"));
        let members = members(&contents.header.members, clients)?.map_err(|why| {
            let what = match S::IS_OPEN || contents.header.members.len() < 2 {
                true => "Use the clients that the journal was written with.",
                false => "It has the calls of several clients: use `controlplane::Batch::from_journal`.",
            };
            advise(refuse(why), what)
        })?;
        let mut batch = Self::of(members);
        for (planned, mut history) in contents.calls.into_iter().zip(contents.histories) {
            let Planned { key, after, member, settings, call } = planned;
            let restored = match batch.members.get(member) {
                Some(owner) => owner.account.restore(&call, &settings).map_err(|e| e.to_string()),
                None => Err("the batch has no client for it".to_owned()),
            };
            let call = restored.map_err(|why| {
                let error = refuse(format!("the call {:?}: {why}", one_line(&key, 100)));
                advise(error, "Use the version of this crate that the journal was written with.")
            })?;
            let settled = history.settle(call.effect() == Effect::Repeatable);
            let job = batch.calls.len();
            batch.decided.extend(settled.map(|event| Record { job, event }));
            let key: Arc<str> = key.into();
            batch.places.insert(key.clone(), job);
            batch.calls.push(Item { key, call: Some(call), member, after, history });
        }
        batch.stops_on_failure = contents.header.stops_on_failure;
        batch.journal = Some(path.to_owned());
        batch.read = Some(contents.end);
        Ok(batch)
    }

    /// Submits a call again that failed in an earlier run, or whose outcome is unknown. Use this after you
    /// have checked that the call took no effect, or if a second execution does no harm.
    ///
    /// It is for a batch that was read from a journal. For any other call, or an unknown key, `run` returns
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
    pub fn again(&mut self, key: &str) -> &mut Self {
        self.decide(key, JournalEvent::Again, Past::Todo)
    }

    /// Treats a call as done that failed in an earlier run, or whose outcome is unknown. Use this after you
    /// have checked that the call took effect. The calls that come after it can then be submitted.
    ///
    /// It is for a batch that was read from a journal. For any other call, or an unknown key, `run` returns
    /// [`InvalidArgument`](ErrorKind::InvalidArgument).
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
                    Error::invalid(
                        "continuing the batch",
                        "only a call that failed, or whose outcome is unknown, can be submitted again or settled",
                    ),
                );
            }
            None => self.complain(
                key,
                Error::invalid("continuing the batch", "no call that was read from a journal has this key"),
            ),
        }
        self
    }
}

/// The client of each of these owners; the inner error says whose is missing.
fn members<S: BatchScope, M>(
    owners: &[Owner],
    clients: &[Member<S, M>],
) -> Result<Result<Vec<Member<S, M>>, String>, Error> {
    let theirs = clients.iter().map(|client| client.account.owner());
    let theirs: Vec<Owner> = theirs.collect::<Result<_, Error>>()?;
    let mut is_used = vec![false; clients.len()];
    let mut members = Vec::with_capacity(owners.len());
    for owner in owners {
        let fits = |place: &usize| owner.difference(&theirs[*place]).is_none();
        let fitting = || (0..clients.len()).filter(fits);
        // Two clients of one account are two members.
        let Some(place) = fitting().find(|place| !is_used[*place]).or_else(|| fitting().next()) else {
            return Ok(Err(missing(owner, owners.len(), &theirs)));
        };
        is_used[place] = true;
        members.push(clients[place].clone());
    }
    Ok(Ok(members))
}

/// Why there is no client of this owner, who is one of so many.
fn missing(owner: &Owner, owners: usize, clients: &[Owner]) -> String {
    match clients {
        [client] if owners == 1 => {
            let (what, theirs, ours) = owner.difference(client).unwrap_or_default();
            format!("its {what} is {}, and the client's is {}", one_line(theirs, 200), one_line(ours, 200))
        }
        _ => {
            let clients: Vec<String> =
                clients.iter().map(|client| one_line(&client.to_string(), 300)).collect();
            let clients = if clients.is_empty() { "none".to_owned() } else { clients.join("; ") };
            format!("it has calls of {}; the clients are: {clients}", one_line(&owner.to_string(), 300))
        }
    }
}
