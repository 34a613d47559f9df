//! The states of resources that waits wait for.

use std::fmt;
use std::marker::PhantomData;

use crate::open_enum::{OpenEnum, impl_open_enum};

/// The state of a cluster.
///
/// `RUNNING` is the only one that the vendor's [page about
/// clusters](https://docs.onehouse.ai/docs/product/compute/clusters) names. The others are those of the
/// emulator, until the vendor documents its own. Other values are kept in `Other`.
///
/// ```
/// use controlplane::onehouse::ClusterStatus;
///
/// assert_eq!("running".parse::<ClusterStatus>()?, ClusterStatus::Running);
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterStatus {
    /// It accepts work.
    Running,
    /// It starts. Not documented by the vendor.
    Starting,
    /// It stops. Not documented by the vendor.
    Stopping,
    /// It is stopped. Not documented by the vendor.
    Stopped,
    /// It failed. Not documented by the vendor.
    Failed,
    /// A state that this version does not know, as the server spells it.
    Other(String),
}

impl_open_enum!(ClusterStatus, "state of a cluster", {
    Running => "RUNNING",
    Starting => "STARTING",
    Stopping => "STOPPING",
    Stopped => "STOPPED",
    Failed => "FAILED",
});

/// The state of a flow.
///
/// The vendor does not document the states of flows. These are those of the emulator, until it does. Other
/// values are kept in `Other`.
///
/// ```
/// use controlplane::onehouse::FlowStatus;
///
/// assert_eq!(FlowStatus::Paused.as_str(), "PAUSED");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowStatus {
    /// It reads and writes.
    Running,
    /// It is paused.
    Paused,
    /// It failed.
    Failed,
    /// A state that this version does not know, as the server spells it.
    Other(String),
}

impl_open_enum!(FlowStatus, "state of a flow", {
    Running => "RUNNING",
    Paused => "PAUSED",
    Failed => "FAILED",
});

/// The state of a service of a table, in the words of the vendor's console. The vendor does not document in which
/// words the API returns it, nor what the words mean; other values are kept in `Other`.
///
/// ```
/// use controlplane::onehouse::TableServiceStatus;
///
/// assert_eq!(TableServiceStatus::Active.to_string(), "Active");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableServiceStatus {
    /// `Active`: probably waiting for its next run.
    Active,
    /// It runs.
    Running,
    /// `Failed`: probably its last run failed.
    Failed,
    /// It is paused.
    Paused,
    /// A state that this version does not know, as the server spells it.
    Other(String),
}

impl_open_enum!(TableServiceStatus, "state of a table service", {
    Active => "Active",
    Running => "Running",
    Failed => "Failed",
    Paused => "Paused",
});

/// A state to wait for: a value of its enum, or a text.
///
/// A text may be any state, because the vendor documents few. A text that is similar to a known state is
/// probably a typing error, and the wait would last until its timeout: it is rejected when the call is sent.
/// To wait for a state with exactly this spelling, use the enum's `Other`.
///
/// ```
/// use controlplane::onehouse::{Client, ClusterStatus};
///
/// let client = Client::offline();
/// let error = client.wait_for_cluster("prod", "RUNING").send().unwrap_err();
/// assert!(error.to_string().contains("did you mean \"RUNNING\"?"));
/// // Both of these would be sent.
/// let _ = client.wait_for_cluster("prod", "HIBERNATED");
/// let _ = client.wait_for_cluster("prod", ClusterStatus::Other("RUNING".into()));
/// ```
#[derive(Clone)]
pub struct WantedState<E> {
    pub(super) text: String,
    /// The known state that a text is similar to.
    pub(super) meant: Option<&'static str>,
    of: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for WantedState<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WantedState").field(&self.text).finish()
    }
}

#[allow(private_bounds)]
impl<E: OpenEnum + PartialEq> From<E> for WantedState<E> {
    fn from(state: E) -> Self {
        Self { text: state.spelling().to_owned(), meant: None, of: PhantomData }
    }
}

#[allow(private_bounds)]
impl<E: OpenEnum> From<&str> for WantedState<E> {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), meant: E::nearly(text), of: PhantomData }
    }
}

#[allow(private_bounds)]
impl<E: OpenEnum> From<String> for WantedState<E> {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}
