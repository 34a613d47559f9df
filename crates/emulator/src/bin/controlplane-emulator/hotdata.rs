//! `controlplane-emulator hotdata`

use std::sync::Arc;

use controlplane_emulator::hotdata::Emulator;

use crate::args::Options;
use crate::log::Log;
use crate::run::Running;

pub(crate) fn start(options: Options, settings: &[String], log: Arc<Log>) -> Result<Running, String> {
    let mut builder = Emulator::builder()
        .listen(options.listen.as_str())
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .seed(options.seed)
        .log(move |request| log.request(request));
    for setting in settings {
        builder = builder.set(setting).map_err(|e| format!("--set {setting}: {e}"))?;
    }
    let builder = if options.tls { builder.tls() } else { builder };
    let emulator = builder.start().map_err(|e| e.to_string())?;
    Ok(Running {
        name: "hotdata",
        url: emulator.url().to_owned(),
        introduction: introduction(&emulator),
        ca_pem: emulator.ca_pem().map(str::to_owned),
        taken_are: "changes",
        emulator: Box::new(emulator),
    })
}

/// What to set so that a client finds its way here.
fn introduction(emulator: &Emulator) -> Vec<String> {
    vec![
        "A Hotdata that is not one: it runs on this machine, and nothing it is told is kept.".to_owned(),
        "The key that it accepts; it is made up, and opens nothing else:".to_owned(),
        String::new(),
        format!("  export HOTDATA_API_URL={}", emulator.url()),
        format!("  export HOTDATA_API_KEY={}", emulator.api_key()),
        format!("  export HOTDATA_WORKSPACE={}", emulator.workspace_id()),
    ]
}
