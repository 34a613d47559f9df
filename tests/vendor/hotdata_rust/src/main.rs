//! Scenarios of the vendor's Rust crate: queries, results, Arrow, loads, uploads.
//!
//! Arguments: the emulator's URL, a key, a workspace. Says `ok NAME` or `failed NAME: WHY` for each scenario,
//! in one line.

use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use hotdata::models::{CreateDatabaseRequest, CreateDatabaseResponse, LoadManagedTableRequest, QueryRequest};
use hotdata::{
    Client, PollConfig, QueryOutcome, QueryRunStatusExt, ResultStatusExt, UploadError, UploadOptions,
};

type Outcome = Result<(), Box<dyn Error>>;

/// Fails the scenario if the two are not the same.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, not {expected:?}").into()) }
}

/// How often to look at what takes time: soon, because the emulator is.
fn poll() -> PollConfig {
    PollConfig { timeout: Duration::from_secs(20), interval: Duration::from_millis(10) }
}

/// The clients, and where the files of the scenarios are.
struct Scenarios {
    client: Client,
    stranger: Client,
    folder: PathBuf,
    said: RefCell<Vec<String>>,
}

impl Scenarios {
    async fn check(&self, name: &str, scenario: impl Future<Output = Outcome>) {
        let line = match scenario.await {
            Ok(()) => format!("ok {name}"),
            Err(error) => format!("failed {name}: {}", error.to_string().replace('\n', " ")),
        };
        println!("{line}");
        self.said.borrow_mut().push(line);
    }

    async fn database(&self, name: &str) -> Result<CreateDatabaseResponse, Box<dyn Error>> {
        let request =
            CreateDatabaseRequest { name: Some(Some(name.to_owned())), ..CreateDatabaseRequest::new() };
        Ok(self.client.databases().create(request).await?)
    }

