//! Workspaces.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::Common;
use crate::hotdata::refusal::Refusal;
use crate::hotdata::storage::Uploads;
use crate::time::End;

use super::{Space, World};

/// The one organization.
const ORGANIZATION: &str = "org_emulator";
/// The most workspaces.
pub(super) const MAX_WORKSPACES: usize = 100;

/// What a workspace is called, and whether it is ready.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Profile {
    name: String,
    active: bool,
    provisioned: End,
}

impl Space {
    /// The workspace that is there from the start.
    pub(super) fn first(common: &Arc<Common>, uploads: &Uploads) -> Self {
        let id = common.workspace_id.clone();
        let profile = Profile { name: "emulator".to_owned(), active: true, provisioned: End::AfterLooks(0) };
        Self::new(common, uploads, id, profile)
    }

    fn new(common: &Arc<Common>, uploads: &Uploads, id: String, profile: Profile) -> Self {
        Self {
            common: Arc::clone(common),
            id,
            profile,
            catalogs: Vec::new(),
            databases: Vec::new(),
            contexts: Vec::new(),
            batches: Vec::new(),
            forks: Vec::new(),
            jobs: Vec::new(),
            saved: Vec::new(),
            providers: Vec::new(),
            indexes: Vec::new(),
            runs: Vec::new(),
            results: Vec::new(),
            loads: Vec::new(),
            used: Vec::new(),
            secrets: Vec::new(),
            datasets: Vec::new(),
            known: Vec::new(),
            uploads: uploads.clone(),
            notes: Vec::new(),
        }
    }

    fn provision_status(&self) -> &'static str {
        let done = self.profile.provisioned.has_come(self.common.instant());
        if done { "provisioned" } else { "pending" }
    }
}

impl World {
    /// All of them. It is a look at each.
    pub(in super::super) fn list_workspaces(&mut self, organization: Option<&str>) -> Result<Value, Refusal> {
        of_organization(organization)?;
        let now = self.common.instant();
        let show = |space: &mut Space| {
            let shown = json!({
                "public_id": space.id,
                "name": space.profile.name,
                "active": space.profile.active,
                "favorite": false,
                "provision_status": space.provision_status(),
            });
            space.profile.provisioned.look(now);
            shown
        };
        let workspaces: Vec<Value> = self.spaces.iter_mut().map(show).collect();
        Ok(json!({ "ok": true, "workspaces": workspaces }))
    }

    pub(in super::super) fn create_workspace(
        &mut self,
        name: Option<String>,
        organization: Option<&str>,
    ) -> Result<Value, Refusal> {
        let name = name.filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| Refusal::new(422, "NAME_MISSING", "name_missing"))?;
        of_organization(organization)?;
        if self.spaces.len() >= MAX_WORKSPACES {
            return Err(Refusal::full("workspaces", MAX_WORKSPACES));
        }
        let id = format!("ws_{}", self.common.letters(20));
        let provisioned = self.common.end(self.common.pending);
        let profile = Profile { name, active: false, provisioned };
        let space = Space::new(&self.common, &self.uploads, id.clone(), profile);
        let shown = json!({
            "public_id": id,
            "name": space.profile.name,
            "provision_status": space.provision_status(),
        });
        self.spaces.push(space);
        self.note("create_workspace", &id);
        Ok(json!({ "ok": true, "workspace": shown }))
    }

    pub(in super::super) fn delete_workspace(&mut self, id: &str) -> Result<(), Refusal> {
        let place = self.spaces.iter().position(|space| space.id == id);
        let place = place.ok_or_else(|| Refusal::new(404, "NOT_FOUND", "workspace_not_found"))?;
        let mut gone = self.spaces.remove(place);
        self.notes.append(&mut gone.notes);
        self.note("delete_workspace", id);
        Ok(())
    }
}

fn of_organization(organization: Option<&str>) -> Result<(), Refusal> {
    match organization {
        None | Some("" | ORGANIZATION) => Ok(()),
        Some(_) => Err(Refusal::new(404, "NOT_FOUND", "organization_not_found")),
    }
}
