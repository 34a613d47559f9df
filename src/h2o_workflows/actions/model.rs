//! Models of composite actions and their revisions.

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::inputs::{InputDefinitions, OutputDefinitions};
use crate::h2o_workflows::wire::or_default;
use crate::timestamp::Timestamp;

/// A composite action: its draft, and what the service says about it. Only the source is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// The YAML of the draft.
    #[serde(default, deserialize_with = "or_default", alias = "source_contents")]
    pub source_contents: String,
    /// `workspaces/{workspace}/actions/{action}`; the last part is the `id` of the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The `name` of the YAML.
    #[serde(default, deserialize_with = "or_default", alias = "display_name")]
    pub display_name: String,
    /// When it was created.
    #[serde(default, deserialize_with = "or_default", alias = "create_time")]
    pub create_time: Option<Timestamp>,
    /// Who created it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was last changed.
    #[serde(default, deserialize_with = "or_default", alias = "update_time")]
    pub update_time: Option<Timestamp>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "or_default")]
    pub updater: String,
    /// The inputs that a call takes.
    #[serde(default, deserialize_with = "or_default", alias = "input_definitions")]
    pub input_definitions: InputDefinitions,
    /// Its outputs.
    #[serde(default, deserialize_with = "or_default", alias = "output_definitions")]
    pub output_definitions: OutputDefinitions,
}

impl Action {
    /// Returns a composite action with this YAML, to be created.
    pub fn new(source_contents: impl Into<String>) -> Self {
        Self { source_contents: source_contents.into(), ..Self::default() }
    }

    /// Sets the name, by which an update finds the composite action.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

/// A revision of a composite action: the action as it was published. It does not change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ActionRevision {
    /// `…/actions/{action}/revisions/{revision}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The action as it was published.
    #[serde(default, deserialize_with = "or_default")]
    pub snapshot: Action,
    /// When it was published.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// Who published it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
}

/// A page of actions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ActionsPage {
    /// The composite actions on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub actions: Vec<Action>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of revisions of an action.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ActionRevisionsPage {
    /// The revisions on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub action_revisions: Vec<ActionRevision>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}
