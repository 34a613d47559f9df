//! Errors for the tests of programs that use this crate.

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Error, ErrorKind};

/// A builder of an [`Error`], for tests of your own code: see [`Error::simulated`].
#[derive(Debug)]
#[must_use = "an error under construction does nothing until `.build()`"]
pub struct SimulatedError(Error);

impl Error {
    /// Returns a builder of an error of this kind that no server has sent, to test how your own code handles
    /// such an error. The text of the error is "{attempted}: {happened}".
    ///
    /// ```
    /// use std::time::Duration;
    /// use controlplane::{Error, ErrorKind};
    ///
    /// fn should_wait(error: &Error) -> Option<Duration> {
    ///     error.retry_after().filter(|_| error.kind() == ErrorKind::RateLimited)
    /// }
    ///
    /// let error = Error::simulated(ErrorKind::RateLimited, "SHOW LAKES", "HTTP 429")
    ///     .status(429)
    ///     .retry_after(Duration::from_secs(7))
    ///     .build();
    /// assert_eq!(should_wait(&error), Some(Duration::from_secs(7)));
    /// assert_eq!(error.to_string(), "SHOW LAKES: HTTP 429");
    /// ```
    pub fn simulated(
        kind: ErrorKind,
        attempted: impl Into<String>,
        happened: impl Into<String>,
    ) -> SimulatedError {
        SimulatedError(Self::new(kind, attempted, happened))
    }
}

/// Each setter has the name of the accessor of [`Error`] that returns its value; `retryable` and `timeout`
/// set the results of `is_retryable` and `is_timeout`, and `advice` sets the second line of the text.
///
/// ```
/// use std::time::Duration;
/// use controlplane::{Error, ErrorKind};
/// use serde_json::json;
///
/// let error = Error::simulated(ErrorKind::OperationFailed, "DESCRIBE CLUSTER `prod`", "ended with FAILED")
///     .request_id("id-1")
///     .resource("prod")
///     .api_status("API_OPERATION_STATUS_FAILED")
///     .api_code("NOT_FOUND")
///     .api_message("no such cluster")
///     .api_response(json!({"code": "NOT_FOUND"}))
///     .body("{}")
///     .attempts(1)
///     .elapsed(Duration::from_secs(60))
///     .missing_fields(["api_key"])
///     .detail("a detail of the service")
///     .retryable(false)
///     .timeout(false)
///     .advice("Check the name.")
///     .source(std::io::Error::other("a cause"))
///     .build();
/// assert!(error.is_not_found());
/// assert_eq!((error.request_id(), error.resource()), (Some("id-1"), Some("prod")));
/// assert_eq!((error.missing_fields(), error.detail()), (&["api_key"][..], Some(&"a detail of the service")));
/// ```
impl SimulatedError {
    /// Sets [`Error::request_id`].
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.0.request_id = Some(id.into());
        self
    }

    /// Sets [`Error::resource`].
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        self.0.0.resource = Some(name.into());
        self
    }

    /// Sets [`Error::status`].
    pub fn status(mut self, status: u16) -> Self {
        self.0.0.status = Some(status);
        self
    }

    /// Sets [`Error::body`].
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.0.0.body = Some(body.into());
        self
    }

    /// Sets [`Error::api_code`].
    pub fn api_code(mut self, code: impl Into<String>) -> Self {
        self.0.0.api_code = Some(code.into());
        self
    }

    /// Sets [`Error::api_message`].
    pub fn api_message(mut self, message: impl Into<String>) -> Self {
        self.0.0.api_message = Some(message.into());
        self
    }

    /// Sets [`Error::api_status`].
    pub fn api_status(mut self, status: impl Into<String>) -> Self {
        self.0.0.api_status = Some(status.into());
        self
    }

    /// Sets [`Error::api_response`].
    pub fn api_response(mut self, payload: Value) -> Self {
        self.0.0.api_response = Some(payload);
        self
    }

    /// Sets [`Error::retry_after`].
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.0.0.retry_after = Some(after);
        self
    }

    /// Sets [`Error::attempts`].
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.0.attempts = Some(attempts);
        self
    }

    /// Sets [`Error::elapsed`].
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.0.0.elapsed = Some(elapsed);
        self
    }

    /// Sets [`Error::missing_fields`].
    pub fn missing_fields(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.0.0.missing = names.into_iter().collect();
        self
    }

    /// Sets [`Error::detail`]: a value of one of the services' types, such as `h2o_workflows::RunFailure`,
    /// which a program makes from its `default()` and its fields.
    pub fn detail(mut self, detail: impl Any + Send + Sync) -> Self {
        self.0.0.detail = Some(Arc::new(detail));
        self
    }

    /// Sets [`Error::is_retryable`]. Default: false.
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.0.retryable = retryable;
        self
    }

    /// Sets [`Error::is_timeout`]. Default: true for [`OperationTimeout`](ErrorKind::OperationTimeout).
    pub fn timeout(mut self, timeout: bool) -> Self {
        self.0.0.timeout = timeout;
        self
    }

    /// Sets the second line of the text, which says what to do.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.0 = self.0.with_advice(advice);
        self
    }

    /// Sets the cause that [`source`](StdError::source) returns.
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0 = self.0.with_source(source);
        self
    }

    /// Returns the error.
    pub fn build(self) -> Error {
        self.0
    }
}
