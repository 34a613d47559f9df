//! The logs of a whole run against the emulator, over sockets, in both modes.

use controlplane::Error;
use controlplane::h2o_workflows::{AsyncClient, Client, RunLogPosition, RunState, Workflow};
use controlplane_emulator::h2o_workflows::Emulator;

use crate::client::{PARENT, active, custom, runtime, with};

const SOURCE: &str = "id: f
jobs:
  a: {steps: [{run: \"echo a1\\necho a2\"}, {run: echo a3}]}
  b: {steps: [{run: \"echo b1\\necho b2\"}]}
  call: {workflow: {name: child}}
  last: {depends_on: [a, b, call], steps: [{run: echo last}, {run: echo end}]}
";
const CHILD: &str = "id: child\ntrigger: {callable: true}\njobs: {c: {steps: [{run: echo c1}]}}\n";
const ACTIVE: &str = "workspaces/w/workflows/f/revisions/active";

/// The attempt, the job and the line of each line from a position on, at most so many, and the position after
/// them.
type Lines = (Vec<String>, RunLogPosition, Option<Error>);
type Mode = fn(&Emulator, &str, Option<RunLogPosition>, usize) -> Lines;
const MODES: [Mode; 2] = [lines, lines_async];

fn shown(source: &controlplane::h2o_workflows::LogSource, text: &str) -> String {
    format!("{} {}: {text}", source.attempt.rsplit('/').next().unwrap(), source.job_id)
}

fn lines(emulator: &Emulator, run: &str, position: Option<RunLogPosition>, most: usize) -> Lines {
    let client = with(Client::builder(), custom(emulator)).build().unwrap();
    let mut call = client.run().follow_logs(run);
    if let Some(position) = position {
        call = call.position(position);
    }
    let (mut logs, mut all, mut error) = (call.iter().lines(), Vec::new(), None);
    while all.len() < most {
        match logs.next() {
            Some(Ok(line)) => all.push(shown(&line.source, &line.text)),
            Some(Err(e)) => error = Some(e),
            None => break,
        }
    }
    (all, logs.position(), error)
}

fn lines_async(emulator: &Emulator, run: &str, position: Option<RunLogPosition>, most: usize) -> Lines {
    runtime().block_on(async {
        let client = with(AsyncClient::builder(), custom(emulator)).build().unwrap();
        let mut call = client.run().follow_logs(run);
        if let Some(position) = position {
            call = call.position(position);
        }
        let (mut logs, mut all, mut error) = (call.stream().lines(), Vec::new(), None);
        while all.len() < most {
            match logs.next().await {
                Some(Ok(line)) => all.push(shown(&line.source, &line.text)),
                Some(Err(e)) => error = Some(e),
                None => break,
            }
        }
        (all, logs.position(), error)
    })
}

fn ready(polls: u32) -> (Emulator, Client) {
    let emulator = Emulator::builder().pending_polls(polls).log_piece(Some(2)).start().unwrap();
    let client = active(&emulator, CHILD);
    let workflow = client.workflow().create_workflow(PARENT, Workflow::new(SOURCE)).send().unwrap();
    client.workflow().activate_workflow(workflow.name).send().unwrap();
    (emulator, client)
}

const FIRST: [&str; 7] = ["1 a: a1", "1 a: a2", "1 a: a3", "1 b: b1", "1 b: b2", "1 c: c1", "1 last: last"];

/// The lines of parallel jobs come job by job. Which of those that begin at the same moment is first is the
/// service's.
fn check(mut all: Vec<String>, expected: &[&str]) {
    let jobs: Vec<String> = all.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    let mut seen = jobs.clone();
    seen.dedup();
    let runs = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(runs, seen.len(), "{all:?}");
    let sort = |lines: &mut Vec<String>| lines.sort_by_key(|line| line.split(':').next().unwrap().to_owned());
    sort(&mut all);
    let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    sort(&mut expected);
    assert_eq!(all, expected);
}

#[test]
fn a_run_with_parallel_jobs_a_called_workflow_and_two_attempts() {
    for mode in MODES {
        let (emulator, client) = ready(2);
        emulator.fail_next("last", 1, 3);
        let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap().name;
        let (all, position, error) = mode(&emulator, &run, None, usize::MAX);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(all.last().unwrap(), "1 last: last");
        check(all, &FIRST);

        // It ends with the run; another process continues with the next attempt.
        client.run().retry_run(&*run).send().unwrap();
        let text = serde_json::to_string(&position).unwrap();
        let (more, _, error) = mode(&emulator, &run, Some(serde_json::from_str(&text).unwrap()), usize::MAX);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(more, ["2 last: last", "2 last: end"]);

        // Long after the end, all of it, with connections that break and requests that fail.
        emulator.add_fault("starts=stream_step_logs, every=2: cut-body=50".parse().unwrap());
        emulator.add_fault("starts=list_, every=2: status=503".parse().unwrap());
        let (all, _, error) = mode(&emulator, &run, None, usize::MAX);
        assert!(error.is_none(), "{error:?}");
        check(all, &[&FIRST[..], &["2 last: last", "2 last: end"]].concat());
    }
}

#[test]
fn a_log_is_continued_at_any_line_while_it_is_written() {
    for mode in MODES {
        for cut in 0..FIRST.len() {
            let (emulator, client) = ready(3);
            emulator.add_fault("starts=stream_step_logs, every=3: cut-body=60".parse().unwrap());
            let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap().name;
            let (mut all, position, _) = mode(&emulator, &run, None, cut);
            let (rest, _, error) = mode(&emulator, &run, Some(position), usize::MAX);
            assert!(error.is_none(), "{error:?}");
            all.extend(rest);
            check(all, &[&FIRST[..], &["1 last: end"]].concat());
        }
    }
}

#[test]
fn a_run_that_is_cancelled_has_the_logs_up_to_then() {
    for mode in MODES {
        // In the queue: no job has begun.
        let (emulator, client) = ready(5);
        let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap().name;
        client.run().cancel_run(&*run).send().unwrap();
        let (all, _, error) = mode(&emulator, &run, None, usize::MAX);
        assert!(all.is_empty() && error.is_none(), "{all:?} {error:?}");

        // After the first line.
        let run = client.workflow_revision().run_workflow_revision(ACTIVE).send().unwrap().name;
        let (mut all, position, _) = mode(&emulator, &run, None, 1);
        client.run().cancel_run(&*run).send().unwrap();
        let (rest, _, error) = mode(&emulator, &run, Some(position), usize::MAX);
        assert!(error.is_none(), "{error:?}");
        all.extend(rest);
        assert!(!all.is_empty() && all.iter().all(|line| !line.contains("last")), "{all:?}");
        let run = client.run().get_run(run).send().unwrap();
        assert!(run.state == RunState::Failed && run.is_cancelled(), "{run:?}");
    }
}
