//! How runs come to their end: one event after the other, each at its time.

use std::collections::BTreeMap;

use crate::moment::Moment;
use crate::time::End;

use super::State;
use super::context::Context;
use super::run::{Failure, Job, Phase, Progress, Run, Step};

/// The most events of one look: what is left comes at the next.
const MAX_EVENTS: usize = 10_000;
/// How deep workflows may call one another.
pub(super) const MAX_CALLS: usize = 10;

/// What happens next, with the places of run, job and step.
#[derive(Clone, Copy, Debug)]
enum Event {
    Begins(usize),
    Stops(usize),
    StepEnds(usize, usize),
    ChildEnds(usize, usize),
}

impl State {
    /// What time has brought about.
    pub(in super::super) fn settle(&mut self, now: Moment) {
        self.hear(now);
        for _ in 0..MAX_EVENTS {
            let Some((at, event)) = self.next_event(now) else { return };
            match event {
                Event::Begins(run) => {
                    if let Some(attempt) = self.runs[run].attempts.last_mut() {
                        attempt.progress.begin(at);
                    }
                    self.go_on(run, at);
                }
                Event::Stops(run) => self.stop(run, at),
                Event::StepEnds(run, job) => {
                    self.end_step(run, job, at);
                    self.go_on(run, at);
                }
                Event::ChildEnds(run, job) => {
                    self.end_call(run, job, at);
                    self.go_on(run, at);
                }
            }
        }
    }

    /// The earliest of what is due; of several at a time, that of the oldest run.
    fn next_event(&self, now: Moment) -> Option<(Moment, Event)> {
        let mut next: Option<(Moment, Event)> = None;
        let mut consider = |at: Moment, event: Event| {
            if next.is_none_or(|(earliest, _)| at < earliest) {
                next = Some((at, event));
            }
        };
        let due = |end: End| {
            let at = if let End::At(Some(at)) = end { at } else { now };
            end.has_come(now).then_some(at)
        };
        for (place, run) in self.runs.iter().enumerate() {
            let Some(attempt) = run.latest() else { continue };
            match attempt.progress.phase {
                Phase::Queued => {
                    if let Some(at) = due(attempt.queue)
                        && let Some(freed) = self.group_is_free(run)
                    {
                        consider(freed.map_or(at, |freed| freed.max(at)), Event::Begins(place));
                    }
                }
                Phase::Running => {
                    if let Some(at) = attempt.stopping.and_then(due) {
                        consider(at, Event::Stops(place));
                    }
                    for (job_place, job) in attempt.jobs.iter().enumerate() {
                        if job.progress.phase != Phase::Running {
                            continue;
                        }
                        if let Some((child, _)) = &job.child {
                            let child = self.runs.iter().find(|run| run.number == *child);
                            let end = child.map_or(Some(now), |run| run.latest()?.progress.end);
                            end.into_iter().for_each(|at| consider(at, Event::ChildEnds(place, job_place)));
                        }
                        let running = job.steps.iter().find(|step| step.progress.phase == Phase::Running);
                        let ends = running.filter(|step| !step.is_awaited());
                        if let Some(at) = ends.and_then(|step| step.until).and_then(due) {
                            consider(at, Event::StepEnds(place, job_place));
                        }
                    }
                }
                _ => {}
            }
        }
        next
    }

    /// `None`: another run of the group is running. Else when the last one ended.
    fn group_is_free(&self, run: &Run) -> Option<Option<Moment>> {
        if run.group.is_none() {
            return Some(None);
        }
        let mut freed = None;
        for other in &self.runs {
            let is_other = other.number != run.number && other.workspace == run.workspace;
            let Some(attempt) = other.latest().filter(|_| is_other && other.group == run.group) else {
                continue;
            };
            match attempt.progress.phase {
                Phase::Running => return None,
                // In the order in which they were made.
                Phase::Queued if other.number < run.number => return None,
                _ => freed = freed.max(attempt.progress.end),
            }
        }
        Some(freed)
    }

