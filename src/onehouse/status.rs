//! The state of a submitted statement, and its payload.
//!
//! Vendor's page: [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api).

use std::fmt;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::open_enum::{OpenEnum, impl_open_enum};
use crate::redact::Redacted;
use crate::rows::{Row, Source, WithoutText};

use super::{payload, payload_text};

/// The state of a submitted statement.
///
/// The vendor's [Status API](https://docs.onehouse.ai/docs/api/getting-started/status-api) page and the
/// Python SDK 0.3.0 list these five values; an older version of the page has no `SUCCESS_PARTIAL`. Other values are kept
/// in `Other` and count as not ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiStatus {
    /// Still running: `API_OPERATION_STATUS_PENDING`.
    Pending,
    /// Ended with a success: `API_OPERATION_STATUS_SUCCESS`.
    Success,
    /// Ended, but parts of the operation did not succeed: `API_OPERATION_STATUS_SUCCESS_PARTIAL`.
    SuccessPartial,
    /// Failed during its execution: `API_OPERATION_STATUS_FAILED`.
    Failed,
    /// The statement has a syntax error or a semantic error: `API_OPERATION_STATUS_INVALID`.
    Invalid,
    /// A status that this version does not know, as the server spells it.
    Other(String),
}

impl OpenEnum for ApiStatus {
    const WHAT: &'static str = "status";
    const KNOWN: &'static [(Self, &'static str)] = &[
        (Self::Pending, "API_OPERATION_STATUS_PENDING"),
        (Self::Success, "API_OPERATION_STATUS_SUCCESS"),
        (Self::SuccessPartial, "API_OPERATION_STATUS_SUCCESS_PARTIAL"),
        (Self::Failed, "API_OPERATION_STATUS_FAILED"),
        (Self::Invalid, "API_OPERATION_STATUS_INVALID"),
    ];

    fn other(text: String) -> Self {
        Self::Other(text)
    }

    fn as_other(&self) -> Option<&str> {
        match self {
            Self::Other(text) => Some(text),
            _ => None,
        }
    }
}

impl_open_enum!(ApiStatus);

impl ApiStatus {
    /// True if the operation has ended, with a success or a failure.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::SuccessPartial) || self.is_failure()
    }

    /// True for `Failed` and `Invalid`.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Invalid)
    }
}

/// The response to a submit. The server has accepted the statement and given it an id.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SubmitResponse {
    /// The id of the operation. [`Client::resume`](super::Client::resume) and
    /// [`Client::get_status`](super::Client::get_status) take it, in this process or another.
    pub request_id: String,
    /// The whole response, as the server sent it.
    pub raw: Value,
}

impl SubmitResponse {
    /// Makes a response from its JSON, for your own tests.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the JSON has no `requestId` that is a text
    /// and not empty.
    pub fn from_json(raw: Value) -> Result<Self, Error> {
        match raw.get("requestId").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => Ok(Self { request_id: id.to_owned(), raw }),
            _ => Err(unexpected("reading the response to a submit", "the JSON has no `requestId`")),
        }
    }
}

impl fmt::Debug for SubmitResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitResponse")
            .field("request_id", &self.request_id)
            .field("raw", &Redacted(&self.raw))
            .finish()
    }
}

/// Writes the request id without the rest of the response: `{"request_id": "…"}`.
///
/// ```
/// use controlplane::onehouse::SubmitResponse;
/// use serde_json::json;
///
/// let submitted = SubmitResponse::from_json(json!({"requestId": "id-1"}))?;
/// assert_eq!(serde_json::to_value(&submitted)?, json!({"request_id": "id-1"}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for SubmitResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("SubmitResponse", 1)?;
        fields.serialize_field("request_id", &self.request_id)?;
        fields.end()
    }
}

/// The status of an operation, and the payload of the response.
///
/// The vendor does not document the fields of payloads, and its pages and packages show three shapes: JSON
/// objects and arrays of objects; tables with `columns` and `rows`, or with `data`; and one of these inside
/// an object whose only key ends in `ApiResponse`. The methods read all three. `api_response` and `raw` are
/// what the server sent. `Debug` masks values whose key names a secret; the fields have them unmasked.
///
/// ```
/// use controlplane::onehouse::StatusResponse;
/// use serde_json::json;
///
/// let done = StatusResponse::from_json("id-1", json!({
///     "apiStatus": "API_OPERATION_STATUS_SUCCESS",
///     "apiResponse": {"showClustersApiResponse": {"columns": ["name", "state"], "rows": [["prod", "RUNNING"]]}},
/// }))?;
/// assert!(done.is_terminal() && !done.is_partial());
/// assert_eq!(done.state().as_deref(), Some("RUNNING"));
/// # Ok::<(), controlplane::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct StatusResponse {
    /// The id of the operation.
    pub request_id: String,
    /// The status of the operation.
    pub api_status: ApiStatus,
    /// The payload: `apiResponse` of the response, unchanged. Null if there is none.
    pub api_response: Value,
    /// The whole response, as the server sent it.
    pub raw: Value,
    /// The text of the response, for types that keep every digit.
    source: Source,
}

