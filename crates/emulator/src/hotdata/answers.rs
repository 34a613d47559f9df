//! Queries and results as they go over the wire: JSON, Arrow, CSV and Markdown.

use serde_json::{Map, Value, json};

use crate::parameters::Parameters;
use crate::server::{Live, Piece, Reply};

use super::call::{Answer, Call, number};
use super::formats::{self, Pieces, Window};
use super::refusal::Refusal;
use super::state::{Asked, Inline, Question, Said, Space, Standing};

const ARROW: &str = "application/vnd.apache.arrow.stream";
/// How long to wait for a result that is not ready, in seconds.
const RETRY_AFTER: &str = "1";

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Arrow,
    Csv,
    Markdown,
    Parquet,
}

/// `POST /v1/query` and `POST /v1/queries/{id}/execute`, before they run.
pub(super) fn asked(space: &mut Space, database: Option<String>, call: &Call<'_>) -> Result<Asked, Refusal> {
    let question = match database {
        None => Question::read(space, call.header("x-database-id"), &call.body()?, wants_arrow(call))?,
        Some(database) => {
            let version = call.body_if_any()?.number("version")?;
            let (sql, version) = space.saved_sql(call.at(0), version)?;
            Question {
                database,
                sql,
                default_catalog: None,
                default_schema: None,
                background: None,
                saved: Some((call.at(0).to_owned(), version)),
                arrow: false,
            }
        }
    };
    space.prepare(call.operation, question)
}

/// Whether the answer to a query is to be Arrow: where JSON is named too, it is not.
fn wants_arrow(call: &Call<'_>) -> bool {
    let accept = call.header("accept").unwrap_or_default().to_ascii_lowercase();
    accept.contains(ARROW) && !accept.contains("application/json")
}

/// What became of them.
pub(super) fn said(said: Said) -> Answer {
    let inline = match said {
        Said::Inline(inline) => inline,
        Said::Accepted { body, result } => {
            let reply = Reply::new(202).json(&body);
            return Ok(match result {
                Some(id) => reply.header("x-result-id", &id),
                None => reply,
            });
        }
    };
    if inline.arrow { arrow(&inline) } else { rows(&inline) }
}

fn rows(inline: &Inline) -> Answer {
    let Inline { run, result, answered, rows, milliseconds, warning, .. } = inline;
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("query_run_id", json!(run));
    add("preview_row_count", json!(rows));
    add("row_count", json!(rows));
    add("truncated", json!(inline.is_truncated()));
    add("execution_time_ms", json!(milliseconds));
    if !inline.is_truncated() {
        add("total_row_count", json!(rows));
    }
    if let Some(id) = result {
        add("result_id", json!(id));
    }
    if let Some(warning) = warning {
        add("warning", json!(warning));
    }
    let window = Window { offset: 0, limit: Some(*rows) };
    let mut reply = Reply::new(200).header("content-type", "application/json");
    reply.body = whole(formats::json(answered, members, window), u64::MAX)?;
    Ok(reply)
}

