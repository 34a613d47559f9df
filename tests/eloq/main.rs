//! EloqCloud.

mod client;
#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/fields.rs"]
mod fields;
#[path = "../support/fits.rs"]
mod fits;
#[path = "../support/known_faults.rs"]
mod known_faults;
#[path = "../support/paths.rs"]
mod paths;
#[path = "../support/raw_request.rs"]
mod raw_request;
#[path = "../support/raw_server.rs"]
mod raw_server;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/repeated.rs"]
mod repeated;
mod repeats;
#[path = "../support/scripted.rs"]
mod scripted;
#[path = "../support/served.rs"]
mod served;
mod tolerant;
#[path = "../support/vectors.rs"]
mod vectors;
mod waits;
mod wire;
