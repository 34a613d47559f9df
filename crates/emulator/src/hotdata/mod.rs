//! A local Hotdata: all 63 operations over state, SQL that is answered by a real engine, results as JSON,
//! Arrow, CSV and Markdown, and a storage to upload to.
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
//! | Requests, below `/v1/` | What is there |
//! |---|---|
//! | `workspaces` | list, create, delete; the first one is there from the start. Everything else is of one workspace |
//! | `connections` | list, create, get, delete; of sources beside `managed` nothing but their names is kept |
//! | `connections/{id}/schemas…`, `…/tables/{table}`, `…/loads`, `…/constant-per-key` | managed schemas and tables, loads |
//! | `connections/{id}/tables/{schema}/{table}/profile`, `…/indexes` | profiles, a while after a load; indexes |
//! | `databases`, `…/count`, `…/by-name`, `…/bulk`, `…/{id}/fork`, `…/lineage`, `…/catalogs`, `…/schemas…`, `…/context` | databases, batches that fill over time, forks, attached catalogs, expiry, contexts |
//! | `query`, `query-runs` | SQL, answered inline, with 202, or as Arrow; what became of each query |
//! | `results` | as JSON, Arrow stream, CSV and Markdown, with `offset` and `limit` |
//! | `queries`, `…/versions`, `…/execute` | saved queries |
//! | `uploads`, `…/batch`, `…/{id}/parts`, `…/finalize` | sessions of all three shapes; the storage is below `/storage/` |
//! | `indexes`, `information_schema`, `jobs`, `usage`, `embedding-providers` | as in Hotdata's Python SDK 0.12.0 |
//!
//! - `Authorization: Bearer` with the [key](Emulator::api_key), or 401. A workspace that is not there is a
//!   404 without an explanation, as the gateway has it ([403](Builder::unknown_workspace_as_403) on demand).
//!   The six operations that need `X-Database-Id` answer 400 without it, or with something that is not an id.
//! - Work in the background takes some looks or some time ([`Pending`]): jobs, batches, queries with `async`,
//!   new workspaces. What a query finds is decided when it is asked, whenever it is told.
//! - **SQL** is SQLite's, with what Postgres has and SQLite has not translated where that is cheap: casts,
//!   `ILIKE`, `EXTRACT`, `date_trunc`, `+ INTERVAL '…'` after a day or a time, `greatest`, `least`,
//!   `array_agg`, `/` and `%` of whole numbers. A query sees the catalog of its database (`default`, and the
//!   name that was chosen) and those that are attached.
//! - **Loads** have five modes and three sources: inline CSV, an upload of CSV or JSON lines (also packed
//!   with gzip), a result. All or nothing; one at a time for each table, else 409 `RESOURCE_LOCKED`. The
//!   emulator neither reads nor writes **Parquet**: such loads and results are a 400 that says so. Values of
//!   columns that are declared as `UUID`, `TIME` or whole numbers of 8 to 64 bits are checked.
//! - **Storage** takes `PUT`s at addresses that it has signed. A header that is not of the connection breaks
//!   the signature: with `Authorization`, `X-Workspace-Id`, `Content-Type` or any other the answer is 403.
//! - **Older surface**: `files`, `secrets`, `datasets` (their columns without their rows),
//!   `connection-types`, `refresh`, health and caches of connections, and the contexts of a workspace answer
//!   only where [`older_surface`](Builder::older_surface) was asked for; queries, runs and results need no
//!   `X-Database-Id` there. As an older server of the vendor was seen to answer: the name of a secret with a
//!   blank in it is a 400, an empty value is none, a second deletion is a 204; a file is `pending` until it
//!   is loaded, and an empty one a 400; a dataset whose table has a name that is taken, or whose upload was
//!   loaded before, is a 400; a table without a name is `up_` and more; a `source_type` that is not listed is
//!   a 400.
//! - Much can be chosen before it starts and while it runs: [`Builder::set`].
//! - It misbehaves on demand: see [`faults`](crate::faults). What changes something counts as `submit`; what
//!   asks how something stands that takes its time as `poll` (`get_job`, `get_query_run`, `get_result`,
//!   `get_database_batch`, their lists, `list_workspaces`, lists of indexes); `operation-status=TEXT` and
//!   `back-to-pending` are about `status`. As statement counts the name of the operation in the vendor's
//!   client, the path and the body: `starts=finalize_upload_handler: status=503, taken`,
//!   `starts=query, times=2: status=429, retry-after=0`. The storage is at its path:
//!   `path=/storage/, nth=2: drop-header=etag`, `path=/storage/: delay=1h` for one that stalls.
//! - [`ledger`](Emulator::ledger) lists all that was changed or set going, whatever became of the answer.
//!
//! # For tests in other languages
//!
//! The [paths under `/_emulator/`](crate#for-tests-in-other-languages) are the same for all services. An
//! entry of the ledger is `{"operation", "id", "workspace_id", …}`.
//!
//! `POST /_emulator/settings` changes settings: a JSON array of texts as in [`Builder::set`], all of them, or
//! with 400 none.
//!
//! # What is the emulator's own
//!
//! No source shows these, so nothing should be built on them:
//!
//! - All texts of messages, and codes where the vendor names none (`UNAUTHORIZED`, `METHOD_NOT_ALLOWED`). 401
//!   comes before 404 of a workspace, that before 400 of a database. Query parameters that are not known, or
//!   are there twice, are refused; fields of bodies that are not known are ignored, but for
//!   `constant-per-key`, where the vendor says otherwise.
//! - The calendar: it begins with 2026 and goes on by the emulator's clock. All ids (`jobs…`, `btch…`,
//!   `embp…` are not prefixes of the real ones), tokens, cursors and addresses, by the seed. A database's id
//!   is `dbid` and small letters and digits; anything else is malformed. The first workspace, the
//!   organization `org_emulator`, the user `usr_emulator`.
//! - How long things take. A list counts as a look at each entry that it shows; a load that finds its table
//!   locked as one at the load that holds it. Profiles take as long as other work. `async` without
//!   `async_after_ms` is always 202; with it 200 or 201 if the work takes no longer; at most 60,000.
//! - How SQL calculates where SQLite and Arrow differ: whole numbers divided by zero are an error, others are
//!   infinite or, for `0.0 / 0`, null; a cast to a whole number cuts off a fraction, and refuses other text
//!   and what is too large; `greatest` and `least` ignore nulls; a day that is shifted stays a day;
//!   `array_agg` is text with JSON in it; parts of a time are whole numbers, but the epoch. Days and times
//!   cannot be subtracted from each other: SQLite subtracts the years. An `INTERVAL` that stands alone or
//!   before what it is added to is a 400, and so are operators that are nested deeper than SQLite goes. A
//!   UUID may have no hyphens.
//! - Which SQL there is, its messages, and that an error of SQL in a synchronous query is a 400. The types
//!   behind the 25 names of column types. `rows_scanned` are the rows of the result, `bytes_scanned` 64 times
//!   as many.
//! - Types of columns are found in each load anew, as users of the service report; a column of nothing but
//!   nulls is text. What counts as widening (whole numbers to floats, days to times, decimals to longer
//!   ones); that `replace` may change a type; that of rows with the same key the last counts, and a null in a
//!   key finds nothing; that `update` and `delete` in a table without data are a 404. Results have text,
//!   decimals and times as SQLite keeps them: a calculation with decimals is one with floats.
//! - Up to 8 MiB of a result (as Arrow) come inline if [`preview_rows`](Builder::preview_rows) says nothing;
//!   JSON of a result has at most 64 MiB. 1,000 results are kept, then the oldest are forgotten; 10,000 of
//!   other things, 50,000 databases. Results and uploads share 256 MiB of memory; what has no room there lies
//!   in files without names in the directory for temporary files. A result larger than 8 GiB, or a query
//!   longer than five minutes, is given up; what it has to sort until then lies in SQLite's temporary files,
//!   however much it is.
//! - Sources beside `managed` are never called: they have no tables. Discovery is `skipped` for managed
//!   connections and a `success` for all others. Embedding providers embed nothing; indexes speed nothing up.
//!   An index of a name that is taken is a 400.
//! - Pages: 25 databases, 100 of everything else but jobs, if nothing is said. Names of schemas, tables and
//!   aliases are letters, digits and `_`. `search` ignores the case of unaccented letters, as names do.
//!   Several databases of a name are a 409 for `if_not_exists`, too. A batch that is deleted while it fills
//!   stays, with `cancel_requested`.
//! - Older surface: the types of connections that are listed; that a secret which never was is a 404 when it
//!   is deleted; what follows `up_` (the label, with `_` for what is neither a letter nor a digit); that a
//!   dataset's query is run for at most 10 s to find its columns, and that a `url` has none; that a query
//!   without a database sees the connections by their names.
//! - Which words are refused as names of contexts. What is found in the SQL of saved queries: a guess from
//!   its words.
//! - Uploads: up to 8 MiB in one body; a session for more than 100, or addresses for more than 1,000 parts at
//!   a time, are refused; `declared_size_bytes: null` too. Codes and bodies of the storage. Of an upload that
//!   was loaded the bytes are let go: it is a 409 from then on.
//! - Eight queries run at a time, more wait. Nothing else waits for a query but a load into a database that
//!   it reads. While a load runs, other requests of all workspaces wait; those to the storage do not.

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

