//! Composite actions and their revisions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::h2o_workflows::refusal::{Code, Refusal};
use crate::h2o_workflows::source::{ActionSource, definitions, read_action};
use crate::moment::Moment;

use super::{CREATOR, MAX_KEPT, State, room, usable};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Action {
    workspace: String,
    /// What the contents say.
    #[serde(skip)]
    source: Arc<ActionSource>,
    contents: String,
    created: Moment,
    updated: Option<Moment>,
    revisions: Vec<ActionRevision>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionRevision {
    id: String,
    /// What the contents of the snapshot say.
    #[serde(skip)]
    source: Arc<ActionSource>,
    /// The action as it was.
    snapshot: Value,
    created: Moment,
}

impl Action {
    /// Reads the contents. A draft may have problems; a revision may not, because steps run it.
    pub(super) fn read(&mut self) -> Result<(), String> {
        self.source = Arc::new(read_action(&self.contents).0);
        for (at, revision) in self.revisions.iter_mut().enumerate() {
            let contents = revision.snapshot["sourceContents"].as_str().unwrap_or_default();
            let (source, problems) = read_action(contents);
            usable(&problems).map_err(|refusal| format!("revisions/{at}: {}", refusal.message))?;
            if source.id != self.source.id {
                return Err(format!("revisions/{at}: its source has another id"));
            }
            revision.source = Arc::new(source);
        }
        Ok(())
    }

    pub(super) fn id(&self) -> &str {
        &self.source.id
    }

    pub(super) fn name(&self) -> String {
        format!("workspaces/{}/actions/{}", self.workspace, self.source.id)
    }
}

impl State {
    fn action_at(&self, ids: &[String]) -> Result<usize, Refusal> {
        let [workspace, id] = ids else { return Err(Refusal::missing("the action")) };
        let place = self.actions.iter().position(|one| one.workspace == *workspace && one.source.id == *id);
        place.ok_or_else(|| Refusal::missing(&format!("workspaces/{workspace}/actions/{id}")))
    }

    /// The newest revision of an action: its name and what it does.
    pub(super) fn published(&self, workspace: &str, uses: &str) -> Option<(String, Arc<ActionSource>)> {
        let action = self.actions.iter().find(|one| {
            one.name() == uses.trim_start_matches('/')
                || (one.workspace == workspace && one.source.id == uses)
        })?;
        let revision = action.revisions.last()?;
        Some((format!("{}/revisions/{}", action.name(), revision.id), Arc::clone(&revision.source)))
    }

    pub(in super::super) fn create_action(
        &mut self,
        workspace: &str,
        contents: String,
        now: Moment,
    ) -> Result<(String, Value), Refusal> {
        let (source, problems) = read_action(&contents);
        if !self.rules.any_drafts || source.id.is_empty() || source.id.contains('/') {
            usable(&problems)?;
        }
        if self.action_at(&[workspace.to_owned(), source.id.clone()]).is_ok() {
            return Err(Refusal::new(Code::AlreadyExists, format!("action {} already exists", source.id)));
        }
        room(&self.actions, "actions")?;
        let action = Action {
            workspace: workspace.to_owned(),
            source: Arc::new(source),
            contents,
            created: now,
            updated: None,
            revisions: Vec::new(),
        };
        let made = (action.name(), self.show_action(&action));
        self.actions.push(action);
        Ok(made)
    }

    pub(in super::super) fn get_action(&self, ids: &[String]) -> Result<Value, Refusal> {
        Ok(self.show_action(&self.actions[self.action_at(ids)?]))
    }

    /// All of a workspace, in the order in which they were made.
    pub(in super::super) fn list_actions(&self, workspace: &str) -> Vec<Value> {
        let here = self.actions.iter().filter(|one| one.workspace == workspace);
        here.map(|action| self.show_action(action)).collect()
    }

    pub(in super::super) fn update_action(
        &mut self,
        ids: &[String],
        contents: Option<String>,
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.action_at(ids)?;
        if let Some(contents) = contents {
            let (source, problems) = read_action(&contents);
            if !self.rules.any_drafts || source.id.is_empty() {
                usable(&problems)?;
            }
            if source.id != self.actions[at].source.id {
                return Err(Refusal::argument("the id of an action cannot be changed"));
            }
            self.actions[at].source = Arc::new(source);
            self.actions[at].contents = contents;
            self.actions[at].updated = Some(now);
        }
        Ok(self.show_action(&self.actions[at]))
    }

    pub(in super::super) fn delete_action(&mut self, ids: &[String]) -> Result<(), Refusal> {
        let at = self.action_at(ids)?;
        self.actions.remove(at);
        Ok(())
    }

    pub(in super::super) fn publish_action(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<(String, Value), Refusal> {
        let at = self.action_at(ids)?;
        let (source, problems) = read_action(&self.actions[at].contents);
        usable(&problems)?;
        if self.actions[at].revisions.len() >= MAX_KEPT {
            return Err(Refusal::new(Code::ResourceExhausted, "the action has too many revisions"));
        }
        let number = self.number();
        let id = self.id(number);
        let snapshot = self.show_action(&self.actions[at]);
        let action = &mut self.actions[at];
        action.revisions.push(ActionRevision { id, source: Arc::new(source), snapshot, created: now });
        let place = action.revisions.len() - 1;
        let shown = self.show_action_revision(at, place);
        Ok((shown["name"].as_str().unwrap_or_default().to_owned(), shown))
    }

    pub(in super::super) fn get_action_revision(&self, ids: &[String]) -> Result<Value, Refusal> {
        let [parent @ .., id] = ids else { return Err(Refusal::missing("the revision")) };
        let at = self.action_at(parent)?;
        let revisions = &self.actions[at].revisions;
        let place = match id.as_str() {
            "latest" => revisions.len().checked_sub(1),
            id => revisions.iter().position(|one| one.id == id),
        };
        let missing = || Refusal::missing(&format!("{}/revisions/{id}", self.actions[at].name()));
        Ok(self.show_action_revision(at, place.ok_or_else(missing)?))
    }

    /// The newest first.
    pub(in super::super) fn list_action_revisions(&self, ids: &[String]) -> Result<Vec<Value>, Refusal> {
        let at = self.action_at(ids)?;
        let places = (0..self.actions[at].revisions.len()).rev();
        Ok(places.map(|place| self.show_action_revision(at, place)).collect())
    }

    fn show_action(&self, action: &Action) -> Value {
        json!({
            "name": action.name(),
            "displayName": action.source.name,
            "sourceContents": action.contents,
            "createTime": self.time(Some(action.created)),
            "creator": CREATOR,
            "updateTime": self.time(action.updated),
            "updater": if action.updated.is_some() { CREATOR } else { "" },
            "inputDefinitions": definitions(&action.source.inputs),
            "outputDefinitions": action.source.output_definitions(),
        })
    }

    fn show_action_revision(&self, at: usize, place: usize) -> Value {
        let action = &self.actions[at];
        let revision = &action.revisions[place];
        json!({
            "name": format!("{}/revisions/{}", action.name(), revision.id),
            "snapshot": revision.snapshot,
            "createTime": self.time(Some(revision.created)),
            "creator": CREATOR,
        })
    }
}
