//! The entries of the ledger.

use serde_json::{Value, json};

use crate::journal::Entry;

/// An entry of the [ledger](crate::Emulator::ledger): a creation or deletion of a cluster that was accepted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// The id of the project.
    pub project_id: i64,
    /// The cluster's name.
    pub cluster_name: String,
    /// Whether the cluster was created or deleted.
    pub change: Change,
}

/// The change that an entry of the ledger records.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A cluster was created.
    Create {
        /// The region: `region` in the body of the request.
        region: String,
        /// The id of the SKU, the size of the cluster: `skuId` in the body of the request.
        sku_id: i64,
        /// The zone, if the request named one: `requiredZone` in its body.
        required_zone: Option<String>,
    },
    /// A cluster was deleted.
    Delete,
}

impl Taken {
    pub(super) fn create(project: i64, name: &str, region: &str, sku_id: i64, zone: Option<String>) -> Self {
        let change = Change::Create { region: region.to_owned(), sku_id, required_zone: zone };
        Self { project_id: project, cluster_name: name.to_owned(), change }
    }

    pub(super) fn delete(project: i64, name: &str) -> Self {
        Self { project_id: project, cluster_name: name.to_owned(), change: Change::Delete }
    }
}

impl Entry for Taken {
    fn to_json(&self) -> Value {
        let Self { project_id, cluster_name, change } = self;
        match change {
            Change::Create { region, sku_id, required_zone } => json!({
                "change": "create",
                "project_id": project_id,
                "cluster_name": cluster_name,
                "region": region,
                "sku_id": sku_id,
                "required_zone": required_zone,
            }),
            Change::Delete => {
                json!({ "change": "delete", "project_id": project_id, "cluster_name": cluster_name })
            }
        }
    }

    fn bytes(&self) -> usize {
        let zone = match &self.change {
            Change::Create { region, required_zone, .. } => {
                region.len() + required_zone.as_ref().map_or(0, String::len)
            }
            Change::Delete => 0,
        };
        self.cluster_name.len() + zone
    }
}
