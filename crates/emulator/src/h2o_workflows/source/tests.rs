//! Sources, good and bad.

use super::*;

/// The line, field and message of each error.
fn problems(source: &str) -> Vec<(usize, String, String)> {
    read_workflow(source).1.into_iter().map(|one| (one.place.line, one.path, one.message)).collect()
}

#[test]
fn a_workflow_with_everything() {
    let source = r#"
id: all
name: All of it
inputs:
  a: {type: string, default: x, description: d, secret: true}
  b: {type: bool, required: true}
  c: {type: int, default: 5}
concurrency: {group: "g-${{ .inputs.a }}", cancel_in_progress: true}
trigger:
  callable: true
  schedule: [{cron: "0 3 * * 1-5"}]
env: {LEVEL: "1"}
secrets:
  - name: workspaces/w/secrets/s
    as: key
cancel_on_failure: false
jobs:
  first:
    name: First
    runner: gpu
    matrix: {os: [ubuntu, mac], arch: ["64"]}
    env: {A: "${{ .secrets.key }}"}
    working_dir: /tmp
    timeout: 1h30m
    steps:
      - {id: one, name: One, run: "echo ${{ .matrix.os }}", timeout: 5s, continue_on_error: true}
      - upload: {path: a, destination: "drive://b/${{ .steps.one.outputs.x }}"}
      - download: {source: "drive://b/c", path: d}
      - uses: notify
  second:
    depends_on: [first]
    workflow: {name: /workspaces/w/workflows/f, inputs: {a: x, b: true, c: 5}}
"#;
    let (workflow, problems) = read_workflow(source);
    assert_eq!(problems, []);
    assert_eq!((workflow.id.as_str(), workflow.inputs.len(), workflow.jobs.len()), ("all", 3, 2));
    assert!(workflow.callable && workflow.has_schedule && !workflow.cancel_on_failure);
    assert_eq!(workflow.jobs[0].matrix[0].0, "arch");
    assert_eq!(workflow.jobs[0].timeout, Some(Duration::from_secs(5400)));
    let types: Vec<&str> = workflow.jobs[0].steps.iter().map(|step| step.work.type_name()).collect();
    assert_eq!(types, ["TYPE_RUN", "TYPE_UPLOAD", "TYPE_DOWNLOAD", "TYPE_ACTION"]);
    assert_eq!(workflow.jobs[1].call.as_ref().unwrap().1.len(), 3);
    let defined = definitions(&workflow.inputs);
    assert_eq!(defined["intInputs"][0]["defaultValue"], "5");
    assert_eq!(defined["boolInputs"][0]["defaultValue"], serde_json::Value::Null);
}

#[test]
fn the_smallest_workflow() {
    assert_eq!(problems("id: hello-world\njobs: {greet: {steps: [{run: echo hi}]}}"), []);
}

