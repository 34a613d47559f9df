//! Getting started: the first call, and what is the same for all services.
//!
//! Each service has a page of its own, which is here if its feature is enabled:
//!
//! | Service | Cargo feature | Guide |
//! |---|---|---|
#![cfg_attr(feature = "onehouse", doc = "| Onehouse | `onehouse`, on by default | [`onehouse`] |")]
#![cfg_attr(not(feature = "onehouse"), doc = "| Onehouse | `onehouse`, on by default | not in this build |")]
#![cfg_attr(feature = "eloq", doc = "| EloqCloud | `eloq` | [`eloq`] |")]
#![cfg_attr(not(feature = "eloq"), doc = "| EloqCloud | `eloq` | not in this build |")]
#![cfg_attr(feature = "h2o-workflows", doc = "| H2O Workflows | `h2o-workflows` | [`h2o_workflows`] |")]
#![cfg_attr(not(feature = "h2o-workflows"), doc = "| H2O Workflows | `h2o-workflows` | not in this build |")]
#![cfg_attr(feature = "hotdata", doc = "| Hotdata | `hotdata` | [`hotdata`] |")]
#![cfg_attr(not(feature = "hotdata"), doc = "| Hotdata | `hotdata` | not in this build |")]
//!
//! The clients of all services share one interface:
//!
//! | Form | Meaning |
//! |---|---|
//! | `Client::from_env()`, `Client::new(credentials)`, `Client::builder()` | makes a client; a missing credential is an error that names every missing field and where to set it. The first call checks the workspace and database of Hotdata and the token in the file of the H2O CLI |
//! | `Client::offline()` | makes a client that needs no credentials and only shows what would be sent |
//! | `.send()` | sends a call; `AsyncClient`: `.send().await` or `.await` |
//! | `.to_sql()` (Onehouse), `.to_request()` (the others) | shows what the call would send |
//! | `.timeout(…)`, `.http_timeout(…)`, `.retry(…)`, `.on_progress(…)`, `.cancel_with(…)` | the limits and the observer of a call; the defaults are in [timeouts](crate::docs::timeouts) |
//! | `.iter()`, `.stream()` | all pages of a list, blocking or async (the lists of Onehouse have no pages) |
//! | `.and_wait()` | waits for the end of what the call starts |
//! | `client.wait_for_…(…)` | waits for something that exists; `.until(rule)` sets another rule, `.accept_failure()` returns a failed state as a result |
//! | `AnyCommand`, `client.call(command)` | commands as data, for plans in JSON |
//! | `error.kind()`, `request_id()`, `resource()`, `is_retryable()`, `is_not_found()`, … | one error type: see [errors](crate::docs::errors) |
//!
//! Without an account, start with the emulator: the programs of these guides use it, and each has a line for
//! the real service.

#[cfg(feature = "eloq")]
pub mod eloq;
#[cfg(feature = "h2o-workflows")]
pub mod h2o_workflows;
#[cfg(feature = "hotdata")]
pub mod hotdata;
#[cfg(feature = "onehouse")]
pub mod onehouse;
