//! One recorded case, and the client that it is for.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use controlplane::hotdata::{AnyOutput, AsyncClient, Client};
use controlplane::transport::Proxy;
use controlplane::{Clock, Error, RetryPolicy};
use serde_json::{Value, json};

use crate::server::Server;

/// A recorded case.
#[derive(Clone, Debug)]
pub struct Case(pub Value);

/// What came of a case.
#[derive(Debug)]
pub struct Done {
    /// The output as JSON, with the wire's names.
    pub result: Result<Value, Error>,
    /// The output as `Debug` shows it: there the names of models stand.
    pub shown: String,
    /// What the one who ran it found wrong, for instance in what an error of a layer tells besides its kind.
    pub wrong: Vec<String>,
    /// True if the one who ran it has compared the outcome already: then only the requests are left, and that no secret shows.
    pub is_compared: bool,
    /// An output of bytes.
    pub bytes: Option<Vec<u8>>,
}

impl Done {
    pub fn new<T: serde::Serialize + std::fmt::Debug>(result: Result<T, Error>) -> Self {
        let shown = format!("{result:?}");
        let result = result.map(|output| serde_json::to_value(output).unwrap());
        Self { result, shown, wrong: Vec::new(), is_compared: false, bytes: None }
    }

    /// Of a plain command.
    pub fn plain(result: Result<AnyOutput, Error>) -> Self {
        let bytes = match &result {
            Ok(AnyOutput::ResultOutcome(outcome)) => outcome.as_ref().clone().bytes(),
            _ => None,
        };
        Self { bytes, ..Self::new(result) }
    }
}

impl Case {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    pub fn op(&self) -> &str {
        self.0["op"].as_str().unwrap()
    }

    pub fn class(&self) -> &str {
        self.0["class"].as_str().unwrap()
    }

    pub fn args(&self) -> &Value {
        &self.0["args"]
    }

    pub fn exchanges(&self) -> &[Value] {
        self.0["exchanges"].as_array().unwrap()
    }

    pub fn outcome(&self) -> &Value {
        &self.0["outcome"]
    }

    pub fn is_unordered(&self) -> bool {
        self.0["unordered"] == true
    }

    /// What a correct client does, where the vendor's does not.
    pub fn peer_note(&self) -> Option<&str> {
        self.0["peer_note"].as_str()
    }

    pub fn sleeps(&self) -> Option<Vec<f64>> {
        serde_json::from_value(self.0["sleeps"].clone()).unwrap()
    }

    /// The args as a command in JSON.
    pub fn command(&self) -> Value {
        json!({ self.op(): self.args() })
    }

    /// What the client is given. `null`: nothing.
    fn setting(&self, name: &str, default: &str) -> Option<String> {
        match self.0["client"].get(name) {
            Some(value) => value.as_str().map(str::to_owned),
            None => Some(default.to_owned()),
        }
    }
}

/// In the same words for both modes.
macro_rules! given {
    ($builder:expr, $case:expr, $server:expr) => {{
        let (case, server): (&Case, &Server) = ($case, $server);
        let base = format!("{}{}", server.url(), case.setting("base_suffix", "").unwrap_or_default());
        // What is sent again is chosen by each layer; a plain call sends once unless the connection was closed.
        let mut retry = RetryPolicy::retries(u32::from(case.class() == "transport"));
        retry.first_delay = Duration::from_millis(1);
        retry.jitter = 0.0;
        let mut builder = $builder
            .env(Vec::<(String, String)>::new())
            .base_url(base)
            .proxy(Proxy::None)
            .retry(retry);
        if let Some(key) = case.setting("api_key", "test-key") {
            builder = builder.api_key(key);
        }
        if let Some(id) = case.setting("workspace_id", "ws_test") {
            builder = builder.workspace_id(id);
        }
        for (name, value) in case.0["client"]["default_headers"].as_object().into_iter().flatten() {
            builder = builder.default_header(name.clone(), value.as_str().unwrap().to_owned());
        }
        builder
    }};
}

/// The blocking client of a case. Waits take no time, and are kept.
pub fn client(case: &Case, server: &Server) -> (Client, Leaping) {
    let clock = Leaping::new();
    (given!(Client::builder(), case, server).clock(clock.clone()).build().unwrap(), clock)
}

/// The client of futures, whose waits take their time: cases with such are left to the blocking one.
pub fn async_client(case: &Case, server: &Server) -> AsyncClient {
    given!(AsyncClient::builder(), case, server).build().unwrap()
}

/// Waits by moving its hands.
#[derive(Clone, Debug)]
pub struct Leaping(Arc<Mutex<(Instant, Vec<Duration>)>>);

impl Leaping {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Vec::new()))))
    }

    /// The pauses so far.
    pub fn slept(&self) -> Vec<f64> {
        self.0.lock().unwrap().1.iter().map(Duration::as_secs_f64).collect()
    }

    fn passed(&self) -> Duration {
        self.0.lock().unwrap().1.iter().sum()
    }
}

impl Clock for Leaping {
    fn now(&self) -> Instant {
        let start = self.0.lock().unwrap().0;
        start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        // 2026-03-01T12:00:00Z, as in the recordings.
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400) + self.passed()
    }

    fn sleep(&self, time: Duration) {
        self.0.lock().unwrap().1.push(time);
    }
}
