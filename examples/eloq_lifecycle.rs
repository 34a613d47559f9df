//! A cluster on EloqCloud from its creation to its deletion: SKUs, create, wait, credentials, delete.
//!
//! ```text
//! cargo run --example eloq_lifecycle
//! ```
//!
//! Without a key it talks to an emulator inside this program. With `ELOQ_API_KEY` set it talks to the real
//! service: it then creates a free serverless cluster for a few minutes.

use std::time::Duration;

use controlplane::eloq::{Client, CloudProvider, Credentials, EloqModule, SkuInfo, SkuType};
use controlplane::{Error, ErrorKind, Progress};
use controlplane_emulator::eloq::Emulator;

const REGION: &str = "us-west-1";

fn main() {
    if let Err(error) = run() {
        eprintln!("\n{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    // Kept until the end: an emulator stops when it is dropped.
    let emulator;
    let client = if std::env::var_os("ELOQ_API_KEY").is_some_and(|key| !key.is_empty()) {
        println!("ELOQ_API_KEY is set: this is the real service.\n");
        Client::from_env()?
    } else {
        emulator = Emulator::builder().pending_polls(3).start()?;
        println!("ELOQ_API_KEY is not set: this is an emulator at {}.\n", emulator.url());
        let credentials =
            Credentials::builder().api_key(emulator.api_key()).base_url(emulator.url()).build()?;
        let builder = Client::builder().credentials(credentials);
        builder.poll_interval(Duration::from_millis(200)).build()?
    };

    let org = client.org().send()?;
    println!("The key belongs to the organization {} ({}).", org.org_name, org.org_id);

    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send()?;
    for sku in &skus {
        println!(
            "  SKU {:3}  {:16} {} CPU, {} MiB",
            sku.sku_id, sku.sku_name, sku.tx_cpu_limit, sku.tx_memory_mi_limit
        );
    }
    let is_free = |sku: &&SkuInfo| sku.sku_name.contains("free");
    let Some(sku) = skus.iter().find(is_free) else {
        println!("There is no free SKU in this plan: nothing is created.");
        return Ok(());
    };

    let name = format!("lifecycle-{}", std::process::id());
    println!("\nCreating the cluster {name} …");
    let outcome = match client.cluster_create(&name, REGION, sku.sku_id).and_wait().on_progress(show).send() {
        Ok(cluster) => {
            println!("It is {}.", cluster.status);
            connect(&client, &name)
        }
        // It may exist, or be created later: delete it.
        Err(error) if error.resource().is_some() || error.kind() == ErrorKind::OutcomeUnknown => Err(error),
        Err(error) => return Err(error.into()),
    };
    if outcome.is_err() {
        println!("\nA step failed. If the deletion fails too, delete the cluster {name} in the console.");
    }

    println!("\nDeleting it …");
    client.cluster_delete(&name).and_wait().on_progress(show).send()?;
    println!("It is gone; {} clusters are left.", client.clusters().send()?.total);
    outcome?;
    Ok(())
}

/// Prints what a program needs to connect. The password is one of the fields, but `Debug` does not show it.
fn connect(client: &Client, name: &str) -> Result<(), Error> {
    let access = client.cluster_credentials(name).send()?;
    println!("Connect to {}:{} as {}.", access.host, access.port, access.username);
    println!("All fields, as a log may show them: {access:?}");
    Ok(())
}

fn show(progress: &Progress) {
    if let Progress::Polled { status, elapsed, .. } = progress {
        println!("  {status} after {:.1} s", elapsed.as_secs_f64());
    }
}
