//! Onehouse.

mod both_modes;
mod client;
#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/counted_server.rs"]
mod counted_server;
mod credentials;
mod docs;
mod faults;
mod grants;
mod guessed;
mod injection;
#[path = "../support/known_faults.rs"]
mod known_faults;
mod origins;
#[path = "../support/raw_close.rs"]
mod raw_close;
#[path = "../support/raw_request.rs"]
mod raw_request;
#[path = "../support/raw_response.rs"]
mod raw_response;
#[path = "../support/raw_server.rs"]
mod raw_server;
mod recorded_credentials;
mod recorded_statements;
#[path = "../support/repeated.rs"]
mod repeated;
mod repeats;
#[path = "../support/scripted.rs"]
mod scripted;
#[cfg(feature = "sign-in")]
mod sign_in;
mod statements;
mod states;
#[path = "../support/vectors.rs"]
mod vectors;
mod wait_payloads;
mod waits;
#[path = "../support/warnings.rs"]
mod warnings;
