//! Clusters, and what becomes of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::moment::Moment;
use std::collections::BTreeSet;

use crate::document::words::count;
use crate::encoded::base64;
use crate::resource::Resource;
use crate::seeded::mix;
use crate::time::End;

use super::journal::Taken;
use super::skus::{Known, Sku, VERSION};

/// The organization.
pub(super) const ORG_ID: i64 = 1;
const ORG_NAME: &str = "default-free-org";
/// Its projects, with their ids; the first one is the one that clients take by themselves.
const PROJECTS: [(i64, &str, &str); 2] =
    [(147, "p1", "2025-08-20 08:20:21"), (205, "p2", "2025-09-01 00:00:00")];
/// The port of every load balancer.
const PORT: u16 = 6378;
/// The most clusters that are kept, whatever the limit: memory is bounded.
const MAX_CLUSTERS: usize = 10_000;

/// Sets passwords apart from other numbers of the same seed.
const PASSWORDS: u64 = 0x7061_7373_776f;

/// Why a request is not done: an HTTP status, which is the envelope's code too, and a text.
pub(super) type Refusal = (u16, String);

fn refuse<T>(status: u16, why: impl Into<String>) -> Result<T, Refusal> {
    Err((status, why.into()))
}

/// What a cluster is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// It is `provisioning` until then.
    Coming(End),
    /// It has this status for good, or until it is deleted.
    Settled(String),
    /// It is `deleting` until then, and gone after.
    Going(End),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cluster {
    project: i64,
    name: String,
    region: String,
    zone: String,
    #[serde(rename = "sku_id", with = "super::skus::by_id")]
    sku: Known,
    /// How many were made before it.
    number: u64,
    phase: Phase,
}

impl Cluster {
    fn status(&self) -> &str {
        match &self.phase {
            Phase::Coming(_) => "provisioning",
            Phase::Settled(status) => status,
            Phase::Going(_) => "deleting",
        }
    }

    fn has_address(&self) -> bool {
        !matches!(self.phase, Phase::Coming(_))
    }

    /// Made-up times, one second after the other.
    fn create_at(&self) -> String {
        let seconds = (8 * 3600 + 6 * 60 + 41 + self.number) % 86_400;
        format!("2025-08-26T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// What is asked for when a cluster is created.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) sku_id: i64,
    pub(super) zone: Option<String>,
}

/// How the emulator goes about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    pub(super) limit: Option<u32>,
    pub(super) becomes_idle: bool,
    pub(super) missing_status: u16,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(skip)]
    pub(super) rules: Rules,
    /// Of passwords and drawn durations.
    pub(super) seed: u64,
    /// How many clusters were made.
    #[serde(deserialize_with = "count")]
    made: u64,
    /// In the order in which they were made.
    clusters: Vec<Cluster>,
}

pub(super) fn org_info() -> Value {
    let projects: Vec<Value> = PROJECTS
        .iter()
        .map(|(id, name, at)| json!({ "create_at": at, "project_id": id, "project_name": name }))
        .collect();
    json!({
        "auth_provider": "github",
        "create_at": "2025-08-20 08:20:21",
        "email": "dev@example.com",
        "org_info": {
            "org_create_at": "2025-05-14 13:51:02",
            "org_id": ORG_ID,
            "org_name": ORG_NAME,
            "projects": projects,
            "roles": ["project-owner", "cluster-owner"],
        },
        "user_name": "dev",
    })
}

pub(super) fn is_project(org: &str, project: &str) -> Option<i64> {
    let project = PROJECTS.iter().map(|(id, ..)| *id).find(|id| id.to_string() == project)?;
    (org == ORG_ID.to_string()).then_some(project)
}

impl State {
    pub(super) fn new(rules: Rules, seed: u64) -> Self {
        Self { rules, seed, made: 0, clusters: Vec::new() }
    }

