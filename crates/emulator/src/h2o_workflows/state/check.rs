//! The sources of a state that was read, and whether it contradicts itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{MAX_KEPT, State};

/// Where the state is in a document.
const PLACE: &str = "/state/workspaces/";

impl State {
    /// Reads the sources of workflows and actions, and gives each run that of its revision. An error is the
    /// place of what is not there or does not fit.
    pub(in super::super) fn link(&mut self) -> Result<(), String> {
        let counts = [self.workflows.len(), self.actions.len(), self.runners.len(), self.runs.len()];
        if counts.into_iter().any(|count| count > MAX_KEPT) {
            return Err(format!("{PLACE}: there are more than {MAX_KEPT} of a kind"));
        }
        self.workflows.iter_mut().for_each(super::Workflow::read);
        self.actions.iter_mut().for_each(super::Action::read);
        unique("workflows", self.workflows.iter().map(|one| (one.source.id.as_str(), one.name())))?;
        unique("actions", self.actions.iter().map(|one| (one.id(), one.name())))?;
        unique("runners", self.runners.iter().map(|one| (one.id.as_str(), one.name())))?;
        self.link_runs()
    }

    fn link_runs(&mut self) -> Result<(), String> {
        let mut sources = BTreeMap::new();
        for workflow in &self.workflows {
            for revision in &workflow.revisions {
                let key = (workflow.workspace.clone(), workflow.source.id.clone(), revision.id.clone());
                sources.insert(key, Arc::clone(&revision.source));
            }
        }
        let mut numbers = BTreeSet::new();
        for (at, run) in self.runs.iter_mut().enumerate() {
            let wrong = |field: &str, why: &str| Err(format!("{PLACE}runs/{at}/{field}: {why}"));
            let key = (run.workspace.clone(), run.source.id.clone(), run.revision.clone());
            match sources.get(&key) {
                Some(source) => run.source = Arc::clone(source),
                None => return wrong("revision", "there is no such revision of the workflow"),
            }
            if run.number > self.made || !numbers.insert(run.number) {
                return wrong("number", "it is that of another run, or none that was given yet");
            }
            if run.attempts.is_empty() {
                return wrong("attempts", "a run has at least one");
            }
            for (number, attempt) in run.attempts.iter().enumerate() {
                for (place, job) in attempt.jobs.iter().enumerate() {
                    let path = format!("attempts/{number}/jobs/{place}");
                    match run.source.jobs.get(job.source) {
                        None => return wrong(&format!("{path}/source"), "the workflow has no such job"),
                        Some(source) if source.steps.len() != job.steps.len() => {
                            return wrong(&format!("{path}/steps"), "the workflow has more steps or fewer");
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// Ids are there, and names are unique.
fn unique<'n>(what: &str, all: impl Iterator<Item = (&'n str, String)>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (at, (id, name)) in all.enumerate() {
        if id.is_empty() || id.contains('/') {
            return Err(format!("{PLACE}{what}/{at}: it has no id"));
        }
        if !seen.insert(name) {
            return Err(format!("{PLACE}{what}/{at}: another one has the same name"));
        }
    }
    Ok(())
}
