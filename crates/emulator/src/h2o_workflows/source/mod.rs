//! The YAML of workflows and actions: what it says, and what is wrong with it.

mod action;
mod check;
mod inputs;
mod jobs;
mod text;
mod workflow;
mod yaml;

use std::time::Duration;

pub(super) use action::{ActionSource, read_action};
pub(super) use check::{Problem, is_valid};
pub(super) use inputs::{Input, InputType, definitions};
pub(super) use text::{Piece, pieces};
pub(super) use workflow::read_workflow;

/// A workflow, as its source has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WorkflowSource {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) inputs: Vec<Input>,
    pub(super) group: Option<String>,
    pub(super) cancel_in_progress: bool,
    pub(super) callable: bool,
    pub(super) has_schedule: bool,
    pub(super) env: Vec<(String, String)>,
    pub(super) cancel_on_failure: bool,
    pub(super) jobs: Vec<JobSource>,
}

/// A job in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct JobSource {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) runner: Option<String>,
    pub(super) depends_on: Vec<String>,
    /// Keys in alphabetical order.
    pub(super) matrix: Vec<(String, Vec<String>)>,
    pub(super) env: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    /// Not followed.
    pub(super) working_dir: Option<String>,
    pub(super) steps: Vec<StepSource>,
    /// The workflow that it calls, and what with.
    pub(super) call: Option<(String, Vec<(String, CallInput)>)>,
}

/// What a workflow is called with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CallInput {
    Text(String),
    Bool(bool),
    Int(i64),
}

impl CallInput {
    /// The value, if it is a text.
    pub(super) fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A step of a job or of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StepSource {
    pub(super) name: Option<String>,
    pub(super) id: String,
    pub(super) work: Work,
    /// Not followed.
    pub(super) working_dir: Option<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    pub(super) continue_on_error: bool,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Work {
    Run(String),
    Upload { path: String, destination: String },
    Download { source: String, path: String },
    Uses { action: String, with: Vec<(String, CallInput)> },
}

impl Work {
    /// The text of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Run(_) => "TYPE_RUN",
            Self::Upload { .. } => "TYPE_UPLOAD",
            Self::Download { .. } => "TYPE_DOWNLOAD",
            Self::Uses { .. } => "TYPE_ACTION",
        }
    }

    /// A name for a step that has none.
    pub(super) fn display_name(&self) -> String {
        match self {
            Self::Run(script) => format!("Run {}", script.lines().next().unwrap_or_default().trim()),
            Self::Upload { path, .. } => format!("Upload {path}"),
            Self::Download { source, .. } => format!("Download {source}"),
            Self::Uses { action, .. } => format!("Use {action}"),
        }
    }
}

#[cfg(test)]
mod tests;
