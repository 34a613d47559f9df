//! The service behind the server: who may come in, which fault applies, and where a request goes.

use std::borrow::Cow;
use std::io::Write;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::error::{Error, check_header_value};
use crate::faults::RequestKind;
use crate::instance::Instance;
use crate::journal::RequestRecord;
use crate::resource::Resource;
use crate::server::{Arrival, Body, CONTROL, Received, Reply, lock};
use crate::service::{Backend, Exchange, Service, SpaceOf};
use crate::settings::Settings;

use super::answers;
use super::call::{Answer, Call, created};
use super::common::Common;
use super::journal::Taken;
use super::operate;
use super::operation::{Effect, Operation, Place, Scope};
use super::refusal::{ErrorShape, Refusal};
use super::settings::{Behaviour, Options};
use super::state::{Kept, Space, World};
use super::storage::Put;

/// The operations that ask the SQL engine.
const QUERIES: [&str; 2] = ["query", "execute_saved_query"];
/// The one that asks it for columns alone.
const CREATE_DATASET: &str = "create_dataset";
/// The one operation whose body is not JSON.
const UPLOAD_FILE: &str = "upload_file";
/// The largest body of all others: inline data, its JSON around it, and more, so that too much can be
/// answered.
const MAX_BODY: usize = 16 * 1024 * 1024;
const TOO_MANY: &str = "more requests than the emulator's rate limit allows: try again after 1 s";
/// Bytes for the storage are read in pieces of this size.
const PIECE: usize = 256 * 1024;
/// How much of a body is a statement for faults, in bytes.
const IN_STATEMENT: usize = 64 * 1024;

/// What may come with the bytes of a part: what is of the connection, and what says nothing.
const STORAGE_HEADERS: [&str; 8] = [
    "host",
    "content-length",
    "accept",
    "accept-encoding",
    "connection",
    "expect",
    "user-agent",
    "keep-alive",
];

/// The marker type of Hotdata: the type parameter of [`Emulator`](crate::Emulator) and
/// [`Builder`](crate::Builder).
#[derive(Debug)]
pub struct Hotdata {
    pub(super) world: Mutex<World>,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl Service for Hotdata {}

impl Backend for Hotdata {
    type Options = Options;
    type Taken = Taken;
    type Place = Place;
    type Access = ();
    type Kept = Kept;
    const NAME: &'static str = "hotdata";
    const CONTROL_PATHS: Option<&'static str> = Some("settings");

    fn check(options: &Options) -> Result<(), Error> {
        check_header_value("its API key", &options.api_key)
    }

    fn new(settings: &Settings, options: &Options) -> Self {
        let behaviour = Arc::new(Mutex::new(options.behaviour.clone()));
        let world = World::new(Arc::new(Common::new(settings, options, Arc::clone(&behaviour))));
        Self { world: Mutex::new(world), behaviour }
    }

    fn start_anew(&self, settings: &Settings, options: &Options) {
        *lock(&self.behaviour) = options.behaviour.clone();
        let common = Common::new(settings, options, Arc::clone(&self.behaviour));
        *lock(&self.world) = World::new(Arc::new(common));
    }

    fn access(_options: &Options, _url: &str) -> Result<(), Error> {
        Ok(())
    }

    fn variables(options: &Options, url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("HOTDATA_API_URL", url.to_owned()),
            ("HOTDATA_API_KEY", options.api_key.clone()),
            ("HOTDATA_WORKSPACE", options.workspace_id.clone()),
            // The vendor's crate for Rust.
            ("HOTDATA_WORKSPACE_ID", options.workspace_id.clone()),
        ]
    }

    /// An API key.
    fn space(request: &Received, options: &Options) -> SpaceOf<Options> {
        match request.headers.bearer() {
            Some(key) if key != options.api_key => {
                SpaceOf::Named(key.to_owned(), Options { api_key: key.to_owned(), ..options.clone() })
            }
            Some(_) => SpaceOf::Own,
            None => SpaceOf::WhoKnows,
        }
    }

    /// Whether it signed the URL.
    fn knows(of: &Instance<Self>, request: &Received) -> bool {
        lock(&of.service.world).uploads.has_signed(&request.path, &request.query)
    }
    fn place(&self, request: &Received) -> Place {
        let has_older = lock(&self.behaviour).older_surface;
        Place::of(&request.method, &request.path, has_older)
    }

