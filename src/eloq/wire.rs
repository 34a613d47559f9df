//! The envelope of responses, and values whose spelling varies.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::http::Response;
use crate::open_enum::OpenEnum;
pub(crate) use crate::wire::{base64, or_default};

/// A value together with the server's spelling of it.
///
/// The API spells a value in several ways: `AWS` in lists and `aws` elsewhere, `EloqKV` and `eloqkv`. Reading
/// ignores the case. This type dereferences to the value and is compared by it;
/// [`as_written`](Spelled::as_written), `Display` and `Serialize` have the server's spelling.
///
/// ```
/// use controlplane::eloq::{CloudProvider, Spelled};
///
/// let provider: Spelled<CloudProvider> = serde_json::from_str("\"AWS\"")?;
/// assert_eq!(provider, CloudProvider::Aws);
/// assert_eq!(provider.as_written(), "AWS");
/// match &*provider {
///     CloudProvider::Aws => println!("on AWS"),
///     other => println!("on {other}"),
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Spelled<E> {
    value: E,
    text: String,
}

impl<E> Spelled<E> {
    /// Returns the server's spelling.
    pub fn as_written(&self) -> &str {
        &self.text
    }
}

/// Converts a text: into a known value, or into `Other`.
#[allow(private_bounds)]
impl<E: OpenEnum> From<&str> for Spelled<E> {
    fn from(text: &str) -> Self {
        Self { value: E::read(text), text: text.to_owned() }
    }
}

/// The empty text, for a value that the server did not send.
#[allow(private_bounds)]
impl<E: OpenEnum> Default for Spelled<E> {
    fn default() -> Self {
        Self::from("")
    }
}

impl<E> Deref for Spelled<E> {
    type Target = E;
    fn deref(&self) -> &E {
        &self.value
    }
}

impl<E: PartialEq> PartialEq<E> for Spelled<E> {
    fn eq(&self, other: &E) -> bool {
        self.value == *other
    }
}

impl<E> fmt::Display for Spelled<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<E> fmt::Debug for Spelled<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<E> Serialize for Spelled<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[allow(private_bounds)]
impl<'de, E: OpenEnum> Deserialize<'de> for Spelled<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self::from(&*text))
    }
}

/// The envelope of a response: `{"code": …, "message": …, "data": …}`.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// A text: the service sends numbers, proxies and gateways in front of it also words.
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    /// True if the key is there.
    pub(crate) has_message: bool,
    /// `None` if the key is missing.
    pub(crate) data: Option<Value>,
    /// The payload without an envelope: an object with none of the three keys. The vendor's page shows
    /// org-info so.
    pub(crate) bare: Option<Value>,
}

impl Envelope {
    /// Reads a body; `Err`: why it is not an envelope.
    pub(crate) fn read(response: &Response) -> Result<Self, String> {
        if response.body.is_empty() {
            return Err("the answer is empty".to_owned());
        }
        let body: Value = serde_json::from_slice(&response.body)
            .map_err(|e| format!("the response is not JSON (line {}, column {})", e.line(), e.column()))?;
        let Value::Object(mut map) = body else {
            return Err("the response is not a JSON object".to_owned());
        };
        if !["code", "message", "data"].iter().any(|key| map.contains_key(*key)) {
            let bare = Some(Value::Object(map));
            return Ok(Self { code: None, message: None, has_message: false, data: None, bare });
        }
        let text = |value: Option<&Value>| match value {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        let (code, message) = (text(map.get("code")), text(map.get("message")));
        let has_message = map.contains_key("message");
        Ok(Self { code, message, has_message, data: map.remove("data"), bare: None })
    }

    /// True for a success: 0, which reads have, 200, which changes have, or no code. Each is accepted for
    /// both.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.code.as_deref(), None | Some("0" | "200"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    #[test]
    fn both_codes_are_success_and_no_code_too() {
        for (body, good) in [
            (r#"{"code": 0}"#, true),
            (r#"{"code": 200}"#, true),
            (r#"{"code": null}"#, true),
            (r#"{"data": []}"#, true),
            (r#"{"code": 201}"#, false),
            (r#"{"code": 403, "data": {}}"#, false),
            (r#"{"code": -1}"#, false),
            (r#"{"code": "0"}"#, true),
            (r#"{"code": "no"}"#, false),
            (r#"{"code": 0.5}"#, false),
        ] {
            let read = Envelope::read(&Response::new(200, Headers::new(), body)).unwrap();
            assert_eq!(read.is_success(), good, "{body}");
        }
        for body in ["", "[]", "null", "{"] {
            assert!(Envelope::read(&Response::new(200, Headers::new(), body)).is_err(), "{body}");
        }
    }
}
