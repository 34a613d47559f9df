//! `/_emulator/faults`: to list, add and remove faults.

use serde_json::Value;

use super::{explain, shown};
use crate::faults::{Fault, Faults, MAX_FAULTS};
use crate::server::Reply;

/// Adds all faults of a JSON array, or none of them.
pub(super) fn add(armed: &Faults, body: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(body);
    match Fault::list_from_json(&text) {
        Ok(new) if armed.all().len() + new.len() > MAX_FAULTS => explain(
            400,
            &format!("there would be more than {MAX_FAULTS} faults; DELETE /_emulator/faults removes all"),
        ),
        Ok(new) => {
            new.into_iter().for_each(|fault| armed.add(fault));
            shown(&listed(armed))
        }
        Err(e) => explain(400, &e.to_string()),
    }
}

pub(super) fn listed(armed: &Faults) -> Value {
    armed.all().iter().map(ToString::to_string).collect()
}
