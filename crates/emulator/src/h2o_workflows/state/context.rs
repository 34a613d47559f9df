//! What the expressions of a step speak of.

use crate::h2o_workflows::script::Part;
use crate::h2o_workflows::source::{ActionSource, CallInput, InputType, Piece, Work, pieces};
use crate::text::one_line;

use super::logs::{Line, Source};
use super::run::{Job, Run};
use super::values::Values;

/// The values that a text can have in it, and the secrets that its log does not show.
pub(super) struct Context<'r> {
    inputs: &'r [(String, String)],
    matrix: &'r [(String, String)],
    /// Whether `.secrets.NAME` is `***`. The emulator has no secrets: a shell must not run another text instead.
    shows_secrets: bool,
    secrets: &'r [String],
}

impl<'r> Context<'r> {
    pub(super) fn of(run: &'r Run, job: &'r Job, shows_secrets: bool) -> Self {
        Self { inputs: &run.values.texts, matrix: &job.matrix, shows_secrets, secrets: &run.values.secrets }
    }

    /// The steps of an action. An error says why it cannot be run as it is: then none of them is.
    pub(super) fn parts(
        &self,
        action: &ActionSource,
        with: &[(String, CallInput)],
        env: &[(String, String)],
    ) -> Result<Vec<Part>, String> {
        let mut given = Vec::new();
        for (name, value) in with {
            let input = action.inputs.iter().find(|input| input.parameter == *name);
            let value = match value {
                CallInput::Text(text) => {
                    let value = self.resolve(text, env)?;
                    // An expression is a text, whatever it speaks of.
                    let input = input.filter(|_| text.contains("${{"));
                    match input.map(|input| input.input_type) {
                        Some(InputType::Int) => value.parse().map_or(CallInput::Text(value), CallInput::Int),
                        Some(InputType::Bool) => {
                            value.parse().map_or(CallInput::Text(value), CallInput::Bool)
                        }
                        _ => CallInput::Text(value),
                    }
                }
                other => other.clone(),
            };
            given.push((name.clone(), value));
        }
        let values = Values::of_call(&action.inputs, given).map_err(|refusal| refusal.message)?;
        // An action knows nothing of the job that uses it but what it is given, and its environment.
        let inner =
            Context { inputs: &values.texts, matrix: &[], shows_secrets: false, secrets: self.secrets };
        let parts = action.steps.iter().map(|step| {
            let name = step.name.clone().unwrap_or_else(|| step.work.display_name());
            let Work::Run(script) = &step.work else {
                let name = one_line(&name, 60);
                return Err(format!("the emulator runs only scripts in actions, and not the step {name}"));
            };
            let env = inner.env(env, &[&step.env])?;
            Ok(Part {
                banner: Some(format!("=== {name} ===\n")),
                script: inner.resolve(script, &env)?,
                env,
                limit: step.timeout,
                continue_on_error: step.continue_on_error,
            })
        });
        parts.collect()
    }

    /// A text with its expressions replaced. An error names one that has no value: a script with nothing in its place would
    /// do something else.
    pub(super) fn resolve(&self, text: &str, env: &[(String, String)]) -> Result<String, String> {
        let value_in = |list: &[(String, String)], name: &str| {
            list.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.clone())
        };
        let mut resolved = String::new();
        for piece in pieces(text)? {
            let reference = match piece {
                Piece::Text(text) => {
                    resolved.push_str(text);
                    continue;
                }
                Piece::Expression(reference) => reference,
            };
            let value = match reference.as_slice() {
                ["inputs", name] => value_in(self.inputs, name),
                ["matrix", name] => value_in(self.matrix, name),
                ["env", name] => value_in(env, name),
                ["secrets", _] => self.shows_secrets.then(|| "***".to_owned()),
                _ => None,
            };
            let missing = || {
                let name = one_line(&reference.join("."), 60);
                format!("the emulator has no value for ${{{{ .{name} }}}}")
            };
            resolved.push_str(&value.ok_or_else(missing)?);
        }
        Ok(resolved)
    }

    /// An environment with more levels, from the widest to the narrowest; a later one counts.
    pub(super) fn env(
        &self,
        outer: &[(String, String)],
        levels: &[&Vec<(String, String)>],
    ) -> Result<Vec<(String, String)>, String> {
        let mut env = outer.to_vec();
        for (name, value) in levels.iter().flat_map(|level| level.iter()) {
            env.push((name.clone(), self.resolve(value, &env)?));
        }
        Ok(env)
    }

    pub(super) fn line(&self, (to_stderr, text): (bool, String)) -> Line {
        let source = if to_stderr { Source::Stderr } else { Source::Stdout };
        Line { source, bytes: self.masked(text).into_bytes() }
    }

    pub(super) fn masked(&self, text: String) -> String {
        masked(self.secrets, text)
    }
}

/// A text with every line of what is secret masked.
pub(super) fn masked(secrets: &[String], text: String) -> String {
    let lines = secrets.iter().flat_map(|secret| secret.lines()).filter(|line| !line.trim().is_empty());
    lines.fold(text, |text, line| if text.contains(line) { text.replace(line, "***") } else { text })
}
