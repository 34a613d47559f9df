//! `source`: sources of flows.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    CreateSource, CredentialType, DeleteSource, DescribeSource, ShowSources, SourceType,
};

use super::choices::{CREDENTIAL_TYPES, SOURCE_TYPES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Source {
    /// Create a source
    Create(Create),
    /// Describe a source
    Describe {
        /// Name of the source
        name: String,
    },
    /// List the sources
    Show,
    /// Delete a source
    Delete {
        /// Name of the source
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Name of the source
    name: String,
    /// Kind of the source
    #[arg(long = "type", value_name = "TYPE", value_parser = choice::<SourceType>(SOURCE_TYPES), ignore_case = true)]
    source_type: SourceType,
    /// Where the secrets of the source are kept
    #[arg(long, value_parser = choice::<CredentialType>(CREDENTIAL_TYPES), ignore_case = true)]
    credential_type: Option<CredentialType>,
    /// Do nothing if a source of this name exists
    #[arg(long)]
    if_not_exists: bool,
    #[command(flatten)]
    with: With,
}

impl Source {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create(Create { name, source_type, credential_type, if_not_exists, with }) => {
                let mut command = CreateSource::new(&name, source_type);
                (command.credential_type, command.if_not_exists) = (credential_type, if_not_exists);
                command.options = with.into_options();
                Task::change(command, format!("Source '{name}' created."))
            }
            Self::Delete { name } => Task::delete(DeleteSource::new(&name), &format!("source '{name}'")),
            Self::Describe { name } => Task::read(DescribeSource::new(name)),
            Self::Show => Task::read(ShowSources::new()),
        }
    }
}
