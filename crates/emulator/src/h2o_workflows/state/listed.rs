//! The resources of all workspaces, for those who look at the emulator.

use crate::resource::Resource;

use super::State;

impl State {
    /// All resources, by kind. A run has the state of its last attempt, as the last request left it.
    pub(in super::super) fn listed(&self) -> Vec<Resource> {
        let mut all = Vec::new();
        all.extend(self.workflows.iter().map(|workflow| {
            let is_active = workflow.revisions.iter().any(|revision| revision.is_active());
            Resource::new("workflow", workflow.name()).in_state(if is_active { "active" } else { "inactive" })
        }));
        for run in &self.runs {
            let resource = Resource::new("run", run.name());
            let attempt = run.attempts.last().map(|attempt| attempt.progress.phase.text());
            all.push(attempt.map_or(resource.clone(), |state| resource.in_state(state)));
        }
        all.extend(self.runners.iter().map(|runner| Resource::new("runner", runner.name())));
        all.extend(self.actions.iter().map(|action| Resource::new("action", action.name())));
        all
    }
}
