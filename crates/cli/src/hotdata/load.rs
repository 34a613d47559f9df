//! Loads of uploads into tables.

use controlplane::Effect;
use controlplane::hotdata::{Blocking, Call, Command, Load, LoadDatabaseTable, LoadFormat, LoadMode};

use crate::choices::choice;
use crate::failure::{Result, shell_word};
use crate::show;

use super::name::{self, TableName, table};
use super::{Hotdata, job_failure};

pub(super) const MODES: &[&str] = &["replace", "append", "delete", "update", "upsert"];
pub(super) const FORMATS: &[&str] = &["csv", "json", "parquet"];

/// The options of a load: how it changes the rows of its table.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Options {
    /// What the load does with the rows of the table [default: append]
    #[arg(long, value_name = "MODE", ignore_case = true, value_parser = choice::<LoadMode>(MODES))]
    pub(super) mode: Option<LoadMode>,
    /// Format of the data; json is one object a line [default: detected]
    #[arg(long, value_name = "FORMAT", ignore_case = true, value_parser = choice::<LoadFormat>(FORMATS))]
    pub(super) format: Option<LoadFormat>,
    /// Columns that identify a row
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(super) key: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Table; the database by its name or its id
    #[arg(value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
    name: TableName,
    /// Id of the upload, which `hotdata upload` prints
    #[arg(long, value_name = "ID")]
    upload: String,
    #[command(flatten)]
    options: Options,
}

/// Loads an upload that is there already.
pub(super) fn run(hotdata: &Hotdata<'_>, args: Args) -> Result {
    let app = hotdata.app;
    let id = name::id(hotdata, &args.name.database)?;
    let text = args.name.text();
    let load = args.options.load(hotdata, &id, args.name).upload_id(args.upload);
    if app.globals.dry_run {
        return show::request(app, &load.background().command().load.to_request()?);
    }
    if app.globals.no_wait {
        let started = hotdata.prepared(load.background(), &format!("loading {text}"), Effect::Changes).send();
        return show::value(app, &started.map_err(|error| job_failure(error, ""))?);
    }
    let loaded = hotdata.prepared(load.and_wait(), &format!("loading {text}"), Effect::Changes).send();
    show::named(app, &loaded.map_err(|error| job_failure(error, ""))?, &text)
}

impl Options {
    /// The way in which the load changes the rows of the table.
    pub(super) fn mode(&self) -> LoadMode {
        self.mode.clone().unwrap_or(LoadMode::Append)
    }

    /// The load into a table of the database with this id.
    pub(super) fn load(
        &self,
        hotdata: &Hotdata<'_>,
        database_id: &str,
        table: TableName,
    ) -> Call<Blocking, Load<LoadDatabaseTable>> {
        let databases = hotdata.client.databases();
        let mut load = databases.load(database_id, table.schema, table.table, self.mode());
        if let Some(format) = &self.format {
            load = load.format(format.clone());
        }
        if !self.key.is_empty() {
            load = load.key(&self.key);
        }
        load
    }

    /// The command that loads an upload into a table.
    pub(super) fn command(&self, table: &str, upload: &str) -> String {
        let mut command = format!(
            "controlplane hotdata tables load {} --upload {} --mode {}",
            shell_word(table),
            shell_word(upload),
            self.mode()
        );
        if let Some(format) = &self.format {
            command.push_str(&format!(" --format {format}"));
        }
        if !self.key.is_empty() {
            command.push_str(&format!(" --key {}", shell_word(&self.key.join(","))));
        }
        command
    }
}
