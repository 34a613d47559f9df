//! Results: what queries have left.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::engine::retry::retry_after;
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Client;
use crate::hotdata::command::{Answer, Call, Command, RequestParts, Scope, Spec, about, request};
use crate::hotdata::pages::{List, Next, next_offset};
use crate::http::{Method, Request, Response};

use super::model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultFormat, ResultInfo, ResultOutcome, ResultText,
};

/// The largest result that is read at once. Larger ones are to be had in parts, or one batch after the other with Arrow.
pub(super) const MAX_RESULT: usize = 256 * 1024 * 1024;

/// Results: see [`Client::results`].
#[derive(Debug)]
pub struct Results<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Operations about results.
    pub fn results(&self) -> Results<M> {
        Results { client: self.clone() }
    }
}

impl<M> Results<M> {
    /// One result, as far as it is there: `GET /v1/results/{id}` (`get_result`).
    ///
    /// Without a format it comes as JSON; see [`Call::format`]. The order of rows is not the same from one request to the
    /// next unless the query says so: parts of a result, made with [`Call::offset`] and [`Call::limit`], may not fit together.
    /// At most 256 MiB are read.
    ///
    /// # Errors
    ///
    /// [`OperationFailed`](ErrorKind::OperationFailed) for a result that has failed (HTTP 409), with its id as
    /// [`request_id`](Error::request_id); [`Rejected`](ErrorKind::Rejected) with the code `RESULT_TOO_LARGE` for one that is
    /// too large for JSON; [`NotFound`](ErrorKind::NotFound) if there is none of this id in the database.
    #[doc(alias = "get_result")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetResult> {
        self.client.call(GetResult::new(id))
    }

    /// A page of results, the newest first, 100 unless it is said otherwise: `GET /v1/results` (`list_results`).
    #[doc(alias = "list_results")]
    pub fn list(&self) -> Call<M, ListResults> {
        self.client.call(ListResults::default())
    }
}

/// See [`Results::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetResult {
    /// Its id.
    pub id: String,
    /// The database, rather than the client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// How many rows are left out before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How many rows are given at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What it is given as: JSON without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ResultFormat>,
}

impl GetResult {
    /// The one of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), x_database_id: None, offset: None, limit: None, format: None }
    }

    /// What a 409 means here: the result has failed.
    pub(crate) fn failed_result(error: &Error) -> Option<Error> {
        if error.status() != Some(409) {
            return None;
        }
        let body = error.body().unwrap_or_default();
        let result: GetResultResponse = serde_json::from_str(body).ok()?;
        Some(result_failed(error.attempted(), &result).with_status(409).with_body(body))
    }
}

/// The error for a result that has failed.
#[cold]
pub(super) fn result_failed(label: &str, result: &GetResultResponse) -> Error {
    let why = result.error_message.as_deref();
    let happened = match why {
        Some(why) => format!("the result has failed: {}", shown(why)),
        None => "the result has failed, and the service does not say why".to_owned(),
    };
    Error::new(ErrorKind::OperationFailed, label, happened)
        .with_request_id(result.result_id.clone())
        .with_api_status(Some(result.status.as_str().to_owned()))
        .with_api_message(why.map(str::to_owned))
        .with_api_response(serde_json::to_value(result).unwrap_or_default())
        .with_advice("There is nothing to be had of it. Run the query again.")
}

impl<M> Call<M, GetResult> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// How many rows are left out before the first. Default: none.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }

    /// How many rows are given at most. Default: all. 0 tells how it stands, and how many there are.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.limit = Some(limit);
        self
    }

    /// What it is given as. Default: JSON, which alone is limited in size by the service. Of Parquet there is only the whole.
    pub fn format(mut self, format: ResultFormat) -> Self {
        self.command.format = Some(format);
        self
    }
}

/// The header that tells how many rows a result has in all.
pub(super) fn total_rows(response: &Response) -> Option<u64> {
    response.headers.text("x-total-row-count")?.trim().parse().ok()
}

/// How long the service asks to wait, in seconds.
pub(crate) fn asked_to_wait(response: &Response) -> Option<Duration> {
    retry_after(response, SystemTime::now())
}

impl Command for GetResult {
    type Output = ResultOutcome;

    fn spec(&self) -> Spec {
        Spec::reads("get_result").of(Scope::Database)
    }

    fn label(&self) -> String {
        about("get_result", &self.id)
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = request(self, Method::Get, "/v1/results/{id}", &[("id", &self.id)])?
            .query("offset", self.offset)
            .query("limit", self.limit)
            .query("format", self.format.as_ref())
            .database(self.x_database_id.as_deref())?;
        request.max_response_body = MAX_RESULT;
        Ok(request)
    }

    fn read(&self, answer: Answer<'_>) -> Result<ResultOutcome, Error> {
        let response = answer.response;
        match response.status {
            200 => {}
            202 => {
                let retry_after = asked_to_wait(response);
                return Ok(ResultOutcome::Pending { result: answer.json()?, retry_after });
            }
            _ => return Err(answer.unusable("neither a result (200) nor that it is to come (202)")),
        }
        let content_type = response.headers.text("content-type").unwrap_or_default().into_owned();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let total_row_count = total_rows(response);
        if kind.starts_with("text/") {
            let text =
                String::from_utf8(response.body.clone()).map_err(|_| answer.unusable("it is not UTF-8"))?;
            return Ok(ResultOutcome::Text(ResultText { content_type, text, total_row_count }));
        }
        if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
            return answer.json().map(ResultOutcome::Ready);
        }
        let bytes = response.body.clone();
        Ok(ResultOutcome::Bytes(ResultBytes { content_type, bytes, total_row_count }))
    }

    fn refused(&self, error: Error) -> Error {
        Self::failed_result(&error).unwrap_or(error)
    }
}

/// See [`Results::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListResults {
    /// The database, rather than the client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// How many a page may hold: 1000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How many come before the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListResults {
    /// All results.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> Call<M, ListResults> {
    /// The database, rather than the client's.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// How many a page may hold: 1000 at most.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.limit = Some(limit);
        self
    }

    /// How many come before the page.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }
}

impl Command for ListResults {
    type Output = ListResultsResponse;

    fn spec(&self) -> Spec {
        Spec::reads("list_results").of(Scope::Database)
    }

    fn label(&self) -> String {
        "list_results".to_owned()
    }

    fn to_request(&self) -> Result<Request, Error> {
        request(self, Method::Get, "/v1/results", &[])?
            .query("limit", self.limit)
            .query("offset", self.offset)
            .database(self.x_database_id.as_deref())
    }

    fn read(&self, answer: Answer<'_>) -> Result<ListResultsResponse, Error> {
        answer.json()
    }
}

impl List for ListResults {
    type Item = ResultInfo;

    fn split(&self, page: ListResultsResponse) -> (Vec<ResultInfo>, Next) {
        let next = next_offset(self.offset, page.results.len(), page.has_more);
        (page.results, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
