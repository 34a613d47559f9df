//! Types shared by the clients of all services: calls, builders, modes, pages.
//!
//! The module of each service has type aliases for these types, such as `onehouse::Call` and
//! `onehouse::ClientBuilder`. Programs use the aliases.

mod base_url;
#[cfg(batches)]
pub(crate) mod batch;
mod builder;
mod call;
mod cancel;
mod clock;
pub(crate) mod mode;
#[cfg(pages)]
mod pages;
mod platform;
#[cfg(secret_files)]
pub(crate) mod secret_file;
mod seen;
mod shared;
mod sources;
#[cfg(streams)]
mod stream;

pub(crate) use base_url::api_root;
#[cfg(tokens)]
pub(crate) use base_url::checked_base_url;
#[cfg(all(batches, feature = "async"))]
pub use batch::AsyncResults;
#[cfg(batches)]
pub use batch::{Added, Batch, BatchCall, BatchScope, CallState, Finished, Results};
pub use builder::ClientBuilder;
pub use call::{Action, Call};
pub(crate) use call::{CallOptions, Running};
pub use cancel::CancelToken;
#[cfg(feature = "async")]
pub use mode::Async;
pub use mode::Blocking;
pub(crate) use mode::Mode;
#[cfg(all(pages, feature = "async"))]
pub use pages::ItemStream;
#[cfg(pages)]
pub use pages::Items;
#[cfg(pages)]
pub(crate) use pages::{NextPage, Paged};
#[cfg(tokens)]
pub(crate) use platform::AccessTokens;
pub(crate) use platform::Platform;
pub use seen::Seen;
pub(crate) use shared::{Core, Shared};
pub use sources::Origin;
pub(crate) use sources::{Environment, Sources};
#[cfg(all(streams, feature = "async"))]
pub(crate) use stream::AsyncStream;
#[cfg(streams)]
pub(crate) use stream::Stream;
