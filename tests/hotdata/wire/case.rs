//! One recorded case, and the client that it is for.

use std::time::Duration;

use controlplane::hotdata::{AnyOutput, AsyncClient, Client, Credentials};
use controlplane::transport::Proxy;
use controlplane::{Error, RetryPolicy};
use serde_json::Value;

use super::server::Server;
use crate::clock::Leaping;
use crate::vectors;

/// A recorded case.
pub(super) struct Case<'a>(pub(super) &'a vectors::Case);

/// What came of a case.
#[derive(Debug)]
pub(super) struct Done {
    /// The output as JSON, with the wire's names.
    pub(super) result: Result<Value, Error>,
    /// The output as `Debug` shows it: there the names of models stand.
    pub(super) shown: String,
    /// What the layer that ran it found wrong, for instance in what an error has besides its kind.
    pub(super) wrong: Vec<String>,
    /// True if the layer has compared the outcome already: then only the requests are left, and that no
    /// secret shows.
    pub(super) is_compared: bool,
    /// An output of bytes.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Done {
    pub(super) fn new<T: serde::Serialize + std::fmt::Debug>(result: Result<T, Error>) -> Self {
        let shown = format!("{result:?}");
        let result = result.map(|output| serde_json::to_value(output).unwrap());
        Self { result, shown, wrong: Vec::new(), is_compared: false, bytes: None }
    }

    /// Of a plain command.
    pub(super) fn plain(result: Result<AnyOutput, Error>) -> Self {
        let bytes = match &result {
            Ok(AnyOutput::ResultOutcome(outcome)) => outcome.as_ref().clone().bytes(),
            _ => None,
        };
        Self { bytes, ..Self::new(result) }
    }
}

impl Case<'_> {
    pub(super) fn json(&self) -> &Value {
        &self.0.json
    }

    pub(super) fn id(&self) -> &str {
        self.0.id()
    }

    pub(super) fn op(&self) -> &str {
        self.json()["op"].as_str().unwrap_or_default()
    }

    pub(super) fn class(&self) -> &str {
        self.json()["class"].as_str().unwrap_or_default()
    }

    pub(super) fn args(&self) -> &Value {
        &self.json()["args"]
    }

    pub(super) fn exchanges(&self) -> &[Value] {
        self.json()["exchanges"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(super) fn outcome(&self) -> &Value {
        &self.json()["outcome"]
    }

    pub(super) fn is_unordered(&self) -> bool {
        self.json()["unordered"] == true
    }

    /// What a correct client does, where the vendor's does not.
    pub(super) fn peer_note(&self) -> Option<&str> {
        self.json()["peer_note"].as_str()
    }

    pub(super) fn sleeps(&self) -> Option<Vec<f64>> {
        serde_json::from_value(self.json()["sleeps"].clone()).unwrap()
    }

    /// True if a request gets no response.
    pub(super) fn loses_connections(&self) -> bool {
        self.exchanges().iter().any(|exchange| exchange["response"].get("fault").is_some())
    }

    /// How often a request without a response is sent again: as often as the vendor's client did before it
    /// gave up.
    fn repetitions(&self) -> u32 {
        let is_lost = |exchange: &&Value| exchange["response"].get("fault").is_some();
        let trailing = self.exchanges().iter().rev().take_while(is_lost).count();
        match u32::try_from(trailing).unwrap() {
            0 if self.loses_connections() => 3,
            trailing => trailing.saturating_sub(1),
        }
    }

    /// True if a URL for a part is asked for and there is no response. The vendor's client asks again at
    /// once, and gives up the upload if that does not help; for this one, the part is left to the next round.
    pub(super) fn loses_a_mint(&self) -> bool {
        self.exchanges().iter().any(|exchange| {
            let path = exchange["request"]["path"].as_str().unwrap_or_default();
            path.ends_with("/parts") && exchange["response"].get("fault").is_some()
        })
    }

    /// True if the case takes time on a clock that cannot be moved.
    pub(super) fn waits(&self) -> bool {
        self.sleeps().is_some_and(|sleeps| sleeps.iter().sum::<f64>() > 0.1)
            || self.ends_in_a_failed_poll()
            || self.loses_a_mint()
    }

    /// True if the last recorded request asks how a result is, and fails in a way that passes. The vendor's
    /// client gives up then; this one asks again until its timeout.
    pub(super) fn ends_in_a_failed_poll(&self) -> bool {
        let Some(last) = self.exchanges().last() else { return false };
        let (request, status) = (&last["request"], last["response"]["status"].as_u64());
        let is_poll = request["query"] == serde_json::json!([["limit", "0"]]);
        let passes = status.is_none() || matches!(status, Some(408 | 425 | 429 | 500..));
        self.class() == "query" && is_poll && passes
    }

    /// The args as a command in JSON.
    pub(super) fn command(&self) -> String {
        format!("{{\"{}\": {}}}", self.op(), self.0.raw("/args").unwrap())
    }

    /// What the client is given. `null`: nothing.
    fn setting(&self, name: &str, default: &str) -> Option<String> {
        match self.json()["client"].get(name) {
            Some(value) => value.as_str().map(str::to_owned),
            None => Some(default.to_owned()),
        }
    }

    /// What follows the address of the server in the base URL.
    pub(super) fn base_suffix(&self) -> String {
        self.setting("base_suffix", "").unwrap_or_default()
    }
}

fn credentials(case: &Case<'_>, server: &Server) -> Credentials {
    let mut credentials = Credentials::builder().env(Vec::<(String, String)>::new()).base_url(format!(
        "{}{}",
        server.url(),
        case.base_suffix()
    ));
    credentials = match case.setting("api_key", "test-key") {
        Some(key) => credentials.api_key(key),
        None => credentials.without_api_key(),
    };
    if let Some(id) = case.setting("workspace_id", "ws_test") {
        credentials = credentials.workspace_id(id);
    }
    credentials.build().unwrap()
}

/// In the same words for both modes.
macro_rules! given {
    ($builder:expr, $case:expr, $server:expr) => {{
        let (case, server): (&Case<'_>, &Server) = ($case, $server);
        // The vendor's client sends again where the connection was closed; each layer chooses what else is
        // sent again.
        let mut retry = RetryPolicy::retries(case.repetitions());
        retry.first_delay = Duration::from_millis(1);
        retry.jitter = 0.0;
        let mut builder = $builder.credentials(credentials(case, server)).proxy(Proxy::None).retry(retry);
        for (name, value) in case.json()["client"]["default_headers"].as_object().into_iter().flatten() {
            builder = builder.default_header(name.clone(), value.as_str().unwrap().to_owned());
        }
        builder
    }};
}

/// The blocking client of a case. Waits take no time, and are kept.
pub(super) fn client(case: &Case<'_>, server: &Server) -> (Client, Leaping) {
    let clock = Leaping::new();
    (given!(Client::builder(), case, server).clock(clock.clone()).build().unwrap(), clock)
}

/// The async client of a case, whose waits take their time: cases that wait are left to the blocking one.
pub(super) fn async_client(case: &Case<'_>, server: &Server) -> AsyncClient {
    given!(AsyncClient::builder(), case, server).build().unwrap()
}
