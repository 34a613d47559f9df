//! Tries the credentials of a service with a request that changes nothing.

use std::time::Duration;

use controlplane::{Error, ErrorKind};

use crate::advice::translated;
use crate::app::App;
use crate::apply::Service;
use crate::failure::Result;
use crate::profile;
use crate::progress::one_line;

use super::{Finding, Level};

/// The time for the request, with its polls.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Says that the credentials were not tried.
pub(super) fn untried(service: Service) -> Finding {
    Finding::new(Level::Info, service.name(), "sign-in: not tried")
        .advice("`controlplane doctor --sign-in` tries the credentials with a request that changes nothing.")
}

/// Tries the credentials: asks for the clusters of Onehouse, the organization of EloqCloud, the workflows of a workspace of
/// H2O (whether there is one of that name or not), or the workspaces of Hotdata.
pub(super) fn attempt(app: &App, service: Service) -> Finding {
    let about = service.name();
    match request(app, service) {
        Ok(Ok(())) => Finding::new(Level::Ok, about, "sign-in: the credentials were accepted"),
        // The service knows who asks. What it refuses is the workspace.
        Ok(Err(error)) if service == Service::H2o && is_about_workspace(&error) => {
            Finding::new(Level::Ok, about, "sign-in: the credentials were accepted")
        }
        Ok(Err(error)) => {
            let text = error.to_string();
            let (what, advice) = text.split_once('\n').unwrap_or((&text, ""));
            let (level, outcome) = match error.is_auth() {
                true => (Level::Error, "the credentials were rejected"),
                false => (Level::Warning, "no answer about the credentials"),
            };
            Finding::new(level, about, format!("sign-in: {outcome}: {}", one_line(what)))
                .advice(translated(advice).unwrap_or_default())
        }
        Err(failure) => {
            let text = failure.to_string();
            let what = text.lines().next().unwrap_or_default();
            Finding::new(
                Level::Error,
                about,
                format!("sign-in: no request can be made with these credentials: {what}"),
            )
        }
    }
}

fn is_about_workspace(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
}

fn request(app: &App, service: Service) -> Result<std::result::Result<(), Error>> {
    let (timeout, token) = (app.globals.timeout.unwrap_or(TIMEOUT), app.interrupt.token());
    Ok(match service {
        Service::Onehouse => {
            let client = profile::client(app, None, None)?.build()?;
            client.show_clusters().timeout(timeout).cancel_with(token).send().map(drop)
        }
        Service::Eloq => {
            let client = crate::eloq::client(app, None, None)?;
            client.org().timeout(timeout).cancel_with(token).send().map(drop)
        }
        Service::H2o => {
            let client = crate::h2o::client(app, None)?.workflow();
            let call = client.list_workflows("workspaces/default").page_size(1);
            call.timeout(timeout).cancel_with(token).send().map(drop)
        }
        Service::Hotdata => {
            let client = crate::hotdata::client(app, None, None)?;
            client.workspaces().list().timeout(timeout).cancel_with(token).send().map(drop)
        }
    })
}
