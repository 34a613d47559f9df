//! Reads the lines of older versions of the format.
//!
//! | Version | |
//! |---|---|
//! | 1 | calls of Onehouse as SQL, with two settings beside it |
//! | 2 | calls with what is known of their SQL; settings beside the call |
//! | 3 | calls of each service, with all settings; one owner |
//! | 4 | owners, one for each client |

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::Owner;
use super::lines::{Happened, Header, Line, Planned};
use super::settings::{KeptPolls, KeptSettings};

/// A line of version 1, 2 or 3.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum OlderLine {
    Journal(OneOwner),
    Call(OlderCall),
    Opened { at: u64 },
    Event(Happened),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneOwner {
    version: u32,
    /// Since version 3.
    #[serde(default)]
    program: String,
    service: String,
    endpoint: String,
    account: String,
    stops_on_failure: bool,
    calls: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderCall {
    key: String,
    #[serde(default)]
    after: Vec<String>,
    /// Since version 3.
    settings: Option<KeptSettings>,
    /// Of version 2.
    timeout_ms: Option<u64>,
    /// Of version 2.
    poll_interval_ms: Option<u64>,
    call: Box<RawValue>,
}

/// A call of version 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sql {
    sql: String,
    timeout_ms: u64,
    poll_interval_ms: u64,
}

/// A statement of which nothing is known but its SQL.
#[derive(Serialize)]
struct SqlAlone<'a> {
    sql: &'a str,
}

/// Returns the line as this version has it.
pub(super) fn upgraded(version: u32, line: &[u8]) -> Result<Line, String> {
    let line: OlderLine = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    Ok(match line {
        OlderLine::Journal(one) => {
            let OneOwner { version, program, service, endpoint, account, stops_on_failure, calls } = one;
            let owner = Owner { service: service.into(), endpoint, account, organization: None };
            Line::Journal(Header { version, program, members: vec![owner], stops_on_failure, calls })
        }
        OlderLine::Call(call) => Line::Call(upgraded_call(version, call).map_err(|e| e.to_string())?),
        OlderLine::Opened { at } => Line::Opened { at },
        OlderLine::Event(event) => Line::JournalEvent(event),
    })
}

fn upgraded_call(version: u32, call: OlderCall) -> Result<Planned, serde_json::Error> {
    let OlderCall { key, after, settings, timeout_ms, poll_interval_ms, call } = call;
    let (settings, call) = if version == 1 {
        let Sql { sql, timeout_ms, poll_interval_ms } = serde_json::from_str(call.get())?;
        (Some(two_settings(timeout_ms, poll_interval_ms)), to_raw_value(&SqlAlone { sql: &sql })?)
    } else {
        let two = timeout_ms.zip(poll_interval_ms).map(|(timeout, interval)| two_settings(timeout, interval));
        (settings.or(two), call)
    };
    let missing = || serde::de::Error::custom("missing field `settings`");
    Ok(Planned { key, after, member: 0, settings: settings.ok_or_else(missing)?, call })
}

/// The settings that versions before 3 kept. The others are those of the client.
fn two_settings(timeout_ms: u64, interval_ms: u64) -> KeptSettings {
    let poll = KeptPolls { interval_ms, factor: None, max_interval_ms: None };
    KeptSettings { timeout_ms, http_timeout_ms: None, poll, retry: None }
}
