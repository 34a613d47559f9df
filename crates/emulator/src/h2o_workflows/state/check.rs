//! The sources of a state that was read, and whether it contradicts itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::execution::MAX_CALLS;
use super::{MAX_KEPT, State};

/// Where the state is in a document.
const PLACE: &str = "/state/workspaces/";

impl State {
    /// Reads the sources of workflows and actions, and gives each run that of its revision. An error is the
    /// place of what is not there or does not fit.
    pub(in super::super) fn link(&mut self) -> Result<(), String> {
        let counts = [self.workflows.len(), self.actions.len(), self.runners.len(), self.runs.len()];
        if counts.into_iter().any(|count| count > MAX_KEPT) {
            return Err(format!("{PLACE}: there are more than {MAX_KEPT} resources of one kind"));
        }
        for (at, workflow) in self.workflows.iter_mut().enumerate() {
            workflow.read().map_err(|why| format!("{PLACE}workflows/{at}/{why}"))?;
        }
        for (at, action) in self.actions.iter_mut().enumerate() {
            action.read().map_err(|why| format!("{PLACE}actions/{at}/{why}"))?;
        }
        if let Some(at) = self.failing.iter().position(|(.., exit_code)| *exit_code == 0) {
            return Err(format!("{PLACE}failing/{at}: the exit code of a step that fails cannot be 0"));
        }
        unique("workflows", self.workflows.iter().map(|one| (one.source.id.as_str(), one.name())))?;
        unique("actions", self.actions.iter().map(|one| (one.id(), one.name())))?;
        unique("runners", self.runners.iter().map(|one| (one.id.as_str(), one.name())))?;
        self.link_runs()?;
        self.check_calls()
    }

    /// Each run is called by one job, which was made before it, and calls are not nested too deep: whatever
    /// follows them comes to an end, and soon. A run that was called may have been deleted.
    fn check_calls(&self) -> Result<(), String> {
        let mut order: Vec<usize> = (0..self.runs.len()).collect();
        order.sort_by_key(|at| self.runs[*at].number);
        let mut depths: BTreeMap<u64, Option<usize>> =
            self.runs.iter().map(|run| (run.number, None)).collect();
        for at in order {
            let run = &self.runs[at];
            let depth = depths.get(&run.number).copied().flatten().unwrap_or_default();
            for (number, attempt) in run.attempts.iter().enumerate() {
                for (place, job) in attempt.jobs.iter().enumerate() {
                    let Some((child, _)) = &job.child else { continue };
                    let wrong = |why: &str| {
                        Err(format!("{PLACE}runs/{at}/attempts/{number}/jobs/{place}/child: {why}"))
                    };
                    if *child <= run.number {
                        return wrong("a run calls only runs that were started after it");
                    }
                    match depths.get_mut(child) {
                        None => {}
                        Some(Some(_)) => return wrong("another job has called this run"),
                        Some(_) if depth >= MAX_CALLS => {
                            return wrong(&format!("runs call one another more than {MAX_CALLS} deep"));
                        }
                        Some(nested) => *nested = Some(depth + 1),
                    }
                }
            }
        }
        Ok(())
    }

    fn link_runs(&mut self) -> Result<(), String> {
        let mut sources = BTreeMap::new();
        for (at, workflow) in self.workflows.iter().enumerate() {
            for (place, revision) in workflow.revisions.iter().enumerate() {
                if revision.source.id != workflow.source.id {
                    return Err(format!(
                        "{PLACE}workflows/{at}/revisions/{place}: its source has another id"
                    ));
                }
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
                return wrong("number", "another run has this number, or it is larger than `made`");
            }
            if run.attempts.is_empty() {
                return wrong("attempts", "a run needs at least one attempt");
            }
            for (number, attempt) in run.attempts.iter().enumerate() {
                for (place, job) in attempt.jobs.iter().enumerate() {
                    let path = format!("attempts/{number}/jobs/{place}");
                    match run.source.jobs.get(job.source) {
                        None => return wrong(&format!("{path}/source"), "the workflow has no such job"),
                        Some(source) if source.steps.len() != job.steps.len() => {
                            return wrong(
                                &format!("{path}/steps"),
                                "the job has another number of steps in its workflow",
                            );
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
