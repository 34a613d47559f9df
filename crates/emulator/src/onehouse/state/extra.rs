//! Statements without a helper.
//!
//! Nearly everything here is the emulator's own: of these statements little more than the names is published.
//! Grants are kept and shown, and give nobody anything.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::extra::{ExtraCommand, Grant};
use super::super::operations::{Fault, Outcome};
use super::{Context, State, find, find_mut};
use controlplane::onehouse::{LakeType, TableService};

use super::super::words::Word;

/// Who may do what.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Access {
    /// Privileges and roles apart: some words are both.
    grants: BTreeSet<(Granted, Grant)>,
    groups: BTreeSet<String>,
    ocu_limit: Option<i64>,
}

/// What a grant gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Granted {
    Privilege,
    Role,
}

impl Granted {
    fn text(self) -> &'static str {
        match self {
            Self::Privilege => "privilege",
            Self::Role => "role",
        }
    }
}

impl State {
    pub(super) fn extra(&mut self, command: &ExtraCommand, context: &mut Context<'_>) -> Outcome {
        use ExtraCommand::*;
        match command {
            AlterJobBoth { name, cluster, parameters } => self.alter_job_both(name, cluster, parameters),
            DeleteTableService { lake, database, table, service } => {
                self.delete_table_service(lake, database, table, service)
            }
            DeleteJar { name } => {
                find(&self.jars, "jar", name)?;
                self.jars.remove(name);
                Ok(json!({ "name": name }))
            }
            DescribeJar { name } => Ok(find(&self.jars, "jar", name)?.shown(name)),
            ShowJars => Ok(self.jars.iter().map(|(name, jar)| jar.shown(name)).collect()),
            GrantPrivilege(grant) => self.grant(Granted::Privilege, grant),
            GrantRole(grant) => self.grant(Granted::Role, grant),
            RevokePrivilege(grant) => self.revoke(Granted::Privilege, grant),
            RevokeRole(grant) => self.revoke(Granted::Role, grant),
            ShowGrants => Ok(self.access.grants.iter().map(|(kind, grant)| shown(*kind, grant)).collect()),
            CreateGroup { name } => {
                if !self.access.groups.insert(name.clone()) {
                    return Err(Fault::taken("group", name));
                }
                Ok(json!({ "name": name }))
            }
            DeleteGroup { name } => {
                if !self.access.groups.remove(name) {
                    return Err(Fault::unknown("group", name));
                }
                Ok(json!({ "name": name }))
            }
            ShowGroups => Ok(self.access.groups.iter().map(|name| json!({ "name": name })).collect()),
            ShowPolicies { catalog, .. } => {
                find(&self.catalogs, "catalog", catalog)?;
                let id = context.ids.uuid();
                Ok(json!({ "queryResultPath": format!("emulator://policies/{id}.json") }))
            }
            ChangePolicies { catalog, changes_path, .. } => {
                find(&self.catalogs, "catalog", catalog)?;
                Ok(json!({ "catalog": catalog, "changes_path": changes_path }))
            }
            AlterOcuLimit { limit } => match limit.parse() {
                Ok(number) if number >= 0 => {
                    self.access.ocu_limit = Some(number);
                    Ok(json!({ "limit": self.access.ocu_limit }))
                }
                _ => Err(Fault::invalid("LIMIT has to be a whole number in quotes, 0 or more")),
            },
        }
    }

    fn alter_job_both(&mut self, name: &str, cluster: &str, parameters: &[String]) -> Outcome {
        find(&self.clusters, "cluster", cluster)?;
        let job = find_mut(&mut self.jobs, "job", name)?;
        cluster.clone_into(&mut job.cluster);
        job.parameters = parameters.to_vec();
        Ok(job.described(name))
    }

    /// The two that come with a managed table stay with it.
    fn delete_table_service(
        &mut self,
        lake: &str,
        database: &str,
        table: &str,
        service: &TableService,
    ) -> Outcome {
        let (name, _) = self.service(lake, database, table, service)?;
        let is_managed = Some(find(&self.lakes, "lake", lake)?.lake_type) == LakeType::Managed.spelling();
        if is_managed && ["CLEAN", "COMPACT"].contains(&name) {
            return Err(Fault::forbidden(format!("service {name} cannot be removed from a managed table")));
        }
        self.table(lake, database, table)?.services.remove(&name);
        Ok(json!({ "table": table, "service": name }))
    }

    fn grant(&mut self, kind: Granted, grant: &Grant) -> Outcome {
        self.access.grants.insert((kind, grant.clone()));
        Ok(shown(kind, grant))
    }

    fn revoke(&mut self, kind: Granted, grant: &Grant) -> Outcome {
        if !self.access.grants.remove(&(kind, grant.clone())) {
            return Err(Fault::unknown("the grant of", &grant.what));
        }
        Ok(shown(kind, grant))
    }
}

fn shown(kind: Granted, grant: &Grant) -> Value {
    json!({
        kind.text(): grant.what,
        "object_type": grant.object_type,
        "object": grant.object,
        "principal_type": grant.principal_type,
        "principal": grant.principal,
    })
}
