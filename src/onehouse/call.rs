//! A call: what is to be done, with which client, and how long it may take.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::engine::asynchronous;
use crate::engine::blocking::driver::{SystemClock, drive};
use crate::engine::{
    Completed, Effect, Exchange, Machine, Observer, Operation, PollPolicy, Progress, RetryPolicy, Service,
    Settings, Wait,
};
use crate::error::{Error, ErrorKind, one_line};
use crate::http::Response;
use crate::open_enum::OpenEnum;

#[cfg(feature = "async")]
use super::client::Async;
use super::client::{Blocking, Client, Core};
use super::commands::{Command, Spec};
use super::protocol::json;
use super::statement::{NameCheck, Statement, secrets_in};
use super::status::{ApiStatus, StatusResponse, SubmitResponse, read_status};
use super::waits::JobRunMachine;

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
/// It owns its command and a clone of the client, so it can be kept, and sent from another thread.
#[derive(Debug)]
#[must_use = "a call does nothing until `.send()`, `.submit()` or `.to_sql()`"]
pub struct Call<M, C> {
    client: Client<M>,
    pub(crate) command: C,
    options: CallOptions,
}

impl<M, C: Clone> Clone for Call<M, C> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), command: self.command.clone(), options: self.options.clone() }
    }
}

/// What can be chosen for one call.
#[derive(Clone, Debug)]
pub struct CallOptions {
    pub(super) settings: Settings,
    pub(super) observer: Observer,
    pub(super) names: NameCheck,
}

impl<M, C> Call<M, C> {
    pub(super) fn new(client: Client<M>, command: C) -> Self {
        let options = CallOptions {
            settings: client.core().settings.clone(),
            observer: Observer::default(),
            names: NameCheck::Strict,
        };
        Self { client, command, options }
    }

    /// Another command with the same client and limits.
    pub(super) fn map<D>(self, make: impl FnOnce(C) -> D) -> Call<M, D> {
        Call { client: self.client, command: make(self.command), options: self.options }
    }

    pub(super) fn with_names(mut self, names: NameCheck) -> Self {
        self.options.names = names;
        self
    }

    /// The command, as it stands.
    pub fn command(&self) -> &C {
        &self.command
    }

    /// How long the whole call may take: submit, retries, waits and requests in flight. Default: the client's,
    /// which is 60 s unless it was set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.settings.timeout = timeout;
        self
    }

    /// How long one HTTP request may take. Default: the client's, which is 30 s unless it was set.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.options.settings.http_timeout = timeout;
        self
    }

    /// The first interval between two polls at the operation; later ones grow. Default: the client's, which is
    /// 1 s × 1.5 up to 10 s unless it was set. Less than 10 ms counts as 10 ms.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.settings.poll = PollPolicy::every(interval);
        self
    }

    /// All about the intervals between two polls.
    pub fn polling(mut self, policy: PollPolicy) -> Self {
        self.options.settings.poll = policy;
        self
    }

    /// How often and after how long a request that failed is sent again. What may be repeated at all is not for
    /// this policy to say.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.settings.retry = policy;
        self
    }

    /// Calls back with what happens while the call runs: for a progress bar, or to keep the request id. The
    /// callback runs on the thread that waits; it should return soon.
    pub fn on_progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.options.observer = Observer::new(callback);
        self
    }
}

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
        self.options.names = NameCheck::Unchecked;
        self
    }

    /// The SQL that would be sent. Sends nothing and needs no credentials.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if a value cannot be sent as it is.
    pub fn to_sql(&self) -> Result<String, Error> {
        self.command.render(self.options.names)
    }
}

impl<A: Action> Call<Blocking, A> {
    /// Sends the call and waits for its outcome: for a command, submits it and waits until the operation has ended.
    ///
    /// `SUCCESS_PARTIAL` is a success: ask [`StatusResponse::is_partial`].
    ///
    /// # Errors
    ///
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument), [`Credentials`](ErrorKind::Credentials): nothing was sent;
    /// - [`Rejected`](ErrorKind::Rejected), [`Authentication`](ErrorKind::Authentication) and the other kinds of an
    ///   HTTP status: the server refused;
    /// - [`OutcomeUnknown`](ErrorKind::OutcomeUnknown): it may have been taken, and was not sent again;
    /// - [`OperationFailed`](ErrorKind::OperationFailed): it ended as `FAILED` or `INVALID`;
    /// - [`OperationTimeout`](ErrorKind::OperationTimeout): it goes on; `resume` it with the error's request id;
    /// - [`Transport`](ErrorKind::Transport), [`Tls`](ErrorKind::Tls): no connection. If there is a request id, it
    ///   goes on at the server.
    pub fn send(self) -> Result<A::Output, Error> {
        let mut running = self.command.start(self.client.core(), &self.options)?;
        drive(self.client.transport(), &SystemClock, running.machine());
        A::output(running)
    }
}

