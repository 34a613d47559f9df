//! `controlplane-emulator onehouse`

use std::sync::Arc;
use std::time::Duration;

use controlplane_emulator::onehouse::{Emulator, Onehouse, Shape};

use crate::args::Options;
use crate::log::Log;
use crate::run::{Running, builder, exports, not_started};

pub(crate) fn start(
    options: Options,
    shape: Shape,
    expires: Duration,
    auto_approve: bool,
    log: Arc<Log>,
) -> Result<Running, String> {
    let builder = builder::<Onehouse>(options, log).shape(shape).expires_in(expires);
    let builder = if auto_approve { builder.auto_approve() } else { builder };
    let emulator = builder.start().map_err(|e| not_started(&e))?;
    let introduction = introduction(&emulator);
    Ok(Running::new("onehouse", introduction, "statements", emulator))
}

/// The settings with which a client reaches the emulator.
fn introduction(emulator: &Emulator) -> Vec<String> {
    let mut lines = vec![
        "Local Onehouse emulator; nothing is persisted.".to_owned(),
        "The variables for clients, with credentials that the emulator accepts; they are valid nowhere else:"
            .to_owned(),
        String::new(),
    ];
    lines.extend(exports(emulator));
    lines
}
