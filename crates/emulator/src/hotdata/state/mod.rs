//! What the service keeps, and what becomes of it.

mod batches;
mod catalogs;
mod contexts;
mod databases;
mod datasets;
mod indexes;
mod jobs;
mod kept;
mod lineage;
mod listed;
mod loads;
pub(super) mod older;
mod providers;
mod results;
mod runs;
mod saved;
mod schema;
mod tables;
mod uploads;
mod workspaces;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::Common;
use super::engine::Engine;
use super::journal::Taken;
use super::refusal::Refusal;
use super::storage::Uploads;

use batches::Batch;
use catalogs::Catalog;
use contexts::Context;
use databases::Database;
use datasets::Dataset;
use indexes::Index;
use jobs::Job;
pub(super) use kept::Kept;
use lineage::Fork;
pub(super) use loads::Plan;
use loads::{Running, Used};
use older::Secret;
use providers::Provider;
pub(super) use results::Standing;
use results::Stored;
use runs::Run;
pub(super) use runs::{Asked, Inline, Question, Said};
use saved::Saved;
use uploads::Known;
use workspaces::Profile;

/// The most of each kind that are kept in a workspace: memory is bounded.
pub(super) const MAX_KEPT: usize = 10_000;
/// The same for databases, which a batch may have ten thousand of.
pub(super) const MAX_DATABASES: usize = 50_000;

/// All workspaces.
#[derive(Debug)]
pub(super) struct World {
    common: Arc<Common>,
    /// One storage for all.
    pub(super) uploads: Uploads,
    pub(super) engine: Engine,
    spaces: Vec<Space>,
    notes: Vec<Taken>,
}

/// One workspace with all that is in it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Space {
    /// That of the emulator; not of a state that was read, until it is linked.
    #[serde(skip, default = "Common::of_nothing")]
    pub(super) common: Arc<Common>,
    pub(super) id: String,
    pub(super) profile: Profile,
    pub(super) catalogs: Vec<Catalog>,
    pub(super) databases: Vec<Database>,
    pub(super) contexts: Vec<Context>,
    pub(super) batches: Vec<Batch>,
    pub(super) forks: Vec<Fork>,
    pub(super) jobs: Vec<Job>,
    pub(super) saved: Vec<Saved>,
    pub(super) providers: Vec<Provider>,
    pub(super) indexes: Vec<Index>,
    pub(super) runs: Vec<Run>,
    pub(super) results: Vec<Stored>,
    pub(super) loads: Vec<Running>,
    pub(super) used: Vec<Used>,
    pub(super) secrets: Vec<Secret>,
    pub(super) datasets: Vec<Dataset>,
    pub(super) known: Vec<Known>,
    #[serde(skip, default = "Uploads::of_nothing")]
    pub(super) uploads: Uploads,
    #[serde(skip)]
    notes: Vec<Taken>,
}

impl World {
    pub(super) fn new(common: Arc<Common>) -> Self {
        let engine = Engine::new();
        let secret = format!("{}", common.seed);
        let uploads = Uploads::new(common.upload_limits(), &engine.pool, secret.as_bytes());
        let first = Space::first(&common, &uploads);
        Self { common, uploads, engine, spaces: vec![first], notes: Vec::new() }
    }

    /// Microseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.common.now()
    }

    pub(super) fn space(&mut self, id: &str) -> Option<&mut Space> {
        self.spaces.iter_mut().find(|space| space.id == id)
    }

    /// What time has brought about.
    pub(super) fn settle(&mut self) {
        self.spaces.iter_mut().for_each(Space::settle);
    }

    /// Whether what is asked about has shown its end.
    pub(super) fn has_ended(&self, operation: &str, id: &str) -> bool {
        self.spaces.iter().any(|space| space.has_ended(operation, id))
    }

    /// All changes since the last time.
    pub(super) fn take_notes(&mut self) -> Vec<Taken> {
        let mut notes = std::mem::take(&mut self.notes);
        for space in &mut self.spaces {
            notes.append(&mut space.notes);
        }
        notes
    }

    /// Something was put into the storage.
    pub(super) fn note_put(&mut self, id: &str, bytes: u64) {
        self.notes.push(Taken {
            operation: "storage_put",
            id: id.to_owned(),
            bytes: Some(bytes),
            ..Taken::default()
        });
    }

    fn note(&mut self, operation: &'static str, id: &str) {
        self.notes.push(Taken {
            operation,
            id: id.to_owned(),
            workspace_id: id.to_owned(),
            ..Taken::default()
        });
    }
}

impl Space {
    fn settle(&mut self) {
        self.settle_batches();
        self.settle_indexes();
        self.settle_loads();
        self.settle_runs();
        self.settle_refreshes();
        self.expire_databases();
    }

    fn has_ended(&self, operation: &str, id: &str) -> bool {
        let now = self.common.instant();
        match operation {
            "get_job" => self.jobs.iter().any(|job| job.id == id && job.end.has_come(now)),
            "get_query_run" => self.run_has_ended(id),
            "get_result" => self.result_has_ended(id),
            _ => false,
        }
    }

    /// A change was taken.
    pub(super) fn note(&mut self, operation: &'static str, id: &str) {
        self.note_with(Taken { operation, id: id.to_owned(), ..Taken::default() });
    }

    pub(super) fn note_with(&mut self, taken: Taken) {
        let taken = Taken { workspace_id: self.id.clone(), ..taken };
        self.notes.push(taken);
    }
}

/// That there is room for one more.
pub(super) fn room<T>(kept: &[T], what: &str) -> Result<(), Refusal> {
    if kept.len() < MAX_KEPT { Ok(()) } else { Err(Refusal::full(what, MAX_KEPT)) }
}

/// Whether something of one database is meant, if none means all.
fn is_of(own: &str, wanted: &str) -> bool {
    wanted.is_empty() || own == wanted
}
