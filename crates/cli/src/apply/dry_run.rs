//! The dry run of a plan: what it would send, in the order of its steps.

use controlplane::hotdata::{self, Command, UploadAndLoadFile};
use serde_json::{Value, json};

use crate::app::App;
use crate::failure::Result;
use crate::output::{Format, lines, visible};
use crate::show::request_json;

use super::batches::Listed;
use super::files;
use super::plan::Plan;
use super::{print_steps, shown};

/// Prints the calls in their order. `waits`: loads are waited for.
pub(super) fn print(app: &App, plan: &Plan, order: &[Listed], waits: bool) -> Result {
    let upload = |call: &Listed| plan.steps.iter().find(|step| step.key == call.key)?.upload();
    let uploads: Vec<Option<Upload>> = order
        .iter()
        .map(|call| upload(call).map(|file| Upload::of(file, waits)).transpose())
        .collect::<Result<_>>()?;
    if app.out.format() != Format::Table || app.out.has_query() {
        let steps: Vec<Value> =
            order.iter().zip(&uploads).map(|(call, upload)| step(call, upload.as_ref())).collect();
        return print_steps(app, &Value::Array(steps.clone()), steps);
    }
    let mut text = String::new();
    for (call, upload) in order.iter().zip(&uploads) {
        let after =
            if call.after.is_empty() { String::new() } else { format!(" (after {})", call.after.join(", ")) };
        let first = upload.as_ref().map_or(&call.shown, |upload| &upload.session);
        text.push_str(&format!("-- {}{after}\n{}\n", call.key, shown(first)));
        if let Some(upload) = upload {
            text.push_str(&upload.text());
        }
        text.push('\n');
    }
    app.out.text(&lines(&text))?;
    app.progress.note(&format!("{} steps; nothing was sent.", order.len()));
    Ok(())
}

fn step(call: &Listed, upload: Option<&Upload>) -> Value {
    let mut step =
        json!({"key": call.key, "after": call.after, "service": call.service, "sends": call.shown});
    if let Some(upload) = upload {
        step["file"] = json!({"path": upload.path, "bytes": upload.bytes});
        if let Some(fault) = &upload.fault {
            step["file"]["fault"] = json!(fault);
        }
        step["sends"] = upload.session.clone();
        step["then"] = upload.load.clone();
    }
    step
}

/// The two requests that a step with an upload sends to the service before it waits: without those between
/// them.
struct Upload {
    path: String,
    /// `None`: the file cannot be uploaded.
    bytes: Option<u64>,
    /// Why the file cannot be uploaded. That of a step that is done need not be there any more.
    fault: Option<String>,
    /// The request that creates the session.
    session: Value,
    /// The request of the load. The id of the upload is not known before.
    load: Value,
}

impl Upload {
    fn of(file: &UploadAndLoadFile, waits: bool) -> Result<Self> {
        let path = file.path.to_string_lossy().into_owned();
        let fault = files::fault(&file.path);
        let size = || Some(std::fs::metadata(&file.path).ok()?.len());
        let bytes = if fault.is_some() { None } else { size() };
        let session = bytes.map_or_else(|| file.to_request(), |bytes| file.to_request_of_size(bytes))?;
        let load = hotdata::Client::offline().load(file.load.clone()).upload_id(format!("{{id of {path}}}"));
        let load = if waits { load.background() } else { load };
        let (session, load) = (request_json(&session), request_json(&load.command().load.to_request()?));
        Ok(Self { path, bytes, fault, session, load })
    }

    fn text(&self) -> String {
        let bytes = self.bytes.map(|bytes| format!(" ({bytes} bytes)")).unwrap_or_default();
        let path = visible(&self.path);
        let fault = self.fault.as_ref().map(|why| format!("-- {why}\n")).unwrap_or_default();
        format!("{fault}-- after the upload of {path}{bytes}:\n{}\n", shown(&self.load))
    }
}
