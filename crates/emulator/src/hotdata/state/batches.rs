//! Many databases at once, which come into being over time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::{share, time};
use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;
use crate::moment::Moment;
use crate::time::End;

use super::databases::{Database, Template};
use super::{MAX_DATABASES, Space, room};

/// The most databases of a batch.
const MAX_COUNT: u64 = 10_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Batch {
    id: String,
    count: u64,
    created: u64,
    cancelled: bool,
    template: Template,
    key: Option<String>,
    job: String,
    began: Moment,
    /// When it is whole, as it was at the start; what is left of it has the job.
    total: End,
}

impl Batch {
    /// What is wrong with one that was read.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if !self.id.starts_with("btch") || self.id.len() < 10 || !self.id.is_ascii() {
            return Err("id: it is not the id of a batch");
        }
        if !(1..=MAX_COUNT).contains(&self.count) || self.created > self.count {
            return Err("count: it must be from 1 to 10000 and at least `created`");
        }
        Ok(())
    }

    fn shown(&self) -> Value {
        json!({
            "batch_id": self.id,
            "count": self.count,
            "created_count": self.created,
            "cancel_requested": self.cancelled,
            "expires_at": self.template.expires.map(time),
            "job_id": self.job,
            "status_url": format!("/v1/databases/bulk/{}", self.id),
        })
    }

    /// The name of one of its databases: `{index}` with zeros before it, and the batch behind.
    fn name(&self, index: u64) -> Option<String> {
        let width = (self.count - 1).to_string().len();
        let index = format!("{index:0width$}");
        let suffix = &self.id[self.id.len() - 6..];
        Some(format!("{}-{suffix}", self.template.name.as_ref()?.replace("{index}", &index)))
    }
}

impl Space {
    pub(in super::super) fn create_batch(&mut self, fields: &Fields) -> Result<Value, Refusal> {
        let key = fields.text("idempotency_key")?;
        if let Some(batch) = self.batches.iter().find(|one| key.is_some() && one.key == key) {
            let is_running = self.jobs.iter().any(|job| job.id == batch.job && !job.has_ended());
            if is_running {
                return Err(Refusal::conflict("the batch with this idempotency_key is still being created"));
            }
            return Ok(batch.shown());
        }
        let count = fields.number("count")?.ok_or_else(|| Refusal::bad("count is missing"))?;
        if !(1..=MAX_COUNT).contains(&count) {
            return Err(Refusal::bad(format!("count must be from 1 to {MAX_COUNT}")));
        }
        if self.databases.len() + usize::try_from(count).unwrap_or(usize::MAX) > MAX_DATABASES {
            return Err(Refusal::full("databases", MAX_DATABASES));
        }
        let name = fields.text("name_template")?;
        if name.as_ref().is_some_and(|name| !name.contains("{index}")) {
            return Err(Refusal::bad("name_template must contain {index}"));
        }
        room(&self.batches, "batches")?;
        let mut template = Template::read(self, fields)?;
        let end = self.common.end(self.common.pending);
        let job = self.begin_job("bulk_create_databases", end)?;
        let id = self.common.id("btch");
        template.name = name;
        template.batch = Some(id.clone());
        let began = self.common.instant();
        let batch = Batch {
            id: id.clone(),
            count,
            created: 0,
            cancelled: false,
            template,
            key,
            job,
            began,
            total: end,
        };
        self.batches.push(batch);
        self.note("bulk_create_databases", &id);
        self.settle_batches();
        Ok(self.batches[self.batches.len() - 1].shown())
    }

    /// As many databases as time has brought.
    pub(super) fn settle_batches(&mut self) {
        let now = self.common.instant();
        for place in 0..self.batches.len() {
            let batch = &self.batches[place];
            let left =
                self.jobs.iter().find(|job| job.id == batch.job && !job.has_ended()).map(|job| job.end);
            let Some(left) = left else { continue };
            let due = if batch.cancelled {
                batch.created
            } else {
                share(batch.count, batch.total, left, batch.began, now)
            };
            while self.batches[place].created < due {
                let batch = &self.batches[place];
                let mut template = batch.template.clone();
                template.name = batch.name(batch.created);
                if self.put_database(template, Vec::new()).is_err() {
                    break;
                }
                self.batches[place].created += 1;
            }
            if left.has_come(now) {
                let Batch { id, count, created, cancelled, job, .. } = &self.batches[place];
                let result = json!({
                    "batch_id": id, "requested": count, "created": created, "cancelled": cancelled,
                });
                let job = job.clone();
                self.end_job(&job, Ok(result));
            }
        }
    }

    fn batch(&self, id: &str) -> Result<usize, Refusal> {
        let place = self.batches.iter().position(|one| one.id == id);
        place.ok_or_else(|| Refusal::missing("batch", id))
    }

    pub(in super::super) fn get_batch(&mut self, id: &str) -> Result<Value, Refusal> {
        let place = self.batch(id)?;
        let shown = self.batches[place].shown();
        let job = self.batches[place].job.clone();
        self.look_at_job(&job);
        Ok(shown)
    }

    /// Takes its databases away, unless one of them has rows or is attached. What is not yet made is not
    /// made.
    pub(in super::super) fn delete_batch(&mut self, id: &str) -> Result<Value, Refusal> {
        let place = self.batch(id)?;
        let members: Vec<&Database> =
            self.databases.iter().filter(|one| one.batch.as_deref() == Some(id)).collect();
        for member in &members {
            if self.catalog(&member.connection)?.is_loaded() || self.is_attached(member) {
                return Err(Refusal::conflict(
                    "a database of the batch has loaded tables or is attached to another database",
                ));
            }
        }
        let ids: Vec<String> = members.iter().map(|one| one.id.clone()).collect();
        let deleted = ids.len();
        let is_member = |connection: &str| {
            self.databases.iter().any(|one| one.batch.as_deref() == Some(id) && one.connection == connection)
        };
        let gone: Vec<String> =
            self.catalogs.iter().filter(|one| is_member(&one.id)).map(|one| one.id.clone()).collect();
        let gone: std::collections::HashSet<String> = gone.into_iter().collect();
        self.catalogs.retain(|one| !gone.contains(&one.id));
        self.databases.retain(|one| one.batch.as_deref() != Some(id));
        let ids: std::collections::HashSet<String> = ids.into_iter().collect();
        self.contexts.retain(|one| !ids.contains(&one.database));
        let is_running = self.jobs.iter().any(|job| job.id == self.batches[place].job && !job.has_ended());
        if is_running {
            self.batches[place].cancelled = true;
        } else {
            self.batches.remove(place);
        }
        self.note("delete_database_batch", id);
        Ok(json!({ "batch_id": id, "deleted_count": deleted }))
    }
}
