//! An upload of a file with its load, as data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::client::Client;
use crate::hotdata::command::Command;
use crate::hotdata::loads::{AnyLoad, Load};
use crate::http::Request;

use super::call::UploadCall;
use super::load::{Known, UploadAndLoad};
use super::plan::{Plan, name_of};
use super::source::Input;

/// Uploads a file and loads it into a table.
///
/// It has the arguments of [`upload_path(…).and_load(…)`](UploadCall::and_load) as a value, for plans (calls
/// in a JSON file): see [`PlanCommand`](crate::hotdata::PlanCommand). [`Client::upload_and_load`] makes a
/// call of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UploadAndLoadFile {
    /// The path of the file. A relative path is relative to the working directory of the process that uploads
    /// the file.
    pub path: PathBuf,
    /// The file name of the upload. Default: the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The media type, for example `text/csv`, by which the load detects the format. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The compression that the file has, for example `gzip`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// The load. In JSON it is an object with one key, `load_database_table` or `load_managed_table`. It has
    /// no `upload_id`, `result_id` and `data`, because the upload is its source.
    pub load: AnyLoad,
}

impl UploadAndLoadFile {
    /// The name of this command in a plan: `upload_and_load`.
    pub const NAME: &'static str = "upload_and_load";

    /// Returns the upload of this file with this load. It has the default file name, no media type and no
    /// compression.
    pub fn new(path: impl Into<PathBuf>, load: impl Into<AnyLoad>) -> Self {
        let (path, load) = (path.into(), load.into());
        Self { path, filename: None, content_type: None, content_encoding: None, load }
    }

    /// Returns the first HTTP request, which creates the upload session. It does not have the size of the
    /// file, because this method opens no file.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the load has a source, an idempotency key or types
    /// of columns, or if one of its ids or names is empty, `.` or `..`.
    pub fn to_request(&self) -> Result<Request, Error> {
        let settings = self.settings();
        Known::of(&self.load, &settings, None)?;
        settings.session(None).to_request()
    }

    /// Returns the first HTTP request for a file of this size in bytes, which creates the upload session.
    /// Opens no file. The request declares a size of up to 8 MiB; of a larger file it has only the part size.
    ///
    /// # Errors
    ///
    /// The same as those of [`to_request`](Self::to_request).
    pub fn to_request_of_size(&self, bytes: u64) -> Result<Request, Error> {
        let settings = self.settings();
        Known::of(&self.load, &settings, Some(bytes))?;
        settings.session(Some(bytes)).to_request()
    }

    fn settings(&self) -> Plan {
        Plan {
            content_type: self.content_type.clone(),
            content_encoding: self.content_encoding.clone(),
            ..Plan::new(self.filename.clone().or_else(|| name_of(&self.path)))
        }
    }
}

impl<M> Client<M> {
    /// Uploads a file and loads it into a table, as [`upload_path(…).and_load(…)`](UploadCall::and_load)
    /// does.
    ///
    /// The errors are those of [`UploadAndLoad::send`].
    ///
    /// ```no_run
    /// use controlplane::hotdata::{
    ///     Client, LoadDatabaseTable, LoadManagedTableRequest, LoadMode, UploadAndLoadFile,
    /// };
    ///
    /// # let client = Client::from_env()?;
    /// let request = LoadManagedTableRequest::new(LoadMode::Append);
    /// let load = LoadDatabaseTable::new("dbid7h2k9q4m1x8c", "main", "orders", request);
    /// client.upload_and_load(UploadAndLoadFile::new("orders.csv", load)).and_wait().send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn upload_and_load(&self, file: UploadAndLoadFile) -> UploadAndLoad<M, Load<AnyLoad>> {
        let plan = file.settings();
        let upload = UploadCall { plan, ..UploadCall::new(self.clone(), Input::Path(file.path)) };
        upload.and_load(self.load(file.load))
    }
}
