//! Commands as data: the trait of all of them, and how successful responses are read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Effect;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::{Request, Response, encode_segment};

use super::protocol::{Protocol, unusable};
use super::wire::Envelope;

/// A command: a value that becomes one request.
///
/// Implemented by the command structs of this module and by [`AnyCommand`](super::AnyCommand). Sealed: it
/// cannot be implemented outside this crate.
pub trait Command: Clone + Send + 'static {
    /// The name of the vendor's method, which is also the command's name in JSON: `cluster_create`.
    const NAME: &'static str;

    /// The output of the call.
    type Output: Send + 'static;

    /// Returns the name of the vendor's method. For an [`AnyCommand`](super::AnyCommand), this is the name of
    /// the command in it.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns whether the command may be sent again after it may have been accepted.
    fn effect(&self) -> Effect;

    /// Returns what the command does, for messages.
    #[doc(hidden)]
    fn label(&self) -> String;

    /// Returns the request, with `{org}` and `{project}` in its path where it needs them. Needs no client and
    /// no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_request(&self) -> Result<Request, Error>;

    /// Reads the response to a success.
    #[doc(hidden)]
    fn read(&self, success: Success<'_>) -> Result<Self::Output, Error>;
}

/// A successful response, with the values that reading it needs.
#[derive(Debug)]
pub struct Success<'a> {
    pub(crate) protocol: &'a Protocol,
    pub(crate) label: &'a str,
    pub(crate) effect: Effect,
    pub(crate) response: &'a Response,
    pub(crate) envelope: Envelope,
}

impl<'a> Success<'a> {
    pub(super) fn new(
        protocol: &'a Protocol,
        label: &'a str,
        effect: Effect,
        response: &'a Response,
    ) -> Result<Self, Error> {
        let envelope = Envelope::read(response).map_err(|why| unusable(label, effect, response, &why))?;
        Ok(Self { protocol, label, effect, response, envelope })
    }

    /// The error for a response that cannot be read.
    pub(crate) fn unusable(&self, why: &str) -> Error {
        unusable(self.label, self.effect, self.response, why)
    }

    /// Reads the payload.
    pub(crate) fn data<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        match self.envelope.data.take() {
            None | Some(Value::Null) => Err(self.unusable("missing field `data`")),
            Some(data) => serde_json::from_value(data).map_err(|e| self.unusable(&format!("`data`: {e}"))),
        }
    }
}

/// Returns a cluster's name as a segment of a path.
pub(super) fn name_segment(label: &str, name: &str) -> Result<String, Error> {
    checked_name(label, name)?;
    Ok(encode_segment(name))
}

/// Refuses names that cannot be part of a path. The API's own rules for names are not documented.
pub(super) fn checked_name(label: &str, name: &str) -> Result<(), Error> {
    let why = match name {
        "" => "the cluster's name is empty",
        "." | ".." => "the cluster's name cannot be part of a URL",
        _ => return Ok(()),
    };
    Err(Error::invalid(label, why).with_advice("Nothing was sent."))
}
