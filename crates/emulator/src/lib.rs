//! Local emulators of the control planes of Onehouse, EloqCloud, H2O Workflows and Hotdata.
//!
//! An emulator listens on a loopback address, checks what it is sent as strictly as the service's documents
//! allow, keeps state, and takes its time to finish work. It is for tests, for examples and for a first look
//! without an account, with the crate `controlplane` or with any other client of the same service.
//!
//! In process it stops when it is dropped. Nothing it holds outlives it: there is no file and no global
//! state. As a program, `controlplane-emulator`, it is for other languages.
//!
//! - `onehouse` is the SQL API of Onehouse.
//! - `eloq` is EloqCloud.
//! - `h2o_workflows` is H2O Workflows.
//! - `hotdata` is Hotdata.
//! - `faults` describes how each of them can be made to misbehave.
//!
//! ```
//! use controlplane::onehouse::Client;
//! use controlplane_emulator::onehouse::Emulator;
//!
//! let emulator = Emulator::builder().pending_polls(0).start()?;
//! let client = Client::new(emulator.credentials())?;
//! client.create_service_principal("ci_bot").send()?;
//! assert_eq!(emulator.ledger().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # For tests in other languages
//!
//! Paths under `/_emulator/` need no credentials, count towards no limit, meet no fault, and are in no log:
//!
//! | Request | Response |
//! |---|---|
//! | `GET /_emulator/` | a page for a browser: resources, the last requests, the ledger, faults, the clock |
//! | `GET /_emulator/health` | `{"service", "version", "ready": true}` |
//! | `GET /_emulator/env` | the environment variables with which clients reach the emulator: `{"NAME": "value"}` |
//! | `GET /_emulator/resources` | what exists now: `[{"kind", "name", "state"}]` |
//! | `GET /_emulator/ledger` | everything that was accepted and changes something, in order; `?last=N` for the last N |
//! | `GET /_emulator/requests` | all requests with the fields of `RequestRecord`; `?last=N` for the last N |
//! | `POST /_emulator/reset` | `{}`; everything is as it was at the start |
//! | `GET /_emulator/faults` | the faults: an array of texts |
//! | `POST /_emulator/faults` | adds those in the body, a JSON array of texts: all of them, or with 400 none |
//! | `DELETE /_emulator/faults` | removes all faults |
//! | `GET /_emulator/clock` | `{"advanced": "1200s", "stopped": false}` |
//! | `POST /_emulator/clock` | advances the clock (`{"advance": "20m"}`), stops it (`{"stopped": true}`), starts it |
//! | `GET /_emulator/state` | the state as [one JSON document](#the-state-as-a-document) |
//! | `PUT /_emulator/state` | restores the state in the body; with 400 nothing has changed |
//! | `POST /_emulator/seed` | carries out the [plan](#what-an-emulator-begins-with) in the body, or restores a state; with 400 nothing has changed |
//!
//! With `Builder::accept_any_credentials` each account has a space of its own: `?space=NAME` names it, and
//! `GET /_emulator/spaces` lists the names. Without a name these paths are about the emulator's own
//! credentials; `POST /_emulator/reset` then removes all other spaces. The clock is the same for all spaces.
//!
//! Other methods are answered 405: what changes something is not a GET, because tools repeat those.
//!
//! A web page that is open on the same machine must not use them. So the `Host` has to be `localhost`, an IP
//! address, the host that the emulator listens on or one that `Builder::allow_host` names, and an `Origin`,
//! if there is one, has to be the emulator's own. Anything else is answered 403.
//!
//! # The state as a document
//!
//! `GET /_emulator/state` and `Emulator::state` return a document that `PUT /_emulator/state` and
//! `Emulator::restore` read, in this emulator or another one of the same service: to begin many tests with
//! one state that took long to build, or to look at a state that a test has left.
//!
//! ```json
//! {"service": "onehouse", "version": 1, "clock": 81000000000, "admitted": [], "faults": {…}, "state": {…}}
//! ```
//!
//! - It holds everything that answers depend on but for the settings: every kind of resource with its data,
//!   operations under way with their progress and age, tokens and sessions that were issued, uploads with
//!   their bytes, what the rate limit counts, and the faults with their counts. It holds the seed and how
//!   much was numbered, so the next id is the one that the first emulator would have given.
//! - Times are nanoseconds of the emulator's clock, which goes on from the time in `clock`. So everything is
//!   as old as it was, however much time has passed since. Whether the clock is stopped, and by how much it
//!   was advanced, is not part of the state.
//! - Two documents of the same state are the same byte for byte.
//! - It is the state of one space: that of the emulator's own credentials, or with `?space=NAME` another one.
//!   The other spaces stay. A space exists from its first request on, so a state cannot be restored into it
//!   before.
//! - Settings are not part of the state, credentials that the emulator accepts among them; the settings of
//!   Hotdata that can be changed while it runs are. A restored emulator should have been started with the
//!   settings of the first one.
//! - The ledger and the list of requests are not in it: they say what happened to one emulator, and a
//!   restored one has not received those requests. Restoring changes neither.
//! - **It holds the secrets that the state holds**: passwords in options of sources, access and refresh
//!   tokens, finalize tokens. Keep it as you would keep them.
//! - A document that cannot be read, is of another service or another `version` of the form, or refers to
//!   something that is not there is refused with 400 and the place, as in
//!   `/state/project/resources/lakes/raw/services_cluster: there is no cluster 'etl'`. Requests that are
//!   being answered while a state is restored may be answered by either.
//! - It has at most 64 MiB; more is answered 413.
//!
//! The form below `state` is the emulator's own, and changes with `version`.
//!
//! # What an emulator begins with
//!
//! `Builder::initial` and the program's `--seed-file` take a state, or a plan: a JSON array of entries,
//! which are carried out in order and at once, without faults, limits or waiting; none of them is in the
//! ledger. A reset begins with it again, and so does each space of other credentials.
//!
//! | Service | Entries of a plan |
//! |---|---|
//! | all | a request in the vendor's own terms: `{"method", "path"}`, perhaps `headers`, `body` and `as`; the credentials are added |
//! | Onehouse | also a statement as text; or a command as the crate `controlplane` writes its plans: `{"create_cluster": {…}}`, or `{"key", "command", "after"}` |
//!
//! ```json
//! [
//!   {"method": "POST", "path": "/v1/databases", "body": {"name": "shop"}, "as": "shop"},
//!   {"method": "POST", "path": "/v1/databases/${shop/id}/schemas/main/tables/orders/loads",
//!    "body": {"mode": "replace", "data": "id,total\n1,9.50\n"}}
//! ]
//! ```
//!
//! `as` names a response; `${NAME/POINTER}` in a later entry is the text or number at this JSON pointer in
//! it. An object with the names of services has a plan or a state for each:
//! `{"onehouse": […], "hotdata": […]}`. An error names the entry; then an emulator does not start. What
//! others change while a plan is carried out in a running emulator is lost.
//!
//! # Crate features
//!
//! All are on by default.
//!
//! | Feature | Adds |
//! |---|---|
//! | `onehouse` | the emulator of Onehouse |
//! | `eloq` | the emulator of EloqCloud |
//! | `h2o-workflows` | the emulator of H2O Workflows, which reads YAML |
//! | `hotdata` | the emulator of Hotdata, which answers SQL with SQLite and results as Arrow |
//! | `tls` | TLS, with certificates made at start |
//! | `cli` | the program `controlplane-emulator`, with all of the above |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)]

