//! Results that are kept.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::time;
use crate::hotdata::engine::Answered;
use crate::hotdata::formats::kept_result;
use crate::hotdata::pages::{Size, by_offset};
use crate::hotdata::refusal::Refusal;
use crate::parameters::Parameters;
use crate::time::End;

use super::{Space, is_of};

/// The pages of a list.
const PAGE: Size = Size { default: 100, most: 1000 };
/// The most results that are kept: the oldest are forgotten.
pub(super) const MAX_RESULTS: usize = 1000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Stored {
    pub(in super::super) id: String,
    database: String,
    created: i64,
    #[serde(rename = "rows", with = "kept_result")]
    answered: Answered,
    /// When it is saved; `None` while its query still runs.
    end: Option<End>,
    looked: bool,
    /// What went wrong, as the emulator was told.
    failure: Option<String>,
}

/// How a result stands.
#[derive(Debug)]
pub(in super::super) enum Standing {
    /// Not yet: `pending` or `processing`.
    NotReady(&'static str),
    Failed(String),
    Ready(Answered),
}

impl Stored {
    /// Whether its query still runs.
    pub(super) fn waits(&self) -> bool {
        self.end.is_none()
    }

    fn standing(&self, now: crate::moment::Moment) -> Standing {
        if !self.end.is_some_and(|end| end.has_come(now)) {
            return Standing::NotReady(if self.looked { "processing" } else { "pending" });
        }
        match &self.failure {
            Some(why) => Standing::Failed(why.clone()),
            None => Standing::Ready(self.answered.clone()),
        }
    }

    fn shown(&self, now: crate::moment::Moment) -> Value {
        let mut shown = json!({ "id": self.id, "created_at": time(self.created) });
        shown["status"] = match self.standing(now) {
            Standing::NotReady(status) => json!(status),
            Standing::Ready(_) => json!("ready"),
            Standing::Failed(why) => {
                shown["error_message"] = json!(why);
                json!("failed")
            }
        };
        shown
    }
}

impl Space {
    /// Keeps a result that is not saved before its query has ended.
    pub(super) fn keep_result(&mut self, database: &str, answered: Answered) -> String {
        if self.results.len() >= MAX_RESULTS {
            self.results.remove(0);
        }
        let id = self.common.id("rslt");
        let failure = self.common.behaviour().fail_results.clone();
        self.results.push(Stored {
            id: id.clone(),
            database: database.to_owned(),
            created: self.common.now(),
            answered,
            end: None,
            looked: false,
            failure,
        });
        id
    }

    /// Its query has ended: now it is saved.
    pub(super) fn result_follows(&mut self, id: &str) {
        let pending = self.common.behaviour().result_pending;
        let end = self.common.end(pending);
        if let Some(result) = self.results.iter_mut().find(|one| one.id == id && one.end.is_none()) {
            result.end = Some(end);
        }
    }

    /// Whether it is saved, or has failed. One that is forgotten was.
    pub(super) fn result_is_settled(&self, id: &str) -> bool {
        let now = self.common.instant();
        self.results
            .iter()
            .find(|one| one.id == id)
            .is_none_or(|one| one.end.is_some_and(|end| end.has_come(now)))
    }

    pub(in super::super) fn result_has_ended(&self, id: &str) -> bool {
        self.results.iter().any(|one| one.id == id) && self.result_is_settled(id)
    }

    pub(super) fn look_at_result(&mut self, id: &str) {
        let now = self.common.instant();
        if let Some(result) = self.results.iter_mut().find(|one| one.id == id) {
            result.looked = true;
            if let Some(end) = &mut result.end {
                end.look(now);
            }
        }
    }

    fn result_of(&self, database: Option<&str>, id: &str) -> Result<&Stored, Refusal> {
        let is_it = |one: &&Stored| one.id == id && is_of(&one.database, database.unwrap_or_default());
        self.results.iter().find(is_it).ok_or_else(|| Refusal::missing("result", id))
    }

    /// How a result stands. It is a look at it, or at its query while that runs.
    pub(in super::super) fn get_result(&mut self, database: &str, id: &str) -> Result<Standing, Refusal> {
        let standing = self.result_of(Some(database), id)?.standing(self.common.instant());
        match self.run_of_result(id).filter(|run| self.run_is_pending(run)) {
            Some(run) => self.look_at_run(&run),
            None => self.look_at_result(id),
        }
        Ok(standing)
    }

    /// A result to load a table from.
    pub(super) fn ready_result(&self, id: &str) -> Result<Answered, Refusal> {
        match self.result_of(None, id)?.standing(self.common.instant()) {
            Standing::Ready(answered) => Ok(answered),
            Standing::NotReady(_) => Err(Refusal::conflict("the result is still being computed")),
            Standing::Failed(why) => Err(Refusal::conflict(format!("the result has failed: {why}"))),
        }
    }

    /// The newest first.
    pub(in super::super) fn list_results(
        &self,
        database: &str,
        query: &Parameters,
    ) -> Result<Value, Refusal> {
        let now = self.common.instant();
        let here = self.results.iter().rev().filter(|one| is_of(&one.database, database)).collect();
        by_offset("results", query, PAGE, here, |one: &Stored| one.shown(now))
    }
}
