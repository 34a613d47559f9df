//! Onehouse: typed helpers, raw SQL, waits and batches.
//!
//! Each of the 62 commands of the SQL API that have a helper is also a plain value: a struct with public fields and the vendor's
//! parameter names, which can be read from JSON and written as JSON. [`AnyCommand`] is any of them, so that a plan can be a
//! file.

// The docs of the client have its methods in the order of these modules.
pub mod client;

mod commands;

mod waits;

mod batch;

mod call;
mod credentials;
mod credentials_file;
mod credentials_ini;
mod options;
mod payload;
mod protocol;
mod raw;
mod sql_value;
mod statement;
mod status;
mod strict;

pub use crate::client::{Action, Added, CallState, Seen};
#[cfg(feature = "async")]
pub use batch::AsyncResults;
pub use batch::{Batch, BatchCall, Finished, Results};
pub use call::{Call, GetStatus, Resume, SubmitSql};
#[cfg(feature = "async")]
pub use client::Async;
pub use client::{Blocking, ClientBuilder, Onehouse};
pub use commands::*;
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
pub use options::{OptionValue, Options};
pub use raw::RawSql;
pub use statement::NameCheck;
pub use status::{ApiStatus, StatusResponse, SubmitResponse};
pub use waits::{JobRun, JobRunStatus, RunAndWait, WaitFor, WaitForJobRun, WaitForState, WaitUntil};

/// The client whose calls block the thread.
///
/// ```
/// use controlplane::onehouse::Client;
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// let client = Client::new(credentials)?; // or `Client::from_env()?`
/// for lake in client.show_lakes().send()?.rows() {
///     println!("{}", lake["name"]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the generic [`client::Client`], which lists them by family. This name fixes the mode, so that
/// `Client::new` has one meaning whichever features are enabled.
pub type Client = client::Client<Blocking>;

/// The client whose calls are futures for Tokio.
///
/// ```
/// use controlplane::onehouse::AsyncClient;
///
/// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
/// # let credentials = emulator.credentials();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let client = AsyncClient::new(credentials)?; // or `AsyncClient::from_env()?`
/// for lake in client.show_lakes().send().await?.rows() {
///     println!("{}", lake["name"]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All methods are on the generic [`client::Client`], which lists them by family; this name fixes the mode.
#[cfg(feature = "async")]
pub type AsyncClient = client::Client<Async>;
