//! Rules of waits: the state of something, as the caller or the service judges it.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Seen;
use crate::engine::Judgement;

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
                match rule(&read) {
                    Seen::Pending(status) => Judgement::Pending { status },
                    Seen::Done => Judgement::Done { status: "done".to_owned(), body: body.clone() },
                    Seen::Failed(status) => Judgement::Failed { status, detail: body.clone() },
                    Seen::Unclear(why) => return Err(why),
                }
            }
        };
        Ok(match judgement {
            Judgement::Failed { status, .. } if self.accepts_failure => Judgement::Done { status, body },
            other => other,
        })
    }

    /// Judges what was read. `usual` judges by the service's own states.
    pub(super) fn see(&self, read: &T, usual: fn(&T) -> Seen) -> Seen {
        let seen = self.rule.as_ref().map_or_else(|| usual(read), |rule| rule(read));
        match seen {
            Seen::Failed(_) if self.accepts_failure => Seen::Done,
            other => other,
        }
    }

    pub(super) fn accepts_failure(&self) -> bool {
        self.accepts_failure
    }
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
    /// Sets the rule of the wait: `true` or [`Seen::Done`] ends it. Default: the service's own final states.
    ///
    /// The rule is called with the response to each poll.
    ///
    /// ```no_run
    /// use controlplane::hotdata::{Client, JobStatus};
    ///
    /// # let client = Client::from_env()?;
    /// // Until a worker has started it.
    /// let call = client.jobs().wait_for_job("job_42").until(|job| job.status != JobStatus::Pending);
    /// println!("{} attempts", call.send()?.attempts);
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn until<S: Into<Seen>>(mut self, rule: impl Fn(&W::Polled) -> S + Send + Sync + 'static) -> Self {
        self.command.until().rule = Some(Arc::new(move |polled| rule(polled).into()));
        self
    }

    /// Ends the wait successfully in a failure state too. Default: such a state is an error.
    pub fn accept_failure(mut self) -> Self {
        self.command.until().accepts_failure = true;
        self
    }
}
