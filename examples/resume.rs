//! A wait that times out, and is continued with the request id.
//!
//! ```text
//! cargo run --example resume
//! ```

use std::time::Duration;

use controlplane::ErrorKind;
use controlplane::onehouse::{Client, ClusterType};
use controlplane_emulator::onehouse::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // An operation here is pending for eight polls.
    let emulator = Emulator::builder().pending_polls(8).start()?;
    let client = Client::builder()
        .credentials(emulator.credentials())
        .poll_interval(Duration::from_millis(200))
        .build()?;

    println!("Creating a cluster, and waiting for less than it takes …");
    let call = client.create_cluster("slow", ClusterType::Managed).timeout(Duration::from_secs(1));
    let id = match call.send() {
        Ok(done) => {
            println!("It ended within that time: {}", done.api_status);
            return Ok(());
        }
        Err(error) if error.kind() == ErrorKind::OperationTimeout => {
            println!("{error}");
            match error.request_id() {
                Some(id) => id.to_owned(),
                None => return Err(error.into()), // nothing was submitted
            }
        }
        Err(error) => return Err(error.into()),
    };

    // The id is all that is needed: print it, keep it in a file, pass it to another process.
    println!("\nResuming the wait for {id} …");
    let done = client.resume(id).send()?;
    println!("{}: {}", done.api_status, done.payload());
    println!("Statements that the server accepted: {}", emulator.ledger().len());
    Ok(())
}
