//! `cluster`: compute clusters.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    AlterCluster, ClusterState, ClusterType, CreateCluster, DeleteCluster, DescribeCluster, ShowClusters,
};

use super::choices::{CLUSTER_STATES, CLUSTER_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Cluster {
    /// Create a cluster
    Create(Create),
    /// Describe a cluster
    Describe {
        /// Name of the cluster
        name: String,
    },
    /// List the clusters
    Show,
    /// Change a cluster: its state, size, name or options
    Alter(Alter),
    /// Delete a cluster
    Delete {
        /// Name of the cluster
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the cluster
    name: String,
    /// Purpose of the cluster
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<ClusterType>(CLUSTER_TYPES), ignore_case = true)]
    cluster_type: ClusterType,
    /// Largest number of compute units (OCU)
    #[arg(long, value_name = "OCU", allow_negative_numbers = true)]
    max_ocu: Option<i64>,
    /// Smallest number of compute units (OCU)
    #[arg(long, value_name = "OCU", allow_negative_numbers = true)]
    min_ocu: Option<i64>,
    #[command(flatten)]
    with: With,
}

#[derive(Args, Debug)]
pub(super) struct Alter {
    /// Name of the cluster
    name: String,
    /// State to set
    #[arg(long, value_parser = choice::<ClusterState>(CLUSTER_STATES), ignore_case = true)]
    state: Option<ClusterState>,
    /// Largest number of compute units (OCU)
    #[arg(long, value_name = "OCU", allow_negative_numbers = true)]
    max_ocu: Option<i64>,
    /// Smallest number of compute units (OCU)
    #[arg(long, value_name = "OCU", allow_negative_numbers = true)]
    min_ocu: Option<i64>,
    /// New name
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    new_name: Option<String>,
    #[command(flatten)]
    with: With,
}

impl Cluster {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create(Create { name, cluster_type, max_ocu, min_ocu, with }) => {
                let mut command = CreateCluster::new(&name, cluster_type);
                (command.max_ocu, command.min_ocu) = (max_ocu, min_ocu);
                command.options = with.into_options();
                Task::change(command, format!("Cluster '{name}' created."))
            }
            Self::Alter(Alter { name, state, max_ocu, min_ocu, new_name, with }) => {
                let mut command = AlterCluster::new(&name);
                (command.state, command.max_ocu, command.min_ocu) = (state, max_ocu, min_ocu);
                (command.new_name, command.options) = (new_name, with.into_options());
                Task::change(command, format!("Cluster '{name}' altered."))
            }
            Self::Delete { name } => Task::delete(DeleteCluster::new(&name), &format!("cluster '{name}'")),
            Self::Describe { name } => Task::read(DescribeCluster::new(name)),
            Self::Show => Task::read(ShowClusters::new()),
        }
    }
}
