//! Statements that have a page in the Onehouse SQL reference, and no helper in the vendor's Python SDK 0.3.0.

use serde::{Deserialize, Serialize};

use controlplane::onehouse::{AnyCommand, TableService};

use super::helpers;

/// A parsed statement: the result of [`parse`](super::parse).
///
/// A helper is a method of the vendor's Python SDK that renders one kind of statement.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Parsed {
    /// A statement that one of the 62 helpers renders.
    Helper(Box<AnyCommand>),
    /// A statement that the vendor documents and that no helper renders.
    Extra(ExtraCommand),
}

impl Parsed {
    /// Returns the command if a helper renders the statement; `None` for an [`ExtraCommand`].
    pub fn command(&self) -> Option<&AnyCommand> {
        match self {
            Self::Helper(command) => Some(command),
            Self::Extra(_) => None,
        }
    }

    /// Returns the name of the helper, such as `create_cluster`. The name of a statement without a helper has
    /// the same form: `grant_role`.
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

/// A privilege or role, the object to which it applies, and the principal who has it: the content of `GRANT`
/// and `REVOKE` statements.
///
/// All values are kept as they were written. The vendor's pages GRANT PRIVILEGE and GRANT ROLE list the
/// accepted words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Grant {
    /// The privilege or the role: `SELECT`, `ADMIN`.
    pub what: String,
    /// The kind of the object: `LAKE`, `PROJECT`.
    pub object_type: String,
    /// The object's name.
    pub object: String,
    /// The kind of principal: `USER`, `GROUP`, `SERVICE_PRINCIPAL`.
    pub principal_type: String,
    /// The principal: an e-mail address, or an id.
    pub principal: String,
}

/// A change of the access policies of a catalog: the keyword of [`ExtraCommand::ChangePolicies`].
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

/// A statement that the vendor documents and that none of the 62 helpers of its Python SDK renders.
///
/// The vendor documents the grammar of some of these statements, and only the name of others. Where the
/// grammar is the emulator's guess, the variant says so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExtraCommand {
    /// `ALTER JOB … SET CLUSTER = … SET PARAMETERS = …`, by which the vendor's Airflow provider changes both
    /// at once.
    AlterJobBoth {
        /// The job's name.
        name: String,
        /// The new cluster.
        cluster: String,
        /// The new parameters.
        parameters: Vec<String>,
    },
    /// `DELETE TABLE_SERVICE`. The grammar is a guess: the same as for `DESCRIBE TABLE_SERVICE`.
    DeleteTableService {
        /// The lake's name.
        lake: String,
        /// The database's name.
        database: String,
        /// The table's name.
        table: String,
        /// The table service.
        service: TableService,
    },
    /// `DELETE JAR`. The grammar is a guess: the name of the jar follows.
    DeleteJar {
        /// The jar's name.
        name: String,
    },
    /// `DESCRIBE JAR`. The grammar is a guess: the name of the jar follows.
    DescribeJar {
        /// The jar's name.
        name: String,
    },
    /// `SHOW JARS`. The grammar is a guess: nothing follows.
    ShowJars,
    /// `GRANT PRIVILEGE`, which gives a principal a privilege.
    GrantPrivilege(Grant),
    /// `REVOKE PRIVILEGE`. The grammar is a guess: that of `GRANT PRIVILEGE`, with `FROM` instead of `TO`.
    RevokePrivilege(Grant),
    /// `GRANT ROLE`, which gives a principal a role.
    GrantRole(Grant),
    /// `REVOKE ROLE`. The grammar is a guess: that of `GRANT ROLE`, with `FROM` instead of `TO`.
    RevokeRole(Grant),
    /// `SHOW GRANTS`. The grammar is a guess: nothing follows.
    ShowGrants,
    /// `CREATE GROUP`. The grammar is a guess: the name of the group follows.
    CreateGroup {
        /// The group's name.
        name: String,
    },
    /// `DELETE GROUP`. The grammar is a guess: the name of the group follows.
    DeleteGroup {
        /// The group's name.
        name: String,
    },
    /// `SHOW GROUPS`. The grammar is a guess: nothing follows.
    ShowGroups,
    /// `SHOW POLICIES` or `SHOW POLICIES DIFF`, about the access policies of a catalog.
    ShowPolicies {
        /// The catalog's name.
        catalog: String,
        /// True for `SHOW POLICIES DIFF`, which shows only what an import or a sync would change.
        diff: bool,
    },
    /// `IMPORT POLICIES`, `SYNC POLICIES`, `GRANT POLICIES` or `REVOKE POLICIES`. The place of
    /// `CHANGES_PATH`, after the catalog, is a guess.
    ChangePolicies {
        /// The first keyword of the statement.
        change: PolicyChange,
        /// The catalog's name.
        catalog: String,
        /// The value of `CHANGES_PATH`: the URL of a JSON file with the changes.
        changes_path: String,
    },
    /// `ALTER OCU SET LIMIT = '3'`, a statement that is older than the vendor's SDK. It limits the compute
    /// units (OCU).
    AlterOcuLimit {
        /// The limit in compute units, as it was written.
        limit: String,
    },
}
