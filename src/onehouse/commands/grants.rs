//! Privileges and roles.
//!
//! Vendor's pages: SQL reference `GRANT PRIVILEGE`, `GRANT ROLE`. The vendor's Python SDK 0.3.0 has no helper
//! for them.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::statement::StatementBuilder;
use crate::open_enum::impl_open_enum;

use super::Command;

/// What a principal may do with data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Privilege {
    /// Everything.
    AllPrivileges,
    /// Describe it.
    Describe,
    /// Create things in it.
    Create,
    /// Read rows.
    Select,
    /// Add rows.
    Insert,
    /// Change rows.
    Update,
    /// Delete rows.
    Delete,
    /// Change its definition.
    Alter,
    /// Remove it.
    Drop,
    /// A privilege that this version does not know.
    Other(String),
}

impl_open_enum!(commands Privilege, "privilege", {
    AllPrivileges => "ALL_PRIVILEGES",
    Describe => "DESCRIBE",
    Create => "CREATE",
    Select => "SELECT",
    Insert => "INSERT",
    Update => "UPDATE",
    Delete => "DELETE",
    Alter => "ALTER",
    Drop => "DROP",
});

/// The kind of object that a privilege is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivilegeObject {
    /// A lake.
    Lake,
    /// A database.
    Database,
    /// A table.
    Table,
    /// A kind that this version does not know.
    Other(String),
}

impl_open_enum!(commands PrivilegeObject, "object of a privilege", {
    Lake => "LAKE",
    Database => "DATABASE",
    Table => "TABLE",
});

/// What a principal is to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Administers it.
    Admin,
    /// Belongs to it.
    Member,
    /// Sees it.
    Viewer,
    /// Changes it.
    Editor,
    /// Uses it.
    User,
    /// Manages it.
    Manager,
    /// A role that this version does not know.
    Other(String),
}

impl_open_enum!(commands Role, "role", {
    Admin => "ADMIN",
    Member => "MEMBER",
    Viewer => "VIEWER",
    Editor => "EDITOR",
    User => "USER",
    Manager => "MANAGER",
});

/// The kind of resource that a role is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoleObject {
    /// The account.
    Account,
    /// A project.
    Project,
    /// A group.
    Group,
    /// A service principal.
    ServicePrincipal,
    /// A cluster.
    Cluster,
    /// A job.
    Job,
    /// A source.
    Source,
    /// A catalog.
    Catalog,
    /// A flow, under its older name.
    StreamCapture,
    /// A kind that this version does not know.
    Other(String),
}

impl_open_enum!(commands RoleObject, "object of a role", {
    Account => "ACCOUNT",
    Project => "PROJECT",
    Group => "GROUP",
    ServicePrincipal => "SERVICE_PRINCIPAL",
    Cluster => "CLUSTER",
    Job => "JOB",
    Source => "SOURCE",
    Catalog => "CATALOG",
    StreamCapture => "STREAM_CAPTURE",
});

/// The kind of a principal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrincipalType {
    /// A person, known by an e-mail address.
    User,
    /// A group, known by its id.
    Group,
    /// A service principal, known by its id.
    ServicePrincipal,
    /// A kind that this version does not know.
    Other(String),
}

impl_open_enum!(commands PrincipalType, "principal", {
    User => "USER",
    Group => "GROUP",
    ServicePrincipal => "SERVICE_PRINCIPAL",
});

/// Who a privilege or a role is granted to.
///
/// ```
/// use controlplane::onehouse::{Principal, PrincipalType};
///
/// let ana = Principal::user("ana@example.com");
/// assert_eq!((ana.principal_type, &*ana.id), (PrincipalType::User, "ana@example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Principal {
    /// The kind. In JSON `type`.
    #[serde(rename = "type")]
    pub principal_type: PrincipalType,
    /// The e-mail address of a user; the id of a group or a service principal.
    pub id: String,
}

impl Principal {
    /// Returns a principal of any kind.
    pub fn new(principal_type: PrincipalType, id: impl Into<String>) -> Self {
        Self { principal_type, id: id.into() }
    }

    /// Returns the user with this e-mail address.
    pub fn user(email: impl Into<String>) -> Self {
        Self::new(PrincipalType::User, email)
    }

    /// Returns the group with this id.
    pub fn group(id: impl Into<String>) -> Self {
        Self::new(PrincipalType::Group, id)
    }

    /// Returns the service principal with this id.
    pub fn service_principal(id: impl Into<String>) -> Self {
        Self::new(PrincipalType::ServicePrincipal, id)
    }
}