#[cfg(feature = "async")]
impl<A: Action> Call<Async, A> {
    /// Sends the call and waits for its outcome: for a command, submits it and waits until the operation has ended.
    /// `.await` on the call itself does the same.
    ///
    /// Dropping the future ends the wait and leaves nothing running here; what was submitted goes on at the server.
    /// To be able to resume it, keep the request id that [`on_progress`](Call::on_progress) tells, or
    /// [`submit`](Call::submit) first.
    ///
    /// `SUCCESS_PARTIAL` is a success: ask [`StatusResponse::is_partial`].
    ///
    /// # Errors
    ///
    /// As those of the blocking call.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime that has I/O and time switched on, as Tokio's own futures do.
    pub async fn send(self) -> Result<A::Output, Error> {
        let mut running = self.command.start(self.client.core(), &self.options)?;
        let clock = asynchronous::driver::SystemClock;
        asynchronous::driver::drive(self.client.transport(), &clock, running.machine()).await;
        A::output(running)
    }
}

#[cfg(feature = "async")]
impl<C: Command> Call<Async, C> {
    /// Submits the command and returns as soon as the server has taken it. Wait for its end with
    /// [`Client::resume`], ask for its state with [`Client::get_status`].
    ///
    /// # Errors
    ///
    /// As [`send`](Call::send), without those about the operation's end.
    pub async fn submit(self) -> Result<SubmitResponse, Error> {
        let mut running = submit(&self.command, self.client.core(), &self.options)?;
        let clock = asynchronous::driver::SystemClock;
        asynchronous::driver::drive(self.client.transport(), &clock, running.machine()).await;
        submitted(running)
    }
}

/// `.await` on a call is `.send().await`.
#[cfg(feature = "async")]
impl<A: Action + Send + Sync + 'static> IntoFuture for Call<Async, A> {
    type Output = Result<A::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<C: Command> Call<Blocking, C> {
    /// Submits the command and returns as soon as the server has taken it. Wait for its end with
    /// [`Client::resume`], ask for its state with [`Client::get_status`].
    ///
    /// # Errors
    ///
    /// As [`send`](Call::send), without those about the operation's end.
    pub fn submit(self) -> Result<SubmitResponse, Error> {
        let mut running = submit(&self.command, self.client.core(), &self.options)?;
        drive(self.client.transport(), &SystemClock, running.machine());
        submitted(running)
    }
}

/// What a [`Call`] can carry: every [`Command`], and the raw requests of [`Client`]. Not to be implemented
/// outside this crate.
pub trait Action {
    /// What sending it gives.
    type Output;

    /// The machine that does it.
    #[doc(hidden)]
    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running, Error>;

    /// Its outcome, once the machine is done.
    #[doc(hidden)]
    fn output(running: Running) -> Result<Self::Output, Error>;
}

impl<C: Command> Action for C {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running, Error> {
        let sql = self.render(options.names)?;
        let context = core.context(label(&sql), secrets_in(&sql), options)?;
        let request = core.protocol()?.submit_request(&sql);
        let operation = Operation::submit(context, request, self.spec().effect);
        Ok(Running::operation(operation))
    }

    fn output(running: Running) -> Result<StatusResponse, Error> {
        completed(running)
    }
}

/// A statement as text: see [`Client::execute`]. `Debug` shows its beginning only: values may be secret.
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

/// A statement as text, submitted and not waited for: see [`Client::submit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitSql(pub(super) RawSql);

impl Action for SubmitSql {
    type Output = SubmitResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running, Error> {
        submit(&self.0, core, options)
    }

    fn output(running: Running) -> Result<SubmitResponse, Error> {
        submitted(running)
    }
}

