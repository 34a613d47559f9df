//! Clusters.
//!
//! The emulator's own: the states beside `RUNNING`, the default OCU limits (1 and 1), that limits make sense
//! (not negative, the lower not above the upper), and that a cluster in use stays.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    AlterCluster, ClusterState, ClusterType, CreateCluster, DeleteCluster, DescribeCluster, Options,
};

use crate::document::words::one_of;

use super::super::operations::{Fault, Outcome};
use super::super::words::{Spelling, Word};
use super::{
    Context, Settling, State, check_free, check_known, check_new_name, check_option, check_unused, find_mut,
    shown_options,
};

/// A cluster.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    #[serde(rename = "type", deserialize_with = "cluster_type")]
    cluster_type: Spelling,
    state: Settling,
    max_ocu: i64,
    min_ocu: i64,
    options: Options,
    view_only: bool,
}

/// The names of the two clusters that every project has are their types.
fn cluster_type<'de, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    let known = ClusterType::KNOWN.iter().map(|(_, spelling)| *spelling).chain(OF_EVERY_PROJECT);
    one_of(from, &known.collect::<Vec<_>>())
}

const OF_EVERY_PROJECT: [&str; 2] = ["System", "Connector"];

/// The two clusters that every project has and nobody can change. Their names and types as
/// payload texts are the emulator's own.
pub(super) fn of_every_project() -> BTreeMap<String, Cluster> {
    let cluster = |name| Cluster {
        cluster_type: name,
        state: Settling::still("RUNNING"),
        max_ocu: 1,
        min_ocu: 1,
        options: Options::new(),
        view_only: true,
    };
    OF_EVERY_PROJECT.map(|name| (name.to_owned(), cluster(name))).into()
}

fn check_ocu(max: i64, min: i64) -> Result<(), Fault> {
    if min < 0 || max < min {
        return Err(Fault::invalid(format!(
            "MAX_OCU is {max} and MIN_OCU is {min}, but 0 <= MIN_OCU <= MAX_OCU is required"
        )));
    }
    Ok(())
}

impl Cluster {
    pub(super) fn state(&self) -> &Settling {
        &self.state
    }

    fn describe(&mut self, name: &str, context: &Context<'_>) -> Value {
        json!({
            "name": name,
            "type": self.cluster_type,
            "state": self.state.look(context),
            "max_ocu": self.max_ocu,
            "min_ocu": self.min_ocu,
            "options": shown_options(&self.options),
        })
    }
}

impl State {
    pub(super) fn create_cluster(&mut self, command: &CreateCluster, context: &Context<'_>) -> Outcome {
        let cluster_type = check_known(&command.cluster_type)?;
        let (max_ocu, min_ocu) = match (command.max_ocu, command.min_ocu) {
            (Some(max), Some(min)) => (max, min),
            (Some(max), None) => (max, max.min(1)),
            (None, Some(min)) => (min.max(1), min),
            (None, None) => (1, 1),
        };
        check_ocu(max_ocu, min_ocu)?;
        check_free(&self.clusters, "cluster", &command.name)?;
        let mut state = Settling::still("STARTING");
        state.change("STARTING", "RUNNING", context);
        let cluster = Cluster {
            cluster_type,
            state,
            max_ocu,
            min_ocu,
            options: command.options.clone(),
            view_only: false,
        };
        self.clusters.insert(command.name.clone(), cluster);
        Ok(json!({
            "name": command.name,
            "type": cluster_type,
            "max_ocu": max_ocu,
            "min_ocu": min_ocu,
        }))
    }

    pub(super) fn alter_cluster(&mut self, command: &AlterCluster, context: &Context<'_>) -> Outcome {
        let new_name = command.new_name.as_ref().filter(|new| **new != command.name);
        check_option(command.state.as_ref())?;
        if let Some(name) = new_name {
            check_new_name(name)?;
        }
        let cluster = self.changeable_cluster(&command.name)?;
        let max_ocu = command.max_ocu.unwrap_or(cluster.max_ocu);
        let min_ocu = command.min_ocu.unwrap_or(cluster.min_ocu);
        check_ocu(max_ocu, min_ocu)?;
        if let Some(name) = new_name {
            check_free(&self.clusters, "cluster", name)?;
        }
        let cluster = self.changeable_cluster(&command.name)?;
        (cluster.max_ocu, cluster.min_ocu) = (max_ocu, min_ocu);
        cluster.options.extend(command.options.iter().map(|(key, value)| (key, value.clone())));
        match command.state {
            // What runs goes on running.
            Some(ClusterState::Start) if cluster.state.look(context) == "RUNNING" => {}
            Some(ClusterState::Start) => cluster.state.change("STARTING", "RUNNING", context),
            Some(ClusterState::Stop) => cluster.state.change("STOPPING", "STOPPED", context),
            _ => {}
        }
        if let Some(name) = new_name {
            self.rename_cluster(&command.name, name);
        }
        Ok(json!({
            "name": new_name.unwrap_or(&command.name),
            "max_ocu": max_ocu,
            "min_ocu": min_ocu,
        }))
    }

    pub(super) fn delete_cluster(&mut self, command: &DeleteCluster) -> Outcome {
        let name = &command.name;
        self.changeable_cluster(name)?;
        let users = self.users(
            |flow| flow.spec.cluster == *name,
            |lake| lake.services_cluster == *name,
            |table| table.services_cluster.as_ref() == Some(name),
            |job| job.cluster == *name,
        );
        check_unused("cluster", name, &users)?;
        self.clusters.remove(name);
        Ok(json!({ "name": name }))
    }

    pub(super) fn describe_cluster(&mut self, command: &DescribeCluster, context: &Context<'_>) -> Outcome {
        let name = &command.name;
        let cluster = find_mut(&mut self.clusters, "cluster", name)?;
        Ok(cluster.describe(name, context))
    }

    pub(super) fn show_clusters(&mut self, context: &Context<'_>) -> Outcome {
        let rows = self.clusters.iter_mut().map(|(name, cluster)| {
            json!({
                "name": name,
                "type": cluster.cluster_type,
                "state": cluster.state.look(context),
            })
        });
        Ok(rows.collect())
    }

    fn changeable_cluster(&mut self, name: &str) -> Result<&mut Cluster, Fault> {
        match self.clusters.get_mut(name) {
            None => Err(Fault::unknown("cluster", name)),
            Some(cluster) if cluster.view_only => Err(Fault::forbidden(format!(
                "cluster '{name}' belongs to every project and cannot be changed or deleted"
            ))),
            Some(cluster) => Ok(cluster),
        }
    }

    /// Who uses the cluster goes on using it.
    fn rename_cluster(&mut self, old: &str, new: &str) {
        if let Some(cluster) = self.clusters.remove(old) {
            self.clusters.insert(new.to_owned(), cluster);
        }
        let of_flows = self.flows.values_mut().map(|flow| &mut flow.spec.cluster);
        let of_lakes = self.lakes.values_mut().map(|lake| &mut lake.services_cluster);
        let of_tables = self.tables.values_mut().filter_map(|table| table.services_cluster.as_mut());
        let of_jobs = self.jobs.values_mut().map(|job| &mut job.cluster);
        for name in of_flows.chain(of_lakes).chain(of_tables).chain(of_jobs) {
            if name == old {
                new.clone_into(name);
            }
        }
    }
}
