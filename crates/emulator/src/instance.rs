//! One running emulator behind its server: the service, and everything that is the same for all services.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock};

use crate::document::{self, Kept};
use crate::faults::{Action, Fault, Faults, Seen};
use crate::gate::{Changing, Gate, Serving};
use crate::journal::{Journal, RequestRecord};
use crate::limiter::Limiter;
use crate::moment::Moment;
use crate::plan::{self, Initial};
use crate::reason;
use crate::resource::Resource;
use crate::server::{Arrival, Body, Handler, Received, Reply, Wire, lock};
use crate::service::{Backend, Exchange};
use crate::settings::{Log, Settings};
use crate::time::Pending;

/// One running emulator behind its server.
pub struct Instance<S: Backend> {
    pub(crate) settings: Settings,
    pub(crate) options: S::Options,
    pub(crate) service: S,
    pub(crate) faults: Faults,
    journal: Mutex<Journal<S::Taken>>,
    /// Requests pass it, and the state is replaced or written down only while none does.
    pub(crate) gate: Gate,
    /// The base URL; set as soon as the server listens.
    pub(crate) url: OnceLock<String>,
}

impl<S: Backend> Instance<S> {
    pub(crate) fn new(settings: Settings, options: S::Options) -> Self {
        Self {
            service: S::new(&settings, &options),
            faults: Faults::new(settings.seed, settings.faults.clone()),
            journal: Mutex::new(Journal::new()),
            gate: Gate::default(),
            url: OnceLock::new(),
            settings,
            options,
        }
    }

    /// Puts everything back to its state at the start. An error says why it cannot begin with what it began
    /// with.
    pub(crate) fn start_anew(&self) -> Result<(), String> {
        let alone = self.gate.change();
        self.faults.start_anew(self.settings.seed, self.settings.faults.clone());
        self.service.start_anew(&self.settings, &self.options);
        *lock(&self.journal) = Journal::new();
        self.begin_alone(&alone)
    }

    /// Begins with what the settings say.
    pub(crate) fn begin(&self) -> Result<(), String> {
        self.begin_alone(&self.gate.change())
    }

    fn begin_alone(&self, alone: &Changing<'_>) -> Result<(), String> {
        let Some(initial) = &self.settings.initial else { return Ok(()) };
        self.fill_alone(&initial.0, alone)?;
        // Those of a state are its own; those of the settings are for every start.
        self.faults.clear();
        self.settings.faults.iter().cloned().for_each(|fault| self.faults.add(fault));
        Ok(())
    }

    /// Carries out a plan or restores a state. With an error nothing has changed. Requests wait until it is
    /// done: what they changed meanwhile would be lost.
    pub(crate) fn fill(&self, json: &str) -> Result<(), String> {
        self.fill_alone(json, &self.gate.change())
    }

    fn fill_alone(&self, json: &str, alone: &Changing<'_>) -> Result<(), String> {
        let entries = match Initial::read(json, S::NAME)? {
            Initial::State(document) => {
                return self.restore_alone(document::read::<S>(document.as_bytes())?, alone);
            }
            Initial::Plan(entries) => entries,
        };
        // A copy, where nothing takes time and nothing fails.
        let settings = Settings {
            pending: Pending::polls(0),
            rate_limit: None,
            faults: Vec::new(),
            log: None,
            initial: None,
            clock: self.settings.clock.of_another_space(),
            ..self.settings.clone()
        };
        let copy = Self::new(settings, S::at_once(&self.options));
        copy.restore(document::write(self, alone)?.as_bytes())?;
        copy.faults.clear();
        plan::carry_out(&copy, &entries)?;
        let Kept { state, .. } = document::read::<S>(copy.state()?.as_bytes())?;
        S::restore(self, state)
    }

    /// The state as a document; an error says why there is none.
    pub(crate) fn state(&self) -> Result<String, String> {
        document::write(self, &self.gate.change())
    }

    /// Replaces the state by that of a document. An error says what is wrong with it, and where; then nothing
    /// has changed. The ledger and the list of requests go on.
    pub(crate) fn restore(&self, document: &[u8]) -> Result<(), String> {
        // Reading takes longest, and needs nothing of this emulator.
        let kept = document::read::<S>(document)?;
        self.restore_alone(kept, &self.gate.change())
    }

    /// The parts of a state are replaced one after another, so no request may see them between.
    fn restore_alone(&self, kept: Kept<S::Kept>, _alone: &Changing<'_>) -> Result<(), String> {
        let Kept { clock, admitted, faults, state, .. } = kept;
        let faults = faults.read()?;
        S::restore(self, state)?;
        self.settings.clock.set(clock);
        self.faults.restore(faults);
        *lock(&self.journal).limiter() = admitted;
        Ok(())
    }

