//! The jobs of a workflow, and the steps of jobs and actions.

use std::collections::HashSet;
use std::time::Duration;

use super::check::{Checker, Fields, Severity};
use super::text::{self, Piece};
use super::yaml::{Data, Node, Place};
use super::{CallInput, Input, JobSource, StepSource, Work};

/// The most jobs of a workflow.
const MAX_JOBS: usize = 1000;
/// The most instances of a matrix.
const MAX_INSTANCES: usize = 256;

const JOB: [&str; 9] =
    ["name", "runner", "depends_on", "matrix", "env", "working_dir", "timeout", "steps", "workflow"];
const STEP: [&str; 11] = [
    "name",
    "id",
    "run",
    "upload",
    "download",
    "uses",
    "with",
    "env",
    "working_dir",
    "timeout",
    "continue_on_error",
];

/// What expressions can speak of.
pub(super) struct Names<'w> {
    pub(super) inputs: &'w [Input],
    pub(super) secrets: &'w [String],
}

pub(super) fn read(checker: &mut Checker, fields: &Fields<'_>, names: &Names<'_>) -> Vec<JobSource> {
    let entries = checker.entries(fields, "jobs");
    if entries.is_empty() && matches!(fields.get("jobs").map(|node| &node.data), Some(Data::Map(_))) {
        checker.error(fields.place, "jobs", "a workflow needs at least one job");
    }
    let mut jobs = Vec::new();
    let mut places = Vec::new();
    if entries.len() > MAX_JOBS {
        checker.error(fields.place, "jobs", format!("there are more than {MAX_JOBS} jobs"));
        return jobs;
    }
    for (id, place, node) in entries {
        let path = format!("jobs.{id}");
        if id.is_empty() || id.contains(['/', '[', ']']) || id.chars().any(char::is_control) {
            checker.error(
                place,
                &path,
                "the id of a job cannot be empty or contain `/`, `[`, `]` or a control character",
            );
        }
        if let Some(job) = job(checker, node, &path, id, names) {
            jobs.push(job);
            places.push(place);
        }
    }
    for (job, place) in jobs.iter().zip(&places) {
        let path = format!("jobs.{}.depends_on", job.id);
        for other in &job.depends_on {
            if !jobs.iter().any(|job| job.id == *other) {
                checker.error(*place, &path, format!("there is no job {}", crate::text::one_line(other, 60)));
            }
        }
    }
    if let Some(stuck) = stuck(&jobs) {
        let path = format!("jobs.{}.depends_on", jobs[stuck].id);
        let message =
            "the job can never start: it depends on itself, directly or through other jobs, or on such a job";
        checker.error(places[stuck], &path, message);
    }
    jobs
}

/// The first job that can never start, because it waits for itself.
fn stuck(jobs: &[JobSource]) -> Option<usize> {
    let mut left: HashSet<&str> = jobs.iter().map(|job| job.id.as_str()).collect();
    loop {
        let before = left.len();
        for job in jobs {
            if !job.depends_on.iter().any(|other| left.contains(other.as_str())) {
                left.remove(job.id.as_str());
            }
        }
        if left.len() == before {
            return jobs.iter().position(|job| left.contains(job.id.as_str()));
        }
    }
}