    /// Somebody has looked at a run: what ends after so many looks is one nearer to its end.
    pub(super) fn looked(&mut self, run: usize, now: Moment) {
        let mut open = vec![run];
        while let Some(run) = open.pop() {
            let numbers: Vec<u64> = match self.runs[run].attempts.last_mut() {
                None => continue,
                Some(attempt) if attempt.progress.phase == Phase::Queued => {
                    attempt.queue.look(now);
                    continue;
                }
                Some(attempt) => {
                    if let Some(stopping) = &mut attempt.stopping {
                        stopping.look(now);
                    }
                    let running = attempt.jobs.iter_mut().filter(|job| job.progress.phase == Phase::Running);
                    running
                        .filter_map(|job| {
                            let step =
                                job.steps.iter_mut().find(|step| step.progress.phase == Phase::Running);
                            if let Some(until) = step.and_then(|step| step.until.as_mut()) {
                                until.look(now);
                            }
                            job.child.as_ref().map(|(number, _)| *number)
                        })
                        .collect()
                }
            };
            open.extend((0..self.runs.len()).filter(|place| numbers.contains(&self.runs[*place].number)));
        }
    }

    /// Starts the jobs that can be started, and ends the attempt if there is none left.
    fn go_on(&mut self, run: usize, at: Moment) {
        // Jobs that end at once let others begin, which may end at once, too.
        loop {
            let ready = self.ready(run);
            if ready.is_empty() {
                break;
            }
            for (job, good) in ready {
                let one = &mut self.jobs(run)[job];
                match (one.progress.phase, good) {
                    (Phase::Pending, true) => self.start_job(run, job, at),
                    (Phase::Pending, false) => skip(one, at),
                    // One that failed meanwhile has stopped it.
                    _ => {}
                }
            }
        }
        let Some(attempt) = self.runs[run].attempts.last_mut() else { return };
        if attempt.progress.phase == Phase::Running
            && attempt.jobs.iter().all(|job| job.progress.phase.is_end())
        {
            let failed = attempt.jobs.iter().find(|job| {
                job.progress.failure.as_ref().is_some_and(|failure| failure.reason != "CANCELED")
            });
            let failed =
                failed.or_else(|| attempt.jobs.iter().find(|job| job.progress.phase == Phase::Failed));
            let failure = failed.map(|job| Failure::new("JOB_FAILED", format!("job {} failed", job.label)));
            let phase = if failure.is_some() { Phase::Failed } else { Phase::Succeeded };
            attempt.progress.finish(at, phase, failure);
        }
    }

    /// Returns the pending jobs of the latest attempt for which all that they wait for has ended, and whether
    /// it ended well.
    fn ready(&self, run: usize) -> Vec<(usize, bool)> {
        let run = &self.runs[run];
        let Some(attempt) = run.latest() else { return Vec::new() };
        let source = &run.source.jobs;
        // Of each job of the source: whether all its instances have ended, and well.
        let mut ends = vec![(true, true); source.len()];
        for job in &attempt.jobs {
            let (all, well) = &mut ends[job.source];
            *all &= job.progress.phase.is_end();
            *well &= job.progress.phase == Phase::Succeeded || job.is_carried;
        }
        let by_id: BTreeMap<&str, (bool, bool)> =
            source.iter().zip(&ends).map(|(job, end)| (job.id.as_str(), *end)).collect();
        let waits = source.iter().map(|job| {
            let mut before = job.depends_on.iter().filter_map(|id| by_id.get(id.as_str()));
            before.try_fold(true, |good, (all, well)| all.then_some(good && *well))
        });
        let waits: Vec<Option<bool>> = waits.collect();
        let pending = attempt.jobs.iter().enumerate().filter(|(_, job)| job.progress.phase == Phase::Pending);
        pending.filter_map(|(place, job)| Some((place, waits[job.source]?))).collect()
    }

    fn jobs(&mut self, run: usize) -> &mut [Job] {
        self.runs[run].attempts.last_mut().map_or(&mut [], |attempt| &mut attempt.jobs)
    }

