//! Information about rows from the headers of a response.

use crate::hotdata::query_runs::QueryRunInfo;
use crate::http::Headers;

/// Information about a result from the headers of the response: row count, next part, and ids of the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArrowInfo {
    /// The number of rows of the whole result, even if only a part of it was requested. `None` if the service
    /// does not send it.
    pub total_row_count: Option<u64>,
    /// The URL of the next part, if a [`limit`](crate::hotdata::Call::limit) ended this part before the end
    /// of the result.
    pub next_link: Option<String>,
    /// The ids, execution time and warning of the query, if the call ran one
    /// ([`Call::arrow`](crate::hotdata::Call::arrow)). `None` for
    /// [`Results::arrow`](crate::hotdata::Results::arrow) and
    /// [`Results::stream_arrow`](crate::hotdata::Results::stream_arrow).
    pub query: Option<QueryInfo>,
}

impl ArrowInfo {
    pub(super) fn of(headers: &Headers) -> Self {
        let link = headers.text("link");
        Self {
            total_row_count: headers.text("x-total-row-count").and_then(|text| text.trim().parse().ok()),
            next_link: link.as_deref().and_then(next_link),
            query: None,
        }
    }
}

/// The address of the relation `next`.
fn next_link(link: &str) -> Option<String> {
    link.split(',').find_map(|one| {
        let (address, parameters) = one.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |part: &str| matches!(part.trim(), r#"rel="next""# | "rel=next");
        parameters.split(';').any(is_next).then(|| address.to_owned())
    })
}

/// Information about a query whose rows are returned as Arrow. Fields that the service does not send are
/// `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryInfo {
    /// The id of the query run.
    pub query_run_id: Option<String>,
    /// The id of the saved result. `None` if the result was not saved.
    pub result_id: Option<String>,
    /// The execution time in milliseconds.
    pub execution_time_ms: Option<u64>,
    /// A warning of the service, for instance that the result could not be saved.
    pub warning: Option<String>,
}

impl QueryInfo {
    pub(super) fn of(headers: &Headers) -> Self {
        let text =
            |name| headers.text(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            query_run_id: text("x-query-run-id"),
            result_id: text("x-result-id"),
            execution_time_ms: text("x-execution-time-ms").and_then(|time| time.parse().ok()),
            warning: text("x-query-warning"),
        }
    }

    pub(super) fn of_run(run: &QueryRunInfo) -> Self {
        Self {
            query_run_id: Some(run.id.clone()),
            result_id: run.result_id.clone(),
            execution_time_ms: run.execution_time_ms.and_then(|time| u64::try_from(time).ok()),
            warning: run.warning_message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_is_found_among_links() {
        for (link, expected) in [
            ("<http://h/v1/results/r?offset=15>; rel=\"next\"", Some("http://h/v1/results/r?offset=15")),
            ("<a>; rel=\"prev\", <b>; title=x; rel=\"next\"", Some("b")),
            ("<a>; rel=\"prev\"", None),
            ("a; rel=\"next\"", None),
            ("", None),
        ] {
            assert_eq!(next_link(link).as_deref(), expected, "{link}");
        }
    }
}