impl StatusResponse {
    /// Makes a response from a request id and the JSON of a status response, for your own tests.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the JSON is not an object with an `apiStatus`
    /// that is a text and not empty.
    pub fn from_json(request_id: impl Into<String>, raw: Value) -> Result<Self, Error> {
        let status = read_status(&raw).map_err(|why| unexpected("reading a status", why))?;
        Ok(Self::from_parts(request_id.into(), ApiStatus::read(status), raw, Source::default()))
    }

    pub(super) fn from_parts(request_id: String, api_status: ApiStatus, raw: Value, source: Source) -> Self {
        Self {
            request_id,
            api_status,
            api_response: raw.get("apiResponse").cloned().unwrap_or_default(),
            raw,
            source,
        }
    }

    /// True if the operation has ended, with a success or a failure.
    #[doc(alias = "terminal")]
    pub fn is_terminal(&self) -> bool {
        self.api_status.is_terminal()
    }

    /// True if the operation has ended, but parts of it did not succeed: the status is `SuccessPartial`.
    #[doc(alias = "partial")]
    pub fn is_partial(&self) -> bool {
        self.api_status == ApiStatus::SuccessPartial
    }

    /// Returns the payload, without its `…ApiResponse` wrapper if it has one.
    pub fn payload(&self) -> &Value {
        payload::unwrapped(&self.api_response)
    }

