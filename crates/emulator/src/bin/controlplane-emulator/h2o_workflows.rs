//! `controlplane-emulator h2o-workflows`

use std::sync::Arc;
use std::time::Duration;

use controlplane_emulator::h2o_workflows::Emulator;

use crate::args::Options;
use crate::log::Log;
use crate::run::Running;

pub(crate) fn start(
    options: Options,
    expires: Duration,
    rotate: bool,
    log_piece: Option<usize>,
    log: Arc<Log>,
) -> Result<Running, String> {
    let builder = Emulator::builder()
        .listen(options.listen.as_str())
        .pending(options.pending)
        .faults(options.faults)
        .rate_limit(options.rate)
        .expires_in(expires)
        .log_piece(log_piece)
        .seed(options.seed)
        .log(move |request| log.request(request));
    let builder = if options.tls { builder.tls() } else { builder };
    let builder = if rotate { builder.rotate_refresh_tokens() } else { builder };
    let emulator = builder.start().map_err(|e| e.to_string())?;
    Ok(Running {
        name: "h2o-workflows",
        url: emulator.url().to_owned(),
        introduction: introduction(&emulator),
        ca_pem: emulator.ca_pem().map(str::to_owned),
        taken_are: "changes",
        emulator: Box::new(emulator),
    })
}

/// What to set so that a client finds its way here.
fn introduction(emulator: &Emulator) -> Vec<String> {
    let url = emulator.url();
    vec![
        "An H2O Cloud that is not one: it runs on this machine, and nothing it is told is kept.".to_owned(),
        "Tokens that it accepts; they are made up, and open nothing else:".to_owned(),
        String::new(),
        format!("  export H2O_CLOUD_ENVIRONMENT={url}"),
        format!("  export H2O_CLOUD_CLIENT_PLATFORM_TOKEN={}", emulator.refresh_token()),
        String::new(),
        "For a login without discovery, or none at all:".to_owned(),
        format!("  issuer {}, client {}", emulator.issuer_url(), emulator.client_id()),
        format!(
            "  curl -H 'Authorization: Bearer {}' {url}/v1/workspaces/w/workflows",
            emulator.access_token()
        ),
    ]
}