    fn operation(place: &Place) -> Option<&'static str> {
        place.operation()
    }

    fn kind(place: &Place) -> RequestKind {
        match place {
            Place::Operation(Operation { effect: Effect::Changes, .. }, _) => RequestKind::Submit,
            Place::Operation(Operation { effect: Effect::Asks, .. }, _) => RequestKind::Poll,
            _ => RequestKind::Other,
        }
    }

    /// The name of the operation, the path, and the body. Bytes for the storage are not text.
    fn statement<'r>(request: &'r Received, place: &'r Place) -> Option<Cow<'r, str>> {
        let operation = place.operation()?;
        let path = percent_decode_str(&request.path).decode_utf8_lossy();
        let body = match place {
            Place::Storage(_) => "".into(),
            _ => String::from_utf8_lossy(&request.body[..request.body.len().min(IN_STATEMENT)]),
        };
        Some(format!("{operation} {path} {body}").into())
    }

    fn has_ended(of: &Instance<Self>, place: &Place) -> bool {
        match place {
            Place::Operation(operation @ Operation { effect: Effect::Asks, .. }, path) => {
                let mut world = lock(&of.service.world);
                world.settle();
                path.last().is_some_and(|id| world.has_ended(operation.name, id))
            }
            _ => false,
        }
    }

    fn reading(place: &Place) -> Arrival {
        match place {
            Place::Storage(_) | Place::Operation(Operation { name: UPLOAD_FILE, .. }, _) => Arrival::Stream,
            _ => Arrival::ReadUpTo(MAX_BODY),
        }
    }

    /// Queries can be long, and bytes for the storage come slowly.
    fn waits(place: &Place) -> bool {
        match place {
            Place::Storage(_) => true,
            Place::Operation(operation, _) => {
                [UPLOAD_FILE, CREATE_DATASET].contains(&operation.name) || QUERIES.contains(&operation.name)
            }
            Place::Nothing | Place::OtherMethod(_) => false,
        }
    }

    fn describe(place: &Place, record: &mut RequestRecord) {
        // The query of a presigned URL grants access.
        if matches!(place, Place::Storage(_)) {
            record.query.clear();
        }
    }

    fn answer(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        of.answer(exchange)
    }

    fn with_status(reply: Reply, status: &str) -> Reply {
        with_status(reply, status)
    }

    fn resources(of: &Instance<Self>) -> Vec<Resource> {
        let mut world = lock(&of.service.world);
        world.settle();
        world.listed()
    }

    fn state<Z: Serializer>(of: &Instance<Self>, to: Z) -> Result<Z::Ok, Z::Error> {
        lock(&of.service.world).serialize(to)
    }

    fn headers(options: &Options) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Bearer {}", options.api_key)),
            ("x-workspace-id", options.workspace_id.clone()),
        ]
    }

    fn settle(of: &Instance<Self>) {
        lock(&of.service.world).settle();
    }

    fn restore(of: &Instance<Self>, kept: Kept) -> Result<(), String> {
        let behaviour = Arc::clone(&of.service.behaviour);
        let chosen = kept.behaviour(&of.options.behaviour);
        let common = Common::going_on_from(&of.settings, &of.options, behaviour, kept.counts());
        let world = kept.link(Arc::new(common))?;
        *lock(&of.service.behaviour) = chosen;
        *lock(&of.service.world) = world;
        Ok(())
    }

    fn back_to_pending(of: &Instance<Self>, exchange: &mut Exchange<'_, Self>) -> Reply {
        unfinished(of.answer(exchange), exchange.place)
    }

    fn control(of: &Instance<Self>, request: &Received) -> Option<Reply> {
        let is_settings = request.path.strip_prefix(CONTROL) == Some("settings");
        (is_settings && request.method == "POST").then(|| of.set_all(&request.body))
    }
}

impl Instance<Hotdata> {
    /// Sets one of the settings that can be changed while it runs.
    pub(super) fn set(&self, text: &str) -> Result<(), String> {
        lock(&self.service.behaviour).change(text)
    }

