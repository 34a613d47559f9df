//! The work of a step: what it prints, and how it ends.

use std::time::Duration;

use crate::h2o_workflows::script::{Ended, MAX_TIME, Origin, Part, Performed, Process, perform};
use crate::h2o_workflows::source::Work;
use crate::moment::Moment;
use crate::text::one_line;
use crate::time::End;

use super::State;
use super::context::{Context, masked};
use super::logs::{Line, Source};
use super::run::{Failure, Phase, Shell, Step};

/// The exit code of a step of which nothing was run: that of a command which a shell cannot run.
const NOT_RUN: i32 = 126;

/// The message of a step of which a limit is over.
const TOO_LONG: &str = "the step took longer than its timeout";

impl State {
    /// A step that begins now; `None`: the job has no such step.
    pub(super) fn begun_step(&mut self, run: usize, job: usize, step: usize, at: Moment) -> Option<Step> {
        let until = self.end(at);
        let attempt = self.runs[run].latest()?;
        let of_job = &self.runs[run].source.jobs[attempt.jobs[job].source];
        let source = of_job.steps.get(step)?;
        let planned =
            self.failing.iter().position(|(id, position, _)| *id == of_job.id && *position == step + 1);
        let limit = [source.timeout, of_job.timeout].into_iter().flatten().min();
        let context = Context::of(&self.runs[run], &attempt.jobs[job], !self.rules.run_steps);
        let mut done = Step { until: Some(until), ..Step::new() };
        let env = context.env(&[], &[&self.runs[run].source.env, &of_job.env, &source.env]);
        // A real shell would run in another directory, or without the files.
        let elsewhere = source.working_dir.as_ref().or(of_job.working_dir.as_ref());
        let env = env.and_then(|env| match elsewhere.filter(|_| self.rules.run_steps) {
            Some(_) => Err("with --run-steps the emulator cannot run a step with working_dir".to_owned()),
            None => Ok(env),
        });
        let parts = env.and_then(|env| match &source.work {
            Work::Run(script) => Ok(vec![Part {
                banner: None,
                script: context.resolve(script, &env)?,
                env,
                limit: None,
                continue_on_error: false,
            }]),
            Work::Upload { .. } | Work::Download { .. } if self.rules.run_steps => {
                Err("with --run-steps the emulator moves no files: it cannot run upload or download"
                    .to_owned())
            }
            Work::Upload { path, destination: to } | Work::Download { source: path, path: to } => {
                let is_upload = matches!(source.work, Work::Upload { .. });
                let verb = if is_upload { "Uploading" } else { "Downloading" };
                let (from, to) = (context.resolve(path, &env)?, context.resolve(to, &env)?);
                let line = format!("{verb} {from} to {to} (the emulator moves no files)\n");
                done.log.push(context.line((false, line)));
                Ok(Vec::new())
            }
            Work::Uses { action, with } => {
                let published = self.published(&self.runs[run].workspace, action);
                let missing = || format!("there is no published action {}", one_line(action, 60));
                let (revision, action) = published.ok_or_else(missing)?;
                done.action_revision = revision;
                if self.rules.run_steps && action.steps.iter().any(|step| step.working_dir.is_some()) {
                    return Err(
                        "with --run-steps the emulator cannot run an action with working_dir".to_owned()
                    );
                }
                context.parts(&action, with, &env)
            }
        });
        let mut slept = Duration::ZERO;
        match parts {
            Err(why) if planned.is_none() => done.refuse(context.masked(why)),
            Err(_) => {}
            Ok(parts) if !self.rules.run_steps => slept = done.perform(&context, parts),
            // A failure that is planned needs no process.
            Ok(parts) if planned.is_none() && !parts.is_empty() => {
                match Process::start(parts, limit, &self.workers) {
                    Ok(process) => (done.shell, done.process) = (Shell::Awaited, Some(process)),
                    Err(why) => done.failure = Some(Failure::new("INTERNAL", why)),
                }
            }
            Ok(_) => {}
        }
        if let Some(planned) = planned {
            // Whatever else would have come of it.
            done.exit_code = self.failing.remove(planned).2;
            done.failure = None;
        }
        if done.failure.is_none() && limit.is_some_and(|limit| slept > limit) {
            done.failure = Some(Failure::new("TIMEOUT", TOO_LONG));
        } else if done.exit_code != 0 && done.failure.is_none() {
            done.failure = Some(Failure::new("EXECUTION", format!("exit code {}", done.exit_code)));
        }
        if let End::AfterLooks(looks) = until {
            done.looks = looks;
        }
        done.progress.begin(at);
        Some(done)
    }

