//! Uploads of data to the service's storage. A load then reads an upload into a table.
//!
//! [`Client::uploads`] has the operations about uploads, and [`UploadCall`] the settings of an upload.
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

/// The operations about uploads: data in the service's storage, which a load reads into a table. Returned by
/// [`Client::uploads`].
#[derive(Debug)]
pub struct Uploads<M> {
    client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about uploads: data in the service's storage, which a load reads into a table.
    pub fn uploads(&self) -> Uploads<M> {
        Uploads { client: self.clone() }
    }
}

/// # Whole uploads
///
/// By the service's defaults, an upload is kept for 7 days or until it is loaded, and has at most 16 GiB. For
/// more data, make several uploads, and append each with a load of its own.
impl<M> Uploads<M> {
    /// Uploads a file. The file is opened when the call is sent, and read part by part.
    ///
    /// When everything was written, the client checks whether the file has changed: whether its size or its
    /// modification time differs, whether it was removed or renamed or, on Unix, whether another file has its
    /// name. If the file has changed, the upload ends with [`Io`](crate::ErrorKind::Io) and is not finalized.
    /// To upload the first bytes of a file that grows, set [`UploadCall::size`].
    ///
    /// The path must be that of a regular file, else the call ends with
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument). For a pipe use
    /// [`upload_reader`](Uploads::upload_reader).
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

    /// Uploads a seekable source, such as an open file, from its current position to its end. One part is
    /// read at a time.
    ///
    /// When everything was written, the client checks whether the size of the source has changed, and for a
    /// [`File`](std::fs::File) also whether its modification time has changed. If it has, the upload ends
    /// with [`Io`](crate::ErrorKind::Io) and is not finalized.
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

    /// Uploads a source that can be read only once, such as a pipe. Its length need not be known. Each part
    /// is held in memory until it is written, because it cannot be read again.
    ///
    /// If the source ends within 8 MiB, it is uploaded as [`upload_bytes`](Uploads::upload_bytes) does. Of a
    /// longer source, the client requests the URL of each part when it has read the part; there can be 10,000
    /// parts: see [`UploadCall::part_size`]. The vendor's client cannot upload a source of this kind.
    pub fn upload_reader(&self, reader: impl Read + Send + 'static) -> UploadCall<M> {
        UploadCall::new(self.client.clone(), Input::Reader(Box::new(reader)))
    }
}
