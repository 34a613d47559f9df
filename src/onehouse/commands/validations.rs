//! Validations, which flows apply to records. Records that fail are written to the flow's quarantine table.
//!
//! Vendor's pages: [`oh validation`](https://docs.onehouse.ai/cli/commands/validation), SQL reference
//! [`CREATE VALIDATION`](https://docs.onehouse.ai/docs/api/sql-command-reference/create-validation),
//! `DELETE VALIDATION`, `DESCRIBE VALIDATION`, `SHOW VALIDATIONS`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{CLAUSE, MARGIN, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::Command;

/// The type of a validation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationType {
    /// Checks records against a schema.
    Schema,
    /// Checks that a field is a time in a given format and, optionally, within a given range.
    Timestamp,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands ValidationType, "validation type", {
    Schema => "SCHEMA",
    Timestamp => "TIMESTAMP",
});

/// Creates a validation (`CREATE VALIDATION`): see [`Client::create_validation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateValidation {
    /// The validation's name, unique in the account and case-sensitive.
    pub name: String,
    /// The type of the validation. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub validation_type: ValidationType,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateValidation {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, validation_type: ValidationType) -> Self {
        Self { name: name.into(), validation_type, options: Options::new() }
    }
}

impl Command for CreateValidation {
    const NAME: &'static str = "create_validation";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE VALIDATION")
            .name("name", &self.name)
            .clause(CLAUSE, "TYPE", &self.validation_type)
            .with(MARGIN, &self.options);
    }
}

impl<M> Call<M, CreateValidation> {
    /// Adds a `WITH` option; [`Client::create_validation`] lists the known keys.
    pub fn option(mut self, key: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.command.options.set(key, value);
        self
    }

    /// Adds several `WITH` options, from a map or from pairs of keys and values.
    pub fn options<K: Into<String>, V: Into<OptionValue>>(
        mut self,
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.command.options.extend(options);
        self
    }
}

/// Deletes a validation (`DELETE VALIDATION`): see [`Client::delete_validation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteValidation {
    /// The validation's name.
    pub name: String,
}

impl DeleteValidation {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteValidation {
    const NAME: &'static str = "delete_validation";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE VALIDATION").name("name", &self.name);
    }
}

/// Describes a validation (`DESCRIBE VALIDATION`): see [`Client::describe_validation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeValidation {
    /// The validation's name.
    pub name: String,
}

impl DescribeValidation {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeValidation {
    const NAME: &'static str = "describe_validation";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE VALIDATION").name("name", &self.name);
    }
}

/// Lists the validations (`SHOW VALIDATIONS`): see [`Client::show_validations`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowValidations {}

impl ShowValidations {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowValidations {
    const NAME: &'static str = "show_validations";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW VALIDATIONS");
    }
}

/// # Validations
impl<M> Client<M> {
    /// Creates a validation: `CREATE VALIDATION`.
    ///
    /// The name is unique in the account and case-sensitive. The keys of `option` depend on the type:
    ///
    /// | Type | Keys |
    /// |---|---|
    /// | `Schema` | `schema.target_schema_name` |
    /// | `Timestamp` | `timestamp.field`, `timestamp.format` (`yyyy-MM-dd`, `EPOCH_MILLIS`, …), `timestamp.expected_range.type` (`relative`, `specific`, `no_range`); for `relative` also `timestamp.expected_range.relative.filter` (`is_not_future`, `is_in_last`) and, for `is_in_last`, `timestamp.expected_range.relative.is_in_last.quantity` with a unit |
    ///
    /// For other keys see the vendor's SQL reference.
    ///
    /// Vendor's page:
    /// [`CREATE VALIDATION`](https://docs.onehouse.ai/docs/api/sql-command-reference/create-validation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, ValidationType};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .create_validation("check_schema", ValidationType::Schema)
    ///     .option("schema.target_schema_name", "kafka_schema");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE VALIDATION `check_schema`\n  TYPE = 'SCHEMA'\nWITH 'schema.target_schema_name' = 'kafka_schema'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_validation(
        &self,
        name: impl Into<String>,
        validation_type: impl Choice<ValidationType>,
    ) -> Call<M, CreateValidation> {
        let mut checks = Checks::default();
        let validation_type = checks.choose(validation_type);
        self.checked(checks, CreateValidation::new(name, validation_type))
    }

    /// Deletes a validation: `DELETE VALIDATION`.
    ///
    /// Vendor's page: [`oh validation`](https://docs.onehouse.ai/cli/commands/validation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_validation("check_schema").to_sql()?, "DELETE VALIDATION `check_schema`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_validation(&self, name: impl Into<String>) -> Call<M, DeleteValidation> {
        self.call(DeleteValidation::new(name))
    }

    /// Describes a validation: `DESCRIBE VALIDATION`.
    ///
    /// Vendor's page: [`oh validation`](https://docs.onehouse.ai/cli/commands/validation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_validation("check_schema").to_sql()?, "DESCRIBE VALIDATION `check_schema`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_validation(&self, name: impl Into<String>) -> Call<M, DescribeValidation> {
        self.call(DescribeValidation::new(name))
    }

    /// Lists the validations: `SHOW VALIDATIONS`.
    ///
    /// Vendor's page: [`oh validation`](https://docs.onehouse.ai/cli/commands/validation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_validations().to_sql()?, "SHOW VALIDATIONS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_validations")]
    pub fn show_validations(&self) -> Call<M, ShowValidations> {
        self.call(ShowValidations::new())
    }
}
