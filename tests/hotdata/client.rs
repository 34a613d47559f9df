//! The client of Hotdata without a server: whose a request is, what is refused before it is sent, what is
//! sent twice, what does not show, pages.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use controlplane::hotdata::{
    AnyCommand, AsyncClient, Client, ClientBuilder, Command, CreateConnectionRequest,
    CreateEmbeddingProviderRequest, Credentials, CredentialsBuilder, EmbeddingProviderType, GetQueryRun,
    ListResults, Query, UpdateEmbeddingProviderRequest,
};
use controlplane::http::{Method, Request};
use controlplane::transport::SendErrorKind;
use controlplane::{Effect, Error, ErrorKind, RetryPolicy};
use serde_json::{Value, json};

use crate::scripted::{Reply, Scripted};

/// Refuses everything for good.
fn refusing() -> Scripted {
    Scripted::new(|_, _| answer(418, &json!({"error": {"code": "TEAPOT", "message": "no"}})))
}

fn answer(status: u16, body: &Value) -> Reply {
    Reply::text(status, body.to_string())
}

fn no_env() -> [(&'static str, &'static str); 0] {
    []
}

fn quick() -> RetryPolicy {
    let mut policy = RetryPolicy::retries(2);
    policy.first_delay = Duration::from_millis(1);
    policy.max_delay = Duration::from_millis(1);
    policy
}

fn builder() -> ClientBuilder {
    let credentials = credentials().api_key("hd_hunter2").workspace_id("ws_1").build().unwrap();
    Client::builder().credentials(credentials).retry(quick())
}

fn credentials() -> CredentialsBuilder {
    Credentials::builder().env(no_env())
}

/// One command of each operation: what was recorded of the vendor's client first.
fn commands() -> BTreeMap<String, Value> {
    let mut commands = BTreeMap::new();
    for line in include_str!("../vectors/hotdata-wire.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["class"] == "plain" {
            let mut args = case["args"].clone();
            args.as_object_mut().unwrap().remove("x_database_id");
            commands.insert(case["op"].as_str().unwrap().to_owned(), args);
        }
    }
    assert_eq!(commands.len(), 63);
    let older = json!({
        "upload_stream": {"body": "Zm9v"}, "list_uploads": {}, "list_secrets": {}, "get_secret": {"name": "s"},
        "create_secret": {"create_secret_request": {"name": "s", "value": "hunter2"}},
        "update_secret": {"name": "s", "update_secret_request": {"value": "hunter2"}}, "delete_secret": {"name": "s"},
        "list_connection_types": {}, "get_connection_type": {"name": "postgres"},
        "check_connection_health": {"connection_id": "c"}, "purge_connection_cache": {"connection_id": "c"},
        "purge_table_cache": {"connection_id": "c", "schema": "s", "table": "t"}, "refresh": {"refresh_request": {}},
        "list_datasets": {}, "get_dataset": {"id": "d"}, "delete_dataset": {"id": "d"},
        "create_dataset": {"create_dataset_request": {"label": "l", "source": {"type": "sql_query", "sql": "SELECT 1"}}},
        "update_dataset": {"id": "d", "update_dataset_request": {"pinned_version": null}},
        "list_dataset_versions": {"id": "d"}, "list_workspace_contexts": {}, "get_workspace_context": {"name": "n"},
        "upsert_workspace_context": {"upsert_workspace_context_request": {"name": "n", "content": "c"}},
    });
    commands.extend(older.as_object().unwrap().clone());
    commands
}

fn command(operation: &str, args: &Value) -> AnyCommand {
    serde_json::from_value(json!({ operation: args })).unwrap_or_else(|e| panic!("{operation}: {e}"))
}

// The headers of each operation in the vendor's client (hotdata 0.12.0).
const WITHOUT_WORKSPACE: [&str; 3] = ["list_workspaces", "create_workspace", "delete_workspace"];
const WITH_DATABASE: [&str; 6] = [
    "get_query_run",
    "list_query_runs",
    "get_result",
    "list_results",
    "execute_saved_query",
    "list_indexes_collection",
];
const PERHAPS_DATABASE: [&str; 2] = ["query", "create_dataset"];
const WITH_TOKEN: [&str; 2] = ["finalize_upload_handler", "mint_upload_parts_handler"];

