//! The state of all workspaces as a document holds it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::hotdata::common::{Common, Counts};
use crate::hotdata::engine::Engine;
use crate::hotdata::settings::Behaviour;
use crate::hotdata::storage::{KeptUploads, Uploads};

use super::results::MAX_RESULTS;
use super::runs::MAX_RUNS;
use super::workspaces::MAX_WORKSPACES;
use super::{MAX_DATABASES, MAX_KEPT, Space, World};

/// A state that was read, before it is checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    counts: Counts,
    settings: Behaviour,
    uploads: KeptUploads,
    workspaces: Vec<Space>,
}

impl Serialize for World {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        let mut parts = to.serialize_struct("Kept", 4)?;
        parts.serialize_field("counts", &self.common.counts())?;
        parts.serialize_field("settings", &*self.common.behaviour())?;
        parts.serialize_field("uploads", &self.uploads)?;
        parts.serialize_field("workspaces", &self.spaces)?;
        parts.end()
    }
}

impl Kept {
    /// What can be chosen while the emulator runs. What can be chosen before its start only stays.
    pub(in super::super) fn behaviour(&self, at_start: &Behaviour) -> Behaviour {
        let Behaviour { min_part, single_up_to, .. } = *at_start;
        Behaviour { min_part, single_up_to, ..self.settings.clone() }
    }

    pub(in super::super) fn counts(&self) -> Counts {
        self.counts
    }

    /// The world, if the state does not contradict itself; else where it does.
    pub(in super::super) fn link(self, common: Arc<Common>) -> Result<World, String> {
        self.settings.check().map_err(|why| format!("/state/settings/{why}"))?;
        if self.workspaces.len() > MAX_WORKSPACES {
            return Err(format!("/state/workspaces: there are more than {MAX_WORKSPACES} workspaces"));
        }
        let engine = Engine::new();
        let uploads = Uploads::new(common.upload_limits(), &engine.pool, common.seed.to_string().as_bytes());
        uploads.restore(self.uploads).map_err(|why| format!("/state/uploads{why}"))?;
        let mut spaces = self.workspaces;
        let mut seen = BTreeSet::new();
        let mut claimed: BTreeSet<String> = uploads.claimed().into_iter().collect();
        for (at, space) in spaces.iter_mut().enumerate() {
            let place = format!("/state/workspaces/{at}");
            space.common = Arc::clone(&common);
            space.uploads = uploads.clone();
            space.check().map_err(|why| format!("{place}/{why}"))?;
            if !seen.insert(space.id.clone()) {
                return Err(format!("{place}/id: another workspace has the same id"));
            }
            space.saved.iter_mut().for_each(super::Saved::analyse);
            for (number, id) in space.uploads_of_loads() {
                let again = space.claim_again(&id).ok().filter(|_| claimed.remove(&id));
                let Some(uploaded) = again else {
                    return Err(format!(
                        "{place}/loads/{number}/plan: the upload of this load is not in the phase `claimed`, or another load has it"
                    ));
                };
                space.loads[number].set_uploaded(uploaded);
            }
        }
        if let Some(id) = claimed.first() {
            let id = crate::text::one_line(id, 60);
            return Err(format!("/state/uploads/{id}/phase: the upload is `claimed`, but no load has it"));
        }
        Ok(World { common, uploads, engine, spaces, notes: Vec::new() })
    }
}

impl Space {
    /// The places of loads of uploads, and the ids of those.
    fn uploads_of_loads(&self) -> Vec<(usize, String)> {
        let loads = self.loads.iter().enumerate();
        loads.filter_map(|(at, load)| Some((at, load.upload()?.to_owned()))).collect()
    }

