//! Plans: which service they are for, their faults, and their batch.

use std::collections::HashMap;
use std::time::Duration;

use controlplane::plan::{self, Fault, Step};
use controlplane::{Error, eloq, h2o_workflows, hotdata, onehouse};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::call::Schema;
use crate::failure::{Failure, Result};

use super::batches::{self, Runs};
use super::service::Service;

/// A plan whose commands can be sent as they are.
pub(super) struct Plan {
    pub(super) service: Service,
    steps: Steps,
}

enum Steps {
    Onehouse(Vec<Step<onehouse::AnyCommand>>),
    Eloq(Vec<Step<eloq::AnyCommand>>),
    H2o(Vec<Step<h2o_workflows::AnyCommand>>),
    Hotdata(Vec<Step<hotdata::AnyCommand>>),
}

impl Plan {
    /// Reads a plan. The failure has all of its faults, with their lines and columns.
    pub(super) fn read(path: &str, text: &str, service: Option<Service>) -> Result<Self> {
        let services = services(text);
        let service = service.or(services.first().copied()).unwrap_or(Service::Onehouse);
        let refuse = |faults: &[Fault]| refused(path, faults, service, &services);
        let steps = match service {
            Service::Onehouse => {
                use onehouse::Command;
                checked(text, |command: &onehouse::AnyCommand| command.to_sql().err()).map(Steps::Onehouse)
            }
            Service::Eloq => {
                use eloq::Command;
                checked(text, |command: &eloq::AnyCommand| command.to_request().err()).map(Steps::Eloq)
            }
            Service::H2o => {
                use h2o_workflows::Command;
                checked(text, |command: &h2o_workflows::AnyCommand| command.to_request().err())
                    .map(Steps::H2o)
            }
            Service::Hotdata => {
                use hotdata::Command;
                checked(text, |command: &hotdata::AnyCommand| command.to_request().err()).map(Steps::Hotdata)
            }
        };
        Ok(Self { service, steps: steps.map_err(|faults| refuse(&faults))? })
    }

    /// Returns the batch of the plan; offline it needs no credentials and cannot be sent.
    pub(super) fn batch(&self, app: &App, is_offline: bool, poll: Option<Duration>) -> Result<Box<dyn Runs>> {
        let waits = !app.globals.no_wait;
        Ok(match &self.steps {
            Steps::Onehouse(steps) => batches::onehouse(app, is_offline, poll, steps)?,
            Steps::Eloq(steps) => batches::eloq(app, is_offline, poll, waits, steps)?,
            Steps::H2o(steps) => batches::h2o(app, is_offline, poll, waits, steps)?,
            Steps::Hotdata(steps) => batches::hotdata(app, is_offline, poll, waits, steps)?,
        })
    }
}

/// Reads the steps, with the faults that only a request can have: a name with a character that no name has.
fn checked<C: DeserializeOwned>(
    text: &str,
    fault: impl Fn(&C) -> Option<Error>,
) -> std::result::Result<Vec<Step<C>>, Vec<Fault>> {
    let steps = plan::read::<C>(text).map_err(|faults| faults.to_vec())?;
    let faults: Vec<Fault> = steps
        .iter()
        .filter_map(|step| {
            let error = fault(&step.command)?.to_string();
            Some(Fault::new(step.place, error.lines().next().unwrap_or_default()))
        })
        .collect();
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

/// The services that the commands of a text are of, the one with most of them first. Of a text that is no plan
/// there are none.
fn services(text: &str) -> Vec<Service> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(Value::Array(steps)) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut commands: HashMap<&str, usize> = HashMap::new();
    for name in steps.iter().filter_map(|step| step["command"].as_object()?.keys().next()) {
        *commands.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(usize, Service)> = Service::ALL
        .into_iter()
        .filter_map(|service| {
            let schema = Schema::read(service.name(), service.schema()).ok()?;
            let count = schema.names().filter_map(|name| commands.get(name)).sum();
            (count > 0).then_some((count, service))
        })
        .collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(_, service)| service).collect()
}

/// The failure of a plan that cannot be used: its faults, one a line.
fn refused(path: &str, faults: &[Fault], service: Service, services: &[Service]) -> Failure {
    let path = if path == "-" { "standard input" } else { path };
    let lines: Vec<String> = faults.iter().map(|fault| format!("{path}:{fault}")).collect();
    let message = format!("the plan cannot be used:\n{}", lines.join("\n"));
    let hint = if services.len() > 1 {
        let names: Vec<&str> = services.iter().map(|service| service.name()).collect();
        format!(
            "Nothing was sent. The plan has commands of {}; it was read as one of {}. A plan is for one service: make one \
             for each.",
            names.join(" and "),
            service.name()
        )
    } else {
        format!(
            "Nothing was sent. `controlplane {0} call --list` lists the commands, `controlplane {0} call NAME --fields` \
             the fields of one.",
            service.name()
        )
    };
    Failure::usage(message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn the_service_is_the_one_whose_commands_the_plan_has() {
        let plan = r#"[{"key": "a", "command": {"cluster_create": {"cluster_name": "c"}}},
            {"key": "b", "command": {"clusters": {}}}, {"key": "c", "command": {"show_lakes": {}}}]"#;
        assert_eq!(services(plan), [Service::Eloq, Service::Onehouse]);
        for text in ["", "{}", "[1, null, {}]", r#"[{"key": "a", "command": "x"}]"#] {
            assert_eq!(services(text), [], "{text}");
        }
    }

    #[test]
    fn all_faults_are_there_with_line_and_column() {
        let text = "[\n {\"key\": \"a\", \"command\": {\"cluster\": {\"name\": \"c\"}}},\n {\"key\": \"a\", \"command\": {\"info\": {}}, \"after\": [\"z\"]}\n]";
        let Err(failure) = Plan::read("plan.json", text, None) else { panic!("it has faults") };
        assert_eq!(failure.exit(), Exit::Usage);
        let shown = failure.to_string();
        for part in [
            "plan.json:2:",
            "unknown field `name`",
            "missing field `cluster_name`",
            "plan.json:3:",
            "unknown step `z`",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn what_only_a_request_can_refuse_is_a_fault_too() {
        let text = "[{\"key\": \"a\", \"command\": {\"describe_cluster\": {\"name\": \"a b\\u0000\"}}}]";
        let Err(failure) = Plan::read("p", text, Some(Service::Onehouse)) else { panic!("it has a fault") };
        assert!(failure.to_string().contains("p:1:"), "{failure}");
    }
}