fn is_of(list: &[&str], operation: &str) -> bool {
    list.contains(&operation)
}

#[test]
fn every_operation_sends_the_headers_that_are_its_own() {
    let transport = refusing();
    let client = builder().database_id("db_1").transport(transport.clone()).build().unwrap();
    for (operation, args) in commands() {
        let command = command(&operation, &args);
        assert_eq!(command.name(), operation);
        let error = client.call(command).send().unwrap_err();
        assert_eq!((error.kind(), error.api_code()), (ErrorKind::Rejected, Some("TEAPOT")), "{operation}");
        let request = transport.sent().pop().unwrap();
        let header = |name: &str| request.headers.text(name).map(String::from);
        let some = |is: bool, value: &str| is.then(|| value.to_owned());
        assert_eq!(header("Authorization").as_deref(), Some("Bearer hd_hunter2"), "{operation}");
        let workspace = some(!is_of(&WITHOUT_WORKSPACE, &operation), "ws_1");
        assert_eq!(header("X-Workspace-Id"), workspace, "{operation}");
        let is_in_database = is_of(&WITH_DATABASE, &operation) || is_of(&PERHAPS_DATABASE, &operation);
        assert_eq!(header("X-Database-Id"), some(is_in_database, "db_1"), "{operation}");
        let has_token = header("X-Upload-Finalize-Token").is_some();
        assert_eq!(has_token, is_of(&WITH_TOKEN, &operation), "{operation}");
        let names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let different: BTreeSet<&String> = names.iter().collect();
        assert_eq!(names.len(), different.len(), "{operation} sends a header twice: {names:?}");
    }
}

#[test]
fn without_a_workspace_or_a_database_nothing_is_sent() {
    let transport = refusing();
    let nowhere = Client::builder().credentials(credentials().api_key("k").build().unwrap());
    let nowhere = nowhere.transport(transport.clone()).build().unwrap();
    for (operation, args) in commands() {
        let before = transport.sent().len();
        let error = nowhere.call(command(&operation, &args)).send().unwrap_err();
        let was_sent = transport.sent().len() > before;
        if is_of(&WITHOUT_WORKSPACE, &operation) {
            assert!(was_sent, "{operation}");
        } else {
            assert_eq!(error.kind(), ErrorKind::Credentials, "{operation}: {error}");
            assert_eq!(error.missing_fields(), ["workspace_id"]);
            let text = error.to_string();
            assert!(text.contains(" /v1/") && text.contains("HOTDATA_WORKSPACE"), "{text}");
            assert!(!was_sent, "{operation}");
        }
    }
    let client = builder().transport(transport.clone()).build().unwrap();
    for (operation, args) in commands() {
        let before = transport.sent().len();
        let error = client.call(command(&operation, &args)).send().unwrap_err();
        let was_sent = transport.sent().len() > before;
        assert_eq!(was_sent, !is_of(&WITH_DATABASE, &operation), "{operation}");
        if !was_sent {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{operation}: {error}");
            assert_eq!(error.missing_fields(), ["database_id"]);
        }
    }
}

#[test]
fn a_call_that_names_a_database_means_that_one() {
    let transport = refusing();
    let client = builder().database_id("db_1").transport(transport.clone()).build().unwrap();
    client.results().list().database_id("db_2").send().unwrap_err();
    // In the body: then the header says nothing else.
    let in_body = json!({"query_request": {"sql": "SELECT 1", "database_id": "db_3"}});
    client.call(command("query", &in_body)).send().unwrap_err();
    let databases: Vec<Option<String>> = transport
        .sent()
        .iter()
        .map(|request| request.headers.text("X-Database-Id").map(String::from))
        .collect();
    assert_eq!(databases[0].as_deref(), Some("db_2"));
    assert!(matches!(databases[1].as_deref(), None | Some("db_3")), "{databases:?}");
}

#[test]
fn an_older_command_goes_without_a_database_and_in_its_session() {
    let transport = refusing();
    let client = builder().database_id("db_1").transport(transport.clone()).build().unwrap();
    let older = client.older();
    older.in_session(GetQueryRun::new("q"), Some("sess_1")).send().unwrap_err();
    older.in_session(ListResults::new(), None).send().unwrap_err();
    older.in_session(command_of_query("SELECT 1"), Some("a\r\nb")).send().unwrap_err();
    let asked = transport.sent();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|request| request.headers.get("X-Database-Id").is_none()));
    assert_eq!(asked[0].headers.text("X-Session-Id").as_deref(), Some("sess_1"));
    assert_eq!(asked[1].headers.get("X-Session-Id"), None);
}

