//! The grammar: what is read as what, and where what is not is refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::onehouse::{Command, NameCheck};

use super::super::extra::Grant;
use super::*;

/// The statements that the vendor's SDK writes, one of every kind and more.
fn vectors() -> Vec<String> {
    include_str!("../../../../tests/vectors/onehouse-statements.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|case| case["sql"].as_str().map(str::to_owned))
        .collect()
}

/// The command that a statement is; it has a helper.
fn command(sql: &str) -> AnyCommand {
    match parse(sql) {
        Ok(Parsed::Helper(command)) => *command,
        other => panic!("{sql}\n{other:?}"),
    }
}

#[test]
fn every_vector_is_read_and_rendered_the_same() {
    let vectors = vectors();
    let mut helpers = std::collections::BTreeSet::new();
    for sql in &vectors {
        let command = command(sql);
        assert_eq!(command.to_sql().unwrap(), *sql);
        helpers.insert(command.spec().helper);
    }
    assert_eq!((vectors.len(), helpers.len()), (126, 62));
}

#[test]
fn other_spellings_of_the_vendors_own() {
    for (sql, canonical) in [
        // Airflow: bare names, one line.
        (
            "CREATE CLUSTER c TYPE = 'Spark' MAX_OCU = 1 MIN_OCU = 1\nWITH 'a' = 'b'",
            "CREATE CLUSTER `c`\n  TYPE = 'Spark'\n  MAX_OCU = 1\n  MIN_OCU = 1\n  WITH 'a' = 'b'",
        ),
        ("RUN JOB etl-1", "RUN JOB `etl-1`"),
        // Older pages: double quotes for names with spaces, stream captures, quoted states.
        ("delete validation \"a b\"", "DELETE VALIDATION `a b`"),
        ("ALTER STREAM CAPTURE f SET STATE = 'PAUSE'", "ALTER FLOW `f`\nSET STATE = PAUSE"),
        ("alter flow f set state = resume", "ALTER FLOW `f`\nSET STATE = RESUME"),
        (
            "ALTER STREAM CAPTURE f SET ADVANCED_CONFIGS WITH 'a' = 'b'",
            "ALTER FLOW `f`\nSET ADVANCED_CONFIGS\nWITH 'a' = 'b'",
        ),
        ("ALTER FLOW f SET QUARANTINE_ENABLED = 'false'", "ALTER FLOW `f`\nSET QUARANTINE_ENABLED = 'FALSE'"),
        ("ALTER FLOW f SET STATE = 'SLEEP'", "ALTER FLOW `f`\nSET STATE = 'SLEEP'"),
        ("DESCRIBE STREAM CAPTURE `f:t`", "DESCRIBE FLOW `f:t`"),
        ("SHOW STREAM CAPTURES", "SHOW FLOWS"),
        (
            "CREATE STREAM CAPTURE f SOURCE='s' LAKE='l' DATABASE='d' TABLE_NAME='t' WRITE_MODE='mutable' \
             CLUSTER='c' QUARANTINE_ENABLED='TRUE'",
            "CREATE FLOW `f`\n  SOURCE = 's'\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE_NAME = 't'\n  \
             WRITE_MODE = 'MUTABLE'\n  CLUSTER = 'c'\n  QUARANTINE_ENABLED = 'true'",
        ),
        // Both spellings of the lake.
        ("DELETE DATABASE d LAKE = 'l' CASCADE", "DELETE DATABASE `d` LAKE = `l` CASCADE"),
        ("DELETE DATABASE d LAKE = \"l\"", "DELETE DATABASE `d` LAKE = `l`"),
        // What the vendor's `unsafe_raw` makes of ALTER CLUSTER.
        (
            "ALTER CLUSTER `prod` SET\n  STATE = STOP\n  MAX_OCU = 3\n  NEW_NAME = n2\n  WITH 'k' = 'v'",
            "ALTER CLUSTER `prod` SET\n  STATE = 'STOP'\n  MAX_OCU = 3\n  NEW_NAME = 'n2'\n  WITH 'k' = 'v'",
        ),
        ("CREATE CLUSTER c TYPE = 'CustomType'", "CREATE CLUSTER `c`\n  TYPE = 'CustomType'"),
        // A source may have a keyword for its name.
        ("CREATE SOURCE if SOURCE_TYPE = 's3'", "CREATE SOURCE `if`\n  SOURCE_TYPE = 'S3'"),
        (
            "CREATE SOURCE if not exists if SOURCE_TYPE = 'S3'",
            "CREATE SOURCE IF NOT EXISTS `if`\n  SOURCE_TYPE = 'S3'",
        ),
        // Ids of runs begin with any hexadecimal digit.
        ("DESCRIBE JOB_RUN 8c3f-1 JOB_NAME = 'j'", "DESCRIBE JOB_RUN `8c3f-1`\n  JOB_NAME = 'j'"),
        ("CANCEL JOB_RUN 42 JOB_NAME = 'j'", "CANCEL JOB_RUN `42`\n  JOB_NAME = 'j'"),
        // A type that is minded in its case stays what it is, for the state to refuse.
        (
            "CREATE CATALOG c TYPE='glue' CREDENTIAL_TYPE='credential_type_onehouse'",
            "CREATE CATALOG `c`\n  TYPE = 'GLUE'\n  CREDENTIAL_TYPE = 'credential_type_onehouse'",
        ),
    ] {
        let command = command(sql);
        assert_eq!(command.render(NameCheck::Unchecked).unwrap(), canonical, "{sql}");
    }
}

#[test]
fn statements_without_a_helper() {
    use ExtraCommand::*;
    let grant = |what: &str, object_type: &str, object: &str, principal_type: &str, principal: &str| Grant {
        what: what.into(),
        object_type: object_type.into(),
        object: object.into(),
        principal_type: principal_type.into(),
        principal: principal.into(),
    };
    let name = || "n".to_owned();
    for (sql, expected) in [
        (
            "ALTER JOB n SET CLUSTER = 'c' SET PARAMETERS = ('a', 'b')",
            AlterJobBoth { name: name(), cluster: "c".into(), parameters: vec!["a".into(), "b".into()] },
        ),
        (
            "DELETE TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLUSTER'",
            DeleteTableService {
                lake: "l".into(),
                database: "d".into(),
                table: "t".into(),
                service: crate::onehouse::TableService::Cluster,
            },
        ),
        ("DELETE JAR `n`", DeleteJar { name: name() }),
        ("DESCRIBE JAR n", DescribeJar { name: name() }),
        ("SHOW JARS", ShowJars),
        (
            "GRANT PRIVILEGE ALL_PRIVILEGES ON LAKE 'l' TO USER 'a@b.c'",
            GrantPrivilege(grant("ALL_PRIVILEGES", "LAKE", "l", "USER", "a@b.c")),
        ),
        (
            "revoke privilege select on table 't' from group 'g'",
            RevokePrivilege(grant("SELECT", "TABLE", "t", "GROUP", "g")),
        ),
        (
            "GRANT ROLE ADMIN ON STREAM_CAPTURE 'f' TO SERVICE_PRINCIPAL 'p'",
            GrantRole(grant("ADMIN", "STREAM_CAPTURE", "f", "SERVICE_PRINCIPAL", "p")),
        ),
        (
            "REVOKE ROLE USER ON PROJECT 'x' FROM USER 'u'",
            RevokeRole(grant("USER", "PROJECT", "x", "USER", "u")),
        ),
        ("SHOW GRANTS", ShowGrants),
        ("CREATE GROUP n", CreateGroup { name: name() }),
        ("DELETE GROUP n", DeleteGroup { name: name() }),
        ("SHOW GROUPS", ShowGroups),
        ("SHOW POLICIES CATALOG = `n`", ShowPolicies { catalog: name(), diff: false }),
        ("SHOW POLICIES DIFF CATALOG = `n` FOR IMPORT", ShowPolicies { catalog: name(), diff: true }),
        (
            "SYNC POLICIES CATALOG = `n` CHANGES_PATH = 's3://b/c.json'",
            ChangePolicies {
                change: PolicyChange::Sync,
                catalog: name(),
                changes_path: "s3://b/c.json".into(),
            },
        ),
        ("ALTER OCU SET LIMIT = '3'", AlterOcuLimit { limit: "3".into() }),
    ] {
        assert_eq!(parse(sql), Ok(Parsed::Extra(expected)), "{sql}");
    }
    for (sql, offset, why) in [
        ("GRANT SELECT ON TABLE 't' TO ROLE 'r'", 6, "expected PRIVILEGE, ROLE or POLICIES"),
        ("GRANT PRIVILEGE ADMIN ON LAKE 'l' TO USER 'u'", 16, "expected ALL_PRIVILEGES"),
        ("GRANT ROLE ADMIN ON LAKE 'l' TO USER 'u'", 20, "expected ACCOUNT"),
        ("GRANT ROLE ADMIN ON JOB 'l' FROM USER 'u'", 28, "expected TO"),
        ("REVOKE ROLE ADMIN ON JOB 'l' TO USER 'u'", 29, "expected FROM"),
        ("SHOW POLICIES CATALOG = `n` FOR SYNC", 28, "expected the end"),
        ("SHOW POLICIES DIFF CATALOG = `n`", 32, "expected FOR"),
        ("IMPORT POLICIES CATALOG = `n`", 29, "expected CHANGES_PATH"),
        ("REGISTER TABLE t", 9, "no source shows its grammar"),
        ("UNREGISTER TABLE t", 11, "no source shows its grammar"),
        ("SHOW UNREGISTERED TABLES", 18, "no source shows its grammar"),
        ("ALTER GROUP g", 12, "no source shows its grammar"),
        ("ALTER OCU SET LIMIT = 3", 22, "expected a string"),
    ] {
        let error = parse(sql).expect_err(sql);
        assert_eq!(error.offset(), offset, "{sql}: {error}");
        assert!(error.why().contains(why), "{sql}: {error}");
    }
}

#[test]
fn what_is_no_statement_is_refused_where_it_goes_wrong() {
    for (sql, offset, found, why) in [
        ("", 0, "<EOF>", "expected CREATE, ALTER, DELETE"),
        ("  ", 2, "<EOF>", "expected CREATE"),
        ("DROP CLUSTER c", 0, "DROP", "expected CREATE"),
        ("CREATE `CLUSTER`", 7, "`CLUSTER`", "expected CLUSTER, LAKE"),
        ("SHOW CLUSTERS;", 13, ";", "does not end with `;`"),
        ("SHOW CLUSTERS -- all", 14, "--", "comment"),
        ("SHOW /* all */ CLUSTERS", 5, "/*", "comment"),
        ("SHOW CLUSTERS LIKE 'a'", 14, "LIKE", "expected the end of the statement"),
        ("DELETE CLUSTER", 14, "<EOF>", "expected a name"),
        ("DELETE CLUSTER 'c'", 15, "'c'", "expected a name"),
        ("DELETE CLUSTER 1a", 15, "1a", "expected a name"),
        ("DELETE CLUSTER _a", 15, "_a", "expected a name"),
        ("DELETE CLUSTER a b", 17, "b", "expected the end"),
        ("DELETE CLUSTER a.b", 16, ".", "no token"),
        ("CREATE CLUSTER `c`", 18, "<EOF>", "expected TYPE"),
        ("CREATE CLUSTER c TYPE 'SQL'", 22, "'SQL'", "expected ="),
        ("CREATE CLUSTER c TYPE = SQL", 24, "SQL", "expected a string in single quotes"),
        ("CREATE CLUSTER c TYPE = `SQL`", 24, "`SQL`", "expected a string in single quotes"),
        ("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = '3'", 40, "'3'", "expected an integer without quotes"),
        ("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = 3.5", 41, ".", "no token"),
        ("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = 3x", 40, "3x", "expected an integer"),
        ("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = 9223372036854775808", 40, "9223372036854775808", "64 bits"),
        (
            "CREATE CLUSTER c TYPE = 'SQL' MIN_OCU = 1 MAX_OCU = 3",
            42,
            "MAX_OCU",
            "expected WITH or the end of the statement",
        ),
        (
            "CREATE CLUSTER c TYPE = 'SQL' TYPE = 'SQL'",
            30,
            "TYPE",
            "expected MAX_OCU, MIN_OCU, WITH or the end of the statement",
        ),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH", 34, "<EOF>", "expected a string in single quotes"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'a' = 1", 41, "1", "expected a string in single quotes"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH a = 'b'", 35, "a", "expected a string in single quotes"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'a' = 'b',", 45, "<EOF>", "expected a string"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'a' = 'b' 'c'", 45, "'c'", "expected , or the end"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'a' = 'b', 'a' = 'c'", 46, "'a'", "set already"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH '' = 'b'", 35, "''", "not empty"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'it''s' = 'b'", 35, "'it''s'", "no quote"),
        ("ALTER CLUSTER c SET", 19, "<EOF>", "expected STATE, MAX_OCU, MIN_OCU, NEW_NAME or WITH"),
        ("ALTER CLUSTER c STATE = 'STOP'", 16, "STATE", "expected SET"),
        ("CREATE JOB j TYPE = 'JAR' PARAMETERS = () CLUSTER = 'c'", 40, ")", "expected a string"),
        ("CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a' 'b')", 44, "'b'", "expected , or )"),
        ("CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a',)", 44, ")", "expected a string"),
        ("CREATE JOB j TYPE = 'JAR' PARAMETERS = 'a'", 39, "'a'", "expected ("),
        ("ALTER JOB j SET CLUSTER = 'c' WITH 'a' = 'b'", 30, "WITH", "expected SET or the end"),
        ("ALTER FLOW f SET STATE = PAUSE WITH 'a' = 'b'", 31, "WITH", "expected the end"),
        ("ALTER FLOW f SET STATE = STOP", 25, "STOP", "expected PAUSE, RESUME or CLEAN_AND_RESTART"),
        ("ALTER FLOW f SET SOURCE = 's' CLUSTER = 'c'", 30, "CLUSTER", "expected WITH or the end"),
        ("ALTER FLOW f SET QUARANTINE_ENABLED = true", 38, "true", "'true' or 'false'"),
        ("ALTER FLOW f SET QUARANTINE_ENABLED = 'yes'", 38, "'yes'", "'true' or 'false'"),
        ("CREATE SOURCE IF NOT `s` SOURCE_TYPE = 'S3'", 21, "`s`", "expected EXISTS"),
        ("CREATE SOURCE 's' SOURCE_TYPE = 'S3'", 14, "'s'", "expected IF NOT EXISTS or a name"),
        ("CREATE CATALOG IF NOT EXISTS c TYPE = 'GLUE'", 18, "NOT", "expected TYPE"),
        ("DELETE DATABASE d LAKE = l", 25, "l", "backticks or in single quotes"),
        ("SHOW DATABASES LAKE = `l`", 22, "`l`", "expected a string in single quotes"),
        ("SHOW TABLES DATABASE = 'd' LAKE = 'l'", 12, "DATABASE", "expected LAKE"),
        ("CREATE LAKE l\n  LAKE_TYPE = 'MANAGED'\n  BUCKETS = 'b'", 40, "BUCKETS", "expected BUCKET_PATH"),
        ("CANCEL JOB_RUN xyz JOB_NAME = 'j'", 15, "xyz", "the id of a run"),
        ("RUN SERVICE TABLE t", 12, "TABLE", "expected IN"),
        ("ALTER STREAM f", 13, "f", "expected CAPTURE"),
        ("DELETE CLUSTER `a\n", 15, "`a", "no closing `"),
    ] {
        let error = parse(sql).expect_err(sql);
        assert_eq!((error.offset(), error.found()), (offset, found), "{sql}: {error}");
        assert!(error.why().contains(why), "{sql}: {error}");
        let text = error.to_string();
        assert!(text.starts_with("Invalid sql query: Encountered \""), "{text}");
    }
    let error = parse("CREATE LAKE l\n  LAKE_TYPE = 'MANAGED'\n  BUCKETS = 'b'").unwrap_err();
    assert_eq!((error.line(), error.column()), (3, 3));
}

