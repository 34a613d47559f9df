//! An emulator of Hotdata, for tests: all 63 operations of its API, SQL that SQLite executes, results as
//! JSON, Arrow, CSV and Markdown, and a storage for uploads.
//!
//! ```
//! use controlplane_emulator::hotdata::Emulator;
//!
//! let emulator = Emulator::start()?;
//! println!("HOTDATA_API_URL={}", emulator.url());
//! println!("HOTDATA_API_KEY={}", emulator.api_key());
//! println!("HOTDATA_WORKSPACE={}", emulator.workspace_id());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does
//!
//! | Requests, below `/v1/` | What they do |
//! |---|---|
//! | `workspaces` | list, create and delete workspaces; one exists from the start. Every other resource belongs to one workspace |
//! | `connections` | list, create, get and delete connections. A connection with a `source_type` other than `managed` has only its name and type |
//! | `connections/{id}/schemas…`, `…/tables/{table}`, `…/loads`, `…/constant-per-key` | schemas, tables and loads of managed connections |
//! | `connections/{id}/tables/{schema}/{table}/profile`, `…/indexes` | a table's profile (statistics of its columns), which exists some polls or some time after a load; a table's indexes |
//! | `databases`, `…/count`, `…/by-name`, `…/bulk`, `…/{id}/fork`, `…/lineage`, `…/catalogs`, `…/schemas…`, `…/context` | databases with expiry; batches, which create many databases over time; forks, which are copies of a database; attached catalogs, which are connections whose tables a query sees; contexts, which are named texts |
//! | `query`, `query-runs` | SQL queries, answered with JSON, Arrow or 202; the status of each query |
//! | `results` | results as JSON, Arrow stream, CSV and Markdown, with `offset` and `limit` |
//! | `queries`, `…/versions`, `…/execute` | saved queries |
//! | `uploads`, `…/batch`, `…/{id}/parts`, `…/finalize` | upload sessions: one body, parts of a known size, or a stream of parts. The bytes go to `/storage/` |
//! | `indexes`, `information_schema`, `jobs`, `usage`, `embedding-providers` | the operations of Hotdata's Python SDK 0.12.0 |
//!
//! - A request without `Authorization: Bearer` and the [key](Emulator::api_key) is answered with 401. An
//!   unknown workspace is answered with 404, or [with 403](Builder::unknown_workspace_as_403), and an error
//!   that has a `message` and no `code`, like those of Hotdata's gateway. The six operations that need
//!   `X-Database-Id` answer 400 if the header is missing or malformed, and 404 if no database has this id.
//! - Work in the background takes some polls or some time ([`Pending`]): jobs, batches of databases, queries
//!   with `async`, new workspaces. A query reads the data when its request arrives, even if its result is
//!   delivered later.
//! - **SQL** is SQLite's. These parts of Postgres' SQL are translated to it: casts, `ILIKE`, `EXTRACT`,
//!   `date_trunc`, `+ INTERVAL '…'` and `- INTERVAL '…'` after a date or a timestamp, `greatest`, `least`,
//!   `array_agg`, `/` and `%` of whole numbers. A query sees the catalog of its database, under the name
//!   `default` and under the name in `default_catalog`, and the catalogs that are attached to the database.
//! - **Loads** have five modes (`replace`, `append`, `update`, `upsert`, `delete`) and three sources: inline
//!   CSV, an upload of CSV or JSON lines, plain or with `content_encoding` `gzip`, and a result. A load
//!   changes the table completely or not at all. While a load of a table runs, another load of it is refused
//!   with 409 `RESOURCE_LOCKED`. The emulator neither reads nor writes **Parquet**: a load of Parquet and a
//!   request for a result as Parquet are answered with 400. Values of columns that are declared as `UUID`,
//!   `TIME` or whole numbers of 8 to 64 bits are checked.
//! - **The storage** accepts a `PUT` to a URL that it has signed. The only headers that it accepts are
//!   `Host`, `Content-Length`, `Accept`, `Accept-Encoding`, `Connection`, `Keep-Alive`, `Expect` and
//!   `User-Agent`. With any other one, such as `Authorization`, `X-Workspace-Id` or `Content-Type`, the
//!   response is 403.
//! - **The older surface** is the operations that only earlier versions of the vendor's client have: `files`,
//!   `secrets`, `datasets` (their columns without their rows), `connection-types`, `refresh`, health and
//!   caches of connections, and the contexts of a workspace. They exist only with
//!   [`older_surface`](Builder::older_surface), which also makes `X-Database-Id` optional for queries, saved
//!   queries, query runs and results. They answer as an older server of the vendor did: 400 for white space
//!   in the name of a secret, for an empty file, for a dataset with a table name that is taken or an upload
//!   that was loaded before, and for an unlisted `source_type` of a connection. The value of a secret may be
//!   empty, and the second deletion of a secret is a 204. A file is `pending` until it is loaded. A dataset
//!   without `table_name` gets one that begins with `up_`.
//! - **Settings** change what the emulator does, before the start and while it runs: see [`Builder::set`].
//! - **Faults**, errors that a test injects, are described in [`faults`](crate::faults). Requests that change
//!   something count as `submit`. These count as `poll`: `get_job`, `get_query_run`, `get_result`, their
//!   lists, `get_database_batch`, `list_workspaces`, and the lists of indexes. `operation-status=TEXT` and
//!   `back-to-pending` change the `status` in the response. The statement of a request is the name of the
//!   operation in the vendor's client, the path and the first 64 KiB of the body, so that
//!   `starts=finalize_upload_handler: status=503, taken` or
//!   `starts=query, times=2: status=429, retry-after=0` selects an operation. The path selects requests to
//!   the storage: `path=/storage/, nth=2: drop-header=etag`; with `path=/storage/: delay=1h` the storage
//!   stalls.
//! - **The ledger**, [`ledger`](Emulator::ledger), lists every accepted change and all work that was started,
//!   whether the client received the response or not.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"operation", "id", "workspace_id", …}`, with the fields of [`Taken`].
//!
//! `POST /_emulator/settings` changes settings. Its body is a JSON array of texts as in [`Builder::set`]. If
//! one of them is wrong, the response is 400 and no setting has changed.
//!
//! # What is the emulator's own
//!
//! No source shows how the real Hotdata behaves in these points. Do not rely on them:
//!
//! - All texts of messages, and the codes `UNAUTHORIZED`, `METHOD_NOT_ALLOWED` and others that the vendor
//!   does not name. 401 comes before the 404 for a workspace, which comes before the 400 for a database. A
//!   query parameter that is unknown or is given twice is refused. Unknown fields of bodies are ignored,
//!   except in `constant-per-key`, for which the vendor says that they are refused.
//! - Dates, which begin with 2026 and advance by the emulator's clock. All ids, tokens, cursors and URLs,
//!   which depend on the seed; the real prefixes of the ids of jobs, batches and embedding providers are not
//!   `jobs`, `btch` and `embp`. That the id of a database is `dbid` and lower-case letters and digits, and
//!   that any other text is malformed. The first workspace, the organization `org_emulator`, the user
//!   `usr_emulator`.
//! - How long work takes, and what polls it. A list of jobs, query runs or workspaces polls each entry that
//!   it shows. A list of indexes polls each index that it selects, including those on other pages. A load
//!   that finds its table locked polls the load that holds the table. A request for a profile polls the
//!   profile, which takes as long as other work. A request with `async` and without `async_after_ms` is
//!   always answered with 202. With `async_after_ms`, from 1000 to 60,000, it is answered with 200 or 201 if
//!   the work ends within this time. With `async`, `refresh` is always answered with 202.
//! - Calculations in which SQLite and Arrow differ. A whole number divided by the whole number 0 is an error;
//!   any other division by zero is infinite, or null for `0.0 / 0`. A cast to a type of whole numbers cuts
//!   off the fraction of a number; text that is not a whole number, and numbers beyond the type's range, are
//!   refused. `greatest` and `least` ignore nulls. A date plus or minus an interval is a date. The result of
//!   `array_agg` is a JSON array as text. Parts of a timestamp are whole numbers, except for `epoch`. A date
//!   or timestamp cannot be subtracted from another one, because SQLite subtracts only the years. An
//!   `INTERVAL` is refused with 400 unless it follows a date or a timestamp and `+` or `-`. Operators that
//!   are nested deeper than SQLite allows are refused with 400, too. A UUID may be written without hyphens.
//! - The extent of SQL, its error messages, and that an error in the SQL of a synchronous query is a 400. The
//!   Arrow types of the vendor's 25 column types. `rows_scanned` is the number of rows in the result, and
//!   `bytes_scanned` is 64 times as many.
//! - That each load determines the types of its columns anew, as users of the service report, and that a
//!   column of nulls is text. Which changes of a type are a widening: whole numbers to floats, dates to
//!   timestamps, decimals to longer ones. That `replace` may change a type. That the last one of several rows
//!   with the same key counts, and that a key with a null matches no row. That `update` and `delete` in a
//!   table without data are a 404. In results, text, decimals and timestamps are as SQLite keeps them, and
//!   calculations with decimals are done with floats.
//! - The response to a query has at most 8 MiB of the result (as Arrow);
//!   [`preview_rows`](Builder::preview_rows) can only make it shorter. A result as JSON has at most 64 MiB
//!   (setting `json-limit`). A workspace keeps the last 1,000 results, 10,000 query runs and 10,000 jobs.
//!   There are at most 100 workspaces; 50,000 databases and 10,000 resources of every other kind in a
//!   workspace; 1,000 schemas in a catalog; and 1,000 tables in a schema. One more is a 503. Results and
//!   uploads share 256 MiB of memory; the rest is in unnamed files in the directory for temporary files. A
//!   query is given up with 503 after five minutes or with a result above 8 GiB. What it sorts is in
//!   temporary files of SQLite, which have no limit.
//! - That sources of connections other than `managed` are never called, and have no tables.
//!   `discovery_status` is `skipped` for managed connections and `success` for all others. Embedding
//!   providers embed nothing, and indexes make no query faster. An index with a name that is taken is a 400.
//! - The page size if the request has no `limit`: 25 databases, 50 jobs, 100 of everything else. Names of
//!   schemas, tables and aliases consist of ASCII letters, digits and `_`. `search` and names ignore the case
//!   of ASCII letters only. With `if_not_exists`, too, a name that several databases have is a 409. A batch
//!   that is deleted before it is complete continues to exist, with `cancel_requested`.
//! - Of the older surface: which types of connections are listed; that the deletion of a secret that never
//!   existed is a 404; that `up_` is followed by the dataset's label, with `_` for each character that is not
//!   an ASCII letter or digit; that the query of a dataset runs for at most 10 s to find the columns, and
//!   that a dataset from a `url` has no columns; that a query without a database sees all connections by
//!   their names.
//! - Which names of contexts are refused. The analysis of the SQL of saved queries, which is a guess from its
//!   words.
//! - Of uploads: that up to 8 MiB are sent in one body; that a request for more than 100 sessions, a request
//!   for the URLs of more than 1,000 parts, and `declared_size_bytes: null` are refused; the codes and bodies
//!   of the storage. The bytes of an upload are deleted when it has been loaded; loading it again is a 409.
//! - Eight queries run at a time; others wait. A query delays no other request except a load into a database
//!   that it reads. While a load runs, other requests to all workspaces wait; requests to the storage do not.

