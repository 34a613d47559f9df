//! The quickstart for Tokio: several clusters at once, from one task.
//!
//! ```text
//! cargo run --example async_quickstart
//! ```
//!
//! It always talks to an emulator inside this program.

use std::time::Duration;

use controlplane::Progress;
use controlplane::onehouse::{AsyncClient, ClusterType};
use controlplane_emulator::onehouse::Emulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().pending_polls(3).start()?;
    println!("This is an emulator at {}.\n", emulator.url());
    let client = AsyncClient::builder()
        .credentials(emulator.credentials())
        .poll_interval(Duration::from_millis(200))
        .build()?;

    // A call is a value; its future is `Send`, so it can go to a task of its own. All share one rate limit.
    let mut creations = Vec::new();
    for name in ["ingest", "queries", "jobs"] {
        let call =
            client.create_cluster(name, ClusterType::Managed).max_ocu(2).on_progress(move |progress| {
                if let Progress::Polled { status, elapsed, .. } = progress {
                    println!("  {name}: {status} for {:.1} s", elapsed.as_secs_f64());
                }
            });
        creations.push(tokio::spawn(call.send()));
    }
    for creation in creations {
        match creation.await {
            Ok(done) => println!("{}", done?.payload()),
            Err(panicked) => println!("{panicked}"),
        }
    }

    // `.await` on a call is `.send().await`.
    let clusters = client.show_clusters().await?;
    println!("\nThere are {} clusters now.", clusters.rows().len());

    // A future that is dropped stops waiting; what was submitted continues, and the wait can be resumed.
    let id = client.delete_cluster("jobs").submit().await?.request_id;
    let impatient = client.resume(&id).send();
    if tokio::time::timeout(Duration::from_millis(50), impatient).await.is_err() {
        println!("Still deleting; resuming the wait …");
    }
    println!("{}", client.resume(&id).await?.api_status);
    Ok(())
}