/// All pieces in one, unless that has more than so many bytes.
fn whole(pieces: Pieces, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut all = Vec::new();
    for piece in pieces {
        let piece = piece.map_err(|e| Refusal::new(500, "INTERNAL_SERVER_ERROR", e.to_string()))?;
        if (all.len() + piece.len()) as u64 > limit {
            let why = format!(
                "as JSON the result is larger than {limit} bytes: request it with format=arrow or format=csv"
            );
            return Err(Refusal::new(413, "RESULT_TOO_LARGE", why));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// The reply with a body that is made as it is sent. One that cannot be made to its end is cut.
fn stream(mut reply: Reply, mut pieces: Pieces) -> Reply {
    reply.live = Some(Live::new(move || match pieces.next() {
        Some(Ok(bytes)) => Piece::Bytes(bytes),
        Some(Err(_)) => Piece::Broken,
        None => Piece::End,
    }));
    reply
}

fn arrow(inline: &Inline) -> Answer {
    let mut reply = Reply::new(200)
        .header("content-type", ARROW)
        .header("x-query-run-id", &inline.run)
        .header("x-total-row-count", &inline.answered.rows().to_string())
        .header("x-execution-time-ms", &inline.milliseconds.to_string());
    if let Some(id) = &inline.result {
        reply = reply.header("x-result-id", id);
    }
    if let Some(warning) = &inline.warning {
        reply = reply.header("x-query-warning", warning);
    }
    Ok(stream(reply, formats::arrow(&inline.answered, Window::default(), false)))
}

/// What a request for a result asks for: the parameter first, then the first that is known of `Accept`.
fn format(query: &Parameters, call: &Call<'_>) -> Result<Format, Refusal> {
    if let Some(name) = query.text("format") {
        return match name {
            "json" => Ok(Format::Json),
            "arrow" => Ok(Format::Arrow),
            "csv" => Ok(Format::Csv),
            "md" | "markdown" => Ok(Format::Markdown),
            "parquet" => Ok(Format::Parquet),
            _ => Err(Refusal::bad(
                "format is not known; known values: arrow, json, csv, md, markdown, parquet",
            )),
        };
    }
    let accept = call.header("accept").unwrap_or_default().to_ascii_lowercase();
    let known = accept.split(',').find_map(|one| match one.split(';').next().unwrap_or_default().trim() {
        "application/json" => Some(Format::Json),
        ARROW => Some(Format::Arrow),
        "text/csv" => Some(Format::Csv),
        "text/markdown" => Some(Format::Markdown),
        "application/vnd.apache.parquet" => Some(Format::Parquet),
        _ => None,
    });
    Ok(known.unwrap_or(Format::Json))
}

/// `GET /v1/results/{id}`
pub(super) fn get_result(space: &mut Space, database: &str, call: &Call<'_>) -> Answer {
    let query = call.query(&["offset", "limit", "format"])?;
    let offset = number(&query, "offset")?.unwrap_or(0);
    let limit = number(&query, "limit")?;
    let format = format(&query, call)?;
    let id = call.at(0);
    let answered = match space.get_result(database, id)? {
        Standing::NotReady(status) => {
            let body = json!({ "status": status, "result_id": id });
            return Ok(Reply::new(202).json(&body).header("retry-after", RETRY_AFTER));
        }
        Standing::Failed(why) => {
            let body = json!({ "status": "failed", "result_id": id, "error_message": why });
            return Ok(Reply::new(409).json(&body));
        }
        Standing::Ready(answered) => answered,
    };
    let total = answered.rows();
    let shown = limit.unwrap_or(u64::MAX).min(total.saturating_sub(offset));
    let mut reply = Reply::new(200).header("x-total-row-count", &total.to_string());
    if let Some(limit) = limit.filter(|_| offset.saturating_add(shown) < total) {
        let path = &call.request.path;
        let format = query.text("format").map(|name| format!("&format={name}")).unwrap_or_default();
        let next = offset.saturating_add(limit);
        reply = reply.header("link", &format!("<{path}?offset={next}&limit={limit}{format}>; rel=\"next\""));
    }
    let window = Window { offset, limit };
    match format {
        Format::Parquet => Err(Refusal::bad(
            "the emulator does not write Parquet: request the format arrow, csv, json or md",
        )),
        Format::Json => {
            let most = space.common.behaviour().json_limit;
            let mut members = Map::new();
            members.insert("result_id".to_owned(), json!(id));
            members.insert("status".to_owned(), json!("ready"));
            members.insert("row_count".to_owned(), json!(shown));
            members.insert("total_row_count".to_owned(), json!(total));
            reply.body = whole(formats::json(&answered, members, window), most)?;
            Ok(reply.header("content-type", "application/json"))
        }
        Format::Arrow => {
            Ok(stream(reply.header("content-type", ARROW), formats::arrow(&answered, window, false)))
        }
        Format::Csv => Ok(stream(
            reply.header("content-type", "text/csv; charset=utf-8"),
            formats::csv(&answered, window),
        )),
        Format::Markdown => Ok(stream(
            reply.header("content-type", "text/markdown; charset=utf-8"),
            formats::markdown(&answered, window),
        )),
    }
}
