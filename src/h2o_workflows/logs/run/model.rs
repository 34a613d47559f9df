//! Items of the logs of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// The step that has written a part of the logs of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogSource {
    /// The attempt: `…/runs/{run}/attempts/{attempt}`. It belongs to another run if a job has called a
    /// workflow.
    pub attempt: String,
    /// The job: `…/attempts/{attempt}/jobs/{job}`.
    pub job: String,
    /// The step: `…/jobs/{job}/steps/{step}`.
    pub step: String,
    /// The job's key in the YAML.
    pub job_id: String,
    /// The job's name in the YAML.
    pub job_display_name: Option<String>,
    /// The values of the matrix by their keys, if the job is an instance of a matrix job.
    pub matrix_values: BTreeMap<String, String>,
    /// The step's name in the YAML, or a description.
    pub step_display_name: Option<String>,
}

/// A heading for a terminal: `train[os:linux], step 2: install`, with `attempt 2, ` before it for a retry.
impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = |name: &str| crate::error::shown(name.rsplit('/').next().unwrap_or_default());
        let attempt = last(&self.attempt);
        if attempt != "1" {
            write!(f, "attempt {attempt}, ")?;
        }
        if self.job_id.is_empty() {
            f.write_str(&last(&self.job))?;
        } else {
            f.write_str(&crate::error::shown(&self.job_id))?;
            if !self.matrix_values.is_empty() {
                let values: Vec<String> =
                    self.matrix_values.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                write!(f, "[{}]", crate::error::shown(&values.join(",")))?;
            }
        }
        write!(f, ", step {}", last(&self.step))?;
        match self.step_display_name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => write!(f, ": {}", crate::error::shown(name)),
            None => Ok(()),
        }
    }
}

/// A piece of the logs of a run: bytes of one step. It may end in the middle of a line, or of a character.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunLogChunk {
    /// The step that has written the bytes.
    pub source: Arc<LogSource>,
    /// The bytes.
    pub data: Vec<u8>,
    /// The offset of the end of the bytes in the log of the step.
    pub offset: u64,
}

impl fmt::Debug for RunLogChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunLogChunk({:?}, {} bytes, to {})", self.source.step, self.data.len(), self.offset)
    }
}

/// A line of the logs of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunLogLine {
    /// The step that has written the line.
    pub source: Arc<LogSource>,
    /// The line without its end. Bytes that are not UTF-8 are replaced.
    pub text: String,
}
