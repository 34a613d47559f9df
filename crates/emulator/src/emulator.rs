//! The handle of a running emulator.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::builder::Builder;
use crate::error::Error;
use crate::faults::Fault;
use crate::instance::Instance;
use crate::journal::RequestRecord;
use crate::server::Server;
use crate::service::Service;
use crate::spaces::Spaces;

/// A running emulator. It stops when it is dropped.
///
/// Each service's module has an alias for it: `onehouse::Emulator` is `Emulator<Onehouse>`.
///
/// ```
/// use controlplane_emulator::onehouse::Emulator;
///
/// let emulator = Emulator::start()?;
/// println!("{}", emulator.url());
/// # Ok::<(), controlplane_emulator::Error>(())
/// ```
pub struct Emulator<S: Service> {
    pub(crate) server: Server,
    pub(crate) url: String,
    #[cfg(feature = "tls")]
    pub(crate) ca_pem: Option<String>,
    #[cfg_attr(
        not(feature = "onehouse"),
        expect(dead_code, reason = "Onehouse alone has more than its URL")
    )]
    pub(crate) access: S::Access,
    pub(crate) instance: Arc<Instance<S>>,
    pub(crate) spaces: Arc<Spaces<S>>,
}

impl<S: Service> Emulator<S> {
    /// Starts an emulator with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// [`Listen`](Error::Listen) if no local port is available.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// Returns a builder for an emulator with other settings.
    pub fn builder() -> Builder<S> {
        Builder::new()
    }