fn command_of_query(sql: &str) -> Query {
    serde_json::from_value(json!({"query_request": {"sql": sql}})).unwrap()
}

// ---- Settings -----------------------------------------------------------------------------------

#[test]
fn what_is_given_counts_before_the_environment() {
    type Give = fn(CredentialsBuilder) -> CredentialsBuilder;
    let plain: Give = |builder| builder;
    let anonymous: Give = CredentialsBuilder::without_api_key;
    let given: Give = |builder| {
        builder.api_key("given").workspace_id("ws_given").database_id("db_given").base_url("http://given/")
    };
    let all = [
        ("HOTDATA_API_KEY", "env"),
        ("HOTDATA_WORKSPACE", "ws_env"),
        ("HOTDATA_WORKSPACE_ID", "ws_rust"),
        ("HOTDATA_DATABASE", "db_env"),
        ("HOTDATA_API_URL", "http://env/"),
    ];
    let second = [("HOTDATA_WORKSPACE", ""), ("HOTDATA_WORKSPACE_ID", "ws_rust"), ("HOTDATA_API_URL", "")];
    for (give, env, expected) in [
        (plain, &all[..], (Some("Bearer env"), "ws_env", Some("db_env"), "http://env")),
        (given, &all[..], (Some("Bearer given"), "ws_given", Some("db_given"), "http://given")),
        (anonymous, &second[..], (None, "ws_rust", None, "https://api.hotdata.dev")),
    ] {
        let transport = refusing();
        let credentials = give(Credentials::builder().env(env.iter().copied())).build().unwrap();
        let builder = Client::builder().credentials(credentials).transport(transport.clone());
        builder.build().unwrap().call(command_of_query("SELECT 1")).send().unwrap_err();
        let request = transport.sent().pop().unwrap();
        let header = |name: &str| request.headers.text(name).map(String::from);
        let got = (header("Authorization"), header("X-Workspace-Id"), header("X-Database-Id"));
        let (key, workspace, database, base) = expected;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        assert_eq!(got, (owned(key), owned(Some(workspace)), owned(database)));
        assert_eq!(request.base_url, base);
    }
}

#[test]
fn what_cannot_travel_in_a_header_is_refused() {
    let bad = ["a\r\nX-Evil: 1", "a\nb", "ü", " a", "a ", "\u{7f}"];
    for text in bad {
        for build in [
            credentials().api_key("k").workspace_id(text).build(),
            credentials().api_key("k").database_id(text).build(),
        ] {
            assert_eq!(build.unwrap_err().kind(), ErrorKind::InvalidArgument, "{text:?}");
        }
        for build in [
            builder().database_id(text).build(),
            builder().default_header("X-Custom", text.to_owned()).build(),
            builder().default_header(format!("X-{text}\n"), "1".to_owned()).build(),
        ] {
            assert_eq!(build.unwrap_err().kind(), ErrorKind::InvalidArgument, "{text:?}");
        }
        let key = credentials().api_key(text).build();
        assert_eq!(key.unwrap_err().kind(), ErrorKind::Credentials, "{text:?}");
        let transport = refusing();
        let client = builder().transport(transport.clone()).build().unwrap();
        let token = controlplane::hotdata::Secret::from(text);
        let errors = [
            client.results().list().database_id(text).send().unwrap_err(),
            client.indexes().list_all().database_id(text).send().unwrap_err(),
            client.saved_queries().execute("q").database_id(text).send().unwrap_err(),
            client.call(controlplane::hotdata::uploads::FinalizeUpload::new("u", token)).send().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text:?}: {error}");
        }
        assert!(transport.sent().is_empty());
    }
    for name in ["Authorization", "x-workspace-id", "X-Database-Id", "Host", "Content-Length", ""] {
        assert!(builder().default_header(name, "1".to_owned()).build().is_err(), "{name}");
    }
}

