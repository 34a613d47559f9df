//! A client of Hotdata that does one thing: queries, one after the other, or an upload.
//!
//! Arguments: `official`, `blocking` or `async`; the URL of the API; a key; a workspace; then `query` with a number of
//! queries, or `upload` with the path of a file. Says how long it took, in seconds, the processor time of the process
//! during that time, and the most memory that it had, in bytes.

use std::error::Error;
use std::time::Instant;

use controlplane::hotdata as ours;

type Outcome = Result<(), Box<dyn Error>>;

const SQL: &str = "SELECT 1 AS one";

/// The task of the program.
enum Task {
    /// So many queries.
    Queries(u32),
    /// The file with this path.
    Upload(String),
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [who, url, key, workspace, what, which] = arguments.as_slice() else {
        return Err("arguments: WHO URL KEY WORKSPACE query NUMBER | upload PATH".into());
    };
    let task = match what.as_str() {
        "query" => Task::Queries(which.parse()?),
        _ => Task::Upload(which.clone()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let credentials =
        || ours::Credentials::builder().api_key(key.as_str()).workspace_id(workspace).base_url(url).build();
    match who.as_str() {
        "official" => {
            let client =
                hotdata::Client::builder().api_token(key).workspace_id(workspace).base_url(url).build()?;
            runtime.block_on(official(client, &task))
        }
        "blocking" => blocking(ours::Client::new(credentials()?)?, &task),
        _ => runtime.block_on(asynchronous(ours::AsyncClient::new(credentials()?)?, &task)),
    }
}

async fn official(client: hotdata::Client, task: &Task) -> Outcome {
    use hotdata::models::{CreateDatabaseRequest, QueryRequest};
    match task {
        Task::Queries(number) => {
            let database = client.databases().create(CreateDatabaseRequest::new()).await?;
            let stopwatch = Stopwatch::start();
            for _ in 0..*number {
                client.query_in(QueryRequest::new(SQL.to_owned()), &database.id).await?;
            }
            stopwatch.say();
        }
        Task::Upload(path) => {
            let stopwatch = Stopwatch::start();
            client.upload_file(path, hotdata::UploadOptions::default()).await?;
            stopwatch.say();
        }
    }
    Ok(())
}

fn blocking(client: ours::Client, task: &Task) -> Outcome {
    match task {
        Task::Queries(number) => {
            let database = client.databases().create(ours::CreateDatabaseRequest::new()).send()?;
            let stopwatch = Stopwatch::start();
            for _ in 0..*number {
                client.query(SQL).database_id(&database.id).send()?;
            }
            stopwatch.say();
        }
        Task::Upload(path) => {
            let stopwatch = Stopwatch::start();
            client.uploads().upload_path(path).send()?;
            stopwatch.say();
        }
    }
    Ok(())
}

async fn asynchronous(client: ours::AsyncClient, task: &Task) -> Outcome {
    match task {
        Task::Queries(number) => {
            let database = client.databases().create(ours::CreateDatabaseRequest::new()).await?;
            let stopwatch = Stopwatch::start();
            for _ in 0..*number {
                client.query(SQL).database_id(&database.id).await?;
            }
            stopwatch.say();
        }
        Task::Upload(path) => {
            let stopwatch = Stopwatch::start();
            client.uploads().upload_path(path).await?;
            stopwatch.say();
        }
    }
    Ok(())
}

struct Stopwatch {
    began: Instant,
    processor: f64,
}

impl Stopwatch {
    fn start() -> Self {
        Self { began: Instant::now(), processor: processor() }
    }

    fn say(self) {
        let (took, spent) = (self.began.elapsed().as_secs_f64(), processor() - self.processor);
        println!("{took} {spent} {}", peak());
    }
}

/// User and system time of the process, in seconds; 0 where nobody tells. In units of 10 ms.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may have spaces.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = |at: usize| after.split_whitespace().nth(at).and_then(|text| text.parse::<f64>().ok());
    (ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default()) / 100.0
}

/// The most memory that the process had.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    peak.and_then(|peak| peak.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}
