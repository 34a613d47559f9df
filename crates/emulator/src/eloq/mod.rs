//! An emulator of EloqCloud, for tests: its six endpoints, and clusters that take time to appear and to go.
//!
//! ```
//! use controlplane_emulator::eloq::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("curl -H 'Authorization: {}' {}org-info", emulator.api_key(), emulator.url());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//!
//! | Request, below `/api/v1/` | Answer |
//! |---|---|
//! | `GET org-info` | the user, the organization 1 and its projects 147 (`p1`) and 205 (`p2`) |
//! | `GET orgs/{org}/projects/{project}/clusters` | a page of clusters; `page` from 1, `perPage` from 1 to 50 |
//! | `POST orgs/{org}/projects/{project}/clusters` | a new cluster: `clusterName`, `region`, `skuId`, perhaps `requiredZone` |
//! | `GET orgs/{org}/projects/{project}/clusters/{name}` | a cluster |
//! | `DELETE orgs/{org}/projects/{project}/clusters/{name}/delete` | its deletion, if it is `available` |
//! | `GET skus-by-args` | the SKUs of a `type`, an `eloqModule` and a `cloudProvider` |
//!
//! - The body of every response is `{"code", "message", "data"}`. `code` is 0 for a request that reads, 200
//!   for a request that changes something, and the HTTP status for every failure.
//! - The header `Authorization` has the bare key, or `Bearer` and the key, as an earlier version of the
//!   vendor's client sent it. Any other value is answered with 401.
//! - A new cluster is `provisioning` and has no address. After some polls or some time ([`Pending`]) it is
//!   `available`, or `idle` if it is serverless and [`becomes_idle`](Builder::becomes_idle) is set. A deleted
//!   cluster is `deleting` for some polls or some time ([`deleting`](Builder::deleting)), and then gone. Each
//!   description of a cluster, and each list that shows it, counts as a poll of it.
//! - There can be at most three clusters, as in the free plan, unless
//!   [`cluster_limit`](Builder::cluster_limit) sets another number.
//! - It injects errors on demand: see [`faults`](crate::faults). For faults, creations and deletions count as
//!   `submit`, descriptions of a cluster as `poll`, and the statement of a request is its body;
//!   `operation-status=TEXT` and `back-to-pending` change the status of the cluster in the response.
//!   [`ledger`](Emulator::ledger) lists every accepted creation and deletion, whether the client received the
//!   response or not.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"change", "project_id", "cluster_name", …}`.
//!
//! # What is the emulator's own
//!
//! No source shows how the real EloqCloud behaves in these points. Do not rely on them:
//!
//! - All texts of messages except `success` and the empty one.
//! - The statuses of failures about which the vendor's pages say nothing: 400 for a name that is taken or a
//!   SKU that is unknown, 403 for another organization or project and for a cluster above the limit, 404 for
//!   other paths, 405 for other methods. A cluster that does not exist is answered with 404, as the vendor's
//!   client expects; the vendor's HTTP page says 403, which [`missing_as_403`](Builder::missing_as_403)
//!   selects.
//! - How long creations and deletions take, that a list counts as a poll of each cluster that it shows, and
//!   the order of a list, in which clusters stand as they were created.
//! - The status `deleting`. That an `idle` cluster cannot be deleted follows from the vendor's words; no
//!   source shows it.
//! - Any name and any region that is not empty is accepted. A body with an unknown key is refused, and so is
//!   a list without `page` or `perPage`. Without `requiredZone` a cluster is in zone `a` of its region.
//! - The SKUs with their numbers and sizes, the organization with its user and projects, the addresses, the
//!   passwords (which follow from the seed), and the times at which clusters were created.
//! - There can be at most 10,000 clusters, even without a limit.

mod journal;
mod service;
mod skus;
mod state;
#[cfg(test)]
mod tests;

pub use crate::journal::RequestRecord;
pub use crate::time::Pending;
pub use journal::{Change, Taken};
pub use service::Eloq;

/// A running emulator of EloqCloud. It stops when it is dropped.
pub type Emulator = crate::Emulator<Eloq>;

/// Builds an [`Emulator`] of EloqCloud: its settings, and its start.
pub type Builder = crate::Builder<Eloq>;

impl Emulator {
    /// Returns the API key that the emulator accepts.
    pub fn api_key(&self) -> &str {
        &self.instance.options.api_key
    }

    /// Sets the status of a cluster, to any text, until it is deleted or the status is set again. If both
    /// projects have a cluster with this name, the one that was created first changes. Returns false if there
    /// is no cluster with this name.
    ///
    /// ```
    /// use controlplane_emulator::eloq::Emulator;
    /// # use controlplane::{ErrorKind, eloq::Client};
    ///
    /// let emulator = Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// client.cluster_create("c1", "us-west-1", 3).send()?;
    /// assert!(emulator.set_status("c1", "provision_failed"));
    /// let error = client.wait_for_cluster("c1").send().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::OperationFailed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_status(&self, cluster_name: &str, status: &str) -> bool {
        self.instance.set_status(cluster_name, status)
    }
}

impl Builder {
    /// Sets the API key that the emulator accepts. Default: `emulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.options.api_key = key.into();
        self
    }

    /// Sets how long a deleted cluster is `deleting` before it is gone. Default: the value of
    /// [`pending`](crate::Builder::pending), for which new clusters are `provisioning`.
    pub fn deleting(mut self, pending: Pending) -> Self {
        self.options.deleting = Some(pending);
        self
    }

    /// Makes new serverless clusters `idle` when they have been provisioned. Default: they are `available`,
    /// as other clusters are.
    pub fn becomes_idle(mut self) -> Self {
        self.options.becomes_idle = true;
        self
    }

    /// Answers requests for a cluster that does not exist with 403 "permission denied or cluster not found",
    /// as the vendor's HTTP page says. Default: with 404, as the vendor's client expects.
    pub fn missing_as_403(mut self) -> Self {
        self.options.missing_status = 403;
        self
    }

    /// Sets how many clusters there can be in all projects together, including those that are being deleted.
    /// A creation above the limit is answered with 403. With `None` or a larger number there can be 10,000.
    /// Default: `Some(3)`, the limit of the free plan.
    pub fn cluster_limit(mut self, limit: Option<u32>) -> Self {
        self.options.limit = limit;
        self
    }
}
