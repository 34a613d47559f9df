//! `controlplane status`: what is known of a batch or an operation now, without waiting.

use std::ffi::OsString;

use controlplane::Effect;

use crate::app::App;
use crate::apply::{self, Service};
use crate::failure::Result;
use crate::resume::{What, onehouse_client, what};
use crate::watch::watched;
use crate::{profile, show};

/// Show the status of an operation, or of the steps of a batch, without waiting
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal of a batch, request id of Onehouse, name of a run of H2O (workspaces/…), id of a query run of
    /// Hotdata, or with --service another id: the name of a cluster (eloq), the id of a job (hotdata)
    #[arg(value_name = "ID|JOURNAL")]
    what: OsString,
    /// Service that the id belongs to [default: found by the form of the id]
    #[arg(long, value_enum)]
    service: Option<Service>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let (service, id) = match what(&args.what, args.service)? {
        What::Journal(path) => return apply::status(app, path),
        What::Id(service, id) => (service, id),
    };
    profile::check(app, &[service])?;
    match service {
        Service::Onehouse => {
            let call = onehouse_client(app, None)?.get_status(id);
            let status = watched(app, call, &format!("request {id}"), Effect::Repeatable).send()?;
            show::value(app, &status)
        }
        Service::Eloq => crate::eloq::status(app, id),
        Service::H2o => crate::h2o::status(app, id),
        Service::Hotdata => crate::hotdata::status(app, id),
    }
}
