//! `validation`: validations of flows.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    CreateValidation, DeleteValidation, DescribeValidation, ShowValidations, ValidationType,
};

use super::choices::{VALIDATION_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Validation {
    /// Create a validation
    Create(Create),
    /// Describe a validation
    Describe {
        /// Name of the validation
        name: String,
    },
    /// List the validations
    Show,
    /// Delete a validation
    Delete {
        /// Name of the validation
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the validation
    name: String,
    /// Kind of the validation
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<ValidationType>(VALIDATION_TYPES), ignore_case = true)]
    validation_type: ValidationType,
    #[command(flatten)]
    with: With,
}

impl Validation {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create(Create { name, validation_type, with }) => {
                let mut command = CreateValidation::new(&name, validation_type);
                command.options = with.into_options();
                Task::change(command, format!("Validation '{name}' created."))
            }
            Self::Delete { name } => {
                Task::delete(DeleteValidation::new(&name), &format!("validation '{name}'"))
            }
            Self::Describe { name } => Task::read(DescribeValidation::new(name)),
            Self::Show => Task::read(ShowValidations::new()),
        }
    }
}
