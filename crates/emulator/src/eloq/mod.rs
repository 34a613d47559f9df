//! A local EloqCloud: its six endpoints, clusters that come and go, and time.
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
//! - Every answer is `{"code", "message", "data"}`: `code` 0 for what reads, 200 for what changes something,
//!   the HTTP status in every failure.
//! - `Authorization` is the bare key; with `Bearer` before it too, as an earlier version of the vendor's
//!   client had it. Any other is a 401.
//! - A new cluster is `provisioning` and has no address; after some looks or some time ([`Pending`]) it is
//!   `available`, or `idle` if it is serverless and [`becomes_idle`](Builder::becomes_idle) was asked for. A
//!   deleted one is there for as long again. Each description or list of a cluster counts as a look.
//! - Three clusters at most, as in the free plan ([`cluster_limit`](Builder::cluster_limit)).
//! - It misbehaves on demand: see [`faults`](crate::faults). Create and delete count as `submit` and their
//!   bodies as statements, a description of a cluster as `poll`; `operation-status=TEXT` and
//!   `back-to-pending` are about a cluster's status. [`ledger`](Emulator::ledger) lists every creation and
//!   deletion that was taken, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"change", "project_id", "cluster_name", …}`.
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - All texts of messages beside `success` and the empty one, and which status each failure has where the
//!   vendor's pages say nothing: 400 for a name that is taken and an unknown SKU, 403 for another
//!   organization or project and above the limit, 404 for other paths, 405 for other methods. A cluster that
//!   is not there is a 404 as in the vendor's client; its HTTP page says 403:
//!   [`missing_as_403`](Builder::missing_as_403).
//! - How long things take, that a list counts as a look at each cluster in it, and the order of a list: as
//!   they were made.
//! - The status `deleting` between the deletion and the end of a cluster. That an `idle` cluster cannot be
//!   deleted follows from the vendor's words, and is not shown.
//! - Any name that is not empty is good, and any region; a body with a key that is not known is refused, and
//!   so is a list without `page` or `perPage`. Without a zone a cluster is in the region's `a`.
//! - The SKUs, their numbers and sizes; the organization, its user, its projects; addresses, passwords (by
//!   the seed), and the times at which clusters were made.
//! - At most 10,000 clusters, whatever the limit.

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

/// A running emulator of EloqCloud.
pub type Emulator = crate::Emulator<Eloq>;

/// Settings of an [`Emulator`].
pub type Builder = crate::Builder<Eloq>;

impl Emulator {
    /// The key that it accepts.
    pub fn api_key(&self) -> &str {
        &self.instance.options.api_key
    }

    /// Gives the clusters of this name this status, whatever it is, for good or until they are deleted. False
    /// if there is no such cluster.
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
    /// Sets the key that it accepts. Default: `emulator-key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.options.api_key = key.into();
        self
    }

    /// Sets how long deleted clusters are still there. Default: as long as new ones are `provisioning`.
    pub fn deleting(mut self, pending: Pending) -> Self {
        self.options.deleting = Some(pending);
        self
    }

    /// Makes serverless clusters end as `idle` and not as `available`. Default: no.
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

    /// Sets how many clusters there may be. Default: `Some(3)`, the limit of the free plan.
    pub fn cluster_limit(mut self, limit: Option<u32>) -> Self {
        self.options.limit = limit;
        self
    }
}
