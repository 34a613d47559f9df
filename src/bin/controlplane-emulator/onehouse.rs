//! `controlplane-emulator onehouse`

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;

use controlplane::emulator::onehouse::{Emulator, Identity};

use crate::args::Options;
use crate::ca_file::CaFile;
use crate::log::Log;
use crate::{NAME, print, say};

/// Runs until it is told to stop.
pub(crate) fn run(options: Options) -> Result<(), String> {
    // Before anything can be told to stop it.
    let stopped = stop_signal()?;
    let log = Arc::new(Log::open(options.log.as_deref())?);
    let for_requests = Arc::clone(&log);
    let builder = Emulator::builder()
        .listen(options.listen.as_str())
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .shape(options.shape)
        .seed(options.seed)
        .log(move |request| for_requests.request(request));
    let builder = if options.tls { builder.tls() } else { builder };
    let emulator = builder.start().map_err(|e| e.to_string())?;
    let ca_file = emulator.ca_pem().map(CaFile::write).transpose()?;
    let ca_path = ca_file.as_ref().map(CaFile::path);
    say(&introduction(emulator.url(), emulator.identity(), ca_path));
    log.started(emulator.url(), ca_path);
    print(&format!("{NAME}: onehouse listening on {}\n", emulator.url()))?;

    // An error would mean that there is no handler any more: then there is nothing to wait for either.
    let _ = stopped.recv();
    drop(stopped);
    drop(emulator);
    log.stopped();
    Ok(())
}

/// Something arrives here when the user or the system wants the program to end. Whoever asks again, while it is
/// ending, ends it on the spot.
fn stop_signal() -> Result<mpsc::Receiver<()>, String> {
    let (tell, told) = mpsc::sync_channel(1);
    ctrlc::set_handler(move || {
        if let Err(mpsc::TrySendError::Disconnected(())) = tell.try_send(()) {
            std::process::exit(130);
        }
    })
    .map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
    Ok(told)
}

/// What to set so that a client finds its way here.
fn introduction(url: &str, identity: &Identity, ca_file: Option<&Path>) -> String {
    let mut lines = vec![
        "A Onehouse that is not one: it runs on this machine, and nothing it is told is kept.".to_owned(),
        "Credentials that it accepts; they are made up, and open nothing else:".to_owned(),
        String::new(),
    ];
    let values = [
        ("ACCOUNT_UID", &identity.account_uid),
        ("PROJECT_UID", &identity.project_uid),
        ("API_KEY", &identity.api_key),
        ("API_SECRET", &identity.api_secret),
        ("LINK_UID", &identity.link_uid),
        ("REGION", &identity.region),
        ("USER_UID", &identity.user_uid),
    ];
    lines.extend(values.map(|(name, value)| format!("  export ONEHOUSE_{name}={value}")));
    lines.push(format!("  export ONEHOUSE_BASE_URL={url}"));
    if let Some(path) = ca_file {
        lines.push(String::new());
        lines.push(format!("Certificate authority to trust, until the program ends: {}", path.display()));
    }
    lines.push(String::new());
    lines.join("\n")
}
