//! `transformation`: transformations of flows.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    CreateTransformation, DeleteTransformation, DescribeTransformation, ShowTransformations,
    TransformationType,
};

use super::choices::{TRANSFORMATION_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Transformation {
    /// Create a transformation
    Create(Create),
    /// Describe a transformation
    Describe {
        /// Name of the transformation
        name: String,
    },
    /// List the transformations
    Show,
    /// Delete a transformation
    Delete {
        /// Name of the transformation
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the transformation
    name: String,
    /// Kind of the transformation
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<TransformationType>(TRANSFORMATION_TYPES), ignore_case = true)]
    transformation_type: TransformationType,
    #[command(flatten)]
    with: With,
}

impl Transformation {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create(Create { name, transformation_type, with }) => {
                let mut command = CreateTransformation::new(&name, transformation_type);
                command.options = with.into_options();
                Task::change(command, format!("Transformation '{name}' created."))
            }
            Self::Delete { name } => {
                Task::delete(DeleteTransformation::new(&name), &format!("transformation '{name}'"))
            }
            Self::Describe { name } => Task::read(DescribeTransformation::new(name)),
            Self::Show => Task::read(ShowTransformations::new()),
        }
    }
}
