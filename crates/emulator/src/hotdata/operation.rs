//! The operations: their names, paths, and what each is about.

use percent_encoding::percent_decode_str;

/// What stands before the address of every part of an upload.
pub(super) const STORAGE: &str = "/storage/";

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It changes something or sets something going.
    Changes,
    /// It asks how something stands that takes its time.
    Asks,
    /// It reads.
    Reads,
}

/// Which headers a request has to have beside `Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// None.
    Account,
    /// `X-Workspace-Id`.
    Workspace,
    /// `X-Workspace-Id` and `X-Database-Id`.
    Database,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name in the vendor's client.
    pub(super) name: &'static str,
    method: &'static str,
    path: &'static str,
    pub(super) effect: Effect,
    pub(super) scope: Scope,
    /// Of the surface that the vendor's client had before.
    pub(super) older: bool,
}

const fn op(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    effect: Effect,
    scope: Scope,
) -> Operation {
    Operation { name, method, path, effect, scope, older: false }
}

const fn older(name: &'static str, method: &'static str, path: &'static str, effect: Effect) -> Operation {
    Operation { name, method, path, effect, scope: Scope::Workspace, older: true }
}

use Effect::{Asks, Changes, Reads};
use Scope::{Account, Database, Workspace};

/// All of them. Of two whose paths fit the first is meant: words stand before what can be any word.
static OPERATIONS: [Operation; 85] = [
    op("list_workspaces", "GET", "workspaces", Asks, Account),
    op("create_workspace", "POST", "workspaces", Changes, Account),
    op("delete_workspace", "DELETE", "workspaces/*", Changes, Account),
    op("list_connections", "GET", "connections", Reads, Workspace),
    op("create_connection", "POST", "connections", Changes, Workspace),
    op("get_connection", "GET", "connections/*", Reads, Workspace),
    op("delete_connection", "DELETE", "connections/*", Changes, Workspace),
    op("add_managed_schema", "POST", "connections/*/schemas", Changes, Workspace),
    op("add_managed_table", "POST", "connections/*/schemas/*/tables", Changes, Workspace),
    op("delete_managed_table", "DELETE", "connections/*/schemas/*/tables/*", Changes, Workspace),
    op("load_managed_table", "POST", "connections/*/schemas/*/tables/*/loads", Changes, Workspace),
    op(
        "set_managed_table_constant_per_key",
        "PUT",
        "connections/*/schemas/*/tables/*/constant-per-key",
        Changes,
        Workspace,
    ),
    op("get_table_profile", "GET", "connections/*/tables/*/*/profile", Reads, Workspace),
    op("create_index", "POST", "connections/*/tables/*/*/indexes", Changes, Workspace),
    op("list_indexes", "GET", "connections/*/tables/*/*/indexes", Asks, Workspace),
    op("delete_index", "DELETE", "connections/*/tables/*/*/indexes/*", Changes, Workspace),
    op("list_indexes_collection", "GET", "indexes", Asks, Database),
    op("list_databases", "GET", "databases", Reads, Workspace),
    op("count_databases", "GET", "databases/count", Reads, Workspace),
    op("lookup_database_by_name", "GET", "databases/by-name", Reads, Workspace),
    op("create_database", "POST", "databases", Changes, Workspace),
    op("bulk_create_databases", "POST", "databases/bulk", Changes, Workspace),
    op("get_database_batch", "GET", "databases/bulk/*", Asks, Workspace),
    op("delete_database_batch", "DELETE", "databases/bulk/*", Changes, Workspace),
    op("get_database", "GET", "databases/*", Reads, Workspace),
    op("delete_database", "DELETE", "databases/*", Changes, Workspace),
    op("fork_database", "POST", "databases/*/fork", Changes, Workspace),
    op("get_database_lineage", "GET", "databases/*/lineage", Reads, Workspace),
    op("attach_database_catalog", "POST", "databases/*/catalogs", Changes, Workspace),
    op("detach_database_catalog", "DELETE", "databases/*/catalogs/*", Changes, Workspace),
    op("add_database_schema", "POST", "databases/*/schemas", Changes, Workspace),
    op("add_database_table", "POST", "databases/*/schemas/*/tables", Changes, Workspace),
    op("load_database_table", "POST", "databases/*/schemas/*/tables/*/loads", Changes, Workspace),
    op(
        "set_database_table_constant_per_key",
        "PUT",
        "databases/*/schemas/*/tables/*/constant-per-key",
        Changes,
        Workspace,
    ),
    op("list_database_contexts", "GET", "databases/*/context", Reads, Workspace),
    op("upsert_database_context", "POST", "databases/*/context", Changes, Workspace),
    op("get_database_context", "GET", "databases/*/context/*", Reads, Workspace),
    op("delete_database_context", "DELETE", "databases/*/context/*", Changes, Workspace),
    // The database may be named in the body, too.
    op("query", "POST", "query", Changes, Workspace),
    op("list_query_runs", "GET", "query-runs", Asks, Database),
    op("get_query_run", "GET", "query-runs/*", Asks, Database),
    op("list_results", "GET", "results", Asks, Database),
    op("get_result", "GET", "results/*", Asks, Database),
    op("list_saved_queries", "GET", "queries", Reads, Workspace),
    op("create_saved_query", "POST", "queries", Changes, Workspace),
    op("get_saved_query", "GET", "queries/*", Reads, Workspace),
    op("update_saved_query", "PUT", "queries/*", Changes, Workspace),
    op("delete_saved_query", "DELETE", "queries/*", Changes, Workspace),
    op("list_saved_query_versions", "GET", "queries/*/versions", Reads, Workspace),
    op("execute_saved_query", "POST", "queries/*/execute", Changes, Database),
    op("create_upload_session_handler", "POST", "uploads", Changes, Workspace),
    op("create_upload_sessions_batch_handler", "POST", "uploads/batch", Changes, Workspace),
    op("mint_upload_parts_handler", "POST", "uploads/*/parts", Changes, Workspace),
    op("finalize_upload_handler", "POST", "uploads/*/finalize", Changes, Workspace),
    op("information_schema", "GET", "information_schema", Reads, Workspace),
    op("list_jobs", "GET", "jobs", Asks, Workspace),
    op("get_job", "GET", "jobs/*", Asks, Workspace),
    op("get_usage", "GET", "usage", Reads, Workspace),
    op("list_embedding_providers", "GET", "embedding-providers", Reads, Workspace),
    op("create_embedding_provider", "POST", "embedding-providers", Changes, Workspace),
    op("get_embedding_provider", "GET", "embedding-providers/*", Reads, Workspace),
    op("update_embedding_provider", "PUT", "embedding-providers/*", Changes, Workspace),
    op("delete_embedding_provider", "DELETE", "embedding-providers/*", Changes, Workspace),
    older("upload_file", "POST", "files", Changes),
    older("list_uploads", "GET", "files", Reads),
    older("create_secret", "POST", "secrets", Changes),
    older("list_secrets", "GET", "secrets", Reads),
    older("get_secret", "GET", "secrets/*", Reads),
    older("update_secret", "PUT", "secrets/*", Changes),
    older("delete_secret", "DELETE", "secrets/*", Changes),
    older("list_connection_types", "GET", "connection-types", Reads),
    older("get_connection_type", "GET", "connection-types/*", Reads),
    older("check_connection_health", "GET", "connections/*/health", Reads),
    older("purge_connection_cache", "DELETE", "connections/*/cache", Changes),
    older("purge_table_cache", "DELETE", "connections/*/tables/*/*/cache", Changes),
    older("refresh", "POST", "refresh", Changes),
    older("list_datasets", "GET", "datasets", Reads),
    older("create_dataset", "POST", "datasets", Changes),
    older("get_dataset", "GET", "datasets/*", Reads),
    older("update_dataset", "PUT", "datasets/*", Changes),
    older("delete_dataset", "DELETE", "datasets/*", Changes),
    older("list_dataset_versions", "GET", "datasets/*/versions", Reads),
    older("list_workspace_contexts", "GET", "context", Reads),
    older("upsert_workspace_context", "POST", "context", Changes),
    older("get_workspace_context", "GET", "context/*", Reads),
];

