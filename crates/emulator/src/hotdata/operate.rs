//! Which part of the state each operation is about.

use super::answers;
use super::call::{Answer, Call, accepted, created, nothing, ok};
use super::refusal::Refusal;
use super::state::{Plan, Space, World, older};

/// The three that need no workspace.
pub(super) fn on_workspaces(world: &mut World, call: &Call<'_>) -> Answer {
    match call.operation {
        "list_workspaces" => {
            let query = call.query(&["organization_public_id"])?;
            ok(&world.list_workspaces(query.text("organization_public_id"))?)
        }
        "create_workspace" => {
            let body = call.body()?;
            let organization = body.text("organization_public_id")?;
            created(&world.create_workspace(body.text("name")?, organization.as_deref())?)
        }
        "delete_workspace" => {
            world.delete_workspace(call.at(0))?;
            nothing()
        }
        other => unknown(other),
    }
}

/// All others. `database` is the one of the header, where it has to be given.
pub(super) fn on_space(space: &mut Space, database: Option<String>, call: &Call<'_>) -> Answer {
    let database = database.unwrap_or_default();
    match call.operation {
        "list_connections" => {
            call.query(&[])?;
            ok(&space.list_connections())
        }
        "create_connection" => created(&space.create_connection(&call.body()?)?),
        "get_connection" => ok(&space.get_connection(call.at(0))?),
        "delete_connection" => {
            space.delete_connection(call.at(0))?;
            nothing()
        }
        "add_managed_schema" => created(&space.add_schema(call.operation, call.at(0), &call.body()?)?),
        "add_managed_table" => {
            created(&space.add_table(call.operation, call.at(0), call.at(1), &call.body()?)?)
        }
        "delete_managed_table" => {
            space.delete_managed_table(call.at(0), call.at(1), call.at(2))?;
            nothing()
        }
        "set_managed_table_constant_per_key" => {
            let path = (call.at(1), call.at(2));
            ok(&space.set_constant_per_key(call.operation, call.at(0), path, &call.body()?)?)
        }
        "get_table_profile" => ok(&space.profile((call.at(0), call.at(1), call.at(2)))?),
        "create_index" => {
            let (status, body) = space.create_index((call.at(0), call.at(1), call.at(2)), &call.body()?)?;
            if status == 202 { accepted(&body) } else { created(&body) }
        }
        "list_indexes" => ok(&space.list_indexes((call.at(0), call.at(1), call.at(2)))?),
        "delete_index" => {
            space.delete_index((call.at(0), call.at(1), call.at(2)), call.at(3))?;
            nothing()
        }
        "list_indexes_collection" => {
            let query = call.query(&["connection_id", "schema", "table", "index_type", "limit", "cursor"])?;
            ok(&space.list_all_indexes(&database, &query)?)
        }
        "information_schema" => {
            let query =
                call.query(&["connection_id", "schema", "table", "include_columns", "limit", "cursor"])?;
            ok(&space.information_schema(&query)?)
        }
        "get_usage" => ok(&space.usage(call.query(&["since"])?.text("since"))?),
        "get_query_run" => ok(&space.get_run(&database, call.at(0))?),
        "list_query_runs" => {
            let query = call.query(&["limit", "cursor", "status", "saved_query_id"])?;
            ok(&space.list_runs(&database, &query)?)
        }
        "get_result" => answers::get_result(space, &database, call),
        "list_results" => ok(&space.list_results(&database, &call.query(&["limit", "offset"])?)?),
        name if name.contains("upload") => on_uploads(space, call),
        "load_managed_table" | "load_database_table" => on_loads(space, call),
        name if name.contains("embedding") => on_providers(space, call),
        name if name.contains("saved") => on_saved(space, call),
        name if name.contains("context") => on_contexts(space, call),
        name if name.contains("database") => on_databases(space, call),
        name if name.contains("job") => on_jobs(space, call),
        _ => on_older(space, call),
    }
}

/// Loads of tables: of a connection, and of the default catalog of a database.
fn on_loads(space: &mut Space, call: &Call<'_>) -> Answer {
    let connection = match call.operation {
        "load_managed_table" => call.at(0).to_owned(),
        "load_database_table" => space.database(call.at(0))?.connection.clone(),
        other => return unknown(other),
    };
    let body = call.body()?;
    let plan = Plan::read(call.operation, (&connection, call.at(1), call.at(2)), &body)?;
    let (status, body) = space.load(plan, body.background()?)?;
    if status == 202 { accepted(&body) } else { ok(&body) }
}

fn on_databases(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "list_databases" => ok(&space.list_databases(&call.query(&["limit", "cursor", "search", "batch"])?)?),
        "count_databases" => ok(&space.count_databases(&call.query(&["search", "batch"])?)),
        "lookup_database_by_name" => ok(&space.lookup_database(call.query(&["name"])?.text("name"))?),
        "create_database" => {
            let (status, body) = space.create_database(&call.body()?)?;
            if status == 200 { ok(&body) } else { created(&body) }
        }
        "bulk_create_databases" => accepted(&space.create_batch(&call.body()?)?),
        "get_database_batch" => ok(&space.get_batch(call.at(0))?),
        "delete_database_batch" => ok(&space.delete_batch(call.at(0))?),
        "get_database" => ok(&space.get_database(call.at(0))?),
        "delete_database" => {
            space.delete_database(call.at(0))?;
            nothing()
        }
        "fork_database" => created(&space.fork(call.at(0), &call.body_if_any()?)?),
        "get_database_lineage" => ok(&space.lineage(call.at(0), &call.query(&["forks_limit"])?)?),
        "attach_database_catalog" => {
            space.attach(call.at(0), &call.body()?)?;
            nothing()
        }
        "detach_database_catalog" => {
            space.detach(call.at(0), call.at(1))?;
            nothing()
        }
        "add_database_schema" => {
            let connection = space.database(call.at(0))?.connection.clone();
            created(&space.add_schema(call.operation, &connection, &call.body()?)?)
        }
        "add_database_table" => {
            let connection = space.database(call.at(0))?.connection.clone();
            created(&space.add_table(call.operation, &connection, call.at(1), &call.body()?)?)
        }
        "set_database_table_constant_per_key" => {
            let connection = space.database(call.at(0))?.connection.clone();
            let path = (call.at(1), call.at(2));
            ok(&space.set_constant_per_key(call.operation, &connection, path, &call.body()?)?)
        }
        other => unknown(other),
    }
}

