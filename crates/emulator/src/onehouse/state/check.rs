//! Whether a state that was read contradicts itself: everything that it refers to is there.

use std::collections::BTreeMap;

use super::State;

impl State {
    /// The place of the first reference to something that is not there.
    pub(in super::super) fn check(&self) -> Result<(), String> {
        for (name, lake) in &self.lakes {
            has(&self.clusters, "cluster", &lake.services_cluster, || {
                format!("lakes/{name}/services_cluster")
            })?;
        }
        for (name, database) in &self.databases {
            has(&self.lakes, "lake", &database.lake, || format!("databases/{name}/lake"))?;
        }
        for ((database, name), table) in &self.tables {
            let place = || format!("tables ({database}.{name})");
            has(&self.databases, "database", database, place)?;
            if let Some(cluster) = &table.services_cluster {
                has(&self.clusters, "cluster", cluster, || format!("{}/services_cluster", place()))?;
            }
        }
        for (name, job) in &self.jobs {
            has(&self.clusters, "cluster", &job.cluster, || format!("jobs/{name}/cluster"))?;
        }
        for (name, flow) in &self.flows {
            let (spec, place) = (&flow.spec, |field: &str| format!("flows/{name}/spec/{field}"));
            if spec.name != *name {
                return Err(format!("{PLACE}{}: the flow has another name", place("name")));
            }
            has(&self.sources, "source", &spec.source, || place("source"))?;
            has(&self.clusters, "cluster", &spec.cluster, || place("cluster"))?;
            if self.check_database(&spec.lake, &spec.database).is_err() {
                let (lake, database) = (&spec.lake, &spec.database);
                return Err(format!(
                    "{PLACE}{}: lake '{lake}' has no such database '{database}'",
                    place("database")
                ));
            }
            for catalog in spec.catalogs.iter().flatten() {
                has(&self.catalogs, "catalog", catalog, || place("catalogs"))?;
            }
            for step in spec.transformations.iter().flatten() {
                has(&self.transformations, "transformation", &step.to_lowercase(), || {
                    place("transformations")
                })?;
            }
            for step in spec.validations.iter().flatten() {
                has(&self.validations, "validation", step, || place("validations"))?;
            }
        }
        Ok(())
    }
}

/// Where the state is in a document.
const PLACE: &str = "/state/project/resources/";

fn has<T>(
    all: &BTreeMap<String, T>,
    what: &str,
    name: &str,
    place: impl Fn() -> String,
) -> Result<(), String> {
    if all.contains_key(name) {
        return Ok(());
    }
    let place = crate::text::one_line(&place(), 300);
    Err(format!("{PLACE}{place}: there is no {what} '{}'", crate::text::one_line(name, 100)))
}
