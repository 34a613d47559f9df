//! Plans: which service they are for, their faults, and their batch.

use std::collections::HashMap;
use std::path::Path;

use controlplane::hotdata::UploadAndLoadFile;
use controlplane::plan::{self, Fault, Place};
use controlplane::{Error, PlanCommand, eloq, h2o_workflows, hotdata, onehouse};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::Schema;
use crate::failure::{Failure, Result};
use crate::input::is_stdin;

use super::files;
use super::service::Service;

/// A plan whose commands can be sent as they are.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

/// A step of a plan.
pub(super) struct Step {
    pub(super) key: String,
    pub(super) after: Vec<String>,
    pub(super) command: PlanCommand,
    place: Place,
}

impl Step {
    /// The file that the step uploads, if it uploads one.
    pub(super) fn upload(&self) -> Option<&UploadAndLoadFile> {
        match &self.command {
            PlanCommand::Hotdata(hotdata::PlanCommand::UploadAndLoad(file)) => Some(file),
            _ => None,
        }
    }

    /// The fault of a step whose file cannot be uploaded.
    fn file_fault(&self) -> Option<Fault> {
        files::fault(&self.upload()?.path).map(|message| Fault::new(self.place, message))
    }
}

/// The names of services in a plan of several: `{"eloq": {"cluster_create": {…}}}`.
const NAMES: [&str; 4] = ["eloq", "h2o_workflows", "hotdata", "onehouse"];

impl Plan {
    /// Reads a plan: of one service, or of several whose commands name their service. The failure has all of
    /// its faults, with their lines and columns. The files that it uploads are looked at by
    /// [`Plan::check_files`].
    pub(super) fn read(path: &Path, text: &str, service: Option<Service>) -> Result<Self> {
        let commands = commands(text);
        let services = services(&commands);
        let names_services = NAMES.iter().any(|name| commands.contains_key(*name));
        let one = service.or(services.first().copied()).unwrap_or(Service::Onehouse);
        let read = match one {
            _ if names_services && service.is_none() => checked::<PlanCommand>(text),
            Service::Onehouse => checked::<onehouse::AnyCommand>(text),
            Service::Eloq => checked::<eloq::AnyCommand>(text),
            Service::H2o => checked::<h2o_workflows::AnyCommand>(text),
            Service::Hotdata => checked::<hotdata::PlanCommand>(text),
        };
        let steps = read.map_err(|faults| refused(path, &faults, one, &services, names_services))?;
        Ok(Self { steps })
    }

    /// Refuses a plan whose steps upload files that cannot be read. `is_left`: the step with this key is to
    /// be done.
    pub(super) fn check_files(&self, path: &Path, is_left: impl Fn(&str) -> bool) -> Result {
        let left = self.steps.iter().filter(|step| is_left(&step.key));
        let faults: Vec<Fault> = left.filter_map(Step::file_fault).collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(faulty(path, &faults)).hint("Nothing was sent."))
    }

    /// Returns the services of its commands.
    pub(super) fn services(&self) -> Vec<Service> {
        let mut services: Vec<Service> = Vec::new();
        for step in &self.steps {
            let service = match step.command {
                PlanCommand::Onehouse(_) => Service::Onehouse,
                PlanCommand::Eloq(_) => Service::Eloq,
                PlanCommand::H2oWorkflows(_) => Service::H2o,
                PlanCommand::Hotdata(_) => Service::Hotdata,
                _ => continue,
            };
            if !services.contains(&service) {
                services.push(service);
            }
        }
        services
    }
}

/// Reads the steps, with the faults that only a request can have: a name with a character that no name has.
fn checked<C: DeserializeOwned + Into<PlanCommand>>(
    text: &str,
) -> std::result::Result<Vec<Step>, Vec<Fault>> {
    let (mut steps, mut faults) = (Vec::new(), Vec::new());
    for step in plan::read::<C>(text).map_err(|faults| faults.to_vec())? {
        let command = step.command.into();
        if let Some(error) = fault(&command) {
            faults.push(Fault::new(step.place, error.to_string().lines().next().unwrap_or_default()));
        }
        steps.push(Step { key: step.key, after: step.after, command, place: step.place });
    }
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

/// Why a command cannot be sent as it is.
fn fault(command: &PlanCommand) -> Option<Error> {
    match command {
        PlanCommand::Onehouse(command) => onehouse::Command::to_sql(command).err(),
        PlanCommand::Eloq(command) => eloq::Command::to_request(command).err(),
        PlanCommand::H2oWorkflows(command) => h2o_workflows::Command::to_request(command).err(),
        PlanCommand::Hotdata(command) => command.to_request().err(),
        _ => None,
    }
}

/// Counts the names of the commands. A text that is no plan has none.
fn commands(text: &str) -> HashMap<String, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut commands = HashMap::new();
    let Ok(Value::Array(steps)) = serde_json::from_str::<Value>(text) else { return commands };
    for name in steps.iter().filter_map(|step| step["command"].as_object()?.keys().next()) {
        *commands.entry(name.clone()).or_default() += 1;
    }
    commands
}

