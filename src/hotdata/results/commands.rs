//! Saved results of queries.

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
use crate::rows::Source;

use super::model::{
    GetResultResponse, ListResultsResponse, ResultBytes, ResultFormat, ResultInfo, ResultOutcome,
    ResultStatus, ResultText,
};

/// The largest result that is read into memory. A larger one can be read in parts, or as a stream of Arrow
/// batches.
const MAX_RESULT: usize = 256 * 1024 * 1024;

/// The operations about results, the rows of queries that the service has saved. Returned by
/// [`Client::results`].
#[derive(Debug)]
pub struct Results<M> {
    pub(crate) client: Client<M>,
}

impl<M> Client<M> {
    /// Returns the operations about results, the rows of queries that the service has saved.
    pub fn results(&self) -> Results<M> {
        Results { client: self.clone() }
    }
}

impl<M> Results<M> {
    /// Returns a result, or its state if the service has not saved all of its rows yet.
    /// `GET /v1/results/{id}` (`get_result`).
    ///
    /// The format is JSON unless [`Call::format`] sets another. [`Call::offset`] and [`Call::limit`] select a
    /// part of the rows. Unless the query has an `ORDER BY`, the order of the rows may differ between
    /// requests, so the parts of several requests may overlap or miss rows.
    ///
    /// This call does not wait: [`fetch_ready`](Results::fetch_ready) waits until the result is ready and
    /// then fetches it.
    ///
    /// # Errors
    ///
    /// - [`OperationFailed`](ErrorKind::OperationFailed) if the service could not save the result (HTTP 409).
    ///   The error has the id of the result as [`resource`](Error::resource);
    /// - [`NotFound`](ErrorKind::NotFound) if the database has no result with this id;
    /// - [`Rejected`](ErrorKind::Rejected) with the code `RESULT_TOO_LARGE` (HTTP 413) if the result is too
    ///   large for JSON: fetch it in another format;
    /// - [`RateLimited`](ErrorKind::RateLimited) if the service is still too busy (HTTP 429) after the
    ///   retries of the call;
    /// - [`UnexpectedResponse`](ErrorKind::UnexpectedResponse) if the response is larger than 256 MiB;
    /// - [`InvalidArgument`](ErrorKind::InvalidArgument) if neither the call nor the client names a database.
    #[doc(alias = "get_result")]
    pub fn get(&self, id: impl Into<String>) -> Call<M, GetResult> {
        self.client.call(GetResult::new(id))
    }

    /// Lists a page of the results of the database, the newest first. `GET /v1/results` (`list_results`).
    ///
    /// A page has at most 100 results, unless [`page_size`](Call::page_size) sets another number.
    /// [`iter`](Call::iter) returns the results of all pages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if the database does not exist;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if neither the call nor the client names a database.
    #[doc(alias = "list_results")]
    pub fn list(&self) -> Call<M, ListResults> {
        self.client.call(ListResults::default())
    }
}

/// Returns a result or its state: the command of [`Results::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetResult {
    /// The id of the result.
    pub id: String,
    /// The id of the database of the query. Default: the database that the program or its credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// The number of rows to skip. Default: 0. Ignored for Parquet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The largest number of rows to return. Default: all rows. Ignored for Parquet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The format of the rows. Default: JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ResultFormat>,
}

impl GetResult {
    /// Returns the command for the result with this id: all rows, as JSON.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), x_database_id: None, offset: None, limit: None, format: None }
    }

    /// Returns the failed result in the body of a 409, or `None` for any other error. A body is about a
    /// failed result only if its status is `failed`.
    pub(crate) fn failed(error: &Error) -> Option<GetResultResponse> {
        if error.status() != Some(409) {
            return None;
        }
        let result: GetResultResponse = serde_json::from_str(error.body()?).ok()?;
        (result.status == ResultStatus::Failed).then_some(result)
    }

    /// Explains an error of this operation.
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