    /// The kind of which there are more than any workspace keeps, if there is one.
    fn check_counts(&self) -> Result<(), String> {
        let counts = [
            ("databases", self.databases.len(), MAX_DATABASES),
            // Each database has one of its own.
            ("catalogs", self.catalogs.len(), MAX_DATABASES + MAX_KEPT),
            ("contexts", self.contexts.len(), MAX_KEPT),
            ("batches", self.batches.len(), MAX_KEPT),
            ("forks", self.forks.len(), MAX_DATABASES),
            ("jobs", self.jobs.len(), MAX_KEPT),
            ("saved", self.saved.len(), MAX_KEPT),
            ("providers", self.providers.len(), MAX_KEPT),
            ("indexes", self.indexes.len(), MAX_KEPT),
            ("runs", self.runs.len(), MAX_RUNS),
            ("results", self.results.len(), MAX_RESULTS),
            ("loads", self.loads.len(), MAX_KEPT),
            ("used", self.used.len(), MAX_KEPT),
            // As many again that are deleted.
            ("secrets", self.secrets.len(), 2 * MAX_KEPT),
            ("datasets", self.datasets.len(), MAX_KEPT),
            ("known", self.known.len(), MAX_KEPT),
        ];
        match counts.into_iter().find(|(_, count, most)| count > most) {
            Some((kind, _, most)) => Err(format!("{kind}: there are more than {most} entries")),
            None => Ok(()),
        }
    }

    /// The place of the first contradiction.
    fn check(&self) -> Result<(), String> {
        self.check_counts()?;
        let catalogs = ids("catalogs", self.catalogs.iter().map(|one| &one.id))?;
        let databases = ids("databases", self.databases.iter().map(|one| &one.id))?;
        let jobs = ids("jobs", self.jobs.iter().map(|one| &one.id))?;
        ids("runs", self.runs.iter().map(|one| &one.id))?;
        ids("results", self.results.iter().map(|one| &one.id))?;
        ids("known", self.known.iter().map(|one| &one.id))?;
        for (at, catalog) in self.catalogs.iter().enumerate() {
            if let Some(database) = &catalog.database {
                has(&databases, database, || format!("catalogs/{at}/database"))?;
            }
        }
        for (at, database) in self.databases.iter().enumerate() {
            has(&catalogs, &database.connection, || format!("databases/{at}/connection"))?;
            for (number, (connection, _)) in database.attachments.iter().enumerate() {
                has(&catalogs, connection, || format!("databases/{at}/attachments/{number}"))?;
            }
        }
        for (at, context) in self.contexts.iter().enumerate() {
            // Once contexts were of the workspace.
            if !context.database.is_empty() {
                has(&databases, &context.database, || format!("contexts/{at}/database"))?;
            }
        }
        for (at, index) in self.indexes.iter().enumerate() {
            has(&catalogs, &index.connection, || format!("indexes/{at}/connection"))?;
        }
        for (at, load) in self.loads.iter().enumerate() {
            has(&jobs, load.job(), || format!("loads/{at}/job"))?;
        }
        for (at, batch) in self.batches.iter().enumerate() {
            batch.check().map_err(|why| format!("batches/{at}/{why}"))?;
        }
        for (at, run) in self.runs.iter().enumerate() {
            run.check().map_err(|why| format!("runs/{at}: {why}"))?;
        }
        Ok(())
    }
}

/// Ids that are all different.
fn ids<'i>(what: &str, all: impl Iterator<Item = &'i String>) -> Result<BTreeSet<&'i str>, String> {
    let mut seen = BTreeSet::new();
    for (at, id) in all.enumerate() {
        if id.is_empty() || !seen.insert(id.as_str()) {
            return Err(format!("{what}/{at}/id: the id is empty, or an earlier entry has it"));
        }
    }
    Ok(seen)
}

fn has<P: Display>(all: &BTreeSet<&str>, id: &str, place: impl Fn() -> P) -> Result<(), String> {
    match all.contains(id) {
        true => Ok(()),
        false => Err(format!("{}: there is no `{}`", place(), crate::text::one_line(id, 60))),
    }
}
