//! What can be chosen about an emulator, before it starts and while it runs.

use serde::{Deserialize, Serialize};

use crate::text::one_line;
use crate::time::{Pending, kept_pending};

use super::refusal::ErrorShape;

/// Settings of this service alone.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) api_key: String,
    pub(super) workspace_id: String,
    pub(super) behaviour: Behaviour,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api_key: "hd_emulator_key".to_owned(),
            workspace_id: "ws_emulator".to_owned(),
            behaviour: Behaviour::default(),
        }
    }
}

/// What can be chosen while it runs, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behaviour {
    #[serde(with = "kept_shape")]
    pub(super) errors: ErrorShape,
    /// The status for a workspace that is not there: 404 or 403.
    pub(super) unknown_workspace: u16,
    pub(super) older_surface: bool,
    /// Whether storage has addresses to upload to; else 501.
    pub(super) presign: bool,
    /// How many rows of a result come inline; more are truncated.
    pub(super) preview_rows: Option<u64>,
    /// How long results are saved after the query has answered.
    #[serde(with = "kept_pending")]
    pub(super) result_pending: Pending,
    /// Every query is answered with 202.
    pub(super) accept_queries: bool,
    /// Results cannot be saved.
    pub(super) unsaved_results: bool,
    /// Every result ends as failed, with this text.
    pub(super) fail_results: Option<String>,
    /// How query runs end that would have succeeded.
    pub(super) run_status: Option<String>,
    /// How jobs end that would have succeeded.
    pub(super) job_status: Option<String>,
    /// So many loads more find their table locked.
    pub(super) locked_loads: u64,
    /// JSON is packed for clients that can unpack it.
    pub(super) gzip: bool,
    /// The largest result that JSON is made of, in bytes.
    pub(super) json_limit: u64,
    /// The smallest part of an upload that is not the last, in bytes.
    #[serde(skip)]
    pub(super) min_part: u64,
    /// The size of every part but the last, whatever is asked for.
    pub(super) part_size: Option<u64>,
    /// The largest upload with one address, in bytes.
    #[serde(skip)]
    pub(super) single_up_to: u64,
}

/// The shape of errors in a document, by the word of the setting.
mod kept_shape {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::ErrorShape;

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "ErrorShape", rename_all = "snake_case")]
    enum Shape {
        Coded,
        Uncoded,
        Word,
        Page,
    }

    pub(super) fn serialize<Z: Serializer>(shape: &ErrorShape, to: Z) -> Result<Z::Ok, Z::Error> {
        Shape::serialize(shape, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ErrorShape, D::Error> {
        Shape::deserialize(from)
    }
}

const MIB: u64 = 1024 * 1024;

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            errors: ErrorShape::Coded,
            unknown_workspace: 404,
            older_surface: false,
            presign: true,
            preview_rows: None,
            result_pending: Pending::polls(0),
            accept_queries: false,
            unsaved_results: false,
            fail_results: None,
            run_status: None,
            job_status: None,
            locked_loads: 0,
            gzip: false,
            json_limit: 64 * MIB,
            min_part: 5 * MIB,
            part_size: None,
            single_up_to: 8 * MIB,
        }
    }
}

/// The names of what can be set by text, for messages.
pub(super) const NAMES: &str = "errors, unknown-workspace, older-surface, presign, preview-rows, result-pending, \
    accept-queries, unsaved-results, fail-results, run-status, job-status, locked-loads, gzip, json-limit, min-part, \
    part-size, single-up-to";

impl Behaviour {
    /// The same while the emulator runs: what its uploads were made with stays.
    pub(super) fn change(&mut self, text: &str) -> Result<(), String> {
        if ["min-part", "single-up-to"].contains(&text.split('=').next().unwrap_or_default()) {
            return Err(format!("{}: this setting can be changed only before the start", one_line(text, 60)));
        }
        self.set(text)
    }

    /// Checks those of a document by the rules of [`set`](Self::set); an error has the name and what is
    /// wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        if ![403, 404].contains(&self.unknown_workspace) {
            return Err(format!("unknown_workspace: {} is not 403 or 404", self.unknown_workspace));
        }
        if self.part_size == Some(0) {
            return Err("part_size: it must be null or at least 1".to_owned());
        }
        Ok(())
    }

    /// Sets one by `name=value`; an error says what is wrong.
    pub(super) fn set(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once('=').unwrap_or((text, "on"));
        let bad = |wanted: &str| format!("{name}={}: the value must be {wanted}", one_line(value, 60));
        let flag = || match value {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(bad("on or off")),
        };
        let number = || value.parse::<u64>().map_err(|_| bad("a whole number"));
        let number_or_off = || value.parse::<u64>().map_err(|_| bad("a whole number or off"));
        let words = || (value != "off").then(|| value.to_owned());
        match name {
            "errors" => {
                self.errors = match value {
                    "coded" => ErrorShape::Coded,
                    "uncoded" => ErrorShape::Uncoded,
                    "word" => ErrorShape::Word,
                    "page" => ErrorShape::Page,
                    _ => return Err(bad("coded, uncoded, word or page")),
                }
            }
            "unknown-workspace" => {
                self.unknown_workspace = match value {
                    "403" => 403,
                    "404" => 404,
                    _ => return Err(bad("403 or 404")),
                }
            }
            "older-surface" => self.older_surface = flag()?,
            "presign" => self.presign = flag()?,
            "preview-rows" if value == "off" => self.preview_rows = None,
            "preview-rows" => self.preview_rows = Some(number_or_off()?),
            "result-pending" => {
                self.result_pending = value.parse().map_err(|_| {
                    bad("a number of polls, a time such as 2s, or a range of times such as 300ms..2s")
                })?
            }
            "accept-queries" => self.accept_queries = flag()?,
            "unsaved-results" => self.unsaved_results = flag()?,
            "fail-results" => self.fail_results = words(),
            "run-status" => self.run_status = words(),
            "job-status" => self.job_status = words(),
            "locked-loads" => self.locked_loads = number()?,
            "gzip" => self.gzip = flag()?,
            "json-limit" => self.json_limit = number()?,
            "min-part" => self.min_part = number()?,
            "part-size" if value == "off" => self.part_size = None,
            "part-size" => self.part_size = Some(number_or_off()?.max(1)),
            "single-up-to" => self.single_up_to = number()?,
            _ => return Err(format!("there is no setting {}; known names: {NAMES}", one_line(name, 60))),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_setting_and_nothing_else_is() {
        let mut behaviour = Behaviour::default();
        for name in NAMES.split(", ") {
            let set =
                ["on", "3", "404", "word"].iter().any(|v| behaviour.set(&format!("{name}={v}")).is_ok());
            assert!(set, "{name}");
        }
        for text in ["", "preview-rows", "preview-rows=-1", "errors=loud", "unknown-workspace=500", "x=1"] {
            assert!(behaviour.set(text).is_err(), "{text}");
        }
        behaviour.set("preview-rows=7").unwrap();
        assert_eq!(behaviour.preview_rows, Some(7));
        behaviour.set("preview-rows=off").unwrap();
        assert_eq!(behaviour.preview_rows, None);
    }
}
