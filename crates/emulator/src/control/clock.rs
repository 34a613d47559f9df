//! `/_emulator/clock`: to advance the emulator's clock, to stop it and to start it.

use serde_json::{Value, json};

use super::explain;
use crate::clock::Clock;
use crate::duration;
use crate::server::Reply;

pub(super) fn shown(clock: &Clock) -> Reply {
    let reading = clock.reading();
    super::shown(&json!({ "advanced": duration::show(reading.advanced), "stopped": reading.is_stopped }))
}

/// `{"advance": "20m"}`, `{"stopped": true}`, or both.
pub(super) fn set(clock: &Clock, body: &[u8]) -> Reply {
    match read(body) {
        Ok((advance, stopped)) => {
            // An advance that is refused changes nothing.
            if advance.is_some_and(|by| !clock.advance(by)) {
                return explain(
                    400,
                    "the clock cannot be more than 100 years after the emulator's start; advance it by less",
                );
            }
            if let Some(stopped) = stopped {
                clock.set_stopped(stopped);
            }
            shown(clock)
        }
        Err(why) => explain(400, &why),
    }
}

fn read(body: &[u8]) -> Result<(Option<std::time::Duration>, Option<bool>), String> {
    let what = "the body has to be a JSON object with `advance` or `stopped`: {\"advance\": \"20m\"}, {\"stopped\": true}";
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Err(what.to_owned()) };
    let (mut advance, mut stopped) = (None, None);
    for (name, value) in &fields {
        match (name.as_str(), value) {
            ("advance", Value::String(text)) => advance = Some(duration::read(text)?),
            ("stopped", Value::Bool(is_stopped)) => stopped = Some(*is_stopped),
            _ => return Err(format!("`{}`: {what}", crate::text::one_line(name, 40))),
        }
    }
    if advance.is_none() && stopped.is_none() { Err(what.to_owned()) } else { Ok((advance, stopped)) }
}
