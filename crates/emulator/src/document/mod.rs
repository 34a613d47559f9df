//! The state of an emulator as one JSON document, which can be kept and restored.
//!
//! A document has a head, which is the same for all services, and the state of the service: see
//! [`Backend::state`]. The types of the state are written and read by serde; what they refer to is checked by
//! [`Backend::restore`]. Settings, the ledger and the list of requests are not part of the state.

mod place;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod words;

use serde::{Deserialize, Serialize, Serializer};

use crate::faults::KeptFaults;
use crate::gate::Changing;
use crate::instance::Instance;
use crate::limiter::Limiter;
use crate::moment::Moment;
use crate::service::Backend;
use crate::text::one_line;

/// The version of the form of documents. It changes with every change that an earlier emulator could misread.
const VERSION: u32 = 1;
/// The largest document, in bytes.
pub(crate) const MAX_DOCUMENT: usize = 64 * 1024 * 1024;

/// A document to be written.
#[derive(Serialize)]
struct Shown<'i, S: Backend> {
    service: &'static str,
    version: u32,
    /// The time of the emulator's clock. All times are nanoseconds of this clock, unless their field says
    /// something else.
    clock: Moment,
    /// When the requests came that the rate limit counts.
    admitted: Limiter,
    faults: KeptFaults,
    #[serde(bound(serialize = ""))]
    state: StateOf<'i, S>,
}

struct StateOf<'i, S: Backend>(&'i Instance<S>);

impl<S: Backend> Serialize for StateOf<'_, S> {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        S::state(self.0, to)
    }
}

/// A document that was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept<T> {
    #[serde(rename = "service")]
    _service: String,
    #[serde(rename = "version")]
    _version: u32,
    pub(crate) clock: Moment,
    pub(crate) admitted: Limiter,
    pub(crate) faults: KeptFaults,
    pub(crate) state: T,
}

/// What tells whether the rest can be read.
#[derive(Deserialize)]
struct Head {
    service: String,
    version: u32,
}

/// The state of an instance.
pub(crate) fn write<S: Backend>(of: &Instance<S>, _alone: &Changing<'_>) -> Result<String, String> {
    let shown = Shown {
        service: S::NAME,
        version: VERSION,
        clock: of.now(),
        admitted: of.admitted(),
        faults: of.faults.kept(),
        state: StateOf(of),
    };
    let mut bounded = Bounded(Vec::new());
    match serde_json::to_writer(&mut bounded, &shown) {
        Ok(()) => String::from_utf8(bounded.0).map_err(|e| e.to_string()),
        Err(_) if bounded.0.len() >= MAX_DOCUMENT => {
            Err(format!("the state is larger than a document may be: the limit is {MAX_DOCUMENT} bytes"))
        }
        Err(e) => Err(e.to_string()),
    }
}

/// Bytes up to the largest document.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = MAX_DOCUMENT - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        // Zero says that there is no more room.
        Ok(bytes.len().min(room))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether a text is a document and not something else in JSON, by its head.
pub(crate) fn is_one(text: &str) -> bool {
    // Serde would also read the head out of an array, which is a plan.
    text.trim_start().starts_with('{') && serde_json::from_str::<Head>(text).is_ok()
}

/// A message of serde without the text that has the wrong type: it may be a secret.
pub(crate) fn without_value(message: &str) -> String {
    let quoted = message.split_once("string \"").zip(message.rsplit_once('"'));
    quoted.map_or_else(|| message.to_owned(), |((before, _), (_, after))| format!("{before}string{after}"))
}

/// Reads a document; what is wrong with it, and where.
pub(crate) fn read<S: Backend>(document: &[u8]) -> Result<Kept<S::Kept>, String> {
    if document.len() > MAX_DOCUMENT {
        return Err(format!("a state has at most {MAX_DOCUMENT} bytes"));
    }
    let text = std::str::from_utf8(document).map_err(|_| "the state is not UTF-8".to_owned())?;
    let wrong = |e: serde_json::Error| {
        let what = e.to_string();
        let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
        format!(
            "the state cannot be read at {} (line {}, column {}): {}",
            place::of(text, e.line(), e.column()),
            e.line(),
            e.column(),
            one_line(&without_value(what), 300)
        )
    };
    if text.trim_start().starts_with('[') {
        return Err(
            "the state cannot be read at its beginning: a state is a JSON object, but this is an array"
                .to_owned(),
        );
    }
    let Head { service, version } = serde_json::from_str(text).map_err(wrong)?;
    if service != S::NAME {
        let service = one_line(&service, 40);
        return Err(format!("/service: the state is of {service}, but this is an emulator of {}", S::NAME));
    }
    if version != VERSION {
        return Err(format!(
            "/version: the state has the form {version}, but this emulator (version {}) reads only the form {VERSION}",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let kept: Kept<S::Kept> = serde_json::from_str(text).map_err(wrong)?;
    if !kept.clock.is_in_reach() {
        return Err(
            "/clock: the time is more than 100 years before or after the start of an emulator".to_owned()
        );
    }
    kept.admitted.check(kept.clock).map_err(|why| format!("/admitted{why}"))?;
    Ok(kept)
}
