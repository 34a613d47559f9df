//! Models of runners.

use serde::{Deserialize, Serialize};

use crate::h2o_workflows::wire::or_default;
use crate::timestamp::Timestamp;

/// A runner: the image and the template of the sandbox in which jobs run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Runner {
    /// The image of the sandbox.
    #[serde(default, deserialize_with = "or_default", alias = "sandbox_engine_image")]
    pub sandbox_engine_image: String,
    /// The template of the sandbox.
    #[serde(default, deserialize_with = "or_default", alias = "sandbox_engine_template")]
    pub sandbox_engine_template: String,
    /// `workspaces/{workspace}/runners/{runner}`.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its display name.
    #[serde(default, deserialize_with = "or_default", alias = "display_name")]
    pub display_name: String,
    /// Names that workflows may use for it, unique in the workspace: `[a-z][a-z0-9-]{0,62}`.
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_default", alias = "create_time")]
    pub create_time: Option<Timestamp>,
    /// Who created it.
    #[serde(default, deserialize_with = "or_default")]
    pub creator: String,
    /// When it was last changed.
    #[serde(default, deserialize_with = "or_default", alias = "update_time")]
    pub update_time: Option<Timestamp>,
    /// Who changed it last.
    #[serde(default, deserialize_with = "or_default")]
    pub updater: Option<String>,
}

impl Runner {
    /// Returns a runner with this image and template, to be created.
    pub fn new(sandbox_engine_image: impl Into<String>, sandbox_engine_template: impl Into<String>) -> Self {
        Self {
            sandbox_engine_image: sandbox_engine_image.into(),
            sandbox_engine_template: sandbox_engine_template.into(),
            ..Self::default()
        }
    }

    /// Sets the name, by which an update finds the runner.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

/// A runner that [`apply_runners`](crate::h2o_workflows::clients::RunnerClient::apply_runners) creates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunnerConfig {
    /// The last part of its name.
    #[serde(default, deserialize_with = "or_default", alias = "runner_id")]
    pub runner_id: String,
    /// The image of the sandbox.
    #[serde(default, deserialize_with = "or_default", alias = "sandbox_engine_image")]
    pub sandbox_engine_image: String,
    /// The template of the sandbox.
    #[serde(default, deserialize_with = "or_default", alias = "sandbox_engine_template")]
    pub sandbox_engine_template: String,
    /// Its display name.
    #[serde(default, deserialize_with = "or_default", alias = "display_name")]
    pub display_name: String,
    /// Names that workflows may use for it.
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
}

impl RunnerConfig {
    /// Returns a runner with this id, image and template, and without display name and aliases.
    pub fn new(
        runner_id: impl Into<String>,
        sandbox_engine_image: impl Into<String>,
        sandbox_engine_template: impl Into<String>,
    ) -> Self {
        Self {
            runner_id: runner_id.into(),
            sandbox_engine_image: sandbox_engine_image.into(),
            sandbox_engine_template: sandbox_engine_template.into(),
            ..Self::default()
        }
    }
}

/// A page of runners.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct RunnersPage {
    /// The runners on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub runners: Vec<Runner>,
    /// The token of the next page. Empty: this is the last page.
    #[serde(default, deserialize_with = "or_default")]
    pub next_page_token: String,
}