#[test]
fn each_mistake_is_told_with_line_and_field() {
    let jobs = "jobs: {a: {steps: [{run: echo}]}}";
    for (source, line, path) in [
        (jobs.to_owned(), 1, "id"),
        (format!("id: ''\n{jobs}"), 1, "id"),
        (format!("id: a/b\n{jobs}"), 1, "id"),
        (format!("id: 5\n{jobs}"), 1, "id"),
        ("id: x".to_owned(), 1, "jobs"),
        ("id: x\njobs: {}".to_owned(), 1, "jobs"),
        ("id: x\njobs: []".to_owned(), 2, "jobs"),
        (format!("id: x\n{jobs}\nother: 1"), 3, "other"),
        (format!("id: x\n{jobs}\nenv: {{A: 1}}"), 3, "env.A"),
        (format!("id: x\n{jobs}\ninputs:\n  a: {{type: float}}"), 4, "inputs.a.type"),
        (format!("id: x\n{jobs}\ninputs:\n  a: {{required: true}}"), 4, "inputs.a.type"),
        (format!("id: x\n{jobs}\ninputs:\n  a: {{type: int, default: '5'}}"), 4, "inputs.a.default"),
        (format!("id: x\n{jobs}\ninputs:\n  a: {{type: int, secret: true}}"), 4, "inputs.a.secret"),
        (format!("id: x\n{jobs}\ntrigger:\n  schedule:\n    - cron: '* * *'"), 5, "trigger.schedule[0].cron"),
        (format!("id: x\n{jobs}\nconcurrency: {{}}"), 3, "concurrency.group"),
        (format!("id: x\n{jobs}\nsecrets: [{{name: s, as: k}}]"), 3, "secrets[0].name"),
        ("id: x\njobs:\n  a: {}".to_owned(), 3, "jobs.a.steps"),
        ("id: x\njobs:\n  a: {steps: []}".to_owned(), 3, "jobs.a.steps"),
        ("id: x\njobs:\n  a: {steps: [{name: n}]}".to_owned(), 3, "jobs.a.steps[0]"),
        ("id: x\njobs:\n  a: {steps: [{run: a, uses: b}]}".to_owned(), 3, "jobs.a.steps[0]"),
        ("id: x\njobs:\n  a: {steps: [{run: a, with: {b: c}}]}".to_owned(), 3, "jobs.a.steps[0].with"),
        (
            "id: x\njobs:\n  a: {steps: [{upload: {path: p}}]}".to_owned(),
            3,
            "jobs.a.steps[0].upload.destination",
        ),
        ("id: x\njobs:\n  a: {timeout: soon, steps: [{run: a}]}".to_owned(), 3, "jobs.a.timeout"),
        ("id: x\njobs:\n  a: {matrix: {k: [1]}, steps: [{run: a}]}".to_owned(), 3, "jobs.a.matrix.k"),
        ("id: x\njobs:\n  a: {depends_on: [b], steps: [{run: a}]}".to_owned(), 3, "jobs.a.depends_on"),
        ("id: x\njobs:\n  a: {depends_on: [a], steps: [{run: a}]}".to_owned(), 3, "jobs.a.depends_on"),
        ("id: x\njobs:\n  a: {steps: [{run: '${{ .inputs.no }}'}]}".to_owned(), 3, "jobs.a.steps[0]"),
        ("id: x\njobs:\n  a: {steps: [{run: '${{ inputs.no }}'}]}".to_owned(), 3, "jobs.a.steps[0]"),
        (
            "id: x\njobs:\n  a: {steps: [{id: i, run: a}, {id: i, run: b}]}".to_owned(),
            3,
            "jobs.a.steps[1].id",
        ),
        ("id: x\njobs:\n  a: {workflow: {name: a/b}}".to_owned(), 3, "jobs.a.workflow.name"),
    ] {
        let found = problems(&source);
        let places: Vec<(usize, &str)> = found.iter().map(|(line, path, _)| (*line, path.as_str())).collect();
        assert_eq!(places, [(line, path)], "{source}: {found:?}");
    }
    let circle =
        "id: x\njobs:\n  a: {depends_on: [b], steps: [{run: a}]}\n  b: {depends_on: [a], steps: [{run: a}]}";
    assert_eq!(problems(circle).len(), 1);
    let many = format!(
        "id: x\njobs: {{a: {{matrix: {{a: [{0}], b: [{0}], c: [{0}]}}, steps: [{{run: a}}]}}}}",
        "x, ".repeat(9)
    );
    assert_eq!(problems(&many)[0].1, "jobs.a.matrix");
    assert_eq!(problems("a: [")[0].1, "");
}

#[test]
fn what_is_not_known_of_an_action_is_a_warning() {
    let source = "id: n\nname: N\nbranding: x\ninputs: {a: {type: string}}\noutputs: {o: {description: d, value: v}, p: x}\nsteps: [{run: echo}]";
    let (action, problems) = read_action(source);
    assert!(is_valid(&problems) && problems.len() == 1);
    assert_eq!(action.outputs, [("o".to_owned(), "d".to_owned()), ("p".to_owned(), String::new())]);
    assert!(!is_valid(&read_action("id: n").1));
}
