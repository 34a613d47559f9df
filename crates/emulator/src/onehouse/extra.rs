//! Statements that have a page in the Onehouse SQL reference, and no helper in the vendor's Python SDK 0.3.0.

use serde::{Deserialize, Serialize};

use controlplane::onehouse::{AnyCommand, TableService};

use super::helpers;

/// A statement as [`parse`](super::parse) reads it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Parsed {
    /// One that a helper renders.
    Helper(Box<AnyCommand>),
    /// One that the vendor documents and no helper renders.
    Extra(ExtraCommand),
}

impl Parsed {
    /// The command, if a helper renders it.
    pub fn command(&self) -> Option<&AnyCommand> {
        match self {
            Self::Helper(command) => Some(command),
            Self::Extra(_) => None,
        }
    }

    /// Its name: that of the helper, or one of the same form.
    pub fn name(&self) -> &'static str {
        use ExtraCommand::*;
        match self {
            Self::Helper(command) => helpers::name(command),
            Self::Extra(command) => match command {
                AlterJobBoth { .. } => "alter_job",
                DeleteTableService { .. } => "delete_table_service",
                DeleteJar { .. } => "delete_jar",
                DescribeJar { .. } => "describe_jar",
                ShowJars => "show_jars",
                GrantPrivilege(_) => "grant_privilege",
                RevokePrivilege(_) => "revoke_privilege",
                GrantRole(_) => "grant_role",
                RevokeRole(_) => "revoke_role",
                ShowGrants => "show_grants",
                CreateGroup { .. } => "create_group",
                DeleteGroup { .. } => "delete_group",
                ShowGroups => "show_groups",
                ShowPolicies { diff: false, .. } => "show_policies",
                ShowPolicies { diff: true, .. } => "show_policies_diff",
                ChangePolicies { change, .. } => match change {
                    PolicyChange::Import => "import_policies",
                    PolicyChange::Sync => "sync_policies",
                    PolicyChange::Grant => "grant_policies",
                    PolicyChange::Revoke => "revoke_policies",
                },
                AlterOcuLimit { .. } => "alter_ocu",
            },
        }
    }
}

impl<C: Into<AnyCommand>> From<C> for Parsed {
    fn from(command: C) -> Self {
        Self::Helper(Box::new(command.into()))
    }
}

impl From<ExtraCommand> for Parsed {
    fn from(command: ExtraCommand) -> Self {
        Self::Extra(command)
    }
}

/// Who a grant is for, what it is on, and what it allows.
///
/// All words are kept as they were written; the pages GRANT PRIVILEGE and GRANT ROLE list them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Grant {
    /// The privilege or the role: `SELECT`, `ADMIN`.
    pub what: String,
    /// The kind of thing it is on: `LAKE`, `PROJECT`.
    pub object_type: String,
    /// The thing's name.
    pub object: String,
    /// The kind of principal: `USER`, `GROUP`, `SERVICE_PRINCIPAL`.
    pub principal_type: String,
    /// The principal: an e-mail address, or an id.
    pub principal: String,
}

/// What is to be done with the access policies of a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyChange {
    /// `IMPORT POLICIES`
    Import,
    /// `SYNC POLICIES`
    Sync,
    /// `GRANT POLICIES`
    Grant,
    /// `REVOKE POLICIES`
    Revoke,
}

/// A statement that the vendor documents and none of the 62 helpers renders.
///
/// Of some the documents give the grammar, of others the name only. Where the grammar is a guess, the variant
/// says so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExtraCommand {
    /// `ALTER JOB … SET CLUSTER = … SET PARAMETERS = …`: the vendor's Airflow provider changes both at once.
    AlterJobBoth {
        /// The job's name.
        name: String,
        /// The new cluster.
        cluster: String,
        /// The new parameters.
        parameters: Vec<String>,
    },
    /// `DELETE TABLE_SERVICE`. The grammar is a guess: that of the other statements about one service.
    DeleteTableService {
        /// The lake.
        lake: String,
        /// The database.
        database: String,
        /// The table.
        table: String,
        /// The service.
        service: TableService,
    },
    /// `DELETE JAR`. The grammar is a guess: a name.
    DeleteJar {
        /// The jar's name.
        name: String,
    },
    /// `DESCRIBE JAR`. The grammar is a guess: a name.
    DescribeJar {
        /// The jar's name.
        name: String,
    },
    /// `SHOW JARS`. The grammar is a guess: nothing more.
    ShowJars,
    /// `GRANT PRIVILEGE`
    GrantPrivilege(Grant),
    /// `REVOKE PRIVILEGE`. The grammar is a guess: that of the grant, with `FROM`.
    RevokePrivilege(Grant),
    /// `GRANT ROLE`
    GrantRole(Grant),
    /// `REVOKE ROLE`. The grammar is a guess: that of the grant, with `FROM`.
    RevokeRole(Grant),
    /// `SHOW GRANTS`. The grammar is a guess: nothing more.
    ShowGrants,
    /// `CREATE GROUP`. The grammar is a guess: a name.
    CreateGroup {
        /// The group's name.
        name: String,
    },
    /// `DELETE GROUP`. The grammar is a guess: a name.
    DeleteGroup {
        /// The group's name.
        name: String,
    },
    /// `SHOW GROUPS`. The grammar is a guess: nothing more.
    ShowGroups,
    /// `SHOW POLICIES` and `SHOW POLICIES DIFF`
    ShowPolicies {
        /// The catalog.
        catalog: String,
        /// Whether only what an import or a sync would change is asked for.
        diff: bool,
    },
    /// `IMPORT`, `SYNC`, `GRANT` and `REVOKE POLICIES`. The place of `CHANGES_PATH`, after the catalog, is a
    /// guess.
    ChangePolicies {
        /// What is to be done.
        change: PolicyChange,
        /// The catalog.
        catalog: String,
        /// The URL of a JSON file.
        changes_path: String,
    },
    /// `ALTER OCU SET LIMIT = '3'`, of the time before the SDK.
    AlterOcuLimit {
        /// The limit, as it was written.
        limit: String,
    },
}