    fn answer(&self, exchange: &mut Exchange<'_, Hotdata>) -> Reply {
        let Exchange { request, place, .. } = *exchange;
        let (body, record) = (&mut *exchange.body, &mut *exchange.record);
        let told = lock(&self.service.behaviour).errors;
        let answered = match place {
            Place::Nothing => Err(Refusal::new(404, "NOT_FOUND", "no operation has this path")),
            Place::OtherMethod(allowed) => {
                let allowed = allowed.join(", ");
                let why = format!("this path does not have this method; it has {allowed}");
                return Refusal::new(405, "METHOD_NOT_ALLOWED", why).reply(told).header("allow", &allowed);
            }
            Place::Storage(key) => return self.store(request, key, body, record),
            Place::Operation(Operation { name: UPLOAD_FILE, .. }, _) => self.keep_file(request, body, record),
            Place::Operation(operation, path) => {
                self.perform(request, operation, path, record).map_err(|refusal| {
                    // The one model of errors that these three operations have.
                    let is_word = operation.scope == Scope::Account;
                    if is_word { refusal.shaped(ErrorShape::Word) } else { refusal }
                })
            }
        };
        self.packed(request, answered.unwrap_or_else(|refusal| refusal.reply(told)))
    }

    /// Moves what was taken into the ledger: under the lock under which it was taken, so that it is this
    /// request's.
    fn note(&self, world: &mut World, record: &mut RequestRecord) {
        for taken in world.take_notes() {
            record.taken |= record.operation == Some(taken.operation);
            self.take(taken);
        }
    }

    fn perform(
        &self,
        request: &Received,
        operation: &'static Operation,
        path: &[String],
        record: &mut RequestRecord,
    ) -> Answer {
        let call = Call { operation: operation.name, request, path: path.to_vec(), tls: self.settings.tls };
        if QUERIES.contains(&operation.name) {
            return self.ask(operation, &call, record);
        }
        if operation.name == CREATE_DATASET {
            return self.make_dataset(operation, &call, record);
        }
        self.admit(request)?;
        let mut world = lock(&self.service.world);
        let answer = self.operate(&mut world, operation, &call);
        self.note(&mut world, record);
        answer
    }

    fn operate(&self, world: &mut World, operation: &'static Operation, call: &Call<'_>) -> Answer {
        world.settle();
        if operation.scope == Scope::Account {
            return operate::on_workspaces(world, call);
        }
        let (space, database) = self.enter(world, operation, call)?;
        operate::on_space(space, database, call)
    }

    /// Queries run without the lock: they can be long, and change nothing.
    fn ask(&self, operation: &'static Operation, call: &Call<'_>, record: &mut RequestRecord) -> Answer {
        let (asked, engine) = {
            let _serving = self.serving();
            self.admit(call.request)?;
            let mut world = lock(&self.service.world);
            world.settle();
            let asked = self.enter(&mut world, operation, call);
            let asked = asked.and_then(|(space, database)| answers::asked(space, database, call));
            self.note(&mut world, record);
            (asked?, world.engine.clone())
        };
        let answered = asked.run(&engine);
        let _serving = self.serving();
        let mut world = lock(&self.service.world);
        let space = self.space_of(&mut world, call.header("x-workspace-id").unwrap_or_default())?;
        let said = space.answer(asked, answered);
        self.note(&mut world, record);
        drop(world);
        answers::said(said?)
    }

    /// A dataset, whose columns may be those of a query, which runs without the lock.
    fn make_dataset(
        &self,
        operation: &'static Operation,
        call: &Call<'_>,
        record: &mut RequestRecord,
    ) -> Answer {
        let (peek, engine) = {
            let _serving = self.serving();
            self.admit(call.request)?;
            let mut world = lock(&self.service.world);
            world.settle();
            let (space, _) = self.enter(&mut world, operation, call)?;
            let peek = space.query_of_dataset(call.header("x-database-id"), &call.body()?)?;
            (peek, world.engine.clone())
        };
        let columns = peek.map(|peek| peek.run(&engine)).transpose()?;
        let _serving = self.serving();
        let mut world = lock(&self.service.world);
        let (space, _) = self.enter(&mut world, operation, call)?;
        let made = space.create_dataset(&call.body()?, columns);
        self.note(&mut world, record);
        created(&made?)
    }

