//! Operations of an earlier API of Hotdata: their requests, and how responses are read.

use controlplane::ErrorKind;
use controlplane::hotdata::older::{
    DatasetSource, InlineData, RefreshOutcome, RefreshRequest, UpdateDatasetRequest,
};
use controlplane::hotdata::{AnyCommand, Client, Credentials, Patch};
use serde_json::{Value, json};

use crate::scripted::{Reply, Scripted};

/// A client whose requests all get this response.
fn giving(status: u16, body: Value) -> (Client, Scripted) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let script = Scripted::new(move |_, _| Reply::text(status, body.clone()));
    let credentials = Credentials::builder().env([("HOTDATA_WORKSPACE", "ws_1"), ("HOTDATA_API_KEY", "k")]);
    let builder = Client::builder().credentials(credentials.build().unwrap());
    (builder.transport(script.clone()).build().unwrap(), script)
}

const T: &str = "2026-03-01T12:00:00Z";

/// Command, request line, body, status, answer.
fn table() -> Vec<(Value, &'static str, Value, u16, Value)> {
    let upload = json!({"id": "upld", "status": "pending", "size_bytes": 3, "content_type": "text/csv", "created_at": T});
    let secret = json!({"name": "s", "created_at": T, "updated_at": T});
    let entry = json!({"name": "n", "content": "c", "updated_at": T});
    let dataset = json!({"id": "data", "label": "l", "schema_name": "s", "table_name": "t", "latest_version": 2,
        "pinned_version": 1, "created_at": T, "updated_at": T});
    let mut detail = dataset.clone();
    detail["source_type"] = json!("upload");
    detail["columns"] = json!([{"name": "id", "data_type": "Int64", "nullable": false}]);
    let source = json!({"type": "inline", "inline": {"content": "a\n1\n", "format": "csv", "columns": {"a": "BIGINT"}}});
    let schema = json!({"connections_refreshed": 1, "connections_failed": 1, "tables_discovered": 5_000_000_000_u64,
        "tables_added": 1, "tables_modified": 0, "errors": [{"connection_id": "c", "error": "gone"}]});
    let rows = json!({"connection_id": "c", "schema_name": "s", "table_name": "t", "rows_synced": 7, "duration_ms": 12,
        "warnings": [{"message": "slow"}]});
    let tables = json!({"connection_id": "c", "tables_refreshed": 1, "tables_failed": 1, "total_rows": 7,
        "duration_ms": 12, "errors": [{"schema_name": "s", "table_name": "t", "error": "gone"}]});
    let none = Value::Null;
    vec![
        (
            json!({"list_uploads": {"status": "ready"}}),
            "GET /v1/files?status=ready",
            none.clone(),
            200,
            json!({"uploads": [upload]}),
        ),
        (
            json!({"create_secret": {"create_secret_request": {"name": "s", "value": "v"}}}),
            "POST /v1/secrets",
            json!({"name": "s", "value": "v"}),
            201,
            json!({"id": "secr", "name": "s", "created_at": T}),
        ),
        (json!({"list_secrets": {}}), "GET /v1/secrets", none.clone(), 200, json!({"secrets": [secret]})),
        (json!({"get_secret": {"name": "a/b"}}), "GET /v1/secrets/a%2Fb", none.clone(), 200, secret.clone()),
        (
            json!({"update_secret": {"name": "s", "update_secret_request": {"value": "v"}}}),
            "PUT /v1/secrets/s",
            json!({"value": "v"}),
            200,
            json!({"name": "s", "updated_at": T}),
        ),
        (json!({"delete_secret": {"name": "s"}}), "DELETE /v1/secrets/s", none.clone(), 204, none.clone()),
        (
            json!({"list_connection_types": {}}),
            "GET /v1/connection-types",
            none.clone(),
            200,
            json!({"connection_types": [{"name": "postgres", "label": "PostgreSQL"}]}),
        ),
        (
            json!({"get_connection_type": {"name": "postgres"}}),
            "GET /v1/connection-types/postgres",
            none.clone(),
            200,
            json!({"name": "postgres", "label": "PostgreSQL", "auth": {"a": [1]}, "config_schema": {"type": "object"}}),
        ),
        (
            json!({"check_connection_health": {"connection_id": "c"}}),
            "GET /v1/connections/c/health",
            none.clone(),
            200,
            json!({"connection_id": "c", "healthy": false, "latency_ms": 30, "error": "no route"}),
        ),
        (
            json!({"purge_connection_cache": {"connection_id": "c"}}),
            "DELETE /v1/connections/c/cache",
            none.clone(),
            204,
            none.clone(),
        ),
        (
            json!({"purge_table_cache": {"connection_id": "c", "var_schema": "s", "table": "t"}}),
            "DELETE /v1/connections/c/tables/s/t/cache",
            none.clone(),
            204,
            none.clone(),
        ),
        (json!({"refresh": {"refresh_request": {}}}), "POST /v1/refresh", json!({}), 200, schema),
        (
            json!({"refresh": {"refresh_request": {"connection_id": "c", "schema_name": "s", "table_name": "t", "data": true}}}),
            "POST /v1/refresh",
            json!({"connection_id": "c", "schema_name": "s", "table_name": "t", "data": true}),
            200,
            rows,
        ),
        (
            json!({"refresh": {"refresh_request": {"connection_id": "c", "data": true, "include_uncached": true}}}),
            "POST /v1/refresh",
            json!({"connection_id": "c", "data": true, "include_uncached": true}),
            200,
            tables,
        ),
        (
            json!({"refresh": {"refresh_request": {"async": true, "async_after_ms": 1000}}}),
            "POST /v1/refresh",
            json!({"async": true, "async_after_ms": 1000}),
            202,
            json!({"id": "job", "status": "pending", "status_url": "/v1/jobs/job"}),
        ),
        (
            json!({"list_datasets": {"limit": 2, "offset": 4}}),
            "GET /v1/datasets?limit=2&offset=4",
            none.clone(),
            200,
            json!({"datasets": [dataset], "count": 1, "limit": 2, "offset": 4, "has_more": false}),
        ),
        (
            json!({"create_dataset": {"create_dataset_request": {"label": "l", "table_name": "t", "source": source}}}),
            "POST /v1/datasets",
            json!({"label": "l", "table_name": "t", "source": source}),
            201,
            json!({"id": "data", "label": "l", "schema_name": "s", "table_name": "t", "status": "ready", "created_at": T}),
        ),
        (json!({"get_dataset": {"id": "data"}}), "GET /v1/datasets/data", none.clone(), 200, detail),
        (
            json!({"update_dataset": {"id": "data", "update_dataset_request": {"label": "m", "pinned_version": null}}}),
            "PUT /v1/datasets/data",
            json!({"label": "m", "pinned_version": null}),
            200,
            json!({"id": "data", "label": "m", "table_name": "t", "latest_version": 2, "updated_at": T}),
        ),
        (
            json!({"delete_dataset": {"id": "data"}}),
            "DELETE /v1/datasets/data",
            none.clone(),
            204,
            none.clone(),
        ),
        (
            json!({"list_dataset_versions": {"id": "data"}}),
            "GET /v1/datasets/data/versions",
            none.clone(),
            200,
            json!({"dataset_id": "data", "versions": [{"id": "v", "version": 1, "source_type": "url", "created_at": T}],
                "count": 1, "limit": 100, "offset": 0, "has_more": false}),
        ),
        (
            json!({"list_workspace_contexts": {}}),
            "GET /v1/context",
            none.clone(),
            200,
            json!({"contexts": [entry]}),
        ),
        (
            json!({"get_workspace_context": {"name": "n"}}),
            "GET /v1/context/n",
            none,
            200,
            json!({"context": entry}),
        ),
        (
            json!({"upsert_workspace_context": {"upsert_workspace_context_request": {"name": "n", "content": "c"}}}),
            "POST /v1/context",
            json!({"name": "n", "content": "c"}),
            200,
            json!({"context": entry}),
        ),
    ]
}

