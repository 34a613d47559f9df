//! Onehouse: typed helpers, raw SQL, statuses and payloads.

mod call;
mod client;
pub mod commands;
mod credentials;
mod credentials_file;
mod credentials_ini;
mod options;
mod statement;

pub use call::Call;
pub use client::{Blocking, Client};
pub use commands::*;
pub use credentials::{Credentials, CredentialsBuilder, DEFAULT_BASE_URL};
pub use options::{OptionValue, Options};
pub use statement::{NameCheck, Statement};