#[test]
fn what_reaches_another_path_is_refused() {
    let transport = refusing();
    let client = builder().transport(transport.clone()).build().unwrap();
    for text in ["", ".", ".."] {
        let errors = [
            client.databases().get(text).send().unwrap_err(),
            client.databases().detach_catalog("d", text).send().unwrap_err(),
            client.connections().delete_table("c", text, "t").send().unwrap_err(),
            client.older().secrets().delete(text).send().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
    }
    assert!(transport.sent().is_empty());
    client.databases().get("a/../b?c#d").send().unwrap_err();
    assert_eq!(transport.sent()[0].path, "/v1/databases/a%2F..%2Fb%3Fc%23d");
}

// ---- Secrets ------------------------------------------------------------------------------------

#[test]
fn secrets_do_not_show() {
    // The service repeats everything that it was sent.
    let transport = Scripted::new(|request, _| {
        let mut said: String = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}={} ", String::from_utf8_lossy(value)))
            .collect();
        said.push_str(&String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()));
        answer(400, &json!({"error": {"code": "BAD_REQUEST", "message": said}}))
    });
    let client =
        builder().default_header("X-Gate", "hunter2-gate".to_owned()).transport(transport).build().unwrap();
    let connection = CreateConnectionRequest::new("c", "postgres")
        .config("password", "hunter2-config")
        .config("options", json!({"sasl": {"auth_token": "hunter2-deep"}}));
    let provider =
        CreateEmbeddingProviderRequest::new("p", EmbeddingProviderType::Service).api_key("hunter2-key");
    let change = UpdateEmbeddingProviderRequest::new().api_key("hunter2-changed");
    let (connection, provider) =
        (client.connections().create(connection), client.embedding_providers().create(provider));
    let change = client.embedding_providers().update("e", change);
    let (create, update) = (
        client.older().secrets().create("s", "hunter2-value"),
        client.older().secrets().update("s", "hunter2-other"),
    );
    let mut shown =
        format!("{client:?} {connection:?} {provider:?} {change:?} {create:?} {update:?} {:?}", builder());
    let errors = [
        client.workspaces().list().send().unwrap_err(),
        connection.send().unwrap_err(),
        provider.send().unwrap_err(),
        change.send().unwrap_err(),
        create.send().unwrap_err(),
        update.send().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Rejected);
        shown.push_str(&format!("{error} {error:?} {:?} {:?}", error.body(), error.api_message()));
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres"), "{shown}");
}

// ---- Sending again ------------------------------------------------------------------------------

#[test]
fn a_change_that_may_have_been_taken_is_not_sent_again() {
    let (mut read, mut changed) = (0, 0);
    for (operation, args) in commands() {
        let transport = Scripted::new(|_, _| Reply::Fails(SendErrorKind::Closed, true));
        let client = builder().database_id("d").transport(transport.clone()).build().unwrap();
        let command = command(&operation, &args);
        let effect = command.effect();
        let error = client.call(command).send().unwrap_err();
        let asked = transport.sent();
        assert_eq!(effect == Effect::Repeatable, asked[0].method == Method::Get, "{operation}");
        if effect == Effect::Repeatable {
            read += 1;
            assert_eq!((error.kind(), asked.len()), (ErrorKind::Transport, 3), "{operation}");
        } else {
            changed += 1;
            assert_eq!((error.kind(), asked.len()), (ErrorKind::OutcomeUnknown, 1), "{operation}");
        }
    }
    assert!(read > 30 && changed > 40, "{read} {changed}");
}

#[test]
fn a_key_makes_a_batch_harmless_to_repeat() {
    for (args, times) in [(json!({"count": 3}), 1), (json!({"count": 3, "idempotency_key": "k"}), 3)] {
        let transport = Scripted::new(|_, _| Reply::Fails(SendErrorKind::Closed, true));
        let client = builder().transport(transport.clone()).build().unwrap();
        let command = command("bulk_create_databases", &json!({ "bulk_create_databases_request": args }));
        client.call(command).send().unwrap_err();
        let asked = transport.sent();
        assert_eq!(asked.len(), times);
        assert!(asked.iter().all(|request| *request == asked[0]));
    }
}