#[test]
fn every_operation_of_the_older_api() {
    for (plan, line, body, status, answer) in table() {
        let (client, transport) = giving(status, answer.clone());
        let command: AnyCommand =
            serde_json::from_value(plan.clone()).unwrap_or_else(|e| panic!("{plan}: {e}"));
        assert_eq!(
            serde_json::from_value::<AnyCommand>(serde_json::to_value(&command).unwrap()).unwrap(),
            command
        );
        let output = client.call(command).send().unwrap_or_else(|e| panic!("{plan}: {e}"));
        // Read, and written again: nothing is lost.
        assert_eq!(serde_json::to_value(&output).unwrap(), answer, "{plan}");
        let asked = transport.sent().pop().unwrap();
        let target = asked.url().replacen("https://api.hotdata.dev", "", 1);
        assert_eq!(format!("{} {target}", asked.method.as_str()), line);
        let sent = asked.body.as_deref().map_or(Value::Null, |body| serde_json::from_slice(body).unwrap());
        assert_eq!(sent, body, "{plan}");
    }
}

#[test]
fn files_are_sent_as_they_are() {
    let answer = json!({"id": "upld", "status": "pending", "size_bytes": 3, "created_at": T});
    let (client, transport) = giving(201, answer);
    let bytes = &[0, 255, 10][..];
    for (call, content_type) in [
        (client.older().files().upload(bytes), "application/octet-stream"),
        (client.older().files().upload(bytes).content_type("text/csv"), "text/csv"),
    ] {
        let plan = serde_json::to_value(call.command()).unwrap();
        assert_eq!(plan["body"], "AP8K");
        assert!(!format!("{call:?}").contains("255"));
        assert_eq!(call.send().unwrap().id, "upld");
        let asked = transport.sent().pop().unwrap();
        assert_eq!(asked.body.as_deref(), Some(bytes));
        let types: Vec<_> =
            asked.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).collect();
        assert_eq!(types, [("Content-Type", content_type.as_bytes())]);
    }
    let plan = json!({"upload_stream": {"body": "not base64"}});
    assert!(serde_json::from_value::<AnyCommand>(plan).is_err());
}

