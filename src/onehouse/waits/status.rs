//! The states of resources that waits wait for.

use std::fmt;
use std::marker::PhantomData;

use crate::open_enum::{OpenEnum, impl_open_enum};

/// The state of a cluster.
///
/// `RUNNING` is the only state that the vendor's [page about
/// clusters](https://docs.onehouse.ai/docs/product/compute/clusters) names. The other known states are those
/// of this project's emulator, because the vendor documents none. A state that is not known is kept in
/// `Other`.
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
    /// The cluster accepts work.
    Running,
    /// The cluster is starting. The vendor does not document this state.
    Starting,
    /// The cluster is stopping. The vendor does not document this state.
    Stopping,
    /// The cluster is stopped. The vendor does not document this state.
    Stopped,
    /// The cluster failed. The vendor does not document this state.
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
/// The vendor does not document the states of flows. The known states are those of this project's emulator. A
/// state that is not known is kept in `Other`.
///
/// ```
/// use controlplane::onehouse::FlowStatus;
///
/// assert_eq!(FlowStatus::Paused.as_str(), "PAUSED");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowStatus {
    /// The flow reads and writes.
    Running,
    /// The flow is paused.
    Paused,
    /// The flow failed.
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
    /// `Active`: the service probably waits for its next run.
    Active,
    /// The service runs.
    Running,
    /// `Failed`: the last run of the service probably failed.
    Failed,
    /// The service is paused.
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
/// probably a typing error, with which the wait would last until its timeout. Such a text is rejected with
/// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) when the call is sent, unless the wait has a rule
/// of its own (`until`). To wait for a state with exactly this spelling, use the enum's `Other`.
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
