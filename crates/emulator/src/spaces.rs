//! Spaces: with any credentials accepted, each account has a state of its own, so tests that run in parallel
//! share one emulator.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::control;
use crate::cors;
use crate::document::MAX_DOCUMENT;
use crate::instance::Instance;
use crate::seeded::mix;
use crate::server::{Arrival, Body, CONTROL, Handler, Received, Reply, lock};
use crate::service::{Backend, SpaceOf};

/// The most spaces: memory is bounded. Requests for more are answered by the space of the emulator's own
/// credentials, which refuses theirs.
const MAX_SPACES: usize = 10_000;
/// The longest name of a space, in bytes.
const MAX_NAME: usize = 512;

/// All spaces of an emulator.
pub(crate) struct Spaces<S: Backend> {
    /// The space of the emulator's own credentials.
    own: Arc<Instance<S>>,
    others: Mutex<BTreeMap<String, Arc<Instance<S>>>>,
}

impl<S: Backend> Spaces<S> {
    pub(crate) fn new(own: Arc<Instance<S>>) -> Self {
        Self { own, others: Mutex::default() }
    }

    /// Removes all spaces but the emulator's own.
    pub(crate) fn clear(&self) {
        lock(&self.others).clear();
    }

    /// The space that a request is for.
    fn of(&self, request: &Received) -> Arc<Instance<S>> {
        let own = || Arc::clone(&self.own);
        if !self.own.settings.accepts_any || S::knows(&self.own, request) {
            return own();
        }
        match S::space(request, &self.own.options) {
            SpaceOf::Own => own(),
            SpaceOf::WhoKnows => self.knowing(request).unwrap_or_else(own),
            SpaceOf::Named(name, options) => {
                self.knowing(request).or_else(|| self.named(name, options)).unwrap_or_else(own)
            }
        }
    }

    fn knowing(&self, request: &Received) -> Option<Arc<Instance<S>>> {
        lock(&self.others).values().find(|space| S::knows(space, request)).cloned()
    }

    /// The space with this name, made when it is first asked for.
    fn named(&self, name: String, options: S::Options) -> Option<Arc<Instance<S>>> {
        if name.is_empty() || name.len() > MAX_NAME {
            return None;
        }
        let mut others = lock(&self.others);
        if let Some(space) = others.get(&name) {
            return Some(Arc::clone(space));
        }
        if others.len() >= MAX_SPACES {
            return None;
        }
        let mut settings = self.own.settings.clone();
        settings.clock = settings.clock.of_another_space();
        // Ids differ from space to space and are the same in each run.
        settings.seed = name.bytes().fold(mix(settings.seed), |seed, byte| mix(seed ^ u64::from(byte)));
        let space = Arc::new(Instance::<S>::new(settings, options));
        if let Some(url) = self.own.url.get() {
            let _ = space.url.set(url.clone());
        }
        // What the emulator began with, a space can begin with.
        let _ = space.begin();
        others.insert(name, Arc::clone(&space));
        Some(space)
    }

    /// Answers requests to the emulator itself; `?space=NAME` names a space.
    fn control(&self, request: &Received) -> Reply {
        if let Some(why) = control::access::refusal(request, &self.own.settings.allowed_hosts) {
            return control::explain(403, &why);
        }
        if request.path.strip_prefix(CONTROL) == Some("spaces") {
            return match request.method.as_str() {
                "GET" => control::shown(&self.listed()),
                _ => control::not_allowed("GET"),
            };
        }
        let space = request.query.split('&').find_map(|one| one.strip_prefix("space="));
        let Some(space) = space else {
            if request.path.strip_prefix(CONTROL) == Some("reset") && request.method == "POST" {
                self.clear();
            }
            return control::answer(&self.own, request);
        };
        let name = percent_encoding::percent_decode_str(space).decode_utf8_lossy();
        // Not under the lock of all spaces.
        let space = lock(&self.others).get(name.as_ref()).cloned();
        match space {
            Some(space) => control::answer(&space, request),
            None => control::explain(
                404,
                "there is no such space: a space is created by the first request with its credentials, if the emulator accepts \
                 any credentials; GET /_emulator/spaces lists all",
            ),
        }
    }

    fn listed(&self) -> Value {
        json!(lock(&self.others).keys().collect::<Vec<_>>())
    }
}

impl<S: Backend> Handler for Spaces<S> {
    fn arriving(&self, request: &Received) -> Arrival {
        if cors::is_preflight(request, &self.own.settings.origins) {
            return Arrival::Read;
        }
        self.of(request).arriving(request)
    }

    fn handle(&self, request: &Received) -> Reply {
        let origins = &self.own.settings.origins;
        if cors::is_preflight(request, origins) {
            return cors::preflight(request, origins);
        }
        cors::add(self.of(request).handle(request), request, origins)
    }

    fn stream(&self, request: &Received, body: &mut dyn Body) -> Reply {
        cors::add(self.of(request).stream(request, body), request, &self.own.settings.origins)
    }

    fn control_arriving(&self, request: &Received) -> Arrival {
        let what = (request.method.as_str(), request.path.strip_prefix(CONTROL).unwrap_or_default());
        let is_state = matches!(what, ("PUT", "state") | ("POST", "seed"));
        // Whoever is refused is not listened to for long.
        if is_state && control::access::refusal(request, &self.own.settings.allowed_hosts).is_none() {
            Arrival::ReadUpTo(MAX_DOCUMENT)
        } else {
            Arrival::Read
        }
    }

    fn control(&self, request: &Received) -> Reply {
        Spaces::control(self, request)
    }
}

impl<S: Backend> fmt::Debug for Spaces<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spaces").field("own", &self.own).finish_non_exhaustive()
    }
}
