//! All commands in one type.

use serde::{Deserialize, Serialize};

use crate::onehouse::statement::Statement;

use super::*;

/// Any of the 62 commands.
///
/// In JSON an object with one key, the helper's name:
/// `{"create_cluster": {"name": "prod", "type": "Managed", "max_ocu": 10}}`. Keys that a command does not have
/// are refused, and so are enum values that are not known; `{"other": "…"}` says one all the same.
///
/// ```
/// use controlplane::onehouse::{AnyCommand, Command};
///
/// let command: AnyCommand =
///     serde_json::from_str(r#"{"create_cluster": {"name": "prod", "type": "managed", "max_ocu": 10}}"#)?;
/// assert_eq!(command.spec().helper, "create_cluster");
/// assert_eq!(command.to_sql()?, "CREATE CLUSTER `prod`\n  TYPE = 'Managed'\n  MAX_OCU = 10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyCommand {
    /// `CREATE CLUSTER`
    CreateCluster(CreateCluster),
    /// `ALTER CLUSTER`
    AlterCluster(AlterCluster),
    /// `DELETE CLUSTER`
    DeleteCluster(DeleteCluster),
    /// `DESCRIBE CLUSTER`
    DescribeCluster(DescribeCluster),
    /// `SHOW CLUSTERS`
    ShowClusters(ShowClusters),
}

impl AnyCommand {
    /// The command inside.
    pub fn as_command(&self) -> &dyn Command {
        match self {
            Self::CreateCluster(command) => command,
            Self::AlterCluster(command) => command,
            Self::DeleteCluster(command) => command,
            Self::DescribeCluster(command) => command,
            Self::ShowClusters(command) => command,
        }
    }
}

impl Command for AnyCommand {
    fn spec(&self) -> Spec {
        self.as_command().spec()
    }

    fn write(&self, sql: &mut Statement) {
        self.as_command().write(sql);
    }
}

/// `From` for every command: the variant has the command's name.
macro_rules! impl_from {
    ($($command:ident),+ $(,)?) => {$(
        impl From<$command> for AnyCommand {
            fn from(command: $command) -> Self {
                Self::$command(command)
            }
        }
    )+};
}

impl_from!(CreateCluster, AlterCluster, DeleteCluster, DescribeCluster, ShowClusters);
