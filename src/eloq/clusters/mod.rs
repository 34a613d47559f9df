//! Clusters: commands, what is told of them, pages, waits, and what a program needs to connect to one.

mod commands;
mod credentials;
mod model;
mod pages;
mod waits;

pub use commands::{ClusterCreate, ClusterDelete, Clusters, GetCluster};
pub use credentials::{ClusterCredentials, GetClusterCredentials};
pub use model::{Cluster, ClusterList, ClusterListItem, ClusterStatus, OperationResult};
pub use pages::ClusterIter;
#[cfg(feature = "async")]
pub use pages::ClusterStream;
pub use waits::{CreateAndWait, DeleteAndWait, WaitForCluster, WaitUntilDeleted};
