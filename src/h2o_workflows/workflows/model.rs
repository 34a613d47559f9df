//! Models of workflows, their revisions and validations.

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::inputs::InputDefinitions;
use crate::h2o_workflows::wire::or_default;
use crate::open_enum::impl_open_enum;
use crate::timestamp::Timestamp;

/// A workflow: its draft, and what the service says about it. Only the source is sent.
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
    /// The name of its active revision. Empty: there is none.
    #[serde(default, deserialize_with = "or_default", alias = "active_revision")]
    pub active_revision: String,
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
    /// When it was last activated.
    #[serde(default, deserialize_with = "or_default", alias = "activate_time")]
    pub activate_time: Option<Timestamp>,
    /// Who activated it last.
    #[serde(default, deserialize_with = "or_default")]
    pub activator: String,
    /// The inputs that a run takes.
    #[serde(default, deserialize_with = "or_default", alias = "input_definitions")]
    pub input_definitions: InputDefinitions,
}

impl Workflow {
    /// Returns a workflow with this YAML, to be created.
    pub fn new(source_contents: impl Into<String>) -> Self {
        Self { source_contents: source_contents.into(), ..Self::default() }
    }

    /// Sets the name, by which an update finds the workflow.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

/// A revision of a workflow: the workflow as it was activated. It does not change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowRevision {
    /// `…/workflows/{workflow}/revisions/{revision}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Whether it is the active one.
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
    /// When it was deactivated.
    #[serde(default, deserialize_with = "or_default")]
    pub deactivate_time: Option<Timestamp>,
    /// Who deactivated it.
    #[serde(default, deserialize_with = "or_default")]
    pub deactivator: Option<String>,
    /// The inputs that a run takes.
    #[serde(default, deserialize_with = "or_default")]
    pub input_definitions: InputDefinitions,
}

/// The result of a validation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
#[doc(alias = "ValidateWorkflowResponse")]
#[doc(alias = "ValidateActionResponse")]
pub struct Validation {
    /// False if one of the findings is an error.
    #[serde(default, deserialize_with = "or_default")]
    pub is_valid: bool,
    /// The findings.
    #[serde(default, deserialize_with = "or_default")]
    pub validation_errors: Vec<ValidationError>,
}

/// A finding of a validation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ValidationError {
    /// The line, from 1. 0: it has no place in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub line: i64,
    /// The column, from 1. 0: it has no place in the YAML.
    #[serde(default, deserialize_with = "or_default")]
    pub column: i64,
    /// The field, such as `jobs.fetch-data.steps[0].name`. Empty: it is about no field.
    #[serde(default, deserialize_with = "or_default")]
    pub field_path: String,
    /// What is wrong.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    /// How severe it is.
    #[serde(default, deserialize_with = "or_default")]
    pub severity: ValidationErrorSeverity,
}

/// A page of workflows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowsPage {
    /// The workflows on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub workflows: Vec<Workflow>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// A page of revisions of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct WorkflowRevisionsPage {
    /// The revisions on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub workflow_revisions: Vec<WorkflowRevision>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}

/// The state of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_ACTIVE`: it has an active revision and can be run
    Active,
    /// `STATE_INACTIVE`
    Inactive,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(WorkflowState, "workflow state", {
    Unspecified => "STATE_UNSPECIFIED",
    Active => "STATE_ACTIVE",
    Inactive => "STATE_INACTIVE",
});

/// The state of a revision of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowRevisionState {
    /// `STATE_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `STATE_ACTIVE`
    Active,
    /// `STATE_INACTIVE`: a revision does not become active again
    Inactive,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(WorkflowRevisionState, "revision state", {
    Unspecified => "STATE_UNSPECIFIED",
    Active => "STATE_ACTIVE",
    Inactive => "STATE_INACTIVE",
});

/// The severity of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationErrorSeverity {
    /// `SEVERITY_UNSPECIFIED`, or no value
    #[default]
    Unspecified,
    /// `SEVERITY_ERROR`: the YAML is invalid
    Error,
    /// `SEVERITY_WARNING`
    Warning,
    /// `SEVERITY_INFO`
    Info,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(ValidationErrorSeverity, "severity", {
    Unspecified => "SEVERITY_UNSPECIFIED",
    Error => "SEVERITY_ERROR",
    Warning => "SEVERITY_WARNING",
    Info => "SEVERITY_INFO",
});
