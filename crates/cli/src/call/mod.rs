//! `controlplane SERVICE call`: any command of a service as JSON, by the name that its vendor gives it.

mod fields;
mod read;

use controlplane::http::Method;
use controlplane::{Effect, eloq, h2o_workflows, hotdata, onehouse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::app::App;
use crate::apply::{SECRETS, creates_secret};
use crate::command::CommandCall;
use crate::confirm;
use crate::failure::{Failure, Result};
use crate::output::{Format, lines};
use crate::show;
use crate::watch::watched;

pub(crate) use fields::Schema;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the command: see --list
    #[arg(value_name = "COMMAND", required_unless_present = "list")]
    name: Option<String>,
    /// Fields of the command as a JSON object; - reads it from standard input
    #[arg(long, value_name = "JSON", default_value = "{}", allow_hyphen_values = true)]
    json: String,
    /// List the commands of the service
    #[arg(long, conflicts_with_all = ["json", "fields"])]
    list: bool,
    /// List the fields of the command
    #[arg(long, conflicts_with = "json")]
    fields: bool,
}

/// The outcome of reading the arguments.
enum Asked {
    /// Something was printed, and nothing is to be sent.
    Printed,
    /// This command, with the text of its fields.
    Command(String, String),
}

/// Prints what is to be listed, or returns the command to send.
fn asked(app: &App, args: Args, service: &str, schema: &str) -> Result<Asked> {
    let schema = Schema::read(service, schema)?;
    let Some(name) = args.name else {
        show::rows_of(app, schema.commands(), &["name", "description"])?;
        return Ok(Asked::Printed);
    };
    let name = schema.check(&name)?;
    if args.fields {
        show::rows_of(app, schema.fields(&name), &["field", "type", "required", "description"])?;
        return Ok(Asked::Printed);
    }
    let text = if args.json == "-" { crate::input::text(app, "-")? } else { args.json };
    Ok(Asked::Command(name, text))
}

/// Asks before a command that deletes something.
fn confirm_deletion(app: &App, service: &str, name: &str, is_delete: bool) -> Result {
    if is_delete || deletes(name) {
        confirm::ask(app, &format!("Send the command {name} to {service}"))?;
    }
    Ok(())
}

/// True if the command whose name the text begins with deletes something, whatever its first request is:
/// `apply_runners` deletes the runners that it does not list.
pub(crate) fn deletes(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    name.ends_with("apply_runners") || name.split(['.', '_']).any(|word| word.eq_ignore_ascii_case("delete"))
}

/// Prints an output. A command without one has succeeded.
fn output(app: &App, name: &str, output: &impl Serialize) -> Result {
    match show::to_value(output)? {
        Value::Null => show::outcome(app, name, "done"),
        mut value => {
            if crate::eloq::hide_passwords(&mut value) {
                let how = "`controlplane eloq cluster-credentials --show-password` prints them.";
                app.progress.note(&format!("Passwords are not shown. {how}"));
            }
            app.out.value(&value)
        }
    }
}

/// A service whose commands are requests.
struct Service {
    /// The name of its group.
    name: &'static str,
    schema: &'static str,
}

/// Sends a command of a service; prints its request in a dry run. `call_of` makes the call.
fn send<C, K>(app: &App, args: Args, service: &Service, call_of: impl FnOnce(C) -> Result<K>) -> Result
where
    C: DeserializeOwned,
    K: CommandCall<Output: Serialize>,
{
    let Asked::Command(name, text) = asked(app, args, service.name, service.schema)? else {
        return Ok(());
    };
    let call = call_of(read::command(service.name, &name, &text)?)?;
    let effect = call.effect();
    let call = watched(app, call, &format!("{} {name}", service.name), effect);
    let request = call.request().map_err(K::failure)?;
    if app.globals.dry_run {
        return show::request(app, &request);
    }
    keeps_secret(app, SECRETS.contains(&&*name))?;
    confirm_deletion(app, service.name, &name, request.method == Method::Delete)?;
    output(app, &name, &call.sent().map_err(K::failure)?)
}

/// Refuses to print a name alone in place of a secret that is shown once.
pub(crate) fn keeps_secret(app: &App, is_shown_once: bool) -> Result {
    if is_shown_once && app.out.wants_names() {
        let what = "-o name would lose the secret, which the service shows once: nothing was sent";
        return Err(Failure::usage(what).hint("Leave `-o name` out, or use `-o json`."));
    }
    Ok(())
}

pub(crate) fn eloq(app: &App, args: Args, project: Option<eloq::Project>) -> Result {
    let service = Service { name: "eloq", schema: eloq::AnyCommand::schema() };
    send(app, args, &service, |command: eloq::AnyCommand| {
        let client = crate::eloq::client(app, project.clone(), None)?;
        let call = client.call(command);
        // A dry run has no client of the project.
        Ok(match project {
            Some(project) => call.project(project),
            None => call,
        })
    })
}

pub(crate) fn h2o(app: &App, args: Args) -> Result {
    let service = Service { name: "h2o", schema: h2o_workflows::AnyCommand::schema() };
    send(app, args, &service, |command: h2o_workflows::AnyCommand| {
        Ok(crate::h2o::client(app, None)?.call(command))
    })
}

/// `in_database` names the database of the group's options in a command, and returns the client.
pub(crate) fn hotdata(
    app: &App,
    args: Args,
    in_database: impl FnOnce(hotdata::AnyCommand) -> Result<(hotdata::Client, hotdata::AnyCommand)>,
) -> Result {
    let service = Service { name: "hotdata", schema: hotdata::AnyCommand::schema() };
    send(app, args, &service, |command: hotdata::AnyCommand| {
        let (client, command) = in_database(command)?;
        Ok(client.call(command))
    })
}

/// `client`: makes the client, with the options of the group.
pub(crate) fn onehouse(app: &App, args: Args, client: impl FnOnce() -> Result<onehouse::Client>) -> Result {
    use onehouse::Command;
    const SERVICE: &str = "onehouse";
    let Asked::Command(name, text) = asked(app, args, SERVICE, onehouse::AnyCommand::schema())? else {
        return Ok(());
    };
    let command: onehouse::AnyCommand = read::command(SERVICE, &name, &text)?;
    let effect = command.effect();
    if app.globals.dry_run {
        let sql = command.to_sql()?;
        return match app.out.format() {
            Format::Table if !app.out.has_query() => app.out.text(&lines(&sql)),
            _ => app.out.value(&json!({"statement": sql})),
        };
    }
    let waits = !(app.globals.no_wait && effect == Effect::Changes);
    keeps_secret(app, waits && creates_secret(&command.to_sql()?))?;
    confirm_deletion(app, SERVICE, &name, false)?;
    let call = watched(app, client()?.call(command), &format!("{SERVICE} {name}"), effect);
    if !waits {
        return output(app, &name, &call.submit()?);
    }
    output(app, &name, &call.send()?)
}
