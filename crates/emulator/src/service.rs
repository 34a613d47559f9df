//! What a service has to provide to be emulated.

use std::borrow::Cow;
use std::fmt;

use serde::Serializer;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::faults::RequestKind;
use crate::instance::Instance;
use crate::journal::{Entry, RequestRecord};
use crate::resource::Resource;
use crate::server::{Arrival, Body, Received, Reply};
use crate::settings::Settings;

/// A service that can be emulated: the type parameter of [`Emulator`](crate::Emulator) and
/// [`Builder`](crate::Builder).
///
/// The trait is sealed: only the four types of this crate that stand for a service implement it, for example
/// `onehouse::Onehouse`.
pub trait Service: Backend {}

/// The space that a request is for, if any credentials are accepted.
#[derive(Debug)]
pub enum SpaceOf<O> {
    /// The one of the emulator's own credentials.
    Own,
    /// The one that knows the token or the signature in the request.
    WhoKnows,
    /// The one with this name, in which these are the options.
    Named(String, O),
}

/// What is different from service to service. Private, which seals [`Service`].
pub trait Backend: Sized + Send + Sync + 'static {
    /// Settings of this service alone.
    type Options: Clone + fmt::Debug + Default + Send + Sync;
    /// An entry of the ledger: what was accepted.
    type Taken: Entry;
    /// What a request is about.
    type Place;
    /// What clients need to reach a running emulator, beside its URL.
    type Access: Send + Sync;
    /// The state as it is read from a document, before it is checked.
    type Kept: DeserializeOwned;

    /// The name of the service, as in `controlplane-emulator NAME`.
    const NAME: &'static str;
    /// The paths under `/_emulator/` that only this service has.
    const CONTROL_PATHS: Option<&'static str> = None;

    /// Checks the settings before anything is started.
    fn check(options: &Self::Options) -> Result<(), Error>;

    /// The service at its start.
    fn new(settings: &Settings, options: &Self::Options) -> Self;

    /// Puts everything back to its state at the start.
    fn start_anew(&self, settings: &Settings, options: &Self::Options);

    /// The base URL of the API of a server at this root.
    fn base_url(root: &str) -> String {
        root.to_owned()
    }

    /// What clients need to reach the emulator at this base URL.
    fn access(options: &Self::Options, url: &str) -> Result<Self::Access, Error>;

    /// The environment variables that the vendor's client and this project's client read, for an emulator at
    /// this base URL.
    fn variables(options: &Self::Options, url: &str) -> Vec<(&'static str, String)>;

    /// The space that a request is for, by its credentials.
    fn space(request: &Received, options: &Self::Options) -> SpaceOf<Self::Options>;

    /// Returns whether this instance has issued the token or signed the URL of a request.
    fn knows(_of: &Instance<Self>, _request: &Received) -> bool {
        false
    }

    /// What a request is about. Called when its head has arrived, and again when it is to be answered.
    fn place(&self, request: &Received) -> Self::Place;

    /// The name of the operation, if there is one.
    fn operation(place: &Self::Place) -> Option<&'static str>;

    /// The kind of the request, for the conditions of faults.
    fn kind(place: &Self::Place) -> RequestKind;

    /// The text that the conditions of faults are about.
    fn statement<'r>(request: &'r Received, place: &'r Self::Place) -> Option<Cow<'r, str>>;

    /// Whether the request asks about work that has shown its end before.
    fn has_ended(of: &Instance<Self>, place: &Self::Place) -> bool;

    /// Whether answering waits for something: for the client's body, or for a long query. The service then
    /// passes the gate itself, each time that it needs the state: see [`Instance::serving`].
    fn waits(_place: &Self::Place) -> bool {
        false
    }

    /// How the rest of a request is read whose head has arrived.
    fn reading(_place: &Self::Place) -> Arrival {
        Arrival::Read
    }

    /// Completes the record of a request before it is answered.
    fn describe(_place: &Self::Place, _record: &mut RequestRecord) {}

    /// Answers a request.
    fn answer(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply;

    /// An answer with another status of the work that it is about.
    fn with_status(reply: Reply, status: &str) -> Reply;

    /// The answer to a request about work that has ended, as it was before the end.
    fn back_to_pending(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply;

    /// The resources that exist now, for those who look at the emulator. Looking changes nothing.
    fn resources(of: &Instance<Self>) -> Vec<Resource>;

    /// Writes the state down, by serde: all that its answers depend on, but for its settings. The order of
    /// everything is stable.
    fn state<Z: Serializer>(of: &Instance<Self>, to: Z) -> Result<Z::Ok, Z::Error>;

    /// Replaces the state. An error says where the state that was read contradicts itself; then nothing has
    /// changed.
    fn restore(of: &Instance<Self>, kept: Self::Kept) -> Result<(), String>;

    /// The headers of a request whose credentials are accepted.
    fn headers(options: &Self::Options) -> Vec<(&'static str, String)>;

    /// The same settings with everything that can end at once.
    fn at_once(options: &Self::Options) -> Self::Options {
        options.clone()
    }

    /// Carries out an entry of a plan that is not a request; `None`: it is one.
    fn command(_of: &Instance<Self>, _entry: &Value) -> Option<Result<(), String>> {
        None
    }

    /// Brings about what time has brought.
    fn settle(_of: &Instance<Self>) {}

    /// Answers a request under `/_emulator/` that only this service knows.
    fn control(_of: &Instance<Self>, _request: &Received) -> Option<Reply> {
        None
    }
}

/// One request while it is answered.
pub struct Exchange<'e, S: Backend> {
    pub(crate) request: &'e Received,
    /// The body, where the service reads it in pieces.
    #[cfg_attr(not(feature = "hotdata"), expect(dead_code, reason = "Hotdata alone reads bodies in pieces"))]
    pub(crate) body: &'e mut dyn Body,
    pub(crate) place: &'e S::Place,
    pub(crate) record: &'e mut RequestRecord,
}

impl<S: Backend> fmt::Debug for Exchange<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("request", &self.request).finish_non_exhaustive()
    }
}
