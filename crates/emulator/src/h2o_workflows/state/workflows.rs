//! Workflows and their revisions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::h2o_workflows::refusal::{Code, Refusal};
use crate::h2o_workflows::source::{WorkflowSource, definitions, read_workflow};
use crate::moment::Moment;

use super::{CREATOR, MAX_KEPT, State, room, usable};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    pub(super) workspace: String,
    /// What the contents say.
    #[serde(skip)]
    pub(super) source: Arc<WorkflowSource>,
    contents: String,
    created: Moment,
    updated: Option<Moment>,
    activated: Option<Moment>,
    pub(super) revisions: Vec<Revision>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revision {
    pub(super) id: String,
    #[serde(skip)]
    pub(super) source: Arc<WorkflowSource>,
    contents: String,
    created: Moment,
    deactivated: Option<Moment>,
}

impl Revision {
    pub(super) fn is_active(&self) -> bool {
        self.deactivated.is_none()
    }
}

impl Workflow {
    /// Reads the contents. A draft may have problems; a revision may not, because its runs are built from it.
    pub(super) fn read(&mut self) -> Result<(), String> {
        self.source = Arc::new(read_workflow(&self.contents).0);
        for (at, revision) in self.revisions.iter_mut().enumerate() {
            let (source, problems) = read_workflow(&revision.contents);
            usable(&problems).map_err(|refusal| format!("revisions/{at}: {}", refusal.message))?;
            revision.source = Arc::new(source);
        }
        Ok(())
    }

    pub(super) fn name(&self) -> String {
        format!("workspaces/{}/workflows/{}", self.workspace, self.source.id)
    }

    /// Only the newest can be.
    pub(super) fn active(&self) -> Option<&Revision> {
        self.revisions.last().filter(|revision| revision.is_active())
    }

    fn deactivate(&mut self, now: Moment) {
        if let Some(revision) = self.revisions.last_mut() {
            revision.deactivated.get_or_insert(now);
        }
    }
}

impl State {
    pub(super) fn workflow_at(&self, workspace: &str, id: &str) -> Result<usize, Refusal> {
        let place = self.workflows.iter().position(|one| one.workspace == workspace && one.source.id == id);
        place.ok_or_else(|| Refusal::missing(&format!("workspaces/{workspace}/workflows/{id}")))
    }

    /// The workflow's place, and the revision's in it. `active` is the one that is.
    pub(super) fn revision_at(&self, ids: &[String]) -> Result<(usize, usize), Refusal> {
        let [workspace, workflow, revision] = ids else { return Err(Refusal::missing("the revision")) };
        let at = self.workflow_at(workspace, workflow)?;
        let revisions = &self.workflows[at].revisions;
        let place = match revision.as_str() {
            "active" => revisions.iter().position(Revision::is_active),
            id => revisions.iter().position(|one| one.id == id),
        };
        let missing = || Refusal::missing(&format!("{}/revisions/{revision}", self.workflows[at].name()));
        Ok((at, place.ok_or_else(missing)?))
    }

    pub(in super::super) fn create_workflow(
        &mut self,
        workspace: &str,
        contents: String,
        now: Moment,
    ) -> Result<(String, Value), Refusal> {
        let (source, problems) = read_workflow(&contents);
        if !self.rules.any_drafts || source.id.is_empty() || source.id.contains('/') {
            usable(&problems)?;
        }
        if self.workflow_at(workspace, &source.id).is_ok() {
            let message = format!("workflow {} already exists", source.id);
            return Err(Refusal::new(Code::AlreadyExists, message));
        }
        room(&self.workflows, "workflows")?;
        self.workflows.push(Workflow {
            workspace: workspace.to_owned(),
            source: Arc::new(source),
            contents,
            created: now,
            updated: None,
            activated: None,
            revisions: Vec::new(),
        });
        let at = self.workflows.len() - 1;
        Ok((self.workflows[at].name(), self.show_workflow(at)))
    }

    pub(in super::super) fn get_workflow(&self, ids: &[String]) -> Result<Value, Refusal> {
        Ok(self.show_workflow(self.workflow_place(ids)?))
    }

    fn workflow_place(&self, ids: &[String]) -> Result<usize, Refusal> {
        match ids {
            [workspace, id] => self.workflow_at(workspace, id),
            _ => Err(Refusal::missing("the workflow")),
        }
    }