/// Where a request goes.
#[derive(Clone, Debug)]
pub enum Place {
    Operation(&'static Operation, Vec<String>),
    /// A part of an upload, by what stands behind [`STORAGE`].
    Storage(String),
    /// There is such a path, for these methods.
    OtherMethod(Vec<&'static str>),
    Nothing,
}

impl Place {
    /// `%2F` in a path is not a separator.
    pub(super) fn of(method: &str, path: &str, has_older: bool) -> Self {
        if let Some(key) = path.strip_prefix(STORAGE) {
            return match method {
                "PUT" => Self::Storage(key.to_owned()),
                _ => Self::OtherMethod(vec!["PUT"]),
            };
        }
        let Some(rest) = path.strip_prefix("/v1/") else { return Self::Nothing };
        let segments: Vec<&str> = rest.split('/').collect();
        let mut others = Vec::new();
        for operation in OPERATIONS.iter().filter(|one| has_older || !one.older) {
            let Some(found) = fits(operation.path, &segments) else { continue };
            if operation.method != method {
                others.push(operation.method);
                continue;
            }
            let decoded = |text: &&str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
            return match found.iter().map(decoded).collect() {
                Some(parameters) => Self::Operation(operation, parameters),
                None => Self::Nothing,
            };
        }
        if others.is_empty() { Self::Nothing } else { Self::OtherMethod(others) }
    }

    pub(super) fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Operation(operation, _) => Some(operation.name),
            Self::Storage(_) => Some("storage_put"),
            Self::OtherMethod(_) | Self::Nothing => None,
        }
    }
}

/// What stands where the pattern has a star, if the path fits it. Nothing may be empty.
fn fits<'p>(pattern: &str, segments: &[&'p str]) -> Option<Vec<&'p str>> {
    let mut found = Vec::new();
    let mut left = segments.iter();
    for wanted in pattern.split('/') {
        let segment = *left.next()?;
        match wanted {
            "*" if !segment.is_empty() => found.push(segment),
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    left.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_63_operations_beside_the_older_ones() {
        assert_eq!(OPERATIONS.iter().filter(|one| !one.older).count(), 63);
    }

    #[test]
    fn every_path_leads_to_its_operation() {
        for operation in &OPERATIONS {
            let path = format!("/v1/{}", operation.path.replace('*', "a%2Fb"));
            match Place::of(operation.method, &path, true) {
                Place::Operation(found, parameters) => {
                    assert_eq!(found.name, operation.name);
                    assert!(parameters.iter().all(|one| one == "a/b"), "{parameters:?}");
                }
                other => panic!("{path}: {other:?}"),
            }
            let without = Place::of(operation.method, &path, false);
            let is_there = matches!(without, Place::Operation(found, _) if found.name == operation.name);
            assert_eq!(is_there, !operation.older, "{path}");
        }
        assert!(matches!(Place::of("PATCH", "/v1/query", true), Place::OtherMethod(m) if m == ["POST"]));
        for path in ["/v1/", "/v1/databases/", "/v1/databases//fork", "/v2/query", "/v1/queries/a/b/c"] {
            assert!(matches!(Place::of("GET", path, true), Place::Nothing), "{path}");
        }
    }
}
