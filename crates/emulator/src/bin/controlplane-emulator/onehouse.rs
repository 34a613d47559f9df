//! `controlplane-emulator onehouse`

use std::sync::Arc;

use controlplane_emulator::onehouse::{Emulator, Identity, Shape};

use crate::args::Options;
use crate::log::Log;
use crate::run::Running;

pub(crate) fn start(options: Options, shape: Shape, log: Arc<Log>) -> Result<Running, String> {
    let builder = Emulator::builder()
        .listen(options.listen.as_str())
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .shape(shape)
        .seed(options.seed)
        .log(move |request| log.request(request));
    let builder = if options.tls { builder.tls() } else { builder };
    let emulator = builder.start().map_err(|e| e.to_string())?;
    Ok(Running {
        name: "onehouse",
        url: emulator.url().to_owned(),
        introduction: introduction(emulator.url(), emulator.identity()),
        ca_pem: emulator.ca_pem().map(str::to_owned),
        taken_are: "statements",
        emulator: Box::new(emulator),
    })
}

/// What to set so that a client finds its way here.
fn introduction(url: &str, identity: &Identity) -> Vec<String> {
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
    lines
}
