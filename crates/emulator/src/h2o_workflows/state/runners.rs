//! Runners.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::h2o_workflows::refusal::{Code, Refusal};
use crate::moment::Moment;

use super::{CREATOR, State, room};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Runner {
    pub(super) workspace: String,
    pub(super) id: String,
    wanted: RunnerFields,
    created: Moment,
    updated: Option<Moment>,
}

/// What can be chosen about a runner; `None`: nothing is said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RunnerFields {
    pub(in super::super) display_name: Option<String>,
    pub(in super::super) aliases: Option<Vec<String>>,
    pub(in super::super) image: Option<String>,
    pub(in super::super) template: Option<String>,
}

impl Runner {
    pub(super) fn name(&self) -> String {
        format!("workspaces/{}/runners/{}", self.workspace, self.id)
    }

    /// Whether a workflow means it: by its id, an alias, or its name.
    pub(super) fn is_called(&self, text: &str) -> bool {
        let aliases = self.wanted.aliases.as_deref().unwrap_or_default();
        self.id == text || aliases.iter().any(|alias| alias == text) || self.name() == text
    }
}

fn is_alias(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl State {
    fn runner_at(&self, ids: &[String]) -> Result<usize, Refusal> {
        let [workspace, id] = ids else { return Err(Refusal::missing("the runner")) };
        let place = self.runners.iter().position(|one| one.workspace == *workspace && one.id == *id);
        place.ok_or_else(|| Refusal::missing(&format!("workspaces/{workspace}/runners/{id}")))
    }

    /// Aliases are unique in a workspace. `except`: a runner that may have them already.
    fn check_aliases(
        &self,
        workspace: &str,
        aliases: &[String],
        except: Option<usize>,
    ) -> Result<(), Refusal> {
        for (place, alias) in aliases.iter().enumerate() {
            let shown = crate::text::one_line(alias, 70);
            if !is_alias(alias) {
                return Err(Refusal::argument(format!(
                    "alias {shown} does not match [a-z][a-z0-9-]{{0,62}}"
                )));
            }
            if aliases[..place].contains(alias) {
                return Err(Refusal::argument(format!("alias {shown} is given twice")));
            }
            let others = self.runners.iter().enumerate().filter(|(at, _)| Some(*at) != except);
            let mut others = others.filter(|(_, one)| one.workspace == workspace);
            if others.any(|(_, one)| one.wanted.aliases.iter().flatten().any(|other| other == alias)) {
                return Err(Refusal::new(Code::AlreadyExists, format!("alias {shown} is taken")));
            }
        }
        Ok(())
    }

    pub(in super::super) fn create_runner(
        &mut self,
        workspace: &str,
        id: &str,
        wanted: RunnerFields,
        now: Moment,
    ) -> Result<(String, Value), Refusal> {
        if id.is_empty() || id.contains('/') || id.chars().any(char::is_control) {
            return Err(Refusal::argument(
                "runnerId cannot be empty or contain a slash or a control character",
            ));
        }
        required(&wanted)?;
        if self.runner_at(&[workspace.to_owned(), id.to_owned()]).is_ok() {
            return Err(Refusal::new(
                Code::AlreadyExists,
                format!("runner {} already exists", crate::text::one_line(id, 70)),
            ));
        }
        self.check_aliases(workspace, wanted.aliases.as_deref().unwrap_or_default(), None)?;
        room(&self.runners, "runners")?;
        let runner = Runner {
            workspace: workspace.to_owned(),
            id: id.to_owned(),
            wanted,
            created: now,
            updated: None,
        };
        let made = (runner.name(), self.show_runner(&runner));
        self.runners.push(runner);
        Ok(made)
    }

    pub(in super::super) fn get_runner(&self, ids: &[String]) -> Result<Value, Refusal> {
        Ok(self.show_runner(&self.runners[self.runner_at(ids)?]))
    }

    /// All of a workspace, in the order in which they were made.
    pub(in super::super) fn list_runners(&self, workspace: &str) -> Vec<Value> {
        let here = self.runners.iter().filter(|one| one.workspace == workspace);
        here.map(|runner| self.show_runner(runner)).collect()
    }

    /// Takes over the fields that are given.
    pub(in super::super) fn update_runner(
        &mut self,
        ids: &[String],
        given: RunnerFields,
        now: Moment,
    ) -> Result<Value, Refusal> {
        let at = self.runner_at(ids)?;
        let old = self.runners[at].wanted.clone();
        let wanted = RunnerFields {
            display_name: given.display_name.or(old.display_name),
            aliases: given.aliases.or(old.aliases),
            image: given.image.or(old.image),
            template: given.template.or(old.template),
        };
        required(&wanted)?;
        self.check_aliases(&ids[0], wanted.aliases.as_deref().unwrap_or_default(), Some(at))?;
        self.runners[at].wanted = wanted;
        self.runners[at].updated = Some(now);
        Ok(self.show_runner(&self.runners[at]))
    }

    pub(in super::super) fn delete_runner(&mut self, ids: &[String]) -> Result<(), Refusal> {
        let at = self.runner_at(ids)?;
        self.runners.remove(at);
        Ok(())
    }

    fn show_runner(&self, runner: &Runner) -> Value {
        json!({
            "name": runner.name(),
            "displayName": runner.wanted.display_name.as_deref().unwrap_or_default(),
            "aliases": runner.wanted.aliases.as_deref().unwrap_or_default(),
            "sandboxEngineImage": runner.wanted.image.as_deref().unwrap_or_default(),
            "sandboxEngineTemplate": runner.wanted.template.as_deref().unwrap_or_default(),
            "createTime": self.time(Some(runner.created)),
            "creator": CREATOR,
            "updateTime": self.time(runner.updated),
            "updater": runner.updated.map(|_| CREATOR),
        })
    }
}

fn required(wanted: &RunnerFields) -> Result<(), Refusal> {
    for (name, text) in [("sandboxEngineImage", &wanted.image), ("sandboxEngineTemplate", &wanted.template)] {
        if text.as_deref().is_none_or(str::is_empty) {
            return Err(Refusal::argument(format!("{name} is required")));
        }
    }
    Ok(())
}