    /// Takes what the processes of steps have printed, and notes which have ended: then their steps end now,
    /// unless they have longer to go.
    pub(super) fn hear(&mut self, now: Moment) {
        for run in &mut self.runs {
            let secrets = &run.values.secrets;
            if self.rules.run_steps {
                let jobs = run.attempts.iter_mut().flat_map(|attempt| &mut attempt.jobs);
                let stopped = jobs.flat_map(|job| &mut job.steps).filter(|step| step.shell == Shell::Ended);
                stopped.for_each(|step| step.hear_rest(secrets));
            }
            let Some(attempt) = run.attempts.last_mut() else { continue };
            let running = attempt.jobs.iter_mut().filter(|job| job.progress.phase == Phase::Running);
            for step in running.flat_map(|job| &mut job.steps) {
                if step.progress.phase == Phase::Running && step.is_awaited() {
                    step.hear(secrets, now);
                }
            }
        }
    }
}

impl Step {
    /// Returns whether its process has not ended.
    pub(super) fn is_awaited(&self) -> bool {
        self.shell == Shell::Awaited
    }

    /// Fails it before anything of it is done.
    fn refuse(&mut self, why: String) {
        self.log
            .push(Line { source: Source::Stderr, bytes: format!("{}\n", one_line(&why, 200)).into_bytes() });
        self.exit_code = NOT_RUN;
        self.failure = Some(Failure::new("INTERNAL", why));
    }

    /// Does all parts at once, and returns for how long they slept.
    fn perform(&mut self, context: &Context<'_>, parts: Vec<Part>) -> Duration {
        let mut slept = Duration::ZERO;
        for part in parts {
            let banner = part.banner.map(|text| Line { source: Source::Banner, bytes: text.into_bytes() });
            self.log.extend(banner);
            let Performed { lines, exit_code, slept: time, refused } = perform(&part.script, &part.env);
            slept = slept.saturating_add(time);
            self.log.extend(lines.into_iter().map(|line| context.line(line)));
            if let Some(what) = refused {
                // Masked before it is cut: a part of a secret is secret.
                let what = one_line(&context.masked(what), 80);
                let line = format!(
                    "the emulator does not run {what}: start it with --run-steps, which runs steps in a real shell\n"
                );
                self.log.push(Line { source: Source::Stderr, bytes: line.into_bytes() });
                self.exit_code = exit_code;
                let message =
                    "the script has something that the emulator runs only with --run-steps; the log names it";
                self.failure = Some(Failure::new("INTERNAL", message));
                break;
            }
            if part.limit.is_some_and(|limit| time > limit) {
                self.failure = Some(Failure::new("TIMEOUT", TOO_LONG));
                break;
            }
            if exit_code != 0 && !part.continue_on_error {
                self.exit_code = exit_code;
                break;
            }
        }
        slept
    }

    /// Ends its processes, if it has any. What they have printed is heard later, and no request waits for it.
    pub(super) fn stop_process(&mut self) {
        if let Some(process) = &mut self.process {
            process.stop();
            self.shell = Shell::Ended;
        }
    }

    /// Takes what the processes of a step that was stopped have printed before their end.
    fn hear_rest(&mut self, secrets: &[String]) {
        let Some(process) = &self.process else { return };
        let (lines, ended) = process.hear();
        self.print(lines, secrets);
        if ended.is_some() {
            self.process = None;
        }
    }

    fn hear(&mut self, secrets: &[String], now: Moment) {
        let (lines, ended) = match &self.process {
            Some(process) => process.hear(),
            None => {
                (Vec::new(), Some(Ended::NotRun("the emulator that ran the step was stopped".to_owned())))
            }
        };
        self.print(lines, secrets);
        self.end_process(ended, now);
    }

    fn print(&mut self, lines: Vec<(Origin, Vec<u8>)>, secrets: &[String]) {
        for (origin, bytes) in lines {
            let source = match origin {
                Origin::Stdout => Source::Stdout,
                Origin::Stderr => Source::Stderr,
                Origin::Banner => Source::Banner,
            };
            // A text with other bytes in it would break every client that reads UTF-8.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            self.log.push(Line { source, bytes: masked(secrets, text).into_bytes() });
        }
    }

    fn end_process(&mut self, ended: Option<Ended>, now: Moment) {
        let Some(ended) = ended else { return };
        (self.shell, self.process) = (Shell::Ended, None);
        self.failure = match ended {
            Ended::Exit(0) => None,
            Ended::Exit(code) => {
                self.exit_code = code;
                Some(Failure::new("EXECUTION", format!("exit code {code}")))
            }
            Ended::TimedOut => {
                self.exit_code = 137;
                let message =
                    format!("the step took longer than its timeout, or than {} s", MAX_TIME.as_secs());
                Some(Failure::new("TIMEOUT", message))
            }
            Ended::NotRun(why) => {
                self.exit_code = NOT_RUN;
                Some(Failure::new("INTERNAL", why))
            }
        };
        if let Some(End::At(Some(until))) = self.until {
            self.until = Some(End::At(Some(until.max(now))));
        }
    }
}
