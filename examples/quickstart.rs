//! Creates, lists, describes and deletes a cluster, and prints each step.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! Without credentials in the environment it talks to an emulator inside this program. With
//! `ONEHOUSE_API_KEY` or `ONEHOUSE_PROFILE` set it talks to the real service: it then creates a small cluster
//! for a few minutes, which may cost money.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use controlplane::onehouse::{Client, ClusterType, StatusResponse};
use controlplane::{Error, ErrorKind, Progress};
use controlplane_emulator::onehouse::Emulator;

fn main() {
    if let Err(error) = run() {
        eprintln!("\n{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_real = ["ONEHOUSE_API_KEY", "ONEHOUSE_PROFILE"].iter().any(is_set);
    // Kept until the end: an emulator stops when it is dropped.
    let emulator;
    let client = if is_real {
        println!("Credentials are set: this is the real service.\n");
        Client::builder().timeout(Duration::from_secs(20 * 60)).build()?
    } else {
        emulator = Emulator::builder().pending_polls(3).start()?;
        println!("No credentials are set: this is an emulator at {}.\n", emulator.url());
        Client::builder()
            .credentials(emulator.credentials())
            .poll_interval(Duration::from_millis(200))
            .build()?
    };
    let name = format!("quickstart-{}", std::process::id());

    println!("Creating the cluster {name} …");
    let create = client.create_cluster(&name, ClusterType::Managed).min_ocu(1).max_ocu(2);
    println!("{}", indented(&create.to_sql()?));
    let outcome = match create.on_progress(show).send() {
        Ok(created) => {
            finished(&created);
            look_at(&client, &name)
        }
        // It may exist, or be created later: delete it.
        Err(error) if error.request_id().is_some() || error.kind() == ErrorKind::OutcomeUnknown => Err(error),
        Err(error) => return Err(error.into()),
    };
    if outcome.is_err() {
        println!("\nA step failed. If the deletion fails too, delete the cluster {name} in the console.");
    }

    println!("Deleting it …");
    let deleted = client.delete_cluster(&name).on_progress(show).send();
    outcome?;
    finished(&deleted?);
    Ok(())
}

fn look_at(client: &Client, name: &str) -> Result<(), Error> {
    println!("Listing the clusters …");
    let clusters = client.show_clusters().on_progress(show).send()?;
    finished(&clusters);
    for cluster in clusters.rows() {
        let text = |key: &str| cluster.text(key).unwrap_or("?").to_owned();
        println!("  {:<24} {}", text("name"), text("state"));
    }

    println!("Describing it …");
    let described = client.describe_cluster(name).on_progress(show).send()?;
    finished(&described);
    println!("{}", indented(&format!("{:#}", described.payload())));
    Ok(())
}

/// Shows one line, which is overwritten while a call waits.
fn show(progress: &Progress) {
    let line = match progress {
        Progress::Submitted { id } => format!("accepted as {id}"),
        Progress::Polled { status, elapsed, .. } => format!("{status} for {:.1} s", elapsed.as_secs_f64()),
        Progress::Retrying { reason, delay } => format!("{reason}; retrying in {delay:.1?}"),
        Progress::WaitingForRateLimit { delay } => format!("waiting {delay:.1?} for the rate limit"),
        _ => return,
    };
    let mut err = std::io::stderr();
    let _ =
        if err.is_terminal() { write!(err, "\r\x1b[K  … {line}") } else { writeln!(err, "  … {line}") };
}

fn finished(done: &StatusResponse) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    let partly = if done.is_partial() { ", but not all of it" } else { "" };
    println!("  {}{partly}", done.api_status);
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