fn job(checker: &mut Checker, node: &Node, path: &str, id: &str, names: &Names<'_>) -> Option<JobSource> {
    let fields = checker.fields(node, path, &JOB, Severity::Error)?;
    let mut job = JobSource {
        id: id.to_owned(),
        name: checker.text(&fields, "name"),
        runner: checker.text(&fields, "runner"),
        env: checker.texts(&fields, "env"),
        timeout: timeout(checker, &fields),
        matrix: matrix(checker, &fields),
        working_dir: checker.text(&fields, "working_dir"),
        ..JobSource::default()
    };
    for (place, node) in checker.list(&fields, "depends_on").unwrap_or_default().iter().enumerate() {
        let text = checker.text_of(node, &format!("{}[{place}]", fields.path_of("depends_on")));
        job.depends_on.extend(text);
    }
    match (fields.get("steps"), fields.get("workflow")) {
        (Some(_), None) => job.steps = steps(checker, &fields, Severity::Error),
        (None, Some(node)) => job.call = call(checker, node, &fields.path_of("workflow")),
        (None, None) => {
            checker.error(node.place, &fields.path_of("steps"), "field steps is required, or field workflow");
        }
        (Some(_), Some(_)) => {
            checker.error(node.place, path, "a job cannot have both steps and workflow");
        }
    }
    let mut allowed = Allowed { names, matrix: &job.matrix, steps: Vec::new() };
    allowed.check_texts(checker, node.place, &fields.path_of("env"), &job.env);
    for (place, step) in job.steps.iter().enumerate() {
        let path = format!("{path}.steps[{place}]");
        let texts: Vec<&String> = match &step.work {
            Work::Run(script) => vec![script],
            Work::Upload { path, destination } => vec![path, destination],
            Work::Download { source, path } => vec![source, path],
            Work::Uses { with, .. } => with.iter().filter_map(|(_, value)| value.text()).collect(),
        };
        let place = fields.get("steps").and_then(|steps| match &steps.data {
            Data::List(list) => list.get(place).map(|step| step.place),
            _ => None,
        });
        let place = place.unwrap_or(node.place);
        texts.iter().for_each(|text| allowed.check(checker, place, &path, text));
        allowed.check_texts(checker, place, &format!("{path}.env"), &step.env);
        allowed.steps.push(&step.id);
    }
    Some(job)
}

/// What the expressions of a job may speak of.
struct Allowed<'j> {
    names: &'j Names<'j>,
    matrix: &'j [(String, Vec<String>)],
    /// The steps before.
    steps: Vec<&'j str>,
}

impl Allowed<'_> {
    fn check_texts(&self, checker: &mut Checker, place: Place, path: &str, texts: &[(String, String)]) {
        texts.iter().for_each(|(name, text)| self.check(checker, place, &format!("{path}.{name}"), text));
    }

    fn check(&self, checker: &mut Checker, place: Place, path: &str, text: &str) {
        let pieces = match text::pieces(text) {
            Ok(pieces) => pieces,
            Err(why) => return checker.error(place, path, why),
        };
        for piece in pieces {
            let Piece::Expression(reference) = piece else { continue };
            let is_known = match reference.as_slice() {
                ["inputs", name] => self.names.inputs.iter().any(|input| input.parameter == *name),
                ["secrets", name] => self.names.secrets.iter().any(|secret| secret == name),
                ["matrix", name] => self.matrix.iter().any(|(key, _)| key == name),
                ["steps", id, ..] => self.steps.contains(id),
                // What the sandbox sets is not known here.
                _ => true,
            };
            if !is_known {
                checker.error(
                    place,
                    path,
                    format!("the expression .{} has no value here", reference.join(".")),
                );
            }
        }
    }
}

fn timeout(checker: &mut Checker, fields: &Fields<'_>) -> Option<Duration> {
    let text = checker.text(fields, "timeout")?;
    let time = text::duration(&text);
    if time.is_none() {
        let place = fields.get("timeout").map_or(fields.place, |node| node.place);
        checker.error(place, &fields.path_of("timeout"), "this is not a duration like 1h30m");
    }
    time
}

fn matrix(checker: &mut Checker, fields: &Fields<'_>) -> Vec<(String, Vec<String>)> {
    let path = fields.path_of("matrix");
    let mut matrix = Vec::new();
    let mut instances: usize = 1;
    for (key, place, node) in checker.entries(fields, "matrix") {
        let path = format!("{path}.{key}");
        let Data::List(items) = &node.data else {
            checker.error(node.place, &path, format!("expected a list of strings, found {}", node.is_a()));
            continue;
        };
        if items.is_empty() || key.is_empty() || key.contains('/') {
            checker.error(
                place,
                &path,
                "a key of a matrix needs a name without a slash, and at least one value",
            );
            continue;
        }
        let values: Vec<String> = items.iter().filter_map(|item| checker.text_of(item, &path)).collect();
        if values.iter().any(|value| value.contains('/')) {
            checker.error(place, &path, "a value of a matrix cannot contain a slash");
        }
        instances = instances.saturating_mul(items.len());
        matrix.push((key.to_owned(), values));
    }
    if instances > MAX_INSTANCES {
        checker.error(fields.place, &path, format!("the matrix has more than {MAX_INSTANCES} instances"));
    }
    matrix.sort();
    matrix
}

