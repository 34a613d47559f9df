//! `controlplane resume`: continues the batch in a journal, or waits for the end of one operation.

use std::path::Path;
use std::time::Duration;

use controlplane::{Effect, onehouse};

use crate::app::App;
use crate::apply::{self, Decisions, Service};
use crate::failure::{Failure, Result, shell_word};
use crate::show;
use crate::watch::{failed_wait, watched};

/// Continue the batch in a journal, or wait for an operation that was submitted earlier
///
/// Nothing is sent again that was sent before.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal of a batch, request id of Onehouse, name of a run of H2O (workspaces/…), or with --service
    /// another id: the name of a cluster (eloq), the id of a query run or a job (hotdata)
    #[arg(value_name = "ID|JOURNAL")]
    what: String,
    /// Service that has given the id [default: by the form of the id]
    #[arg(long, value_enum)]
    service: Option<Service>,
    #[command(flatten)]
    decisions: Decisions,
}

/// What is to be continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Journal,
    Id(Service),
}

/// Finds out what an argument is: a file is a journal, whatever its name is like.
pub(crate) fn what(text: &str, service: Option<Service>) -> What {
    match service {
        Some(service) => What::Id(service),
        None if Path::new(text).exists() => What::Journal,
        None if text.starts_with("workspaces/") => What::Id(Service::H2o),
        // Ids of Onehouse have no slash, and no ending of a file.
        None if text.contains(['/', '\\']) || text.ends_with(".journal") => What::Journal,
        None => What::Id(Service::Onehouse),
    }
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let id = args.what.as_str();
    if app.globals.dry_run {
        return Err(Failure::usage("resuming sends nothing but requests that read; it has no dry run"));
    }
    match what(id, args.service) {
        What::Journal => apply::resume(app, Path::new(id), &args.decisions),
        What::Id(Service::Onehouse) => onehouse(app, id, args.decisions.poll_interval),
        What::Id(Service::Eloq) => crate::eloq::resume(app, id),
        What::Id(Service::H2o) => crate::h2o::resume(app, id),
        What::Id(Service::Hotdata) => crate::hotdata::resume(app, id),
    }
}

/// The client of Onehouse, with the profile of the command line.
pub(crate) fn onehouse_client(app: &App, poll: Option<Duration>) -> Result<onehouse::Client> {
    let builder = onehouse::Client::builder();
    let builder = match &app.globals.profile {
        Some(profile) => builder.profile(profile),
        None => builder,
    };
    let builder = match poll {
        Some(interval) => builder.poll_interval(interval),
        None => builder,
    };
    Ok(builder.build()?)
}

fn onehouse(app: &App, id: &str, poll: Option<Duration>) -> Result {
    let call =
        watched(app, onehouse_client(app, poll)?.resume(id), &format!("request {id}"), Effect::Repeatable);
    let done = call
        .send()
        .map_err(|error| failed_wait(error, || format!("controlplane resume {}", shell_word(id))))?;
    show::value(app, &done.api_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_onehouse_unless_its_form_or_the_option_says_otherwise() {
        for (text, service, expected) in [
            ("8c3f2e9d-7a16", None, What::Id(Service::Onehouse)),
            ("workspaces/w/workflows/f/revisions/r/runs/n", None, What::Id(Service::H2o)),
            ("c1", Some(Service::Eloq), What::Id(Service::Eloq)),
            ("none/such.json", None, What::Journal),
            ("provision.journal", None, What::Journal),
            (env!("CARGO_MANIFEST_DIR"), None, What::Journal),
        ] {
            assert_eq!(what(text, service), expected, "{text}");
        }
    }
}
