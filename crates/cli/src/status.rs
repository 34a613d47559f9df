//! `controlplane status`: what is known of a batch or an operation now, without waiting.

use std::path::Path;

use controlplane::Effect;

use crate::app::App;
use crate::apply::{self, Service};
use crate::failure::Result;
use crate::resume::{What, onehouse_client, what};
use crate::show;
use crate::watch::watched;

/// Show the status of an operation, or of the steps of a batch, without waiting
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Journal of a batch, request id of Onehouse, name of a run of H2O (workspaces/…), or with --service
    /// another id: the name of a cluster (eloq), the id of a query run or a job (hotdata)
    #[arg(value_name = "ID|JOURNAL")]
    what: String,
    /// Service that has given the id [default: by the form of the id]
    #[arg(long, value_enum)]
    service: Option<Service>,
}

pub(crate) fn run(app: &App, args: Args) -> Result {
    let id = args.what.as_str();
    match what(id, args.service) {
        What::Journal => apply::status(app, Path::new(id)),
        What::Id(Service::Onehouse) => {
            let call = onehouse_client(app, None)?.get_status(id);
            let status = watched(app, call, &format!("request {id}"), Effect::Repeatable).send()?;
            show::value(app, &status)
        }
        What::Id(Service::Eloq) => crate::eloq::status(app, id),
        What::Id(Service::H2o) => crate::h2o::status(app, id),
        What::Id(Service::Hotdata) => crate::hotdata::status(app, id),
    }
}