mod analysis;
mod answers;
mod call;
mod common;
mod engine;
mod fields;
mod formats;
mod journal;
mod operate;
mod operation;
mod pages;
mod refusal;
mod service;
mod settings;
mod sql;
mod state;
mod storage;
#[cfg(test)]
mod tests;

use crate::error::Error;
pub use crate::journal::RequestRecord;
pub use crate::time::Pending;
pub use journal::Taken;
pub use refusal::ErrorShape;
pub use service::Hotdata;

/// A running emulator of Hotdata. It stops when it is dropped. The paths of the API begin with `/v1/`, and
/// those of the storage for uploads with `/storage/`. The [module](self) describes what the emulator does.
pub type Emulator = crate::Emulator<Hotdata>;

/// Builds an [`Emulator`] of Hotdata: its settings, and its start.
pub type Builder = crate::Builder<Hotdata>;

impl Emulator {
    /// Returns the API key that the emulator accepts.
    pub fn api_key(&self) -> &str {
        &self.instance.options.api_key
    }

    /// Returns the id of the workspace that exists from the start.
    pub fn workspace_id(&self) -> &str {
        &self.instance.options.workspace_id
    }

    /// Changes a setting of the running emulator by a text `name=value`, as in [`Builder::set`]. A
    /// [`reset`](Emulator::reset) restores the settings of the start.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if there is no setting of this name, if the setting does not
    /// have this value, or if it can be set only before the start (`min-part`, `single-up-to`).
    pub fn set(&self, text: &str) -> Result<(), Error> {
        self.instance.set(text).map_err(|why| Error::setting("changing a setting of an emulator", why))
    }
}

