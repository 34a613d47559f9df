//! `controlplane-emulator h2o-workflows`

use std::sync::Arc;
use std::time::Duration;

use controlplane_emulator::h2o_workflows::{Emulator, H2oWorkflows};

use crate::args::Options;
use crate::log::Log;
use crate::run::{Running, builder, exports, not_started};

pub(crate) fn start(
    options: Options,
    expires: Duration,
    rotate: bool,
    log_piece: Option<usize>,
    run_steps: bool,
    log: Arc<Log>,
) -> Result<Running, String> {
    let builder =
        builder::<H2oWorkflows>(options, log).expires_in(expires).log_piece(log_piece).run_steps(run_steps);
    let builder = if rotate { builder.rotate_refresh_tokens() } else { builder };
    let emulator = builder.start().map_err(|e| not_started(&e))?;
    let mut introduction = introduction(&emulator);
    if run_steps {
        introduction.extend([
            String::new(),
            "--run-steps: whoever can send requests to the emulator can run code as you.".to_owned(),
        ]);
    }
    Ok(Running::new("h2o-workflows", introduction, "changes", emulator))
}

/// The settings with which a client reaches the emulator.
fn introduction(emulator: &Emulator) -> Vec<String> {
    let url = emulator.url();
    let mut lines = vec![
        "Local H2O Workflows emulator; nothing is persisted.".to_owned(),
        "The variables for clients, with the token to log in with; it is valid nowhere else:".to_owned(),
        String::new(),
    ];
    lines.extend(exports(emulator));
    lines.extend([
        String::new(),
        "To log in without discovery, use this issuer and client:".to_owned(),
        format!("  issuer {}, client {}", emulator.issuer_url(), emulator.client_id()),
        "To call the service without a login, send this access token:".to_owned(),
        format!(
            "  curl -H 'Authorization: Bearer {}' {url}/v1/workspaces/w/workflows",
            emulator.access_token()
        ),
    ]);
    lines
}
