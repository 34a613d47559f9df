//! Onehouse: typed helpers, raw SQL, statuses and payloads.

mod call;
mod client;
pub mod commands;
mod credentials;
mod credentials_file;
mod credentials_ini;
mod options;
mod payload;
mod protocol;
mod statement;
mod status;

pub use call::{Action, Call, GetStatus, RawSql, Resume, SubmitSql};
pub use client::{Blocking, Client, ClientBuilder};
pub use commands::*;
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
pub use options::{OptionValue, Options};
pub use statement::NameCheck;
pub use status::{ApiStatus, StatusResponse, SubmitResponse};
