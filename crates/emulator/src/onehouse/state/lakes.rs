//! Lakes, databases and tables.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    AlterLake, CreateDatabase, CreateLake, DeleteDatabase, DeleteLake, LakeType, ShowDatabases, ShowTables,
};

use super::super::operations::{Fault, Outcome};
use super::super::words::{Spelling, spelled};
use super::{State, check_free, check_known, find, find_mut, some_of};

/// A lake. Its type and path never change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lake {
    #[serde(rename = "type", deserialize_with = "spelled::<LakeType, _>")]
    pub(super) lake_type: Spelling,
    pub(super) bucket_path: String,
    pub(super) services_cluster: String,
}

/// A database.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Database {
    pub(super) lake: String,
}

impl State {
    pub(super) fn create_lake(&mut self, command: &CreateLake) -> Outcome {
        let lake_type = check_known(&command.lake_type)?;
        if !command.bucket_path.ends_with('/') {
            return Err(Fault::invalid("BUCKET_PATH has to end with /"));
        }
        check_free(&self.lakes, "lake", &command.name)?;
        find(&self.clusters, "cluster", &command.default_services_cluster)?;
        let lake = Lake {
            lake_type,
            bucket_path: command.bucket_path.clone(),
            services_cluster: command.default_services_cluster.clone(),
        };
        let payload = shown_lake(&command.name, &lake);
        self.lakes.insert(command.name.clone(), lake);
        Ok(payload)
    }

    pub(super) fn alter_lake(&mut self, command: &AlterLake) -> Outcome {
        find(&self.clusters, "cluster", &command.default_services_cluster)?;
        let lake = find_mut(&mut self.lakes, "lake", &command.name)?;
        lake.services_cluster.clone_from(&command.default_services_cluster);
        Ok(shown_lake(&command.name, lake))
    }

    pub(super) fn delete_lake(&mut self, command: &DeleteLake) -> Outcome {
        find(&self.lakes, "lake", &command.name)?;
        let databases: Vec<String> = self
            .databases
            .iter()
            .filter(|(_, database)| database.lake == command.name)
            .map(|(name, _)| name.clone())
            .collect();
        if !command.cascade && !databases.is_empty() {
            return Err(Fault::forbidden(format!(
                "lake '{}' is not empty: it has the databases {}; CASCADE deletes them too",
                command.name,
                some_of(&databases)
            )));
        }
        for database in &databases {
            self.drop_database(database);
        }
        self.lakes.remove(&command.name);
        Ok(json!({ "name": command.name }))
    }

    pub(super) fn show_lakes(&self) -> Outcome {
        Ok(self.lakes.iter().map(|(name, lake)| shown_lake(name, lake)).collect())
    }

    pub(super) fn create_database(&mut self, command: &CreateDatabase) -> Outcome {
        find(&self.lakes, "lake", &command.lake)?;
        check_free(&self.databases, "database", &command.name)?;
        self.databases.insert(command.name.clone(), Database { lake: command.lake.clone() });
        Ok(json!({ "name": command.name, "lake": command.lake }))
    }

    pub(super) fn delete_database(&mut self, command: &DeleteDatabase) -> Outcome {
        self.check_database(&command.lake, &command.name)?;
        let tables: Vec<&str> = self.tables_of(&command.name).collect();
        if !command.cascade && !tables.is_empty() {
            return Err(Fault::forbidden(format!(
                "database '{}' is not empty: it has the tables {}; CASCADE deletes them too",
                command.name,
                some_of(&tables)
            )));
        }
        self.drop_database(&command.name);
        Ok(json!({ "name": command.name, "lake": command.lake }))
    }

    pub(super) fn show_databases(&self, command: &ShowDatabases) -> Outcome {
        find(&self.lakes, "lake", &command.lake)?;
        let of_lake = self.databases.iter().filter(|(_, database)| database.lake == command.lake);
        Ok(of_lake.map(|(name, database)| json!({ "name": name, "lake": database.lake })).collect())
    }

    pub(super) fn show_tables(&self, command: &ShowTables) -> Outcome {
        self.check_database(&command.lake, &command.database)?;
        let tables = self.tables.iter().filter(|((database, _), _)| *database == command.database);
        let rows = tables.map(|((database, name), table)| {
            json!({
                "name": name,
                "lake": command.lake,
                "database": database,
                "table_type": table.table_type,
                "version": table.version,
            })
        });
        Ok(rows.collect())
    }

    /// The lake exists, and the database is in it.
    pub(super) fn check_database(&self, lake: &str, name: &str) -> Result<(), Fault> {
        find(&self.lakes, "lake", lake)?;
        match self.databases.get(name) {
            Some(database) if database.lake == lake => Ok(()),
            _ => Err(Fault::unknown(&format!("in lake '{lake}' the database"), name)),
        }
    }

    fn tables_of<'s>(&'s self, database: &'s str) -> impl Iterator<Item = &'s str> {
        self.tables.keys().filter(move |(of, _)| of == database).map(|(_, name)| name.as_str())
    }

    /// The database, its tables, and the flows that write them.
    fn drop_database(&mut self, name: &str) {
        self.flows.retain(|_, flow| flow.spec.database != name);
        self.tables.retain(|(database, _), _| database != name);
        self.databases.remove(name);
    }
}

fn shown_lake(name: &str, lake: &Lake) -> Value {
    json!({
        "name": name,
        "lake_type": lake.lake_type,
        "bucket_path": lake.bucket_path,
        "default_services_cluster": lake.services_cluster,
    })
}
