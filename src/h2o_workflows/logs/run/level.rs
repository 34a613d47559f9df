//! What is known of one run while its logs are followed, and what is asked next. No I/O.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, shown};
use crate::h2o_workflows::names::Kind;
use crate::h2o_workflows::runs::{
    Job, JobState, JobType, ListJobs, ListRunAttempts, ListSteps, RunAttempt, RunAttemptState, RunState,
    Step, StepState,
};
use crate::timestamp::Timestamp;

use super::find::Part;
use super::model::LogSource;
use super::pages::Pages;
use super::position::Place;

/// A step whose log is read next.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) source: Arc<LogSource>,
    /// The offset to begin with.
    pub(super) offset: u64,
}

/// What is asked next.
#[derive(Default)]
pub(super) enum Task {
    /// The state of the run. Asked before the attempts, so that no attempt is missed: if the run has ended by
    /// then, the list has all of them.
    #[default]
    Run,
    Attempts(Pages<ListRunAttempts, FoundAttempt>),
    /// The state of the attempt.
    Attempt,
    Jobs(Pages<ListJobs, FoundJob>),
    /// The state of the job.
    Job,
    Steps(Pages<ListSteps, FoundStep>),
    /// Nothing: what is known is enough for a decision.
    Choose,
}

/// A decision.
pub(super) enum Move {
    /// There is something to ask, or to choose.
    On,
    Pause,
    /// Reads the log of a step.
    Step(Found),
    /// Goes on with the run that the job has called.
    Call(String),
    /// The run has ended, and its logs were read.
    Over,
}

pub(super) struct FoundAttempt {
    name: String,
    is_queued: bool,
    is_over: bool,
}

/// A job that has begun, and whose log was not read to its end.
pub(super) struct FoundJob {
    name: String,
    id: String,
    start: Option<Timestamp>,
    is_over: bool,
    /// `Some`: it calls a workflow; the run that it has called, if there is one.
    call: Option<Option<String>>,
    /// The source of its steps, without them.
    source: LogSource,
}

pub(super) struct FoundStep {
    name: String,
    display_name: Option<String>,
    is_over: bool,
    has_begun: bool,
    is_skipped: bool,
}

/// What is known of one run.
#[derive(Default)]
pub(super) struct Level {
    pub(super) task: Task,
    /// The run had ended before its attempts were listed: there will be no others.
    is_run_over: bool,
    /// All logs of the run were read.
    is_read: bool,
    /// The attempts from the current one on.
    attempts: VecDeque<FoundAttempt>,
    /// The jobs that come next, in the order in which they began.
    jobs: VecDeque<FoundJob>,
    /// The attempt had ended before its jobs were listed: there will be no others.
    are_jobs_whole: bool,
    pub(super) job: Option<FoundJob>,
    /// The steps of the job from the current one on.
    steps: VecDeque<FoundStep>,
    /// The job had ended before its steps were listed.
    are_steps_whole: bool,
    /// The log of the current step is read.
    is_reading: bool,
    /// The stream of the current step has ended, and the step had not when it was opened.
    has_ended: bool,
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Checks a name that the service has returned.
fn checked(label: &str, kind: Kind, name: &str) -> Result<(), Error> {
    if kind.fits(name) {
        return Ok(());
    }
    let why = format!("the list has an item without a valid name: {:?}", shown(name));
    Err(Error::new(ErrorKind::UnexpectedResponse, label, why))
}

impl FoundAttempt {
    fn new(attempt: &RunAttempt) -> Self {
        Self {
            name: attempt.name.clone(),
            is_queued: attempt.state == RunAttemptState::Queued,
            is_over: attempt.state.is_terminal() || attempt.end_time.is_some(),
        }
    }
}

impl FoundJob {
    /// `None`: it has not begun, or has no log.
    fn new(job: Job, is_attempt_over: bool) -> Option<Self> {
        let child = job.child_run.filter(|run| !run.is_empty());
        let is_call = job.job_type == JobType::WorkflowCall || child.is_some();
        let is_over = is_attempt_over || is_over(&job.state, job.end_time.as_ref());
        let has_begun =
            !matches!(job.state, JobState::Pending | JobState::Skipped) || job.start_time.is_some();
        if !has_begun || (is_call && child.is_none() && !is_over) {
            return None;
        }
        Some(Self {
            id: last_part(&job.name).to_owned(),
            start: job.start_time,
            is_over,
            call: is_call.then_some(child),
            source: LogSource {
                job: job.name.clone(),
                job_id: job.job_id,
                job_display_name: job.display_name,
                matrix_values: job.matrix_values,
                ..LogSource::default()
            },
            name: job.name,
        })
    }
}

/// A state that this crate does not know counts as an end if there is a time of the end.
fn is_over(state: &JobState, end: Option<&Timestamp>) -> bool {
    state.is_terminal() || end.is_some()
}

impl From<Step> for FoundStep {
    fn from(step: Step) -> Self {
        let has_time = step.start_time.is_some();
        Self {
            is_over: step.state.is_terminal() || step.end_time.is_some(),
            has_begun: has_time || !matches!(step.state, StepState::Pending | StepState::Skipped),
            is_skipped: step.state == StepState::Skipped && !has_time,
            name: step.name,
            display_name: step.display_name,
        }
    }
}

impl Level {
    /// Returns the name of the current attempt.
    pub(super) fn attempt(&self) -> &str {
        self.attempts.front().map_or("", |attempt| &attempt.name)
    }

