//! What each operation does with a request.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::encoded::base64;
use crate::instance::Instance;
use crate::server::{Live, Piece, Received, Reply, lock};

use super::filter::{Filter, read_order};
use super::journal::Taken;
use super::names::Target;
use super::operation::{Effect, Operation};
use super::query::{PAGES, Query, list_of};
use super::refusal::{Code, Refusal};
use super::service::H2oWorkflows;
use super::source::{read_action, read_workflow};
use super::state::{RetryMode, RunnerFields, Stream, validation};

/// How often a log stream that has nothing to say looks whether that has changed.
const TICK: Duration = Duration::from_millis(10);

/// What runs can be filtered by.
const RUN_FIELDS: [&str; 6] = ["trigger", "state", "creator", "parent_job", "create_time", "scheduled_time"];
const JOB_FIELDS: [&str; 3] = ["state", "job_id", "type"];
const TRIGGERS: [&str; 4] =
    ["TRIGGER_UNSPECIFIED", "TRIGGER_MANUAL", "TRIGGER_SCHEDULE", "TRIGGER_WORKFLOW_CALL"];
const RUN_STATES: [&str; 6] = [
    "STATE_UNSPECIFIED",
    "STATE_PENDING",
    "STATE_QUEUED",
    "STATE_RUNNING",
    "STATE_SUCCEEDED",
    "STATE_FAILED",
];
const JOB_STATES: [&str; 6] = [
    "STATE_UNSPECIFIED",
    "STATE_PENDING",
    "STATE_RUNNING",
    "STATE_SUCCEEDED",
    "STATE_FAILED",
    "STATE_SKIPPED",
];
const JOB_TYPES: [&str; 3] = ["TYPE_UNSPECIFIED", "TYPE_STEPS", "TYPE_WORKFLOW_CALL"];

/// The fields of a body that is a JSON object.
struct Body(Map<String, Value>);

impl Body {
    /// With these keys and no others. Names are not asked for where they stand in the path, and may be there.
    fn read(request: &Received, known: &[&str]) -> Result<Self, Refusal> {
        let body: Value = match request.body.is_empty() {
            true => json!({}),
            false => serde_json::from_slice(&request.body)
                .map_err(|e| Refusal::argument(format!("the body is not JSON: {e}")))?,
        };
        let Value::Object(map) = body else { return Err(Refusal::argument("the body is not a JSON object")) };
        if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
            let key = crate::text::one_line(key, 60);
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Refusal::argument(format!("the field {key} is not known; known here: {known}")));
        }
        Ok(Self(map))
    }

    /// A text; `None` if it is not there.
    fn text(&self, key: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::argument(format!("{key} is not a string"))),
        }
    }

    fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>();
                texts.map(Some).ok_or_else(|| Refusal::argument(format!("{key} is not a list of strings")))
            }
            Some(_) => Err(Refusal::argument(format!("{key} is not a list"))),
        }
    }

    fn needed(&self, key: &str) -> Result<String, Refusal> {
        let text = self.text(key)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| Refusal::argument(format!("{key} is required")))
    }

    fn runner(&self) -> Result<RunnerFields, Refusal> {
        Ok(RunnerFields {
            display_name: self.text("displayName")?,
            aliases: self.texts("aliases")?,
            image: self.text("sandboxEngineImage")?,
            template: self.text("sandboxEngineTemplate")?,
        })
    }
}

const RUNNER_KEYS: [&str; 4] = ["sandboxEngineImage", "sandboxEngineTemplate", "displayName", "aliases"];

/// Which of these fields are to be changed: all if nothing is said or `*`.
fn mask<'f>(query: &Query, fields: &[&'f str]) -> Result<Vec<&'f str>, Refusal> {
    let text = query.text("updateMask").unwrap_or("*");
    if text == "*" {
        return Ok(fields.to_vec());
    }
    text.split(',')
        .map(|path| {
            let found = fields.iter().find(|field| **field == path).copied();
            let shown = crate::text::one_line(path, 60);
            found.ok_or_else(|| {
                let fields = fields.join(", ");
                Refusal::argument(format!(
                    "updateMask: {shown} cannot be changed; the fields that can are {fields}"
                ))
            })
        })
        .collect()
}

/// The source in an update, if the mask has it.
fn new_source(request: &Received, query: &Query) -> Result<Option<String>, Refusal> {
    let fields = mask(query, &["source_contents"])?;
    let body = Body::read(request, &["sourceContents"])?;
    if fields.is_empty() { Ok(None) } else { body.needed("sourceContents").map(Some) }
}

fn retry_mode(body: &Body) -> Result<RetryMode, Refusal> {
    match body.text("retryMode")?.as_deref() {
        None | Some("RETRY_MODE_UNSPECIFIED" | "RETRY_MODE_FAILED_JOBS") => Ok(RetryMode::FailedJobs),
        Some("RETRY_MODE_ALL_JOBS") => Ok(RetryMode::AllJobs),
        Some(other) => {
            let shown = crate::text::one_line(other, 60);
            Err(Refusal::argument(format!(
                "retryMode {shown} is not known; known values: RETRY_MODE_FAILED_JOBS, RETRY_MODE_ALL_JOBS"
            )))
        }
    }
}

