//! What is done with a call of Onehouse, and what a call can carry.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

#[cfg(feature = "async")]
use crate::client::Async;
use crate::client::{Action, Blocking, Running, not_run};
use crate::engine::{Completed, Context, Effect, Exchange, Operation, Service};
use crate::error::{Error, ErrorKind, one_line};
use crate::http::Response;
use crate::open_enum::OpenEnum;

use super::client::Onehouse;
use super::commands::{Command, Spec};
use super::protocol::json;
use super::statement::{NameCheck, Statement, secrets_in};
use super::status::{ApiStatus, StatusResponse, SubmitResponse, read_status};

/// Something to be done, together with the client that will do it and the limits of the call.
///
/// A call does nothing until it is sent:
///
/// | | |
/// |---|---|
/// | [`send`](Call::send) | submits the command and waits for its end |
/// | [`submit`](Call::submit) | submits it and returns its id at once |
/// | [`to_sql`](Call::to_sql) | gives the SQL and sends nothing |
///
/// `SUCCESS_PARTIAL` is a success: ask [`StatusResponse::is_partial`].
///
/// It owns its command and a clone of the client, so it can be kept, and sent from another thread.
pub type Call<M, C> = crate::client::Call<Onehouse, M, C>;

pub(super) type Core = crate::client::Core<Onehouse>;
pub(super) type CallOptions = crate::client::CallOptions<Onehouse>;

impl<M, C: Command> Call<M, C> {
    /// Relaxes the check of names for this call, for names that the platform has and the pattern refuses:
    /// `Default Managed Cluster - 2`, `tool.jar`, `flow:table`. What could break out of the backticks is refused
    /// all the same.
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
        self.options.own = NameCheck::Unchecked;
        self
    }

    /// The SQL that would be sent. Sends nothing and needs no credentials.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_sql(&self) -> Result<String, Error> {
        self.command.render(self.options.own)
    }
}

#[cfg(feature = "async")]
impl<C: Command> Call<Async, C> {
    /// Submits the command and returns as soon as the server has taken it. Wait for its end with
    /// [`Client::resume`](super::Client::resume), ask for its state with
    /// [`Client::get_status`](super::Client::get_status).
    ///
    /// # Errors
    ///
    /// As [`send`](Call::send), without those about the operation's end.
    pub async fn submit(self) -> Result<SubmitResponse, Error> {
        self.run(|command, core, options| submit(command, core, options)).await
    }
}

impl<C: Command> Call<Blocking, C> {
    /// Submits the command and returns as soon as the server has taken it. Wait for its end with
    /// [`Client::resume`](super::Client::resume), ask for its state with
    /// [`Client::get_status`](super::Client::get_status).
    ///
    /// # Errors
    ///
    /// As [`send`](Call::send), without those about the operation's end.
    pub fn submit(self) -> Result<SubmitResponse, Error> {
        self.run(|command, core, options| submit(command, core, options))
    }
}

impl<C: Command> Action<Onehouse> for C {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let sql = self.render(options.own)?;
        let context = context(core, label(&sql), secrets_in(&sql), options)?;
        let request = core.protocol()?.submit_request(&sql);
        let operation = Operation::submit(context, request, self.spec().effect);
        Ok(Running::new(operation, completed))
    }
}

/// A statement as text: see [`Client::execute`](super::Client::execute). `Debug` shows its beginning only: values may
/// be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RawSql(String);

impl fmt::Debug for RawSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawSql").field(&label(&self.0)).finish()
    }
}

impl RawSql {
    pub(super) fn new(sql: impl Into<String>) -> Self {
        Self(sql.into())
    }

    /// `SHOW …` and `DESCRIBE …` read; of anything else we do not know.
    fn effect(&self) -> Effect {
        let first = self.0.split_whitespace().next().unwrap_or_default();
        let reads = first.eq_ignore_ascii_case("SHOW") || first.eq_ignore_ascii_case("DESCRIBE");
        if reads && !self.0.contains(';') { Effect::Repeatable } else { Effect::Changes }
    }
}

impl Command for RawSql {
    fn spec(&self) -> Spec {
        match self.effect() {
            Effect::Repeatable => Spec::reads("execute"),
            Effect::Changes => Spec::changes("execute"),
        }
    }

    fn write(&self, sql: &mut Statement) {
        sql.words(&self.0);
        if self.0.trim().is_empty() {
            sql.refuse_command("the statement is empty");
        }
    }
}

/// A statement as text, submitted and not waited for: see [`Client::submit`](super::Client::submit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitSql(pub(super) RawSql);

impl Action<Onehouse> for SubmitSql {
    type Output = SubmitResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        submit(&self.0, core, options)
    }
}