#[test]
fn a_success_that_cannot_be_read_is_no_outcome() {
    let transport = Scripted::new(|_, _| Reply::text(200, "<html>login</html>"));
    let client = builder().transport(transport).build().unwrap();
    let read = client.databases().get("d").send().unwrap_err();
    assert_eq!((read.kind(), read.status()), (ErrorKind::UnexpectedResponse, Some(200)));
    assert_eq!(read.body(), Some("<html>login</html>"));
    let changed = client.databases().create("orders").send().unwrap_err();
    assert_eq!((changed.kind(), changed.status()), (ErrorKind::OutcomeUnknown, Some(200)));
}

// ---- Dry runs -----------------------------------------------------------------------------------

#[test]
fn what_a_dry_run_shows_is_what_is_sent() {
    let transport = refusing();
    let client = builder().database_id("db_1").transport(transport.clone()).build().unwrap();
    for (operation, args) in commands() {
        let command = command(&operation, &args);
        let dry = Client::offline().call(command.clone()).command().to_request().unwrap();
        assert_eq!(dry.headers.get("Authorization"), None);
        client.call(command).send().unwrap_err();
        let sent = transport.sent().pop().unwrap();
        assert_eq!(
            (dry.method, &dry.path, &dry.query),
            (sent.method, &sent.path, &sent.query),
            "{operation}"
        );
        assert_eq!(dry.body, sent.body, "{operation}");
    }
    let error = Client::offline().databases().get("d").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
}

#[test]
fn a_plan_with_a_word_that_means_nothing_is_refused() {
    for plan in [
        json!({"create_databases": {}}),
        json!({"get_database": {"database_id": "d", "name": "x"}}),
        json!({"create_database": {"create_database_request": {"nam": "x"}}}),
        json!({"update_saved_query": {"id": "q", "update_saved_query_request": {"category": null}}}),
    ] {
        assert!(serde_json::from_value::<AnyCommand>(plan.clone()).is_err(), "{plan}");
    }
    for (operation, args) in commands() {
        let command = command(&operation, &args);
        let again: AnyCommand = serde_json::from_value(serde_json::to_value(&command).unwrap()).unwrap();
        assert_eq!(again, command);
    }
}

// ---- Pages --------------------------------------------------------------------------------------

fn query_of<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
}

fn database(id: &str) -> Value {
    json!({"id": id, "default_catalog": "default", "default_schema": "main"})
}

/// Three pages of databases, the second of them empty.
fn by_cursor(request: &Request, _: usize) -> Reply {
    answer(
        200,
        &match query_of(request, "cursor") {
            None => {
                json!({"databases": [database("a"), database("b")], "has_more": true, "next_cursor": "2"})
            }
            Some("2") => json!({"databases": [], "has_more": true, "next_cursor": "3"}),
            Some("3") => json!({"databases": [database("c")], "has_more": false}),
            Some(other) => panic!("{other}"),
        },
    )
}

fn ids(items: impl Iterator<Item = Result<String, Error>>) -> Vec<String> {
    items.map(|item| item.unwrap_or_else(|e| format!("{:?}", e.kind()))).collect()
}

#[test]
fn pages_by_cursor() {
    let transport = Scripted::new(by_cursor);
    let client = builder().transport(transport.clone()).build().unwrap();
    let list = client.databases().list().page_size(2).search("o");
    assert_eq!(ids(list.iter().map(|item| item.map(|database| database.id))), ["a", "b", "c"]);
    let asked = transport.sent();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|r| query_of(r, "limit") == Some("2") && query_of(r, "search") == Some("o")));
    // A page is asked for when it is needed.
    let mut items = client.databases().list().iter();
    items.next();
    items.next();
    assert_eq!(transport.sent().len(), 4);
}

#[test]
fn pages_by_cursor_as_a_stream() {
    let client = AsyncClient::builder()
        .credentials(credentials().api_key("k").workspace_id("ws_1").build().unwrap())
        .transport(Scripted::new(by_cursor))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let got = runtime.block_on(async {
        let mut got = Vec::new();
        let mut stream = client.databases().list().stream();
        while let Some(database) = stream.next().await {
            got.push(database.unwrap().id);
        }
        assert!(stream.next().await.is_none());
        got
    });
    assert_eq!(got, ["a", "b", "c"]);
}

