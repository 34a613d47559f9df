//! `controlplane resume`: continues the batch in a journal, or waits for the end of one operation.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use controlplane::{Effect, onehouse};

use crate::app::App;
use crate::apply::{self, Decisions, Service};
use crate::failure::{Failure, Result, shell_word};
use crate::watch::{failed_wait, watched};
use crate::{profile, show};

/// Continue the batch in a journal, or wait for an operation that was submitted earlier
///
/// A change that the service accepted or may have accepted is not sent again, unless --again names its step.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal of a batch, request id of Onehouse, name of a run of H2O (workspaces/…), id of a query run of
    /// Hotdata, or with --service another id: the name of a cluster (eloq), the id of a job (hotdata)
    #[arg(value_name = "ID|JOURNAL")]
    what: OsString,
    /// Service that the id belongs to [default: found by the form of the id]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    decisions: Decisions,
}

/// The thing that an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    Journal(&'a Path),
    Id(Service, &'a str),
}

/// Finds out what an argument names: a file is a journal, whatever its name is like.
pub(crate) fn what(argument: &OsString, service: Option<Service>) -> Result<What<'_>> {
    let (path, text) = (Path::new(argument), argument.to_str());
    match (service, text) {
        (Some(service), Some(id)) => Ok(What::Id(service, id)),
        (Some(_), None) => {
            Err(Failure::usage(format!("{argument:?} is not the id of anything: it is not UTF-8")))
        }
        (None, _) if path.exists() => Ok(What::Journal(path)),
        (None, Some(id)) => match service_of(id) {
            Some(service) => Ok(What::Id(service, id)),
            None if id.contains(['/', '\\']) || id.ends_with(".journal") => Ok(What::Journal(path)),
            None => Err(unknown(id)),
        },
        (None, None) => Ok(What::Journal(path)),
    }
}

/// Returns the service whose ids have this form.
///
/// Onehouse documents no form, and its examples are UUIDs. Names of H2O's runs begin with their workspace.
/// Ids of Hotdata have been four letters for their kind and 26 letters and digits; later ones need
/// `--service`.
fn service_of(id: &str) -> Option<Service> {
    if is_uuid(id) {
        return Some(Service::Onehouse);
    }
    if id.starts_with("workspaces/") {
        return Some(Service::H2o);
    }
    let is_kind = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_rest = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (id.len() == 30 && id.is_ascii() && is_kind(&id[..4]) && is_rest(&id[4..])).then_some(Service::Hotdata)
}

fn is_uuid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn unknown(id: &str) -> Failure {
    let word = shell_word(id);
    Failure::usage(format!("{id:?} is neither a file nor in the form of an id that is known: nothing was sent")).hint(
        format!(
            "Write the path of a journal, a request id of Onehouse (8c3f2e9d-7a16-…), the name of an H2O run \
             (workspaces/…/runs/…) or the id of a Hotdata query run (qrun…); or name the service: `--service eloq {word}` for \
             a cluster, `--service hotdata {word}` for a query run or a job, `--service onehouse {word}` for a request id of \
             another form."
        ),
    )
}

/// Returns the command that waits for the operation with this id of a request.
pub(crate) fn command(id: &str) -> String {
    let service = if service_of(id).is_some() { "" } else { "--service onehouse " };
    format!("controlplane resume {service}{}", shell_word(id))
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let what = what(&args.what, args.service)?;
    if app.globals.dry_run {
        return Err(match what {
            What::Journal(_) => Failure::usage("resume has no dry run: nothing was sent")
                .hint("`controlplane status JOURNAL` shows the state of each step; it sends nothing."),
            What::Id(..) => Failure::usage("resume has no dry run: nothing was sent")
                .hint("With an id it sends only requests that read. `controlplane status ID` reads once."),
        });
    }
    if app.globals.no_wait {
        return Err(Failure::usage("resume waits, so it cannot have --no-wait: nothing was sent")
            .hint("`controlplane status` shows what is known now, without waiting."));
    }
    match what {
        What::Journal(path) => apply::resume(app, path, &args.decisions),
        What::Id(service, id) => {
            args.decisions.check_id(id)?;
            profile::check(app, &[service])?;
            match service {
                Service::Onehouse => onehouse(app, id, args.decisions.poll_interval),
                Service::Eloq => crate::eloq::resume(app, id),
                Service::H2o => crate::h2o::resume(app, id),
                Service::Hotdata => crate::hotdata::resume(app, id),
            }
        }
    }
}

/// The client of Onehouse, with the profile of the command line. `--timeout` is for the whole of what is waited for,
/// so it can make the time of one call longer, but a journal does not keep a shorter one.
pub(crate) fn onehouse_client(app: &App, poll: Option<Duration>) -> Result<onehouse::Client> {
    let default = crate::onehouse::TIMEOUT;
    let timeout = app.globals.timeout.map_or(default, |whole| whole.max(default));
    Ok(profile::client(app, None, poll)?.timeout(timeout).build()?)
}

fn onehouse(app: &App, id: &str, poll: Option<Duration>) -> Result {
    let call =
        watched(app, onehouse_client(app, poll)?.resume(id), &format!("request {id}"), Effect::Repeatable);
    let done = call.send().map_err(|error| failed_wait(error, || command(id)))?;
    show::value(app, &done.api_response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    const UUID: &str = "8c3f2e9d-7a16-4d80-5b72-195e783a912f";
    const QUERY_RUN: &str = "qrunabcdefghijklmnop0123456789";

    #[test]
    fn the_form_of_an_id_or_the_option_says_which_service_it_is_of() {
        let run = "workspaces/w/workflows/f/revisions/r/runs/n";
        for (text, service, expected) in [
            (UUID, None, What::Id(Service::Onehouse, UUID)),
            (run, None, What::Id(Service::H2o, run)),
            (QUERY_RUN, None, What::Id(Service::Hotdata, QUERY_RUN)),
            ("c1", Some(Service::Eloq), What::Id(Service::Eloq, "c1")),
            ("other", Some(Service::Onehouse), What::Id(Service::Onehouse, "other")),
            ("none/such.json", None, What::Journal(Path::new("none/such.json"))),
            ("provision.journal", None, What::Journal(Path::new("provision.journal"))),
            (env!("CARGO_MANIFEST_DIR"), None, What::Journal(Path::new(env!("CARGO_MANIFEST_DIR")))),
        ] {
            assert_eq!(what(&text.into(), service).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn a_word_that_is_no_id_is_refused_with_what_to_write() {
        for text in [
            "prod",
            "",
            "8c3f2e9d",
            "8c3f2e9d-7a16-4d80-5b72-195e783a912g",
            "qrun1",
            &QUERY_RUN.to_uppercase(),
        ] {
            let failure = what(&text.into(), None).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage, "{text}");
            assert!(
                failure.to_string().contains(&format!("`--service eloq {}`", shell_word(text))),
                "{failure}"
            );
        }
    }

    #[test]
    fn the_command_that_continues_is_understood() {
        assert_eq!(command(UUID), format!("controlplane resume {UUID}"));
        assert_eq!(command("id 1"), "controlplane resume --service onehouse 'id 1'");
    }
}
