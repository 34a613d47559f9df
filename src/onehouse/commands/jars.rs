//! Jars: code for transformations of the type `USER_PROVIDED`.
//!
//! The vendor's SDK has no helper that lists or deletes them: use `SHOW JARS`, `DESCRIBE JAR` and
//! `DELETE JAR` as raw SQL.
//!
//! Vendor's pages:
//! [`onehouse_transformer_jar`](https://docs.onehouse.ai/terraform-provider/resources/transformer-jar) of the
//! Terraform provider, SQL reference `UPLOAD JAR`, `REPLACE JAR`.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::onehouse::Call;
use crate::onehouse::client::Client;
use crate::onehouse::options::{OptionValue, Options};
use crate::onehouse::statement::{MARGIN, StatementBuilder};

use super::Command;

/// Copies a jar from cloud storage to the storage of Onehouse (`UPLOAD JAR`): see [`Client::upload_jar`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UploadJar {
    /// The jar's name.
    pub name: String,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl UploadJar {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), options: Options::new() }
    }
}

impl Command for UploadJar {
    const NAME: &'static str = "upload_jar";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("UPLOAD JAR").name("name", &self.name).with(MARGIN, &self.options);
    }
}

impl<M> Call<M, UploadJar> {
    /// Adds a `WITH` option: `s3.path` or `gcs.path`, the place of the jar.
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

/// Replaces the jar of this name by another one from cloud storage (`REPLACE JAR`): see
/// [`Client::replace_jar`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReplaceJar {
    /// The jar's name.
    pub name: String,
    /// `WITH` options.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl ReplaceJar {
    /// Returns the command with its required parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), options: Options::new() }
    }
}

impl Command for ReplaceJar {
    const NAME: &'static str = "replace_jar";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn write(&self, sql: &mut StatementBuilder) {
        sql.words("REPLACE JAR").name("name", &self.name).with(MARGIN, &self.options);
    }
}

impl<M> Call<M, ReplaceJar> {
    /// Adds a `WITH` option: `s3.path` or `gcs.path`, the place of the jar.
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

/// # Jars
impl<M> Client<M> {
    /// Copies a jar from cloud storage to the storage of Onehouse: `UPLOAD JAR`.
    ///
    /// The jar has the code of transformations of the type
    /// [`UserProvided`](super::TransformationType::UserProvided). `option` sets the place of the jar:
    /// `s3.path` (`s3://…`) or `gcs.path` (`gs://…`). The names in the vendor's examples end in `.jar`;
    /// because of the dot, they need `.unchecked_names()`.
    ///
    /// Vendor's page:
    /// [`onehouse_transformer_jar`](https://docs.onehouse.ai/terraform-provider/resources/transformer-jar) of
    /// the Terraform provider.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.upload_jar("tool.jar").unchecked_names().option("s3.path", "s3://bucket/tool.jar");
    /// assert_eq!(call.to_sql()?, "UPLOAD JAR `tool.jar`\nWITH 's3.path' = 's3://bucket/tool.jar'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn upload_jar(&self, name: impl Into<String>) -> Call<M, UploadJar> {
        self.call(UploadJar::new(name))
    }

    /// Replaces the jar of this name by another one from cloud storage: `REPLACE JAR`. The options are those
    /// of [`upload_jar`](Client::upload_jar).
    ///
    /// Vendor's page:
    /// [`onehouse_transformer_jar`](https://docs.onehouse.ai/terraform-provider/resources/transformer-jar) of
    /// the Terraform provider.
    ///
    /// `.send()?` sends it; on an `AsyncClient`, `.send().await?`.
    ///
    /// ```
    /// use controlplane::onehouse::Client;
    ///
    /// let client = Client::offline();
    /// let call = client.replace_jar("tool.jar").unchecked_names().option("s3.path", "s3://bucket/tool.jar");
    /// assert_eq!(call.to_sql()?, "REPLACE JAR `tool.jar`\nWITH 's3.path' = 's3://bucket/tool.jar'");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn replace_jar(&self, name: impl Into<String>) -> Call<M, ReplaceJar> {
        self.call(ReplaceJar::new(name))
    }
}
