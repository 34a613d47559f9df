//! Tables. The API only lists them: flows create them, and only the web console deletes a single one.
//!
//! Vendor's pages: [Lakes, Databases, and
//! Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables), `oh table`, SQL reference
//! `SHOW TABLES`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::statement::{INLINE, StatementBuilder};

use super::Command;

/// Lists the tables of a database (`SHOW TABLES`): see [`Client::show_tables`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowTables {
    /// The lake of the database.
    pub lake: String,
    /// The database whose tables are listed.
    pub database: String,
}

impl ShowTables {
    /// Returns the command.
    pub fn new(lake: impl Into<String>, database: impl Into<String>) -> Self {
        Self { lake: lake.into(), database: database.into() }
    }
}

impl Command for ShowTables {
    const NAME: &'static str = "show_tables";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW TABLES").clause(INLINE, "LAKE", &self.lake).clause(
            INLINE,
            "DATABASE",
            &self.database,
        );
    }
}

/// # Tables
impl<M> Client<M> {
    /// Lists the tables of a database: `SHOW TABLES`.
    ///
    /// Vendor's page: [Lakes, Databases, and
    /// Tables](https://docs.onehouse.ai/product/manage-data/lakes-databases-tables).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.show_tables("analytics", "events");
    /// assert_eq!(call.to_sql()?, "SHOW TABLES LAKE = 'analytics' DATABASE = 'events'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_tables")]
    pub fn show_tables(&self, lake: impl Into<String>, database: impl Into<String>) -> Call<M, ShowTables> {
        self.call(ShowTables::new(lake, database))
    }
}