/// Returns the error for a failed result.
#[cold]
pub(super) fn result_failed(label: &str, result: &GetResultResponse) -> Error {
    let why = result.error_message.as_deref();
    let happened = match why {
        Some(why) => format!("the result failed: {}", shown(why)),
        None => "the result failed, and the service sent no reason".to_owned(),
    };
    Error::new(ErrorKind::OperationFailed, label, happened)
        .with_resource(result.result_id.clone())
        .with_api_status(Some(result.status.as_str().to_owned()))
        .with_api_message(why.map(str::to_owned))
        .with_api_response(serde_json::to_value(result).unwrap_or_default())
        .with_advice("The result has no rows that can be fetched. Run the query again.")
}

impl<M> Call<M, GetResult> {
    /// Sets the id of the database in which the query ran. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the number of rows to skip. Default: 0. The service ignores it for Parquet.
    pub fn offset(mut self, offset: u64) -> Self {
        self.command.offset = Some(offset);
        self
    }

    /// Sets the largest number of rows to return. Default: all rows. With 0, the response has no rows, but
    /// the status and the total number of rows. The service ignores the limit for Parquet.
    pub fn limit(mut self, limit: u64) -> Self {
        self.command.limit = Some(limit);
        self
    }

    /// Sets the format of the rows. Default: JSON, the only format whose size the service limits. Parquet is
    /// always the whole result: the service ignores offset and limit.
    pub fn format(mut self, format: ResultFormat) -> Self {
        self.command.format = Some(format);
        self
    }
}

/// Returns the total number of rows of the result, whichever part the response has.
fn total_rows(response: &Response) -> Option<u64> {
    response.headers.text("x-total-row-count")?.trim().parse().ok()
}

/// Returns the delay that the service requests.
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

/// Reads 200, the result in the format of its content type, or 202, the state of a result that is not ready.
fn read_outcome(success: &Success<'_>) -> Result<ResultOutcome, Error> {
    let response = success.response;
    match response.status {
        200 => {}
        202 => {
            let retry_after = asked_to_wait(response);
            return Ok(ResultOutcome::Pending { result: success.json()?, retry_after });
        }
        _ => {
            return Err(success.other_status("200 (a result) or 202 (a result that is not ready)"));
        }
    }
    let content_type = response.headers.text("content-type").unwrap_or_default().into_owned();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let total_row_count = total_rows(response);
    if kind.starts_with("text/") {
        let text = String::from_utf8(response.body.clone())
            .map_err(|_| success.unusable("its content type is text, but it is not UTF-8"))?;
        return Ok(ResultOutcome::Text(ResultText { content_type, text, total_row_count }));
    }
    if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        let mut result: GetResultResponse = success.json()?;
        result.source = Source::of(&response.body);
        return Ok(ResultOutcome::Ready(result));
    }
    let bytes = response.body.clone();
    Ok(ResultOutcome::Bytes(ResultBytes { content_type, bytes, total_row_count }))
}

/// Lists a page of results: the command of [`Results::list`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListResults {
    /// The id of the database whose results are listed. Default: the database that the program or its
    /// credentials set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_database_id: Option<String>,
    /// The largest number of results on a page, at most 1000. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The number of results before the page. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl ListResults {
    /// Returns the command for the first page, in the client's database.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> Call<M, ListResults> {
    /// Sets the id of the database whose results are listed. Default: the client's database.
    pub fn database_id(mut self, id: impl Into<String>) -> Self {
        self.command.x_database_id = Some(id.into());
        self
    }

    /// Sets the largest number of results on a page, at most 1000. Default: 100, which the service sets.
    #[doc(alias = "limit")]
    pub fn page_size(mut self, entries: u64) -> Self {
        self.command.limit = Some(entries);
        self
    }

    /// Sets the number of results before the page. Default: 0.
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
        let next = next_offset(self.offset, self.limit, page.results.len(), page.has_more);
        (page.results, next)
    }

    fn turn_to(&mut self, next: String) {
        self.offset = next.parse().ok();
    }
}