/// `… ON TYPE 'name' TO TYPE 'id'`, on one line as on the vendor's pages.
fn write_grant<'s, E: crate::open_enum::OpenEnum + PartialEq>(
    sql: &'s mut StatementBuilder,
    object_type: &E,
    object: &str,
    principal: &Principal,
) -> &'s mut StatementBuilder {
    sql.words_after(" ", "ON")
        .keyword("object_type", object_type)
        .text("object", object)
        .words_after(" ", "TO")
        .keyword("principal_type", &principal.principal_type)
        .text("principal", &principal.id)
}

/// `GRANT PRIVILEGE`: see [`Client::grant_privilege`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GrantPrivilege {
    /// The privilege.
    pub privilege: Privilege,
    /// The kind of object that it is on.
    pub object_type: PrivilegeObject,
    /// The object.
    pub object: String,
    /// Who gets it.
    pub principal: Principal,
}

impl GrantPrivilege {
    /// Returns the command.
    pub fn new(
        privilege: Privilege,
        object_type: PrivilegeObject,
        object: impl Into<String>,
        principal: Principal,
    ) -> Self {
        Self { privilege, object_type, object: object.into(), principal }
    }
}

impl Command for GrantPrivilege {
    const NAME: &'static str = "grant_privilege";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("GRANT PRIVILEGE").keyword("privilege", &self.privilege);
        write_grant(sql, &self.object_type, &self.object, &self.principal);
    }
}

/// `GRANT ROLE`: see [`Client::grant_role`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GrantRole {
    /// The role.
    pub role: Role,
    /// The kind of resource that it is on.
    pub object_type: RoleObject,
    /// The resource.
    pub object: String,
    /// Who gets it.
    pub principal: Principal,
}

impl GrantRole {
    /// Returns the command.
    pub fn new(role: Role, object_type: RoleObject, object: impl Into<String>, principal: Principal) -> Self {
        Self { role, object_type, object: object.into(), principal }
    }
}

impl Command for GrantRole {
    const NAME: &'static str = "grant_role";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("GRANT ROLE").keyword("role", &self.role);
        write_grant(sql, &self.object_type, &self.object, &self.principal);
    }
}

/// # Privileges and roles
///
/// The vendor's Python SDK 0.3.0 has no helpers for these. To revoke one, and for groups, send the statement
/// with [`execute`](Client::execute): the pages that show their syntax were not available.
impl<M> Client<M> {
    /// Grants a privilege on a lake, a database or a table: `GRANT PRIVILEGE`.
    ///
    /// The vendor's Python SDK 0.3.0 has no such helper. According to the vendor's pages, clusters for SQL,
    /// Spark and open engines do not enforce these privileges yet.
    ///
    /// Vendor's page: `GRANT PRIVILEGE` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, Principal, Privilege, PrivilegeObject};
    ///
    /// let client = Client::offline();
    /// let ana = Principal::user("ana@example.com");
    /// let call = client.grant_privilege(Privilege::Select, PrivilegeObject::Table, "page_views", ana);
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "GRANT PRIVILEGE SELECT ON TABLE 'page_views' TO USER 'ana@example.com'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn grant_privilege(
        &self,
        privilege: impl Choice<Privilege>,
        object_type: impl Choice<PrivilegeObject>,
        object: impl Into<String>,
        principal: Principal,
    ) -> Call<M, GrantPrivilege> {
        let mut checks = Checks::default();
        let privilege = checks.choose(privilege);
        let object_type = checks.choose(object_type);
        self.checked(checks, GrantPrivilege::new(privilege, object_type, object, principal))
    }

    /// Grants a role on a resource: `GRANT ROLE`.
    ///
    /// The vendor's Python SDK 0.3.0 has no such helper. The page lists the roles and the kinds of resources,
    /// but not which of them go together: the server checks that.
    ///
    /// Vendor's page: `GRANT ROLE` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, Principal, Role, RoleObject};
    ///
    /// let client = Client::offline();
    /// let call = client.grant_role(Role::Viewer, RoleObject::Project, "analytics", Principal::group("g-1"));
    /// assert_eq!(call.to_sql()?, "GRANT ROLE VIEWER ON PROJECT 'analytics' TO GROUP 'g-1'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn grant_role(
        &self,
        role: impl Choice<Role>,
        object_type: impl Choice<RoleObject>,
        object: impl Into<String>,
        principal: Principal,
    ) -> Call<M, GrantRole> {
        let mut checks = Checks::default();
        let role = checks.choose(role);
        let object_type = checks.choose(object_type);
        self.checked(checks, GrantRole::new(role, object_type, object, principal))
    }
}
