//! The 62 commands of the Onehouse SQL API that have a helper, as plain values.
//!
//! One file a family: the commands, their enums, the helpers of [`Client`](super::Client) that build them and
//! the options of [`Call`](super::Call) that fill them in.
//!
//! A command is data: public fields, `Serialize` and `Deserialize` with the vendor's parameter names, no I/O.
//! [`AnyCommand`] is all of them in one type, so that a plan can live in a JSON file.

mod any;
mod clusters;

pub use any::AnyCommand;
pub use clusters::{
    AlterCluster, ClusterState, ClusterType, CreateCluster, DeleteCluster, DescribeCluster, ShowClusters,
};

use crate::Effect;
use crate::error::Error;

use super::statement::{NameCheck, Statement};

/// What is fixed about a command: the name of its helper and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// The helper's name, which is also the command's name in JSON: `create_cluster`.
    pub helper: &'static str,
    /// Whether the command may be sent again when it is not known whether it was taken.
    pub effect: Effect,
}

impl Spec {
    pub(crate) const fn reads(helper: &'static str) -> Self {
        Self { helper, effect: Effect::Repeatable }
    }

    pub(crate) const fn changes(helper: &'static str) -> Self {
        Self { helper, effect: Effect::Changes }
    }
}

/// A command: something that becomes one SQL statement.
///
/// Implemented by the command structs and by [`AnyCommand`]. For SQL without a helper there is
/// [`Client::execute`](super::Client::execute).
pub trait Command {
    /// The helper's name and the command's effect.
    fn spec(&self) -> Spec;

    /// Writes the statement.
    #[doc(hidden)]
    fn write(&self, sql: &mut Statement);

    /// The SQL that would be sent. Needs no client, no credentials and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_sql(&self) -> Result<String, Error> {
        self.render(NameCheck::Strict)
    }

    /// [`to_sql`](Command::to_sql) with a choice of how names are checked.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Command::to_sql).
    fn render(&self, names: NameCheck) -> Result<String, Error> {
        let mut sql = Statement::new(names);
        self.write(&mut sql);
        sql.finish()
    }
}

/// For `skip_serializing_if`.
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
