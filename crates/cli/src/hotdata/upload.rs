//! Uploads of files, with a bar, and the load of what was uploaded.

use std::io;
use std::path::Path;

use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::hotdata::{Blocking, LoadFormat, LoadMode, UploadCall};
use controlplane::{Effect, Error, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::app::App;
use crate::failure::{Exit, Failure, Result, shell_word};
use crate::show;
use crate::watch::failed_wait;

use super::Hotdata;
use super::name::{TableName, database, table};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File; - reads standard input
    file: String,
    /// Load it into this table and wait until it is loaded; the database by its id or its name
    #[arg(long, value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
    load: Option<TableName>,
    /// What the load does: replace, append, delete, update or upsert
    #[arg(long, default_value = "append", requires = "load")]
    mode: String,
    /// Format of the data: csv, json (one object a line) or parquet [default: detected]
    #[arg(long)]
    format: Option<String>,
    /// Media type, as text/csv [default: by the name of the file]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Columns that identify a row
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', requires = "load")]
    key: Vec<String>,
}

pub(super) fn run(hotdata: &Hotdata<'_>, args: Args) -> Result {
    let app = hotdata.app;
    let format = args.format.as_deref().map(str::parse::<LoadFormat>).transpose()?;
    let mode = args.mode.parse::<LoadMode>()?;
    let size = match args.file.as_str() {
        "-" => None,
        file => Some(size_of(file)?),
    };
    if app.globals.dry_run {
        let into = args.load.as_ref().map(|name| {
            json!({"database": name.database, "schema": name.schema, "table": name.table, "mode": mode.as_str()})
        });
        return app.out.value(&json!({"upload": args.file, "bytes": size, "load": into}));
    }
    let target = match args.load {
        Some(name) => Some((database(hotdata, &name.database)?.id, name)),
        None => None,
    };
    let mut upload = upload(hotdata, &args.file);
    if let Some(content_type) = args.content_type.or_else(|| media_type(&args.file, format.as_ref())) {
        upload = upload.content_type(content_type);
    }
    if let Some(timeout) = app.globals.timeout {
        upload = upload.timeout(timeout);
    }
    let upload = upload.cancel_with(app.interrupt.token());
    let Some((id, TableName { schema, table, .. })) = target else {
        let uploaded = upload.on_progress(bar(app, size)).send().map_err(not_uploaded)?;
        return show::value(app, &uploaded);
    };
    let mut load = hotdata.client.databases().load(id, schema, table, mode);
    if let Some(format) = format {
        load = load.format(format);
    }
    if !args.key.is_empty() {
        load = load.key(args.key);
    }
    if app.globals.no_wait {
        let loading = upload.and_load(load.background()).on_progress(bar(app, size)).send();
        return show::value(app, &loading.map_err(not_uploaded)?);
    }
    let mut call = upload.and_load(load.and_wait()).on_progress(bar(app, size));
    if let Some(timeout) = app.globals.timeout {
        call = call.timeout(timeout);
    }
    show::value(app, &call.cancel_with(app.interrupt.token()).send().map_err(not_uploaded)?)
}

fn upload(hotdata: &Hotdata<'_>, file: &str) -> UploadCall<Blocking> {
    match file {
        "-" => hotdata.client.uploads().upload_reader(io::stdin()),
        file => hotdata.client.uploads().upload_path(file),
    }
}

/// The size of a file, which is there.
fn size_of(file: &str) -> Result<u64> {
    let found = std::fs::metadata(file)
        .map_err(|error| Failure::new(Exit::Failed, format!("reading {file}: {error}")))?;
    if found.is_dir() {
        return Err(Failure::new(Exit::Failed, format!("reading {file}: it is a directory")));
    }
    Ok(found.len())
}

/// The media type by the format, or by the end of the name.
fn media_type(file: &str, format: Option<&LoadFormat>) -> Option<String> {
    let end = Path::new(file).extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
    let name = format.map(|format| format.as_str().to_owned()).or(end)?;
    let media_type = match name.as_str() {
        "csv" => "text/csv",
        "json" | "jsonl" | "ndjson" => "application/json",
        "parquet" => "application/vnd.apache.parquet",
        _ => return None,
    };
    Some(media_type.to_owned())
}

/// The failure of an upload or of its load.
fn not_uploaded(error: Error) -> Failure {
    if let Some(job) = error.request_id().map(str::to_owned) {
        return failed_wait(error, || format!("controlplane hotdata jobs wait {}", shell_word(&job)));
    }
    let loaded = error.detail::<UploadFailure>().filter(|failure| failure.kind == UploadFailureKind::Load);
    let hint = loaded.and_then(|failure| failure.upload_id.clone()).map(|id| {
        format!(
            "The upload {id} is complete and is kept for 7 days. Load it with `controlplane hotdata call \
             load_database_table`; do not upload it again."
        )
    });
    let is_unknown = error.kind() == controlplane::ErrorKind::OutcomeUnknown;
    let failure = Failure::from(error);
    match hint.filter(|_| !is_unknown) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// A bar of the bytes, then a line for the load.
fn bar(app: &App, size: Option<u64>) -> impl Fn(&Progress) + Send + Sync + 'static {
    let bar = app.progress.is_shown().then(|| {
        let bar = match size {
            Some(size) => ProgressBar::new(size),
            None => ProgressBar::no_length(),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let template = match size {
            Some(_) => "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}",
            None => "{spinner} {bytes} {bytes_per_sec} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("#> ").tick_chars("|/-\\ "));
        }
        bar
    });
    let load = app.progress.observer("load", Effect::Changes);
    move |progress| match progress {
        Progress::Transferred { transferred, total } => {
            if let Some(bar) = &bar {
                if let Some(total) = total {
                    bar.set_length(*total);
                }
                bar.set_position(*transferred);
                if total.is_some_and(|total| *transferred >= total) {
                    bar.finish_and_clear();
                }
            }
        }
        other => load(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_is_that_of_the_format_or_of_the_name() {
        for (file, format, expected) in [
            ("a.csv", None, Some("text/csv")),
            ("a.CSV", None, Some("text/csv")),
            ("-", None, None),
            ("a.bin", None, None),
            ("-", Some(LoadFormat::Csv), Some("text/csv")),
            ("a.csv", Some(LoadFormat::Parquet), Some("application/vnd.apache.parquet")),
            ("a.jsonl", None, Some("application/json")),
        ] {
            assert_eq!(media_type(file, format.as_ref()).as_deref(), expected, "{file} {format:?}");
        }
    }
}