/// Contexts of databases, and those of the workspace that there were once.
fn on_contexts(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "list_database_contexts" => ok(&space.list_contexts(call.at(0))?),
        "upsert_database_context" => ok(&space.upsert_context(call.operation, call.at(0), &call.body()?)?),
        "get_database_context" => ok(&space.get_context(call.at(0), call.at(1))?),
        "delete_database_context" => {
            space.delete_context(call.at(0), call.at(1))?;
            nothing()
        }
        "list_workspace_contexts" => ok(&space.list_contexts("")?),
        "upsert_workspace_context" => ok(&space.upsert_context(call.operation, "", &call.body()?)?),
        "get_workspace_context" => ok(&space.get_context("", call.at(0))?),
        other => unknown(other),
    }
}

/// What the vendor's client had in its earlier versions.
fn on_older(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "create_secret" => created(&space.create_secret(&call.body()?)?),
        "list_secrets" => ok(&space.list_secrets()),
        "get_secret" => ok(&space.get_secret(call.at(0))?),
        "update_secret" => ok(&space.update_secret(call.at(0), &call.body()?)?),
        "delete_secret" => {
            space.delete_secret(call.at(0))?;
            nothing()
        }
        "list_connection_types" => ok(&older::connection_types()),
        "get_connection_type" => ok(&older::connection_type(call.at(0))?),
        "check_connection_health" => ok(&space.connection_health(call.at(0))?),
        "purge_connection_cache" => {
            space.purge(call.operation, call.at(0), None)?;
            nothing()
        }
        "purge_table_cache" => {
            space.purge(call.operation, call.at(0), Some((call.at(1), call.at(2))))?;
            nothing()
        }
        "list_datasets" => ok(&space.list_datasets(&call.query(&["limit", "offset"])?)?),
        "get_dataset" => ok(&space.get_dataset(call.at(0))?),
        "update_dataset" => ok(&space.update_dataset(call.at(0), &call.body()?)?),
        "delete_dataset" => {
            space.delete_dataset(call.at(0))?;
            nothing()
        }
        "list_dataset_versions" => {
            ok(&space.list_dataset_versions(call.at(0), &call.query(&["limit", "offset"])?)?)
        }
        "refresh" => {
            let (status, body) = space.refresh(&call.body()?)?;
            if status == 202 { accepted(&body) } else { ok(&body) }
        }
        other => unknown(other),
    }
}

fn on_uploads(space: &mut Space, call: &Call<'_>) -> Answer {
    let (base, token) = (call.base(), call.header("x-upload-finalize-token"));
    match call.operation {
        "create_upload_session_handler" => created(&space.create_upload(&base, &call.body()?)?),
        "create_upload_sessions_batch_handler" => created(&space.create_uploads(&base, &call.body()?)?),
        "mint_upload_parts_handler" => ok(&space.mint(&base, call.at(0), token, &call.body()?)?),
        "finalize_upload_handler" => ok(&space.finalize(call.at(0), token, &call.body_if_any()?)?),
        "list_uploads" => ok(&space.list_files(call.query(&["status"])?.text("status"))),
        other => unknown(other),
    }
}

fn on_providers(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "list_embedding_providers" => ok(&space.list_providers()),
        "create_embedding_provider" => created(&space.create_provider(&call.body()?)?),
        "get_embedding_provider" => ok(&space.get_provider(call.at(0))?),
        "update_embedding_provider" => ok(&space.update_provider(call.at(0), &call.body()?)?),
        "delete_embedding_provider" => {
            space.delete_provider(call.at(0))?;
            nothing()
        }
        other => unknown(other),
    }
}

fn on_saved(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "list_saved_queries" => ok(&space.list_saved(&call.query(&["limit", "offset"])?)?),
        "create_saved_query" => created(&space.create_saved(&call.body()?)?),
        "get_saved_query" => ok(&space.get_saved(call.at(0))?),
        "update_saved_query" => ok(&space.update_saved(call.at(0), &call.body()?)?),
        "delete_saved_query" => {
            space.delete_saved(call.at(0))?;
            nothing()
        }
        "list_saved_query_versions" => {
            ok(&space.list_saved_versions(call.at(0), &call.query(&["limit", "offset"])?)?)
        }
        other => unknown(other),
    }
}

fn on_jobs(space: &mut Space, call: &Call<'_>) -> Answer {
    match call.operation {
        "get_job" => ok(&space.get_job(call.at(0))?),
        "list_jobs" => ok(&space.list_jobs(&call.query(&["job_type", "status", "limit", "offset"])?)?),
        other => unknown(other),
    }
}

/// Nothing leads here: what there is, is in the table of operations.
fn unknown(operation: &str) -> Answer {
    Err(Refusal::new(
        500,
        "INTERNAL_SERVER_ERROR",
        format!("the emulator does not have the operation {operation}"),
    ))
}
