//! Rules of waits: the state of something, as the caller or the service judges it.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Seen;
use crate::client::batch::own_rule;
use crate::engine::Judgement;
use crate::error::Error;

use super::command::Call;

type Rule<T> = dyn Fn(&T) -> Seen + Send + Sync;

/// When a wait for a `T` ends.
pub struct Until<T> {
    /// `None`: the service's own end.
    rule: Option<Arc<Rule<T>>>,
    accepts_failure: bool,
}

impl<T> Default for Until<T> {
    fn default() -> Self {
        Self { rule: None, accepts_failure: false }
    }
}

impl<T> Clone for Until<T> {
    fn clone(&self) -> Self {
        Self { rule: self.rule.clone(), accepts_failure: self.accepts_failure }
    }
}

impl<T> fmt::Debug for Until<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until")
            .field("has_rule", &self.rule.is_some())
            .field("accepts_failure", &self.accepts_failure)
            .finish()
    }
}

impl<T> Until<T> {
    /// The end of a wait as a batch and its journal keep it.
    pub(super) fn kept(accepts_failure: bool) -> Self {
        Self { rule: None, accepts_failure }
    }

    /// Returns whether a failure is accepted.
    ///
    /// # Errors
    ///
    /// The rule is the caller's own.
    pub(super) fn keep(&self, label: &str) -> Result<bool, Error> {
        match self.rule {
            Some(_) => Err(own_rule(label)),
            None => Ok(self.accepts_failure),
        }
    }
}

impl<T: DeserializeOwned> Until<T> {
    /// Judges the body of a poll. `usual` judges by the service's own states.
    pub(super) fn judge(
        &self,
        body: Value,
        usual: fn(Value) -> Result<Judgement, String>,
    ) -> Result<Judgement, String> {
        let judgement = match &self.rule {
            None => usual(body.clone())?,
            Some(rule) => {
                let read: T = T::deserialize(&body).map_err(|e| e.to_string())?;
                // The service's words for the state, where the rule has none.
                let status = usual(body.clone()).map(status).unwrap_or_default();
                match rule(&read) {
                    Seen::Pending(seen) => Judgement::Pending { status: words(seen, &status) },
                    Seen::Done => Judgement::Done { status, body: body.clone() },
                    Seen::Failed(seen) => {
                        Judgement::Failed { status: words(seen, &status), detail: body.clone() }
                    }
                    Seen::Unclear(why) => return Err(why),
                }
            }
        };
        Ok(match judgement {
            Judgement::Failed { status, .. } if self.accepts_failure => Judgement::Done { status, body },
            other => other,
        })
    }

    /// Judges what was read, which is in the state `status`. `usual` judges by the service's own states.
    pub(super) fn see(&self, read: &T, status: &str, usual: fn(&T) -> Seen) -> Seen {
        match self.rule.as_ref().map_or_else(|| usual(read), |rule| rule(read)) {
            Seen::Failed(_) if self.accepts_failure => Seen::Done,
            Seen::Failed(seen) => Seen::Failed(words(seen, status)),
            Seen::Pending(seen) => Seen::Pending(words(seen, status)),
            other => other,
        }
    }

    pub(super) fn accepts_failure(&self) -> bool {
        self.accepts_failure
    }
}

fn status(judgement: Judgement) -> String {
    match judgement {
        Judgement::Pending { status } | Judgement::Done { status, .. } | Judgement::Failed { status, .. } => {
            status
        }
    }
}

/// The words of a rule; the service's own where it has none.
fn words(seen: String, status: &str) -> String {
    if seen.is_empty() { status.to_owned() } else { seen }
}

/// A wait for something that exists.
pub trait Waits {
    /// What is polled.
    type Polled;

    #[doc(hidden)]
    fn until(&mut self) -> &mut Until<Self::Polled>;
}

/// # Ending a wait
impl<M, W: Waits> Call<M, W> {
    /// Sets a rule that decides when the wait ends, in place of the service's own final states.
    ///
    /// The rule is called with the response to each poll: `true` or [`Seen::Done`] ends the wait, `false` or
    /// [`Seen::Pending`] continues it, and [`Seen::Failed`] ends it with
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed). The rule has to look for failures itself: if
    /// it returns `false` for a job or a query run that has failed, the wait continues until its timeout.
    /// After [`Seen::Unclear`] the wait continues too, but ends with
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if more such responses come in a row than
    /// the call has retries ([`RetryPolicy`](crate::RetryPolicy), default: 3).
    ///
    /// A call with a rule cannot be part of a batch.
    ///
    /// ```no_run
    /// use controlplane::hotdata::{Client, JobStatus};
    ///
    /// # let client = Client::from_env()?;
    /// // Waits until a worker has started the job.
    /// let call = client.jobs().wait_for_job("job_42").until(|job| job.status != JobStatus::Pending);
    /// println!("{} attempts", call.send()?.attempts);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn until<S: Into<Seen>>(mut self, rule: impl Fn(&W::Polled) -> S + Send + Sync + 'static) -> Self {
        self.command.until().rule = Some(Arc::new(move |polled| rule(polled).into()));
        self
    }

    /// Makes a failure state end the wait successfully, so that the call returns the job, query run or result
    /// that failed. Default: a failure state is the error
    /// [`OperationFailed`](crate::ErrorKind::OperationFailed).
    pub fn accept_failure(mut self) -> Self {
        self.command.until().accepts_failure = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usual(_: Value) -> Result<Judgement, String> {
        Ok(Judgement::Pending { status: "running".to_owned() })
    }

    fn judged<R: Into<Seen> + 'static>(rule: fn(&Value) -> R) -> Result<Judgement, String> {
        let rule: Arc<Rule<Value>> = Arc::new(move |read| rule(read).into());
        Until { rule: Some(rule), accepts_failure: false }.judge(json!({"rows": 1}), usual)
    }

    #[test]
    fn a_rule_may_be_a_bool_and_the_words_are_the_services_where_it_has_none() {
        let pending = judged(|read| read["rows"] == 2).unwrap();
        assert!(matches!(pending, Judgement::Pending { status } if status == "running"));
        let done = judged(|read| read["rows"] == 1).unwrap();
        assert!(matches!(done, Judgement::Done { status, .. } if status == "running"));
        let pending = judged(|_| Seen::Pending("half".to_owned())).unwrap();
        assert!(matches!(pending, Judgement::Pending { status } if status == "half"));
        let failed = judged(|_| Seen::Failed(String::new())).unwrap();
        assert!(matches!(failed, Judgement::Failed { status, .. } if status == "running"));
        assert_eq!(judged(|_| Seen::Unclear("why".to_owned())).unwrap_err(), "why");
    }
}
