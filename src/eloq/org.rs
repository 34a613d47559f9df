//! The user, the organization and its projects.

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::error::Error;
use crate::http::{Method, Request};

use super::call::Call;
use super::client::Client;
use super::command::{Command, Success};
use super::wire::or_default;

/// The user that a key belongs to, and the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias = "UserOrgInfoDTO")]
pub struct UserOrgInfo {
    /// The provider of the user's login: `github`, for example.
    #[serde(default, deserialize_with = "or_default")]
    pub auth_provider: String,
    /// The time at which the user was created: `2025-08-20 08:20:21`, without a time zone.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// The user's e-mail address.
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    /// The organization.
    pub org_info: OrgInfo,
    /// The user's name.
    #[serde(default, deserialize_with = "or_default")]
    pub user_name: String,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrgInfo {
    /// The time of its creation: `2025-05-14 13:51:02`, without a time zone.
    #[serde(default, deserialize_with = "or_default")]
    pub org_create_at: String,
    /// Its id.
    pub org_id: i64,
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub org_name: String,
    /// Its projects. Calls without a chosen project are about the first of these.
    #[serde(default, deserialize_with = "or_default")]
    pub projects: Vec<SimpleProjectInfo>,
    /// The user's roles: `project-owner`, `cluster-owner`.
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<String>,
}

/// A project of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimpleProjectInfo {
    /// The time of its creation: `2025-08-20 08:20:21`, without a time zone.
    #[serde(default, deserialize_with = "or_default")]
    pub create_at: String,
    /// Its id.
    pub project_id: i64,
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub project_name: String,
}

/// The id, the name and the creation time of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimpleOrgInfo {
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub org_name: String,
    /// Its id.
    pub org_id: i64,
    /// The time of its creation: `2025-05-14 13:51:02`, without a time zone.
    #[serde(default, deserialize_with = "or_default")]
    pub org_create_at: String,
}

/// The command of [`Client::info`](crate::eloq::client::Client::info).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetInfo {}

/// The command of [`Client::org`](crate::eloq::client::Client::org).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetOrg {}

pub(crate) fn org_info_request() -> Request {
    Request::new(Method::Get, "", "/org-info")
}

/// Reads org-info and remembers the organization. The response may have no envelope: the vendor's page shows
/// none.
pub(crate) fn read_org_info(mut success: Success<'_>) -> Result<UserOrgInfo, Error> {
    if let Some(bare) = success.envelope.bare.take() {
        success.envelope.data = Some(bare);
    }
    let protocol = success.protocol;
    let info: UserOrgInfo = success.data()?;
    protocol.remember(info.org_info.clone());
    Ok(info)
}

impl Command for GetInfo {
    const NAME: &'static str = "info";

    type Output = UserOrgInfo;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        "reading org-info".to_owned()
    }

    fn to_request(&self) -> Result<Request, Error> {
        Ok(org_info_request())
    }

    fn read(&self, success: Success<'_>) -> Result<UserOrgInfo, Error> {
        read_org_info(success)
    }
}

impl Command for GetOrg {
    const NAME: &'static str = "org";

    type Output = SimpleOrgInfo;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        GetInfo {}.label()
    }

    fn to_request(&self) -> Result<Request, Error> {
        Ok(org_info_request())
    }

    fn read(&self, success: Success<'_>) -> Result<SimpleOrgInfo, Error> {
        let OrgInfo { org_name, org_id, org_create_at, .. } = read_org_info(success)?.org_info;
        Ok(SimpleOrgInfo { org_name, org_id, org_create_at })
    }
}

/// # User and organization
impl<M> Client<M> {
    /// Returns the user that the key belongs to, the organization and its projects.
    ///
    /// Calls about clusters need the ids of the organization and the project. The client requests them once
    /// and remembers them; this call always requests them, and replaces what the client remembers.
    ///
    /// `GET org-info`.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let info = client.info().send()?;
    /// for project in &info.org_info.projects {
    ///     println!("{} {}", project.project_id, project.project_name);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn info(&self) -> Call<M, GetInfo> {
        self.call(GetInfo {})
    }

    /// Returns the id, the name and the creation time of the organization.
    ///
    /// `GET org-info`. The vendor's client 0.1.4 has this call, but it always fails in that client.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let org = client.org().send()?;
    /// println!("{} {}", org.org_id, org.org_name);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn org(&self) -> Call<M, GetOrg> {
        self.call(GetOrg {})
    }
}
