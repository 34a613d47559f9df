//! A load of any table without a source: the source is an upload that has no id yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hotdata::batch::Planned;
use crate::hotdata::command::Command;
use crate::hotdata::endpoint::Endpoint;

use super::commands::{LoadDatabaseTable, LoadManagedTable};
use super::load::{Load, LoadCommand};
use super::model::{ColumnDefinition, LoadFormat, LoadManagedTableRequest, LoadMode, LoadOutcome};

/// A load into a table of a database or into a table of a managed catalog: the load of an
/// [`UploadAndLoadFile`](crate::hotdata::UploadAndLoadFile), whose source is the upload.
///
/// In JSON, the load is an object with one key, the vendor's name of the operation: `load_database_table` or
/// `load_managed_table`. Reading from JSON fails if the load has a source (`upload_id`, `result_id` or
/// `data`), or if it has `columns` or an `idempotency_key`, which need `data`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum AnyLoad {
    /// Loads a table of a database.
    #[serde(deserialize_with = "IntoDatabaseTable::deserialize")]
    LoadDatabaseTable(LoadDatabaseTable),
    /// Loads a table of a managed catalog, whose tables Hotdata stores itself.
    #[serde(deserialize_with = "IntoManagedTable::deserialize")]
    LoadManagedTable(LoadManagedTable),
}

/// A [`LoadDatabaseTable`] without a source.
#[derive(Deserialize)]
#[serde(remote = "LoadDatabaseTable", deny_unknown_fields)]
struct IntoDatabaseTable {
    database_id: String,
    #[serde(rename = "var_schema", alias = "schema")]
    schema: String,
    table: String,
    #[serde(deserialize_with = "WithoutSource::deserialize")]
    load_managed_table_request: LoadManagedTableRequest,
}

/// A [`LoadManagedTable`] without a source.
#[derive(Deserialize)]
#[serde(remote = "LoadManagedTable", deny_unknown_fields)]
struct IntoManagedTable {
    connection_id: String,
    #[serde(rename = "var_schema", alias = "schema")]
    schema: String,
    table: String,
    #[serde(deserialize_with = "WithoutSource::deserialize")]
    load_managed_table_request: LoadManagedTableRequest,
}

/// The fields of a [`LoadManagedTableRequest`] whose source is an upload.
#[derive(Deserialize)]
#[serde(remote = "LoadManagedTableRequest", deny_unknown_fields)]
struct WithoutSource {
    mode: LoadMode,
    #[serde(skip)]
    upload_id: Option<String>,
    #[serde(skip)]
    result_id: Option<String>,
    #[serde(skip)]
    data: Option<String>,
    #[serde(default)]
    format: Option<LoadFormat>,
    #[serde(skip)]
    columns: Option<BTreeMap<String, ColumnDefinition>>,
    #[serde(default)]
    key: Option<Vec<String>>,
    #[serde(skip)]
    idempotency_key: Option<String>,
    #[serde(default)]
    r#async: Option<bool>,
    #[serde(default)]
    async_after_ms: Option<u64>,
}

impl Command for AnyLoad {
    type Output = LoadOutcome;

    /// A name for this type. [`name`](Command::name) returns the name of the command in the enum.
    const NAME: &'static str = "any_load";

    fn name(&self) -> &'static str {
        self.endpoint().name()
    }

    fn endpoint(&self) -> Endpoint<'_, LoadOutcome> {
        match self {
            Self::LoadDatabaseTable(load) => load.endpoint(),
            Self::LoadManagedTable(load) => load.endpoint(),
        }
    }
}

impl LoadCommand for AnyLoad {
    fn request(&self) -> &LoadManagedTableRequest {
        match self {
            Self::LoadDatabaseTable(load) => load.request(),
            Self::LoadManagedTable(load) => load.request(),
        }
    }

    fn request_mut(&mut self) -> &mut LoadManagedTableRequest {
        match self {
            Self::LoadDatabaseTable(load) => load.request_mut(),
            Self::LoadManagedTable(load) => load.request_mut(),
        }
    }

    fn planned(load: Box<Load<Self>>, waits: bool) -> Planned {
        let Load { load, when_locked } = *load;
        match load {
            Self::LoadDatabaseTable(load) => {
                LoadCommand::planned(Box::new(Load { load, when_locked }), waits)
            }
            Self::LoadManagedTable(load) => LoadCommand::planned(Box::new(Load { load, when_locked }), waits),
        }
    }
}

impl From<LoadDatabaseTable> for AnyLoad {
    fn from(load: LoadDatabaseTable) -> Self {
        Self::LoadDatabaseTable(load)
    }
}

impl From<LoadManagedTable> for AnyLoad {
    fn from(load: LoadManagedTable) -> Self {
        Self::LoadManagedTable(load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_read_as_it_is_written_but_without_a_source() {
        let request = || LoadManagedTableRequest::new(LoadMode::Upsert).format(LoadFormat::Csv).key(["id"]);
        for load in [
            AnyLoad::from(LoadDatabaseTable::new("d", "main", "t", request().async_after_ms(2000))),
            AnyLoad::from(LoadManagedTable::new("c", "main", "t", request())),
        ] {
            let text = serde_json::to_string(&load).unwrap();
            assert_eq!(serde_json::from_str::<AnyLoad>(&text).unwrap(), load);
            let short = text.replace("var_schema", "schema");
            assert_eq!(serde_json::from_str::<AnyLoad>(&short).unwrap(), load);
            for source in [
                "\"upload_id\":\"u\"",
                "\"result_id\":\"r\"",
                "\"data\":\"a\"",
                "\"columns\":{}",
                "\"idempotency_key\":\"k\"",
            ] {
                let with = text.replace("\"mode\"", &format!("{source},\"mode\""));
                let error = serde_json::from_str::<AnyLoad>(&with).unwrap_err().to_string();
                assert!(error.starts_with("unknown field"), "{error}");
            }
        }
    }
}