    /// The workspace, and the database of the header where it has to be given.
    fn enter<'w>(
        &self,
        world: &'w mut World,
        operation: &'static Operation,
        call: &Call<'_>,
    ) -> Result<(&'w mut Space, Option<String>), Refusal> {
        let has_older = lock(&self.service.behaviour).older_surface;
        let space = self.space_of(world, call.header("x-workspace-id").unwrap_or_default())?;
        let database = match operation.scope {
            // Once these were of the workspace.
            Scope::Database if has_older && is_unscoped(call) => Some(String::new()),
            Scope::Database => Some(space.database_of_header(call.header("x-database-id"))?),
            _ => None,
        };
        Ok((space, database))
    }

    fn admit(&self, request: &Received) -> Result<(), Refusal> {
        let unauthorized = |why: &str| Err(Refusal::new(401, "UNAUTHORIZED", why));
        let given = request.headers.get("authorization").map(String::from_utf8_lossy);
        let Some(given) = given else {
            return unauthorized("the Authorization header is missing: send Bearer and the API key");
        };
        let bearer = given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        if bearer.is_none_or(|(_, key)| key.trim() != self.options.api_key) {
            return unauthorized(
                "the Authorization header does not have Bearer and the API key of the emulator",
            );
        }
        if !self.admits(self.now()) {
            return Err(Refusal::new(429, "OVERLOADED", TOO_MANY).retry_after(1));
        }
        Ok(())
    }

    /// A part of an upload. The storage knows nobody's key: what it is sent beside the bytes breaks the
    /// signature.
    fn store(&self, request: &Received, key: &str, body: &mut dyn Body, record: &mut RequestRecord) -> Reply {
        match self.stored(request, key, body, record) {
            Ok(e_tag) => Reply::new(200).header("etag", &e_tag),
            Err(refusal) => {
                let mut reply = Reply::new(refusal.status).header("content-type", "application/xml");
                let Refusal { code, message, .. } = refusal;
                let text = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>\n");
                reply.body = text.into_bytes();
                reply
            }
        }
    }

    fn stored(
        &self,
        request: &Received,
        key: &str,
        body: &mut dyn Body,
        record: &mut RequestRecord,
    ) -> Result<String, Refusal> {
        let extra = request
            .headers
            .iter()
            .find(|(name, _)| !STORAGE_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)));
        if let Some((name, _)) = extra {
            let why = format!(
                "the header {} is not signed: send the PUT without it",
                crate::text::one_line(name, 60)
            );
            return Err(Refusal::new(403, "SignatureDoesNotMatch", why));
        }
        let (uploads, now) = {
            let _serving = self.serving();
            let world = lock(&self.service.world);
            (world.uploads.clone(), world.now())
        };
        // Without the lock: parts come at the same time, and slowly.
        let put = uploads.begin_put(&request.path, &request.query, body.length(), now)?;
        let (e_tag, bytes) = receive(put, body)?;
        let _serving = self.serving();
        let mut world = lock(&self.service.world);
        world.note_put(key.trim_end_matches("/0"), bytes);
        self.note(&mut world, record);
        Ok(e_tag)
    }

    /// A file in one request, as there was once.
    fn keep_file(&self, request: &Received, body: &mut dyn Body, record: &mut RequestRecord) -> Answer {
        let workspace = request.headers.text("x-workspace-id").unwrap_or_default().into_owned();
        let (uploads, id, now) = {
            let _serving = self.serving();
            self.admit(request)?;
            let mut world = lock(&self.service.world);
            let now = world.now();
            let space = self.space_of(&mut world, &workspace)?;
            (space.uploads.clone(), space.common.id("upld"), now)
        };
        let content_type = request.headers.text("content-type").map(std::borrow::Cow::into_owned);
        let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let mut first = vec![0; PIECE];
        let read = body.read(&mut first).map_err(|e| incomplete(&e))?;
        if read == 0 {
            return Err(Refusal::bad("the file is empty: the body has no bytes"));
        }
        let mut put = uploads.begin_whole(&id, Some(content_type), now)?;
        let received = put.push(&first[..read]).map_err(Refusal::from).and_then(|()| receive(put, body));
        let _serving = self.serving();
        let mut world = lock(&self.service.world);
        let done = received.and_then(|_| self.space_of(&mut world, &workspace)?.file_has_come(&id));
        self.note(&mut world, record);
        match done {
            Ok(done) => created(&done),
            Err(refusal) => {
                // Nobody knows its id.
                uploads.forget(&id);
                Err(refusal)
            }
        }
    }

    fn space_of<'w>(&self, world: &'w mut World, id: &str) -> Result<&'w mut Space, Refusal> {
        let unknown = lock(&self.service.behaviour).unknown_workspace;
        world.space(id).ok_or_else(|| {
            let word = if unknown == 403 { "forbidden" } else { "workspace_not_found" };
            Refusal::new(unknown, "NOT_FOUND", word).shaped(ErrorShape::Uncoded)
        })
    }

    /// JSON is packed if that was asked for by both sides.
    fn packed(&self, request: &Received, reply: Reply) -> Reply {
        let encodings = request.headers.text("accept-encoding").unwrap_or_default();
        let is_json = reply.headers.text("content-type").is_some_and(|kind| kind == "application/json");
        if !is_json || !encodings.contains("gzip") || !lock(&self.service.behaviour).gzip {
            return reply;
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        match packed.write_all(&reply.body).and_then(|()| packed.finish()) {
            Ok(body) => Reply { body, ..reply }.header("content-encoding", "gzip"),
            Err(_) => reply,
        }
    }

    /// `POST /_emulator/settings`: a JSON array of texts, all of them or none.
    fn set_all(&self, body: &[u8]) -> Reply {
        let explain = |why: &str| Reply { status: 400, ..Reply::new(400).json(&json!({ "error": why })) };
        let Ok(texts) = serde_json::from_slice::<Vec<String>>(body) else {
            return explain("the body is not a JSON array of strings, such as [\"presign=off\"]");
        };
        let mut behaviour = lock(&self.service.behaviour);
        let mut new = behaviour.clone();
        for text in texts {
            if let Err(why) = new.change(&text) {
                return explain(&why);
            }
        }
        *behaviour = new;
        Reply::new(200).json(&json!({}))
    }
}

