//! Calls, and the machines that carry them out.

use std::sync::Arc;

use crate::client::{Action, Running};
use crate::engine::sequence::then;
use crate::engine::{BoxMachine, CallContext, Effect, Exchange, Machine};
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::http::Request;

use super::client::Eloq;
use super::command::{Command, Success};
use super::errors::advised;
use super::org::{org_info_request, read_org_info};
use super::project::{Ids, Project, no_such_project};
use super::protocol::plain_headers;

/// A command with the client that sends it and the limits of the call. It does nothing until it is sent:
///
/// | Method | Effect |
/// |---|---|
/// | [`send`](Call::send) | sends the command; a wait returns when it ends |
/// | [`to_request`](Call::to_request) | returns the request and sends nothing |
///
/// A call owns its command and a clone of the client, so it can be stored and sent from another thread.
///
/// A call about clusters needs the organization and the project. A client reads them with `GET org-info` the
/// first time and remembers them; see [`project`](Call::project).
pub type Call<M, C> = crate::client::Call<Eloq, M, C>;

pub(crate) type Core = crate::client::Core<Eloq>;
pub(crate) type CallOptions = crate::client::CallOptions<Eloq>;

impl<M, C> Call<M, C> {
    /// Sets the project of this call: its id, its name, or the ids of organization and project. Default: the
    /// client's [`project`](crate::eloq::ClientBuilder::project).
    ///
    /// An id or a name that the client does not know yet is looked up with `GET org-info` when the call is
    /// sent. If the organization has no such project, the call fails with [`NotFound`](ErrorKind::NotFound).
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
    /// Returns the request of the call, without the API's address and the key. Sends nothing and needs no
    /// key.
    ///
    /// Unknown ids of organization and project appear as `{org}` and `{project}` in its path.
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

impl<C: Command> Action<Eloq> for C {
    type Output = C::Output;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<C::Output>, Error> {
        let request = self.to_request()?;
        let protocol = core.protocol()?.clone();
        let context = core.context(protocol.clone(), self.label(), Vec::new(), options);
        let (command, effect) = (self.clone(), self.effect());
        let machine = with_ids(core, options, &context.clone(), request, move |_, request| {
            let exchange = Exchange::new(context.clone(), request, effect);
            Box::new(exchange.map(move |outcome| {
                let response = outcome.map_err(|error| advised(command.name(), error))?;
                command.read(Success::new(&protocol, &context.label, effect, &response)?)
            }))
        })?;
        Ok(Running(machine))
    }
}

/// Makes a machine for a request once its organization and project are known. The machine must use clones of
/// the context, so that reading org-info counts towards the same deadline.
pub(super) fn with_ids<T: Send + 'static>(
    core: &Core,
    options: &CallOptions,
    context: &CallContext,
    mut request: Request,
    make: impl FnOnce(Option<Ids>, Request) -> BoxMachine<T> + Send + 'static,
) -> Result<BoxMachine<T>, Error> {
    let protocol = core.protocol()?.clone();
    if !request.path.starts_with("/orgs/") {
        return Ok(make(None, protocol.complete(request)));
    }
    let choice = options.own.clone().or_else(|| protocol.project.clone());
    if let Some(ids) = Ids::of(choice.as_ref(), protocol.org().as_deref()) {
        ids.fill(&mut request);
        return Ok(make(Some(ids), protocol.complete(request)));
    }
    let mut context = context.clone();
    context.label.push_str(" (reading org-info)");
    let context = Arc::new(context);
    let first = Exchange::new(context.clone(), protocol.complete(org_info_request()), Effect::Repeatable);
    let first = first.map(|outcome| outcome.map_err(|error| advised("info", error)));
    let label = context.label.clone();
    Ok(Box::new(then(context, first, move |response| {
        let success = Success::new(&protocol, &label, Effect::Repeatable, &response)?;
        let org = read_org_info(success)?.org_info;
        let ids = Ids::of(choice.as_ref(), Some(&org))
            .ok_or_else(|| no_such_project(&label, choice.as_ref(), &org))?;
        ids.fill(&mut request);
        Ok(make(Some(ids), protocol.complete(request)))
    })))
}
