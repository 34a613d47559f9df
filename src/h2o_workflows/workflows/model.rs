//! What workflows, their revisions and validations are, as the API tells it.

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::inputs::InputDefinitions;
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;
use crate::wire::or_default;

/// A workflow: its draft, and what is known of it. Only the source is ever sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// The YAML of the draft.
    #[serde(default, deserialize_with = "or_default", alias = "source_contents")]
    pub source_contents: String,
    /// `workspaces/{workspace}/workflows/{workflow}`; the last part is the `id` of the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The `name` of the YAML.
    #[serde(default, deserialize_with = "or_default", alias = "display_name")]
    pub display_name: String,
    /// Whether it can be run.
    #[serde(default, deserialize_with = "or_default")]
    pub state: WorkflowState,
    /// The name of the revision that runs; empty if there is none.
    #[serde(default, deserialize_with = "or_default", alias = "active_revision")]
    pub active_revision: String,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default", alias = "create_time")]
    pub create_time: Option<Timestamp>,
    /// Who made it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was last changed.
    #[serde(default, deserialize_with = "or_default", alias = "update_time")]
    pub update_time: Option<Timestamp>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "or_default")]
    pub updater: String,
    /// When it was last activated.
    #[serde(default, deserialize_with = "or_default", alias = "activate_time")]
    pub activate_time: Option<Timestamp>,
    /// Who activated it last.
    #[serde(default, deserialize_with = "or_default")]
    pub activator: String,
    /// What a run may be given.
    #[serde(default, deserialize_with = "or_default", alias = "input_definitions")]
    pub input_definitions: InputDefinitions,
}

impl Workflow {
    /// A workflow of this YAML, to be created.
    pub fn new(source_contents: impl Into<String>) -> Self {
        Self { source_contents: source_contents.into(), ..Self::default() }
    }

    /// The same under this name: to be updated.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

/// What a workflow was when it was activated. It never changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowRevision {
    /// `…/workflows/{workflow}/revisions/{revision}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Whether it is the one that runs.
    #[serde(default, deserialize_with = "or_default")]
    pub state: WorkflowRevisionState,
    /// The YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub source_contents: String,
    /// When it was activated.
    #[serde(default, deserialize_with = "or_default")]
    pub create_time: Option<Timestamp>,
    /// Who activated it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it ceased to be the one that runs.
    #[serde(default, deserialize_with = "or_default")]
    pub deactivate_time: Option<Timestamp>,
    /// Who did that.
    #[serde(default, deserialize_with = "or_default")]
    pub deactivator: Option<String>,
    /// What a run may be given.
    #[serde(default, deserialize_with = "or_default")]
    pub input_definitions: InputDefinitions,
}

/// What a validation found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
#[doc(alias = "ValidateWorkflowResponse")]
#[doc(alias = "ValidateActionResponse")]
pub struct Validation {
    /// False if there is an error among the findings.
    #[serde(default, deserialize_with = "or_default")]
    pub is_valid: bool,
    /// The findings.
    #[serde(default, deserialize_with = "or_default")]
    pub validation_errors: Vec<ValidationError>,
}

/// One finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ValidationError {
    /// From 1; 0: it has no place.
    #[serde(default, deserialize_with = "or_default")]
    pub line: i64,
    /// From 1; 0: it has no place.
    #[serde(default, deserialize_with = "or_default")]
    pub column: i64,
    /// Like `jobs.fetch-data.steps[0].name`; empty if it is about no field.
    #[serde(default, deserialize_with = "or_default")]
    pub field_path: String,
    /// What is wrong.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    /// How bad it is.
    #[serde(default, deserialize_with = "or_default")]
    pub severity: ValidationErrorSeverity,
}

/// A page of workflows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowsPage {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub workflows: Vec<Workflow>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of revisions of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowRevisionsPage {
    /// What is on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub workflow_revisions: Vec<WorkflowRevision>,
    /// What gives the next page; empty: this is the last.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// Whether a workflow can be run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowState {
    /// `STATE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `STATE_ACTIVE`: it has an active revision, and can be run
    Active,
    /// `STATE_INACTIVE`
    Inactive,
    /// Any other.
    Other(String),
}

impl_open_enum!(WorkflowState, "workflow state", {
    Unspecified => "STATE_UNSPECIFIED",
    Active => "STATE_ACTIVE",
    Inactive => "STATE_INACTIVE",
});

/// Whether a revision is the one that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowRevisionState {
    /// `STATE_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `STATE_ACTIVE`
    Active,
    /// `STATE_INACTIVE`: for good: a revision never becomes active again
    Inactive,
    /// Any other.
    Other(String),
}

impl_open_enum!(WorkflowRevisionState, "revision state", {
    Unspecified => "STATE_UNSPECIFIED",
    Active => "STATE_ACTIVE",
    Inactive => "STATE_INACTIVE",
});

/// How bad a finding of a validation is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationErrorSeverity {
    /// `SEVERITY_UNSPECIFIED`: nothing was said.
    #[default]
    Unspecified,
    /// `SEVERITY_ERROR`: it makes the YAML invalid
    Error,
    /// `SEVERITY_WARNING`
    Warning,
    /// `SEVERITY_INFO`
    Info,
    /// Any other.
    Other(String),
}

impl_open_enum!(ValidationErrorSeverity, "severity", {
    Unspecified => "SEVERITY_UNSPECIFIED",
    Error => "SEVERITY_ERROR",
    Warning => "SEVERITY_WARNING",
    Info => "SEVERITY_INFO",
});