impl Instance<H2oWorkflows> {
    /// The answer. What was changed is in the ledger then.
    pub(super) fn operate(
        &self,
        request: &Received,
        target: &Target,
        Operation { name: operation, effect }: &Operation,
    ) -> Result<Reply, Refusal> {
        let operation = *operation;
        if operation == "stream_step_logs" {
            return self.stream(request, target);
        }
        let now = self.now();
        let world = &mut *lock(&self.service.world);
        let state = &mut world.state;
        state.settle(now);
        let (ids, seed) = (target.ids.as_slice(), state.seed());
        let known: &[&str] = match operation {
            "list_runs" => &["pageSize", "pageToken", "filter"],
            "list_jobs" => &["pageSize", "pageToken", "filter", "orderBy"],
            "update_workflow" | "update_runner" | "update_action" => &["updateMask"],
            "create_runner" => &["runnerId"],
            "get_step_logs" => &["stream"],
            _ if operation.starts_with("list_") => &PAGES,
            _ => &[],
        };
        let query = Query::read(&request.query, known).map_err(Refusal::argument)?;
        let list = format!("{} {operation}", target.name);
        let page = |plural: &str, items: Vec<Value>| -> Result<Value, Refusal> {
            let (range, next) = query.page(&list, seed, items.len())?;
            let items = items.into_iter().skip(range.start).take(range.len()).collect();
            Ok(list_of(plural, items, &next))
        };
        let mut name = target.name.clone();
        let source = || Body::read(request, &["sourceContents"])?.needed("sourceContents");
        let nothing = || Body::read(request, &[]).map(|_| ());
        let mut made = |(of, shown): (String, Value)| {
            name = of;
            shown
        };
        let shown = match operation {
            "list_workflows" => page("workflows", state.list_workflows(&ids[0]))?,
            "get_workflow" => json!({ "workflow": state.get_workflow(ids)? }),
            "create_workflow" => json!({ "workflow": made(state.create_workflow(&ids[0], source()?, now)?) }),
            "update_workflow" => {
                let contents = new_source(request, &query)?;
                json!({ "workflow": state.update_workflow(ids, contents, now)? })
            }
            "delete_workflow" => {
                state.delete_workflow(ids)?;
                json!({})
            }
            "activate_workflow" => {
                nothing()?;
                json!({ "workflow": state.activate_workflow(ids, now)? })
            }
            "deactivate_workflow" => {
                nothing()?;
                json!({ "workflow": state.deactivate_workflow(ids, now)? })
            }
            "validate_workflow" => {
                let contents = Body::read(request, &["sourceContents"])?.text("sourceContents")?;
                validation(&read_workflow(&contents.unwrap_or_default()).1)
            }
            "list_workflow_revisions" => page("workflowRevisions", state.list_revisions(ids)?)?,
            "get_workflow_revision" => json!({ "workflowRevision": state.get_revision(ids)? }),
            "run_workflow_revision" => {
                let body = Body::read(request, &["inputs"])?;
                json!({ "run": made(state.start_run(ids, body.0.get("inputs"), now)?) })
            }
            "list_runs" => {
                let enums: [(&str, &[&str]); 2] = [("trigger", &TRIGGERS), ("state", &RUN_STATES)];
                let filter = Filter::read(query.get("filter").unwrap_or_default(), &RUN_FIELDS, &enums)?;
                let places = state.runs_of(ids, &filter)?;
                // Only those that are shown have been looked at.
                let (range, next) = query.page(&list, seed, places.len())?;
                list_of("runs", state.show_runs(&places[range], now), &next)
            }
            "get_run" => json!({ "run": state.get_run(ids, now)? }),
            "cancel_run" => {
                nothing()?;
                json!({ "run": state.cancel_run(ids, now)? })
            }
            "delete_run" => {
                state.delete_run(ids)?;
                json!({})
            }
            "retry_run" => {
                let mode = retry_mode(&Body::read(request, &["retryMode"])?)?;
                json!({ "run": state.retry_run(ids, mode, now)? })
            }
            "list_run_attempts" => page("runAttempts", state.list_attempts(ids, now)?)?,
            "get_run_attempt" => json!({ "runAttempt": state.get_attempt(ids, now)? }),
            "list_jobs" => {
                let enums: [(&str, &[&str]); 2] = [("state", &JOB_STATES), ("type", &JOB_TYPES)];
                let filter = Filter::read(query.get("filter").unwrap_or_default(), &JOB_FIELDS, &enums)?;
                let order = read_order(query.get("orderBy").unwrap_or_default(), &["create_time", "job_id"])?;
                page("jobs", state.list_jobs(ids, &filter, &order, now)?)?
            }
            "get_job" => json!({ "job": state.get_job(ids, now)? }),
            "list_steps" => page("steps", state.list_steps(ids, now)?)?,
            "get_step" => json!({ "step": state.get_step(ids, now)? }),
            "get_step_logs" => {
                let stream = Stream::read(query.text("stream"))?;
                let printed = state.printed(ids, stream, 0, now, true)?;
                json!({ "data": base64(&printed.lines.concat()) })
            }
            "list_runners" => page("runners", state.list_runners(&ids[0]))?,
            "get_runner" => json!({ "runner": state.get_runner(ids)? }),
            "create_runner" => {
                let id = query.text("runnerId").ok_or_else(|| Refusal::argument("runnerId is required"))?;
                let wanted = Body::read(request, &RUNNER_KEYS)?.runner()?;
                json!({ "runner": made(state.create_runner(&ids[0], id, wanted, now)?) })
            }
            "update_runner" => {
                let fields = mask(
                    &query,
                    &["display_name", "aliases", "sandbox_engine_image", "sandbox_engine_template"],
                )?;
                let given = Body::read(request, &RUNNER_KEYS)?.runner()?;
                // A field that the mask has and the body has not is emptied.
                let if_named = |field: &str, text: Option<String>| {
                    fields.contains(&field).then(|| text.unwrap_or_default())
                };
                let given = RunnerFields {
                    display_name: if_named("display_name", given.display_name),
                    aliases: fields.contains(&"aliases").then(|| given.aliases.unwrap_or_default()),
                    image: if_named("sandbox_engine_image", given.image),
                    template: if_named("sandbox_engine_template", given.template),
                };
                json!({ "runner": state.update_runner(ids, given, now)? })
            }
            "delete_runner" => {
                state.delete_runner(ids)?;
                json!({})
            }
            "list_actions" => page("actions", state.list_actions(&ids[0]))?,
            "get_action" => json!({ "action": state.get_action(ids)? }),
            "create_action" => json!({ "action": made(state.create_action(&ids[0], source()?, now)?) }),
            "update_action" => {
                let contents = new_source(request, &query)?;
                json!({ "action": state.update_action(ids, contents, now)? })
            }
            "delete_action" => {
                state.delete_action(ids)?;
                json!({})
            }
            "publish_action" => {
                nothing()?;
                json!({ "actionRevision": made(state.publish_action(ids, now)?) })
            }
            "validate_action" => {
                let contents = Body::read(request, &["sourceContents"])?.text("sourceContents")?;
                validation(&read_action(&contents.unwrap_or_default()).1)
            }
            "list_action_revisions" => page("actionRevisions", state.list_action_revisions(ids)?)?,
            "get_action_revision" => json!({ "actionRevision": state.get_action_revision(ids)? }),
            _ => return Err(Refusal::new(Code::Unimplemented, "Method Not Allowed")),
        };
        if *effect == Effect::Changes {
            self.take(Taken { operation, name });
        }
        Ok(Reply::new(200).json(&shown))
    }