#[test]
fn what_came_of_a_refresh_is_told_apart() {
    let (client, _) = giving(202, json!({"id": "job", "status": "pending", "status_url": "/v1/jobs/job"}));
    let call = client.older().refresh().start(RefreshRequest::new().connection_id("c").async_after_ms(1000));
    assert_eq!(call.command().refresh_request.r#async, Some(true));
    assert!(matches!(call.send().unwrap(), RefreshOutcome::Submitted(job) if job.id == "job"));
    // A refresh changes something: after a response that cannot be read, its outcome is unknown.
    let (client, _) = giving(200, json!({"surprise": 1}));
    let error = client.older().refresh().start(RefreshRequest::new()).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}

#[test]
fn datasets_say_where_their_rows_come_from() {
    let client = Client::offline();
    let inline = DatasetSource::Inline { inline: InlineData::new("a\n1\n", "csv") };
    let request = client.older().datasets().create("l", inline).database_id("db_1").to_request().unwrap();
    assert_eq!(request.headers.text("X-Database-Id").as_deref(), Some("db_1"));
    let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["source"]["inline"]["content"], "a\n1\n");
    for source in [
        json!({"type": "upload", "upload_id": "u", "format": "csv"}),
        json!({"type": "saved_query", "saved_query_id": "q", "version": 3}),
        json!({"type": "sql_query", "sql": "SELECT 1", "name": "n", "description": "d"}),
        json!({"type": "url", "url": "https://example.com/a.csv", "columns": {"a": "TEXT"}}),
    ] {
        let read: DatasetSource = serde_json::from_value(source.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), source);
    }
    let change = UpdateDatasetRequest::new().label("m").pinned_version(Patch::Clear);
    assert_eq!(serde_json::to_value(&change).unwrap(), json!({"label": "m", "pinned_version": null}));
}
