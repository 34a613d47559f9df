//! Settings of every call of the program: the token of Ctrl-C, the progress line, the time limit. And the failure of a
//! wait that ended too early.

use std::time::Duration;

use controlplane::{CancelToken, Effect, Error, ErrorKind, Progress};
use controlplane::{eloq, h2o_workflows, hotdata, onehouse};

use crate::app::App;
use crate::apply::Service;
use crate::failure::{Exit, Failure};

/// A call of any service, as far as its settings are the same for all of them.
pub(crate) trait Watched: Sized {
    const SERVICE: Service;

    fn with_timeout(self, timeout: Duration) -> Self;
    fn with_progress(self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self;
    fn with_token(self, token: &CancelToken) -> Self;
}

/// The calls of each service are types of their own, whose methods have the same names.
macro_rules! impl_watched {
    ($($service:ident: $of:expr),+) => {$(
        impl<C> Watched for $service::Call<$service::Blocking, C> {
            const SERVICE: Service = $of;

            fn with_timeout(self, timeout: Duration) -> Self {
                self.timeout(timeout)
            }

            fn with_progress(self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
                self.on_progress(callback)
            }

            fn with_token(self, token: &CancelToken) -> Self {
                self.cancel_with(token)
            }
        }
    )+};
}

impl_watched!(
    eloq: Service::Eloq,
    h2o_workflows: Service::H2o,
    hotdata: Service::Hotdata,
    onehouse: Service::Onehouse
);

/// Returns the call with the token of Ctrl-C, the progress line of the program, and the time of `--timeout`.
pub(crate) fn watched<C: Watched>(app: &App, call: C, label: &str, effect: Effect) -> C {
    let observer = app.progress.observer(label, effect, |id| C::SERVICE.id_word(id));
    let call = call.with_token(app.interrupt.token()).with_progress(observer);
    match app.globals.timeout {
        Some(timeout) => call.with_timeout(timeout),
        None => call,
    }
}

/// Returns the failure of a wait. If what it waited for continues at the service, it says with which command
/// to wait again.
pub(crate) fn failed_wait(error: Error, again: impl FnOnce() -> String) -> Failure {
    failed_wait_of("request id", error, again)
}

/// The same where an id is that of something: "job".
pub(crate) fn failed_wait_of(what: &str, error: Error, again: impl FnOnce() -> String) -> Failure {
    let is_known = error.request_id().is_some() || error.resource().is_some();
    let is_over = matches!(
        error.kind(),
        ErrorKind::OperationFailed
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::Conflict
            | ErrorKind::InvalidArgument
            | ErrorKind::OutcomeUnknown
            | ErrorKind::LimitExceeded
            | ErrorKind::Io
    );
    if is_over || !is_known {
        return Failure::from(error).id_of(what);
    }
    let exit = match error.kind() {
        ErrorKind::Cancelled => Exit::Interrupted,
        _ if error.is_auth() => Exit::Credentials,
        _ => Exit::StillRunning,
    };
    let text = error.to_string();
    let failure = Failure::new(exit, text.lines().next().unwrap_or_default()).hint(format!(
        "The operation continues at the service. Wait for its end with `{}`; do not send the command again.",
        again()
    ));
    failure.id_of(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wait_for_something_that_continues_says_how_to_wait_again() {
        use ErrorKind::*;
        for (kind, has_resource, exit, says_how) in [
            (Cancelled, true, Exit::Interrupted, true),
            (Cancelled, false, Exit::Interrupted, false),
            (OperationTimeout, true, Exit::StillRunning, true),
            (OperationTimeout, false, Exit::Failed, false),
            (Transport, true, Exit::StillRunning, true),
            (Transport, false, Exit::Failed, false),
            (Authentication, true, Exit::Credentials, true),
            (OperationFailed, true, Exit::Failed, false),
            (NotFound, true, Exit::Refused, false),
            (OutcomeUnknown, true, Exit::OutcomeUnknown, false),
        ] {
            let mut error = Error::simulated(kind, "cluster c1", "it happened");
            if has_resource {
                error = error.resource("c1");
            }
            let failure = failed_wait(error.build(), || "controlplane eloq wait c1".to_owned());
            assert_eq!(failure.exit(), exit, "{kind:?}");
            assert_eq!(failure.to_string().contains("`controlplane eloq wait c1`"), says_how, "{kind:?}");
        }
    }
}
