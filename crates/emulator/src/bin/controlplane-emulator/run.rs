//! A run of the program, whichever the service.

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc;

use controlplane_emulator::{Builder, Emulator};

use crate::args::{Options, Service};
use crate::ca_file::CaFile;
use crate::log::Log;
use crate::{NAME, eloq, h2o_workflows, hotdata, onehouse, print, say};

/// An emulator that listens.
pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    /// The settings with which a client reaches the emulator.
    pub(crate) introduction: Vec<String>,
    pub(crate) ca_pem: Option<String>,
    /// What it takes, for messages.
    pub(crate) taken_are: &'static str,
    /// The emulator, which stops when this is dropped.
    pub(crate) emulator: Box<dyn Any>,
}

impl Running {
    /// `introduction`: what to set so that a client finds its way here. `taken_are`: what is accepted there, for messages.
    pub(crate) fn new<S: controlplane_emulator::Service>(
        name: &'static str,
        introduction: Vec<String>,
        taken_are: &'static str,
        emulator: Emulator<S>,
    ) -> Self {
        Self {
            name,
            url: emulator.url().to_owned(),
            introduction,
            ca_pem: emulator.ca_pem().map(str::to_owned),
            taken_are,
            emulator: Box::new(emulator),
        }
    }
}

/// A builder with the options that all services have.
pub(crate) fn builder<S: controlplane_emulator::Service>(options: Options, log: Arc<Log>) -> Builder<S> {
    let builder = Emulator::<S>::builder()
        .listen(options.listen)
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .seed(options.seed)
        .log(move |request| log.request(request));
    if options.tls { builder.tls() } else { builder }
}

/// Runs until it is told to stop.
pub(crate) fn run(options: Options) -> Result<(), String> {
    // Before anything can be told to stop it.
    let stopped = stop_signal()?;
    let log = Arc::new(Log::open(options.log.as_deref())?);
    let for_requests = Arc::clone(&log);
    let running = match options.service {
        Service::Onehouse { shape } => onehouse::start(options, shape, for_requests),
        Service::Eloq { clusters, idle } => eloq::start(options, clusters, idle, for_requests),
        Service::H2oWorkflows { expires, rotate, log_piece } => {
            h2o_workflows::start(options, expires, rotate, log_piece, for_requests)
        }
        Service::Hotdata { ref settings } => {
            let settings = settings.clone();
            hotdata::start(options, &settings, for_requests)
        }
    }?;
    let ca_file = running.ca_pem.as_deref().map(CaFile::write).transpose()?;
    let ca_path = ca_file.as_ref().map(CaFile::path);
    let mut introduction = running.introduction;
    if let Some(path) = ca_path {
        introduction.push(String::new());
        introduction
            .push(format!("Certificate authority to trust, until the program ends: {}", path.display()));
    }
    introduction.push(String::new());
    say(&introduction.join("\n"));
    log.started(&running.url, ca_path);
    print(&format!("{NAME}: {} listening on {}\n", running.name, running.url))?;

    // An error would mean that there is no handler any more: then there is nothing to wait for either.
    let _ = stopped.recv();
    drop(stopped);
    drop(running.emulator);
    log.stopped(running.taken_are);
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
