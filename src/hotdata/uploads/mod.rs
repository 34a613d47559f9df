//! Uploads of data to the service's storage, from which a load reads it.
//!
//! ```
//! # fn main() -> Result<(), controlplane::Error> {
//! # let client = controlplane::hotdata::Client::offline();
//! # if false {
//! let upload = client.uploads().upload_path("orders.csv").content_type("text/csv").send()?;
//! println!("{}: {} bytes", upload.upload_id, upload.size_bytes);
//! # }
//! # Ok(())
//! # }
//! ```

mod api;
mod batch;
mod blocking;
mod call;
mod commands;
mod failure;
mod file;
#[cfg(feature = "async")]
mod futures;
mod load;
mod machine;
mod model;
mod plan;
mod progress;
mod rules;
mod session;
mod source;
#[cfg(test)]
mod tests;
mod watch;

use std::io::{Read, Seek};
use std::path::PathBuf;

use bytes::Bytes;

use super::client::Client;

#[cfg(feature = "async")]
pub(super) use batch::carry_out_async;
pub(super) use batch::{KeptUpload, Loadable, UploadErrand, UploadFirst, carry_out};
pub use call::UploadCall;
pub use commands::{CreateUploadSession, CreateUploadSessionsBatch, FinalizeUpload, MintUploadParts};
pub use failure::{UploadFailure, UploadFailureKind};
pub use file::UploadAndLoadFile;
pub use load::UploadAndLoad;
pub use model::{
    BatchCreateUploadRequest, BatchCreateUploadResponse, CreateUploadRequest, FinalizeUploadPart,
    FinalizeUploadRequest, FinalizeUploadResponse, MintUploadPartsRequest, MintUploadPartsResponse,
    MintedUploadPartResponse, UploadMode, UploadSessionResponse,
};
pub use rules::{
    DEFAULT_MAX_CONCURRENCY, DEFAULT_MAX_EXTRA_ROUNDS, DEFAULT_MEMORY_BUDGET, DEFAULT_ROUND_BASE_DELAY,
    PartRetry, auto_part_size_hint, effective_in_flight, part_put_timeout, round_in_flight,
};

use source::Input;

/// The operations about uploads: see [`Client::uploads`].
#[derive(Debug)]
pub struct Uploads<M> {
    client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about uploads.
    pub fn uploads(&self) -> Uploads<M> {
        Uploads { client: self.clone() }
    }
}

/// # Whole uploads
///
/// The service keeps an upload for 7 days, or until it is loaded. An upload can have 16 GiB; more data needs
/// several uploads, each appended by its own load. Both are defaults of the service.
impl<M> Uploads<M> {
    /// Uploads a file, which is opened when the call is sent and read part by part.
    ///
    /// If the file changes before everything was written (its size, its modification time, or another file
    /// gets its name), the upload ends with [`Io`](crate::ErrorKind::Io) and is not finalized. To upload the
    /// first bytes of a file that grows, set [`UploadCall::size`].
    ///
    /// ```no_run
    /// # let client = controlplane::hotdata::Client::offline();
    /// let upload = client.uploads().upload_path("orders.csv").content_type("text/csv").send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "upload_file")]
    pub fn upload_path(&self, path: impl Into<PathBuf>) -> UploadCall<M> {
        UploadCall::new(self.client.clone(), Input::Path(path.into()))
    }

    /// Uploads bytes without copying them.
    #[doc(alias = "upload_file")]
    pub fn upload_bytes(&self, bytes: impl Into<Bytes>) -> UploadCall<M> {
        UploadCall::new(self.client.clone(), Input::Bytes(bytes.into()))
    }

    /// Uploads a seekable source from its current position to its end. Reads are sequential.
    ///
    /// As with [`upload_path`](Uploads::upload_path), nothing is finalized if the source changes meanwhile:
    /// its size, and of a [`File`](std::fs::File) its modification time.
    ///
    /// ```no_run
    /// # use std::io::{Cursor, Seek, SeekFrom};
    /// # let client = controlplane::hotdata::Client::offline();
    /// let mut file = Cursor::new(b"a header\nx,1\n");
    /// file.seek(SeekFrom::Start(9)).unwrap();
    /// client.uploads().upload_file(file).send()?;
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn upload_file(&self, file: impl Read + Seek + Send + 'static) -> UploadCall<M> {
        UploadCall::new(self.client.clone(), Input::file(file))
    }

    /// Uploads a source that can be read once, such as a pipe, of any length. Parts in flight are held in
    /// memory until they are written, because they cannot be read again.
    ///
    /// The vendor's client has no such method. It uses a session in which the URL of each part is requested.
    /// A source that ends within 8 MiB is uploaded as bytes.
    pub fn upload_reader(&self, reader: impl Read + Send + 'static) -> UploadCall<M> {
        UploadCall::new(self.client.clone(), Input::Reader(Box::new(reader)))
    }
}
