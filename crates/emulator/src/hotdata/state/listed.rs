//! The resources of all workspaces, for those who look at the emulator.

use crate::resource::{Resource, named};

use super::{Space, World};

impl World {
    /// All resources, workspace by workspace.
    pub(in super::super) fn listed(&self) -> Vec<Resource> {
        let mut all = Vec::new();
        for space in &self.spaces {
            all.push(Resource::new("workspace", &space.id));
            space.list(&mut all);
        }
        all
    }
}

impl Space {
    fn list(&self, all: &mut Vec<Resource>) {
        let now = self.common.instant();
        for database in &self.databases {
            let name = database.name.as_ref().map(|name| format!("{name} ({})", database.id));
            all.push(Resource::new("database", name.unwrap_or_else(|| database.id.clone())));
        }
        for catalog in &self.catalogs {
            for schema in &catalog.schemas {
                let table = |table: &str| format!("{}.{}.{table}", catalog.id, schema.name);
                all.extend(named("table", schema.tables.iter().map(|one| table(&one.name))));
            }
        }
        all.extend(self.indexes.iter().map(|index| {
            let table = format!("{}.{}.{}", index.connection, index.schema, index.table);
            Resource::new("index", format!("{} on {table}", index.name))
        }));
        all.extend(self.jobs.iter().map(|job| Resource::new("job", &job.id).in_state(job.seen())));
        all.extend(
            self.runs.iter().map(|run| Resource::new("query run", run.id.as_str()).in_state(run.seen(now))),
        );
        all.extend(named("result", self.results.iter().map(|result| result.id.as_str())));
        all.extend(named("saved query", self.saved.iter().map(|saved| saved.name())));
        all.extend(named("dataset", self.datasets.iter().map(|dataset| dataset.label())));
    }
}
