//! Runs a job, waits for the end of the run, and continues the wait after a timeout.
//!
//! ```text
//! cargo run --example run_job
//! ```

use std::time::Duration;

use controlplane::Progress;
use controlplane::onehouse::{Client, ClusterType, JobType};
use controlplane_emulator::onehouse::{Emulator, Pending};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Here an operation takes a second, and a job run another second.
    let emulator = Emulator::builder().pending(Pending::time(Duration::from_secs(1))).start()?;
    let client = Client::builder()
        .credentials(emulator.credentials())
        .poll_interval(Duration::from_millis(200))
        .build()?;

    // A cluster that has been created does not run yet.
    println!("Creating a cluster …");
    client.create_cluster("spark", ClusterType::Spark).send()?;
    let cluster = client.wait_for_cluster("spark", "RUNNING").timeout(Duration::from_secs(20 * 60)).send()?;
    println!("spark is {}\n", cluster.state().unwrap_or_default());

    println!("Running a job …");
    client.create_job("etl", JobType::Python, ["s3a://bucket/etl.py"], "spark").send()?;
    let call = client.run_job("etl").and_wait().timeout(Duration::from_secs(3600)).on_progress(show);
    let run = call.send()?;
    println!("{}: {}\n", run.job_run_id, run.status);

    println!("Running it again, and waiting for less than it takes …");
    match client.run_job("etl").and_wait().timeout(Duration::from_millis(1500)).send() {
        Ok(run) => println!("It ended within that time: {}", run.status),
        Err(error) => {
            println!("{error}\n");
            // The error has the id of the run, so the run was started: wait for it, and do not run the job
            // again.
            let Some(id) = error.resource() else { return Err(error.into()) };
            let run = client.wait_for_job_run(id, "etl").on_progress(show).send()?;
            println!("{}: {}", run.job_run_id, run.status);
        }
    }
    println!("Runs of the job: {}", client.show_runs_in_job("etl").send()?.rows().len());
    Ok(())
}

fn show(progress: &Progress) {
    if let Progress::Polled { status, elapsed, .. } = progress {
        println!("  {status} after {elapsed:.1?}");
    }
}
