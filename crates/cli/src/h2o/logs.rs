//! Logs of runs and of steps. Standard output has the log and nothing else; headings go to standard error.

use controlplane::h2o_workflows::OutputStream;
use controlplane::{Error, ErrorKind};
use serde_json::json;

use crate::failure::{Failure, Result, shell_word};
use crate::output::Format;
use crate::watch::failed_wait;

use super::{H2o, failure};

/// A workflow that calls a workflow that calls a workflow, and so on.
const MAX_CALLED: usize = 16;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run (…/revisions/r/runs/n) or step (…/attempts/1/jobs/j/steps/1)
    name: String,
    /// Follow the log while it is written, until the end
    #[arg(long, short)]
    follow: bool,
    /// Print only one of the two output streams of the steps
    #[arg(long, value_name = "STREAM", value_enum)]
    stream: Option<OneStream>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum OneStream {
    Stdout,
    Stderr,
}

impl OneStream {
    fn output(this: Option<Self>) -> OutputStream {
        match this {
            None => OutputStream::Unspecified,
            Some(Self::Stdout) => OutputStream::Stdout,
            Some(Self::Stderr) => OutputStream::Stderr,
        }
    }
}

pub(super) fn run(h2o: &H2o<'_>, args: Args) -> Result {
    let is_step = args.name.split('/').nth_back(1) == Some("steps");
    if h2o.app.globals.dry_run {
        return match is_step {
            true => h2o.send(h2o.client.step().get_step_logs(args.name)),
            false => h2o.send(h2o.client.run().get_run(args.name)),
        };
    }
    match (is_step, args.follow) {
        (false, true) => follow(h2o, &args.name, args.stream),
        (false, false) => written(h2o, &args.name, args.stream, MAX_CALLED),
        (true, true) => follow_step(h2o, &args.name, args.stream),
        (true, false) => {
            let call = h2o.client.step().get_step_logs(args.name).output(OneStream::output(args.stream));
            let logs = h2o.command(call).send().map_err(failure)?;
            Writer::new(h2o).piece("", &logs.data)
        }
    }
}

/// Prints the logs of a run while they are written, until the run has ended.
pub(super) fn follow(h2o: &H2o<'_>, name: &str, stream: Option<OneStream>) -> Result {
    let call = h2o.client.run().follow_logs(name).output(OneStream::output(stream));
    let mut call = call.cancel_with(h2o.app.interrupt.token());
    if let Some(timeout) = h2o.app.globals.timeout {
        call = call.timeout(timeout);
    }
    let mut writer = Writer::new(h2o);
    if writer.is_json() {
        for line in call.iter().lines() {
            let line = line.map_err(|error| again(error, name))?;
            writer.line(&line.source.to_string(), &line.source.step, &line.text)?;
            if h2o.app.out.is_closed() {
                break;
            }
        }
        return Ok(());
    }
    for chunk in call.iter() {
        let chunk = chunk.map_err(|error| again(error, name))?;
        writer.piece(&chunk.source.to_string(), &chunk.data)?;
        // Nobody reads any more; the run goes on.
        if h2o.app.out.is_closed() {
            break;
        }
    }
    writer.end()
}

fn follow_step(h2o: &H2o<'_>, name: &str, stream: Option<OneStream>) -> Result {
    let call = h2o.client.step().stream_step_logs(name).output(OneStream::output(stream));
    let mut call = call.cancel_with(h2o.app.interrupt.token());
    if let Some(timeout) = h2o.app.globals.timeout {
        call = call.timeout(timeout);
    }
    let mut writer = Writer::new(h2o);
    if writer.is_json() {
        for line in call.follow().lines() {
            writer.line("", name, &line.map_err(|error| again(error, name))?)?;
            if h2o.app.out.is_closed() {
                break;
            }
        }
        return Ok(());
    }
    for chunk in call.follow() {
        let chunk = chunk.map_err(|error| again(error, name))?;
        writer.piece("", &chunk.data)?;
        if h2o.app.out.is_closed() {
            break;
        }
    }
    writer.end()
}

/// Prints what the steps of a run have written so far, in their order. `called`: how deep the runs that jobs
/// have called are followed.
fn written(h2o: &H2o<'_>, name: &str, stream: Option<OneStream>, called: usize) -> Result {
    let (client, mut writer) = (&h2o.client, Writer::new(h2o));
    for attempt in h2o.command(client.run_attempt().list_run_attempts(name)).iter() {
        let attempt = attempt.map_err(failure)?;
        for job in h2o.command(client.job().list_jobs(&*attempt.name)).iter() {
            let job = job?;
            if let Some(child) = job.child_run.as_deref().filter(|child| !child.is_empty() && called > 0) {
                written(h2o, child, stream, called - 1)?;
            }
            for step in h2o.command(client.step().list_steps(&*job.name)).iter() {
                let step = step?;
                if step.start_time.is_none() {
                    continue;
                }
                let call = client.step().get_step_logs(&*step.name).output(OneStream::output(stream));
                let logs = h2o.command(call).send()?;
                let number = step.name.rsplit('/').next().unwrap_or_default();
                writer.piece(&format!("{}, step {number}", job.job_id), &logs.data)?;
                writer.end()?;
            }
        }
    }
    Ok(())
}

/// Writes logs, with a heading on standard error where another step begins.
struct Writer<'a> {
    h2o: &'a H2o<'a>,
    heading: String,
    /// The last piece has ended in the middle of a line.
    is_open: bool,
}

impl<'a> Writer<'a> {
    fn new(h2o: &'a H2o<'a>) -> Self {
        Self { h2o, heading: String::new(), is_open: false }
    }

    fn is_json(&self) -> bool {
        self.h2o.app.out.format() == Format::Json
    }

    fn head(&mut self, heading: &str) -> Result {
        if self.heading != heading {
            self.end()?;
            self.h2o.app.progress.note(&format!("== {heading}"));
            heading.clone_into(&mut self.heading);
        }
        Ok(())
    }

    /// Writes bytes of a step. With `-o json` a line of text is an object.
    fn piece(&mut self, heading: &str, bytes: &[u8]) -> Result {
        if self.is_json() {
            for line in String::from_utf8_lossy(bytes).lines() {
                self.line(heading, "", line)?;
            }
            return Ok(());
        }
        self.head(heading)?;
        if let Some(last) = bytes.last() {
            self.is_open = *last != b'\n';
        }
        self.h2o.app.out.bytes(bytes)
    }

    /// Writes a line as an object of JSON.
    fn line(&mut self, heading: &str, step: &str, text: &str) -> Result {
        let object = match step {
            "" => json!({"source": heading, "text": text}),
            step => json!({"source": heading, "step": step, "text": text}),
        };
        self.h2o.app.out.text(&object.to_string())
    }

    /// Ends a line that is open.
    fn end(&mut self) -> Result {
        match std::mem::take(&mut self.is_open) {
            true => self.h2o.app.out.bytes(b"\n"),
            false => Ok(()),
        }
    }
}

/// The failure of a log, with the command that continues it.
fn again(error: Error, name: &str) -> Failure {
    if error.kind() == ErrorKind::InvalidArgument {
        return failure(error);
    }
    failed_wait(error, || format!("controlplane h2o logs --follow {}", shell_word(name)))
}