    /// A log, line by line, until its step has ended.
    fn stream(&self, request: &Received, target: &Target) -> Result<Reply, Refusal> {
        let query = Query::read(&request.query, &["offset", "stream"]).map_err(Refusal::argument)?;
        let stream = Stream::read(query.text("stream"))?;
        let offset = query.text("offset").unwrap_or("0").parse::<i64>().ok();
        let offset = offset.and_then(|offset| u64::try_from(offset).ok());
        let mut offset =
            offset.ok_or_else(|| Refusal::argument("offset has to be a whole number, at least 0"))?;
        let ids = target.ids.clone();
        let now = self.now();
        {
            let mut world = lock(&self.service.world);
            world.state.settle(now);
            // What is wrong is said before the stream begins.
            world.state.printed(&ids, stream, offset, now, false)?;
        }
        let (world, clock, piece) =
            (Arc::clone(&self.service.world), self.settings.clock.clone(), self.options.log_piece);
        let gate = self.gate.clone();
        let mut waiting: VecDeque<Vec<u8>> = VecDeque::new();
        let mut is_broken = false;
        let live = Live::new(move || {
            if waiting.is_empty() && !is_broken {
                // The stream goes on when its request has left.
                let _serving = gate.serve();
                let now = clock.now();
                let mut world = lock(&world);
                world.state.settle(now);
                match world.state.printed(&ids, stream, offset, now, true) {
                    Ok(printed) if printed.lines.is_empty() && printed.has_ended => return Piece::End,
                    Ok(printed) if printed.lines.is_empty() => return Piece::Wait(TICK),
                    Ok(printed) => match piece {
                        None => waiting.extend(printed.lines),
                        Some(size) => waiting.extend(printed.lines.concat().chunks(size).map(<[u8]>::to_vec)),
                    },
                    Err(refusal) => {
                        is_broken = true;
                        return Piece::Bytes(
                            format!("{}\n", json!({ "error": refusal.body() })).into_bytes(),
                        );
                    }
                }
            }
            match waiting.pop_front() {
                None => Piece::End,
                Some(bytes) => {
                    offset += bytes.len() as u64;
                    let result =
                        json!({ "result": { "data": base64(&bytes), "offset": offset.to_string() } });
                    Piece::Bytes(format!("{result}\n").into_bytes())
                }
            }
        });
        let mut reply = Reply::new(200).header("content-type", "application/json");
        reply.live = Some(live);
        Ok(reply)
    }
}
