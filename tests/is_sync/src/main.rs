//! Both clients, in a program where another crate has switched `maybe-async/is_sync` on.

use controlplane::onehouse::{AsyncClient, Client};
use controlplane_emulator::onehouse::Emulator;

/// Shows that the switch is on: this is blocking although it says `async`.
#[maybe_async::maybe_async]
async fn is_blocking() -> bool {
    true
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let switched: bool = is_blocking();
    let emulator = Emulator::builder().pending_polls(0).start()?;
    let blocking = Client::new(emulator.credentials())?.show_lakes().send()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = AsyncClient::new(emulator.credentials())?;
    let asynchronous = runtime.block_on(async { client.show_lakes().send().await })?;
    assert!(switched && blocking.is_terminal() && asynchronous.is_terminal());
    println!("is_sync is on, and both clients work");
    Ok(())
}
