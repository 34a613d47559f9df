//! Local emulators of the control planes of Onehouse, EloqCloud, H2O Workflows and Hotdata.
//!
//! An emulator listens on a loopback address, checks requests as strictly as the service's documents allow,
//! keeps its state in memory, and finishes work after some time or some polls. It is for tests, for examples
//! and for a first look without an account, with the crate `controlplane` or with any other client of the
//! service.
//!
//! In a Rust test an emulator is a value: it stops when it is dropped, and nothing of its state remains. For
//! other languages there is a program, `controlplane-emulator`, which runs the same emulators.
//!
//! - The module `onehouse` emulates the SQL API of Onehouse.
//! - The module `eloq` emulates EloqCloud.
//! - The module `h2o_workflows` emulates H2O Workflows.
//! - The module `hotdata` emulates Hotdata.
//! - The module `faults` describes the faults that a test can inject into each emulator.
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
//! Tests control an emulator by requests to paths under `/_emulator/`. These requests need no credentials, do
//! not count towards the rate limit, are not affected by faults, and are not logged:
//!
//! | Request | Response |
//! |---|---|
//! | `GET /_emulator/` | a page for a browser: resources, the last requests, the ledger, faults, the clock |
//! | `GET /_emulator/health` | `{"service", "version", "ready": true}` |
//! | `GET /_emulator/env` | the environment variables with which clients reach the emulator: `{"NAME": "value"}` |
//! | `GET /_emulator/resources` | the resources that exist now: `[{"kind", "name", "state"}]`; `?last=N` for the last N |
//! | `GET /_emulator/ledger` | the ledger: every accepted request that changes something, for Onehouse every accepted statement, in order; `?last=N` for the last N |
//! | `GET /_emulator/requests` | all requests with the fields of `RequestRecord`; `?last=N` for the last N |
//! | `POST /_emulator/reset` | `{}`; everything but the clock is as it was at the start |
//! | `GET /_emulator/faults` | the faults: an array of texts |
//! | `POST /_emulator/faults` | adds the faults in the body, a JSON array of texts; with 400 it has added none. At most 1000 in all |
//! | `DELETE /_emulator/faults` | removes all faults |
//! | `GET /_emulator/clock` | `{"advanced": "1200s", "stopped": false}` |
//! | `POST /_emulator/clock` | advances the clock (`{"advance": "20m"}`, at most 24 hours), stops it (`{"stopped": true}`) or starts it (`{"stopped": false}`) |
//! | `GET /_emulator/state` | the state as [one JSON document](#the-state-as-a-document) |
//! | `PUT /_emulator/state` | restores the state in the body; with 400 nothing has changed |
//! | `POST /_emulator/seed` | carries out the [plan](#what-an-emulator-begins-with) in the body, or restores a state; with 400 nothing has changed |
//!
//! With `Builder::accept_any_credentials` each account has a space, which is a separate state: `?space=NAME`
//! selects it, and `GET /_emulator/spaces` lists the names. A request without `?space=NAME` applies to the
//! space of the emulator's own credentials; without it, `POST /_emulator/reset` also removes all other
//! spaces. The clock is advanced and stopped for all spaces together.
//!
//! Any other method on these paths is answered with 405. No GET on them changes anything, because tools
//! repeat GET requests.
//!
//! These paths are closed to web pages that are open on the same machine. The `Host` header has to name
//! `localhost`, a name that ends in `.localhost`, an IP address, the host that the emulator listens on, or a
//! host allowed by `Builder::allow_host`. An `Origin` header, if there is one, has to be the emulator's own.
//! Any other request is answered with 403.
//!
//! # The state as a document
//!
//! `GET /_emulator/state` and `Emulator::state` return the state as a document. `PUT /_emulator/state` and
//! `Emulator::restore` read it, in the same emulator or another one of the same service. So many tests can
//! begin with one state that took long to build, and a state that a test has left can be examined.
//!
//! ```json
//! {"service": "onehouse", "version": 1, "clock": 81000000000, "admitted": [], "faults": {…}, "state": {…}}
//! ```
//!
//! - The document holds everything that responses depend on, except for the settings: every kind of resource
//!   with its data, operations under way with their progress and age, issued tokens and sessions, uploads
//!   with their bytes, the requests that the rate limit counts, and the faults with their counts. It also
//!   holds the seed and the counters of ids, so the next id is the one that the first emulator would have
//!   given.
//! - Times are nanoseconds of the emulator's clock. A restored emulator's clock continues from the time in
//!   `clock`, so everything has the age that it had when the document was written. The document does not say
//!   whether the clock is stopped, or by how much it was advanced.
//! - Two documents of the same state are equal byte for byte.
//! - A document is the state of one space: that of the emulator's own credentials, or with `?space=NAME` that
//!   of another account. Restoring it leaves the other spaces unchanged. A space is created by its first
//!   request; before that request, no state can be restored into the space.
//! - Settings, including the credentials that the emulator accepts, are not in the document, except for those
//!   settings of Hotdata that can be changed while it runs. So start an emulator with the settings of the
//!   first one before you restore a state into it.
//! - The ledger and the list of requests are not in the document, and restoring changes neither of them: they
//!   record what one emulator has received.
//! - **The document contains secrets**: passwords in options of sources, access and refresh tokens, and the
//!   finalize tokens of uploads to Hotdata. Protect it as you protect them.
//! - A document is refused with 400 if it cannot be read, is of another service, has another `version`, or
//!   refers to something that does not exist. The message has the place, as in
//!   `/state/project/resources/lakes/raw/services_cluster: there is no cluster 'etl'`. A request that is
//!   being answered while a state is restored may be answered from the old state or from the new one.
//! - A document has at most 64 MiB. If the state or the body of the request is larger, the response is 413.
//!
//! The form below `state` is the emulator's own, and changes with `version`.
//!
//! # What an emulator begins with
//!
//! `Builder::initial` and the program's `--seed-file` take a state, or a plan: a JSON array of at most 10,000
//! entries. The entries are carried out in order and at once, without faults, limits or waiting, and do not
//! appear in the ledger. The emulator begins with the plan or state again after a reset; with
//! `Builder::accept_any_credentials`, so does each space of other credentials.
//!
//! | Service | Entries of a plan |
//! |---|---|
//! | all | a request to the vendor's API: `{"method", "path"}`, optionally with `headers`, `body` and `as`; the credentials are added |
//! | Onehouse | also a SQL statement as text, or a command in the form of a plan of the crate `controlplane`: `{"create_cluster": {…}}` or `{"key", "command", "after"}` |
//!
//! ```json
//! [
//!   {"method": "POST", "path": "/v1/databases", "body": {"name": "shop"}, "as": "shop"},
//!   {"method": "POST", "path": "/v1/databases/${shop/id}/schemas/main/tables/orders/loads",
//!    "body": {"mode": "replace", "data": "id,total\n1,9.50\n"}}
//! ]
//! ```
//!
//! `as` gives the response a name. `${NAME/POINTER}` in a later entry stands for the text or number at this
//! JSON pointer in the response with this name.
//!
//! One file can serve several services: an object whose keys are names of services has a plan or a state for
//! each of them, as in `{"onehouse": […], "hotdata": […]}`.
//!
//! `Emulator::fill` and `POST /_emulator/seed` carry out a plan in a running emulator; other requests wait
//! until it has been carried out. If an entry cannot be carried out, the error names it. Then the running
//! emulator is unchanged, and an emulator that was to begin with the plan does not start.
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