/// What a slip of the pen makes of the vectors: none of it is still a statement.
#[test]
fn a_vector_with_one_thing_wrong_is_refused() {
    let mut refused = 0;
    let mut check = |sql: &str| {
        let error = parse(sql).err().unwrap_or_else(|| panic!("taken: {sql}"));
        let at = format!("at line {}, column {} (offset {})", error.line(), error.column(), error.offset());
        assert!(sql.is_char_boundary(error.offset()) && error.to_string().contains(&at), "{sql}\n{error}");
        refused += 1;
    };
    for sql in vectors() {
        check(&format!("{sql};"));
        check(&format!("{sql} --"));
        for (at, c) in sql.char_indices() {
            // A quote is lost.
            if matches!(c, '\'' | '`') {
                check(&format!("{}{}", &sql[..at], &sql[at + 1..]));
            }
        }
        for token in tokens(&sql) {
            let text = &sql[token.start..token.end];
            let with = |new: &str| format!("{}{new}{}", &sql[..token.start], &sql[token.end..]);
            match token.kind {
                // A keyword is cut, or lost. What `CASCADE` and the like leave behind is a statement.
                Kind::Word => {
                    check(&with(&text[..text.len() - 1]));
                    if !["CASCADE", "ADVANCED_CONFIGS"].contains(&text) && !sql.ends_with(text) {
                        check(&with(""));
                    }
                }
                // An integer is quoted, a string is not.
                Kind::Integer => check(&with(&format!("'{text}'"))),
                Kind::Text(content) if content != "STOP" && content != "START" && content != "events" => {
                    check(&with(&content.replace(['\'', ' '], "x")));
                }
                Kind::Equals => check(&with("")),
                _ => {}
            }
        }
        // Two clauses change places.
        let lines: Vec<&str> = sql.split('\n').collect();
        for i in 1..lines.len().saturating_sub(1) {
            let mut moved = lines.clone();
            moved.swap(i, i + 1);
            check(&moved.join("\n"));
        }
    }
    assert!(refused > 2500, "{refused}");
}