    /// The resources that exist now.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let _serving = self.serving();
        S::resources(self)
    }

    /// Answers a request under `/_emulator/` that only this service knows.
    pub(crate) fn control(&self, request: &Received) -> Option<Reply> {
        let _serving = self.serving();
        S::control(self, request)
    }

    /// Brings about what time has brought.
    pub(crate) fn settle(&self) {
        let _serving = self.serving();
        S::settle(self);
    }

    /// What the rate limit counts.
    pub(crate) fn admitted(&self) -> Limiter {
        lock(&self.journal).limiter().clone()
    }

    pub(crate) fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.journal).requests()
    }

    pub(crate) fn ledger(&self) -> Vec<S::Taken> {
        lock(&self.journal).ledger()
    }

    /// Adds an entry to the ledger. Called under the lock of the state that the entry changed, so that both
    /// are in the same order.
    pub(crate) fn take(&self, taken: S::Taken) {
        lock(&self.journal).add_taken(taken);
    }

    /// The time of the emulator's clock.
    pub(crate) fn now(&self) -> Moment {
        self.settings.clock.now()
    }

    /// Whether the rate limit admits a request now.
    pub(crate) fn admits(&self, now: Moment) -> bool {
        self.settings.rate_limit.is_none_or(|limit| lock(&self.journal).admits(now, limit))
    }

    fn seen<'r>(&self, request: &'r Received, place: &S::Place, statement: Option<&'r str>) -> Seen<'r> {
        Seen {
            method: &request.method,
            path: &request.path,
            kind: S::kind(place),
            statement,
            has_ended: S::has_ended(self, place),
        }
    }

    fn record(&self, request: &Received, place: &S::Place, fault: Option<Arc<Fault>>) -> RequestRecord {
        let mut record = RequestRecord::new(request, S::operation(place), fault);
        S::describe(place, &mut record);
        record
    }

    /// Passes the gate for as long as a request looks at the state or changes it. Not to be called by who
    /// holds it already, and not to be held while a client or a query is waited for.
    pub(crate) fn serving(&self) -> Serving<'_> {
        self.gate.serve()
    }

    fn reply(&self, request: &Received, body: &mut dyn Body) -> Reply {
        let place = self.service.place(request);
        let fault = {
            let _serving = self.serving();
            let statement = S::statement(request, &place);
            self.faults.on_request(&self.seen(request, &place, statement.as_deref()))
        };
        let mut record = self.record(request, &place, fault.clone());
        let mut exchange = Exchange { request, body, place: &place, record: &mut record };
        let reply = match fault {
            Some(fault) => self.struck(fault.action(), &mut exchange),
            None => self.answered(&mut exchange, S::answer),
        };
        record.status = if reply.wire == Wire::Close { 0 } else { reply.status };
        if record.status >= 400 && record.reason.is_none() {
            record.reason = reason::of(&reply);
        }
        self.log(record);
        reply
    }

    /// What the service answers. A service whose answer waits for something passes the gate by itself.
    fn answered<'e>(
        &self,
        exchange: &mut Exchange<'e, S>,
        answer: fn(&Self, &mut Exchange<'e, S>) -> Reply,
    ) -> Reply {
        let _serving = (!S::waits(exchange.place)).then(|| self.serving());
        answer(self, exchange)
    }

    /// The answer to a request that a fault is applied to.
    fn struck(&self, action: &Action, exchange: &mut Exchange<'_, S>) -> Reply {
        let answer = if action.takes() { Some(self.answered(exchange, S::answer)) } else { action.reply() };
        match (action, answer) {
            (Action::Status(_), _) => action.reply().unwrap_or_else(|| Reply::new(500)),
            (Action::OperationStatus(text), Some(reply)) => S::with_status(reply, text),
            (_, Some(reply)) => action.spoil(reply),
            // Only the service knows what pending looks like.
            (_, None) => self.answered(exchange, S::back_to_pending),
        }
    }

    fn log(&self, record: RequestRecord) {
        if let Some(Log(log)) = &self.settings.log {
            log(&record);
        }
        lock(&self.journal).add_request(record);
    }
}

impl<S: Backend> fmt::Debug for Instance<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<S: Backend> Handler for Instance<S> {
    fn arriving(&self, request: &Received) -> Arrival {
        let place = self.service.place(request);
        let fault = {
            let _serving = self.serving();
            self.faults.on_arrival(&self.seen(request, &place, None))
        };
        let Some(fault) = fault else { return S::reading(&place) };
        self.log(self.record(request, &place, Some(fault)));
        Arrival::Close
    }

    fn handle(&self, request: &Received) -> Reply {
        self.reply(request, &mut NoBody)
    }

    fn stream(&self, request: &Received, body: &mut dyn Body) -> Reply {
        self.reply(request, body)
    }
}

/// There is no body beside what was read already.
struct NoBody;

impl Read for NoBody {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Body for NoBody {
    fn length(&self) -> Option<u64> {
        Some(0)
    }
}