impl Builder {
    /// Sets the API key that the emulator accepts. Default: `hd_emulator_key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.options.api_key = key.into();
        self
    }

    /// Sets the id of the workspace that exists from the start. Default: `ws_emulator`.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.options.workspace_id = id.into();
        self
    }

    /// Sets the form of the bodies of errors. Default: [`ErrorShape::Coded`].
    pub fn error_shape(mut self, shape: ErrorShape) -> Self {
        self.options.behaviour.errors = shape;
        self
    }

    /// Answers requests that name an unknown workspace in `X-Workspace-Id` with 403. Default: with 404.
    pub fn unknown_workspace_as_403(mut self) -> Self {
        self.options.behaviour.unknown_workspace = 403;
        self
    }

    /// Sets whether the emulator has the operations that only earlier versions of the vendor's client have:
    /// files, secrets, datasets and others, which the [module](self) lists. If so, `X-Database-Id` is optional
    /// for queries, query runs and results. Default: no; the paths of these operations are answered with 404.
    pub fn older_surface(mut self, has: bool) -> Self {
        self.options.behaviour.older_surface = has;
        self
    }

    /// Sets how many rows of its result the response to a query has at most. If the result has more rows, the
    /// response is `truncated`, and all rows are available as the result with its `result_id`. Default:
    /// `None`, no limit on the number of rows. In each case the response has at most 8 MiB of the
    /// result. A query that asks for Arrow is answered with 202 instead of a truncated response.
    pub fn preview_rows(mut self, rows: Option<u64>) -> Self {
        self.options.behaviour.preview_rows = rows;
        self
    }

    /// Sets how long the result of a query is being saved after the query has ended: a number of polls or a
    /// time. A request for the result or for the query run counts as a poll. Until then, the result is
    /// `pending` or `processing`, and the query run is `running`. Default: 0 polls.
    pub fn result_pending(mut self, pending: Pending) -> Self {
        self.options.behaviour.result_pending = pending;
        self
    }

    /// Sets one of these settings by a text `name=value`; a name without a value means `on`:
    ///
    /// | Text | What it does |
    /// |---|---|
    /// | `errors=coded`, `uncoded`, `word`, `page` | [`error_shape`](Builder::error_shape) |
    /// | `unknown-workspace=404` or `403` | [`unknown_workspace_as_403`](Builder::unknown_workspace_as_403) |
    /// | `older-surface=on` or `off` | [`older_surface`](Builder::older_surface) |
    /// | `presign=on` or `off` | off: requests for upload sessions and for the URLs of parts are answered with 501 `PRESIGN_UNSUPPORTED`. Default: on |
    /// | `preview-rows=N` or `off` | [`preview_rows`](Builder::preview_rows) |
    /// | `result-pending=N` or a time | [`result_pending`](Builder::result_pending) |
    /// | `accept-queries=on` or `off` | on: every query is answered with 202, with or without `async`. Default: off |
    /// | `unsaved-results=on` or `off` | on: no result is saved. The response to a query has no `result_id`; a response that would be truncated is 503 `PERSISTENCE_UNAVAILABLE` instead. Default: off |
    /// | `fail-results=TEXT` or `off` | the results of later queries are `failed`, with this text as the message. Default: off |
    /// | `run-status=WORD` or `off` | queries that would succeed end with this status: `interrupted`, `cancelled`. A query without `async` is then answered with 500. Default: off |
    /// | `job-status=WORD` or `off` | jobs that have succeeded are shown with this status: `failed`, `partially_succeeded`. Default: off |
    /// | `locked-loads=N` | the next N loads are refused with 409 `RESOURCE_LOCKED` and `Retry-After: 5`. Default: 0 |
    /// | `gzip=on` or `off` | on: JSON is compressed for clients whose `Accept-Encoding` names gzip. Default: off |
    /// | `json-limit=BYTES` | a result that is larger as JSON is refused with 413 `RESULT_TOO_LARGE`. Default: 64 MiB |
    /// | `min-part=BYTES` | the smallest size of a part of an upload, except for its last part. Default: 5 MiB. Only before the start |
    /// | `part-size=BYTES` or `off` | the size of parts, instead of the requested `part_size`. From `min-part` to 5 GiB in both cases. Default: off; 8 MiB if none is requested |
    /// | `single-up-to=BYTES` | the largest declared size of an upload in one body; larger ones are in parts. Default: 8 MiB. Only before the start |
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if there is no setting of this name, or if it does not have
    /// this value.
    pub fn set(mut self, text: &str) -> Result<Self, Error> {
        let set = self.options.behaviour.set(text);
        set.map_err(|why| Error::setting("choosing a setting of an emulator", why))?;
        Ok(self)
    }
}
