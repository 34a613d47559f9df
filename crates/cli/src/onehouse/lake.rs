//! `lake`: lakes.

use clap::Subcommand;
use controlplane::onehouse::{AlterLake, CreateLake, DeleteLake, LakeType, ShowLakes};

use super::choices::{LAKE_TYPES, choice};
use super::task::Task;

#[derive(Debug, Subcommand)]
pub(super) enum Lake {
    /// Create a lake
    Create {
        /// Name of the lake
        name: String,
        /// Who writes the tables of the lake
        #[arg(long = "type", value_name = "TYPE", value_parser = choice::<LakeType>(LAKE_TYPES), ignore_case = true)]
        lake_type: LakeType,
        /// Location of the lake's data, for example s3://bucket/lake/
        #[arg(long, value_name = "URI", allow_hyphen_values = true)]
        bucket_path: String,
        /// Cluster for the services of the lake's tables
        #[arg(long, value_name = "CLUSTER", allow_hyphen_values = true)]
        default_services_cluster: String,
    },
    /// List the lakes
    Show,
    /// Change the default services cluster of a lake
    Alter {
        /// Name of the lake
        name: String,
        /// Cluster for the services of the lake's tables
        #[arg(long, value_name = "CLUSTER", allow_hyphen_values = true)]
        default_services_cluster: String,
    },
    /// Delete a lake
    Delete {
        /// Name of the lake
        name: String,
        /// Also delete everything in the lake
        #[arg(long)]
        cascade: bool,
    },
}

impl Lake {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create { name, lake_type, bucket_path, default_services_cluster } => {
                let command = CreateLake::new(&name, lake_type, bucket_path, default_services_cluster);
                Task::change(command, format!("Lake '{name}' created."))
            }
            Self::Alter { name, default_services_cluster } => {
                let command = AlterLake::new(&name, default_services_cluster);
                Task::change(command, format!("Lake '{name}' altered."))
            }
            Self::Delete { name, cascade } => {
                let mut command = DeleteLake::new(&name);
                command.cascade = cascade;
                Task::delete(command, &format!("lake '{name}'")).with_everything_if(cascade)
            }
            Self::Show => Task::read(ShowLakes::new()),
        }
    }
}
