//! Queries, loads and Arrow against the local Hotdata, in both modes.

use std::time::Duration;

use controlplane::client::CancelToken;
use controlplane::hotdata::{
    AsyncClient, Client, ClientBuilder, CreateDatabaseRequest, Credentials, JobEnd, LoadMode, Measure,
    QueryOutcome, ResultFailure, ResultFormat,
};
use controlplane::transport::Proxy;
use controlplane::{Error, ErrorKind, PollPolicy};
use controlplane_emulator::hotdata::Emulator;

const ROWS: usize = 1000;

fn csv() -> String {
    let mut csv = "id,name\n".to_owned();
    for id in 0..ROWS {
        csv.push_str(&format!("{id},name {id}\n"));
    }
    csv
}

fn builder<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
    let credentials = Credentials::builder()
        .env(Vec::<(String, String)>::new())
        .base_url(emulator.url())
        .api_key(emulator.api_key())
        .workspace_id(emulator.workspace_id());
    builder
        .credentials(credentials.build().unwrap())
        .polling(PollPolicy::every(Duration::from_millis(10)))
        .proxy(Proxy::None)
}

/// An emulator whose answers hold ten rows, and a database with a table of a thousand.
fn prepared() -> (Emulator, String) {
    let emulator = Emulator::builder().preview_rows(Some(10)).start().unwrap();
    let client = builder(Client::builder(), &emulator).build().unwrap();
    let database = client.databases().create(CreateDatabaseRequest::new()).send().unwrap().id;
    let load = client.databases().load(&*database, "main", "people", LoadMode::Replace).data(csv());
    match load.and_wait().send().unwrap() {
        JobEnd::Succeeded(loaded) => assert_eq!(loaded.row_count, 1000),
        other => panic!("{other:?}"),
    }
    (emulator, database)
}

const SQL: &str = "SELECT id, name FROM people ORDER BY id";

fn check(outcome: QueryOutcome) -> String {
    let QueryOutcome::Completed(response) = outcome else { panic!("{outcome:?}") };
    assert_eq!((response.rows.len(), response.truncated), (ROWS, true));
    assert_eq!(response.rows[999][1], "name 999");
    response.result_id.unwrap()
}

fn check_limit(result: Result<QueryOutcome, Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    let Some(ResultFailure::TooLarge { measure, limit, .. }) = error.detail() else { panic!("{error:?}") };
    assert_eq!((*measure, *limit), (Measure::Rows, 500));
    assert!(error.request_id().is_some() && error.resource().is_some());
}

#[test]
fn a_query_is_followed_and_its_result_comes_in_every_form() {
    let (emulator, database) = prepared();
    let client = builder(Client::builder(), &emulator).database_id(&*database).build().unwrap();
    let result = check(client.query(SQL).page_size(300).send().unwrap());
    check_limit(client.query(SQL).max_auto_rows(500).send());
    assert_eq!(client.query(SQL).and_wait().send().unwrap().rows.len(), ROWS);
    let text =
        client.results().fetch_ready(&*result).format(ResultFormat::Csv).send().unwrap().text().unwrap();
    assert_eq!(text.lines().count(), ROWS + 1);
    let table = client.results().arrow(&*result).send().unwrap();
    assert_eq!((table.num_rows(), table.info.total_row_count), (ROWS, Some(1000)));
    let part = client.results().arrow(&*result).offset(10).limit(5).send().unwrap();
    assert_eq!((part.num_rows(), part.info.next_link.is_some()), (5, true));
    let rows: usize = client.query(SQL).arrow().send().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, ROWS);
    // Left early; the next call does not notice.
    drop(client.results().stream_arrow(&*result).send().unwrap());
    assert!(client.results().list().send().unwrap().results.len() >= 2);
    // The program itself may stop it.
    let token = CancelToken::new();
    token.cancel();
    let error = client.results().stream_arrow(&*result).cancel_with(&token).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn the_same_as_futures() {
    let (emulator, database) = tokio::task::spawn_blocking(prepared).await.unwrap();
    let client = builder(AsyncClient::builder(), &emulator).database_id(&*database).build().unwrap();
    let result = check(client.query(SQL).page_size(300).send().await.unwrap());
    check_limit(client.query(SQL).max_auto_rows(500).send().await);
    assert_eq!(client.query(SQL).and_wait().send().await.unwrap().rows.len(), ROWS);
    let table = client.results().arrow(&*result).send().await.unwrap();
    assert_eq!((table.num_rows(), table.info.total_row_count), (ROWS, Some(1000)));
    let mut stream = client.query(SQL).arrow().send().await.unwrap();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, ROWS);
    drop(client.results().stream_arrow(&*result).send().await.unwrap());
    assert!(client.results().list().send().await.unwrap().results.len() >= 2);
}
