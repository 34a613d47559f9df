//! All helpers with their parameters, by the names of the JSON form of commands.

/// What a parameter of a command takes.
#[derive(Clone, Copy)]
pub(super) enum Draw {
    Name,
    RunId,
    Text,
    Texts,
    Int,
    Bool,
    Yes,
    Options,
    Keys,
    Enum(&'static [&'static str]),
}

use Draw::*;

const CLUSTER_TYPE: Draw = Enum(&["Managed", "SQL", "Spark", "Open_Engines", "Notebook", "LakeBase"]);
const CLUSTER_STATE: Draw = Enum(&["START", "STOP"]);
const SERVICE: Draw = Enum(&["CLUSTER", "COMPACT", "CLEAN", "METASYNC"]);
const RUNNABLE: Draw = Enum(&["CLUSTER", "COMPACT", "CLEAN", "METASYNC", "AUTOSAVEPOINT", "RESTORE"]);
const TRIGGER: Draw = Enum(&["AUTOMATIC", "ON_DEMAND"]);
const CREDENTIALS: Draw = Enum(&["CREDENTIAL_TYPE_ONEHOUSE", "CREDENTIAL_TYPE_SECRET_MANAGER"]);
const PROFILE: Draw = Enum(&["BALANCED", "FASTEST_READ", "FASTEST_WRITE"]);
pub(super) const PARTITION: &[&str] = &["", "DATE_STRING", "EPOCH_MILLIS", "EPOCH_MICROS"];

pub(super) type Fields = &'static [(&'static str, Draw)];

