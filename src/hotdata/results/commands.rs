//! Results: what queries have left.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::engine::retry::retry_after;
use crate::error::{Error, ErrorKind, shown};
use crate::hotdata::client::Client;
use crate::hotdata::command::{Call, Command};
use crate::hotdata::endpoint::{Endpoint, Scope};
use crate::hotdata::pages::{List, NextPage, next_offset};
use crate::hotdata::success::Success;
use crate::http::Response;

use super::model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultFormat, ResultInfo, ResultOutcome, ResultText,
};

/// The largest result that is read into memory. A larger one can be read in parts, or batch by batch as Arrow.
const MAX_RESULT: usize = 256 * 1024 * 1024;

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

    /// The result in the body of a 409, which says that the result failed. `None`: it is another conflict.
    pub(crate) fn failed(error: &Error) -> Option<GetResultResponse> {
        if error.status() != Some(409) {
            return None;
        }
        serde_json::from_str(error.body()?).ok()
    }

    /// What an error means here.
    pub(crate) fn explain(error: Error) -> Error {
        match Self::failed(&error) {
            Some(result) => {
                let body = error.body().unwrap_or_default();
                result_failed(error.attempted(), &result).with_status(409).with_body(body)
            }
            None => error,
        }
    }
}

/// The error for a result that failed.
#[cold]
pub(super) fn result_failed(label: &str, result: &GetResultResponse) -> Error {
    let why = result.error_message.as_deref();
    let happened = match why {
        Some(why) => format!("the result failed: {}", shown(why)),
        None => "the result failed, and the service does not say why".to_owned(),
    };
    Error::new(ErrorKind::OperationFailed, label, happened)
        .with_resource(result.result_id.clone())
        .with_api_status(Some(result.status.as_str().to_owned()))
        .with_api_message(why.map(str::to_owned))
        .with_api_response(serde_json::to_value(result).unwrap_or_default())
        .with_advice("It has no rows. Run the query again.")
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

/// The total number of rows of a result, whichever part of it the response has.
fn total_rows(response: &Response) -> Option<u64> {
    response.headers.text("x-total-row-count")?.trim().parse().ok()
}

/// The delay that the service asks for.
pub(crate) fn asked_to_wait(response: &Response) -> Option<Duration> {
    retry_after(response, SystemTime::now())
}

impl Command for GetResult {
    type Output = ResultOutcome;
    const NAME: &'static str = "get_result";

    fn endpoint(&self) -> Endpoint<'_, ResultOutcome> {
        Endpoint::get_read(Self::NAME, "/v1/results/{id}", read_outcome)
            .of(Scope::Database)
            .at("id", &self.id)
            .query("offset", self.offset)
            .query("limit", self.limit)
            .query("format", self.format.as_ref())
            .database(self.x_database_id.as_deref())
            .max_response_body(MAX_RESULT)
            .explained_by(Self::explain)
    }
}

/// 200: the result, in the format that its content type names; 202: it is not ready.
fn read_outcome(success: &Success<'_>) -> Result<ResultOutcome, Error> {
    let response = success.response;
    match response.status {
        200 => {}
        202 => {
            let retry_after = asked_to_wait(response);
            return Ok(ResultOutcome::Pending { result: success.json()?, retry_after });
        }
        _ => return Err(success.unusable("it is neither a result (200) nor a pending one (202)")),
    }
    let content_type = response.headers.text("content-type").unwrap_or_default().into_owned();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let total_row_count = total_rows(response);
    if kind.starts_with("text/") {
        let text =
            String::from_utf8(response.body.clone()).map_err(|_| success.unusable("it is not UTF-8"))?;
        return Ok(ResultOutcome::Text(ResultText { content_type, text, total_row_count }));
    }
    if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        return success.json().map(ResultOutcome::Ready);
    }
    let bytes = response.body.clone();
    Ok(ResultOutcome::Bytes(ResultBytes { content_type, bytes, total_row_count }))
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

    /// Sets the page size, 1000 at most. Default: 100, the service's own.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
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
    const NAME: &'static str = "list_results";

    fn endpoint(&self) -> Endpoint<'_, ListResultsResponse> {
        Endpoint::get(Self::NAME, "/v1/results")
            .of(Scope::Database)
            .query("limit", self.limit)
            .query("offset", self.offset)
            .database(self.x_database_id.as_deref())
    }
}

impl List for ListResults {
    type Item = ResultInfo;

    fn split(&self, page: ListResultsResponse) -> (Vec<ResultInfo>, NextPage) {
        let next = next_offset(self.offset, page.results.len(), page.has_more);
        (page.results, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