/// One poll of an operation: see [`Client::get_status`](super::Client::get_status).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetStatus(pub(super) String);

impl Action<Onehouse> for GetStatus {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let id = checked_id("get_status", &self.0)?;
        let context = context(core, "get_status".to_owned(), Vec::new(), options)?;
        let request = Arc::new(core.protocol()?.status_request(id));
        let exchange = Exchange::new(context, request, Effect::Repeatable);
        let id = id.to_owned();
        Ok(Running::new(exchange, move |mut exchange| {
            exchange
                .finish()
                .unwrap_or_else(|| Err(not_run()))
                .and_then(|response| read_status_of(&response, &id))
                .map_err(|e| e.with_request_id(id))
        }))
    }
}

fn read_status_of(response: &Response, id: &str) -> Result<StatusResponse, Error> {
    let unusable = |why: &str| {
        let happened = format!("HTTP {}, but {why}", response.status);
        Error::new(ErrorKind::UnexpectedResponse, "get_status", happened).with_status(response.status)
    };
    let raw = json(response).map_err(|why| unusable(&why))?;
    let status = read_status(&raw).map_err(|why| unusable(&format!("of the answer: {why}")))?;
    let status = ApiStatus::read(status);
    Ok(StatusResponse::from_parts(id.to_owned(), status, raw))
}

/// The wait for an operation that was submitted before: see [`Client::resume`](super::Client::resume).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume(pub(super) String);

impl Action<Onehouse> for Resume {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Self::Output>, Error> {
        let id = checked_id("resume", &self.0)?;
        let context = context(core, "resumed operation".to_owned(), Vec::new(), options)?;
        Ok(Running::new(Operation::resume(context, id.to_owned()), completed))
    }
}

/// What a machine needs besides its request.
pub(super) fn context(
    core: &Core,
    label: String,
    secrets: Vec<SecretString>,
    options: &CallOptions,
) -> Result<Arc<Context>, Error> {
    Ok(core.context(core.protocol()?.clone(), label, secrets, options))
}

fn submit(
    command: &dyn Command,
    core: &Core,
    options: &CallOptions,
) -> Result<Running<SubmitResponse>, Error> {
    let sql = command.render(options.own)?;
    let context = context(core, label(&sql), secrets_in(&sql), options)?;
    let request = core.protocol()?.submit_request(&sql);
    let operation = Operation::submit_only(context, request, command.spec().effect);
    Ok(Running::new(operation, submitted))
}

fn submitted(mut operation: Operation) -> Result<SubmitResponse, Error> {
    let Completed { request_id, body, .. } = operation.finish().unwrap_or_else(|| Err(not_run()))?;
    Ok(SubmitResponse { request_id, raw: body })
}

fn completed(mut operation: Operation) -> Result<StatusResponse, Error> {
    operation.finish().unwrap_or_else(|| Err(not_run())).map(status_response)
}

pub(super) fn status_response(completed: Completed) -> StatusResponse {
    let Completed { request_id, status, body } = completed;
    StatusResponse::from_parts(request_id, ApiStatus::read(&status), body)
}

fn checked_id<'a>(what: &str, id: &'a str) -> Result<&'a str, Error> {
    if id.trim().is_empty() {
        return Err(Error::invalid(what, "the request id is empty").with_advice("Nothing was sent."));
    }
    Ok(id)
}

/// What is attempted, for messages: the beginning of the statement, up to the first value. Values may be secret.
pub(super) fn label(sql: &str) -> String {
    let line = sql.trim_start().lines().next().unwrap_or_default();
    let end = line.find(['\'', '=', '"']).unwrap_or(line.len());
    let (mut head, rest) = line.split_at(end);
    if rest.starts_with('=') {
        // The keyword of the value that is not shown.
        head = head.trim_end().rsplit_once(' ').map_or("", |(head, _)| head);
    }
    let label = one_line(head, 100);
    if label.is_empty() { "execute".to_owned() } else { label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_end_before_the_first_value() {
        for (sql, expected) in [
            ("CREATE CLUSTER `prod`\n  TYPE = 'Managed'", "CREATE CLUSTER `prod`"),
            ("DELETE DATABASE `d` LAKE = `l`", "DELETE DATABASE `d`"),
            ("SHOW TABLES LAKE = 'a' DATABASE = 'b'", "SHOW TABLES"),
            ("  GRANT x ON LAKE 'secret'", "GRANT x ON LAKE"),
            ("WITH 'k' = 'secret'", "WITH"),
            ("= 'secret'", "execute"),
            ("", "execute"),
        ] {
            assert_eq!(label(sql), expected, "{sql}");
        }
    }
}