fn call(checker: &mut Checker, node: &Node, path: &str) -> Option<(String, Vec<(String, CallInput)>)> {
    let fields = checker.fields(node, path, &["name", "inputs"], Severity::Error)?;
    checker.needed(&fields, "name");
    let name = checker.text(&fields, "name")?;
    let parts: Vec<&str> = name.split('/').collect();
    let is_good = match parts.as_slice() {
        [id] => !id.is_empty(),
        ["", "workspaces", w, "workflows", f] => !w.is_empty() && !f.is_empty(),
        _ => false,
    };
    if !is_good {
        checker.error(
            node.place,
            &fields.path_of("name"),
            "this is neither an id nor /workspaces/…/workflows/…",
        );
    }
    Some((name, values(checker, &fields, "inputs")))
}

/// A map from inputs to their values.
fn values(checker: &mut Checker, fields: &Fields<'_>, key: &str) -> Vec<(String, CallInput)> {
    let mut inputs = Vec::new();
    for (name, _, node) in checker.entries(fields, key) {
        let value = match &node.data {
            Data::Text(text) => CallInput::Text(text.clone()),
            Data::Bool(flag) => CallInput::Bool(*flag),
            Data::Int(number) => CallInput::Int(*number),
            _ => {
                let message =
                    format!("expected a string, a boolean or a whole number, found {}", node.is_a());
                checker.error(node.place, &format!("{}.{name}", fields.path_of(key)), message);
                continue;
            }
        };
        inputs.push((name.to_owned(), value));
    }
    inputs
}

/// The field `steps`.
pub(super) fn steps(checker: &mut Checker, fields: &Fields<'_>, unknown: Severity) -> Vec<StepSource> {
    let path = fields.path_of("steps");
    let Some(items) = checker.list(fields, "steps") else { return Vec::new() };
    if items.is_empty() {
        checker.error(fields.place, &path, "at least one step is required");
    }
    let mut steps: Vec<StepSource> = Vec::new();
    for (place, node) in items.iter().enumerate() {
        let path = format!("{path}[{place}]");
        let Some(step) = step(checker, node, &path, unknown) else { continue };
        if !step.id.is_empty() && steps.iter().any(|other| other.id == step.id) {
            checker.error(node.place, &format!("{path}.id"), "another step has this id");
        }
        steps.push(step);
    }
    steps
}

fn step(checker: &mut Checker, node: &Node, path: &str, unknown: Severity) -> Option<StepSource> {
    let fields = checker.fields(node, path, &STEP, unknown)?;
    let works: Vec<&str> =
        ["run", "upload", "download", "uses"].into_iter().filter(|key| fields.get(key).is_some()).collect();
    let [work] = works.as_slice() else {
        checker.error(node.place, path, "a step needs exactly one of run, upload, download and uses");
        return None;
    };
    let two = |checker: &mut Checker, first: &str, second: &str| {
        let part = checker.fields(fields.get(work)?, &fields.path_of(work), &[first, second], unknown)?;
        let both = checker.needed(&part, first) & checker.needed(&part, second);
        let both = both.then_some((checker.text(&part, first), checker.text(&part, second)))?;
        both.0.zip(both.1)
    };
    let work = match *work {
        "run" => Some(Work::Run(checker.text(&fields, "run")?)),
        "uses" => {
            let with = values(checker, &fields, "with");
            Some(Work::Uses { action: checker.text(&fields, "uses")?, with })
        }
        "upload" => {
            two(checker, "path", "destination").map(|(path, destination)| Work::Upload { path, destination })
        }
        _ => two(checker, "source", "path").map(|(source, path)| Work::Download { source, path }),
    };
    if let (Some(node), false) = (fields.get("with"), *works == ["uses"]) {
        let message = "only a step with uses can have with";
        checker.error(node.place, &fields.path_of("with"), message);
    }
    Some(StepSource {
        name: checker.text(&fields, "name"),
        id: checker.text(&fields, "id").unwrap_or_default(),
        work: work?,
        working_dir: checker.text(&fields, "working_dir"),
        env: checker.texts(&fields, "env"),
        timeout: timeout(checker, &fields),
        continue_on_error: checker.flag(&fields, "continue_on_error", false),
    })
}