    /// Returns the name of the current job.
    pub(super) fn job_name(&self) -> &str {
        self.job.as_ref().map_or("", |job| &job.name)
    }

    fn is_attempt_over(&self) -> bool {
        self.attempts.front().is_some_and(|attempt| attempt.is_over)
    }

    fn is_job_over(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.is_over)
    }

    fn list_jobs(&mut self) {
        // In this order, jobs without a time of their beginning stay in the order in which they were created.
        let command = ListJobs { order_by: "create_time".to_owned(), ..ListJobs::new(self.attempt()) };
        self.task = Task::Jobs(Pages::new(command));
    }

    fn list_steps(&mut self) {
        self.task = Task::Steps(Pages::new(ListSteps::new(self.job_name())));
    }

    /// The log of the current step was read to the end of its stream.
    pub(super) fn read_to_its_end(&mut self, place: &mut Place) {
        if !std::mem::take(&mut self.is_reading) {
            return;
        }
        let was_over = self.steps.front().is_none_or(|step| step.is_over);
        if was_over || self.is_job_over() {
            self.end_step(place);
        } else {
            // Whether the step has ended as well, and what became of those after it.
            self.has_ended = true;
            self.list_steps();
        }
    }

    fn end_step(&mut self, place: &mut Place) {
        self.steps.pop_front();
        place.end_step();
    }

    /// Decides by what is known. Sets the task, or returns what to do.
    pub(super) fn choose(&mut self, place: &mut Place) -> Move {
        match self.job {
            _ if self.is_read => Move::Over,
            Some(_) => self.choose_step(place),
            None => self.choose_job(place),
        }
    }

    fn choose_step(&mut self, place: &mut Place) -> Move {
        let is_job_over = self.is_job_over();
        let has_next_begun = self.steps.iter().skip(1).any(|step| step.has_begun);
        let has_ended = std::mem::take(&mut self.has_ended);
        match self.steps.front_mut() {
            Some(step) if step.is_skipped => self.end_step(place),
            Some(step) if has_ended && !step.is_over && !has_next_begun => {
                // The connection was closed before the step has ended.
                self.task = Task::Job;
                return Move::Pause;
            }
            // Also once more for a step that has ended since its log was read: it may have written something
            // in between.
            Some(step) if has_ended => step.is_over = true,
            Some(step) => {
                let (name, display_name) = (step.name.clone(), step.display_name.clone());
                let job = self.job.as_ref().map(|job| job.source.clone()).unwrap_or_default();
                let attempt = self.attempt().to_owned();
                let source = LogSource { attempt, step: name, step_display_name: display_name, ..job };
                self.is_reading = true;
                return Move::Step(Found { source: Arc::new(source), offset: place.offset });
            }
            None if is_job_over && self.are_steps_whole => {
                self.job = None;
                place.end_job();
            }
            None if is_job_over => self.list_steps(),
            None => self.task = Task::Job,
        }
        Move::On
    }

    fn choose_job(&mut self, place: &mut Place) -> Move {
        let Some(job) = self.jobs.pop_front() else {
            if !self.are_jobs_whole {
                self.list_jobs();
                return Move::On;
            }
            self.attempts.pop_front();
            place.end_attempt();
            return self.enter_attempt();
        };
        if place.job.as_ref() != Some(&job.id) {
            place.begin(Some(job.id.clone()));
        }
        let call = job.call.clone();
        self.job = Some(job);
        match call {
            Some(Some(run)) => return Move::Call(run),
            Some(None) => {
                self.job = None;
                place.end_job();
            }
            None => self.list_steps(),
        }
        Move::On
    }

