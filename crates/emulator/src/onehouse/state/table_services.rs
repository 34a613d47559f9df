//! The services of tables and their runs.
//!
//! The emulator's own: that a service is `AUTOMATIC` unless told otherwise, that a paused one is not run, the
//! states of runs, and that cancelling cancels the runs that are still running.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    AlterServicesClusterInTable, AlterTableService, CancelTableService, CreateTableService,
    DescribeTableService, Options, PauseTableService, ResumeTableService, RunServiceInTable, RunnableService,
    ShowRunsInTableService, ShowTableServices, TableService, TriggerMode,
};

use super::super::operations::{Fault, Outcome};
use super::super::words::{Spelling, Word, spelled};
use super::{Context, Settling, State, check_known, check_option, find, shown_options};

/// A table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) table_type: String,
    /// Counts the restarts of its flow.
    pub(super) version: u32,
    /// The cluster of its services, if it is not the lake's.
    pub(super) services_cluster: Option<String>,
    #[serde(with = "services")]
    pub(super) services: BTreeMap<Spelling, Service>,
    /// Runs of services that a table does not have, but that can be run in it.
    others: Vec<Run>,
}

impl Table {
    /// The names of its services, and whether each is paused.
    pub(super) fn services(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.services.iter().map(|(name, service)| (*name, service.state == ServiceState::Paused))
    }
}

/// How a service stands, in the words of the vendor's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ServiceState {
    Active,
    Paused,
}

/// A service of a table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    #[serde(deserialize_with = "spelled::<TriggerMode, _>")]
    trigger_mode: Spelling,
    options: Options,
    state: ServiceState,
    runs: Vec<Run>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    id: String,
    #[serde(deserialize_with = "spelled::<RunnableService, _>")]
    service: Spelling,
    status: Settling,
}

/// Services by their names.
mod services {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{RunnableService, Service, Spelling, Word};

    pub(super) fn serialize<Z: Serializer>(
        services: &BTreeMap<Spelling, Service>,
        to: Z,
    ) -> Result<Z::Ok, Z::Error> {
        to.collect_map(services)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Spelling, Service>, D::Error> {
        let read = |(name, service): (String, Service)| {
            let spelling = RunnableService::read_exactly(&name).spelling();
            spelling.map(|spelling| (spelling, service)).ok_or_else(|| {
                D::Error::custom(format!("`{}` is not a service", crate::text::one_line(&name, 60)))
            })
        };
        BTreeMap::<String, Service>::deserialize(from)?.into_iter().map(read).collect()
    }
}

/// The trigger mode of a service that is given none.
const AUTOMATIC: &str = "AUTOMATIC";
/// Runs of one service that are remembered.
const MAX_RUNS: usize = 1000;

impl Table {
    /// A table that a flow writes: it comes with two services.
    pub(super) fn of_flow(table_type: &str) -> Self {
        let services = ["CLEAN", "COMPACT"].map(|name| (name, Service::new()));
        Self {
            table_type: table_type.to_owned(),
            version: 1,
            services_cluster: None,
            services: services.into(),
            others: Vec::new(),
        }
    }

    /// All services follow the flow.
    pub(super) fn set_services(&mut self, state: ServiceState) {
        for service in self.services.values_mut() {
            service.state = state;
        }
    }
}

impl Service {
    fn new() -> Self {
        Self {
            trigger_mode: AUTOMATIC,
            options: Options::new(),
            state: ServiceState::Active,
            runs: Vec::new(),
        }
    }

    fn row(&mut self, name: &str, context: &Context<'_>) -> Value {
        self.runs.iter_mut().for_each(|run| run.status.settle(context));
        let running = self.runs.iter().any(|run| run.status.now == "RUNNING");
        let state = match self.state {
            ServiceState::Paused => "Paused",
            ServiceState::Active if running => "Running",
            ServiceState::Active => "Active",
        };
        json!({ "service": name, "state": state, "trigger_mode": self.trigger_mode })
    }
}

impl State {
    pub(super) fn create_table_service(
        &mut self,
        command: &CreateTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let kind = service_name(&command.service)?;
        let trigger_mode = check_option(command.trigger_mode.as_ref())?.unwrap_or(AUTOMATIC);
        let table = self.table(&command.lake, &command.database, &command.table)?;
        if table.services.contains_key(kind) {
            return Err(Fault::taken(&format!("in table '{}' the service", command.table), kind));
        }
        let mut service = Service { trigger_mode, options: command.options.clone(), ..Service::new() };
        let row = service.row(kind, context);
        table.services.insert(kind, service);
        Ok(row)
    }

    pub(super) fn alter_table_service(
        &mut self,
        command: &AlterTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let trigger_mode = check_known(&command.trigger_mode)?;
        let (name, service) =
            self.service(&command.lake, &command.database, &command.table, &command.service)?;
        service.trigger_mode = trigger_mode;
        service.options.extend(command.options.iter().map(|(key, value)| (key, value.clone())));
        Ok(service.row(name, context))
    }

