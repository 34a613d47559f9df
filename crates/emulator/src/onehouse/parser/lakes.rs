//! Statements about lakes, databases and tables.

use controlplane::onehouse::{
    AlterLake, CreateDatabase, CreateLake, DeleteDatabase, DeleteLake, ShowDatabases, ShowTables,
};

use super::super::lexer::Kind;
use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_lake(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let lake_type = self.clause("LAKE_TYPE", Self::choice)?;
        let bucket_path = self.clause("BUCKET_PATH", Self::text)?;
        let cluster = self.clause("DEFAULT_SERVICES_CLUSTER", Self::text)?;
        Ok(CreateLake::new(name, lake_type, bucket_path, cluster).into())
    }

    pub(super) fn alter_lake(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        self.keyword("SET")?;
        Ok(AlterLake::new(name, self.clause("DEFAULT_SERVICES_CLUSTER", Self::text)?).into())
    }

    pub(super) fn delete_lake(&mut self) -> Parse<Parsed> {
        let mut command = DeleteLake::new(self.name()?);
        command.cascade = self.eat("CASCADE");
        Ok(command.into())
    }

    pub(super) fn create_database(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        Ok(CreateDatabase::new(name, self.clause("LAKE", Self::text)?).into())
    }

    pub(super) fn delete_database(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let mut command = DeleteDatabase::new(name, self.clause("LAKE", Self::quoted_name)?);
        command.cascade = self.eat("CASCADE");
        Ok(command.into())
    }

    pub(super) fn show_databases(&mut self) -> Parse<Parsed> {
        Ok(ShowDatabases::new(self.clause("LAKE", Self::text)?).into())
    }

    pub(super) fn show_tables(&mut self) -> Parse<Parsed> {
        let lake = self.clause("LAKE", Self::text)?;
        Ok(ShowTables::new(lake, self.clause("DATABASE", Self::text)?).into())
    }

    /// A lake's name in backticks, as the vendor writes it after `DELETE DATABASE`, or in single quotes, as
    /// it does everywhere else.
    fn quoted_name(&mut self) -> Parse<String> {
        match &self.token().kind {
            Kind::Text(_) => self.text(),
            Kind::Name(_) => self.name(),
            _ => self.expected("a name in backticks or in single quotes"),
        }
    }
}