/// The services that have these commands, the one with most of them first.
fn services(commands: &HashMap<String, usize>) -> Vec<Service> {
    let mut counts: Vec<(usize, Service)> = Service::ALL
        .into_iter()
        .filter_map(|service| {
            let schema = Schema::read(service.name(), service.schema()).ok()?;
            // What a plan may have besides the commands of one request.
            let more = (service == Service::Hotdata).then_some(UploadAndLoadFile::NAME);
            let count = schema.names().chain(more).filter_map(|name| commands.get(name)).sum();
            (count > 0).then_some((count, service))
        })
        .collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(_, service)| service).collect()
}

/// The failure of a plan that cannot be used: its faults, one a line.
fn refused(
    path: &Path,
    faults: &[Fault],
    one: Service,
    services: &[Service],
    names_services: bool,
) -> Failure {
    let failure = Failure::usage(faulty(path, faults));
    failure.hint(if names_services || services.len() > 1 {
        "Nothing was sent. In a plan of several services each command names its service: {\"eloq\": {\"cluster_create\": \
         {…}}}. The names are eloq, h2o_workflows, hotdata and onehouse."
            .to_owned()
    } else {
        let more = match one {
            Service::Hotdata => " `controlplane apply --help` has the fields of `upload_and_load`.",
            _ => "",
        };
        format!(
            "Nothing was sent. `controlplane {0} call --list` lists the commands, `controlplane {0} call NAME --fields` \
             the fields of one.{more}",
            one.name()
        )
    })
}

/// The faults of a plan, one a line.
fn faulty(path: &Path, faults: &[Fault]) -> String {
    let path = if is_stdin(path) { "standard input".into() } else { path.to_string_lossy() };
    let lines: Vec<String> = faults.iter().map(|fault| format!("{path}:{fault}")).collect();
    format!("the plan cannot be used:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn the_service_is_the_one_whose_commands_the_plan_has() {
        let plan = r#"[{"key": "a", "command": {"cluster_create": {"cluster_name": "c"}}},
            {"key": "b", "command": {"clusters": {}}}, {"key": "c", "command": {"show_lakes": {}}}]"#;
        assert_eq!(services(&commands(plan)), [Service::Eloq, Service::Onehouse]);
        for text in ["", "{}", "[1, null, {}]", r#"[{"key": "a", "command": "x"}]"#] {
            assert!(services(&commands(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn commands_of_several_services_name_their_service() {
        let text = r#"[{"key": "a", "command": {"eloq": {"cluster": {"cluster_name": "c"}}}},
            {"key": "b", "command": {"onehouse": {"show_lakes": {}}}, "after": ["a"]}]"#;
        let Ok(plan) = Plan::read(Path::new("p"), text, None) else { panic!("it has no fault") };
        assert_eq!(plan.services(), [Service::Eloq, Service::Onehouse]);
        for text in [
            text.replace("cluster_name", "nme"),
            r#"[{"key": "a", "command": {"info": {}}}, {"key": "b", "command": {"show_lakes": {}}}]"#
                .to_owned(),
        ] {
            let Err(failure) = Plan::read(Path::new("p"), &text, None) else { panic!("it has a fault") };
            assert!(failure.to_string().contains("each command names its service"), "{failure}");
        }
    }

    #[test]
    fn all_faults_are_there_with_line_and_column() {
        let text = "[\n {\"key\": \"a\", \"command\": {\"cluster\": {\"name\": \"c\"}}},\n {\"key\": \"a\", \"command\": {\"info\": {}}, \"after\": [\"z\"]}\n]";
        let Err(failure) = Plan::read(Path::new("plan.json"), text, None) else { panic!("it has faults") };
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
        let Err(failure) = Plan::read(Path::new("p"), text, Some(Service::Onehouse)) else {
            panic!("it has a fault")
        };
        assert!(failure.to_string().contains("p:1:"), "{failure}");
    }
}
