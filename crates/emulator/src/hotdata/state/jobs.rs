//! Work in the background.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::document::words::{Word, one_of};
use crate::hotdata::call::number;
use crate::hotdata::common::time;
use crate::hotdata::refusal::Refusal;
use crate::parameters::Parameters;
use crate::time::End;

use super::{MAX_KEPT, Space, room};

/// All types in Hotdata's Python SDK 0.12.0.
const TYPES: [&str; 17] = [
    "noop",
    "bulk_create_databases",
    "create_index",
    "managed_load",
    "ducklake_vacuum",
    "ducklake_orphan_cleanup",
    "result_deletion",
    "stale_result_cleanup",
    "result_retention",
    "ducklake_compaction",
    "ducklake_table_compaction",
    "table_constants_update",
    "database_fork",
    "data_refresh_table",
    "data_refresh_connection",
    "dataset_refresh",
    "create_dataset_index",
];
const STATUSES: [&str; 5] = ["pending", "running", "succeeded", "partially_succeeded", "failed"];

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Job {
    pub(in super::super) id: String,
    #[serde(deserialize_with = "kind")]
    kind: Word,
    created: i64,
    pub(in super::super) end: End,
    /// What is known before it has ended.
    looked: bool,
    outcome: Option<Outcome>,
}

/// How a job has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Outcome {
    at: i64,
    /// What was made, or why not.
    result: Result<Value, String>,
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    one_of(from, &TYPES)
}

impl Job {
    fn status(&self, forced: Option<&str>) -> String {
        match &self.outcome {
            Some(Outcome { result: Err(_), .. }) => "failed".to_owned(),
            Some(Outcome { result: Ok(_), .. }) => forced.unwrap_or("succeeded").to_owned(),
            None if self.looked => "running".to_owned(),
            None => "pending".to_owned(),
        }
    }

    /// The status, for those who look at the emulator.
    pub(super) fn seen(&self) -> String {
        self.status(None)
    }

    fn shown(&self, forced: Option<&str>) -> Value {
        let status = self.status(forced);
        let mut shown = json!({
            "id": self.id,
            "job_type": self.kind,
            "status": status,
            "attempts": 1,
            "created_at": time(self.created),
        });
        if let Some(Outcome { at, result }) = &self.outcome {
            shown["completed_at"] = json!(time(*at));
            match result {
                Ok(_) if status == "failed" => {
                    shown["error_message"] = json!("failed because of the setting job-status of the emulator")
                }
                Ok(result) => {
                    shown["result"] = result.clone();
                    if status == "partially_succeeded" {
                        shown["error_message"] =
                            json!("incomplete because of the setting job-status of the emulator");
                    }
                }
                Err(why) => shown["error_message"] = json!(why),
            }
        }
        shown
    }

    pub(in super::super) fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }
}

impl Space {
    /// Work that begins now: its id.
    pub(in super::super) fn begin_job(&mut self, kind: &'static str, end: End) -> Result<String, Refusal> {
        if let Some(oldest) =
            self.jobs.iter().position(Job::has_ended).filter(|_| self.jobs.len() >= MAX_KEPT)
        {
            self.jobs.remove(oldest);
        }
        room(&self.jobs, "jobs")?;
        let id = self.common.id("jobs");
        let created = self.common.now();
        self.jobs.push(Job { id: id.clone(), kind, created, end, looked: false, outcome: None });
        Ok(id)
    }

    /// The answer that says where to ask.
    pub(in super::super) fn ticket(&self, id: &str) -> Value {
        json!({ "id": id, "status": "pending", "status_url": format!("/v1/jobs/{id}") })
    }

    /// The work is done, or has failed.
    pub(super) fn end_job(&mut self, id: &str, result: Result<Value, String>) {
        let at = self.common.now();
        if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) {
            job.outcome = Some(Outcome { at, result });
        }
    }

    /// Jobs of this kind whose time has come and that have no outcome yet.
    pub(super) fn due(&self, kind: &str) -> Vec<String> {
        let now = self.common.instant();
        let is_due = |job: &&Job| job.kind == kind && job.outcome.is_none() && job.end.has_come(now);
        self.jobs.iter().filter(is_due).map(|job| job.id.clone()).collect()
    }

    /// Somebody has looked: what ends after so many looks is one nearer to its end.
    pub(super) fn look_at_job(&mut self, id: &str) {
        let now = self.common.instant();
        if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id && job.outcome.is_none()) {
            job.looked = true;
            job.end.look(now);
        }
    }

    pub(in super::super) fn get_job(&mut self, id: &str) -> Result<Value, Refusal> {
        let forced = self.common.behaviour().job_status.clone();
        let job = self.jobs.iter().find(|job| job.id == id);
        let shown = job.ok_or_else(|| Refusal::missing("job", id))?.shown(forced.as_deref());
        self.look_at_job(id);
        Ok(shown)
    }

    /// The newest first. It is a look at each that is shown.
    pub(in super::super) fn list_jobs(&mut self, query: &Parameters) -> Result<Value, Refusal> {
        let limit = number(query, "limit")?.unwrap_or(50).min(1000);
        let offset = number(query, "offset")?.unwrap_or(0);
        let kind = query.text("job_type");
        if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
            return Err(Refusal::bad(format!("job_type is not known; known values: {}", TYPES.join(", "))));
        }
        let statuses: Option<Vec<&str>> = query.text("status").map(|text| text.split(',').collect());
        if statuses.iter().flatten().any(|status| !STATUSES.contains(status)) {
            return Err(Refusal::bad(format!("status is not known; known values: {}", STATUSES.join(", "))));
        }
        let forced = self.common.behaviour().job_status.clone();
        let fits = |job: &&Job| {
            kind.is_none_or(|kind| kind == job.kind)
                && statuses.as_ref().is_none_or(|any| any.contains(&job.status(forced.as_deref()).as_str()))
        };
        let page: Vec<(String, Value)> = self
            .jobs
            .iter()
            .rev()
            .filter(fits)
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|job| (job.id.clone(), job.shown(forced.as_deref())))
            .collect();
        for (id, _) in &page {
            self.look_at_job(id);
        }
        Ok(json!({ "jobs": page.into_iter().map(|(_, shown)| shown).collect::<Vec<_>>() }))
    }
}
