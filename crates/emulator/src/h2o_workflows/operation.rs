//! The operations of the service, and which request is which.

use super::names::{Kind, Target};

/// What a request asks for: the kind of resource, whether it is about a collection, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) effect: Effect,
}

/// What it does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It changes something.
    Changes,
    /// It asks how work stands.
    Asks,
    /// It reads.
    Reads,
}

impl Operation {
    /// `None`: nothing can be done so to this resource.
    pub(super) fn of(method: &str, target: &Target) -> Option<Self> {
        use Effect::{Asks, Changes, Reads};
        use Kind::{Action, ActionRevision, Job, Run, RunAttempt, Runner, Step, Workflow, WorkflowRevision};
        let (name, effect) = match (method, target.kind, target.is_collection, target.verb) {
            ("GET", Workflow, true, "") => ("list_workflows", Reads),
            ("GET", Workflow, false, "") => ("get_workflow", Reads),
            ("POST", Workflow, true, "") => ("create_workflow", Changes),
            ("PATCH", Workflow, false, "") => ("update_workflow", Changes),
            ("DELETE", Workflow, false, "") => ("delete_workflow", Changes),
            ("POST", Workflow, false, ":activate") => ("activate_workflow", Changes),
            ("POST", Workflow, false, ":deactivate") => ("deactivate_workflow", Changes),
            ("POST", Workflow, true, ":validate") => ("validate_workflow", Reads),
            ("GET", WorkflowRevision, true, "") => ("list_workflow_revisions", Reads),
            ("GET", WorkflowRevision, false, "") => ("get_workflow_revision", Reads),
            ("POST", WorkflowRevision, false, ":run") => ("run_workflow_revision", Changes),
            ("GET", Run, true, "") => ("list_runs", Reads),
            ("GET", Run, false, "") => ("get_run", Asks),
            ("POST", Run, false, ":cancel") => ("cancel_run", Changes),
            ("DELETE", Run, false, "") => ("delete_run", Changes),
            ("POST", Run, false, ":retry") => ("retry_run", Changes),
            ("GET", RunAttempt, true, "") => ("list_run_attempts", Reads),
            ("GET", RunAttempt, false, "") => ("get_run_attempt", Asks),
            ("GET", Job, true, "") => ("list_jobs", Reads),
            ("GET", Job, false, "") => ("get_job", Asks),
            ("GET", Step, true, "") => ("list_steps", Reads),
            ("GET", Step, false, "") => ("get_step", Asks),
            ("GET", Step, false, ":logs") => ("get_step_logs", Reads),
            ("GET", Step, false, ":streamLogs") => ("stream_step_logs", Reads),
            ("GET", Runner, true, "") => ("list_runners", Reads),
            ("GET", Runner, false, "") => ("get_runner", Reads),
            ("POST", Runner, true, "") => ("create_runner", Changes),
            ("PATCH", Runner, false, "") => ("update_runner", Changes),
            ("DELETE", Runner, false, "") => ("delete_runner", Changes),
            ("GET", Action, true, "") => ("list_actions", Reads),
            ("GET", Action, false, "") => ("get_action", Reads),
            ("POST", Action, true, "") => ("create_action", Changes),
            ("PATCH", Action, false, "") => ("update_action", Changes),
            ("DELETE", Action, false, "") => ("delete_action", Changes),
            ("POST", Action, false, ":publish") => ("publish_action", Changes),
            ("POST", Action, true, ":validate") => ("validate_action", Reads),
            ("GET", ActionRevision, true, "") => ("list_action_revisions", Reads),
            ("GET", ActionRevision, false, "") => ("get_action_revision", Reads),
            _ => return None,
        };
        Some(Self { name, effect })
    }
}
