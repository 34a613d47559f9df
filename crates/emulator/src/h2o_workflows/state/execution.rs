//! How runs come to their end: one event after the other, each at its time.

use std::time::Instant;

use crate::h2o_workflows::script::{Performed, perform};
use crate::h2o_workflows::source::{Piece, Work, pieces};
use crate::time::End;

use super::State;
use super::logs::{Line, Source};
use super::run::{Failure, Job, Phase, Progress, Run, Step};

/// The most events of one look: what is left comes at the next.
const MAX_EVENTS: usize = 10_000;
/// How deep workflows may call one another.
const MAX_CALLS: usize = 10;

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
    pub(in super::super) fn settle(&mut self, now: Instant) {
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
                Event::StepEnds(run, job) => self.end_step(run, job, at),
                Event::ChildEnds(run, job) => self.end_call(run, job, at),
            }
        }
    }

    /// The earliest of what is due; of several at a time, that of the oldest run.
    fn next_event(&self, now: Instant) -> Option<(Instant, Event)> {
        let mut next: Option<(Instant, Event)> = None;
        let mut consider = |at: Instant, event: Event| {
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
                    if let Some(at) = due(attempt.queue) {
                        if let Some(freed) = self.group_is_free(run) {
                            consider(freed.map_or(at, |freed| freed.max(at)), Event::Begins(place));
                        }
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
                        if let Some(at) = running.and_then(|step| step.until).and_then(due) {
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
    fn group_is_free(&self, run: &Run) -> Option<Option<Instant>> {
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
    pub(super) fn looked(&mut self, run: usize, now: Instant) {
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
    fn go_on(&mut self, run: usize, at: Instant) {
        loop {
            let Some(attempt) = self.runs[run].latest() else { return };
            let source = &self.runs[run].source;
            let next = attempt.jobs.iter().enumerate().find_map(|(place, job)| {
                if job.progress.phase != Phase::Pending {
                    return None;
                }
                let needs = &source.jobs[job.source].depends_on;
                let mut before =
                    attempt.jobs.iter().filter(|other| needs.contains(&source.jobs[other.source].id));
                if before.clone().any(|other| !other.progress.phase.is_end()) {
                    return None;
                }
                let good = before.all(|other| other.progress.phase == Phase::Succeeded || other.is_carried);
                Some((place, good))
            });
            match next {
                Some((job, true)) => self.start_job(run, job, at),
                Some((job, false)) => skip(&mut self.jobs(run)[job], at),
                None => break,
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

    fn jobs(&mut self, run: usize) -> &mut [Job] {
        self.runs[run].attempts.last_mut().map_or(&mut [], |attempt| &mut attempt.jobs)
    }

    fn start_job(&mut self, run: usize, job: usize, at: Instant) {
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

    fn start_step(&mut self, run: usize, job: usize, step: usize, at: Instant) {
        let until = self.end(at);
        let workspace = self.runs[run].workspace.clone();
        let Some(attempt) = self.runs[run].latest() else { return };
        let of_job = &self.runs[run].source.jobs[attempt.jobs[job].source];
        let Some(source) = of_job.steps.get(step).cloned() else {
            return self.end_job(run, job, at, None);
        };
        let (job_id, job_timeout) = (of_job.id.clone(), of_job.timeout);
        let context = Context { run: &self.runs[run], job: &attempt.jobs[job] };
        let env = context.env(&[&self.runs[run].source.env, &of_job.env, &source.env]);
        let mut done = Step { until: Some(until), ..Step::new() };
        let mut slept = std::time::Duration::ZERO;
        match &source.work {
            Work::Run(script) => {
                let Performed { lines, exit_code, slept: time } =
                    perform(&context.resolve(script, &env), &env);
                done.log = lines.into_iter().map(|line| context.line(line)).collect();
                done.exit_code = exit_code;
                slept = time;
            }
            Work::Upload { path, destination } => {
                let text = format!(
                    "Uploading {} to {}\n",
                    context.resolve(path, &env),
                    context.resolve(destination, &env)
                );
                done.log.push(context.line((false, text)));
            }
            Work::Download { source, path } => {
                let text = format!(
                    "Downloading {} to {}\n",
                    context.resolve(source, &env),
                    context.resolve(path, &env)
                );
                done.log.push(context.line((false, text)));
            }
            Work::Uses(uses) => match self.published(&workspace, uses) {
                None => {
                    let message = format!("there is no published action {}", crate::text::one_line(uses, 60));
                    done.failure = Some(Failure::new("INTERNAL", message));
                }
                Some((revision, action)) => {
                    done.action_revision = revision;
                    for inner in &action.steps {
                        let name = inner.name.clone().unwrap_or_else(|| inner.work.display_name());
                        done.log.push(Line {
                            source: Source::Banner,
                            bytes: format!("=== {name} ===\n").into_bytes(),
                        });
                        let Work::Run(script) = &inner.work else { continue };
                        let performed = perform(&context.resolve(script, &env), &env);
                        slept = slept.saturating_add(performed.slept);
                        done.log.extend(performed.lines.into_iter().map(|line| context.line(line)));
                        if performed.exit_code != 0 && !inner.continue_on_error {
                            done.exit_code = performed.exit_code;
                            break;
                        }
                    }
                }
            },
        }
        if let Some(planned) =
            self.failing.iter().position(|(id, position, _)| *id == job_id && *position == step + 1)
        {
            done.exit_code = self.failing.remove(planned).2;
        }
        let limits = [source.timeout, job_timeout].into_iter().flatten();
        if limits.min().is_some_and(|limit| slept > limit) {
            done.failure = Some(Failure::new("TIMEOUT", "the step took longer than its timeout"));
        } else if done.exit_code != 0 && done.failure.is_none() {
            done.failure = Some(Failure::new("EXECUTION", format!("exit code {}", done.exit_code)));
        }
        if let End::AfterLooks(looks) = until {
            done.looks = looks;
        }
        done.progress.begin(at);
        self.jobs(run)[job].steps[step] = done;
    }

    fn end_step(&mut self, run: usize, job: usize, at: Instant) {
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

    fn end_call(&mut self, run: usize, job: usize, at: Instant) {
        let child = self.jobs(run)[job].child.clone();
        let child = child.and_then(|(number, _)| self.runs.iter().find(|run| run.number == number));
        let failure = match child.map(|run| run.phase()) {
            Some(Phase::Succeeded) => None,
            Some(_) => Some(Failure::new("STEP_FAILED", "the workflow that it called failed")),
            None => Some(Failure::new("INTERNAL", "the run of the workflow that it called is gone")),
        };
        self.end_job(run, job, at, failure);
    }

    /// A job has ended; if it failed, others are stopped.
    fn end_job(&mut self, run: usize, job: usize, at: Instant, failure: Option<Failure>) {
        let failed = failure.is_some();
        let ended = &mut self.jobs(run)[job];
        ended.progress.finish(at, if failed { Phase::Failed } else { Phase::Succeeded }, failure);
        skip_steps(&mut ended.steps, at);
        if failed && self.runs[run].source.cancel_on_failure {
            self.stop_jobs(run, at);
        }
        self.go_on(run, at);
    }

    /// Stops the jobs of the latest attempt: what runs fails, what is pending is skipped.
    fn stop_jobs(&mut self, run: usize, at: Instant) {
        let mut children = Vec::new();
        for job in self.jobs(run) {
            match job.progress.phase {
                Phase::Running => {
                    for step in job.steps.iter_mut().filter(|step| step.progress.phase == Phase::Running) {
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
        for number in children {
            let child = self.runs.iter().position(|run| run.number == number);
            if let Some(child) = child.filter(|child| !self.runs[*child].has_ended()) {
                self.stop(child, at);
            }
        }
    }

    /// The end of the latest attempt of a run that is canceled.
    pub(super) fn stop(&mut self, run: usize, at: Instant) {
        self.stop_jobs(run, at);
        if let Some(attempt) = self.runs[run].attempts.last_mut() {
            attempt.progress.finish(at, Phase::Failed, Some(Failure::canceled()));
        }
    }
}

fn skip_steps(steps: &mut [Step], at: Instant) {
    for step in steps.iter_mut().filter(|step| step.progress.phase == Phase::Pending) {
        step.progress.finish(at, Phase::Skipped, None);
    }
}

pub(super) fn skip(job: &mut Job, at: Instant) {
    skip_steps(&mut job.steps, at);
    job.progress.finish(at, Phase::Skipped, None);
}

/// The jobs of a new attempt: one for every instance.
pub(super) fn instances(run: &Run, now: Instant) -> Vec<Job> {
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

/// What expressions speak of.
pub(super) struct Context<'r> {
    pub(super) run: &'r Run,
    pub(super) job: &'r Job,
}

impl Context<'_> {
    /// A text with its expressions replaced. What is not known is empty, and secrets are masked.
    fn resolve(&self, text: &str, env: &[(String, String)]) -> String {
        let Ok(pieces) = pieces(text) else { return text.to_owned() };
        let value_in = |list: &[(String, String)], name: &str| {
            list.iter()
                .rev()
                .find(|(other, _)| other == name)
                .map_or_else(String::new, |(_, value)| value.clone())
        };
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Expression(parts) => match parts.as_slice() {
                    ["inputs", name] => value_in(&self.run.values.texts, name),
                    ["matrix", name] => value_in(&self.job.matrix, name),
                    ["env", name] => value_in(env, name),
                    ["secrets", _] => "***".to_owned(),
                    _ => String::new(),
                },
            })
            .collect()
    }

    /// From the widest level to the narrowest; a later one counts.
    fn env(&self, levels: &[&Vec<(String, String)>]) -> Vec<(String, String)> {
        let mut env = Vec::new();
        for (name, value) in levels.iter().flat_map(|level| level.iter()) {
            env.push((name.clone(), self.resolve(value, &env)));
        }
        env
    }

    /// A line of a log, with what is secret masked.
    fn line(&self, (to_stderr, text): (bool, String)) -> Line {
        let secrets = &self.run.values.secrets;
        let text = secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "***"));
        Line { source: if to_stderr { Source::Stderr } else { Source::Stdout }, bytes: text.into_bytes() }
    }
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
    let context = Context { run, job: &job };
    run.source.group.as_ref().map(|group| context.resolve(group, &run.source.env))
}