    /// Goes on with the next attempt that is known.
    fn enter_attempt(&mut self) -> Move {
        self.are_jobs_whole = false;
        self.jobs.clear();
        match self.attempts.front() {
            Some(attempt) if attempt.is_queued && !attempt.is_over => {
                self.task = Task::Attempt;
                return Move::Pause;
            }
            Some(_) => self.list_jobs(),
            None if self.is_run_over => self.is_read = true,
            None => self.task = Task::Run,
        }
        Move::On
    }

    /// Takes a response. True: nothing has changed, so the next request has to wait.
    pub(super) fn take(&mut self, label: &str, place: &mut Place, part: Part) -> Result<bool, Error> {
        match (part, std::mem::take(&mut self.task)) {
            (Part::Run(run), _) => {
                self.is_run_over = run.state.is_terminal();
                // A scheduled run has no attempts yet.
                let is_pending = run.state == RunState::Pending;
                if !is_pending {
                    self.task = Task::Attempts(Pages::new(ListRunAttempts::new(&*place.run)));
                }
                Ok(is_pending)
            }
            (Part::Attempts(page), Task::Attempts(mut pages)) => {
                let is_whole = pages.take(page, |i, attempt| {
                    checked(label, Kind::RunAttempt, &attempt.name)?;
                    Ok((i + 1 >= place.attempt).then(|| FoundAttempt::new(&attempt)))
                })?;
                if !is_whole {
                    self.task = Task::Attempts(pages);
                    return Ok(false);
                }
                self.attempts = pages.kept.into();
                if self.attempts.is_empty() && !self.is_run_over {
                    // There is another attempt, and it is not in the list yet; or the run is about to end.
                    self.task = Task::Run;
                    return Ok(true);
                }
                self.task = Task::Choose;
                Ok(matches!(self.enter_attempt(), Move::Pause))
            }
            (Part::Attempt(attempt), _) => {
                let FoundAttempt { is_over, is_queued, .. } = FoundAttempt::new(&attempt);
                if let Some(current) = self.attempts.front_mut() {
                    (current.is_over, current.is_queued) = (is_over, is_queued);
                }
                if is_queued && !is_over {
                    self.task = Task::Attempt
                } else {
                    self.list_jobs()
                }
                Ok(!is_over)
            }
            (Part::Jobs(page), Task::Jobs(mut pages)) => {
                let is_attempt_over = self.is_attempt_over();
                let is_whole = pages.take(page, |_, job| {
                    checked(label, Kind::Job, &job.name)?;
                    let is_done = place.done.contains(last_part(&job.name));
                    Ok(if is_done { None } else { FoundJob::new(job, is_attempt_over) })
                })?;
                if !is_whole {
                    self.task = Task::Jobs(pages);
                    return Ok(false);
                }
                let mut jobs = pages.kept;
                jobs.sort_by(|a, b| {
                    let key = |job: &FoundJob| (place.job.as_ref() != Some(&job.id), job.start.is_none());
                    key(a).cmp(&key(b)).then_with(|| a.start.cmp(&b.start))
                });
                self.jobs = jobs.into();
                self.are_jobs_whole = is_attempt_over;
                self.task =
                    if self.jobs.is_empty() && !is_attempt_over { Task::Attempt } else { Task::Choose };
                Ok(false)
            }
            (Part::Job(job), _) => {
                let is_over = is_over(&job.state, job.end_time.as_ref());
                if let Some(current) = &mut self.job {
                    current.is_over = is_over;
                }
                if is_over || self.steps.is_empty() {
                    self.list_steps()
                } else {
                    self.task = Task::Choose
                }
                Ok(!is_over && self.steps.is_empty())
            }
            (Part::Steps(page), Task::Steps(mut pages)) => {
                let is_whole = pages.take(page, |i, step| {
                    checked(label, Kind::Step, &step.name)?;
                    Ok((i + 1 >= place.step).then(|| FoundStep::from(step)))
                })?;
                if !is_whole {
                    self.task = Task::Steps(pages);
                    return Ok(false);
                }
                self.steps = pages.kept.into();
                self.are_steps_whole = self.is_job_over();
                self.task = Task::Choose;
                Ok(false)
            }
            (Part::Attempts(_) | Part::Jobs(_) | Part::Steps(_), _) => Ok(false),
        }
    }
}
