//! What is asked about runs and below, and done to them.

use std::sync::Arc;

use serde_json::Value;

use crate::h2o_workflows::filter::{Field, Filter};
use crate::h2o_workflows::refusal::Refusal;
use crate::h2o_workflows::source::{CallInput, WorkflowSource};
use crate::moment::Moment;

use super::execution::{group, instances, skip};
use super::run::{Attempt, Phase, Progress, Run};
use super::values::Values;
use super::{CREATOR, SCHEDULER, State, room};

/// Which jobs are run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum RetryMode {
    AllJobs,
    FailedJobs,
}

/// How a run came to be.
struct Start {
    trigger: &'static str,
    parent_job: Option<String>,
    creator: &'static str,
    scheduled: Option<Moment>,
}

impl State {
    fn run_at(&self, ids: &[String]) -> Result<usize, Refusal> {
        let [workspace, workflow, revision, id] = ids else { return Err(Refusal::missing("the run")) };
        let found = self
            .runs
            .iter()
            .position(|run| run.id == *id && run.revision == *revision && run.is_of(workspace, workflow));
        let name = || format!("workspaces/{workspace}/workflows/{workflow}/revisions/{revision}/runs/{id}");
        found.ok_or_else(|| Refusal::missing(&name()))
    }

    fn attempt_at(&self, ids: &[String], latest: bool) -> Result<(usize, usize), Refusal> {
        let [run @ .., attempt] = ids else { return Err(Refusal::missing("the attempt")) };
        let at = self.run_at(run)?;
        let attempts = self.runs[at].attempts.len();
        let place = match attempt.as_str() {
            "latest" if latest => attempts.checked_sub(1),
            text => (0..attempts).find(|place| (place + 1).to_string() == text),
        };
        let missing = || Refusal::missing(&format!("{}/attempts/{attempt}", self.runs[at].name()));
        Ok((at, place.ok_or_else(missing)?))
    }

    fn job_at(&self, ids: &[String]) -> Result<(usize, usize, usize), Refusal> {
        let [parent @ .., job] = ids else { return Err(Refusal::missing("the job")) };
        let (run, attempt) = self.attempt_at(parent, false)?;
        let place = self.runs[run].attempts[attempt].jobs.iter().position(|one| one.label == *job);
        let missing =
            || Refusal::missing(&format!("{}/attempts/{}/jobs/{job}", self.runs[run].name(), attempt + 1));
        Ok((run, attempt, place.ok_or_else(missing)?))
    }

    pub(super) fn step_at(&self, ids: &[String]) -> Result<(usize, usize, usize, usize), Refusal> {
        let [parent @ .., step] = ids else { return Err(Refusal::missing("the step")) };
        let (run, attempt, job) = self.job_at(parent)?;
        let steps = self.runs[run].attempts[attempt].jobs[job].steps.len();
        let place = (0..steps).find(|place| (place + 1).to_string() == *step);
        Ok((run, attempt, job, place.ok_or_else(|| Refusal::missing(&format!("step {step}")))?))
    }

    // ---- Starting ---------------------------------------------------------------------------------

    /// Starts a run by hand.
    pub(in super::super) fn start_run(
        &mut self,
        ids: &[String],
        inputs: Option<&Value>,
        now: Moment,
    ) -> Result<(String, Value), Refusal> {
        let start = Start { trigger: "TRIGGER_MANUAL", parent_job: None, creator: CREATOR, scheduled: None };
        let (workflow, revision) = self.revision_at(ids)?;
        if !self.workflows[workflow].revisions[revision].is_active() {
            return Err(Refusal::state(
                "the revision is not active; only the active revision of a workflow can be run",
            ));
        }
        let values = Values::read(&self.workflows[workflow].revisions[revision].source.inputs, inputs)?;
        let at = self.new_run(workflow, revision, values, start, now)?;
        Ok((self.runs[at].name(), self.show_run(&self.runs[at])))
    }

