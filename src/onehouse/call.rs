//! Calls of Onehouse: how they are sent, and the calls that are not commands.

use std::sync::Arc;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Action, Blocking, Running};
use crate::engine::operation::Completed;
use crate::engine::{CallContext, Effect, Exchange, Id, Machine, Operation};
use crate::error::{Error, ErrorKind};
use crate::http::Response;
use crate::open_enum::OpenEnum;
use crate::rows::Source;

use super::client::Onehouse;
use super::commands::Command;
use super::protocol::{Protocol, json};
use super::raw::RawSql;
use super::statement::{NameCheck, Statement};
use super::status::{ApiStatus, StatusResponse, SubmitResponse, read_status};

/// A command together with the client that sends it and the limits of the call.
///
/// A call does nothing until it is sent:
///
/// | Method | What it does |
/// |---|---|
/// | [`send`](Call::send) | submits the command and waits for its end |
/// | [`submit`](Call::submit) | submits the command and returns its request id as soon as the server has accepted it |
/// | [`to_sql`](Call::to_sql) | returns the SQL and sends nothing |
///
/// The status `SUCCESS_PARTIAL` counts as a success: see [`StatusResponse::is_partial`].
///
/// A call owns its command and a clone of the client, so it can be kept, and sent from another thread.
pub type Call<M, C> = crate::client::Call<Onehouse, M, C>;

pub(super) type Core = crate::client::Core<Onehouse>;
pub(super) type CallOptions = crate::client::CallOptions<Onehouse>;

impl<M, C: Command> Call<M, C> {
    /// Relaxes the check of names for this call: [`NameCheck::Unchecked`] instead of the default
    /// [`NameCheck::Strict`]. It is for names that the platform has although the vendor's pattern rejects
    /// them: `Default Managed Cluster - 2`, `tool.jar`, `flow:table`. Names that are empty or have quotes,
    /// backticks, `;` or control characters are rejected all the same.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// let client = Client::offline();
    /// let call = client.describe_cluster("Default Managed Cluster - 2").unchecked_names();
    /// assert_eq!(call.to_sql()?, "DESCRIBE CLUSTER `Default Managed Cluster - 2`");
    /// assert!(client.describe_cluster("a`; b").unchecked_names().to_sql().is_err());
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    #[doc(alias = "unsafe_raw")]
    pub fn unchecked_names(mut self) -> Self {
        self.options.own.names = NameCheck::Unchecked;
        self
    }

    /// Returns the SQL that [`send`](Call::send) would submit. Sends nothing and needs no credentials.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a name or a value cannot be written into the
    /// statement, or if an `ALTER` command has no change.
    #[doc(alias = "dry_run")]
    pub fn to_sql(&self) -> Result<String, Error> {
        self.options.own.statement(&self.command).map(|statement| statement.sql)
    }
}

#[cfg(feature = "async")]
impl<C: Command> Call<Async, C> {
    /// Submits the command and returns as soon as the server has accepted it.
    /// [`Client::resume`](super::client::Client::resume) waits for the end of the operation, and
    /// [`Client::get_status`](super::client::Client::get_status) reads its status once.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Call::send), except [`OperationFailed`](ErrorKind::OperationFailed), because this
    /// method does not wait for the end of the operation.
    #[doc(alias = "wait")]
    pub async fn submit(self) -> Result<SubmitResponse, Error> {
        self.run(submit).await
    }
}

impl<C: Command> Call<Blocking, C> {
    /// Submits the command and returns as soon as the server has accepted it.
    /// [`Client::resume`](super::client::Client::resume) waits for the end of the operation, and
    /// [`Client::get_status`](super::client::Client::get_status) reads its status once.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Call::send), except [`OperationFailed`](ErrorKind::OperationFailed), because this
    /// method does not wait for the end of the operation.
    #[doc(alias = "wait")]
    pub fn submit(self) -> Result<SubmitResponse, Error> {
        self.run(submit)
    }
}

impl<C: Command> Action<Onehouse> for C {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let statement = options.own.statement(self)?;
        let context = context(core, &statement, options)?;
        let operation = operation(core.protocol()?, context, &statement);
        Ok(Running::new(operation.map(|outcome| outcome.map(status_response))))
    }
}

