//! Which project a call is about.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, shown};
use crate::http::Request;

use super::org::OrgInfo;

/// Stands in the path of a request for the organization that is not known yet.
pub(crate) const ORG: &str = "{org}";
/// The same for the project.
pub(crate) const PROJECT: &str = "{project}";

/// The project in which a client or a call works.
///
/// If neither of them chooses a project, calls are about the first project of the organization, as in the
/// vendor's client.
///
/// ```
/// use controlplane::eloq::Project;
///
/// assert_eq!(Project::from(147), Project::Id(147));
/// assert_eq!(Project::from("p1"), Project::Name("p1".to_owned()));
/// assert_eq!(Project::from((1, 147)), Project::InOrg { org_id: 1, project_id: 147 });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Project {
    /// The project with this id, in the organization of the API key.
    Id(i64),
    /// The project with this name, in the organization of the API key.
    Name(String),
    /// The project with these two ids. Calls do not look them up, so they do not request `GET org-info`.
    InOrg {
        /// The id of the organization.
        org_id: i64,
        /// The id of the project.
        project_id: i64,
    },
}

impl From<i64> for Project {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Project {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Project {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

/// `(org_id, project_id)`
impl From<(i64, i64)> for Project {
    fn from((org_id, project_id): (i64, i64)) -> Self {
        Self::InOrg { org_id, project_id }
    }
}

/// What stands in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) org: i64,
    pub(crate) project: i64,
}

impl Ids {
    /// The ids that a choice means, if that needs no look-up or this organization has them.
    pub(crate) fn of(choice: Option<&Project>, org: Option<&OrgInfo>) -> Option<Self> {
        if let Some(Project::InOrg { org_id, project_id }) = choice {
            return Some(Self { org: *org_id, project: *project_id });
        }
        let org = org?;
        let project = org.projects.iter().find(|project| match choice {
            None | Some(Project::InOrg { .. }) => true,
            Some(Project::Id(id)) => project.project_id == *id,
            Some(Project::Name(name)) => project.project_name == *name,
        })?;
        Some(Self { org: org.org_id, project: project.project_id })
    }

    pub(crate) fn fill(self, request: &mut Request) {
        // The names in a path are encoded: they hold no braces.
        request.path = request.path.replacen(ORG, &self.org.to_string(), 1).replacen(
            PROJECT,
            &self.project.to_string(),
            1,
        );
    }
}

/// This organization has no such project.
#[cold]
pub(crate) fn no_such_project(label: &str, choice: Option<&Project>, org: &OrgInfo) -> Error {
    let name = shown(&org.org_name);
    let have: Vec<String> = org
        .projects
        .iter()
        .take(10)
        .map(|p| format!("{} ({})", p.project_id, shown(&p.project_name)))
        .collect();
    let (happened, advice) = match choice {
        _ if have.is_empty() => (
            format!("the organization {name} has no project"),
            "Create one in the EloqCloud console, or use the key of another organization.".to_owned(),
        ),
        Some(Project::Name(wanted)) => {
            (format!("the organization {name} has no project named {:?}", shown(wanted)), listed(&have))
        }
        Some(Project::Id(wanted)) => {
            (format!("the organization {name} has no project {wanted}"), listed(&have))
        }
        None | Some(Project::InOrg { .. }) => {
            (format!("the organization {name} has no such project"), listed(&have))
        }
    };
    Error::new(ErrorKind::NotFound, label, happened).with_advice(advice)
}

fn listed(have: &[String]) -> String {
    format!("Its projects are: {}.", have.join(", "))
}
