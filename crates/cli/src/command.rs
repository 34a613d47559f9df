//! Commands of EloqCloud, H2O Workflows and Hotdata, as far as the program treats them alike.

use std::time::Duration;

use controlplane::http::Request;
use controlplane::{Effect, Error, eloq, h2o_workflows, hotdata};
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::duration;
use crate::failure::{Failure, Result};
use crate::show;
use crate::watch::{Watched, watched};

/// The options of all commands that wait.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Polling {
    /// First interval between two polls, for example 500ms or 5s; a bare number is seconds
    #[arg(long, global = true, value_parser = duration::interval, value_name = "DURATION")]
    pub(crate) poll_interval: Option<Duration>,
}

/// A call that sends one command.
pub(crate) trait CommandCall: Watched {
    type Output;

    fn label(&self) -> String;
    fn effect(&self) -> Effect;
    fn request(&self) -> std::result::Result<Request, Error>;
    fn sent(self) -> std::result::Result<Self::Output, Error>;

    /// The failure of the call.
    fn failure(error: Error) -> Failure {
        error.into()
    }

    /// Prints the output of the call.
    fn print(app: &App, output: &impl Serialize) -> Result {
        show::value(app, output)
    }
}

impl<C: eloq::Command> CommandCall for eloq::Call<eloq::Blocking, C> {
    type Output = C::Output;

    fn label(&self) -> String {
        self.command().label()
    }

    fn effect(&self) -> Effect {
        self.command().effect()
    }

    fn request(&self) -> std::result::Result<Request, Error> {
        self.to_request()
    }

    fn sent(self) -> std::result::Result<C::Output, Error> {
        self.send()
    }

    fn failure(error: Error) -> Failure {
        crate::eloq::failure(error)
    }

    fn print(app: &App, output: &impl Serialize) -> Result {
        crate::eloq::show(app, output)
    }
}

impl<C: h2o_workflows::Command> CommandCall for h2o_workflows::Call<h2o_workflows::Blocking, C> {
    type Output = C::Output;

    fn label(&self) -> String {
        self.command().name().to_owned()
    }

    fn effect(&self) -> Effect {
        self.command().effect()
    }

    fn request(&self) -> std::result::Result<Request, Error> {
        self.to_request()
    }

    fn sent(self) -> std::result::Result<C::Output, Error> {
        self.send()
    }

    fn failure(error: Error) -> Failure {
        crate::h2o::failure(error)
    }
}

impl<C: hotdata::Command> CommandCall for hotdata::Call<hotdata::Blocking, C> {
    type Output = C::Output;

    fn label(&self) -> String {
        self.command().name().to_owned()
    }

    fn effect(&self) -> Effect {
        self.command().effect()
    }

    fn request(&self) -> std::result::Result<Request, Error> {
        self.to_request()
    }

    fn sent(self) -> std::result::Result<C::Output, Error> {
        self.send()
    }
}

/// Returns the call of a command with the options of the program.
pub(crate) fn prepared<C: CommandCall>(app: &App, call: C) -> C {
    let (label, effect) = (call.label(), call.effect());
    watched(app, call, &label, effect)
}

/// Sends a command and returns its output, or prints its request in a dry run.
pub(crate) fn sent<C: CommandCall>(app: &App, call: C) -> Result<Option<C::Output>> {
    let call = prepared(app, call);
    if app.globals.dry_run {
        show::request(app, &call.request().map_err(C::failure)?)?;
        return Ok(None);
    }
    Ok(Some(call.sent().map_err(C::failure)?))
}

/// Sends a command and prints its output, or prints its request in a dry run.
pub(crate) fn send<C: CommandCall<Output: Serialize>>(app: &App, call: C) -> Result {
    match sent(app, call)? {
        Some(output) => C::print(app, &output),
        None => Ok(()),
    }
}

/// The same for a command that creates or starts something. `-o name` prints this name if the output has none.
pub(crate) fn send_named<C: CommandCall<Output: Serialize>>(app: &App, call: C, name: &str) -> Result {
    match sent(app, call)? {
        Some(output) if app.out.wants_names() => show::named(app, &output, name),
        Some(output) => C::print(app, &output),
        None => Ok(()),
    }
}

/// Prints the items of a list up to a limit, or the request of its first page in a dry run. A table has these
/// columns; `-o name` prints the first one.
pub(crate) fn list<C, T: Serialize, I>(
    app: &App,
    call: C,
    items: impl FnOnce(C) -> I,
    limit: Option<usize>,
    columns: &[&str],
) -> Result
where
    C: CommandCall,
    I: Iterator<Item = controlplane::Result<T>>,
{
    match listed(app, call, items, limit)? {
        Some(rows) => show::rows_of(app, rows, columns),
        None => Ok(()),
    }
}

/// Returns the items of a list up to a limit, or prints the request of its first page in a dry run.
pub(crate) fn listed<C, T: Serialize, I>(
    app: &App,
    call: C,
    items: impl FnOnce(C) -> I,
    limit: Option<usize>,
) -> Result<Option<Vec<Value>>>
where
    C: CommandCall,
    I: Iterator<Item = controlplane::Result<T>>,
{
    let call = prepared(app, call);
    if app.globals.dry_run {
        show::request(app, &call.request().map_err(C::failure)?)?;
        return Ok(None);
    }
    let mut rows = Vec::new();
    for item in items(call).take(limit.unwrap_or(usize::MAX)) {
        rows.push(show::to_value(&item.map_err(C::failure)?)?);
    }
    Ok(Some(rows))
}
