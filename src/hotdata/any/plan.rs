//! A type that holds what a plan may have in the place of a command.

use std::fmt;

use serde::de::value::EnumAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::hotdata::command::Command;
use crate::hotdata::uploads::UploadAndLoadFile;
use crate::http::Request;

use super::AnyCommand;

/// A command of a plan, a JSON file with calls for a batch: any [`AnyCommand`], or the upload of a file
/// together with its load. An upload with its load sends several requests, but is one call of the batch.
///
/// In JSON it is an object with one key: the name of a command, or `upload_and_load`.
///
/// ```
/// use controlplane::hotdata::{Client, PlanCommand};
/// use controlplane::plan;
///
/// let text = r#"[
///     {"key": "orders", "command": {"upload_and_load": {
///         "path": "orders.csv",
///         "content_type": "text/csv",
///         "load": {"load_database_table": {
///             "database_id": "dbid7h2k9q4m1x8c", "schema": "main", "table": "orders",
///             "load_managed_table_request": {"mode": "append"}
///         }}
///     }}},
///     {"key": "tables", "command": {"information_schema": {}}, "after": ["orders"]}
/// ]"#;
/// let client = Client::offline();
/// let mut batch = client.batch();
/// for step in plan::read::<PlanCommand>(text)? {
///     let mut added = match step.command {
///         PlanCommand::UploadAndLoad(file) => batch.add(step.key, client.upload_and_load(file).and_wait()),
///         PlanCommand::Command(command) => batch.add(step.key, client.call(command)),
///         _ => return Err("a command that this program does not know".into()),
///     };
///     for key in step.after {
///         added = added.after(key);
///     }
/// }
/// assert_eq!(batch.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "plans are short, and a box would be in everyone's way")]
pub enum PlanCommand {
    /// The upload of a file and the load of the upload: in JSON, `upload_and_load`.
    UploadAndLoad(UploadAndLoadFile),
    /// Any other command, which sends one request.
    #[serde(untagged)]
    Command(AnyCommand),
}

impl PlanCommand {
    /// Returns the HTTP request of the command; for an upload with its load, the first of its requests. Needs
    /// no client and no network, and opens no file.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if an id or name in the path is empty, `.` or `..`, if
    /// the value of a header has characters other than printable ASCII, or if the body cannot be written as
    /// JSON.
    pub fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::UploadAndLoad(file) => file.to_request(),
            Self::Command(command) => command.to_request(),
        }
    }
}

impl From<AnyCommand> for PlanCommand {
    fn from(command: AnyCommand) -> Self {
        Self::Command(command)
    }
}

impl From<UploadAndLoadFile> for PlanCommand {
    fn from(file: UploadAndLoadFile) -> Self {
        Self::UploadAndLoad(file)
    }
}

/// By hand, because an untagged enum of serde would read the value twice, and its errors would have no
/// places.
impl<'de> Deserialize<'de> for PlanCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("PlanCommand", &[UploadAndLoadFile::NAME], ByName)
    }
}

struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = PlanCommand;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command of a plan")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<PlanCommand, A::Error> {
        let (name, value) = access.variant::<String>()?;
        if name == UploadAndLoadFile::NAME {
            return value.newtype_variant().map(PlanCommand::UploadAndLoad);
        }
        // Names that are not known are an error of this reader.
        AnyCommand::deserialize(EnumAccessDeserializer::new(Named { name, value })).map(PlanCommand::Command)
    }
}

/// A variant whose name was read.
struct Named<V> {
    name: String,
    value: V,
}

impl<'de, V: VariantAccess<'de>> EnumAccess<'de> for Named<V> {
    type Error = V::Error;
    type Variant = V;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, V), V::Error> {
        Ok((seed.deserialize(self.name.into_deserializer())?, self.value))
    }
}
