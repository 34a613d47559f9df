//! A command of a plan of several services.

use serde::{Deserialize, Serialize};

#[cfg(feature = "eloq")]
use crate::eloq;
#[cfg(feature = "h2o-workflows")]
use crate::h2o_workflows;
#[cfg(feature = "hotdata")]
use crate::hotdata;
#[cfg(feature = "onehouse")]
use crate::onehouse;

/// A command of a plan of several services, which names its service: `{"onehouse": {"create_cluster": {…}}}`.
///
#[cfg_attr(all(feature = "eloq", feature = "onehouse"), doc = "```")]
#[cfg_attr(not(all(feature = "eloq", feature = "onehouse")), doc = "```ignore")]
/// use controlplane::{Batch, PlanCommand, eloq, onehouse, plan};
///
/// let text = r#"[
///     {"key": "cache", "command": {"eloq": {"cluster_create": {"cluster_name": "c", "region": "us-west-1", "sku_id": 3}}}},
///     {"key": "ci", "command": {"onehouse": {"create_service_principal": {"name": "ci"}}}, "after": ["cache"]}
/// ]"#;
/// let (onehouse, eloq) = (onehouse::Client::offline(), eloq::Client::offline());
/// let mut batch = Batch::new();
/// for step in plan::read::<PlanCommand>(text)? {
///     let mut added = match step.command {
///         PlanCommand::Onehouse(command) => batch.add(step.key, onehouse.call(command)),
///         PlanCommand::Eloq(command) => batch.add(step.key, eloq.call(command)),
///         _ => return Err("there is no client for this service".into()),
///     };
///     for key in step.after {
///         added = added.after(key);
///     }
/// }
/// assert_eq!(batch.order()?[1].service(), "onehouse");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
// In some sets of services only.
#[allow(clippy::large_enum_variant, reason = "plans are short, and a box would be in everyone's way")]
pub enum PlanCommand {
    /// A command of EloqCloud.
    #[cfg(feature = "eloq")]
    Eloq(eloq::AnyCommand),
    /// A command of H2O Workflows.
    #[cfg(feature = "h2o-workflows")]
    H2oWorkflows(h2o_workflows::AnyCommand),
    /// A command of Hotdata, or the upload of a file with its load.
    #[cfg(feature = "hotdata")]
    Hotdata(hotdata::PlanCommand),
    /// A command of Onehouse.
    #[cfg(feature = "onehouse")]
    Onehouse(onehouse::AnyCommand),
}

#[cfg(feature = "eloq")]
impl From<eloq::AnyCommand> for PlanCommand {
    fn from(command: eloq::AnyCommand) -> Self {
        Self::Eloq(command)
    }
}

#[cfg(feature = "h2o-workflows")]
impl From<h2o_workflows::AnyCommand> for PlanCommand {
    fn from(command: h2o_workflows::AnyCommand) -> Self {
        Self::H2oWorkflows(command)
    }
}

#[cfg(feature = "hotdata")]
impl From<hotdata::AnyCommand> for PlanCommand {
    fn from(command: hotdata::AnyCommand) -> Self {
        Self::Hotdata(command.into())
    }
}

#[cfg(feature = "hotdata")]
impl From<hotdata::PlanCommand> for PlanCommand {
    fn from(command: hotdata::PlanCommand) -> Self {
        Self::Hotdata(command)
    }
}

#[cfg(feature = "onehouse")]
impl From<onehouse::AnyCommand> for PlanCommand {
    fn from(command: onehouse::AnyCommand) -> Self {
        Self::Onehouse(command)
    }
}
