//! What the emulator remembers for those who test with it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::faults::Fault;
use crate::server::Received;

/// One request and how it was answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the request, from 0 in the order in which requests began to arrive.
    pub index: u64,
    /// The number of the connection that it came on, from 0 in the order in which they were accepted.
    pub connection: u64,
    /// The method as it was sent.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    /// The HTTP status of the answer; 0 if a fault closed the connection in place of one.
    pub status: u16,
    /// Whether it was a creation or a deletion that was taken.
    pub taken: bool,
    /// The fault that struck it.
    pub fault: Option<Arc<Fault>>,
}

impl RequestRecord {
    /// What is known of a request before it is answered.
    pub(super) fn new(request: &Received, fault: Option<Arc<Fault>>) -> Self {
        Self {
            index: request.index,
            connection: request.connection,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            status: 0,
            taken: false,
            fault,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "index": self.index,
            "connection": self.connection,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "taken": self.taken,
            "fault": self.fault.as_ref().map(ToString::to_string),
        })
    }
}

/// A creation or a deletion that was taken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// The project.
    pub project_id: i64,
    /// The cluster's name.
    pub cluster_name: String,
    /// What was taken.
    pub change: Change,
}

/// What was taken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A new cluster.
    Create {
        /// `region`
        region: String,
        /// `skuId`
        sku_id: i64,
        /// `requiredZone`
        required_zone: Option<String>,
    },
    /// The deletion of a cluster.
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

    pub(super) fn to_json(&self) -> Value {
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

    pub(super) fn bytes(&self) -> usize {
        let zone = match &self.change {
            Change::Create { region, required_zone, .. } => {
                region.len() + required_zone.as_ref().map_or(0, String::len)
            }
            Change::Delete => 0,
        };
        self.cluster_name.len() + zone
    }
}
