//! The call that follows the logs of a run.

use crate::h2o_workflows::clients::RunClient;
use crate::h2o_workflows::command::{Call, label};
use crate::h2o_workflows::logs::OutputStream;

use super::position::RunLogPosition;

/// Follows the logs of a run: see [`RunClient::follow_logs`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowLogs {
    /// The run: `…/revisions/{revision}/runs/{run}`.
    pub name: String,
    /// The output of the steps to return: standard output, standard error, or both, which is the default.
    pub stream: OutputStream,
    /// The position to begin at. Default: the beginning of the first attempt.
    pub position: Option<RunLogPosition>,
}

impl FollowLogs {
    pub(super) fn label(&self) -> String {
        label("run.follow_logs", &self.name)
    }
}

/// # Logs
impl<M> RunClient<M> {
    /// Follows the logs of a run, which may have ended long ago, until the run has ended: all attempts, jobs
    /// and steps. [`iter`](Call::iter) returns an iterator over chunks of bytes, and `stream` a stream of
    /// them for asynchronous programs; `.lines()` of either returns lines of text. The vendor's client has no
    /// call for this.
    ///
    /// **Order.** One step comes after the other, so the log of a step is never mixed with that of another
    /// one: attempts in their order, the jobs of an attempt in the order in which they begin, the steps of a
    /// job in their order. Of jobs that run in parallel, the one that began first is read to its end, while
    /// it is written; meanwhile the service keeps the logs of the others, which follow. Each item names its
    /// attempt, job and step. If a job calls a workflow, the logs of that run follow in its place.
    ///
    /// **Requests.** There is one connection at a time, and memory for one piece of a log. If the run has
    /// ended, the requests are the run, its attempts, the jobs of each attempt, the steps of each job, and
    /// the log of each step that has run. While the run continues, the steps are listed again after each of
    /// them, the end of its log is read once more when it has ended, and the state is polled while no job
    /// runs (as [`wait_for_run`](RunClient::wait_for_run) polls).
    ///
    /// **Failures.** A connection that breaks, or is silent for a minute, is opened again, and the log
    /// continues where it was: each byte is returned once. A request that meets a transient failure is sent
    /// again, as often as the call has [retries](Call::retry), whose count begins again with each new byte.
    /// An error is the last item. Its [`resource`](crate::Error::resource) is the run, and its
    /// [`detail`](crate::Error::detail) is the [`RunLogPosition`] from which another call can continue with
    /// [`position`](Call::position). A run that has failed or was cancelled is not an error: its logs end.
    ///
    /// **Time.** There is no time limit unless [`timeout`](Call::timeout) is set for this call; the client's
    /// timeout does not apply, because a run may take days. [`Call::cancel_with`] ends the logs early.
    ///
    /// ```
    /// # use controlplane::h2o_workflows::{Client, Credentials, Workflow};
    /// # let emulator = controlplane_emulator::h2o_workflows::Emulator::start()?;
    /// # let credentials = Credentials::builder().environment(emulator.url()).platform_token(emulator.refresh_token())
    /// #     .env([("HOME", "/nonexistent")]).build()?;
    /// # let client = Client::builder().credentials(credentials).poll_interval(std::time::Duration::from_millis(10)).build()?;
    /// # let source = "id: hello\njobs: {greet: {steps: [{run: echo hi}]}}\n";
    /// # let workflow = client.workflow().create_workflow("workspaces/w", Workflow::new(source)).send()?;
    /// # client.workflow().activate_workflow(workflow.name).send()?;
    /// let active = "workspaces/w/workflows/hello/revisions/active";
    /// let run = client.workflow_revision().run_workflow_revision(active).send()?;
    /// let mut logs = client.run().follow_logs(&*run.name).iter().lines();
    /// let mut heading = String::new();
    /// while let Some(line) = logs.next() {
    ///     let line = line?;
    ///     if heading != line.source.to_string() {
    ///         heading = line.source.to_string();
    ///         println!("== {heading}"); // == greet, step 1
    ///     }
    ///     println!("{}", line.text);
    /// }
    /// // Another process continues here, if the run is retried.
    /// let position = serde_json::to_string(&logs.position())?;
    /// # assert!(heading.starts_with("greet, step 1"));
    /// # let position = serde_json::from_str(&position)?;
    /// # assert!(client.run().follow_logs(run.name).position(position).iter().next().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn follow_logs(&self, name: impl Into<String>) -> Call<M, FollowLogs> {
        let command = FollowLogs { name: name.into(), stream: OutputStream::Unspecified, position: None };
        let mut call = Call::new(self.0.clone(), command);
        // The client's time is for calls that end soon.
        call.options.settings.has_own_timeout = false;
        call
    }
}

/// # Options of the logs of a run
impl<M> Call<M, FollowLogs> {
    /// Sets which output of the steps is returned. Default: both.
    pub fn output(mut self, stream: OutputStream) -> Self {
        self.command.stream = stream;
        self
    }

    /// Sets the position at which the logs begin, and the output of the steps that this position is for.
    /// Default: the beginning of the first attempt.
    ///
    /// A position of another run, or of another output than a later [`output`](Call::output) sets, is the
    /// error [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub fn position(mut self, position: RunLogPosition) -> Self {
        self.command.stream = position.stream.clone();
        self.command.position = Some(position);
        self
    }
}
