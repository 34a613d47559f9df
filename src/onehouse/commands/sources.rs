//! Sources: the Kafka clusters, buckets and databases that flows read from.
//!
//! Vendor's pages: [Credential
//! Management](https://docs.onehouse.ai/product/external-integrations/credential-management), `oh source`,
//! SQL reference `CREATE SOURCE`, `DELETE SOURCE`, `DESCRIBE SOURCE`, `SHOW SOURCES`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::choice::{Checks, Choice};
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{CLAUSE, StatementBuilder};
use crate::onehouse::strict;
use crate::open_enum::impl_open_enum;

use super::{Command, CredentialType, flag, is_false};

/// The type of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceType {
    /// Apache Kafka.
    ApacheKafka,
    /// Amazon MSK.
    MskKafka,
    /// Confluent Kafka.
    ConfluentKafka,
    /// Amazon S3.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Another table in Onehouse.
    OnehouseTable,
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
    /// A type that this version does not know.
    Other(String),
}

impl_open_enum!(commands SourceType, "source type", {
    ApacheKafka => "APACHE_KAFKA",
    MskKafka => "MSK_KAFKA",
    ConfluentKafka => "CONFLUENT_KAFKA",
    S3 => "S3",
    Gcs => "GCS",
    OnehouseTable => "ONEHOUSE_TABLE",
    Postgres => "POSTGRES",
    MySql => "MY_SQL",
});

/// Adds a source (`CREATE SOURCE`): see [`Client::create_source`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateSource {
    /// The source's name.
    pub name: String,
    /// The type of the source.
    #[serde(with = "strict")]
    pub source_type: SourceType,
    /// Where the source's secrets are kept.
    #[serde(default, with = "strict::option", skip_serializing_if = "Option::is_none")]
    pub credential_type: Option<CredentialType>,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// Whether the command succeeds without a change if a source of this name exists already. Default: false.
    #[serde(default, deserialize_with = "flag", skip_serializing_if = "is_false")]
    pub if_not_exists: bool,
}

impl CreateSource {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>, source_type: SourceType) -> Self {
        Self {
            name: name.into(),
            source_type,
            credential_type: None,
            options: Options::new(),
            if_not_exists: false,
        }
    }
}

impl Command for CreateSource {
    const NAME: &'static str = "create_source";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("CREATE SOURCE");
        if self.if_not_exists {
            sql.words("IF NOT EXISTS");
        }
        sql.name("name", &self.name)
            .clause(CLAUSE, "SOURCE_TYPE", &self.source_type)
            .optional(CLAUSE, "CREDENTIAL_TYPE", &self.credential_type)
            .with(CLAUSE, &self.options);
    }
}

impl<M> Call<M, CreateSource> {
    /// Sets where the source's secrets are kept. Default: the statement has no `CREDENTIAL_TYPE`.
    pub fn credential_type(mut self, credential_type: impl Choice<CredentialType>) -> Self {
        self.command.credential_type = Some(self.options.own.choose(credential_type));
        self
    }

    /// Adds a `WITH` option. The keys depend on the source's type: see `CREATE SOURCE` in the vendor's SQL
    /// reference.
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

    /// Makes the command succeed without a change if a source of this name exists already.
    pub fn if_not_exists(mut self) -> Self {
        self.command.if_not_exists = true;
        self
    }
}

/// Deletes a source (`DELETE SOURCE`): see [`Client::delete_source`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteSource {
    /// The source's name.
    pub name: String,
}

impl DeleteSource {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DeleteSource {
    const NAME: &'static str = "delete_source";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DELETE SOURCE").name("name", &self.name);
    }
}

/// Describes a source (`DESCRIBE SOURCE`): see [`Client::describe_source`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DescribeSource {
    /// The source's name.
    pub name: String,
}

impl DescribeSource {
    /// Returns the command.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Command for DescribeSource {
    const NAME: &'static str = "describe_source";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("DESCRIBE SOURCE").name("name", &self.name);
    }
}

/// Lists the sources (`SHOW SOURCES`): see [`Client::show_sources`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShowSources {}

impl ShowSources {
    /// Returns the command.
    pub fn new() -> Self {
        Self {}
    }
}

impl Command for ShowSources {
    const NAME: &'static str = "show_sources";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("SHOW SOURCES");
    }
}

/// # Sources
impl<M> Client<M> {
    /// Adds a source: `CREATE SOURCE`.
    ///
    /// Options of the call: `credential_type`, `option`, `if_not_exists`. With `if_not_exists`, the server
    /// skips a source that exists already, and the payload does not say so. No other command has this option.
    /// There is no command that changes a source. The topic, the folder or the table to read is not set here
    /// but on the flow: see [`create_flow`](Client::create_flow).
    ///
    /// Vendor's page: [Credential
    /// Management](https://docs.onehouse.ai/product/external-integrations/credential-management).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::{Client, CredentialType, SourceType};
    ///
    /// let client = Client::offline();
    /// let call = client
    ///     .create_source("clicks", SourceType::ApacheKafka)
    ///     .credential_type(CredentialType::SecretManager)
    ///     .if_not_exists();
    /// assert_eq!(
    ///     call.to_sql()?,
    ///     "CREATE SOURCE IF NOT EXISTS `clicks`\n  SOURCE_TYPE = 'APACHE_KAFKA'\n  \
    ///      CREDENTIAL_TYPE = 'CREDENTIAL_TYPE_SECRET_MANAGER'",
    /// );
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn create_source(
        &self,
        name: impl Into<String>,
        source_type: impl Choice<SourceType>,
    ) -> Call<M, CreateSource> {
        let mut checks = Checks::default();
        let source_type = checks.choose(source_type);
        self.checked(checks, CreateSource::new(name, source_type))
    }

    /// Deletes a source: `DELETE SOURCE`. The secrets that Onehouse stores for it are deleted too.
    ///
    /// Vendor's page: [Credential
    /// Management](https://docs.onehouse.ai/product/external-integrations/credential-management).
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.delete_source("clicks").to_sql()?, "DELETE SOURCE `clicks`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn delete_source(&self, name: impl Into<String>) -> Call<M, DeleteSource> {
        self.call(DeleteSource::new(name))
    }

    /// Describes a source: `DESCRIBE SOURCE`.
    ///
    /// Vendor's page: `DESCRIBE SOURCE` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.describe_source("clicks").to_sql()?, "DESCRIBE SOURCE `clicks`");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn describe_source(&self, name: impl Into<String>) -> Call<M, DescribeSource> {
        self.call(DescribeSource::new(name))
    }

    /// Lists the sources: `SHOW SOURCES`.
    ///
    /// Vendor's page: `SHOW SOURCES` in the SQL reference.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// assert_eq!(client.show_sources().to_sql()?, "SHOW SOURCES");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "list_sources")]
    pub fn show_sources(&self) -> Call<M, ShowSources> {
        self.call(ShowSources::new())
    }
}