    fn start_job(&mut self, run: usize, job: usize, at: Moment) {
        self.jobs(run)[job].progress.begin(at);
        let Some(source) = self.runs[run].latest().map(|attempt| attempt.jobs[job].source) else { return };
        let source = self.runs[run].source.jobs[source].clone();
        if let Some(wanted) = &source.runner {
            let workspace = &self.runs[run].workspace;
            let found = self.runners.iter().find(|one| one.workspace == *workspace && one.is_called(wanted));
            let Some(runner) = found.map(super::runners::Runner::name) else {
                let message = format!("there is no runner {}", crate::text::one_line(wanted, 60));
                return self.end_job(run, job, at, Some(Failure::new("INTERNAL", message)));
            };
            self.jobs(run)[job].runner = Some(runner);
        }
        match source.call {
            None => self.start_step(run, job, 0, at),
            Some((name, inputs)) => {
                let label = &self.jobs(run)[job].label;
                let label = label.clone();
                let parent = &self.runs[run];
                let parent_job = format!("{}/attempts/{}/jobs/{label}", parent.name(), parent.attempts.len());
                let workspace = parent.workspace.clone();
                let called = if self.depth(run) < MAX_CALLS {
                    self.call(&workspace, &name, inputs, parent_job, at)
                } else {
                    Err(format!("workflows call one another more than {MAX_CALLS} deep"))
                };
                match called {
                    Ok(child) => self.jobs(run)[job].child = Some(child),
                    Err(why) => self.end_job(run, job, at, Some(Failure::new("INTERNAL", why))),
                }
            }
        }
    }

    /// How many runs this one was called by, one by the other.
    fn depth(&self, run: usize) -> usize {
        let mut depth = 0;
        let mut parent = self.runs[run].parent_job.as_deref();
        while let Some(job) = parent.filter(|_| depth < MAX_CALLS) {
            depth += 1;
            let caller = self.runs.iter().find(|one| job.starts_with(&format!("{}/", one.name())));
            parent = caller.and_then(|run| run.parent_job.as_deref());
        }
        depth
    }

    fn start_step(&mut self, run: usize, job: usize, step: usize, at: Moment) {
        match self.begun_step(run, job, step, at) {
            None => self.end_job(run, job, at, None),
            Some(begun) => self.jobs(run)[job].steps[step] = begun,
        }
    }

    fn end_step(&mut self, run: usize, job: usize, at: Moment) {
        let Some(source) = self.runs[run].latest().map(|attempt| attempt.jobs[job].source) else { return };
        let steps = &mut self.jobs(run)[job].steps;
        let Some(step) = steps.iter().position(|step| step.progress.phase == Phase::Running) else { return };
        let failure = steps[step].failure.clone();
        let phase = if failure.is_some() { Phase::Failed } else { Phase::Succeeded };
        steps[step].progress.finish(at, phase, failure.clone());
        let last = step + 1 == steps.len();
        match failure {
            Some(failure) if !self.runs[run].source.jobs[source].steps[step].continue_on_error => {
                let message = format!("step {} failed: {}", step + 1, failure.message);
                self.end_job(run, job, at, Some(Failure::new("STEP_FAILED", message)));
            }
            _ if last => self.end_job(run, job, at, None),
            _ => self.start_step(run, job, step + 1, at),
        }
    }

    fn end_call(&mut self, run: usize, job: usize, at: Moment) {
        let child = self.jobs(run)[job].child.clone();
        let child = child.and_then(|(number, _)| self.runs.iter().find(|run| run.number == number));
        let failure = match child.map(|run| run.phase()) {
            Some(Phase::Succeeded) => None,
            Some(_) => Some(Failure::new("STEP_FAILED", "the run of the called workflow failed")),
            None => Some(Failure::new("INTERNAL", "the run of the called workflow was deleted")),
        };
        self.end_job(run, job, at, failure);
    }

