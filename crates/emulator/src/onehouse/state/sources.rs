//! Catalogs and sources.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    CatalogType, CreateCatalog, CreateSource, CredentialType, DeleteCatalog, DeleteSource, DescribeCatalog,
    DescribeSource, Options, SourceType,
};

use crate::document::words::one_of;

use super::super::operations::Outcome;
use super::super::words::{Spelling, Word, spelled_or_none};
use super::{State, check_free, check_known, check_option, check_unused, find, shown_options};

/// A catalog or a source: something outside, and how to reach it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Connection {
    #[serde(rename = "type", deserialize_with = "kind")]
    pub(super) kind: Spelling,
    #[serde(deserialize_with = "spelled_or_none::<CredentialType, _>")]
    credential_type: Option<Spelling>,
    options: Options,
}

/// A type of catalogs or of sources: no word is both.
fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    let catalogs = CatalogType::KNOWN.iter().map(|(_, spelling)| *spelling);
    let sources = SourceType::KNOWN.iter().map(|(_, spelling)| *spelling);
    one_of(from, &catalogs.chain(sources).collect::<Vec<_>>())
}

impl State {
    pub(super) fn create_catalog(&mut self, command: &CreateCatalog) -> Outcome {
        let kind = check_known(&command.catalog_type)?;
        let credential_type = check_option(command.credential_type.as_ref())?;
        check_free(&self.catalogs, "catalog", &command.name)?;
        let catalog = Connection { kind, credential_type, options: command.options.clone() };
        self.catalogs.insert(command.name.clone(), catalog);
        Ok(json!({ "name": command.name, "type": kind }))
    }

    pub(super) fn delete_catalog(&mut self, command: &DeleteCatalog) -> Outcome {
        let name = &command.name;
        find(&self.catalogs, "catalog", name)?;
        let names = |list: &Option<Vec<String>>| list.iter().flatten().any(|one| one == name);
        let users = self.users(|flow| names(&flow.spec.catalogs), |_| false, |_| false, |_| false);
        check_unused("catalog", name, &users)?;
        self.catalogs.remove(name);
        Ok(json!({ "name": name }))
    }

    pub(super) fn describe_catalog(&self, command: &DescribeCatalog) -> Outcome {
        Ok(described(&command.name, "type", find(&self.catalogs, "catalog", &command.name)?))
    }

    pub(super) fn show_catalogs(&self) -> Outcome {
        Ok(rows(&self.catalogs, "type"))
    }

    pub(super) fn create_source(&mut self, command: &CreateSource) -> Outcome {
        let kind = check_known(&command.source_type)?;
        let credential_type = check_option(command.credential_type.as_ref())?;
        if !command.if_not_exists {
            check_free(&self.sources, "source", &command.name)?;
        }
        // `IF NOT EXISTS` leaves a source of the name as it is, and says nothing of it.
        self.sources.entry(command.name.clone()).or_insert_with(|| Connection {
            kind,
            credential_type,
            options: command.options.clone(),
        });
        Ok(json!({ "name": command.name, "source_type": kind }))
    }

    pub(super) fn delete_source(&mut self, command: &DeleteSource) -> Outcome {
        let name = &command.name;
        find(&self.sources, "source", name)?;
        let users = self.users(|flow| flow.spec.source == *name, |_| false, |_| false, |_| false);
        check_unused("source", name, &users)?;
        self.sources.remove(name);
        Ok(json!({ "name": name }))
    }

    pub(super) fn describe_source(&self, command: &DescribeSource) -> Outcome {
        Ok(described(&command.name, "source_type", find(&self.sources, "source", &command.name)?))
    }

    pub(super) fn show_sources(&self) -> Outcome {
        Ok(rows(&self.sources, "source_type"))
    }
}

fn described(name: &str, kind: &str, connection: &Connection) -> Value {
    json!({
        "name": name,
        kind: connection.kind,
        "credential_type": connection.credential_type,
        "options": shown_options(&connection.options),
    })
}

fn rows(all: &BTreeMap<String, Connection>, kind: &str) -> Value {
    all.iter().map(|(name, connection)| json!({ "name": name, kind: connection.kind })).collect()
}
