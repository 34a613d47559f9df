//! Commands as data, and what becomes of them when they are sent.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Effect;
use crate::client::{Action, Running, not_run};
use crate::engine::{Continues, Exchange, Sequence};
use crate::error::{Error, ErrorKind};
use crate::http::{Request, Response, encode_segment};

use super::client::Eloq;
use super::clusters::{
    Cluster, ClusterCreate, ClusterCredentials, ClusterDelete, ClusterList, Clusters, GetCluster,
    GetClusterCredentials, OperationResult,
};
use super::credentials::DEFAULT_BASE_URL;
use super::org::{Info, Org, SimpleOrgInfo, UserOrgInfo, org_info_request, read_org_info};
use super::project::{Ids, Project, no_such_project};
use super::protocol::{Protocol, plain_headers, unusable, without_passwords};
use super::skus::{GetSkus, SkuInfo};
use super::wire::Envelope;

/// Something to be done, together with the client that will do it and the limits of the call.
///
/// A call does nothing until it is sent:
///
/// | | |
/// |---|---|
/// | [`send`](Call::send) | sends it, and waits for the end if it is a wait |
/// | [`to_request`](Call::to_request) | gives the request and sends nothing |
///
/// It owns its command and a clone of the client, so it can be kept, and sent from another thread.
///
/// A call about clusters needs the organization and the project. A client asks for them with `GET org-info` the first
/// time, and remembers them; see [`project`](Call::project).
pub type Call<M, C> = crate::client::Call<Eloq, M, C>;

pub(crate) type Core = crate::client::Core<Eloq>;
pub(crate) type CallOptions = crate::client::CallOptions<Eloq>;

impl<M, C> Call<M, C> {
    /// Another project than the client's, for this call: its id, its name, or the ids of organization and project.
    ///
    /// A project that is not in what the client remembers of the organization is looked for anew once.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let clusters = client.clusters().project("p2").send()?;
    /// println!("{} clusters in p2", clusters.total);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn project(mut self, project: impl Into<Project>) -> Self {
        self.options.own = Some(project.into());
        self
    }
}

impl<M, C: Command> Call<M, C> {
    /// The request that would be sent, without the API's address and the key. Sends nothing and needs no key.
    ///
    /// Ids of organization and project that are not known yet stand as `{org}` and `{project}` in its path.
    ///
    /// ```
    /// # use controlplane::eloq::Client;
    /// let call = Client::offline().cluster_delete("c1").project((1, 147));
    /// let request = call.to_request()?;
    /// assert_eq!(request.method.as_str(), "DELETE");
    /// assert_eq!(request.path, "/orgs/1/projects/147/clusters/c1/delete");
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        let mut request = self.command.to_request()?;
        let protocol = self.client.core().protocol().ok();
        let choice = self.options.own.as_ref().or(protocol.and_then(|p| p.project.as_ref()));
        let org = protocol.and_then(|p| p.org());
        if let Some(ids) = Ids::of(choice, org.as_deref()) {
            ids.fill(&mut request);
        }
        request.headers = plain_headers();
        Ok(request)
    }
}

/// What is fixed about a command: its name and what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// The name of the vendor's method, which is also the command's name in JSON: `cluster_create`.
    pub method: &'static str,
    /// Whether it may be sent again when it is not known whether it was taken.
    pub effect: Effect,
}

impl Spec {
    pub(crate) const fn reads(method: &'static str) -> Self {
        Self { method, effect: Effect::Repeatable }
    }

    pub(crate) const fn changes(method: &'static str) -> Self {
        Self { method, effect: Effect::Changes }
    }
}

/// A command: something that becomes one request.
///
/// Implemented by the command structs and by [`AnyCommand`]. Not to be implemented outside this crate.
pub trait Command: Clone + Send + 'static {
    /// What sending it gives.
    type Output: 'static;

    /// The vendor's name and the command's effect.
    fn spec(&self) -> Spec;

    /// What it does, for messages.
    #[doc(hidden)]
    fn label(&self) -> String;

    /// The request, with `{org}` and `{project}` in its path where it needs them. Needs no client and no network.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    fn to_request(&self) -> Result<Request, Error>;

    /// What a success says.
    #[doc(hidden)]
    fn read(&self, answer: Answer<'_>) -> Result<Self::Output, Error>;
}

/// A success, with what is needed to read it.
#[derive(Debug)]
pub struct Answer<'a> {
    pub(crate) protocol: &'a Protocol,
    pub(crate) label: &'a str,
    pub(crate) effect: Effect,
    pub(crate) response: &'a Response,
    pub(crate) envelope: Envelope,
}

impl<'a> Answer<'a> {
    fn new(
        protocol: &'a Protocol,
        label: &'a str,
        effect: Effect,
        response: &'a Response,
    ) -> Result<Self, Error> {
        let envelope = Envelope::read(response)
            .map_err(|why| unusable(label, effect == Effect::Changes, response, &why))?;
        Ok(Self { protocol, label, effect, response, envelope })
    }