    /// Returns the base URL of the emulated API: by default `http://127.0.0.1:PORT`, or
    /// `https://localhost:PORT` with TLS. For EloqCloud it ends with the path `/api/v1/`. If the emulator
    /// listens on all addresses, the URL has the loopback address. The paths under `/_emulator/` are at the
    /// same host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the names and values of the environment variables with which a client reaches the emulator.
    /// The names are those that the vendor's clients and the crate `controlplane` read.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, Credentials};
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// let credentials = Credentials::builder().env(emulator.variables()).build()?;
    /// assert_eq!(credentials.base_url(), emulator.url());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        S::variables(&self.instance.options, &self.url)
    }

    /// Returns the certificate of the certificate authority that clients have to trust, as PEM; `None`
    /// without [`tls`](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Returns the recorded requests, in the order in which they were answered: at most the last 65,536, and
    /// at most 64 MiB of text. Headers and bodies are not recorded, except for the SQL statements of
    /// Onehouse. Requests to paths under `/_emulator/` and, with
    /// [`accept_any_credentials`](Builder::accept_any_credentials), requests with other credentials than the
    /// emulator's own are not included.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.instance.requests()
    }

    /// Returns the ledger: one entry for each accepted request that changes something (for Onehouse, for each
    /// accepted statement), in order, whether the client received the response or not. A change that was
    /// accepted twice has two entries. The ledger keeps the last 65,536 entries, and at most 64 MiB of text.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// Client::new(emulator.credentials())?.delete_lake("raw").submit()?;
    /// assert_eq!(emulator.ledger()[0].statement, "DELETE LAKE `raw`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ledger(&self) -> Vec<S::Taken> {
        self.instance.ledger()
    }

    /// Resets the emulator to its start: the state is empty, or the [`initial`](Builder::initial) one; the
    /// ledger and the list of requests are empty; ids and the dates in responses begin anew; settings and
    /// faults are those of the [`Builder`], with the counts of faults at zero. All spaces of other
    /// credentials ([`accept_any_credentials`](Builder::accept_any_credentials)) are removed.
    ///
    /// The clock is not turned back, and stays stopped if it was. Open connections stay open, and connections
    /// and requests are numbered on.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// Client::new(emulator.credentials())?.show_lakes().submit()?;
    /// emulator.reset();
    /// assert!(emulator.ledger().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        self.spaces.clear();
        // What it began with at its start, it can begin with again.
        let _ = self.instance.start_anew();
    }

    /// Carries out a plan, or restores a state, as the [crate's
    /// documentation](crate#what-an-emulator-begins-with) describes. A plan adds to the present state; a
    /// state replaces it.
    ///
    /// ```
    /// use controlplane_emulator::eloq::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// emulator.fill(
    ///     r#"[{"method": "POST", "path": "/api/v1/orgs/1/projects/147/clusters",
    ///          "body": {"clusterName": "c1", "region": "us-west-1", "skuId": 3}}]"#,
    /// )?;
    /// assert!(emulator.state()?.contains("c1"));
    /// # Ok::<(), controlplane_emulator::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if an entry of the plan cannot be carried out, or the state
    /// cannot be restored; the message names the entry or the place in the document. Then nothing has
    /// changed.
    pub fn fill(&self, json: &str) -> Result<(), Error> {
        self.instance.fill(json).map_err(|reason| Error::state("filling an emulator", reason))
    }

    /// Returns the state of the emulator as a JSON document, for [`restore`](Emulator::restore) or
    /// `PUT /_emulator/state`. The [crate's documentation](crate#the-state-as-a-document) lists its content,
    /// which includes secrets.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// Client::new(emulator.credentials())?.create_service_principal("ci_bot").send()?;
    /// let state = emulator.state()?;
    ///
    /// let other = Emulator::start()?;
    /// other.restore(&state)?;
    /// let rows = Client::new(other.credentials())?.show_service_principals().send()?.rows().len();
    /// assert_eq!(rows, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if the document would have more than 64 MiB.
    pub fn state(&self) -> Result<String, Error> {
        self.instance.state().map_err(|reason| Error::state("writing the state of an emulator", reason))
    }

    /// Replaces the state of the emulator by that of a [document](crate#the-state-as-a-document) from
    /// [`state`](Emulator::state). The ledger, the list of requests and all spaces of other credentials stay
    /// unchanged.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if the document is not a state of this service, contradicts
    /// itself, or has more than 64 MiB; the message has the place in the document. Then nothing has changed.
    pub fn restore(&self, state: &str) -> Result<(), Error> {
        let restored = self.instance.restore(state.as_bytes());
        restored.map_err(|reason| Error::state("restoring the state of an emulator", reason))
    }

    /// Advances the emulator's clock. The next request finds operations ended and tokens expired whose time
    /// has then come. [`reset`](Emulator::reset) does not turn the clock back.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::Pending;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let twenty_minutes = Duration::from_secs(20 * 60);
    /// let emulator = Emulator::builder().pending(Pending::time(twenty_minutes)).start()?;
    /// let client = Client::new(emulator.credentials())?;
    /// let id = client.show_lakes().submit()?.request_id;
    /// assert!(!client.get_status(&id).send()?.is_terminal());
    /// emulator.advance_clock(twenty_minutes)?;
    /// assert!(client.get_status(&id).send()?.is_terminal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if the clock would be more than 100 years after the
    /// emulator's start. Then nothing has changed.
    pub fn advance_clock(&self, by: Duration) -> Result<(), Error> {
        match self.instance.settings.clock.advance(by) {
            true => Ok(()),
            false => Err(Error::setting(
                format!("advancing the clock of an emulator by {} s", by.as_secs()),
                "the clock cannot be more than 100 years after the emulator's start; advance it by less",
            )),
        }
    }

    /// Stops the emulator's clock. While it is stopped, only [`advance_clock`](Emulator::advance_clock) and a
    /// restored state change the time.
    pub fn stop_clock(&self) {
        self.instance.settings.clock.set_stopped(true);
    }

    /// Starts a stopped clock at the time that it shows.
    pub fn start_clock(&self) {
        self.instance.settings.clock.set_stopped(false);
    }

    /// Adds a fault after the existing ones. It counts the requests that arrive after this call.
    ///
    /// ```
    /// use controlplane::ErrorKind;
    /// use controlplane::onehouse::Client;
    /// use controlplane_emulator::onehouse::Emulator;
    ///
    /// let emulator = Emulator::start()?;
    /// let client = Client::new(emulator.credentials())?;
    /// emulator.add_fault("submit: take-then-close".parse()?);
    /// let error = client.delete_lake("raw").send().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    /// assert_eq!(emulator.ledger().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_fault(&self, fault: Fault) {
        self.instance.faults.add(fault);
    }

    /// Removes all faults. Effects that they had on earlier requests remain.
    pub fn clear_faults(&self) {
        self.instance.faults.clear();
    }

    /// Returns the number of connections that the emulator has accepted since its start, those to paths under
    /// `/_emulator/` included.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }
}

impl<S: Service> fmt::Debug for Emulator<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