    /// Starts a run as the schedule of a workflow would.
    pub(in super::super) fn start_scheduled(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<String, Refusal> {
        let (workflow, revision) = self.revision_at(&[ids, &["active".to_owned()]].concat())?;
        let source = &self.workflows[workflow].revisions[revision].source;
        if !source.has_schedule {
            return Err(Refusal::state("the workflow has no schedule"));
        }
        let values = Values::read(&source.inputs, None)?;
        let start =
            Start { trigger: "TRIGGER_SCHEDULE", parent_job: None, creator: SCHEDULER, scheduled: Some(now) };
        let at = self.new_run(workflow, revision, values, start, now)?;
        Ok(self.runs[at].name())
    }

    /// Starts a run for a job that calls a workflow: its number and name.
    pub(super) fn call(
        &mut self,
        workspace: &str,
        name: &str,
        inputs: Vec<(String, CallInput)>,
        parent_job: String,
        now: Moment,
    ) -> Result<(u64, String), String> {
        let ids: Vec<&str> = match name.split('/').collect::<Vec<_>>().as_slice() {
            ["", "workspaces", workspace, "workflows", id] => vec![workspace, id, "active"],
            _ => vec![workspace, name, "active"],
        };
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        let refused = |refusal: Refusal| format!("the workflow cannot be called: {}", refusal.message);
        let (workflow, revision) = self.revision_at(&ids).map_err(refused)?;
        let source: Arc<WorkflowSource> = Arc::clone(&self.workflows[workflow].revisions[revision].source);
        if !source.callable {
            return Err(format!(
                "the workflow {} is not callable: its trigger needs callable: true",
                source.id
            ));
        }
        let values = Values::of_call(&source.inputs, inputs).map_err(refused)?;
        let start = Start {
            trigger: "TRIGGER_WORKFLOW_CALL",
            parent_job: Some(parent_job),
            creator: CREATOR,
            scheduled: None,
        };
        let at = self.new_run(workflow, revision, values, start, now).map_err(refused)?;
        Ok((self.runs[at].number, self.runs[at].name()))
    }

    fn new_run(
        &mut self,
        workflow: usize,
        revision: usize,
        values: Values,
        start: Start,
        now: Moment,
    ) -> Result<usize, Refusal> {
        room(&self.runs, "runs")?;
        let number = self.number();
        let workspace = self.workflows[workflow].workspace.clone();
        let revision = &self.workflows[workflow].revisions[revision];
        let mut run = Run {
            number,
            workspace,
            revision: revision.id.clone(),
            id: self.id(number),
            source: Arc::clone(&revision.source),
            values,
            trigger: start.trigger,
            parent_job: start.parent_job,
            creator: start.creator,
            created: now,
            scheduled: start.scheduled,
            group: None,
            attempts: Vec::new(),
        };
        run.group = group(&run);
        self.make_way(&run, now);
        self.runs.push(run);
        let at = self.runs.len() - 1;
        self.new_attempt(at, start.creator, now);
        Ok(at)
    }

    /// A new run takes the place of the one of its group that waits, or with `cancel_in_progress` of the one
    /// that runs too. The oldest that has not ended is the one that runs, even if it has not begun.
    fn make_way(&mut self, new: &Run, now: Moment) {
        if new.group.is_none() {
            return;
        }
        let is_open = |run: &Run| matches!(run.phase(), Phase::Queued | Phase::Pending | Phase::Running);
        let in_group = |run: &Run| run.workspace == new.workspace && run.group == new.group;
        let places = (0..self.runs.len()).filter(|at| in_group(&self.runs[*at]) && is_open(&self.runs[*at]));
        let mut open: Vec<usize> = places.collect();
        // One that runs was the first to begin, whichever was made first.
        open.sort_by_key(|at| self.runs[*at].phase() != Phase::Running);
        let kept = usize::from(!new.source.cancel_in_progress);
        for at in open.into_iter().skip(kept) {
            self.stop(at, now);
        }
    }

    fn new_attempt(&mut self, run: usize, creator: &'static str, now: Moment) {
        let queue = self.end(now);
        let jobs = instances(&self.runs[run], now);
        self.runs[run].attempts.push(Attempt {
            progress: Progress::new(Phase::Queued),
            creator,
            created: now,
            queue,
            stopping: None,
            jobs,
        });
    }

    // ---- Runs -------------------------------------------------------------------------------------

    pub(in super::super) fn get_run(&mut self, ids: &[String], now: Moment) -> Result<Value, Refusal> {
        // The revision may be said by its alias.
        let mut ids = ids.to_vec();
        if ids.get(2).is_some_and(|id| id == "active")
            && let Ok((workflow, revision)) = self.revision_at(&ids[..3])
        {
            ids[2] = self.workflows[workflow].revisions[revision].id.clone();
        }
        let at = self.run_at(&ids)?;
        let shown = self.show_run(&self.runs[at]);
        self.looked(at, now);
        Ok(shown)
    }

    /// The places of the runs of a revision, of all of a workflow, of a workspace, or of all; in the order in
    /// which they were made.
    pub(in super::super) fn runs_of(&self, ids: &[String], filter: &Filter) -> Result<Vec<usize>, Refusal> {
        let [workspace, workflow, revision] = ids else { return Err(Refusal::missing("the revision")) };
        match (workspace.as_str(), workflow.as_str(), revision.as_str()) {
            ("-", "-", "-") | (_, "-", "-") => {}
            ("-", ..) | (_, "-", _) => {
                return Err(Refusal::argument(
                    "after a parent `-`, all following parents have to be `-` too",
                ));
            }
            (_, _, "-") => {
                self.workflow_at(workspace, workflow)?;
            }
            _ => {
                self.revision_at(ids)?;
            }
        }
        let revision = match self.revision_at(ids) {
            Ok((workflow, revision)) => self.workflows[workflow].revisions[revision].id.clone(),
            Err(_) => revision.clone(),
        };
        let is = |wanted: &str, id: &str| wanted == "-" || wanted == id;
        let here = self.runs.iter().enumerate().filter(|(_, run)| {
            is(workspace, &run.workspace) && is(workflow, &run.source.id) && is(&revision, &run.revision)
        });
        let matching = here.filter(|(_, run)| {
            filter.matches(&|name| match name {
                "trigger" => Field::Text(run.trigger.to_owned()),
                "state" => Field::Text(run.phase().text().to_owned()),
                "creator" => Field::Text(run.creator.to_owned()),
                "parent_job" => Field::Text(run.parent_job.clone().unwrap_or_default()),
                "create_time" => Field::Time(Some(self.calendar.micros(run.created))),
                _ => Field::Time(run.scheduled.map(|at| self.calendar.micros(at))),
            })
        });
        Ok(matching.map(|(at, _)| at).collect())
    }

    /// These runs, and a look at each.
    pub(in super::super) fn show_runs(&mut self, places: &[usize], now: Moment) -> Vec<Value> {
        let shown = places.iter().map(|at| self.show_run(&self.runs[*at])).collect();
        places.iter().for_each(|at| self.looked(*at, now));
        shown
    }

    pub(in super::super) fn cancel_run(&mut self, ids: &[String], now: Moment) -> Result<Value, Refusal> {
        let at = self.run_at(ids)?;
        match self.runs[at].phase() {
            phase if phase.is_end() => return Err(Refusal::state("the run has ended")),
            Phase::Running => {
                let end = self.end(now);
                if let Some(attempt) = self.runs[at].attempts.last_mut() {
                    attempt.stopping.get_or_insert(end);
                }
            }
            _ => self.stop(at, now),
        }
        Ok(self.show_run(&self.runs[at]))
    }

    pub(in super::super) fn delete_run(&mut self, ids: &[String]) -> Result<(), Refusal> {
        let at = self.run_at(ids)?;
        if !self.runs[at].has_ended() {
            return Err(Refusal::state("the run has not ended"));
        }
        self.runs.remove(at);
        Ok(())
    }

    pub(in super::super) fn retry_run(
        &mut self,
        ids: &[String],
        mode: RetryMode,
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.run_at(ids)?;
        if !self.runs[at].has_ended() {
            return Err(Refusal::state("the run has not ended"));
        }
        self.new_attempt(at, CREATOR, now);
        if mode == RetryMode::FailedJobs {
            let [.., old, new] = self.runs[at].attempts.as_mut_slice() else {
                return Err(Refusal::state("the run has no attempt"));
            };
            for (old, new) in old.jobs.iter().zip(&mut new.jobs) {
                if old.progress.phase == Phase::Succeeded || old.is_carried {
                    skip(new, now);
                    new.is_carried = true;
                }
            }
        }
        Ok(self.show_run(&self.runs[at]))
    }

    /// Whether a run, or the one that this is a part of, has ended.
    pub(in super::super) fn has_ended(&self, ids: &[String]) -> bool {
        ids.get(..4).and_then(|ids| self.run_at(ids).ok()).is_some_and(|at| self.runs[at].has_ended())
    }

    // ---- Below runs -------------------------------------------------------------------------------

    pub(in super::super) fn get_attempt(&mut self, ids: &[String], now: Moment) -> Result<Value, Refusal> {
        let (run, attempt) = self.attempt_at(ids, true)?;
        let shown = self.show_attempt(&self.runs[run], attempt);
        self.looked(run, now);
        Ok(shown)
    }

    pub(in super::super) fn list_attempts(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<Vec<Value>, Refusal> {
        let run = self.run_at(ids)?;
        let places = 0..self.runs[run].attempts.len();
        let shown = places.map(|attempt| self.show_attempt(&self.runs[run], attempt)).collect();
        self.looked(run, now);
        Ok(shown)
    }

    pub(in super::super) fn get_job(&mut self, ids: &[String], now: Moment) -> Result<Value, Refusal> {
        let (run, attempt, job) = self.job_at(ids)?;
        let shown = self.show_job(&self.runs[run], attempt, job);
        self.looked(run, now);
        Ok(shown)
    }

    /// The newest first, unless another order is asked for.
    pub(in super::super) fn list_jobs(
        &mut self,
        ids: &[String],
        filter: &Filter,
        order: &[(String, bool)],
        now: Moment,
    ) -> Result<Vec<Value>, Refusal> {
        let (run, attempt) = self.attempt_at(ids, false)?;
        let jobs = &self.runs[run].attempts[attempt].jobs;
        let source = &self.runs[run].source.jobs;
        let is_call = |job: usize| source[jobs[job].source].call.is_some();
        let mut places: Vec<usize> = (0..jobs.len())
            .rev()
            .filter(|job| {
                filter.matches(&|name| match name {
                    "state" => Field::Text(jobs[*job].progress.phase.text().to_owned()),
                    "job_id" => Field::Text(source[jobs[*job].source].id.clone()),
                    _ => Field::Text(
                        if is_call(*job) { "TYPE_WORKFLOW_CALL" } else { "TYPE_STEPS" }.to_owned(),
                    ),
                })
            })
            .collect();
        // The last wish first: sorting keeps the order of what is equal.
        for (field, descending) in order.iter().rev() {
            places.sort_by(|a, b| {
                let ordering = match field.as_str() {
                    "job_id" => source[jobs[*a].source].id.cmp(&source[jobs[*b].source].id),
                    _ => jobs[*a].created.cmp(&jobs[*b].created).then(a.cmp(b)),
                };
                if *descending { ordering.reverse() } else { ordering }
            });
        }
        let shown = places.iter().map(|job| self.show_job(&self.runs[run], attempt, *job)).collect();
        self.looked(run, now);
        Ok(shown)
    }

    pub(in super::super) fn get_step(&mut self, ids: &[String], now: Moment) -> Result<Value, Refusal> {
        let (run, attempt, job, step) = self.step_at(ids)?;
        let shown = self.show_step(&self.runs[run], attempt, job, step);
        self.looked(run, now);
        Ok(shown)
    }

    pub(in super::super) fn list_steps(
        &mut self,
        ids: &[String],
        now: Moment,
    ) -> Result<Vec<Value>, Refusal> {
        let (run, attempt, job) = self.job_at(ids)?;
        let places = 0..self.runs[run].attempts[attempt].jobs[job].steps.len();
        let shown = places.map(|step| self.show_step(&self.runs[run], attempt, job, step)).collect();
        self.looked(run, now);
        Ok(shown)
    }
}
