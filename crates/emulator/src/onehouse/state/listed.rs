//! The resources of a project, for those who look at the emulator. Looking changes nothing: no state settles.

use crate::moment::Moment;
use crate::resource::{Resource, named};

use super::super::operations::Operations;
use super::{Settling, State};

impl State {
    /// All resources, by kind and name.
    pub(in super::super) fn listed(&self, operations: &Operations, now: Moment) -> Vec<Resource> {
        let state = |settling: &Settling| settling.seen(operations, now);
        let mut all = Vec::new();
        all.extend(
            self.clusters
                .iter()
                .map(|(name, cluster)| Resource::new("cluster", name).in_state(state(cluster.state()))),
        );
        all.extend(named("lake", self.lakes.keys()));
        all.extend(named("database", self.databases.keys()));
        for ((database, name), table) in &self.tables {
            all.push(Resource::new("table", format!("{database}.{name}")));
            for (service, paused) in table.services() {
                let state = if paused { "PAUSED" } else { "ACTIVE" };
                all.push(
                    Resource::new("table service", format!("{service} of {database}.{name}")).in_state(state),
                );
            }
        }
        all.extend(named("catalog", self.catalogs.keys()));
        all.extend(named("source", self.sources.keys()));
        all.extend(self.flows.iter().map(|(name, flow)| Resource::new("flow", name).in_state(flow.state())));
        all.extend(named("transformation", self.transformations.keys()));
        all.extend(named("validation", self.validations.keys()));
        for (name, job) in &self.jobs {
            all.push(Resource::new("job", name));
            all.extend(job.runs().map(|(id, status)| Resource::new("job run", id).in_state(status)));
        }
        all.extend(named("jar", self.jars.keys()));
        all.extend(named("service principal", self.service_principals.keys()));
        all
    }
}