#[cfg(any(feature = "h2o-workflows", feature = "onehouse"))]
mod address;
#[cfg(feature = "_service")]
mod builder;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
mod calendar;
#[cfg(feature = "_service")]
mod clock;
#[cfg(feature = "_service")]
mod control;
#[cfg(feature = "_service")]
mod cors;
#[cfg(feature = "_service")]
mod document;
#[cfg(feature = "_service")]
mod duration;
#[cfg(feature = "eloq")]
pub mod eloq;
#[cfg(feature = "_service")]
mod emulator;
#[cfg(any(feature = "eloq", feature = "h2o-workflows"))]
mod encoded;
#[cfg(feature = "_service")]
mod error;
#[cfg(feature = "_service")]
pub mod faults;
#[cfg(feature = "_service")]
mod gate;
#[cfg(feature = "h2o-workflows")]
pub mod h2o_workflows;
#[cfg(feature = "_service")]
mod history;
#[cfg(feature = "hotdata")]
pub mod hotdata;
#[cfg(feature = "_service")]
mod instance;
#[cfg(feature = "_service")]
mod journal;
#[cfg(feature = "_service")]
mod limiter;
#[cfg(feature = "_service")]
mod moment;
#[cfg(feature = "onehouse")]
pub mod onehouse;
#[cfg(any(feature = "h2o-workflows", feature = "hotdata", feature = "onehouse"))]
mod parameters;
#[cfg(feature = "_service")]
mod plan;
#[cfg(feature = "_service")]
mod reason;
#[cfg(feature = "_service")]
mod resource;
#[cfg(feature = "onehouse")]
mod secrets;
#[cfg(feature = "_service")]
mod seeded;
#[cfg(feature = "_service")]
mod server;
#[cfg(feature = "_service")]
mod service;
#[cfg(feature = "_service")]
mod settings;
#[cfg(feature = "_service")]
mod spaces;
#[cfg(feature = "_service")]
#[cfg(test)]
mod testing;
#[cfg(feature = "_service")]
mod text;
#[cfg(feature = "_service")]
mod time;

#[cfg(feature = "_service")]
pub use builder::Builder;
#[cfg(feature = "_service")]
pub use emulator::Emulator;
#[cfg(feature = "_service")]
pub use error::Error;
#[cfg(feature = "_service")]
pub use journal::RequestRecord;
#[cfg(feature = "_service")]
pub use service::Service;
#[cfg(feature = "_service")]
pub use time::Pending;
