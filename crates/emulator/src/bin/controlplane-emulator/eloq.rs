//! `controlplane-emulator eloq`

use std::sync::Arc;

use controlplane_emulator::eloq::{Eloq, Emulator};

use crate::args::Options;
use crate::log::Log;
use crate::run::{Running, builder, exports, not_started};

pub(crate) fn start(
    options: Options,
    clusters: Option<u32>,
    idle: bool,
    log: Arc<Log>,
) -> Result<Running, String> {
    let builder = builder::<Eloq>(options, log).cluster_limit(clusters);
    let builder = if idle { builder.becomes_idle() } else { builder };
    let emulator = builder.start().map_err(|e| not_started(&e))?;
    let introduction = introduction(&emulator);
    Ok(Running::new("eloq", introduction, "changes", emulator))
}

/// The settings with which a client reaches the emulator. The vendor's client for Python has no variable for
/// the address.
fn introduction(emulator: &Emulator) -> Vec<String> {
    let mut lines = vec![
        "Local EloqCloud emulator; nothing is persisted.".to_owned(),
        "The variables for clients, with the key that the emulator accepts; it is valid nowhere else:"
            .to_owned(),
        String::new(),
    ];
    lines.extend(exports(emulator));
    lines.extend([
        String::new(),
        "The vendor's Python client reads no variable for the address; pass the address in the program:"
            .to_owned(),
        format!("  from_key_and_url(key, {:?})", emulator.url()),
    ]);
    lines
}
