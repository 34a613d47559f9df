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

/// A privilege: what a [`Principal`] may do with an object, which is a lake, a database or a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Privilege {
    /// All privileges.
    AllPrivileges,
    /// Describe the object.
    Describe,
    /// Create objects inside the object.
    Create,
    /// Read rows.
    Select,
    /// Add rows.
    Insert,
    /// Change rows.
    Update,
    /// Delete rows.
    Delete,
    /// Change the definition of the object.
    Alter,
    /// Remove the object.
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

/// A role that a [`Principal`] has for a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Administrator of the resource.
    Admin,
    /// Member of the resource.
    Member,
    /// Viewer of the resource.
    Viewer,
    /// Editor of the resource.
    Editor,
    /// User of the resource.
    User,
    /// Manager of the resource.
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

/// The kind of a [`Principal`].
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

/// A user, a group or a service principal (an identity for programs), to which a privilege or a role is
/// granted.
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
    /// The kind of the principal. In JSON the key is `type`.
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

/// Grants a privilege on a lake, a database or a table (`GRANT PRIVILEGE`): see [`Client::grant_privilege`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GrantPrivilege {
    /// The privilege.
    pub privilege: Privilege,
    /// The kind of the object that the privilege is on.
    pub object_type: PrivilegeObject,
    /// The name of the object.
    pub object: String,
    /// The principal that gets the privilege.
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

/// Grants a role on a resource (`GRANT ROLE`): see [`Client::grant_role`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GrantRole {
    /// The role.
    pub role: Role,
    /// The kind of the resource that the role is on.
    pub object_type: RoleObject,
    /// The name of the resource.
    pub object: String,
    /// The principal that gets the role.
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
/// The vendor's Python SDK 0.3.0 has no helpers for these commands. This crate has no helpers that revoke
/// privileges and roles or that manage groups, because the vendor's pages with their syntax were not
/// available: send such a statement with [`execute`](Client::execute).
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
    /// The vendor's Python SDK 0.3.0 has no such helper. The vendor's page lists the roles and the kinds of
    /// resources, but not which role a kind of resource can have: the server checks that.
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