#[test]
fn pages_by_offset() {
    let version = |version: usize| json!({"version": version, "created_at": "2026-03-01T12:00:00Z", "sql": "SELECT 1", "sql_hash": "h"});
    let transport = Scripted::new(move |request, _| {
        let offset: usize = query_of(request, "offset").map_or(0, |text| text.parse().unwrap());
        let versions: Vec<Value> = (offset..5).take(2).map(version).collect();
        let body = json!({"saved_query_id": "q", "count": versions.len(), "limit": 2, "offset": offset,
            "has_more": offset + versions.len() < 5, "versions": versions});
        answer(200, &body)
    });
    let client = builder().transport(transport.clone()).build().unwrap();
    let list = client.saved_queries().versions("q");
    assert_eq!(ids(list.iter().map(|item| item.map(|v| v.version.to_string()))), ["0", "1", "2", "3", "4"]);
    let asked = transport.sent();
    let offsets: Vec<Option<&str>> = asked.iter().map(|request| query_of(request, "offset")).collect();
    assert_eq!(offsets, [None, Some("2"), Some("4")]);
    let later = client.saved_queries().versions("q").offset(3);
    assert_eq!(ids(later.iter().map(|item| item.map(|v| v.version.to_string()))), ["3", "4"]);
}

#[test]
fn pages_that_do_not_say_whether_there_are_more() {
    let job = |id: usize| {
        json!({"id": format!("{id}"), "job_type": "brand_new", "status": "running", "attempts": 1,
            "created_at": "2026-03-01T12:00:00Z"})
    };
    for (limit, total, requests) in [(None, 120, 3), (None, 100, 3), (Some(10), 25, 3), (Some(1000), 230, 3)]
    {
        let transport = Scripted::new(move |request, _| {
            let number = |name: &str, default| {
                query_of(request, name).map_or(default, |text| text.parse::<usize>().unwrap())
            };
            // What the service allows at most.
            let jobs: Vec<Value> =
                (number("offset", 0)..total).take(number("limit", 50).min(100)).map(job).collect();
            answer(200, &json!({ "jobs": jobs }))
        });
        let client = builder().transport(transport.clone()).build().unwrap();
        let mut list = client.jobs().list();
        if let Some(limit) = limit {
            list = list.page_size(limit);
        }
        let got = ids(list.iter().map(|item| item.map(|job| job.id)));
        assert_eq!(got, (0..total).map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(transport.sent().len(), requests, "{limit:?} {total}");
    }
}

#[test]
fn a_whole_list_is_one_page() {
    let transport = Scripted::new(|_, _| {
        answer(200, &json!({"connections": [{"id": "c", "name": "n", "source_type": "postgres"}]}))
    });
    let client = builder().transport(transport.clone()).build().unwrap();
    assert_eq!(ids(client.connections().list().iter().map(|item| item.map(|c| c.id))), ["c"]);
    assert_eq!(transport.sent().len(), 1);
}

#[test]
fn a_list_that_does_not_end_is_an_error_and_that_comes_last() {
    // The same cursor again, two cursors in turns, and more of nothing.
    type Next = fn(usize) -> Value;
    let nexts: [(Next, &[&str]); 4] = [
        (|_| json!("same"), &["0", "1", "UnexpectedResponse"]),
        (|i| json!(["x", "y"][i % 2]), &["0", "1", "2", "UnexpectedResponse"]),
        (|_| Value::Null, &["0", "UnexpectedResponse"]),
        (|i| if i == 0 { json!("x") } else { panic!() }, &["0", "NotFound"]),
    ];
    for (i, (next, expected)) in nexts.into_iter().enumerate() {
        let transport = Scripted::new(move |_, n| {
            if i == 3 && n > 0 {
                return answer(404, &json!({"error": "not_found"}));
            }
            let body =
                json!({"databases": [database(&n.to_string())], "has_more": true, "next_cursor": next(n)});
            answer(200, &body)
        });
        let client = builder().transport(transport).build().unwrap();
        let mut items = client.databases().list().iter();
        let got = ids(items.by_ref().map(|item| item.map(|database| database.id)));
        assert_eq!(got, expected);
        assert!(items.next().is_none());
    }
    let transport = Scripted::new(|_, _| {
        answer(200, &json!({"queries": [], "count": 0, "limit": 100, "offset": 0, "has_more": true}))
    });
    let client = builder().transport(transport).build().unwrap();
    let got: Vec<_> = client.saved_queries().list().iter().map(|item| item.unwrap_err().kind()).collect();
    assert_eq!(got, [ErrorKind::UnexpectedResponse]);
}