fn submit<C: Command>(
    command: &C,
    core: &Core,
    options: &CallOptions,
) -> Result<Running<SubmitResponse>, Error> {
    let statement = options.own.statement(command)?;
    let context = context(core, &statement, options)?;
    let request = core.protocol()?.submit_request(&statement.sql);
    let operation = Operation::submit(context, request, statement.effect, Protocol::accept());
    Ok(Running::new(operation.map(|outcome| {
        outcome.map(|accepted| SubmitResponse { request_id: accepted.id, raw: accepted.body })
    })))
}

/// The context of a call that submits this statement.
pub(super) fn context(
    core: &Core,
    statement: &Statement,
    options: &CallOptions,
) -> Result<Arc<CallContext>, Error> {
    let protocol = core.protocol()?.clone();
    Ok(core.context(protocol, statement.label.as_str(), statement.secrets.clone(), options))
}

/// Submits the statement and waits for its end.
pub(super) fn operation(
    protocol: &Arc<Protocol>,
    context: Arc<CallContext>,
    statement: &Statement,
) -> Operation {
    let request = protocol.submit_request(&statement.sql);
    Operation::submit(context, request, statement.effect, protocol.accept_and_poll())
}

pub(super) fn status_response(completed: Completed) -> StatusResponse {
    let Completed { id, status, body, text } = completed;
    StatusResponse::from_parts(id, ApiStatus::read(&status), body, Source::of(&text))
}

/// A statement as text that is submitted without waiting for its end: see
/// [`Client::submit`](super::client::Client::submit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitSql(pub(super) RawSql);

impl Action<Onehouse> for SubmitSql {
    type Output = SubmitResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        submit(&self.0, core, options)
    }
}

/// The label of [`GetStatus`] in messages, which programs show to their users.
const STATUS: &str = "reading the status of the operation";

/// One poll of an operation: see [`Client::get_status`](super::client::Client::get_status).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetStatus(pub(super) String);

impl Action<Onehouse> for GetStatus {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let id = checked_id(STATUS, &self.0)?.to_owned();
        let protocol = core.protocol()?;
        let context = core.context(protocol.clone(), STATUS, Vec::new(), options);
        let exchange = Exchange::new(context, protocol.status_request(&id), Effect::Repeatable);
        Ok(Running::new(exchange.map(move |outcome| {
            outcome
                .and_then(|response| read_status_of(&response, &id))
                .map_err(|error| error.with_request_id(id))
        })))
    }
}

fn read_status_of(response: &Response, id: &str) -> Result<StatusResponse, Error> {
    let unusable = |why: String| {
        let happened = format!("HTTP {} with an invalid body: {why}", response.status);
        Error::new(ErrorKind::UnexpectedResponse, STATUS, happened).with_status(response.status)
    };
    let raw = json(response).map_err(unusable)?;
    let status = ApiStatus::read(read_status(&raw).map_err(|why| unusable(why.to_owned()))?);
    Ok(StatusResponse::from_parts(id.to_owned(), status, raw, Source::of(&response.body)))
}

/// The label of [`Resume`] in messages.
const RESUMED: &str = "waiting for the end of the operation";

/// The wait for an operation that was submitted before: see
/// [`Client::resume`](super::client::Client::resume).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume(pub(super) String);

impl Action<Onehouse> for Resume {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let id = checked_id(RESUMED, &self.0)?;
        let protocol = core.protocol()?;
        let context = core.context(protocol.clone(), RESUMED, Vec::new(), options);
        let operation = resume(protocol, context, id);
        Ok(Running::new(operation.map(|outcome| outcome.map(status_response))))
    }
}

/// Waits for the end of an operation that was submitted before.
pub(super) fn resume(protocol: &Arc<Protocol>, context: Arc<CallContext>, id: &str) -> Operation {
    Operation::resume(context, Id::Request(id.to_owned()), protocol.poll(id))
}

fn checked_id<'a>(what: &str, id: &'a str) -> Result<&'a str, Error> {
    if id.trim().is_empty() {
        return Err(Error::invalid(what, "the request id is empty").with_advice("Nothing was sent."));
    }
    Ok(id)
}
