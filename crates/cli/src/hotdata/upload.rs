//! Uploads of files, with a bar, and the load of what was uploaded.

use std::path::Path;
use std::sync::OnceLock;

use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::hotdata::{Blocking, LoadFormat, UploadCall};
use controlplane::{Effect, Error, ErrorKind, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::app::App;
use crate::failure::{Exit, Failure, Result};
use crate::progress::one_line;
use crate::show;

use super::load::Options;
use super::name::{self, TableName, table};
use super::stdin::Stdin;
use super::{Hotdata, job_failure};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File; - reads standard input
    file: String,
    /// Load it into this table and wait until it is loaded; the database by its name or its id
    #[arg(long, value_name = "DATABASE.SCHEMA.TABLE", value_parser = table)]
    load: Option<TableName>,
    /// Media type, for example text/csv [default: by --format or the end of the file's name]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(hotdata: &Hotdata<'_>, args: Args) -> Result {
    let (app, options) = (hotdata.app, &args.options);
    let size = match args.file.as_str() {
        "-" => None,
        file => Some(size_of(file)?),
    };
    if args.load.is_none() && (options.mode.is_some() || !options.key.is_empty()) {
        return Err(Failure::usage("uploading a file: --mode and --key are about a load")
            .hint("Nothing was sent. Add `--load DATABASE.SCHEMA.TABLE`."));
    }
    if app.globals.dry_run {
        let into = args.load.as_ref().map(|name| {
            let mode = options.mode();
            let mode = mode.as_str();
            json!({"database": name.database, "schema": name.schema, "table": name.table, "mode": mode})
        });
        return app.out.value(&json!({"upload": args.file, "bytes": size, "load": into}));
    }
    let target = match args.load {
        // Before anything is uploaded.
        Some(name) => Some((name::database(hotdata, &name.database)?.id, name)),
        None => None,
    };
    let mut upload = upload(hotdata, &args.file)?;
    if let Some(content_type) = args.content_type.or_else(|| media_type(&args.file, options.format.as_ref()))
    {
        upload = upload.content_type(content_type);
    }
    if let Some(timeout) = app.globals.timeout {
        upload = upload.timeout(timeout);
    }
    let upload = upload.cancel_with(app.interrupt.token());
    let Some((id, table)) = target else {
        let uploaded = upload.on_progress(bar(app, size)).send();
        return show::value(app, &uploaded.map_err(|error| not_uploaded(app, error, |_| String::new()))?);
    };
    let text = table.text();
    let again = |upload: &str| options.command(&text, upload);
    let load = options.load(hotdata, &id, table);
    if app.globals.no_wait {
        let loading = upload.and_load(load.background()).on_progress(bar(app, size)).send();
        return show::value(app, &loading.map_err(|error| not_uploaded(app, error, again))?);
    }
    let mut call = upload.and_load(load.and_wait()).on_progress(bar(app, size));
    if let Some(timeout) = app.globals.timeout {
        call = call.timeout(timeout);
    }
    let loaded = call.cancel_with(app.interrupt.token()).send();
    show::named(app, &loaded.map_err(|error| not_uploaded(app, error, again))?, &text)
}

fn upload(hotdata: &Hotdata<'_>, file: &str) -> Result<UploadCall<Blocking>> {
    let uploads = hotdata.client.uploads();
    if file != "-" {
        return Ok(uploads.upload_path(file));
    }
    let stdin = Stdin::new(hotdata.app.interrupt.token())
        .map_err(|error| Failure::new(Exit::Failed, format!("reading standard input: {error}")))?;
    Ok(uploads.upload_reader(stdin))
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

/// The failure of an upload or of its load. `again`: the command that loads an upload.
fn not_uploaded(app: &App, error: Error, again: impl FnOnce(&str) -> String) -> Failure {
    if error.kind() == ErrorKind::Io && app.interrupt.token().is_cancelled() {
        let text = error.to_string();
        return Failure::new(Exit::Interrupted, text.lines().next().unwrap_or_default());
    }
    let loaded = error.detail::<UploadFailure>().filter(|failure| failure.kind == UploadFailureKind::Load);
    let upload = loaded.and_then(|failure| failure.upload_id.clone());
    let (kind, goes_on) = (error.kind(), error.request_id().is_some());
    let failure = job_failure(error, "");
    let Some(upload) = upload else { return failure };
    let again = again(&upload);
    match kind {
        ErrorKind::OutcomeUnknown => failure.hint(format!(
            "The upload {upload} is complete and is kept for 7 days. Check whether the table has its rows; if not, load \
             it with `{again}`."
        )),
        // The job may still load it.
        kind if goes_on && kind != ErrorKind::OperationFailed => failure,
        _ => failure.hint(format!(
            "The upload {upload} is complete and is kept for 7 days; do not upload it again. Load it with `{again}`."
        )),
    }
}

type Callback = Box<dyn Fn(&Progress) + Send + Sync>;

/// A bar of the bytes, then a line for the load.
fn bar(app: &App, size: Option<u64>) -> impl Fn(&Progress) + Send + Sync + 'static {
    let shown = app.progress.clone();
    let bar = shown.is_shown().then(|| bytes_bar(size));
    // Two lines at once would be drawn over each other.
    let load: OnceLock<Callback> = OnceLock::new();
    let clear = move |bar: &Option<ProgressBar>| {
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    };
    move |progress| match (progress, &bar) {
        (Progress::Transferred { transferred, total }, Some(bar)) => {
            if let Some(total) = total {
                bar.set_length(*total);
            }
            bar.set_position(*transferred);
        }
        (Progress::Transferred { .. }, None) => {}
        // Of a part of the upload.
        (Progress::Retrying { .. }, Some(bar)) if load.get().is_none() => {
            bar.set_message(one_line(&progress.to_string()));
        }
        // That of the upload; the load begins after it.
        (Progress::Finished { .. }, _) if load.get().is_none() => clear(&bar),
        _ => {
            clear(&bar);
            load.get_or_init(|| {
                Box::new(
                    shown.observer("load", Effect::Changes, |id| crate::apply::Service::Hotdata.id_word(id)),
                )
            })(progress);
        }
    }
}

fn bytes_bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "[{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {msg}"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec} {msg}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("#> ").tick_chars("|/-\\ "));
    }
    bar
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
