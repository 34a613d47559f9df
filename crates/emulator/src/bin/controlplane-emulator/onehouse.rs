//! `controlplane-emulator onehouse`

use std::sync::Arc;

use controlplane_emulator::onehouse::{Identity, Onehouse, Shape};

use crate::args::Options;
use crate::log::Log;
use crate::run::{Running, builder, not_started};

pub(crate) fn start(options: Options, shape: Shape, log: Arc<Log>) -> Result<Running, String> {
    let builder = builder::<Onehouse>(options, log).shape(shape);
    let emulator = builder.start().map_err(|e| not_started(&e))?;
    let introduction = introduction(emulator.url(), emulator.identity());
    Ok(Running::new("onehouse", introduction, "statements", emulator))
}

/// The settings with which a client reaches the emulator.
fn introduction(url: &str, identity: &Identity) -> Vec<String> {
    let mut lines = vec![
        "Local Onehouse emulator; nothing is persisted.".to_owned(),
        "Credentials that it accepts; they are valid nowhere else:".to_owned(),
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
