//! Uploads a file in parts, with a progress bar, and prints the id that a load needs.
//!
//! ```text
//! cargo run --features hotdata --example hotdata_upload      # 64 MiB to the emulator inside this program
//! HOTDATA_API_KEY=… HOTDATA_WORKSPACE=… cargo run --features hotdata --example hotdata_upload -- orders.csv
//! ```
//!
//! Ctrl-C ends it in the middle of a part, and nothing is finalized. If standard error is not a terminal,
//! there is no bar.

use std::path::PathBuf;

use controlplane::hotdata::uploads::UploadFailure;
use controlplane::hotdata::{Client, Credentials, UploadCall};
use controlplane::{CancelToken, Progress};
use controlplane_emulator::hotdata::Emulator;
use indicatif::{ProgressBar, ProgressStyle};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let has_account = std::env::var_os("HOTDATA_API_KEY").is_some_and(|key| !key.is_empty());
    let emulator = if has_account { None } else { Some(Emulator::start()?) };
    let client = match &emulator {
        None => Client::from_env()?,
        Some(emulator) => Client::new(
            Credentials::builder()
                .api_key(emulator.api_key())
                .workspace_id(emulator.workspace_id())
                .base_url(emulator.url())
                .build()?,
        )?,
    };

    let token = CancelToken::new();
    let stop = token.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Another Ctrl-C has no effect.
    std::thread::spawn(move || match runtime.block_on(tokio::signal::ctrl_c()) {
        Ok(()) => stop.cancel(),
        Err(error) => eprintln!("Ctrl-C ends this program without a clean-up: {error}"),
    });

    let uploads = client.uploads();
    let upload = match std::env::args_os().nth(1).map(PathBuf::from) {
        Some(path) => uploads.upload_path(path),
        None => uploads.upload_bytes(rows()).filename("orders.csv").content_type("text/csv"),
    };
    let finished = with_bar(upload).cancel_with(&token).send();
    match &finished {
        Err(error) => {
            if let Some(failure) = error.detail::<UploadFailure>() {
                eprintln!(
                    "{:?}, part {:?}, {} rounds",
                    failure.kind, failure.part_number, failure.rounds_attempted
                );
            }
        }
        Ok(finished) => println!("{} {} {} bytes", finished.upload_id, finished.status, finished.size_bytes),
    }
    finished?;
    Ok(())
}

/// Shows the progress of the upload.
fn with_bar<M>(upload: UploadCall<M>) -> UploadCall<M> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}") {
        bar.set_style(style);
    }
    upload.on_progress(move |progress| {
        if let Progress::Transferred { transferred, total } = *progress {
            // The length of a reader is not known before its end.
            bar.set_length(total.unwrap_or(transferred));
            bar.set_position(transferred);
            if total == Some(transferred) {
                bar.finish_and_clear();
            }
        }
    })
}

/// 64 MiB of CSV.
fn rows() -> Vec<u8> {
    let mut rows = b"id,amount\n".to_vec();
    let mut id = 0;
    while rows.len() < 64 << 20 {
        rows.extend_from_slice(format!("{id},{}.5\n", id % 1000).as_bytes());
        id += 1;
    }
    rows
}
