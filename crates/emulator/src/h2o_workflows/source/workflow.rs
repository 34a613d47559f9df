//! The source of a workflow.

use super::check::{Checker, Fields, Problem, Severity};
use super::yaml::{self, Node};
use super::{WorkflowSource, inputs, jobs, text};

const KNOWN: [&str; 9] =
    ["id", "name", "inputs", "concurrency", "trigger", "env", "secrets", "cancel_on_failure", "jobs"];

/// Reads a source. There is one as long as it is a map; whether it can be used is for the problems to say.
pub(in super::super) fn read_workflow(source: &str) -> (WorkflowSource, Vec<Problem>) {
    let mut checker = Checker::default();
    let mut workflow = WorkflowSource::default();
    match yaml::read(source) {
        Ok(root) => fill(&mut workflow, &mut checker, &root),
        Err(broken) => checker.error(broken.place, "", format!("this is not YAML: {}", broken.why)),
    }
    (workflow, checker.problems)
}

/// The `id`, of workflows and actions alike: it becomes a part of a resource name.
pub(super) fn read_id(checker: &mut Checker, fields: &Fields<'_>) -> String {
    checker.needed(fields, "id");
    let id = checker.text(fields, "id");
    if let Some(id) = &id {
        let (place, path) = (fields.get("id").map_or(fields.place, |node| node.place), fields.path_of("id"));
        if id.is_empty() {
            checker.error(place, &path, "the id cannot be empty");
        } else if id.contains('/') || id.chars().any(char::is_control) {
            checker.error(place, &path, "the id cannot contain a slash or a control character");
        }
    }
    id.unwrap_or_default()
}

fn fill(workflow: &mut WorkflowSource, checker: &mut Checker, root: &Node) {
    let Some(fields) = checker.fields(root, "", &KNOWN, Severity::Error) else { return };
    workflow.id = read_id(checker, &fields);
    workflow.name = checker.text(&fields, "name").unwrap_or_default();
    workflow.inputs = inputs::read(checker, &fields, Severity::Error);
    workflow.env = checker.texts(&fields, "env");
    workflow.cancel_on_failure = checker.flag(&fields, "cancel_on_failure", true);
    if let Some(node) = fields.get("concurrency") {
        let known = ["group", "cancel_in_progress"];
        if let Some(concurrency) = checker.fields(node, "concurrency", &known, Severity::Error) {
            checker.needed(&concurrency, "group");
            workflow.group = checker.text(&concurrency, "group");
            workflow.cancel_in_progress = checker.flag(&concurrency, "cancel_in_progress", false);
        }
    }
    if let Some(node) = fields.get("trigger")
        && let Some(trigger) = checker.fields(node, "trigger", &["schedule", "callable"], Severity::Error)
    {
        workflow.callable = checker.flag(&trigger, "callable", false);
        workflow.has_schedule = schedules(checker, &trigger) > 0;
    }
    let secrets = secrets(checker, &fields);
    if checker.needed(&fields, "jobs") {
        let names = jobs::Names { inputs: &workflow.inputs, secrets: &secrets };
        workflow.jobs = jobs::read(checker, &fields, &names);
    }
}

fn schedules(checker: &mut Checker, trigger: &Fields<'_>) -> usize {
    let mut number = 0;
    for (place, node) in checker.list(trigger, "schedule").unwrap_or_default().iter().enumerate() {
        let path = format!("{}[{place}]", trigger.path_of("schedule"));
        let Some(schedule) = checker.fields(node, &path, &["cron"], Severity::Error) else { continue };
        checker.needed(&schedule, "cron");
        if let Some(cron) = checker.text(&schedule, "cron") {
            if !text::is_cron(&cron) {
                let message =
                    "this is not a schedule of five fields: minute, hour, day, month, day of the week";
                checker.error(node.place, &schedule.path_of("cron"), message);
            }
            number += 1;
        }
    }
    number
}

/// The names that secrets have in expressions.
fn secrets(checker: &mut Checker, fields: &Fields<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for (place, node) in checker.list(fields, "secrets").unwrap_or_default().iter().enumerate() {
        let path = format!("{}[{place}]", fields.path_of("secrets"));
        let Some(secret) = checker.fields(node, &path, &["name", "as"], Severity::Error) else { continue };
        checker.needed(&secret, "name");
        let name = checker.text(&secret, "name");
        if let Some(name) = &name {
            let parts: Vec<&str> = name.split('/').collect();
            let is_good =
                matches!(parts.as_slice(), ["workspaces", w, "secrets", s] if !w.is_empty() && !s.is_empty());
            if !is_good {
                let message = "this is not the name of a secret: workspaces/…/secrets/…";
                checker.error(node.place, &secret.path_of("name"), message);
            }
        }
        checker.needed(&secret, "as");
        names.extend(checker.text(&secret, "as"));
    }
    names
}