    pub(super) fn alter_services_cluster_in_table(
        &mut self,
        command: &AlterServicesClusterInTable,
    ) -> Outcome {
        find(&self.clusters, "cluster", &command.services_cluster)?;
        let table = self.table(&command.lake, &command.database, &command.table)?;
        table.services_cluster = Some(command.services_cluster.clone());
        Ok(json!({ "table": command.table, "services_cluster": command.services_cluster }))
    }

    pub(super) fn run_service_in_table(
        &mut self,
        command: &RunServiceInTable,
        context: &mut Context<'_>,
    ) -> Outcome {
        let name = check_known(&command.service)?;
        let mut status = Settling::still("RUNNING");
        status.change("RUNNING", "COMPLETED", context);
        let run = Run { id: context.ids.uuid(), service: name, status };
        let payload = json!({ "run_id": run.id, "table": command.table, "service": name });
        let table = self.table(&command.lake, &command.database, &command.table)?;
        let runs = match (&command.service, table.services.get_mut(name)) {
            (_, Some(service)) if service.state == ServiceState::Paused => {
                return Err(Fault::forbidden(format!(
                    "service {name} of table '{}' is paused",
                    command.table
                )));
            }
            (_, Some(service)) => &mut service.runs,
            // Savepoints are made and restored in any table.
            (RunnableService::AutoSavepoint | RunnableService::Restore, None) => &mut table.others,
            (_, None) => {
                return Err(Fault::unknown(&format!("in table '{}' the service", command.table), name));
            }
        };
        if runs.len() >= MAX_RUNS {
            runs.remove(0);
        }
        runs.push(run);
        Ok(payload)
    }

    pub(super) fn pause_table_service(
        &mut self,
        command: &PauseTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let (name, service) =
            self.service(&command.lake, &command.database, &command.table, &command.service)?;
        service.state = ServiceState::Paused;
        Ok(service.row(name, context))
    }

    pub(super) fn resume_table_service(
        &mut self,
        command: &ResumeTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let (name, service) =
            self.service(&command.lake, &command.database, &command.table, &command.service)?;
        service.state = ServiceState::Active;
        Ok(service.row(name, context))
    }

    pub(super) fn cancel_table_service(
        &mut self,
        command: &CancelTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let (name, service) =
            self.service(&command.lake, &command.database, &command.table, &command.service)?;
        for run in &mut service.runs {
            run.status.settle(context);
            if run.status.now == "RUNNING" {
                run.status = Settling::still("CANCELED");
            }
        }
        Ok(service.row(name, context))
    }

    pub(super) fn describe_table_service(
        &mut self,
        command: &DescribeTableService,
        context: &Context<'_>,
    ) -> Outcome {
        let (name, service) =
            self.service(&command.lake, &command.database, &command.table, &command.service)?;
        let mut payload = service.row(name, context);
        payload["options"] = shown_options(&service.options);
        let table = self.table(&command.lake, &command.database, &command.table)?;
        let own = table.services_cluster.clone();
        let lake = find(&self.lakes, "lake", &command.lake)?;
        payload["services_cluster"] = own.unwrap_or_else(|| lake.services_cluster.clone()).into();
        Ok(payload)
    }

    pub(super) fn show_table_services(
        &mut self,
        command: &ShowTableServices,
        context: &Context<'_>,
    ) -> Outcome {
        let table = self.table(&command.lake, &command.database, &command.table)?;
        Ok(table.services.iter_mut().map(|(name, service)| service.row(name, context)).collect())
    }

    pub(super) fn show_runs_in_table_service(
        &mut self,
        command: &ShowRunsInTableService,
        context: &mut Context<'_>,
    ) -> Outcome {
        let name = service_name(&command.service)?;
        let table = self.table(&command.lake, &command.database, &command.table)?;
        let runs = match table.services.get_mut(name) {
            Some(service) => &mut service.runs,
            None if ["AUTOSAVEPOINT", "RESTORE"].contains(&name) => &mut table.others,
            None => return Err(Fault::unknown(&format!("in table '{}' the service", command.table), name)),
        };
        let rows = runs.iter_mut().filter(|run| run.service == name).map(|run| {
            let status = run.status.look(context);
            json!({ "run_id": run.id, "service": run.service, "status": status })
        });
        Ok(rows.collect())
    }

    pub(super) fn table(&mut self, lake: &str, database: &str, name: &str) -> Result<&mut Table, Fault> {
        self.check_database(lake, database)?;
        self.tables
            .get_mut(&(database.to_owned(), name.to_owned()))
            .ok_or_else(|| Fault::unknown(&format!("in database '{database}' the table"), name))
    }

    pub(super) fn service(
        &mut self,
        lake: &str,
        database: &str,
        table: &str,
        service: &TableService,
    ) -> Result<(&'static str, &mut Service), Fault> {
        let name = service_name(service)?;
        let services = &mut self.table(lake, database, table)?.services;
        match services.get_mut(name) {
            Some(service) => Ok((name, service)),
            None => Err(Fault::unknown(&format!("in table '{table}' the service"), name)),
        }
    }
}

/// The name of a service. One of the vendor's sources lets tables have the services that can only be run as
/// well, and the helpers say them as `Other`.
fn service_name(service: &TableService) -> Result<&'static str, Fault> {
    check_known(&RunnableService::read(service.text()))
}