/// How a parameter of a command is drawn.
#[derive(Clone, Copy)]
enum Draw {
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
const PARTITION: &[&str] = &["", "DATE_STRING", "EPOCH_MILLIS", "EPOCH_MICROS"];

type Fields = &'static [(&'static str, Draw)];

/// Every helper: what must be given, what may be, and of what exactly one is.
const HELPERS: &[(&str, Fields, Fields, Fields)] = &[
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

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z][A-Za-z0-9_-]{0,8}", "[^`'\";\\p{Cc}]{1,8}"]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z' =,()`-]{0,10}", "[^\\n\\r\\x00]{0,8}"]
}

fn any_value(draw: Draw) -> BoxedStrategy<Value> {
    match draw {
        Name => any_name().prop_map(Value::from).boxed(),
        RunId => "[0-9a-f][0-9a-f-]{0,10}".prop_map(Value::from).boxed(),
        Text => any_text().prop_map(Value::from).boxed(),
        Texts => prop::collection::vec(any_text(), 1..4).prop_map(Value::from).boxed(),
        Int => any::<i64>().prop_map(Value::from).boxed(),
        Bool => any::<bool>().prop_map(Value::from).boxed(),
        Yes => Just(Value::from(true)).boxed(),
        Options => prop::collection::vec(("[^'\\n\\r\\x00]{1,8}", any_text()), 0..4)
            .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k, Value::from(v))).collect()))
            .boxed(),
        Keys => {
            let key = (any_text(), 0..PARTITION.len(), any_text(), any_text()).prop_map(|(field, i, a, b)| {
                json!({"field": field, "partition_type": PARTITION[i], "input_format": a, "output_format": b})
            });
            prop::collection::vec(key, 1..4).prop_map(Value::from).boxed()
        }
        Enum(known) => prop_oneof![
            (0..known.len()).prop_map(move |i| Value::from(known[i])),
            "x[a-z' ]{1,5}".prop_map(|other| json!({ "other": other })),
        ]
        .boxed(),
    }
}