    /// Where a state that was read contradicts itself.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.clusters.len() > MAX_CLUSTERS {
            return Err(format!("/state/organization/clusters: there are more than {MAX_CLUSTERS} clusters"));
        }
        let mut seen = BTreeSet::new();
        for (at, cluster) in self.clusters.iter().enumerate() {
            let place = format!("/state/organization/clusters/{at}");
            if !PROJECTS.iter().any(|(id, ..)| *id == cluster.project) {
                return Err(format!("{place}/project: there is no project {}", cluster.project));
            }
            if !seen.insert((cluster.project, &cluster.name)) {
                return Err(format!("{place}/name: the project has another cluster of this name"));
            }
            if cluster.number >= self.made {
                return Err(format!("{place}/number: it has to be less than `made`, which is {}", self.made));
            }
        }
        Ok(())
    }

    /// What time has brought about.
    fn settle(&mut self, now: Moment) {
        let idle = self.rules.becomes_idle;
        self.clusters.retain_mut(|cluster| {
            match &cluster.phase {
                Phase::Coming(end) if end.has_come(now) => {
                    let rests = idle && cluster.sku.sku_type == "serverless";
                    cluster.phase = Phase::Settled(if rests { "idle" } else { "available" }.to_owned());
                }
                Phase::Going(end) if end.has_come(now) => return false,
                _ => {}
            }
            true
        });
    }

    /// All clusters and their statuses. Looking changes nothing.
    pub(super) fn listed(&mut self, now: Moment) -> Vec<Resource> {
        self.settle(now);
        let clusters = self.clusters.iter();
        clusters.map(|cluster| Resource::new("cluster", &cluster.name).in_state(cluster.status())).collect()
    }

    /// Somebody has looked: what ends after so many looks is one nearer to its end.
    fn looked(cluster: &mut Cluster, now: Moment) {
        if let Phase::Coming(end) | Phase::Going(end) = &mut cluster.phase {
            end.look(now);
        }
    }

    fn place(&self, project: i64, name: &str) -> Result<usize, Refusal> {
        let place = self.clusters.iter().position(|c| c.project == project && c.name == name);
        let Some(place) = place else {
            let text = match self.rules.missing_status {
                404 => "cluster not found",
                _ => "permission denied or cluster not found",
            };
            return refuse(self.rules.missing_status, text);
        };
        Ok(place)
    }

    pub(super) fn list(&mut self, project: i64, page: u64, per_page: u64, now: Moment) -> Value {
        self.settle(now);
        let total = self.clusters.iter().filter(|c| c.project == project).count();
        let from = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
        let here = self.clusters.iter_mut().filter(|c| c.project == project);
        let items: Vec<Value> = here
            .skip(from)
            .take(usize::try_from(per_page).unwrap_or(usize::MAX))
            .map(|cluster| {
                let item = json!({
                    "cloud_provider": cluster.sku.provider.to_ascii_uppercase(),
                    "cluster_name": cluster.name,
                    "create_at": cluster.create_at(),
                    "module_type": cluster.sku.module,
                    "region": cluster.region,
                    "status": cluster.status(),
                    "version": VERSION,
                    "zone": cluster.zone,
                    "sku_name": cluster.sku.name,
                });
                Self::looked(cluster, now);
                item
            })
            .collect();
        json!({ "cluster_list": items, "total": total })
    }

    pub(super) fn describe(&mut self, project: i64, name: &str, now: Moment) -> Result<Value, Refusal> {
        self.settle(now);
        let place = self.place(project, name)?;
        let seed = self.seed;
        let cluster = &mut self.clusters[place];
        let has_address = cluster.has_address();
        let only = |text: String| if has_address { text } else { String::new() };
        let sku = cluster.sku;
        let project_name = PROJECTS.iter().find(|(id, ..)| *id == project).map(|(_, name, _)| *name);
        let described = json!({
            "org_name": ORG_NAME,
            "project_name": project_name,
            "display_cluster_name": cluster.name,
            "module_type": sku.module,
            "cloud_provider": sku.provider,
            "region": cluster.region,
            "zone": cluster.zone,
            "status": cluster.status(),
            "tx_cpu_limit": sku.tx.0,
            "tx_memory_mi_limit": sku.tx.1,
            "log_cpu_limit": sku.log.0,
            "log_memory_mi_limit": sku.log.1,
            "tx_replica": sku.tx.4,
            "log_replica": sku.log.3,
            "version": VERSION,
            "elb_addr": only(format!("lb-{:04}.elb.{}.example.com", cluster.number + 1, cluster.region)),
            "elb_port": if has_address { PORT } else { 0 },
            "elb_state": if has_address { "active" } else { "provisioning" },
            "create_at": cluster.create_at(),
            "admin_user": only(base64(format!("{project}-{name}").as_bytes())),
            "admin_password": only(base64(password(seed, cluster.number).as_bytes())),
            "cluster_deploy_mode": "txWithInternalLog",
        });
        Self::looked(cluster, now);
        Ok(described)
    }

    /// Whether a cluster has come to rest.
    pub(super) fn has_settled(&mut self, project: i64, name: &str, now: Moment) -> bool {
        self.settle(now);
        self.place(project, name).is_ok_and(|place| matches!(self.clusters[place].phase, Phase::Settled(_)))
    }

    pub(super) fn create(
        &mut self,
        project: i64,
        wanted: Wanted,
        now: Moment,
        end: End,
    ) -> Result<Taken, Refusal> {
        self.settle(now);
        let Wanted { name, region, sku_id, zone } = wanted;
        if name.is_empty() {
            return refuse(400, "clusterName is empty");
        }
        if region.is_empty() {
            return refuse(400, "region is empty");
        }
        let Some(sku) = Sku::find(sku_id) else {
            return refuse(400, format!("skuId {sku_id} is unknown"));
        };
        if self.clusters.iter().any(|c| c.project == project && c.name == name) {
            return refuse(400, "cluster name already exists");
        }
        let limit = self.rules.limit.map_or(MAX_CLUSTERS, |limit| MAX_CLUSTERS.min(limit as usize));
        if self.clusters.len() >= limit {
            return refuse(403, format!("quota exceeded: {limit} clusters"));
        }
        let taken = Taken::create(project, &name, &region, sku_id, zone.clone());
        let number = self.made;
        self.made += 1;
        let zone = zone.unwrap_or_else(|| format!("{region}a"));
        self.clusters.push(Cluster { project, name, region, zone, sku, number, phase: Phase::Coming(end) });
        Ok(taken)
    }

    pub(super) fn delete(
        &mut self,
        project: i64,
        name: &str,
        now: Moment,
        end: End,
    ) -> Result<Taken, Refusal> {
        self.settle(now);
        let place = self.place(project, name)?;
        let cluster = &mut self.clusters[place];
        let status = cluster.status();
        if !status.eq_ignore_ascii_case("available") {
            return refuse(
                403,
                format!("permission denied or not in available state: the cluster is {status}"),
            );
        }
        cluster.phase = Phase::Going(end);
        Ok(Taken::delete(project, name))
    }

    /// Gives a cluster this status, for good or until it is deleted.
    pub(super) fn set_status(&mut self, name: &str, status: &str, now: Moment) -> bool {
        self.settle(now);
        let cluster = self.clusters.iter_mut().find(|cluster| cluster.name == name);
        cluster.map(|cluster| cluster.phase = Phase::Settled(status.to_owned())).is_some()
    }
}

fn password(seed: u64, number: u64) -> String {
    format!("emulator-{:016x}", mix(seed ^ PASSWORDS ^ mix(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_follow_from_the_seed() {
        assert_eq!(password(1, 2), password(1, 2));
        assert_ne!(password(1, 2), password(1, 3));
        assert_ne!(password(1, 2), password(2, 2));
    }
}