/// Whether it runs a saved query, or asks about a run or a result, without naming a database.
fn is_unscoped(call: &Call<'_>) -> bool {
    let once = ["execute_saved_query", "get_query_run", "list_query_runs", "get_result", "list_results"];
    once.contains(&call.operation) && call.header("x-database-id").is_none()
}

fn incomplete(error: &std::io::Error) -> Refusal {
    Refusal::new(400, "IncompleteBody", error.to_string())
}

/// All that comes: the ETag, and how many bytes.
fn receive(mut put: Put, body: &mut dyn Body) -> Result<(String, u64), Refusal> {
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        let read = body.read(&mut piece).map_err(|e| incomplete(&e))?;
        if read == 0 {
            return Ok((put.finish()?, bytes));
        }
        put.push(&piece[..read])?;
        bytes += read as u64;
    }
}

/// An answer about something that has ended as it was before.
fn unfinished(reply: Reply, place: &Place) -> Reply {
    if let Place::Operation(Operation { name: "get_result", .. }, path) = place {
        let body = json!({ "status": "processing", "result_id": path.last() });
        return Reply::new(202).json(&body).header("retry-after", "1");
    }
    let mut reply = with_status(reply, "running");
    if let Ok(Value::Object(mut body)) = serde_json::from_slice::<Value>(&reply.body) {
        body.retain(|name, _| !ENDINGS.contains(&name.as_str()));
        reply.body = Value::Object(body).to_string().into_bytes();
    }
    reply
}

/// What is known of work only when it has ended.
const ENDINGS: [&str; 8] = [
    "completed_at",
    "error_message",
    "execution_time_ms",
    "result",
    "result_id",
    "row_count",
    "server_processing_ms",
    "warning_message",
];

/// An answer about one thing with another status in it.
fn with_status(mut reply: Reply, status: &str) -> Reply {
    if let Ok(Value::Object(mut body)) = serde_json::from_slice::<Value>(&reply.body)
        && body.contains_key("status")
    {
        body.insert("status".to_owned(), Value::from(status));
        reply.body = Value::Object(body).to_string().into_bytes();
    }
    reply
}