    /// It makes no sense.
    pub(crate) fn unusable(&self, why: &str) -> Error {
        unusable(self.label, self.effect == Effect::Changes, self.response, why)
    }
}

/// Reads the payload.
pub(crate) fn read_data<T: DeserializeOwned>(mut answer: Answer<'_>) -> Result<T, Error> {
    match answer.envelope.data.take() {
        None | Some(Value::Null) => Err(answer.unusable("it has no data")),
        Some(data) => serde_json::from_value(data).map_err(|e| answer.unusable(&format!("of its data: {e}"))),
    }
}

/// A name as a segment of a path.
pub(crate) fn name_segment(what: &str, name: &str) -> Result<String, Error> {
    checked_name(what, name)?;
    Ok(encode_segment(name))
}

/// What the API's rules for names are is not documented; these could not be said in a path.
pub(crate) fn checked_name(what: &str, name: &str) -> Result<(), Error> {
    let why = match name {
        "" => "the cluster's name is empty",
        "." | ".." => "such a name cannot stand in a URL",
        _ => return Ok(()),
    };
    Err(Error::invalid(what, why).with_advice("Nothing was sent."))
}

impl<C: Command> Action<Eloq> for C {
    type Output = C::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Output>, Error> {
        let request = self.to_request()?;
        let protocol = core.protocol()?.clone();
        let (label, Spec { method, effect }) = (self.label(), self.spec());
        let context = core.context(protocol.clone(), label.clone(), Vec::new(), options);
        let machine = with_ids(core, options, request, &label, move |_, request| {
            Exchange::new(context, Arc::new(request), effect)
        })?;
        let command = self.clone();
        Ok(Running::new(machine, move |machine| {
            let mut exchange = machine.finish().map_err(|e| advised("info", e))?.ok_or_else(not_run)?;
            let response =
                exchange.finish().unwrap_or_else(|| Err(not_run())).map_err(|e| advised(method, e))?;
            command.read(Answer::new(&protocol, &label, effect, &response)?)
        }))
    }
}

/// Makes a machine of a request, once it is known which organization and project it is for.
pub(crate) fn with_ids<K: Continues>(
    core: &Core,
    options: &CallOptions,
    mut request: Request,
    label: &str,
    make: impl FnOnce(Option<Ids>, Request) -> K + Send + 'static,
) -> Result<Sequence<K>, Error> {
    let protocol = core.protocol()?.clone();
    if !request.path.starts_with("/orgs/") {
        return Ok(Sequence::at_once(make(None, protocol.complete(request))));
    }
    let choice = options.own.clone().or_else(|| protocol.project.clone());
    if let Some(ids) = Ids::of(choice.as_ref(), protocol.org().as_deref()) {
        ids.fill(&mut request);
        return Ok(Sequence::at_once(make(Some(ids), protocol.complete(request))));
    }
    let label = format!("{label} (reading org-info for it)");
    let context = core.context(protocol.clone(), label.clone(), Vec::new(), options);
    let first = protocol.complete(org_info_request());
    let first = Exchange::new(context, Arc::new(first), Effect::Repeatable);
    Ok(Sequence::new(first, move |response| {
        let answer = Answer::new(&protocol, &label, Effect::Repeatable, &response)?;
        let org = read_org_info(answer)?.org_info;
        let ids = Ids::of(choice.as_ref(), Some(&org))
            .ok_or_else(|| no_such_project(&label, choice.as_ref(), &org))?;
        ids.fill(&mut request);
        Ok(make(Some(ids), protocol.complete(request)))
    }))
}

/// An error without passwords in it, and with what to do about it where EloqCloud has its own. `method`: the vendor's name of what was called.
pub(crate) fn advised(method: &str, error: Error) -> Error {
    let error = match error.body().map(without_passwords) {
        Some(body) => error.with_body(body),
        None => error,
    };
    let is_about_one = matches!(method, "cluster" | "cluster_credentials" | "cluster_delete");
    match error.kind() {
        // Ours: it has its own advice.
        _ if error.status().is_none() => error,
        ErrorKind::Authentication => error.with_advice(
            "Check the API key: EloqCloud console, Settings, API Keys. A revoked key is not accepted.",
        ),
        ErrorKind::PermissionDenied if method == "cluster_delete" => error.with_advice(
            "EloqCloud says so too if there is no such cluster, or if it is not `available`: no other can be deleted.",
        ),
        ErrorKind::PermissionDenied if is_about_one => {
            error.with_advice("EloqCloud says so too if there is no such cluster: `clusters` lists all.")
        }
        ErrorKind::NotFound if is_about_one => {
            error.with_advice("`clusters` lists all of the project. Is it the right project?")
        }
        ErrorKind::NotFound => {
            error.with_advice(format!("Check the base URL: it ends as {DEFAULT_BASE_URL} does."))
        }
        ErrorKind::OperationFailed => {
            error.with_advice("EloqCloud gives no reason here; look at the cluster in its console.")
        }
        _ => error,
    }
}