    /// A finalized upload of these bytes.
    async fn upload(&self, name: &str, bytes: &[u8]) -> Result<String, Box<dyn Error>> {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes)?;
        let options = UploadOptions { content_type: Some("text/csv".to_owned()), ..UploadOptions::default() };
        let done = self.client.upload_file(&path, options).await?;
        same("size", done.size_bytes, i64::try_from(bytes.len())?)?;
        Ok(done.upload_id)
    }

    async fn load(
        &self,
        database: &CreateDatabaseResponse,
        mode: &str,
        upload_id: String,
    ) -> Result<i64, Box<dyn Error>> {
        let request = LoadManagedTableRequest {
            upload_id: Some(Some(upload_id)),
            ..LoadManagedTableRequest::new(mode.to_owned())
        };
        let connection = &database.default_connection_id;
        let loaded =
            self.client.connections().load_managed_table(connection, "main", "orders", request).await?;
        same("schema", loaded.schema_name.as_str(), "main")?;
        Ok(i64::from(loaded.row_count))
    }

    /// A database with a table of three rows.
    async fn orders(&self, name: &str) -> Result<CreateDatabaseResponse, Box<dyn Error>> {
        let database = self.database(name).await?;
        let upload_id = self.upload(name, b"id,name\n1,a\n2,\"b, c\"\n3,\xE6\x97\xA5\n").await?;
        same("rows", self.load(&database, "replace", upload_id).await?, 3)?;
        Ok(database)
    }

    async fn databases(&self) -> Outcome {
        let made = self.database("life").await?;
        let found = self.client.databases().lookup_by_name("life").await?;
        same("id", &found.id, &made.id)?;
        same("connection", &found.default_connection_id, &made.default_connection_id)?;
        let listed = self.client.databases().list(Some(100), None, Some("LIFE"), None).await?;
        same("databases", listed.databases.len(), 1)?;
        self.client.databases().delete(&made.id).await?;
        let gone = self.client.databases().get(&made.id).await;
        same("found after its deletion", gone.is_ok(), false)
    }

    async fn load_modes(&self) -> Outcome {
        let database = self.orders("modes").await?;
        let more = self.upload("more", b"id,name\n4,d\n").await?;
        same("rows", self.load(&database, "append", more).await?, 4)?;
        let fewer = self.upload("fewer", b"id,name\n9,z\n").await?;
        same("rows", self.load(&database, "replace", fewer.clone()).await?, 1)?;
        // An upload is claimed once.
        let again = self.load(&database, "append", fewer).await;
        same("loaded twice", again.is_ok(), false)?;
        let inline = LoadManagedTableRequest {
            data: Some(Some("id,name\n10,y\n".to_owned())),
            ..LoadManagedTableRequest::new("append".to_owned())
        };
        let connection = &database.default_connection_id;
        let loaded =
            self.client.connections().load_managed_table(connection, "main", "orders", inline).await?;
        same("rows", i64::from(loaded.row_count), 2)
    }

    async fn query(&self) -> Outcome {
        let database = self.orders("query").await?;
        let request = QueryRequest::new("SELECT id, name FROM orders ORDER BY id".to_owned());
        let answer = self.client.query_in(request, &database.id).await?;
        same("columns", answer.columns, vec!["id".to_owned(), "name".to_owned()])?;
        same("rows", answer.preview_row_count, 3)?;
        let rows: Vec<String> = answer.rows.iter().flatten().map(|cell| format!("{cell:?}")).collect();
        same("cells", rows.len(), 6)?;
        let result_id = answer.result_id.flatten().ok_or("the result has no id")?;
        let result = self.client.await_result(&result_id, &database.id, poll()).await?;
        same("ready", result.result_status().is_ready(), true)?;
        same("total", result.total_row_count.flatten(), Some(3))?;
        let run = self.client.query_runs().get(&answer.query_run_id, &database.id).await?;
        same("over", run.run_status().is_terminal(), true)?;
        let listed = self.client.list_results(&database.id, Some(10), None).await?;
        same("results", listed.results.iter().any(|result| result.id == result_id), true)
    }

    /// More rows than come inline: the crate follows the result page by page.
    async fn follow(&self) -> Outcome {
        let database = self.orders("follow").await?;
        let request =
            QueryRequest::new("SELECT * FROM generate_series(1, 2500) AS g(n) ORDER BY n".to_owned());
        let answer = self.client.query_in(request, &database.id).await?;
        same("truncated", answer.truncated, true)?;
        same("rows", answer.rows.len(), 2500)
    }

    async fn background(&self) -> Outcome {
        let database = self.orders("background").await?;
        let request = QueryRequest {
            r#async: Some(true),
            ..QueryRequest::new("SELECT count(*) AS n FROM orders".to_owned())
        };
        let submitted = match self.client.submit_query(request, Some(&database.id)).await? {
            QueryOutcome::Submitted(submitted) => submitted,
            other => return Err(format!("it was not put into the background: {other:?}").into()),
        };
        let run = loop {
            let run = self.client.query_runs().get(&submitted.query_run_id, &database.id).await?;
            if run.run_status().is_terminal() {
                break run;
            }
            tokio::task::yield_now().await;
        };
        same("status", run.status.as_str(), "succeeded")?;
        let result_id = run.result_id.flatten().ok_or("the run has no result")?;
        let result = self.client.get_result(&result_id, &database.id).await?;
        same("rows", result.rows.flatten().map(|rows| rows.len()), Some(1))
    }

    async fn arrow(&self) -> Outcome {
        let database = self.orders("arrow").await?;
        let request = QueryRequest::new("SELECT id, name FROM orders ORDER BY id".to_owned());
        let result = self.client.query_to_arrow(request, &database.id, poll(), None, None).await?;
        same("rows", result.num_rows(), 3)?;
        same("total", result.total_row_count, Some(3))?;
        let mut ids = Vec::new();
        let mut names = Vec::new();
        for batch in &result.batches {
            ids.extend(batch.column(0).as_primitive::<Int64Type>().values().iter().copied());
            names.extend(batch.column(1).as_string::<i32>().iter().flatten().map(str::to_owned));
        }
        same("ids", ids, vec![1, 2, 3])?;
        same("names", names, vec!["a".to_owned(), "b, c".to_owned(), "日".to_owned()])
    }

    /// A window of a result in each of the three ways in which the crate reads Arrow.
    async fn arrow_windows(&self) -> Outcome {
        let database = self.orders("windows").await?;
        let request =
            QueryRequest::new("SELECT * FROM generate_series(1, 30000) AS g(n) ORDER BY n".to_owned());
        let submitted = self
            .client
            .query_preview(QueryRequest { database_id: Some(Some(database.id.clone())), ..request });
        let result_id = submitted.await?.result_id.flatten().ok_or("the result has no id")?;
        self.client.await_result(&result_id, &database.id, poll()).await?;
        let all = self.client.get_result_arrow(&result_id, &database.id, None, None).await?;
        same("rows", all.num_rows(), 30_000)?;
        let window = self.client.stream_result_arrow(&result_id, &database.id, Some(10), Some(5)).await?;
        same("total", window.total_row_count(), Some(30_000))?;
        same("there is a next window", window.next_link().is_some(), true)?;
        let batches: Vec<_> = window.collect::<Result<_, _>>()?;
        let values: Vec<i64> = batches
            .iter()
            .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec())
            .collect();
        same("values", values, vec![11, 12, 13, 14, 15])?;
        let mut open = self.client.open_result_arrow(&result_id, &database.id, None, None).await?;
        let mut rows = 0;
        while let Some(batch) = open.next_batch().await? {
            rows += batch.num_rows();
        }
        same("rows", rows, 30_000)
    }

    /// Larger than what goes in one piece: parts, each with a URL of its own.
    async fn large_upload(&self) -> Outcome {
        let database = self.database("large").await?;
        let mut text = "id,name\n".to_owned();
        let long = "x".repeat(4000);
        for id in 0..4500 {
            text.push_str(&format!("{id},{long}\n"));
        }
        let path = self.folder.join("large.csv");
        std::fs::write(&path, &text)?;
        let told = Arc::new(Mutex::new(Vec::new()));
        let last = Arc::new(AtomicU64::new(0));
        let (tell, cell) = (told.clone(), last.clone());
        let options = UploadOptions {
            content_type: Some("text/csv".to_owned()),
            progress: Some(Arc::new(move |done, _total| {
                cell.store(done, Ordering::SeqCst);
                tell.lock().map(|mut told| told.push(done)).ok();
            })),
            ..UploadOptions::default()
        };
        let done = self.client.upload_file(&path, options).await?;
        same("size", done.size_bytes, i64::try_from(text.len())?)?;
        same("progress", last.load(Ordering::SeqCst), u64::try_from(text.len())?)?;
        same("rows", self.load(&database, "replace", done.upload_id).await?, 4500)
    }

    async fn errors(&self) -> Outcome {
        let database = self.orders("errors").await?;
        let wrong = self
            .client
            .query_in(QueryRequest::new("SELECT nothing FROM orders".to_owned()), &database.id)
            .await;
        same("a wrong query is answered", wrong.is_ok(), false)?;
        let path = self.folder.join("stranger");
        std::fs::write(&path, b"x")?;
        match self.stranger.upload_file(&path, UploadOptions::default()).await {
            Err(UploadError::CreateSession(_)) => Ok(()),
            other => Err(format!("a key that is none: {other:?}").into()),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, workspace, folder] = arguments.as_slice() else {
        return Err("arguments: URL KEY WORKSPACE FOLDER".into());
    };
    let client = |key: &str| Client::builder().api_token(key).workspace_id(workspace).base_url(url).build();
    let scenarios = Scenarios {
        client: client(key)?,
        stranger: client("not-the-key")?,
        folder: PathBuf::from(folder),
        said: RefCell::default(),
    };
    let s = &scenarios;
    s.check("databases come and go", s.databases()).await;
    s.check("uploads are loaded in their modes", s.load_modes()).await;
    s.check("a query and its result", s.query()).await;
    s.check("a truncated query is followed", s.follow()).await;
    s.check("a query in the background", s.background()).await;
    s.check("a query as Arrow", s.arrow()).await;
    s.check("windows of a result as Arrow", s.arrow_windows()).await;
    s.check("a large upload in parts", s.large_upload()).await;
    s.check("errors", s.errors()).await;
    let failed = s.said.borrow().iter().any(|line| line.starts_with("failed"));
    if failed { Err("not all scenarios passed".into()) } else { Ok(()) }
}
