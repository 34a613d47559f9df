//! Both clients in one program: the main thread blocks, a runtime in the same program uses the async client.
//!
//! ```text
//! cargo run --example both_modes
//! ```

use controlplane::onehouse::{AsyncClient, Client};
use controlplane_emulator::onehouse::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().pending_polls(0).start()?;
    let blocking = Client::new(emulator.credentials())?;
    let futures = AsyncClient::new(emulator.credentials())?;

    blocking.create_service_principal("ci_bot").send()?;
    println!("blocking: created ci_bot");

    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("no runtime: {e}");
            std::process::exit(1);
        }
    };
    let token = runtime.block_on(async {
        let principals = futures.show_service_principals().await?;
        println!("async:    sees {}", principals.rows().len());
        futures.create_api_token("deploy", "ci_bot").await
    })?;
    println!(
        "async:    made a token; its secret is {}",
        if token.secret().is_some() { "here, once" } else { "missing" }
    );

    blocking.delete_api_token("deploy", "ci_bot").send()?;
    blocking.delete_service_principal("ci_bot").send()?;
    println!("blocking: cleaned up");
    println!("Statements that the server accepted: {}", emulator.ledger().len());
    Ok(())
}
