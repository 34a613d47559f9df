//! Statements about the services of a table and their runs.

use controlplane::onehouse::{
    AlterServicesClusterInTable, AlterTableService, CancelTableService, CreateTableService,
    DescribeTableService, PauseTableService, ResumeTableService, RunServiceInTable, ShowRunsInTableService,
    ShowTableServices, TableService,
};

use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        let mut command = CreateTableService::new(lake, database, table, service);
        command.trigger_mode = self.optional("TRIGGER_MODE", Self::choice)?;
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn alter_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        let trigger_mode = self.clause("TRIGGER_MODE", Self::choice)?;
        let mut command = AlterTableService::new(lake, database, table, service, trigger_mode);
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn alter_services_cluster_in_table(&mut self) -> Parse<Parsed> {
        let (table, lake, database) = self.in_table()?;
        let cluster = self.clause("SERVICES_CLUSTER", Self::text)?;
        Ok(AlterServicesClusterInTable::new(lake, database, table, cluster).into())
    }

    pub(super) fn run_service_in_table(&mut self) -> Parse<Parsed> {
        let (table, lake, database) = self.in_table()?;
        let service = self.clause("SERVICE", Self::choice)?;
        Ok(RunServiceInTable::new(lake, database, table, service).into())
    }

    pub(super) fn pause_table_service(&mut self) -> Parse<Parsed> {
        self.keyword("TABLE_SERVICE")?;
        let (lake, database, table, service) = self.one_service()?;
        Ok(PauseTableService::new(lake, database, table, service).into())
    }

    pub(super) fn resume_table_service(&mut self) -> Parse<Parsed> {
        self.keyword("TABLE_SERVICE")?;
        let (lake, database, table, service) = self.one_service()?;
        Ok(ResumeTableService::new(lake, database, table, service).into())
    }

    pub(super) fn cancel_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        Ok(CancelTableService::new(lake, database, table, service).into())
    }

    pub(super) fn describe_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        Ok(DescribeTableService::new(lake, database, table, service).into())
    }

    pub(super) fn show_table_services(&mut self) -> Parse<Parsed> {
        let (lake, database, table) = self.one_table()?;
        Ok(ShowTableServices::new(lake, database, table).into())
    }

    pub(super) fn show_runs_in_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        Ok(ShowRunsInTableService::new(lake, database, table, service).into())
    }

    /// `LAKE = 'l' DATABASE = 'd' TABLE = 't'`
    fn one_table(&mut self) -> Parse<(String, String, String)> {
        let lake = self.clause("LAKE", Self::text)?;
        let database = self.clause("DATABASE", Self::text)?;
        let table = self.clause("TABLE", Self::text)?;
        Ok((lake, database, table))
    }

    /// The same and `SERVICE = 's'`.
    pub(super) fn one_service(&mut self) -> Parse<(String, String, String, TableService)> {
        let (lake, database, table) = self.one_table()?;
        let service = self.clause("SERVICE", Self::choice)?;
        Ok((lake, database, table, service))
    }

    /// ``IN TABLE `t` LAKE = 'l' DATABASE = 'd'``: table, lake, database.
    fn in_table(&mut self) -> Parse<(String, String, String)> {
        self.keyword("IN")?;
        self.keyword("TABLE")?;
        let table = self.name()?;
        let lake = self.clause("LAKE", Self::text)?;
        let database = self.clause("DATABASE", Self::text)?;
        Ok((table, lake, database))
    }
}
