//! Clusters: commands, models, pages, waits, and the credentials for connecting.

mod commands;
mod credentials;
mod model;
mod pages;
mod waits;

pub use commands::{CreateCluster, DeleteCluster, GetCluster, ListClusters};
pub use credentials::{ClusterCredentials, GetClusterCredentials};
pub use model::{Cluster, ClusterList, ClusterListItem, ClusterStatus, OperationResult};
pub use pages::ClusterIter;
#[cfg(feature = "async")]
pub use pages::ClusterStream;
pub use waits::{CreateClusterAndWait, DeleteClusterAndWait, WaitForCluster, WaitForClusterDeletion};
