//! The job that uploads a file and loads it.

use crate::client::batch::{Job, JobContext};
use crate::error::Error;
use crate::hotdata::client::Hotdata;
use crate::hotdata::loads::LoadManagedTableRequest;
use crate::hotdata::uploads::{KeptUpload, Loadable, UploadErrand};

use super::Planned;

/// The job of an upload and this load. `is_timed`: the time limit of the call includes the upload.
pub(super) fn job<T: 'static>(
    context: JobContext<Hotdata, T>,
    label: &str,
    upload: &KeptUpload,
    is_timed: bool,
    load: &Planned,
) -> Result<Job<T>, Error> {
    let mut load = load.clone();
    let known = upload.seen(request_of(&mut load, label)?);
    let errand = UploadErrand::new(upload, known, &context.options);
    let timeout = is_timed.then_some(context.options.settings.timeout);
    let label_of_all = label.to_owned();
    Ok(context.after_errand(label, errand, timeout, move |mut context, loadable: Loadable, spent| {
        if let Some(timeout) = timeout {
            context.options.settings.timeout = timeout.saturating_sub(spent);
        }
        loadable.set(request_of(&mut load, &label_of_all)?);
        match loadable {
            Loadable::Upload(_) => load.job(context.explaining(move |error| loadable.not_loaded(error))),
            // Its text is in the load, and need not be kept twice.
            Loadable::Data(_) => load.job(context),
        }
    }))
}

/// The request of the load.
fn request_of<'a>(load: &'a mut Planned, label: &str) -> Result<&'a mut LoadManagedTableRequest, Error> {
    match load {
        Planned::LoadDatabaseTable { load, .. } => Ok(&mut load.load.load_managed_table_request),
        Planned::LoadManagedTable { load, .. } => Ok(&mut load.load.load_managed_table_request),
        _ => Err(Error::invalid(label, "the journal has an upload with a call that is not a load")
            .with_advice("Nothing was sent. A journal must not be edited by hand.")),
    }
}