/// One poll of an operation: see [`Client::get_status`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetStatus(pub(super) String);

impl Action for GetStatus {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running, Error> {
        let id = checked_id("get_status", &self.0)?;
        let context = core.context("get_status".to_owned(), Vec::new(), options)?;
        let request = Arc::new(core.protocol()?.status_request(id));
        let exchange = Exchange::new(context, request, Effect::Repeatable);
        Ok(Running(Machines::Poll(Box::new(exchange), id.to_owned())))
    }

    fn output(running: Running) -> Result<StatusResponse, Error> {
        let Machines::Poll(mut exchange, id) = running.0 else {
            return Err(not_run());
        };
        exchange
            .finish()
            .unwrap_or_else(|| Err(not_run()))
            .and_then(|response| read_status_of(&response, &id))
            .map_err(|e| e.with_request_id(id))
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

/// The wait for an operation that was submitted before: see [`Client::resume`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume(pub(super) String);

impl Action for Resume {
    type Output = StatusResponse;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running, Error> {
        let id = checked_id("resume", &self.0)?;
        let context = core.context("resumed operation".to_owned(), Vec::new(), options)?;
        Ok(Running::operation(Operation::resume(context, id.to_owned())))
    }

    fn output(running: Running) -> Result<StatusResponse, Error> {
        completed(running)
    }
}

/// A machine on its way.
#[derive(Debug)]
pub struct Running(Machines);

#[derive(Debug)]
enum Machines {
    Operation(Box<Operation>),
    /// With the id that it asks for.
    Poll(Box<Exchange>, String),
    Wait(Box<Wait>),
    JobRun(Box<JobRunMachine>),
}

impl Running {
    fn operation(operation: Operation) -> Self {
        Self(Machines::Operation(Box::new(operation)))
    }

    pub(super) fn wait(wait: Wait) -> Self {
        Self(Machines::Wait(Box::new(wait)))
    }

    pub(super) fn job_run(machine: JobRunMachine) -> Self {
        Self(Machines::JobRun(Box::new(machine)))
    }

    fn machine(&mut self) -> &mut dyn Machine {
        match &mut self.0 {
            Machines::Operation(operation) => &mut **operation,
            Machines::Poll(exchange, _) => &mut **exchange,
            Machines::Wait(wait) => &mut **wait,
            Machines::JobRun(run) => run.machine(),
        }
    }

    fn completed(self) -> Result<Completed, Error> {
        match self.0 {
            Machines::Operation(mut operation) => operation.finish().unwrap_or_else(|| Err(not_run())),
            Machines::Wait(mut wait) => wait.finish().unwrap_or_else(|| Err(not_run())),
            Machines::Poll(..) | Machines::JobRun(_) => Err(not_run()),
        }
    }

    pub(super) fn finish_job_run<T>(
        self,
        finish: impl FnOnce(JobRunMachine) -> Option<Result<T, Error>>,
    ) -> Result<T, Error> {
        match self.0 {
            Machines::JobRun(run) => finish(*run).unwrap_or_else(|| Err(not_run())),
            _ => Err(not_run()),
        }
    }
}

fn submit(command: &dyn Command, core: &Core, options: &CallOptions) -> Result<Running, Error> {
    let sql = command.render(options.names)?;
    let context = core.context(label(&sql), secrets_in(&sql), options)?;
    let request = core.protocol()?.submit_request(&sql);
    let operation = Operation::submit_only(context, request, command.spec().effect);
    Ok(Running::operation(operation))
}

fn submitted(running: Running) -> Result<SubmitResponse, Error> {
    let Completed { request_id, body, .. } = running.completed()?;
    Ok(SubmitResponse { request_id, raw: body })
}

pub(super) fn completed(running: Running) -> Result<StatusResponse, Error> {
    running.completed().map(status_response)
}

pub(super) fn status_response(completed: Completed) -> StatusResponse {
    let Completed { request_id, status, body } = completed;
    StatusResponse::from_parts(request_id, ApiStatus::read(&status), body)
}

/// The driver runs a machine until it is done, so this is never seen; it is not worth a panic.
#[cold]
fn not_run() -> Error {
    Error::new(ErrorKind::UnexpectedResponse, "running a call", "it was not run to its end")
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
