//! Access policies of catalogs.
//!
//! Vendor's page: SQL reference, access policies. The vendor's Python SDK 0.3.0 has no helper for them.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::statement::StatementBuilder;
use crate::open_enum::impl_open_enum;

use super::Command;

/// The operation whose changes [`Client::show_policies_diff`] shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyDirection {
    /// Shows what `IMPORT POLICIES` would change.
    Import,
    /// Shows what `SYNC POLICIES` would change.
    Sync,
    /// An operation that this version does not know.
    Other(String),
}

impl_open_enum!(commands PolicyDirection, "change of policies", { Import => "IMPORT", Sync => "SYNC" });

/// Lists the access policies of a catalog (`SHOW POLICIES`): see [`Client::show_policies`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowPolicies {
    /// The catalog of the policies.
    pub catalog: String,
}

impl ShowPolicies {
    /// Returns the command.
    pub fn new(catalog: impl Into<String>) -> Self {
        Self { catalog: catalog.into() }
    }
}

impl Command for ShowPolicies {
    const NAME: &'static str = "show_policies";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW POLICIES").name_clause("CATALOG", &self.catalog);
    }
}

/// Shows what an import or a sync would change in the access policies of a catalog (`SHOW POLICIES DIFF`):
/// see [`Client::show_policies_diff`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowPoliciesDiff {
    /// The catalog of the policies.
    pub catalog: String,
    /// The operation whose changes are shown.
    pub direction: PolicyDirection,
}

impl ShowPoliciesDiff {
    /// Returns the command.
    pub fn new(catalog: impl Into<String>, direction: PolicyDirection) -> Self {
        Self { catalog: catalog.into(), direction }
    }
}

impl Command for ShowPoliciesDiff {
    const NAME: &'static str = "show_policies_diff";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW POLICIES DIFF")
            .name_clause("CATALOG", &self.catalog)
            .words_after(" ", "FOR")
            .keyword("direction", &self.direction);
    }
}

/// # Access policies
///
/// The vendor's Python SDK 0.3.0 has no helpers for these commands. This crate has no helpers for
/// `IMPORT POLICIES`, `SYNC POLICIES`, `GRANT POLICIES` and `REVOKE POLICIES`: they have a clause
/// `CHANGES_PATH`, and no page of the vendor shows its place in the statement. Send them with
/// [`execute`](Client::execute).
impl<M> Client<M> {
    /// Lists the access policies of a catalog: `SHOW POLICIES`.
    ///
    /// The payload has `queryResultPath`, which is the URL of a file in an object store. The file has the
    /// result. The vendor's Python SDK 0.3.0 has no such helper.
    ///
    /// Vendor's page: access policies in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_policies("my_glue").to_sql()?, "SHOW POLICIES CATALOG = `my_glue`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_policies")]
    pub fn show_policies(&self, catalog: impl Into<String>) -> Call<M, ShowPolicies> {
        self.call(ShowPolicies::new(catalog))
    }

    /// Shows what an import or a sync would change in the access policies of a catalog: `SHOW POLICIES DIFF`.
    ///
    /// The vendor's Python SDK 0.3.0 has no such helper.
    ///
    /// Vendor's page: access policies in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, PolicyDirection};
    ///
    /// let client = Client::offline();
    /// let call = client.show_policies_diff("my_glue", PolicyDirection::Sync);
    /// assert_eq!(call.to_sql()?, "SHOW POLICIES DIFF CATALOG = `my_glue` FOR SYNC");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn show_policies_diff(
        &self,
        catalog: impl Into<String>,
        direction: impl Choice<PolicyDirection>,
    ) -> Call<M, ShowPoliciesDiff> {
        let mut checks = Checks::default();
        let direction = checks.choose(direction);
        self.checked(checks, ShowPoliciesDiff::new(catalog, direction))
    }
}
