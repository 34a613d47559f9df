//! Uploads and the loads of them, against the local Hotdata.

use std::io::Read;

use controlplane::ErrorKind;
use controlplane::hotdata::uploads::{UploadFailure, UploadFailureKind};
use controlplane::hotdata::{
    AsyncClient, Client, ClientBuilder, CreateDatabaseRequest, Credentials, CredentialsBuilder, LoadMode,
    LoadOutcome,
};
use controlplane::transport::Proxy;
use controlplane_emulator::hotdata::{Builder, Emulator};

const CSV: &str = "id,amount\n1,2.5\n2,4.5\n";

fn emulator(choose: impl FnOnce(Builder) -> Builder) -> Emulator {
    choose(Emulator::builder()).start().unwrap()
}

fn credentials(emulator: &Emulator) -> CredentialsBuilder {
    Credentials::builder().env(Vec::<(String, String)>::new()).base_url(emulator.url())
}

fn with<M>(builder: ClientBuilder<M>, emulator: &Emulator) -> ClientBuilder<M> {
    let credentials = credentials(emulator).api_key(emulator.api_key()).workspace_id(emulator.workspace_id());
    builder.credentials(credentials.build().unwrap()).proxy(Proxy::None)
}

fn client(emulator: &Emulator) -> (Client, String) {
    let client = with(Client::builder(), emulator).build().unwrap();
    let database = client.databases().create(CreateDatabaseRequest::new().name("sales")).send().unwrap().id;
    (client, database)
}

fn rows(outcome: LoadOutcome) -> u64 {
    match outcome {
        LoadOutcome::Loaded(loaded) => loaded.row_count,
        other => panic!("{other:?}"),
    }
}

fn posts(emulator: &Emulator, path: &str) -> usize {
    emulator.requests().iter().filter(|request| format!("{request:?}").contains(path)).count()
}

