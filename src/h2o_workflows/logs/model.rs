//! Models of logs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::h2o_workflows::wire::{base64, integer, to_base64};
use crate::open_enum::impl_open_enum;

/// The log of a step, as bytes, because the service does not say that it is text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepLogs {
    /// The bytes of the log. In JSON they are base64.
    #[serde(default, serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    pub data: Vec<u8>,
}

impl StepLogs {
    /// Returns the log as text; bytes that are not UTF-8 are replaced.
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }
}

impl fmt::Debug for StepLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepLogs({} bytes)", self.data.len())
    }
}

/// A piece of the log of a step: bytes, and the offset of their end. It may end in the middle of a line, or
/// of a character.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogChunk {
    /// The bytes of the log. In JSON they are base64.
    #[serde(default, serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    pub data: Vec<u8>,
    /// The offset in the log of the end of these bytes, at which reading continues. `None` if the service
    /// sent none.
    #[serde(default, serialize_with = "write_offset", deserialize_with = "integer")]
    pub offset: Option<u64>,
}

impl fmt::Debug for LogChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogChunk({} bytes, to {:?})", self.data.len(), self.offset)
    }
}

fn write_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_base64(bytes))
}

fn read_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?.unwrap_or_default();
    base64(&text).ok_or_else(|| serde::de::Error::custom("data is not base64"))
}

fn write_offset<S: Serializer>(offset: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match offset {
        Some(offset) => serializer.collect_str(offset),
        None => serializer.serialize_none(),
    }
}

/// An output of a step. `Unspecified` returns both, as `Combined` does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputStream {
    /// `OUTPUT_STREAM_UNSPECIFIED`
    #[default]
    Unspecified,
    /// `OUTPUT_STREAM_STDOUT`
    Stdout,
    /// `OUTPUT_STREAM_STDERR`
    Stderr,
    /// `OUTPUT_STREAM_COMBINED`: both, in the order in which they were written
    Combined,
    /// A value that this crate does not know.
    Other(String),
}

impl_open_enum!(OutputStream, "output stream", {
    Unspecified => "OUTPUT_STREAM_UNSPECIFIED",
    Stdout => "OUTPUT_STREAM_STDOUT",
    Stderr => "OUTPUT_STREAM_STDERR",
    Combined => "OUTPUT_STREAM_COMBINED",
});