    /// A job has ended; if it failed, others are stopped. What can begin now is for [`State::go_on`] to find:
    /// a job that begins may end at once, and so on for all of them.
    fn end_job(&mut self, run: usize, job: usize, at: Moment, failure: Option<Failure>) {
        let failed = failure.is_some();
        let ended = &mut self.jobs(run)[job];
        ended.progress.finish(at, if failed { Phase::Failed } else { Phase::Succeeded }, failure);
        skip_steps(&mut ended.steps, at);
        if failed && self.runs[run].source.cancel_on_failure {
            for child in self.stop_jobs(run, at) {
                self.stop(child, at);
            }
        }
    }

    /// Stops the jobs of the latest attempt: what runs fails, what is pending is skipped. Returns the runs
    /// that the jobs have called and that have not ended.
    fn stop_jobs(&mut self, run: usize, at: Moment) -> Vec<usize> {
        let mut children = Vec::new();
        for job in self.jobs(run) {
            match job.progress.phase {
                Phase::Running => {
                    for step in job.steps.iter_mut().filter(|step| step.progress.phase == Phase::Running) {
                        step.stop_process();
                        step.printed = Some(step.revealed(at));
                        step.exit_code = 137;
                        step.progress.finish(at, Phase::Failed, Some(Failure::canceled()));
                    }
                    skip_steps(&mut job.steps, at);
                    job.progress.finish(at, Phase::Failed, Some(Failure::canceled()));
                    children.extend(job.child.as_ref().map(|(number, _)| *number));
                }
                Phase::Pending => skip(job, at),
                _ => {}
            }
        }
        let places =
            children.into_iter().filter_map(|number| self.runs.iter().position(|run| run.number == number));
        places.filter(|child| !self.runs[*child].has_ended()).collect()
    }

    /// The end of the latest attempt of a run that is canceled, and of the runs that it has called.
    pub(super) fn stop(&mut self, run: usize, at: Moment) {
        let mut open = vec![run];
        while let Some(run) = open.pop() {
            open.extend(self.stop_jobs(run, at));
            if let Some(attempt) = self.runs[run].attempts.last_mut() {
                attempt.progress.finish(at, Phase::Failed, Some(Failure::canceled()));
            }
        }
    }
}

fn skip_steps(steps: &mut [Step], at: Moment) {
    for step in steps.iter_mut().filter(|step| step.progress.phase == Phase::Pending) {
        step.progress.finish(at, Phase::Skipped, None);
    }
}

pub(super) fn skip(job: &mut Job, at: Moment) {
    skip_steps(&mut job.steps, at);
    job.progress.finish(at, Phase::Skipped, None);
}

/// The jobs of a new attempt: one for every instance.
pub(super) fn instances(run: &Run, now: Moment) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (place, source) in run.source.jobs.iter().enumerate() {
        let mut rows: Vec<Vec<(String, String)>> = vec![Vec::new()];
        for (key, values) in &source.matrix {
            let extended = rows.iter().flat_map(|row| {
                values.iter().map(|value| {
                    let mut row = row.clone();
                    row.push((key.clone(), value.clone()));
                    row
                })
            });
            rows = extended.collect();
        }
        for matrix in rows {
            let values: Vec<String> = matrix.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            let label = if values.is_empty() {
                source.id.clone()
            } else {
                format!("{}[{}]", source.id, values.join(","))
            };
            jobs.push(Job {
                source: place,
                label,
                matrix,
                progress: Progress::new(Phase::Pending),
                created: now,
                is_carried: false,
                runner: None,
                child: None,
                steps: source.steps.iter().map(|_| Step::new()).collect(),
            });
        }
    }
    jobs
}

/// The group of a run.
pub(super) fn group(run: &Run) -> Option<String> {
    let job = Job {
        source: 0,
        label: String::new(),
        matrix: Vec::new(),
        progress: Progress::new(Phase::Pending),
        created: run.created,
        is_carried: false,
        runner: None,
        child: None,
        steps: Vec::new(),
    };
    let context = Context::of(run, &job, true);
    let group = run.source.group.as_ref()?;
    // Runs without the value are a group, too.
    Some(context.resolve(group, &run.source.env).unwrap_or_else(|_| group.clone()))
}
