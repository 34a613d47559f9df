//! What steps print.

use crate::calendar::fraction;
use crate::h2o_workflows::refusal::{Code, Refusal};
use crate::moment::Moment;
use crate::time::End;

use serde::{Deserialize, Serialize};

use super::State;
use super::run::{Phase, Shell, Step};

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    Stdout,
    Stderr,
    /// The name of a step of an action: only where both are merged.
    Banner,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) source: Source,
    #[serde(rename = "text", with = "as_text")]
    pub(super) bytes: Vec<u8>,
}

/// What scripts print is text.
mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<Z: Serializer>(bytes: &[u8], to: Z) -> Result<Z::Ok, Z::Error> {
        String::from_utf8_lossy(bytes).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(from).map(String::into_bytes)
    }
}

/// Which part of a log is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Stream {
    Stdout,
    Stderr,
    Both,
}

impl Stream {
    /// By its text on the wire.
    pub(in super::super) fn read(text: Option<&str>) -> Result<Self, Refusal> {
        match text {
            None | Some("OUTPUT_STREAM_UNSPECIFIED" | "OUTPUT_STREAM_COMBINED") => Ok(Self::Both),
            Some("OUTPUT_STREAM_STDOUT") => Ok(Self::Stdout),
            Some("OUTPUT_STREAM_STDERR") => Ok(Self::Stderr),
            Some(other) => {
                let shown = crate::text::one_line(other, 60);
                Err(Refusal::argument(format!(
                    "stream {shown} is not known; known values: OUTPUT_STREAM_COMBINED, OUTPUT_STREAM_STDOUT, OUTPUT_STREAM_STDERR"
                )))
            }
        }
    }

    fn has(self, source: Source) -> bool {
        match self {
            Self::Stdout => source == Source::Stdout,
            Self::Stderr => source == Source::Stderr,
            Self::Both => true,
        }
    }
}

impl Step {
    /// How many lines there are by now: those of a real shell; else they come evenly over the time that the
    /// step takes.
    pub(super) fn revealed(&self, now: Moment) -> usize {
        let all = self.log.len();
        if self.shell != Shell::Unused {
            return all;
        }
        if self.progress.phase.is_end() {
            return self.printed.unwrap_or(all);
        }
        let part = match (self.until, self.progress.start) {
            (Some(End::At(Some(end))), Some(start)) => fraction(start, end, now),
            (Some(End::AfterLooks(left)), _) if self.looks > 0 => {
                f64::from(self.looks - left.min(self.looks)) / f64::from(self.looks)
            }
            _ => 0.0,
        };
        // At most as many as there are: the part is at most 1.
        (all as f64 * part) as usize
    }
}

/// The bytes of a log from an offset on, line by line, and whether there will be no more.
pub(in super::super) struct Printed {
    pub(in super::super) lines: Vec<Vec<u8>>,
    pub(in super::super) has_ended: bool,
}

impl State {
    /// What a step has printed to this stream by now. `look`: whether this counts as a look at its run.
    pub(in super::super) fn printed(
        &mut self,
        ids: &[String],
        stream: Stream,
        offset: u64,
        now: Moment,
        look: bool,
    ) -> Result<Printed, Refusal> {
        let (run, attempt, job, step) = self.step_at(ids)?;
        let shown = &self.runs[run].attempts[attempt].jobs[job].steps[step];
        // What was stopped may have printed something that was not heard yet.
        let has_ended = shown.progress.phase.is_end() && shown.process.is_none();
        let mut before = offset;
        let mut lines = Vec::new();
        if shown.progress.phase != Phase::Pending {
            let there = shown.log.iter().take(shown.revealed(now)).filter(|line| stream.has(line.source));
            for line in there {
                let skipped = before.min(line.bytes.len() as u64);
                before -= skipped;
                let rest = &line.bytes[usize::try_from(skipped).unwrap_or(line.bytes.len())..];
                if !rest.is_empty() {
                    lines.push(rest.to_vec());
                }
            }
        }
        if before > 0 {
            return Err(Refusal::new(
                Code::OutOfRange,
                "the offset is beyond what the step has printed to this stream so far",
            ));
        }
        if look {
            self.looked(run, now);
        }
        Ok(Printed { lines, has_ended })
    }
}
