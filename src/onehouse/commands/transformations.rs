//! Transformations, which flows apply to records.
//!
//! Vendor's pages: [`oh transformation`](https://docs.onehouse.ai/cli/commands/transformation), SQL reference
//! [`CREATE TRANSFORMATION`](https://docs.onehouse.ai/api/sql-command-reference/create-transformation),
//! `DELETE TRANSFORMATION`, `DESCRIBE TRANSFORMATION`, `SHOW TRANSFORMATIONS`.

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

/// The type of a transformation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransformationType {
    /// Converts change records of a database into rows.
    ConvertCdc,
    /// Keeps the rows in which the comparison of a field is true.
    RowFiltering,
    /// Adds a date that is derived from another field.
    DerivedDate,
    /// Adds the time of processing.
    AddCurrentTimestamp,
    /// Runs code from an uploaded jar.
    UserProvided,
    /// Hashes or truncates fields.
    DataMasking,
    /// Parses fields that contain JSON.
    ParseJson,
    /// Flattens nested fields.
    FlattenStruct,
    /// Makes a row for each element of an array.
    ExplodeArray,
    /// Adds an embedding of a column.
    VectorEmbedding,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands TransformationType, "transformation type", {
    ConvertCdc => "CONVERT_CDC",
    RowFiltering => "ROW_FILTERING",
    DerivedDate => "DERIVED_DATE",
    AddCurrentTimestamp => "ADD_CURRENT_TIMESTAMP",
    UserProvided => "USER_PROVIDED",
    DataMasking => "DATA_MASKING",
    ParseJson => "L_PARSE_JSON",
    FlattenStruct => "FLATTEN_STRUCT",
    ExplodeArray => "EXPLODE_ARRAY",
    VectorEmbedding => "VECTOR_EMBEDDING",
});

/// Creates a transformation (`CREATE TRANSFORMATION`): see [`Client::create_transformation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateTransformation {
    /// The transformation's name. The server converts it to lower case.
    pub name: String,
    /// The type of the transformation. In JSON the key is `type`.
    #[serde(rename = "type", with = "strict")]
    pub transformation_type: TransformationType,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl CreateTransformation {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, transformation_type: TransformationType) -> Self {
        Self { name: name.into(), transformation_type, options: Options::new() }
    }
}

impl Command for CreateTransformation {
    const NAME: &'static str = "create_transformation";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE TRANSFORMATION")
            .name("name", &self.name)
            .clause(CLAUSE, "TYPE", &self.transformation_type)
            .with(MARGIN, &self.options);
    }
}

impl<M> Call<M, CreateTransformation> {
    /// Adds a `WITH` option; [`Client::create_transformation`] lists the known keys.
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

/// Deletes a transformation (`DELETE TRANSFORMATION`): see [`Client::delete_transformation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteTransformation {
    /// The transformation's name.
    pub name: String,
}

impl DeleteTransformation {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteTransformation {
    const NAME: &'static str = "delete_transformation";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE TRANSFORMATION").name("name", &self.name);
    }
}

/// Describes a transformation (`DESCRIBE TRANSFORMATION`): see [`Client::describe_transformation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeTransformation {
    /// The transformation's name.
    pub name: String,
}

impl DescribeTransformation {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeTransformation {
    const NAME: &'static str = "describe_transformation";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE TRANSFORMATION").name("name", &self.name);
    }
}

/// Lists the transformations (`SHOW TRANSFORMATIONS`): see [`Client::show_transformations`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowTransformations {}

impl ShowTransformations {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowTransformations {
    const NAME: &'static str = "show_transformations";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW TRANSFORMATIONS");
    }
}

/// # Transformations
impl<M> Client<M> {
    /// Creates a transformation: `CREATE TRANSFORMATION`.
    ///
    /// The server converts the name to lower case, and ignores case when it compares names. The keys of
    /// `option` depend on the type:
    ///
    /// | Type | Keys |
    /// |---|---|
    /// | `RowFiltering` | `row.filtering.transformation.field`, `….sql.operator` (`EQ`, `NEQ`, `GT`, `GEQ`, `LT`, `LEQ`), `….value`, `….value.type` (`string`, …) |
    /// | `ConvertCdc` | `convert_cdc.cdc_format` (`postgresql`, `mysql`, `oracle`, `mongodb`), and for `mongodb` `convert_cdc.target_schema` |
    /// | `DataMasking` | `data_masking.type` (`HASHING`, `TRUNCATION`), `data_masking.fields` (separated by commas) |
    /// | `ParseJson` | `l_parse_json.fields`, `l_parse_json.field_schema`, `l_parse_json.nested_fields` |
    /// | `VectorEmbedding` | `vector.embedding.transformation.model.name`, `….selected.column`, `….new.embedding.column`, `….api.key` |
    /// | `FlattenStruct` | none: every nested struct is flattened |
    ///
    /// For the keys of the other types see the vendor's SQL reference.
    ///
    /// Vendor's page:
    /// [`CREATE TRANSFORMATION`](https://docs.onehouse.ai/api/sql-command-reference/create-transformation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, TransformationType};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .create_transformation("mask_pii", TransformationType::DataMasking)
    ///     .option("data_masking.type", "HASHING")
    ///     .option("data_masking.fields", "email,phone");
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE TRANSFORMATION `mask_pii`\n  TYPE = 'DATA_MASKING'\n\
    ///      WITH 'data_masking.type' = 'HASHING', 'data_masking.fields' = 'email,phone'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_transformation(
        &self,
        name: impl Into<String>,
        transformation_type: impl Choice<TransformationType>,
    ) -> Call<M, CreateTransformation> {
        let mut checks = Checks::default();
        let transformation_type = checks.choose(transformation_type);
        self.checked(checks, CreateTransformation::new(name, transformation_type))
    }

    /// Deletes a transformation: `DELETE TRANSFORMATION`.
    ///
    /// Vendor's page: [`oh transformation`](https://docs.onehouse.ai/cli/commands/transformation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_transformation("mask_pii").to_sql()?, "DELETE TRANSFORMATION `mask_pii`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_transformation(&self, name: impl Into<String>) -> Call<M, DeleteTransformation> {
        self.call(DeleteTransformation::new(name))
    }

    /// Describes a transformation: `DESCRIBE TRANSFORMATION`.
    ///
    /// Vendor's page: [`oh transformation`](https://docs.onehouse.ai/cli/commands/transformation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_transformation("mask_pii").to_sql()?, "DESCRIBE TRANSFORMATION `mask_pii`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_transformation(&self, name: impl Into<String>) -> Call<M, DescribeTransformation> {
        self.call(DescribeTransformation::new(name))
    }

    /// Lists the transformations: `SHOW TRANSFORMATIONS`.
    ///
    /// Vendor's page: [`oh transformation`](https://docs.onehouse.ai/cli/commands/transformation).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_transformations().to_sql()?, "SHOW TRANSFORMATIONS");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_transformations")]
    pub fn show_transformations(&self) -> Call<M, ShowTransformations> {
        self.call(ShowTransformations::new())
    }
}
