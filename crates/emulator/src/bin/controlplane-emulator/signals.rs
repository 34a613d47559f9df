//! The signals that end the program.
//!
//! SIGHUP is left as it is: a program that was started under `nohup` ignores it.

use std::sync::mpsc;

/// Returns a channel on which something arrives when the user or the system wants the program to end. A
/// second signal ends it at once.
#[cfg(unix)]
pub(crate) fn stop() -> Result<mpsc::Receiver<()>, String> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])
        .map_err(|e| format!("cannot wait for signals: {e}"))?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let wait = move || {
        for _ in signals.forever() {
            if let Err(mpsc::TrySendError::Disconnected(())) = sender.try_send(()) {
                std::process::exit(130);
            }
        }
    };
    std::thread::Builder::new()
        .name("emulator-signals".to_owned())
        .spawn(wait)
        .map_err(|e| format!("cannot wait for signals: {e}"))?;
    Ok(receiver)
}

/// Returns a channel on which something arrives when the user or the system wants the program to end. A
/// second signal ends it at once.
#[cfg(not(unix))]
pub(crate) fn stop() -> Result<mpsc::Receiver<()>, String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    ctrlc::set_handler(move || {
        if let Err(mpsc::TrySendError::Disconnected(())) = sender.try_send(()) {
            std::process::exit(130);
        }
    })
    .map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
    Ok(receiver)
}