    /// All of a workspace, in the order in which they were made.
    pub(in super::super) fn list_workflows(&self, workspace: &str) -> Vec<Value> {
        let places = (0..self.workflows.len()).filter(|at| self.workflows[*at].workspace == workspace);
        places.map(|at| self.show_workflow(at)).collect()
    }

    pub(in super::super) fn update_workflow(
        &mut self,
        ids: &[String],
        contents: Option<String>,
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.workflow_place(ids)?;
        if let Some(contents) = contents {
            let (source, problems) = read_workflow(&contents);
            if !self.rules.any_drafts || source.id.is_empty() {
                usable(&problems)?;
            }
            if source.id != self.workflows[at].source.id {
                return Err(Refusal::argument("the id of a workflow cannot be changed"));
            }
            self.workflows[at].source = Arc::new(source);
            self.workflows[at].contents = contents;
            self.workflows[at].updated = Some(now);
        }
        Ok(self.show_workflow(at))
    }

    pub(in super::super) fn delete_workflow(&mut self, ids: &[String]) -> Result<(), Refusal> {
        let at = self.workflow_place(ids)?;
        let Workflow { workspace, source, .. } = &self.workflows[at];
        let (workspace, id) = (workspace.clone(), source.id.clone());
        if self.runs.iter().any(|run| run.is_of(&workspace, &id) && !run.has_ended()) {
            return Err(Refusal::state("the workflow has runs that have not ended"));
        }
        self.runs.retain(|run| !run.is_of(&workspace, &id));
        self.workflows.remove(at);
        Ok(())
    }

    pub(in super::super) fn activate_workflow(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.workflow_place(ids)?;
        let (source, problems) = read_workflow(&self.workflows[at].contents);
        usable(&problems)?;
        if self.workflows[at].revisions.len() >= MAX_KEPT {
            return Err(Refusal::new(Code::ResourceExhausted, "the workflow has too many revisions"));
        }
        let number = self.number();
        let id = self.id(number);
        let workflow = &mut self.workflows[at];
        workflow.deactivate(now);
        let contents = workflow.contents.clone();
        workflow.revisions.push(Revision {
            id,
            source: Arc::new(source),
            contents,
            created: now,
            deactivated: None,
        });
        workflow.activated = Some(now);
        Ok(self.show_workflow(at))
    }

    pub(in super::super) fn deactivate_workflow(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.workflow_place(ids)?;
        self.workflows[at].deactivate(now);
        Ok(self.show_workflow(at))
    }

    pub(in super::super) fn get_revision(&self, ids: &[String]) -> Result<Value, Refusal> {
        let (workflow, revision) = self.revision_at(ids)?;
        Ok(self.show_revision(workflow, revision))
    }

    /// All of a workflow, the newest first.
    pub(in super::super) fn list_revisions(&self, ids: &[String]) -> Result<Vec<Value>, Refusal> {
        let at = self.workflow_place(ids)?;
        let places = (0..self.workflows[at].revisions.len()).rev();
        Ok(places.map(|revision| self.show_revision(at, revision)).collect())
    }

    fn show_workflow(&self, at: usize) -> Value {
        let workflow = &self.workflows[at];
        let active = workflow.active();
        let by = |at: Option<Moment>| if at.is_some() { CREATOR } else { "" };
        json!({
            "name": workflow.name(),
            "displayName": workflow.source.name,
            "sourceContents": workflow.contents,
            "state": if active.is_some() { "STATE_ACTIVE" } else { "STATE_INACTIVE" },
            "activeRevision": active.map_or(String::new(), |active| format!("{}/revisions/{}", workflow.name(), active.id)),
            "createTime": self.time(Some(workflow.created)),
            "creator": CREATOR,
            "updateTime": self.time(workflow.updated),
            "updater": by(workflow.updated),
            "activateTime": self.time(workflow.activated),
            "activator": by(workflow.activated),
            "inputDefinitions": definitions(&workflow.source.inputs),
        })
    }

    fn show_revision(&self, workflow: usize, revision: usize) -> Value {
        let workflow = &self.workflows[workflow];
        let revision = &workflow.revisions[revision];
        json!({
            "name": format!("{}/revisions/{}", workflow.name(), revision.id),
            "state": if revision.is_active() { "STATE_ACTIVE" } else { "STATE_INACTIVE" },
            "sourceContents": revision.contents,
            "createTime": self.time(Some(revision.created)),
            "creator": CREATOR,
            "deactivateTime": self.time(revision.deactivated),
            "deactivator": revision.deactivated.map(|_| CREATOR),
            "inputDefinitions": definitions(&revision.source.inputs),
        })
    }
}