/// Every helper: what must be given, what may be, and of what exactly one is.
pub(super) const HELPERS: &[(&str, Fields, Fields, Fields)] = &[
    (
        "create_cluster",
        &[("name", Name), ("type", CLUSTER_TYPE)],
        &[("max_ocu", Int), ("min_ocu", Int), ("options", Options)],
        &[],
    ),
    (
        "alter_cluster",
        &[("name", Name)],
        &[("state", CLUSTER_STATE), ("max_ocu", Int), ("min_ocu", Int), ("options", Options)],
        // One at least: a field that is drawn twice is there once.
        &[("state", CLUSTER_STATE), ("max_ocu", Int), ("min_ocu", Int), ("new_name", Text)],
    ),
    ("delete_cluster", &[("name", Name)], &[], &[]),
    ("describe_cluster", &[("name", Name)], &[], &[]),
    ("show_clusters", &[], &[], &[]),
    (
        "create_lake",
        &[
            ("name", Name),
            ("lake_type", Enum(&["MANAGED", "OBSERVED"])),
            ("bucket_path", Text),
            ("default_services_cluster", Text),
        ],
        &[],
        &[],
    ),
    ("alter_lake", &[("name", Name), ("default_services_cluster", Text)], &[], &[]),
    ("delete_lake", &[("name", Name)], &[("cascade", Bool)], &[]),
    ("show_lakes", &[], &[], &[]),
    ("create_database", &[("name", Name), ("lake", Text)], &[], &[]),
    ("delete_database", &[("name", Name), ("lake", Name)], &[("cascade", Bool)], &[]),
    ("show_databases", &[("lake", Text)], &[], &[]),
    ("show_tables", &[("lake", Text), ("database", Text)], &[], &[]),
    (
        "create_catalog",
        &[("name", Name), ("type", Enum(&["GLUE", "HIVE", "UNITY", "ONELAKE"]))],
        &[("credential_type", CREDENTIALS), ("options", Options)],
        &[],
    ),
    ("delete_catalog", &[("name", Name)], &[], &[]),
    ("describe_catalog", &[("name", Name)], &[], &[]),
    ("show_catalogs", &[], &[], &[]),
    (
        "create_source",
        &[("name", Name), ("source_type", Enum(&["S3", "GCS", "MY_SQL", "APACHE_KAFKA"]))],
        &[("credential_type", CREDENTIALS), ("options", Options), ("if_not_exists", Bool)],
        &[],
    ),
    ("delete_source", &[("name", Name)], &[], &[]),
    ("describe_source", &[("name", Name)], &[], &[]),
    ("show_sources", &[], &[], &[]),
    (
        "create_flow",
        &[
            ("name", Name),
            ("source", Text),
            ("lake", Text),
            ("database", Text),
            ("table_name", Text),
            ("write_mode", Enum(&["IMMUTABLE", "MUTABLE"])),
            ("cluster", Text),
        ],
        &[
            ("performance_profile", PROFILE),
            ("source_data_schema", Text),
            ("catalogs", Texts),
            ("transformations", Texts),
            ("record_key_fields", Texts),
            ("partition_key_fields", Keys),
            ("precombine_key_field", Text),
            ("sorting_key_fields", Texts),
            ("min_sync_frequency_mins", Int),
            ("quarantine_enabled", Bool),
            ("validations", Texts),
            ("table_type", Enum(&["COPY_ON_WRITE", "MERGE_ON_READ"])),
            ("options", Options),
        ],
        &[],
    ),
    (
        "alter_flow",
        &[("name", Name)],
        &[],
        &[
            ("state", Enum(&["PAUSE", "RESUME", "CLEAN_AND_RESTART"])),
            ("source", Text),
            ("cluster", Text),
            ("performance_profile", PROFILE),
            ("min_sync_frequency_mins", Int),
            ("transformations", Texts),
            ("validations", Texts),
            ("quarantine_enabled", Bool),
        ],
    ),
    (
        "alter_flow",
        &[("name", Name), ("options", Options)],
        &[],
        &[
            ("source", Text),
            ("cluster", Text),
            ("performance_profile", PROFILE),
            ("min_sync_frequency_mins", Int),
            ("transformations", Texts),
            ("validations", Texts),
            ("quarantine_enabled", Bool),
            ("advanced_configs", Yes),
        ],
    ),
    ("delete_flow", &[("name", Name)], &[], &[]),
    ("describe_flow", &[("name", Name)], &[], &[]),
    ("show_flows", &[], &[], &[]),
    (
        "create_transformation",
        &[("name", Name), ("type", Enum(&["CONVERT_CDC", "L_PARSE_JSON", "VECTOR_EMBEDDING"]))],
        &[("options", Options)],
        &[],
    ),
    ("delete_transformation", &[("name", Name)], &[], &[]),
    ("describe_transformation", &[("name", Name)], &[], &[]),
    ("show_transformations", &[], &[], &[]),
    (
        "create_validation",
        &[("name", Name), ("type", Enum(&["SCHEMA", "TIMESTAMP"]))],
        &[("options", Options)],
        &[],
    ),
    ("delete_validation", &[("name", Name)], &[], &[]),
    ("describe_validation", &[("name", Name)], &[], &[]),
    ("show_validations", &[], &[], &[]),
    (
        "create_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[("trigger_mode", TRIGGER), ("options", Options)],
        &[],
    ),
    (
        "alter_table_service",
        &[
            ("lake", Text),
            ("database", Text),
            ("table", Text),
            ("service", SERVICE),
            ("trigger_mode", TRIGGER),
        ],
        &[("options", Options)],
        &[],
    ),
    (
        "alter_services_cluster_in_table",
        &[("lake", Text), ("database", Text), ("table", Name), ("services_cluster", Text)],
        &[],
        &[],
    ),
    (
        "run_service_in_table",
        &[("lake", Text), ("database", Text), ("table", Name), ("service", RUNNABLE)],
        &[],
        &[],
    ),
    (
        "pause_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[],
        &[],
    ),
    (
        "resume_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[],
        &[],
    ),
    (
        "cancel_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[],
        &[],
    ),
    (
        "describe_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[],
        &[],
    ),
    ("show_table_services", &[("lake", Text), ("database", Text), ("table", Text)], &[], &[]),
    (
        "show_runs_in_table_service",
        &[("lake", Text), ("database", Text), ("table", Text), ("service", SERVICE)],
        &[],
        &[],
    ),
    (
        "create_job",
        &[("name", Name), ("type", Enum(&["JAR", "PYTHON"])), ("parameters", Texts), ("cluster", Text)],
        &[],
        &[],
    ),
    (
        "create_and_run_job",
        &[("name", Name), ("type", Enum(&["JAR", "PYTHON"])), ("parameters", Texts), ("cluster", Text)],
        &[],
        &[],
    ),
    ("alter_job", &[("name", Name)], &[], &[("cluster", Text), ("parameters", Texts)]),
    ("delete_job", &[("name", Name)], &[], &[]),
    ("run_job", &[("name", Name)], &[], &[]),
    ("cancel_job_run", &[("job_run_id", RunId), ("job_name", Text)], &[], &[]),
    ("describe_job", &[("name", Name)], &[], &[]),
    ("describe_job_run", &[("job_run_id", RunId), ("job_name", Text)], &[], &[]),
    ("show_jobs", &[], &[], &[]),
    ("show_runs_in_job", &[("name", Name)], &[], &[]),
    ("upload_jar", &[("name", Name)], &[("options", Options)], &[]),
    ("replace_jar", &[("name", Name)], &[("options", Options)], &[]),
    ("create_service_principal", &[("name", Name)], &[], &[]),
    ("alter_service_principal", &[("name", Name), ("new_name", Text)], &[], &[]),
    ("delete_service_principal", &[("name", Name)], &[], &[]),
    ("show_service_principals", &[], &[], &[]),
    ("create_api_token", &[("name", Name), ("service_principal", Text)], &[], &[]),
    ("delete_api_token", &[("name", Name), ("service_principal", Text)], &[], &[]),
];
