//! `table`: tables and their services.

use clap::{Args, Subcommand};
use controlplane::onehouse::{
    AlterServicesClusterInTable, AlterTableService, CancelTableService, CreateTableService,
    DescribeTableService, PauseTableService, ResumeTableService, RunServiceInTable, RunnableService,
    ShowRunsInTableService, ShowTableServices, ShowTables, TableService, TriggerMode,
};

use super::choices::{RUNNABLE_SERVICES, TABLE_SERVICES, TRIGGER_MODES, choice};
use super::task::Task;
use super::with::With;

#[derive(Debug, Subcommand)]
pub(super) enum Table {
    /// List the tables of a database
    Show {
        /// Lake that the database is in
        #[arg(long, allow_hyphen_values = true)]
        lake: String,
        /// Name of the database
        #[arg(long, allow_hyphen_values = true)]
        database: String,
    },
    /// Manage the services of tables
    #[command(subcommand)]
    Service(Service),
}

#[derive(Debug, Subcommand)]
pub(super) enum Service {
    /// Create a service of a table
    Create(Configure),
    /// Describe a service
    Describe(One),
    /// List the services of a table
    Show(Place),
    /// Change the trigger mode and the options of a service
    Alter(Configure),
    /// Change the cluster on which the services of a table run
    AlterCluster {
        #[command(flatten)]
        place: Place,
        /// Cluster for the services
        #[arg(long, value_name = "CLUSTER", allow_hyphen_values = true)]
        services_cluster: String,
    },
    /// Run a service once
    Run {
        #[command(flatten)]
        place: Place,
        /// Type of the service
        #[arg(long, value_parser = choice::<RunnableService>(RUNNABLE_SERVICES), ignore_case = true)]
        service: RunnableService,
    },
    /// List the runs of a service
    ShowRuns(One),
    /// Pause a service
    Pause(One),
    /// Resume a service that is paused
    Resume(One),
    /// Cancel the run of a service
    Cancel(One),
}

/// A table.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Lake that the table is in
    #[arg(long, allow_hyphen_values = true)]
    lake: String,
    /// Database that the table is in
    #[arg(long, allow_hyphen_values = true)]
    database: String,
    /// Name of the table
    #[arg(long, allow_hyphen_values = true)]
    table: String,
}

/// A service of a table.
#[derive(Args, Debug)]
pub(super) struct One {
    #[command(flatten)]
    place: Place,
    /// Type of the service
    #[arg(long, value_parser = choice::<TableService>(TABLE_SERVICES), ignore_case = true)]
    service: TableService,
}

/// A service of a table, and its settings.
#[derive(Args, Debug)]
pub(super) struct Configure {
    #[command(flatten)]
    one: One,
    /// When the service runs
    #[arg(long, value_parser = choice::<TriggerMode>(TRIGGER_MODES), ignore_case = true)]
    trigger_mode: TriggerMode,
    #[command(flatten)]
    with: With,
}

impl Place {
    /// The table in a sentence.
    fn named(&self) -> String {
        format!("'{}.{}.{}'", self.lake, self.database, self.table)
    }
}

impl Table {
    pub(super) fn task(self) -> Task {
        match self {
            Self::Show { lake, database } => Task::read(ShowTables::new(lake, database)),
            Self::Service(command) => command.task(),
        }
    }
}

impl Service {
    fn task(self) -> Task {
        match self {
            Self::Create(Configure { one: One { place, service }, trigger_mode, with }) => {
                let done = format!("Table service '{service}' created on {}.", place.named());
                let mut command = CreateTableService::new(place.lake, place.database, place.table, service);
                command.trigger_mode = Some(trigger_mode);
                command.options = with.into_options();
                Task::change(command, done)
            }
            Self::Alter(Configure { one: One { place, service }, trigger_mode, with }) => {
                let done = format!("Table service '{service}' altered.");
                let mut command =
                    AlterTableService::new(place.lake, place.database, place.table, service, trigger_mode);
                command.options = with.into_options();
                Task::change(command, done)
            }
            Self::Describe(One { place, service }) => {
                Task::read(DescribeTableService::new(place.lake, place.database, place.table, service))
            }
            Self::Show(place) => Task::read(ShowTableServices::new(place.lake, place.database, place.table)),
            Self::ShowRuns(One { place, service }) => {
                Task::read(ShowRunsInTableService::new(place.lake, place.database, place.table, service))
            }
            Self::Run { place, service } => {
                let done = format!("Service '{service}' triggered on {}.", place.named());
                let command = RunServiceInTable::new(place.lake, place.database, place.table, service);
                Task::change(command, done)
            }
            Self::Pause(One { place, service }) => {
                let done = format!("Table service '{service}' paused.");
                let command = PauseTableService::new(place.lake, place.database, place.table, service);
                Task::silent(command, done)
            }
            Self::Resume(One { place, service }) => {
                let done = format!("Table service '{service}' resumed.");
                let command = ResumeTableService::new(place.lake, place.database, place.table, service);
                Task::silent(command, done)
            }
            Self::Cancel(One { place, service }) => {
                let done = format!("Table service '{service}' cancelled.");
                let command = CancelTableService::new(place.lake, place.database, place.table, service);
                Task::silent(command, done)
            }
            Self::AlterCluster { place, services_cluster } => {
                let done = format!("Services cluster for {} updated.", place.named());
                let command = AlterServicesClusterInTable::new(
                    place.lake,
                    place.database,
                    place.table,
                    services_cluster,
                );
                Task::change(command, done)
            }
        }
    }
}
