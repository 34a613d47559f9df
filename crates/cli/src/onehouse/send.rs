//! Sends a statement, and prints its result.

use std::time::Duration;

use controlplane::onehouse::{Client, Command, NameCheck, StatusResponse};
use serde_json::{Value, json};

use crate::app::App;
use crate::apply::creates_secret;
use crate::call::keeps_secret;
use crate::failure::{Failure, Result, shell_word};
use crate::output::Format;
use crate::profile;

use super::Options;

/// The time limit of a statement without `--timeout`, as in `oh` 0.4.0.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(600);

/// A statement, besides its command.
#[derive(Debug)]
pub(super) struct Sending<'a> {
    /// Its text.
    pub(super) sql: &'a str,
    /// Its beginning, without values.
    pub(super) label: &'a str,
    pub(super) names: NameCheck,
    /// The sentence for its success.
    pub(super) done: Option<&'a str>,
    /// Its payload is left out of tables.
    pub(super) is_silent: bool,
    /// It is not waited for, as with `--no-wait`.
    pub(super) is_detached: bool,
}

/// Returns the client that the options ask for.
pub(super) fn client(app: &App, options: &Options) -> Result<Client> {
    let builder = profile::client(app, options.base_url.as_deref(), options.poll_interval)?;
    Ok(builder.timeout(app.globals.timeout.unwrap_or(TIMEOUT)).build()?)
}

/// Sends a command and prints its result; with `--dry-run` its SQL, with `--no-wait` its id.
pub(super) fn send<C: Command>(app: &App, options: &Options, command: C, sending: &Sending<'_>) -> Result {
    if app.globals.dry_run {
        return match app.out.format() {
            Format::Json | Format::Yaml => app.out.value(&json!({ "statement": sending.sql })),
            _ => app.out.text(sending.sql),
        };
    }
    let waits = !app.globals.no_wait && !sending.is_detached;
    keeps_secret(app, waits && creates_secret(sending.sql))?;
    let effect = command.effect();
    let mut call = client(app, options)?.call(command).cancel_with(app.interrupt.token());
    if sending.names == NameCheck::Unchecked {
        call = call.unchecked_names();
    }
    if app.globals.no_wait || sending.is_detached {
        let id = call.submit()?.request_id;
        return match app.out.format() {
            Format::Table => app.out.text(&format!("Submitted. Request ID: {id}")),
            _ => app.out.value(&json!({ "request_id": id })),
        }
        .map_err(|failure| carried_out(failure, &id));
    }
    let response = call.on_progress(app.progress.observer(sending.label, effect, |_| "request id")).send()?;
    if response.is_partial() {
        let id = shell_word(&response.request_id);
        app.progress.warn(&format!("{}: partially succeeded (request id {id})", sending.label));
    }
    if let Some(done) = sending.done {
        app.progress.note(done);
    }
    if sending.is_silent && app.out.format() == Format::Table {
        return Ok(());
    }
    if sending.done.is_none() && view(&response).as_array().is_some_and(Vec::is_empty) {
        app.progress.note(&none(sending.label));
    }
    print(app, &response)
}

/// Says that a list is empty: a table of nothing has no lines.
fn none(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    match words.as_slice() {
        ["SHOW", what, ..] => format!("There are no {}.", what.to_lowercase().replace('_', " ")),
        _ => "There are no rows.".to_owned(),
    }
}

/// Prints the payload of an operation.
pub(super) fn print(app: &App, response: &StatusResponse) -> Result {
    app.out
        .shaped(&response.api_response, &view(response))
        .map_err(|failure| carried_out(failure, &response.request_id))
}

/// The result was not written, which must not lead to a second attempt.
fn carried_out(failure: Failure, id: &str) -> Failure {
    failure.hint_unless_set(format!(
        "The service has accepted the command (request id {id}); do not send it again. `controlplane onehouse sql status {}` shows its result.",
        shell_word(id)
    ))
}

/// The payload for a person: without its wrapper, and rows as objects whichever shape they have.
fn view(response: &StatusResponse) -> Value {
    let payload = response.payload();
    let has_rows = payload.get("rows").is_some() || payload.get("data").is_some();
    match payload {
        Value::Object(_) if !has_rows => payload.clone(),
        Value::Object(_) | Value::Array(_) => {
            response.rows().into_iter().map(|row| Value::Object(row.into_map())).collect()
        }
        scalar => scalar.clone(),
    }
}