#[test]
fn what_was_uploaded_is_loaded() {
    let emulator = emulator(|builder| builder);
    let (client, database) = client(&emulator);
    let load = || client.databases().load(&database, "main", "orders", LoadMode::Append);
    let upload = || client.uploads().upload_bytes(CSV).filename("orders.csv").content_type("text/csv");
    assert_eq!(rows(upload().and_load(load()).send().unwrap()), 2);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let loaded = runtime.block_on(async {
        let client = with(AsyncClient::builder(), &emulator).build().unwrap();
        let load = client.databases().load(&database, "main", "orders", LoadMode::Append);
        client.uploads().upload_bytes(CSV).content_type("text/csv").and_load(load).send().await
    });
    assert_eq!(rows(loaded.unwrap()), 4);
    // A load that names its own source is not a load of the upload.
    let error = upload().and_load(load().data(CSV)).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn answers_that_are_packed_are_read() {
    let emulator = emulator(|builder| builder.set("gzip=on").unwrap());
    let (client, _) = client(&emulator);
    let size = 12 << 20;
    let upload = client.uploads().upload_reader(std::io::repeat(b'x').take(size)).part_size(5 << 20);
    assert_eq!(upload.send().unwrap().size_bytes, size);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let uploaded = runtime.block_on(async {
        let client = with(AsyncClient::builder(), &emulator).build().unwrap();
        client.uploads().upload_bytes(CSV).await
    });
    assert_eq!(uploaded.unwrap().size_bytes, CSV.len() as u64);
}

#[test]
fn a_load_that_cannot_be_is_refused_before_anything_is_uploaded() {
    let emulator = emulator(|builder| builder);
    let (client, database) = client(&emulator);
    let load = |schema: &str| client.databases().load(&database, schema, "orders", LoadMode::Append);
    for load in [
        load("main").idempotency_key("key"),
        load("main").column("id", "BIGINT"),
        load(""),
        load("main").data(CSV),
    ] {
        let upload = client.uploads().upload_bytes(CSV).content_type("text/csv");
        let error = upload.and_load(load).send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    assert_eq!(posts(&emulator, "/uploads"), 0);
}

#[test]
fn errors_say_what_to_do() {
    let emulator = emulator(|builder| builder);
    let (client, _) = client(&emulator);
    let error = client.uploads().upload_path("/does/not/exist.csv").send().unwrap_err();
    assert!(error.to_string().contains("/does/not/exist.csv cannot be read"), "{error}");
    let credentials = || credentials(&emulator);
    for (credentials, advice) in [
        (credentials().without_api_key(), "Set HOTDATA_API_KEY"),
        (credentials().api_key("hd_no"), "Check the API key"),
    ] {
        let client = Client::builder().credentials(credentials.build().unwrap()).proxy(Proxy::None).build();
        let error = client.unwrap().workspaces().list().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn a_pipe_is_uploaded_part_by_part() {
    let emulator = emulator(|builder| builder);
    let (client, _) = client(&emulator);
    let size = 12 << 20;
    let reader = std::io::repeat(b'x').take(size);
    let uploaded = client.uploads().upload_reader(reader).part_size(5 << 20).send().unwrap();
    assert_eq!((uploaded.size_bytes, uploaded.status.as_str()), (size, "ready"));
    assert_eq!(client.uploads().upload_reader(&b"x"[..]).send().unwrap().size_bytes, 1);
    assert_eq!(client.uploads().upload_reader(std::io::empty()).send().unwrap().size_bytes, 0);
}

#[test]
fn where_storage_cannot_be_written_to_small_csv_goes_with_the_load() {
    let emulator = emulator(|builder| builder.set("presign=off").unwrap());
    let (client, database) = client(&emulator);
    let load = || client.databases().load(&database, "main", "orders", LoadMode::Append);
    let uploads = client.uploads();
    assert_eq!(rows(uploads.upload_bytes(CSV).content_type("text/csv").and_load(load()).send().unwrap()), 2);
    assert_eq!(
        rows(uploads.upload_reader(CSV.as_bytes()).filename("a.CSV").and_load(load()).send().unwrap()),
        4
    );
    let part = std::io::Cursor::new([b"not this", CSV.as_bytes()].concat());
    let mut part = part;
    part.set_position(8);
    assert_eq!(rows(uploads.upload_file(part).content_type("text/csv").and_load(load()).send().unwrap()), 6);
    // What is not CSV, too much of it, or packed, is not sent that way.
    let large = format!("id,amount\n{}", "1,1\n".repeat(600_000));
    for upload in [
        uploads.upload_bytes(CSV).content_type("application/json"),
        uploads.upload_bytes(CSV),
        uploads.upload_bytes(CSV).content_type("text/csv").content_encoding("gzip"),
        uploads.upload_bytes(large).content_type("text/csv"),
        uploads.upload_bytes(&b"id\n\xff\n"[..]).content_type("text/csv"),
    ] {
        let error = upload.and_load(load()).send().unwrap_err();
        assert_eq!(error.api_code(), Some("PRESIGN_UNSUPPORTED"), "{error}");
        assert_eq!(error.detail::<UploadFailure>().unwrap().kind, UploadFailureKind::Session);
    }
    assert_eq!(posts(&emulator, "/loads"), 3);
}

#[test]
fn an_upload_that_could_not_be_loaded_is_still_there() {
    let emulator = emulator(|builder| builder);
    let (client, database) = client(&emulator);
    let load = client.databases().load("dbidnone", "main", "orders", LoadMode::Append);
    let upload = client.uploads().upload_bytes(CSV).content_type("text/csv");
    let error = upload.and_load(load).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let failure: &UploadFailure = error.detail().unwrap();
    assert_eq!(failure.kind, UploadFailureKind::Load);
    let said = format!("the upload {} is finalized", failure.upload_id.as_deref().unwrap());
    assert!(error.to_string().contains(&said), "{error}");
    assert_eq!(error.resource(), failure.upload_id.as_deref());
    assert!(error.to_string().contains("Check the id"), "{error}");
    let again = client.databases().load(&database, "main", "orders", LoadMode::Append);
    assert_eq!(rows(again.upload_id(failure.upload_id.clone().unwrap()).send().unwrap()), 2);
}