/// A running emulator of Hotdata. Paths of the API begin with `/v1/`; the storage is at the same address,
/// under `/storage/`.
pub type Emulator = crate::Emulator<Hotdata>;

/// Settings of an [`Emulator`].
pub type Builder = crate::Builder<Hotdata>;

impl Emulator {
    /// The key that it accepts.
    pub fn api_key(&self) -> &str {
        &self.instance.options.api_key
    }

    /// The workspace that exists from the start.
    pub fn workspace_id(&self) -> &str {
        &self.instance.options.workspace_id
    }

    /// Changes a setting while it runs, by a text as in [`Builder::set`].
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if there is no such setting or value, or it can only be set
    /// before the start.
    pub fn set(&self, text: &str) -> Result<(), Error> {
        self.instance.set(text).map_err(|why| Error::setting("changing a setting of an emulator", why))
    }
}

impl Builder {
    /// Sets the key that it accepts. Default: `hd_emulator_key`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.options.api_key = key.into();
        self
    }

    /// Sets the workspace that exists from the start. Default: `ws_emulator`.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.options.workspace_id = id.into();
        self
    }

    /// Sets how the bodies of errors are written. Default: [`ErrorShape::Coded`].
    pub fn error_shape(mut self, shape: ErrorShape) -> Self {
        self.options.behaviour.errors = shape;
        self
    }

    /// Answers requests about a workspace that does not exist with 403. Default: with 404.
    pub fn unknown_workspace_as_403(mut self) -> Self {
        self.options.behaviour.unknown_workspace = 403;
        self
    }

    /// Sets whether it has the operations that the vendor's client had in its earlier versions: files,
    /// secrets, datasets and others. Default: no, they are 404.
    pub fn older_surface(mut self, has: bool) -> Self {
        self.options.behaviour.older_surface = has;
        self
    }

    /// Sets how many rows of a result come with the answer to a query; if there are more it is `truncated`,
    /// and the rest is available under its `result_id`. Default: `None`, all.
    pub fn preview_rows(mut self, rows: Option<u64>) -> Self {
        self.options.behaviour.preview_rows = rows;
        self
    }

    /// Sets how long the result of a query is still being saved after the query was answered; a look at the
    /// result or at the run counts. Default: not at all.
    pub fn result_pending(mut self, pending: Pending) -> Self {
        self.options.behaviour.result_pending = pending;
        self
    }

    /// Sets one of the settings by a text `name=value`:
    ///
    /// | Text | What it does |
    /// |---|---|
    /// | `errors=coded`, `uncoded`, `word`, `page` | [`error_shape`](Builder::error_shape) |
    /// | `unknown-workspace=404` or `403` | [`unknown_workspace_as_403`](Builder::unknown_workspace_as_403) |
    /// | `older-surface=on` or `off` | [`older_surface`](Builder::older_surface) |
    /// | `presign=on` or `off` | off: uploads are answered with 501 `PRESIGN_UNSUPPORTED` |
    /// | `preview-rows=N` or `off` | [`preview_rows`](Builder::preview_rows) |
    /// | `result-pending=N` or a time | [`result_pending`](Builder::result_pending) |
    /// | `accept-queries=on` or `off` | on: every query is answered with 202, whether it asked for that or not |
    /// | `unsaved-results=on` or `off` | on: results cannot be saved: no `result_id`; 503 `PERSISTENCE_UNAVAILABLE` if truncated |
    /// | `fail-results=TEXT` or `off` | results end as failed, with this text |
    /// | `run-status=WORD` or `off` | query runs that would have succeeded end so: `interrupted`, `cancelled` |
    /// | `job-status=WORD` or `off` | jobs that would have succeeded end so: `failed`, `partially_succeeded` |
    /// | `locked-loads=N` | the next N loads find their table locked: 409 `RESOURCE_LOCKED`, `Retry-After: 5` |
    /// | `gzip=on` or `off` | on: JSON is packed for clients whose `Accept-Encoding` names gzip |
    /// | `json-limit=BYTES` | results that are larger as JSON are 413 `RESULT_TOO_LARGE`; default 64 MiB |
    /// | `min-part=BYTES` | the smallest part of an upload but the last; default 5 MiB; from the start only |
    /// | `part-size=BYTES` or `off` | the size of parts, whatever is asked for; default: as asked for, from 5 MiB to 5 GiB |
    /// | `single-up-to=BYTES` | larger uploads are in parts; default 8 MiB; from the start only |
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`](Error::InvalidSetting) if it is none of these.
    pub fn set(mut self, text: &str) -> Result<Self, Error> {
        let set = self.options.behaviour.set(text);
        set.map_err(|why| Error::setting("choosing a setting of an emulator", why))?;
        Ok(self)
    }
}
