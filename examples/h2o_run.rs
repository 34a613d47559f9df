//! A workflow on H2O Workflows from its YAML to its results: validate, create, activate, run, follow the
//! logs, print the results.
//!
//! ```text
//! cargo run --example h2o_run
//! ```
//!
//! It talks to an emulator inside this program, unless `H2O_WORKSPACE` (`workspaces/…`) is set. Then it logs
//! in to the real service with the credentials of the environment and of the CLI's configuration file, and
//! leaves a workflow `controlplane-example` there.

use std::time::Duration;

use controlplane::h2o_workflows::{self, Client, Credentials, JobState, Run, RunState, Step, Workflow};
use controlplane::{Error, ErrorKind};
use controlplane_emulator::h2o_workflows::Emulator;

const SOURCE: &str = r#"id: controlplane-example
name: An example of controlplane
inputs:
  who: {type: string, default: world}
jobs:
  prepare:
    steps:
      - name: say hello
        run: |
          echo preparing
          echo hello
      - name: count
        run: |
          echo 1
          echo 2
          echo 3
  train:
    depends_on: [prepare]
    steps:
      - name: train
        run: |
          echo epoch 1
          echo epoch 2
"#;

fn main() {
    if let Err(error) = run() {
        eprintln!("\n{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    // Kept until the end: an emulator stops when it is dropped.
    let emulator;
    let (client, workspace) = match std::env::var("H2O_WORKSPACE") {
        Ok(workspace) => {
            println!("H2O_WORKSPACE is set: this is the real service.\n");
            (h2o_workflows::login()?, workspace)
        }
        Err(_) => {
            emulator = Emulator::builder().pending_polls(2).start()?;
            println!("H2O_WORKSPACE is not set: this is an emulator at {}.\n", emulator.url());
            let credentials = Credentials::builder()
                .environment(emulator.url())
                .platform_token(emulator.refresh_token())
                .build()?;
            let builder = Client::builder().credentials(credentials);
            (builder.poll_interval(Duration::from_millis(50)).login()?, "workspaces/demo".to_owned())
        }
    };

    let validation = client.workflow().validate_workflow(&*workspace, SOURCE).send()?;
    for finding in &validation.validation_errors {
        println!("{}:{}: {}", finding.line, finding.column, finding.message);
    }
    println!("The YAML is {}.", if validation.is_valid { "valid" } else { "not valid" });

    let name = create(&client, &workspace)?;
    let workflow = client.workflow().activate_workflow(name).send()?;
    println!("{} is active as {}.", workflow.display_name, workflow.active_revision);

    // `.and_wait()` would wait for the end without a word; here the logs are followed until then.
    let call = client.workflow_revision().run_workflow_revision(workflow.active_revision);
    let run = call.input("who", "example").send()?;
    println!("Started {}.\n", run.name);
    follow(&client, &run)?;

    let run = client.run().get_run(run.name).send()?;
    table(&client, &run)?;
    Ok(())
}

/// Creates or updates the workflow.
fn create(client: &Client, workspace: &str) -> Result<String, Error> {
    match client.workflow().create_workflow(workspace, Workflow::new(SOURCE)).send() {
        Ok(workflow) => Ok(workflow.name),
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let name = format!("{workspace}/workflows/controlplane-example");
            Ok(client.workflow().update_workflow(Workflow::new(SOURCE).named(name)).send()?.name)
        }
        Err(error) => Err(error),
    }
}

/// Every step of a run, the jobs in the order in which they depend on each other.
fn steps(client: &Client, run: &Run) -> Result<Vec<(String, Step)>, Error> {
    let attempt = client.run_attempt().get_run_attempt(format!("{}/attempts/latest", run.name)).send()?;
    let mut jobs = client.job().list_jobs(attempt.name).iter().collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|job| job.depends_on.len());
    let mut steps = Vec::new();
    for job in jobs {
        for step in client.step().list_steps(job.name).iter() {
            steps.push((job.job_id.clone(), step?));
        }
    }
    Ok(steps)
}

/// Shows what each step writes, while it writes, until the run has ended.
fn follow(client: &Client, run: &Run) -> Result<(), Error> {
    let mut heading = String::new();
    for line in client.run().follow_logs(&*run.name).iter().lines() {
        let line = line?;
        if heading != line.source.to_string() {
            heading = line.source.to_string();
            println!("== {heading}");
        }
        println!("    {}", line.text);
    }
    println!();
    Ok(())
}

fn table(client: &Client, run: &Run) -> Result<(), Error> {
    println!("{:<10} {:<12} {:<17} exit code", "job", "step", "state");
    for (job, step) in steps(client, run)? {
        let what = step.display_name.as_deref().unwrap_or_default();
        let code = step.exit_code.map(|code| code.to_string()).unwrap_or_default();
        println!("{job:<10} {what:<12} {:<17} {code}", step.state);
    }
    let attempt = format!("{}/attempts/latest", run.name);
    let attempt = client.run_attempt().get_run_attempt(attempt).send()?;
    let jobs = client.job().list_jobs(attempt.name).iter().collect::<Result<Vec<_>, _>>()?;
    let good = jobs.iter().filter(|job| job.state == JobState::Succeeded).count();
    println!("\n{} of {} jobs succeeded; the run is {}.", good, jobs.len(), run.state);
    if run.state == RunState::Failed {
        println!("{}: {}", run.failure_reason, run.failure_message);
    }
    Ok(())
}
