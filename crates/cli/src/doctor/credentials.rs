//! Where the values of the credentials of a service come from. Never the values.

use controlplane::client::Origin;
use controlplane::{Error, eloq, h2o_workflows, hotdata, onehouse};

use crate::advice::translated;
use crate::app::App;
use crate::apply::Service;
use crate::profile;

use super::{Finding, Level};

/// The credentials of a service, as far as they could be read.
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    /// The address of the service, or of the one that says where it is.
    pub(super) address: Option<String>,
    /// Nothing is set.
    pub(super) is_absent: bool,
    /// A client can be made with them.
    pub(super) is_complete: bool,
}

/// The fields of the credentials of each service, and the beginnings of its variables.
const ONEHOUSE: [&str; 8] =
    ["account_uid", "project_uid", "api_key", "api_secret", "link_uid", "region", "user_uid", "base_url"];
const ELOQ: [&str; 2] = ["api_key", "base_url"];
const H2O: [&str; 3] = ["environment", "platform_token", "token_endpoint"];
const HOTDATA: [&str; 4] = ["api_key", "workspace_id", "database_id", "base_url"];

/// Reads the credentials of a service.
pub(super) fn of(app: &App, service: Service) -> Found {
    match service {
        Service::Onehouse => {
            let read = profile::lookup(app, None).build();
            let address = address(&read, |found| found.base_url().to_owned(), onehouse::DEFAULT_BASE_URL);
            let advice = read.as_ref().err().and_then(|error| profile::advice(app, error));
            let mut found = found(
                service,
                read,
                &ONEHOUSE,
                |read, field| read.origin(field).cloned(),
                |read| read.hint().map(str::to_owned),
                address,
            );
            if let (Some(advice), Some(finding)) = (advice, found.findings.first_mut()) {
                finding.advice = advice;
            }
            found
        }
        Service::Eloq => {
            let read = eloq::Credentials::from_env();
            let address = address(&read, |found| found.base_url().to_owned(), eloq::DEFAULT_BASE_URL);
            found(
                service,
                read,
                &ELOQ,
                |read, field| read.origin(field).cloned(),
                |read| read.hint().map(str::to_owned),
                address,
            )
        }
        Service::H2o => {
            let read = h2o_workflows::Credentials::from_env();
            let address = read.as_ref().ok().map(|read| read.address().to_owned());
            found(
                service,
                read,
                &H2O,
                |read, field| read.origin(field).cloned(),
                |read| read.hint().map(str::to_owned),
                address,
            )
        }
        Service::Hotdata => {
            let read = hotdata::Credentials::from_env();
            let address = address(&read, |found| found.base_url().to_owned(), hotdata::DEFAULT_BASE_URL);
            found(
                service,
                read,
                &HOTDATA,
                |read, field| read.origin(field).cloned(),
                |read| read.hint().map(str::to_owned),
                address,
            )
        }
    }
}

/// The address of the credentials, or the default one if they cannot be read.
fn address<C>(read: &Result<C, Error>, of: impl FnOnce(&C) -> String, default: &str) -> Option<String> {
    Some(read.as_ref().map_or_else(|_| default.to_owned(), of))
}

fn found<C>(
    service: Service,
    read: Result<C, Error>,
    fields: &[&str],
    origin: impl Fn(&C, &str) -> Option<Origin>,
    hint: impl Fn(&C) -> Option<String>,
    address: Option<String>,
) -> Found {
    match read {
        Ok(read) => {
            let mut findings: Vec<Finding> = fields
                .iter()
                .filter_map(|field| {
                    let origin = origin(&read, field)?;
                    Some(Finding::new(Level::Ok, service.name(), format!("{field} comes from {origin}")))
                })
                .collect();
            findings.extend(hint(&read).map(|hint| Finding::new(Level::Warning, service.name(), hint)));
            findings.extend(workspace(service, |field| origin(&read, field).is_some()));
            Found { findings, address, is_absent: false, is_complete: true }
        }
        Err(error) => {
            let text = error.to_string();
            let (what, advice) = text.split_once('\n').unwrap_or((&text, ""));
            // All that is needed is missing: the service is not used here.
            let is_absent = error.missing_fields().len() >= needed(service) && !has_variable(service);
            let finding = Finding::new(Level::Error, service.name(), format!("credentials: {what}"));
            Found {
                findings: vec![finding.advice(translated(advice).unwrap_or_default())],
                address,
                is_absent,
                is_complete: false,
            }
        }
    }
}

/// The number of values that are missing if nothing is set.
fn needed(service: Service) -> usize {
    match service {
        Service::Onehouse => 3,
        Service::Eloq | Service::H2o | Service::Hotdata => 1,
    }
}

/// True if a variable is set that is meant for the service.
fn has_variable(service: Service) -> bool {
    let prefix = match service {
        Service::Onehouse => "ONEHOUSE_",
        Service::Eloq => "ELOQ_",
        Service::H2o => "H2O",
        Service::Hotdata => "HOTDATA_",
    };
    std::env::vars_os().any(|(name, value)| name.to_string_lossy().starts_with(prefix) && !value.is_empty())
}

/// Warns if the workspace is missing, which most calls need besides the credentials.
fn workspace(service: Service, has: impl Fn(&str) -> bool) -> Option<Finding> {
    if service != Service::Hotdata || has("workspace_id") {
        return None;
    }
    let finding = Finding::new(Level::Warning, service.name(), "no workspace is set; most calls need one");
    Some(finding.advice("Set HOTDATA_WORKSPACE to an id of `controlplane hotdata workspaces`."))
}