/// Any command, by way of its JSON form.
fn any_command() -> impl Strategy<Value = AnyCommand> {
    (0..HELPERS.len(), any::<u32>(), any::<prop::sample::Index>()).prop_flat_map(|(i, given, one)| {
        let (helper, required, optional, one_of) = HELPERS[i];
        let optional = optional.iter().enumerate().filter(move |(i, _)| given >> i & 1 == 1).map(|(_, f)| f);
        let one = (!one_of.is_empty()).then(|| &one_of[one.index(one_of.len())]);
        let fields: Vec<_> = required.iter().chain(optional).chain(one).collect();
        let values: Vec<_> = fields.iter().map(|(_, draw)| any_value(*draw)).collect();
        values.prop_map(move |values| {
            let names = fields.iter().map(|(name, _)| (*name).to_owned());
            let args: serde_json::Map<_, _> = names.zip(values).collect();
            serde_json::from_value(json!({ helper: args })).unwrap()
        })
    })
}

#[test]
fn every_helper_can_be_drawn() {
    let drawn: std::collections::BTreeSet<_> = HELPERS.iter().map(|(helper, ..)| *helper).collect();
    let known: std::collections::BTreeSet<_> =
        vectors().iter().map(|sql| command(sql).spec().helper).collect();
    assert_eq!(drawn, known);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_rendered_is_read_as_the_same(command in any_command()) {
        let sql = command.render(NameCheck::Unchecked).unwrap();
        prop_assert_eq!(parse(&sql).map_err(|e| format!("{sql}\n{e}")), Ok(Parsed::from(command)));
    }
}

