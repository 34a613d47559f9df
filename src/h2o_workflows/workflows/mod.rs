//! Workflows, their revisions and validations.

mod commands;
mod model;
mod revisions;

pub use commands::{
    ActivateWorkflow, CreateWorkflow, DeactivateWorkflow, DeleteWorkflow, GetWorkflow, ListWorkflows,
    UpdateWorkflow, ValidateWorkflow,
};
pub use model::{
    Validation, ValidationError, ValidationErrorSeverity, Workflow, WorkflowRevision, WorkflowRevisionState,
    WorkflowRevisionsPage, WorkflowState, WorkflowsPage,
};
pub use revisions::{GetWorkflowRevision, ListWorkflowRevisions, RunWorkflowRevision};