/// True if an error may mean that there is no such cluster. EloqCloud says 404, or 403 with a text like "permission
/// denied or cluster not found": this is true for both, and for no other 403.
///
/// ```
/// # use controlplane::eloq::{Client, may_be_missing};
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
/// match client.cluster("c1").send() {
///     Ok(cluster) => println!("it is {}", cluster.status),
///     Err(error) if may_be_missing(&error) => println!("there is none"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn may_be_missing(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::NotFound => true,
        ErrorKind::PermissionDenied => error.api_message().is_some_and(says_not_found),
        _ => false,
    }
}

pub(crate) fn says_not_found(message: &str) -> bool {
    message.to_ascii_lowercase().contains("not found")
}

/// All commands in one type, under the names of the vendor's client: a plan can live in a JSON file.
///
/// ```
/// use controlplane::eloq::AnyCommand;
///
/// let plan = r#"[
///     {"info": {}},
///     {"get_skus": {"sku_type": "serverless", "eloq_module": "eloqkv", "cloud_provider": "aws"}},
///     {"cluster_create": {"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}}
/// ]"#;
/// let plan: Vec<AnyCommand> = serde_json::from_str(plan)?;
/// for command in &plan {
///     let request = command.to_request()?;
///     println!("{} {}", request.method.as_str(), request.path);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnyCommand {
    /// [`Info`]
    Info(Info),
    /// [`Org`]
    Org(Org),
    /// [`Clusters`]
    Clusters(Clusters),
    /// [`GetCluster`]
    Cluster(GetCluster),
    /// [`ClusterCreate`]
    ClusterCreate(ClusterCreate),
    /// [`ClusterDelete`]
    ClusterDelete(ClusterDelete),
    /// [`GetClusterCredentials`]
    ClusterCredentials(GetClusterCredentials),
    /// [`GetSkus`]
    GetSkus(GetSkus),
}

impl AnyCommand {
    /// The request that would be sent: see [`Command::to_request`].
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_request(&self) -> Result<Request, Error> {
        Command::to_request(self)
    }
}

/// What an [`AnyCommand`] gives. Serializes as what is in it: the wire's own JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AnyOutput {
    /// Of `info`.
    Info(UserOrgInfo),
    /// Of `org`.
    Org(SimpleOrgInfo),
    /// Of `clusters`.
    Clusters(ClusterList),
    /// Of `cluster`.
    Cluster(Box<Cluster>),
    /// Of `cluster_create` and `cluster_delete`.
    Operation(OperationResult),
    /// Of `cluster_credentials`.
    Credentials(ClusterCredentials),
    /// Of `get_skus`.
    Skus(Vec<SkuInfo>),
}

impl Command for AnyCommand {
    type Output = AnyOutput;

    fn spec(&self) -> Spec {
        match self {
            Self::Info(c) => c.spec(),
            Self::Org(c) => c.spec(),
            Self::Clusters(c) => c.spec(),
            Self::Cluster(c) => c.spec(),
            Self::ClusterCreate(c) => c.spec(),
            Self::ClusterDelete(c) => c.spec(),
            Self::ClusterCredentials(c) => c.spec(),
            Self::GetSkus(c) => c.spec(),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Info(c) => c.label(),
            Self::Org(c) => c.label(),
            Self::Clusters(c) => c.label(),
            Self::Cluster(c) => c.label(),
            Self::ClusterCreate(c) => c.label(),
            Self::ClusterDelete(c) => c.label(),
            Self::ClusterCredentials(c) => c.label(),
            Self::GetSkus(c) => c.label(),
        }
    }

    fn to_request(&self) -> Result<Request, Error> {
        match self {
            Self::Info(c) => c.to_request(),
            Self::Org(c) => c.to_request(),
            Self::Clusters(c) => c.to_request(),
            Self::Cluster(c) => c.to_request(),
            Self::ClusterCreate(c) => c.to_request(),
            Self::ClusterDelete(c) => c.to_request(),
            Self::ClusterCredentials(c) => c.to_request(),
            Self::GetSkus(c) => c.to_request(),
        }
    }

    fn read(&self, answer: Answer<'_>) -> Result<AnyOutput, Error> {
        Ok(match self {
            Self::Info(c) => AnyOutput::Info(c.read(answer)?),
            Self::Org(c) => AnyOutput::Org(c.read(answer)?),
            Self::Clusters(c) => AnyOutput::Clusters(c.read(answer)?),
            Self::Cluster(c) => AnyOutput::Cluster(Box::new(c.read(answer)?)),
            Self::ClusterCreate(c) => AnyOutput::Operation(c.read(answer)?),
            Self::ClusterDelete(c) => AnyOutput::Operation(c.read(answer)?),
            Self::ClusterCredentials(c) => AnyOutput::Credentials(c.read(answer)?),
            Self::GetSkus(c) => AnyOutput::Skus(c.read(answer)?),
        })
    }
}