/// A statement with its keywords in another case and other white space between its tokens.
fn respaced(sql: &str, choices: &[u8]) -> String {
    let spaces = [" ", "\n", "\t", "\r\n", "  ", "\x0C "];
    let mut out = String::new();
    let mut choices = choices.iter().copied().cycle();
    let mut was_word = false;
    for token in tokens(sql) {
        let is_word = matches!(token.kind, Kind::Word | Kind::Integer);
        let choice = usize::from(choices.next().unwrap_or(0));
        // Only between two words does white space have to stand.
        if (is_word && was_word) || choice % 3 > 0 {
            out.push_str(spaces[choice % spaces.len()]);
        }
        was_word = is_word;
        for c in sql[token.start..token.end].chars() {
            let upper = choices.next().unwrap_or(0) % 2 == 0;
            match c {
                c if !is_word => out.push(c),
                c if upper => out.push(c.to_ascii_uppercase()),
                c => out.push(c.to_ascii_lowercase()),
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "(?s).{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_mixture_of_tokens_makes_the_parser_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "CREATE", "ALTER", "FLOW", "JOB", "SET", "STATE", "=", "(", ")", ",", "'a'", "''", "`a`", "\"", "'",
                "WITH", "IF", "NOT", "EXISTS", "1", "-", "--", "/*", ";", "\n", "ü", "\0", "TYPE", "SHOW", "RUNS",
                "IN", "PARTITION_KEY_FIELDS", "field", "CLUSTER", "SOURCE", "LAKE", "DATABASE",
            ]),
            0..24,
        ),
    ) {
        if let Err(error) = parse(&words.join(" ")) {
            prop_assert!(error.line() >= 1 && error.column() >= 1);
        }
    }

    #[test]
    fn no_damage_to_a_statement_makes_the_parser_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, any::<char>()), 1..4),
    ) {
        let vectors = vectors();
        let mut text: Vec<char> = vectors[which.index(vectors.len())].chars().collect();
        for (at, length, new) in damage {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, [new]);
        }
        let sql: String = text.into_iter().collect();
        if let Err(error) = parse(&sql) {
            let before = sql.get(..error.offset()).expect("a place between two characters");
            prop_assert_eq!(error.line(), before.matches('\n').count() + 1);
            let at = format!("(offset {})", error.offset());
            prop_assert!(error.to_string().contains(&at), "{}", error);
        }
    }

    #[test]
    fn space_and_case_do_not_matter(which in any::<prop::sample::Index>(), choices in any::<[u8; 32]>()) {
        let vectors = vectors();
        let sql = &vectors[which.index(vectors.len())];
        let other = respaced(sql, &choices);
        prop_assert_eq!(parse(&other).map_err(|e| format!("{other}\n{e}")), Ok(parse(sql).unwrap()));
    }
}
