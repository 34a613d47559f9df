//! The work of a step: what it prints, and how it ends.

use std::time::Duration;

use crate::h2o_workflows::script::{Ended, MAX_TIME, Origin, Part, Performed, Process, perform};
use crate::h2o_workflows::source::{ActionSource, Piece, Work, pieces};
use crate::moment::Moment;
use crate::text::one_line;
use crate::time::End;

use super::State;
use super::logs::{Line, Source};
use super::run::{Failure, Job, Phase, Run, Shell, Step};

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
        let context = Context { run: &self.runs[run], job: &attempt.jobs[job] };
        let env = context.env(&[&self.runs[run].source.env, &of_job.env, &source.env]);
        let mut done = Step { until: Some(until), ..Step::new() };
        let mut parts = Vec::new();
        match &source.work {
            Work::Run(script) => parts.push(context.part(None, Some(script), false, &env)),
            Work::Upload { path, destination: to } | Work::Download { source: path, path: to } => {
                let is_upload = matches!(source.work, Work::Upload { .. });
                let verb = if is_upload { "Uploading" } else { "Downloading" };
                let text =
                    format!("{verb} {} to {}\n", context.resolve(path, &env), context.resolve(to, &env));
                done.log.push(context.line((false, text)));
            }
            Work::Uses(uses) => match self.published(&self.runs[run].workspace, uses) {
                None => {
                    let message = format!("there is no published action {}", one_line(uses, 60));
                    done.failure = Some(Failure::new("INTERNAL", message));
                }
                Some((revision, action)) => {
                    done.action_revision = revision;
                    parts = context.parts(&action, &env);
                }
            },
        }
        let mut slept = Duration::ZERO;
        if !self.rules.run_steps {
            slept = done.perform(&context, parts, &env);
        } else if planned.is_none() && !parts.is_empty() {
            match Process::start(parts, env, limit, &self.slots) {
                Ok(process) => (done.shell, done.process) = (Shell::Awaited, Some(process)),
                Err(why) => done.failure = Some(Failure::new("INTERNAL", why)),
            }
        }
        if let Some(planned) = planned {
            done.exit_code = self.failing.remove(planned).2;
        }
        if limit.is_some_and(|limit| slept > limit) {
            done.failure = Some(Failure::new("TIMEOUT", "the step took longer than its timeout"));
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

    /// Does all parts at once, and returns for how long they slept.
    fn perform(&mut self, context: &Context<'_>, parts: Vec<Part>, env: &[(String, String)]) -> Duration {
        let mut slept = Duration::ZERO;
        for part in parts {
            let banner = part.banner.map(|text| Line { source: Source::Banner, bytes: text.into_bytes() });
            self.log.extend(banner);
            let Some(script) = part.script else { continue };
            let Performed { lines, exit_code, slept: time, refused } = perform(&script, env);
            slept = slept.saturating_add(time);
            self.log.extend(lines.into_iter().map(|line| context.line(line)));
            if let Some(what) = refused {
                // Masked before it is cut: a part of a secret is secret.
                let what = one_line(&masked(&context.run.values.secrets, what), 80);
                let line = format!(
                    "the emulator does not run {what}: start it with --run-steps, which runs steps in a real shell\n"
                );
                self.log.push(Line { source: Source::Stderr, bytes: line.into_bytes() });
                self.exit_code = exit_code;
                let message =
                    "the script has more than the emulator runs without --run-steps; the log says what";
                self.failure = Some(Failure::new("INTERNAL", message));
                break;
            }
            if exit_code != 0 && !part.continue_on_error {
                self.exit_code = exit_code;
                break;
            }
        }
        slept
    }

    /// Ends its processes, if it has any.
    pub(super) fn stop_process(&mut self, secrets: &[String], now: Moment) {
        if let Some(process) = &mut self.process {
            process.stop();
            self.hear(secrets, now);
            (self.shell, self.process) = (Shell::Ended, None);
        }
    }

    fn hear(&mut self, secrets: &[String], now: Moment) {
        let (lines, ended) = match &self.process {
            Some(process) => process.hear(),
            None => {
                (Vec::new(), Some(Ended::NotRun("the emulator that ran the step was stopped".to_owned())))
            }
        };
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
                self.exit_code = 126;
                Some(Failure::new("INTERNAL", why))
            }
        };
        if let Some(End::At(Some(until))) = self.until {
            self.until = Some(End::At(Some(until.max(now))));
        }
    }
}

/// What expressions speak of.
pub(super) struct Context<'r> {
    pub(super) run: &'r Run,
    pub(super) job: &'r Job,
}

impl Context<'_> {
    /// A part of a step, with its expressions replaced.
    fn part(
        &self,
        banner: Option<String>,
        script: Option<&str>,
        continue_on_error: bool,
        env: &[(String, String)],
    ) -> Part {
        let banner = banner.map(|name| format!("=== {name} ===\n"));
        Part { banner, script: script.map(|script| self.resolve(script, env)), continue_on_error }
    }

    /// The steps of an action.
    fn parts(&self, action: &ActionSource, env: &[(String, String)]) -> Vec<Part> {
        let parts = action.steps.iter().map(|inner| {
            let name = inner.name.clone().unwrap_or_else(|| inner.work.display_name());
            let script = match &inner.work {
                Work::Run(script) => Some(script.as_str()),
                _ => None,
            };
            self.part(Some(name), script, inner.continue_on_error, env)
        });
        parts.collect()
    }

    /// A text with its expressions replaced. What is not known is empty, and secrets are masked.
    pub(super) fn resolve(&self, text: &str, env: &[(String, String)]) -> String {
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

    fn line(&self, (to_stderr, text): (bool, String)) -> Line {
        let source = if to_stderr { Source::Stderr } else { Source::Stdout };
        Line { source, bytes: masked(&self.run.values.secrets, text).into_bytes() }
    }
}

/// A text with every line of what is secret masked.
fn masked(secrets: &[String], text: String) -> String {
    let lines = secrets.iter().flat_map(|secret| secret.lines()).filter(|line| !line.trim().is_empty());
    lines.fold(text, |text, line| if text.contains(line) { text.replace(line, "***") } else { text })
}
