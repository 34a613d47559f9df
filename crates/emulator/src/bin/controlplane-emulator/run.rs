//! A run of the program, whichever the service.

use std::any::Any;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::sync::Arc;

use controlplane_emulator::{Builder, Emulator, Error};

use crate::args::{Options, Output, Service};
use crate::ca_file::CaFile;
use crate::log::Log;
use crate::{NAME, eloq, h2o_workflows, hotdata, onehouse, print, ready, say, signals};

/// An emulator that listens.
pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    /// The settings with which a client reaches the emulator.
    pub(crate) introduction: Vec<String>,
    pub(crate) ca_pem: Option<String>,
    /// What it takes, for messages.
    pub(crate) taken_are: &'static str,
    /// Kept, because the emulator stops when it is dropped.
    _emulator: Box<dyn Any>,
}

impl Running {
    /// `introduction`: what to set so that a client finds its way here. `taken_are`: what is accepted there,
    /// for messages.
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
            _emulator: Box::new(emulator),
        }
    }
}

/// The lines that set the variables with which a client reaches the emulator.
pub(crate) fn exports<S: controlplane_emulator::Service>(emulator: &Emulator<S>) -> Vec<String> {
    emulator.variables().iter().map(|(name, value)| format!("  export {name}={value}")).collect()
}

/// A builder with the options that all services have.
pub(crate) fn builder<S: controlplane_emulator::Service>(options: Options, log: Arc<Log>) -> Builder<S> {
    let mut builder = Emulator::<S>::builder().listen(options.listen);
    for name in options.allowed_hosts {
        builder = builder.allow_host(name);
    }
    for origin in options.origins {
        builder = builder.cors(origin);
    }
    if options.accepts_any {
        builder = builder.accept_any_credentials();
    }
    if let Some((_, text)) = &options.seed_file {
        builder = builder.initial(text);
    }
    let builder = builder
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .seed(options.seed)
        .log(move |request| log.request(request));
    if options.tls { builder.tls() } else { builder }
}

/// Runs the emulators until a signal ends the program.
pub(crate) fn run(all: Vec<Options>, output: &Output) -> Result<(), String> {
    // Before there is anything to be ended.
    let stopped = signals::stop()?;
    let log = Arc::new(Log::open(output.log.as_deref())?);
    // Those that have started stop when one that follows cannot.
    let running = all.into_iter().map(|options| start(options, &log)).collect::<Result<Vec<_>, _>>()?;
    let ca_files = running.iter().map(|one| one.ca_pem.as_deref().map(CaFile::write).transpose());
    let ca_files = ca_files.collect::<Result<Vec<_>, _>>()?;
    for (one, ca_file) in running.iter().zip(&ca_files) {
        let ca_path = ca_file.as_ref().map(CaFile::path);
        let mut introduction = one.introduction.clone();
        if let Some(path) = ca_path {
            introduction.push(String::new());
            introduction
                .push(format!("Certificate authority to trust, until the program ends: {}", path.display()));
        }
        introduction.push(String::new());
        say(&introduction.join("\n"));
        log.started(&one.url, ca_path);
    }
    if let Some(advice) = proxy_advice(std::env::vars_os().map(|(name, _)| name)) {
        say(advice);
    }
    if let Some(path) = &output.ready_file {
        ready::write(path, running.iter().map(|one| (one.name, one.url.clone())))?;
    }
    for one in &running {
        print(&format!("{NAME}: {} listening on {}\n", one.name, one.url))?;
    }

    // An error would mean that there is no handler any more: then there is nothing to wait for either.
    let _ = stopped.recv();
    drop(stopped);
    let changes = match &running[..] {
        [only] => only.taken_are,
        _ => "changes",
    };
    drop(running);
    log.stopped(changes);
    if let Some(path) = &output.ready_file {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn start(options: Options, log: &Arc<Log>) -> Result<Running, String> {
    let log = Arc::clone(log);
    let seed_file = options.seed_file.as_ref().map(|(path, _)| path.display().to_string());
    // The error of what the file says is the only one of a state.
    let named = |why: String| match &seed_file {
        Some(path) if why.starts_with(FILLING) => format!("--seed-file {path}{}", &why[FILLING.len()..]),
        _ => why,
    };
    started(options, log).map_err(named)
}

/// How the errors of a plan or a state begin.
const FILLING: &str = "filling an emulator at its start";

fn started(options: Options, log: Arc<Log>) -> Result<Running, String> {
    match options.service.clone() {
        Service::Onehouse { shape, expires, auto_approve } => {
            onehouse::start(options, shape, expires, auto_approve, log)
        }
        Service::Eloq { clusters, idle } => eloq::start(options, clusters, idle, log),
        Service::H2oWorkflows { expires, rotate, log_piece, run_steps } => {
            h2o_workflows::start(options, expires, rotate, log_piece, run_steps, log)
        }
        Service::Hotdata { settings } => hotdata::start(options, &settings, log),
    }
}

/// The error of an emulator that did not start, for the user of the program.
pub(crate) fn not_started(error: &Error) -> String {
    match error {
        Error::Listen { source, .. } if source.kind() == ErrorKind::AddrInUse => {
            format!("{error}. For a free port: --listen 127.0.0.1:0")
        }
        _ => error.to_string(),
    }
}

/// Advice for a machine with a proxy: clients would send their requests there.
fn proxy_advice(mut names: impl Iterator<Item = OsString>) -> Option<&'static str> {
    let is_proxy = |name: OsString| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].contains(&name.as_str())
    };
    names.any(is_proxy).then_some(
        "A proxy is set in the environment. To let clients reach the emulator without the proxy:\n\n  \
         export NO_PROXY=localhost,127.0.0.1,::1\n",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_mentioned_whatever_the_case_of_its_variable() {
        let advice = |name: &str| proxy_advice(["PATH", name].into_iter().map(OsString::from));
        assert!(advice("https_proxy").unwrap().contains("NO_PROXY"));
        assert!(advice("HTTP_PROXY").is_some());
        assert!(advice("NO_PROXY").is_none());
    }
}
