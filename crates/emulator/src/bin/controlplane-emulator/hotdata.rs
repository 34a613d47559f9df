//! `controlplane-emulator hotdata`

use std::sync::Arc;

use controlplane_emulator::hotdata::{Emulator, Hotdata};

use crate::args::Options;
use crate::log::Log;
use crate::run::{Running, builder, exports, not_started};

pub(crate) fn start(options: Options, settings: &[String], log: Arc<Log>) -> Result<Running, String> {
    let mut builder = builder::<Hotdata>(options, log);
    for setting in settings {
        builder = builder.set(setting).map_err(|e| format!("--set {setting}: {e}"))?;
    }
    let emulator = builder.start().map_err(|e| not_started(&e))?;
    let introduction = introduction(&emulator);
    Ok(Running::new("hotdata", introduction, "changes", emulator))
}

/// The settings with which a client reaches the emulator.
fn introduction(emulator: &Emulator) -> Vec<String> {
    let mut lines = vec![
        "Local Hotdata emulator; nothing is persisted.".to_owned(),
        "The variables for clients, with the key that the emulator accepts; it is valid nowhere else:"
            .to_owned(),
        String::new(),
    ];
    lines.extend(exports(emulator));
    lines
}