    /// Returns the payload as rows. It may be an array of objects, an object with `columns` and `rows`, or an
    /// object with `data`. Any other object is one row. A payload that is absent, null or `{}` has no rows. A
    /// text, a number or a boolean in place of an object is a row with the key `value`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// for cluster in client.show_clusters().send()?.rows() {
    ///     println!("{}", cluster.text("name").unwrap_or("a cluster without a name"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows(&self) -> Vec<Row> {
        payload::rows(self.payload())
    }

    /// Returns the rows of the payload, as in [`rows`](StatusResponse::rows), as values of a type of your
    /// own.
    ///
    /// The rows are read from the text of the response, so that fields of type `u128`, `i128` or
    /// `Box<serde_json::value::RawValue>` keep every digit. A [`Value`] rounds numbers beyond 64 bits and
    /// decimals of more than 17 digits, and so does a response from [`from_json`](StatusResponse::from_json),
    /// which has no text.
    ///
    /// ```
    /// use controlplane::onehouse::StatusResponse;
    /// use serde_json::json;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Cluster {
    ///     name: String,
    ///     state: String,
    /// }
    ///
    /// let done = StatusResponse::from_json("id-1", json!({
    ///     "apiStatus": "API_OPERATION_STATUS_SUCCESS",
    ///     "apiResponse": {"columns": ["name", "state"], "rows": [["prod", "RUNNING"]]},
    /// }))?;
    /// for cluster in done.rows_as::<Cluster>()? {
    ///     println!("{} is {}", cluster.name, cluster.state);
    /// }
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse), with the request id, if a row does not fit the
    /// type.
    pub fn rows_as<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.read_payload(payload_text::rows_as).map_err(|e| self.misfit::<T>("reading the rows", &e))
    }

    /// Reads the payload from the text of the response, or from its JSON if there is no text.
    fn read_payload<T>(
        &self,
        read: impl Fn(&str) -> Result<T, serde_json::Error>,
    ) -> Result<T, serde_json::Error> {
        match self.source.texts().next() {
            Some(text) => read(payload_text::unwrapped(text)?),
            None => read(&self.payload().to_string()),
        }
    }

    /// The text of the error may quote the payload, which may contain a secret.
    fn misfit<T>(&self, attempted: &str, error: &serde_json::Error) -> Error {
        unexpected(attempted, format!("the payload cannot be read as `{}`", std::any::type_name::<T>()))
            .with_request_id(self.request_id.clone())
            .with_api_status(Some(self.api_status.to_string()))
            .with_advice(format!(
                "The payload is {}. Compare it with the fields of the type; a field that may be missing needs an `Option`.",
                payload::shape(&self.api_response)
            ))
            .with_source(WithoutText(error.classify()))
    }

    /// Returns the whole payload as a value of a type of your own. It is read from the text of the response,
    /// as in [`rows_as`](StatusResponse::rows_as). If the type is a list and the payload is a table, the
    /// elements of the list are the rows.
    ///
    /// # Errors
    ///
    /// [`UnexpectedResponse`](ErrorKind::UnexpectedResponse), with the request id, if the payload does not
    /// fit the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.read_payload(payload_text::parse).map_err(|e| self.misfit::<T>("reading the payload", &e))
    }

    /// Returns the state of the resource that a `DESCRIBE` command has described: the text under the key
    /// `state`, or else `status`, in the only row of the payload. The case of the keys is ignored. If the row
    /// has only one value and this value is an object, the text is read from this object. `None` if there is
    /// no such text, or if the payload has more than one row.
    ///
    /// The vendor's [page about clusters](https://docs.onehouse.ai/docs/product/compute/clusters) shows
    /// `state`. For other resources the keys are not documented.
    ///
    /// ```
    /// use controlplane::onehouse::StatusResponse;
    /// use serde_json::json;
    ///
    /// let done = StatusResponse::from_json("id-1", json!({
    ///     "apiStatus": "API_OPERATION_STATUS_SUCCESS",
    ///     "apiResponse": {"name": "prod", "type": "Managed", "state": "RUNNING"},
    /// }))?;
    /// assert_eq!(done.state().as_deref(), Some("RUNNING"));
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn state(&self) -> Option<String> {
        payload::text(self.payload(), &["state", "status"])
    }

    /// Returns the id of the job run that was started: the text under `jobRunId` in the payload of `RUN JOB`,
    /// where the vendor's Airflow provider reads it. The response to `CREATE AND RUN JOB` is not documented;
    /// this crate expects the same key. `None` if there is no such text.
    ///
    /// ```
    /// use controlplane::onehouse::StatusResponse;
    /// use serde_json::json;
    ///
    /// let done = StatusResponse::from_json("id-1", json!({
    ///     "apiStatus": "API_OPERATION_STATUS_SUCCESS",
    ///     "apiResponse": {"runJobApiResponse": {"jobRunId": "acde070d-8c4c-4f0d-9d8a-162843c10333"}},
    /// }))?;
    /// assert_eq!(done.job_run_id().as_deref(), Some("acde070d-8c4c-4f0d-9d8a-162843c10333"));
    /// # Ok::<(), controlplane::Error>(())
    /// ```
    pub fn job_run_id(&self) -> Option<String> {
        payload::text(self.payload(), &["jobRunId"])
    }

    /// Returns the secret of a new API token: the text under `secret` in the only row of the response to
    /// `CREATE API_TOKEN`. The server returns the secret only in this response, so store it at once. `None`
    /// if there is no such text.
    pub fn secret(&self) -> Option<SecretString> {
        let rows = self.rows();
        let row = rows.first().filter(|_| rows.len() == 1)?;
        row.get("secret").and_then(Value::as_str).map(SecretString::from)
    }
}

impl fmt::Debug for StatusResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusResponse")
            .field("request_id", &self.request_id)
            .field("api_status", &self.api_status)
            .field("api_response", &Redacted(&self.api_response))
            .finish_non_exhaustive()
    }
}

/// Writes the request id, the status and the payload as `request_id`, `api_status` and `api_response`. The
/// payload is as the server sent it, secrets included.
///
/// ```
/// use controlplane::onehouse::StatusResponse;
/// use serde_json::json;
///
/// let raw = json!({"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": {"name": "prod"}});
/// assert_eq!(
///     serde_json::to_value(StatusResponse::from_json("id-1", raw)?)?,
///     json!({
///         "request_id": "id-1",
///         "api_status": "API_OPERATION_STATUS_SUCCESS",
///         "api_response": {"name": "prod"},
///     }),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for StatusResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("StatusResponse", 3)?;
        fields.serialize_field("request_id", &self.request_id)?;
        fields.serialize_field("api_status", &self.api_status)?;
        fields.serialize_field("api_response", &self.api_response)?;
        fields.end()
    }
}

/// The status in a response, or why there is none.
pub(super) fn read_status(raw: &Value) -> Result<&str, &'static str> {
    match raw {
        Value::Object(map) => match map.get("apiStatus") {
            Some(Value::String(status)) if !status.is_empty() => Ok(status),
            Some(_) => Err("its `apiStatus` is not a text"),
            None => Err("it has no `apiStatus`"),
        },
        _ => Err("it is not a JSON object"),
    }
}

fn unexpected(attempted: &str, happened: impl Into<String>) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, attempted, happened)
}
