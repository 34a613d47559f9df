//! Queries.

use std::path::PathBuf;

use controlplane::hotdata::{Blocking, Call};
use controlplane::hotdata::{Dialect, FollowedQuery, QueryOutcome};
use controlplane::{Effect, Error, ErrorKind};
use serde_json::json;

use crate::choices::choice;
use crate::failure::{Failure, Result, shell_word};
use crate::input;
use crate::show;
use crate::watch::watched;

use super::{Hotdata, QUERY_RUN, arrow, rows, runs};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// SQL; - reads it from standard input
    sql: String,
    /// Write the rows to this file, as an Arrow stream; - is standard output
    #[arg(long, value_name = "FILE")]
    arrow: Option<PathBuf>,
    /// Fail if the result has more rows than this; 0 for no limit [default: 1000000 rows and 64 MiB]
    #[arg(long, value_name = "N", conflicts_with = "arrow")]
    max_rows: Option<u64>,
    /// Schema of table names without a schema
    #[arg(long, value_name = "SCHEMA")]
    default_schema: Option<String>,
    /// SQL dialect
    #[arg(long, value_name = "DIALECT", ignore_case = true, value_parser = choice::<Dialect>(DIALECTS))]
    dialect: Option<Dialect>,
}

pub(super) const DIALECTS: &[&str] = &["hotsql", "duckdb", "postgres", "snowflake"];

pub(super) fn run(hotdata: Hotdata<'_>, args: Args) -> Result {
    let app = hotdata.app;
    let sql = if args.sql == "-" { input::text(app, "-")? } else { args.sql };
    if sql.trim().is_empty() {
        return Err(Failure::usage("running a query: the SQL is empty").hint("Nothing was sent."));
    }
    let hotdata = &hotdata.in_database()?;
    let mut call = hotdata.client.query(sql);
    if let Some(id) = &hotdata.database_id {
        call = call.database_id(id);
    }
    if let Some(schema) = args.default_schema {
        call = call.default_schema(schema);
    }
    if let Some(dialect) = args.dialect {
        call = call.dialect(dialect);
    }
    match args.max_rows {
        None => {}
        Some(0) => call = call.max_auto_rows(None).max_auto_bytes(None),
        Some(rows) => call = call.max_auto_rows(rows).max_auto_bytes(None),
    }
    if app.globals.dry_run {
        let request = controlplane::hotdata::Command::to_request(&call.background().command().query)?;
        return show::request(app, &request);
    }
    if app.globals.no_wait || args.arrow.is_some() {
        let id = submitted(hotdata, call)?;
        let Some(file) = args.arrow.filter(|_| !app.globals.no_wait) else {
            return app.out.value(&json!({"query_run_id": id, "status": "submitted"}));
        };
        let result = runs::result_of(&runs::wait(hotdata, &id)?)?;
        return arrow::write(hotdata, &id, &result, &file);
    }
    let call = watched(app, call.and_wait(), "query", Effect::Changes);
    let response = call.send().map_err(|error| again(hotdata, error))?;
    if let Some(warning) = &response.warning {
        app.progress.warn(warning);
    }
    rows::of_response(app, &response)
}

/// Sends a query to run in the background and returns the id of its run.
fn submitted(hotdata: &Hotdata<'_>, call: Call<Blocking, FollowedQuery>) -> Result<String> {
    let call = call.follow(false).background();
    let call = watched(hotdata.app, call, "query", Effect::Changes);
    let outcome = call.send().map_err(|error| again(hotdata, error))?;
    Ok(match outcome {
        QueryOutcome::Submitted(ticket) => ticket.query_run_id,
        outcome => outcome.query_run_id().to_owned(),
    })
}

/// The failure of a query, with the command that prints its rows.
fn again(hotdata: &Hotdata<'_>, error: Error) -> Failure {
    let Some(run) = error.request_id().map(str::to_owned) else { return error.into() };
    if error.kind() != ErrorKind::LimitExceeded {
        return hotdata.run_failure(error, "rows", &run);
    }
    let rows = format!("controlplane hotdata runs rows {}{}", shell_word(&run), hotdata.database_option());
    Failure::from(error).id_of(QUERY_RUN).hint(format!(
        "The query has run; do not run it again. Write all rows to a file with `{rows} --arrow FILE`, or print them \
         with `{rows}`. Next time raise `--max-rows`."
    ))
}
