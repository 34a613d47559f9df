//! Settings that all services have.

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::faults::Fault;
use crate::journal::RequestRecord;
use crate::time::Pending;

/// Settings that all services have.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen, as `host:port`.
    pub(crate) listen: String,
    /// Names under which clients reach the emulator, besides loopback names, IP addresses and the name to
    /// listen on.
    pub(crate) allowed_hosts: Vec<String>,
    /// The origins whose web pages may call the service.
    pub(crate) origins: Vec<String>,
    /// Whether any credentials are accepted, each with a state of its own.
    pub(crate) accepts_any: bool,
    pub(crate) tls: bool,
    pub(crate) pending: Pending,
    pub(crate) clock: Clock,
    /// Requests in a second.
    pub(crate) rate_limit: Option<u32>,
    pub(crate) seed: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) log: Option<Log>,
    /// The plan or the state that the emulator begins with, as text.
    pub(crate) initial: Option<Initial>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            allowed_hosts: Vec::new(),
            origins: Vec::new(),
            accepts_any: false,
            tls: false,
            pending: Pending::polls(1),
            clock: Clock::default(),
            rate_limit: None,
            seed: 0,
            faults: Vec::new(),
            log: None,
            initial: None,
        }
    }
}

/// A plan or a state, as text. `Debug` does not show it: both may hold secrets.
#[derive(Clone)]
pub(crate) struct Initial(pub(crate) Arc<str>);

impl fmt::Debug for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initial").finish_non_exhaustive()
    }
}

/// The callback for every request.
#[derive(Clone)]
pub(crate) struct Log(pub(crate) Arc<dyn Fn(&RequestRecord) + Send + Sync>);

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
