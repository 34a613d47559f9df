//! `database`: databases of a lake.

use clap::Subcommand;
use controlplane::onehouse::{CreateDatabase, DeleteDatabase, ShowDatabases};

use super::task::Task;

#[derive(Debug, Subcommand)]
pub(super) enum Database {
    /// Create a database
    Create {
        /// Name of the database
        name: String,
        /// Lake of the database
        #[arg(long, allow_hyphen_values = true)]
        lake: String,
    },
    /// List the databases of a lake
    Show {
        /// Name of the lake
        #[arg(long, allow_hyphen_values = true)]
        lake: String,
    },
    /// Delete a database
    Delete {
        /// Name of the database
        name: String,
        /// Lake of the database
        #[arg(long, allow_hyphen_values = true)]
        lake: String,
        /// Also delete everything in the database
        #[arg(long)]
        cascade: bool,
    },
}

impl Database {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Create { name, lake } => {
                let done = format!("Database '{name}' created in lake '{lake}'.");
                Task::change(CreateDatabase::new(name, lake), done)
            }
            Self::Delete { name, lake, cascade } => {
                let mut command = DeleteDatabase::new(&name, lake);
                command.cascade = cascade;
                Task::delete(command, &format!("database '{name}'")).with_everything_if(cascade)
            }
            Self::Show { lake } => Task::read(ShowDatabases::new(lake)),
        }
    }
}
