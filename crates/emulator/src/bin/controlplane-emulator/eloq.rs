//! `controlplane-emulator eloq`

use std::sync::Arc;

use controlplane_emulator::eloq::Emulator;

use crate::args::Options;
use crate::log::Log;
use crate::run::Running;

pub(crate) fn start(
    options: Options,
    clusters: Option<u32>,
    idle: bool,
    log: Arc<Log>,
) -> Result<Running, String> {
    let builder = Emulator::builder()
        .listen(options.listen.as_str())
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .cluster_limit(clusters)
        .seed(options.seed)
        .log(move |request| log.request(request));
    let builder = if options.tls { builder.tls() } else { builder };
    let builder = if idle { builder.becomes_idle() } else { builder };
    let emulator = builder.start().map_err(|e| e.to_string())?;
    Ok(Running {
        name: "eloq",
        url: emulator.url().to_owned(),
        introduction: introduction(emulator.url(), emulator.api_key()),
        ca_pem: emulator.ca_pem().map(str::to_owned),
        taken_are: "changes",
        emulator: Box::new(emulator),
    })
}

/// What to set so that a client finds its way here. The vendor's client has no variable for the address.
fn introduction(url: &str, key: &str) -> Vec<String> {
    vec![
        "An EloqCloud that is not one: it runs on this machine, and nothing it is told is kept.".to_owned(),
        "A key that it accepts; it is made up, and opens nothing else:".to_owned(),
        String::new(),
        format!("  export ELOQ_API_KEY={key}"),
        String::new(),
        "The address is for the program to give:".to_owned(),
        format!("  Python:  from_key_and_url(key, {url:?})"),
        format!("  Rust:    Client::from_key_and_url(key, {url:?})"),
    ]
}
