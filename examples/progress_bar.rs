//! A progress bar for one wait: the elapsed part of the call's time, and the status of the operation.
//!
//! ```text
//! cargo run --example progress_bar
//! ```
//!
//! It talks to an emulator inside this program. If standard error is not a terminal, there is no bar.

use std::time::Duration;

use controlplane::Progress;
use controlplane::onehouse::{Client, ClusterType};
use controlplane_emulator::onehouse::{Emulator, Pending};
use indicatif::{ProgressBar, ProgressStyle};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().pending(Pending::time(Duration::from_secs(2))).start()?;
    let client = Client::new(emulator.credentials())?;

    let timeout = Duration::from_secs(10);
    let bar = ProgressBar::new(timeout.as_secs());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:30} {elapsed}/{len}s {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let shown = bar.clone();
    let done = client
        .create_cluster("prod", ClusterType::Managed)
        .timeout(timeout)
        .poll_interval(Duration::from_millis(200))
        .on_progress(move |progress| {
            if let Progress::Polled { elapsed, .. } = progress {
                shown.set_position(elapsed.as_secs());
            }
            shown.set_message(progress.to_string());
        })
        .send();
    bar.finish_and_clear();
    println!("{}", done?.api_status);
    Ok(())
}
