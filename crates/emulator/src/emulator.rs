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

    /// The base URL of the emulated API: `http://127.0.0.1:PORT`, or `https://localhost:PORT` with TLS, and
    /// for EloqCloud with its path `/api/v1/`. If the emulator listens on all addresses, this is the one
    /// under which this machine reaches itself. The paths under `/_emulator/` are at the same host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The environment variables with which a client reaches the emulator: those that the vendor's client and
    /// this project's client read. The credentials in them are valid nowhere else.
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

    /// The certificate of the authority that clients have to trust, as PEM; `None` without
    /// [`tls`](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// All requests, in the order in which they were answered; at most the last 65,536 or 64 MiB of text.
    /// Headers and bodies are not kept.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.instance.requests()
    }

    /// Everything that was accepted and changes something, in order, whether the client received the answer
    /// or not; at most the last 65,536 entries or 64 MiB of text. What was accepted twice is listed twice.
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

    /// Puts everything back to its state at the start: nothing was created, no request was received, ids and
    /// the calendar begin anew, settings and faults are those of the [`Builder`], with their counts at zero.
    /// Open connections stay open, and the numbers of connections and requests go on. All spaces of other
    /// credentials are gone.
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

    /// Carries out a plan, or restores a state: see the [crate](crate#what-an-emulator-begins-with). A plan
    /// adds to what is there.
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
    /// [`InvalidState`](Error::InvalidState) with the entry that cannot be carried out, or the place in the
    /// state. Then nothing has changed.
    pub fn fill(&self, json: &str) -> Result<(), Error> {
        self.instance.fill(json).map_err(|reason| Error::state("filling an emulator", reason))
    }

    /// Returns the state of the emulator as a JSON document, which [`restore`](Emulator::restore) reads, and
    /// so does `PUT /_emulator/state`. See the [crate](crate#the-state-as-a-document) for what it holds.
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

    /// Replaces the state of the emulator by that of a document. The ledger, the list of requests and all
    /// spaces of other credentials stay.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it is not a state of this service, or contradicts itself: the
    /// message has the place in the document. Then nothing has changed.
    pub fn restore(&self, state: &str) -> Result<(), Error> {
        let restored = self.instance.restore(state.as_bytes());
        restored.map_err(|reason| Error::state("restoring the state of an emulator", reason))
    }

    /// Advances the emulator's clock: operations whose time has come have ended for the next request, and
    /// tokens have expired. [`reset`](Emulator::reset) does not turn the clock back.
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
    /// [`InvalidSetting`](Error::InvalidSetting) if the clock cannot show a time that late. Then nothing has
    /// changed.
    pub fn advance_clock(&self, by: Duration) -> Result<(), Error> {
        match self.instance.settings.clock.advance(by) {
            true => Ok(()),
            false => Err(Error::setting(
                format!("advancing the clock of an emulator by {} s", by.as_secs()),
                "the clock cannot show a time that late; advance it by less",
            )),
        }
    }

    /// Stops the emulator's clock. While it is stopped, only [`advance_clock`](Emulator::advance_clock)
    /// changes it.
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

    /// Removes all faults. Their effects stay.
    pub fn clear_faults(&self) {
        self.instance.faults.clear();
    }

    /// The number of connections that were accepted.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }
}

impl<S: Service> fmt::Debug for Emulator<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
