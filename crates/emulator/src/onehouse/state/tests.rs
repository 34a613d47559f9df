//! The rules of a project, statement by statement.

use serde_json::json;

use super::*;
use crate::onehouse::parser::parse;

mod time;

struct Project {
    state: State,
    ids: Ids,
    operations: Operations,
    now: Moment,
    end: End,
}

impl Project {
    fn new() -> Self {
        Self {
            state: State::new(),
            ids: Ids::new(0),
            operations: Operations::default(),
            now: Moment::START,
            end: End::AfterLooks(1),
        }
    }

    /// A project with a cluster, a lake, a database, a source of every kind that matters, and a flow.
    fn furnished() -> Self {
        let mut project = Self::new();
        project.all(&[
            "CREATE CLUSTER c TYPE = 'Managed'",
            "CREATE LAKE l LAKE_TYPE = 'MANAGED' BUCKET_PATH = 's3://b/l/' DEFAULT_SERVICES_CLUSTER = 'c'",
            "CREATE DATABASE d LAKE = 'l'",
            "CREATE SOURCE s3 SOURCE_TYPE = 'S3'",
            "CREATE SOURCE kafka SOURCE_TYPE = 'MSK_KAFKA'",
            &flow("f", "s3", "t", ""),
        ]);
        project
    }

    fn run(&mut self, sql: &str) -> Outcome {
        let command = parse(sql).unwrap_or_else(|e| panic!("{sql}\n{e}"));
        let operation = self.ids.uuid();
        let mut context = Context {
            operation: &operation,
            ids: &mut self.ids,
            operations: &self.operations,
            now: self.now,
            end: self.end,
        };
        let outcome = self.state.execute(&command, &mut context);
        self.operations.begin(operation, outcome.clone(), self.now, self.end);
        outcome
    }

    fn ok(&mut self, sql: &str) -> Value {
        self.run(sql).unwrap_or_else(|fault| panic!("{sql}\n{fault:?}"))
    }

    fn all(&mut self, statements: &[&str]) {
        for sql in statements {
            self.ok(sql);
        }
    }

    /// Each statement fails with a text that has the other text in it, and changes nothing.
    fn refused(&mut self, cases: &[(&str, &str)]) {
        for (sql, why) in cases {
            let before = format!("{:?}", self.state);
            let fault = format!("{:?}", self.run(sql).expect_err(sql));
            assert!(fault.contains(why), "{sql}\n{fault}");
            assert_eq!(format!("{:?}", self.state), before, "{sql}");
        }
    }

    fn names(&mut self, sql: &str) -> Vec<String> {
        let rows = self.ok(sql);
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn flow(name: &str, source: &str, table: &str, more: &str) -> String {
    format!(
        "CREATE FLOW {name} SOURCE = '{source}' LAKE = 'l' DATABASE = 'd' TABLE_NAME = '{table}' \
         WRITE_MODE = 'IMMUTABLE' CLUSTER = 'c' {more}"
    )
}

#[test]
fn clusters_pass_through_their_states() {
    let mut project = Project::new();
    assert_eq!(project.names("SHOW CLUSTERS"), ["Connector", "System"]);
    let made = project.ok("CREATE CLUSTER c TYPE = 'spark' MAX_OCU = 4 WITH 'a' = 'b', 'api.secret' = 'x'");
    assert_eq!(made, json!({"name": "c", "type": "Spark", "max_ocu": 4, "min_ocu": 1}));
    // While the operation goes on, looking at the cluster moves it on.
    assert_eq!(
        project.ok("DESCRIBE CLUSTER c"),
        json!({
            "name": "c", "type": "Spark", "state": "STARTING", "max_ocu": 4, "min_ocu": 1,
            "options": {"a": "b", "api.secret": "[redacted]"},
        })
    );
    assert_eq!(project.ok("DESCRIBE CLUSTER c")["state"], "RUNNING");
    project.ok("ALTER CLUSTER c SET STATE = 'START'");
    assert_eq!(project.ok("DESCRIBE CLUSTER c")["state"], "RUNNING");
    project.ok("ALTER CLUSTER c SET STATE = 'STOP' MIN_OCU = 2 NEW_NAME = 'c 2' WITH 'a' = 'c'");
    let described = project.ok("DESCRIBE CLUSTER `c 2`");
    assert_eq!((&described["state"], &described["min_ocu"]), (&json!("STOPPING"), &json!(2)));
    assert_eq!(described["options"]["a"], "c");
    assert_eq!(project.ok("DESCRIBE CLUSTER `c 2`")["state"], "STOPPED");
    project.refused(&[("DESCRIBE CLUSTER c", "NOT_FOUND")]);
    project.ok("DELETE CLUSTER `c 2`");
    assert_eq!(project.names("SHOW CLUSTERS"), ["Connector", "System"]);
}

#[test]
fn an_operation_that_ends_settles_its_cluster() {
    let mut project = Project::new();
    project.ok("CREATE CLUSTER c TYPE = 'SQL'");
    let mut ids = Ids::new(0);
    let create = ids.uuid();
    project.operations.poll(&create, project.now).unwrap();
    assert_eq!(project.ok("DESCRIBE CLUSTER c")["state"], "RUNNING");
}

#[test]
fn what_clusters_refuse() {
    let mut project = Project::furnished();
    project.refused(&[
        ("CREATE CLUSTER c TYPE = 'SQL'", "ALREADY_EXISTS"),
        ("CREATE CLUSTER x TYPE = 'Custom'", "INVALID"),
        ("CREATE CLUSTER x TYPE = 'SQL' MAX_OCU = 1 MIN_OCU = 2", "INVALID"),
        ("CREATE CLUSTER x TYPE = 'SQL' MAX_OCU = 1 MIN_OCU = -1", "INVALID"),
        ("CREATE CLUSTER x TYPE = 'SQL' MAX_OCU = -3", "INVALID"),
        ("ALTER CLUSTER x SET MAX_OCU = 1", "NOT_FOUND"),
        ("ALTER CLUSTER c SET STATE = 'RESTART'", "INVALID"),
        ("ALTER CLUSTER c SET MAX_OCU = 7 NEW_NAME = 'System'", "ALREADY_EXISTS"),
        ("ALTER CLUSTER c SET NEW_NAME = ''", "INVALID"),
        ("ALTER CLUSTER c SET NEW_NAME = 'a;b'", "INVALID"),
        ("ALTER CLUSTER c SET MIN_OCU = 9", "INVALID"),
        ("ALTER CLUSTER System SET MAX_OCU = 9", "cannot be changed"),
        ("DELETE CLUSTER Connector", "cannot be changed"),
        ("DELETE CLUSTER x", "NOT_FOUND"),
        ("DELETE CLUSTER c", "used by flow 'f', lake 'l'"),
        ("DESCRIBE CLUSTER C", "NOT_FOUND"),
    ]);
    // Who uses a cluster follows its name.
    project.ok("ALTER CLUSTER c SET NEW_NAME = 'c2'");
    assert_eq!(project.ok("SHOW LAKES")[0]["default_services_cluster"], "c2");
    assert_eq!(project.ok("DESCRIBE FLOW f")["cluster"], "c2");
}

#[test]
fn lakes_databases_and_tables() {
    let mut project = Project::furnished();
    project.refused(&[
        (
            "CREATE LAKE l LAKE_TYPE='MANAGED' BUCKET_PATH='s3://b/' DEFAULT_SERVICES_CLUSTER='c'",
            "ALREADY_EXISTS",
        ),
        ("CREATE LAKE x LAKE_TYPE='MANAGED' BUCKET_PATH='s3://b' DEFAULT_SERVICES_CLUSTER='c'", "end with /"),
        ("CREATE LAKE x LAKE_TYPE='POND' BUCKET_PATH='s3://b/' DEFAULT_SERVICES_CLUSTER='c'", "INVALID"),
        ("CREATE LAKE x LAKE_TYPE='MANAGED' BUCKET_PATH='s3://b/' DEFAULT_SERVICES_CLUSTER='x'", "NOT_FOUND"),
        ("ALTER LAKE x SET DEFAULT_SERVICES_CLUSTER = 'c'", "NOT_FOUND"),
        ("ALTER LAKE l SET DEFAULT_SERVICES_CLUSTER = 'x'", "NOT_FOUND"),
        ("CREATE DATABASE x LAKE = 'x'", "NOT_FOUND"),
        ("SHOW DATABASES LAKE = 'x'", "NOT_FOUND"),
        ("SHOW TABLES LAKE = 'l' DATABASE = 'x'", "NOT_FOUND"),
        ("DELETE LAKE l", "it has the databases d"),
        ("DELETE LAKE x CASCADE", "NOT_FOUND"),
        ("DELETE DATABASE d LAKE = `l`", "it has the tables t"),
        ("DELETE DATABASE x LAKE = `l`", "NOT_FOUND"),
        ("DELETE DATABASE d LAKE = `x`", "NOT_FOUND"),
    ]);
    project.ok("CREATE LAKE m LAKE_TYPE='OBSERVED' BUCKET_PATH='gs://b/' DEFAULT_SERVICES_CLUSTER='System'");
    // A database is in one lake, and its name in no other.
    project.refused(&[
        ("CREATE DATABASE d LAKE = 'm'", "ALREADY_EXISTS"),
        ("SHOW TABLES LAKE = 'm' DATABASE = 'd'", "NOT_FOUND"),
        ("DELETE DATABASE d LAKE = `m` CASCADE", "NOT_FOUND"),
    ]);
    project.ok("ALTER LAKE m SET DEFAULT_SERVICES_CLUSTER = 'c'");
    assert_eq!(
        project.ok("SHOW LAKES")[1],
        json!({"name": "m", "lake_type": "OBSERVED", "bucket_path": "gs://b/", "default_services_cluster": "c"})
    );
    assert_eq!(
        project.ok("SHOW TABLES LAKE = 'l' DATABASE = 'd'"),
        json!([{"name": "t", "lake": "l", "database": "d", "table_type": "MERGE_ON_READ", "version": 1}])
    );
    project.ok("CREATE DATABASE e LAKE = 'l'");
    assert_eq!(project.names("SHOW DATABASES LAKE = 'l'"), ["d", "e"]);
    assert_eq!(project.ok("SHOW DATABASES LAKE = 'm'"), json!([]));
    project.all(&["DELETE DATABASE e LAKE = 'l'", "DELETE DATABASE d LAKE = `l` CASCADE"]);
    assert_eq!(project.ok("SHOW FLOWS"), json!([]));
    // The name is free again, the table is gone, and what is empty can go.
    project.ok("CREATE DATABASE d LAKE = 'm'");
    assert_eq!(project.ok("SHOW TABLES LAKE = 'm' DATABASE = 'd'"), json!([]));
    project.all(&["DELETE LAKE l", "DELETE LAKE m CASCADE"]);
    assert_eq!(project.ok("SHOW LAKES"), json!([]));
    project.ok("DELETE CLUSTER c");
}

#[test]
fn catalogs_and_sources() {
    let mut project = Project::new();
    project.all(&[
        "CREATE CATALOG g TYPE='GLUE' CREDENTIAL_TYPE='CREDENTIAL_TYPE_ONEHOUSE' WITH 'a'='b', 'password'='x'",
        "CREATE SOURCE s SOURCE_TYPE = 'S3'",
        "CREATE SOURCE IF NOT EXISTS s SOURCE_TYPE = 'GCS'",
        "CREATE SOURCE IF NOT EXISTS r SOURCE_TYPE = 'GCS'",
    ]);
    assert_eq!(
        project.ok("DESCRIBE CATALOG g"),
        json!({
            "name": "g", "type": "GLUE", "credential_type": "CREDENTIAL_TYPE_ONEHOUSE",
            "options": {"a": "b", "password": "[redacted]"},
        })
    );
    assert_eq!(
        project.ok("SHOW SOURCES"),
        json!([{"name": "r", "source_type": "GCS"}, {"name": "s", "source_type": "S3"}])
    );
    assert_eq!(project.ok("DESCRIBE SOURCE s")["credential_type"], json!(null));
    project.refused(&[
        ("CREATE CATALOG g TYPE = 'HIVE'", "ALREADY_EXISTS"),
        ("CREATE CATALOG x TYPE = 'x'", "INVALID"),
        ("CREATE CATALOG x TYPE = 'HIVE' CREDENTIAL_TYPE = 'credential_type_onehouse'", "INVALID"),
        ("CREATE SOURCE s SOURCE_TYPE = 'S3'", "ALREADY_EXISTS"),
        ("CREATE SOURCE x SOURCE_TYPE = 'ORACLE'", "INVALID"),
        ("DELETE CATALOG x", "NOT_FOUND"),
        ("DESCRIBE CATALOG x", "NOT_FOUND"),
        ("DELETE SOURCE x", "NOT_FOUND"),
        ("DESCRIBE SOURCE x", "NOT_FOUND"),
    ]);
    project.all(&["DELETE CATALOG g", "DELETE SOURCE s", "DELETE SOURCE r"]);
    assert_eq!(project.ok("SHOW CATALOGS"), json!([]));
}

#[test]
fn transformations_forget_their_case_and_validations_keep_it() {
    let mut project = Project::furnished();
    project.all(&[
        "CREATE TRANSFORMATION Flat TYPE = 'FLATTEN_STRUCT'",
        "CREATE VALIDATION V TYPE = 'SCHEMA' WITH 'schema.target_schema_name' = 'k'",
        "CREATE VALIDATION v TYPE = 'TIMESTAMP'",
        &flow("g", "s3", "u", "TRANSFORMATIONS = ('FLAT') VALIDATIONS = ('V')"),
    ]);
    assert_eq!(project.ok("DESCRIBE TRANSFORMATION FLAT")["name"], "flat");
    assert_eq!(project.names("SHOW VALIDATIONS"), ["V", "v"]);
    project.refused(&[
        ("CREATE TRANSFORMATION FLAT TYPE = 'EXPLODE_ARRAY'", "ALREADY_EXISTS"),
        ("CREATE TRANSFORMATION x TYPE = 'x'", "INVALID"),
        ("CREATE VALIDATION v TYPE = 'SCHEMA'", "ALREADY_EXISTS"),
        ("CREATE VALIDATION x TYPE = 'x'", "INVALID"),
        ("DELETE TRANSFORMATION flat", "used by flow 'g'"),
        ("DELETE VALIDATION V", "used by flow 'g'"),
        ("DESCRIBE VALIDATION x", "NOT_FOUND"),
        ("DESCRIBE TRANSFORMATION x", "NOT_FOUND"),
        ("ALTER FLOW g SET VALIDATIONS = ('x')", "NOT_FOUND"),
        ("ALTER FLOW g SET TRANSFORMATIONS = ('x')", "NOT_FOUND"),
    ]);
    project.ok("DELETE FLOW g");
    project.all(&["DELETE TRANSFORMATION FLAT", "DELETE VALIDATION V", "DELETE VALIDATION v"]);
    assert_eq!(project.ok("SHOW TRANSFORMATIONS"), json!([]));
}

#[test]
fn what_flows_refuse() {
    let mut project = Project::furnished();
    project.all(&["CREATE CATALOG g TYPE = 'GLUE'", &flow("h", "s3", "v", "CATALOGS = ('g')")]);
    let invalid = flow("x", "s3", "x", "").replace("IMMUTABLE", "SOMETIMES");
    let no_lake = flow("x", "s3", "x", "").replace("'l'", "'x'");
    let no_database = flow("x", "s3", "x", "").replace("'d'", "'x'");
    let no_cluster = flow("x", "s3", "x", "").replace("'c'", "'x'");
    project.refused(&[
        (&flow("f", "s3", "x", ""), "ALREADY_EXISTS"),
        (&flow("x", "s3", "t", ""), "written by flow 'f' already"),
        (&flow("x", "x", "x", ""), "NOT_FOUND"),
        (&no_lake, "NOT_FOUND"),
        (&no_database, "NOT_FOUND"),
        (&no_cluster, "NOT_FOUND"),
        (&invalid, "INVALID"),
        (&flow("x", "s3", "x", "CATALOGS = ('x')"), "NOT_FOUND"),
        (&flow("x", "s3", "x", "TRANSFORMATIONS = ('x')"), "NOT_FOUND"),
        (&flow("x", "s3", "x", "VALIDATIONS = ('x')"), "NOT_FOUND"),
        (&flow("x", "s3", "x", "MIN_SYNC_FREQUENCY_MINS = 0"), "INVALID"),
        (&flow("x", "s3", "x", "TABLE_TYPE = 'x'"), "INVALID"),
        (&flow("x", "s3", "x", "PERFORMANCE_PROFILE = 'x'"), "INVALID"),
        (
            &flow(
                "x",
                "s3",
                "x",
                "PARTITION_KEY_FIELDS = (field='a' partition_type='date_string' input_format='' output_format='')",
            ),
            "INVALID",
        ),
        (&flow("x", "s3", "x", "WITH 'kafka.topic.name' = 't'"), "is of type S3"),
        (&flow("x", "kafka", "x", "WITH 's3.folder.uri' = 's3://b/'"), "is of type MSK_KAFKA"),
        ("ALTER FLOW f SET SOURCE = 'kafka' WITH 's3.folder.uri' = 's3://b/'", "is of type MSK_KAFKA"),
        ("ALTER FLOW f SET SOURCE = 'x'", "NOT_FOUND"),
        ("ALTER FLOW f SET CLUSTER = 'x'", "NOT_FOUND"),
        ("ALTER FLOW f SET STATE = 'SLEEP'", "INVALID"),
        ("ALTER FLOW f SET MIN_SYNC_FREQUENCY_MINS = -1", "INVALID"),
        ("ALTER FLOW f SET ADVANCED_CONFIGS", "needs options"),
        ("ALTER FLOW x SET STATE = PAUSE", "NOT_FOUND"),
        ("DELETE FLOW x", "NOT_FOUND"),
        ("DELETE FLOW `f:t`", "NOT_FOUND"),
        ("DESCRIBE FLOW `f:x`", "NOT_FOUND"),
        ("DELETE SOURCE s3", "used by flow 'f'"),
        ("DELETE CATALOG g", "used by flow 'h'"),
    ]);
}

#[test]
fn flows_have_defaults_and_can_be_changed() {
    let mut project = Project::furnished();
    project.ok(&flow("k", "kafka", "u", "QUARANTINE_ENABLED = 'TRUE' WITH 'kafka.topic.name' = 't'"));
    assert_eq!(
        project.ok("SHOW FLOWS")[1],
        json!({
            "id": "k:u", "name": "k", "state": "RUNNING", "source": "kafka", "lake": "l", "database": "d",
            "table_name": "u",
        })
    );
    let described = project.ok("DESCRIBE FLOW `k:u`");
    assert_eq!(described, project.ok("DESCRIBE FLOW k"));
    for (key, value) in [
        ("min_sync_frequency_mins", json!(1)),
        ("table_type", json!("MERGE_ON_READ")),
        ("performance_profile", json!("BALANCED")),
        ("quarantine_enabled", json!(true)),
        ("options", json!({"kafka.topic.name": "t", "kafka.startingOffsets": "earliest"})),
    ] {
        assert_eq!(described[key], value, "{key}");
    }
    project.all(&[
        "ALTER FLOW k SET PERFORMANCE_PROFILE = 'FASTEST_WRITE'",
        "ALTER FLOW k SET MIN_SYNC_FREQUENCY_MINS = 15",
        "ALTER FLOW k SET QUARANTINE_ENABLED = 'FALSE'",
        "ALTER FLOW k SET ADVANCED_CONFIGS WITH 'flow.deduplicationPolicy' = 'drop'",
        "ALTER FLOW k SET SOURCE = 'kafka' WITH 'kafka.startingOffsets' = 'latest'",
    ]);
    let described = project.ok("DESCRIBE FLOW k");
    assert_eq!(described["performance_profile"], "FASTEST_WRITE");
    assert_eq!(described["min_sync_frequency_mins"], 15);
    assert_eq!(described["quarantine_enabled"], false);
    assert_eq!(
        described["options"],
        json!({
            "kafka.topic.name": "t", "flow.deduplicationPolicy": "drop", "kafka.startingOffsets": "latest",
        })
    );
    // Not for flows that change what they have written.
    project.ok(&flow("m", "s3", "w", "").replace("IMMUTABLE", "MUTABLE"));
    project.refused(&[("ALTER FLOW m SET PERFORMANCE_PROFILE = 'FASTEST_READ'", "append-only")]);
}

#[test]
fn services_follow_their_flow() {
    let mut project = Project::furnished();
    let show = "SHOW TABLE_SERVICES LAKE = 'l' DATABASE = 'd' TABLE = 't'";
    let states = |project: &mut Project| -> Vec<String> {
        let rows = project.ok(show);
        rows.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        project.ok(show),
        json!([
            {"service": "CLEAN", "state": "Active", "trigger_mode": "AUTOMATIC"},
            {"service": "COMPACT", "state": "Active", "trigger_mode": "AUTOMATIC"},
        ])
    );
    project.ok("ALTER FLOW f SET STATE = PAUSE");
    assert_eq!(project.ok("DESCRIBE FLOW f")["state"], "PAUSED");
    assert_eq!(states(&mut project), ["Paused", "Paused"]);
    project.ok("ALTER FLOW f SET STATE = RESUME");
    assert_eq!(states(&mut project), ["Active", "Active"]);
    project.ok("ALTER FLOW f SET STATE = CLEAN_AND_RESTART");
    assert_eq!(project.ok("SHOW TABLES LAKE = 'l' DATABASE = 'd'")[0]["version"], 2);
    project.ok(&flow("b", "s3", "u", "WITH 'table.configured.base.path' = 's3://b/x/'"));
    project.refused(&[("ALTER FLOW b SET STATE = CLEAN_AND_RESTART", "base path")]);
    // The table outlives its flow, and another flow may take it up.
    project.ok("DELETE FLOW f");
    assert_eq!(project.names("SHOW TABLES LAKE = 'l' DATABASE = 'd'"), ["t", "u"]);
    assert_eq!(states(&mut project), ["Paused", "Paused"]);
    project.ok(&flow("f2", "s3", "t", ""));
    assert_eq!(states(&mut project), ["Active", "Active"]);
}

#[test]
fn services_of_tables_and_their_runs() {
    let mut project = Project::furnished();
    let body = "LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE";
    let sql = |words: &str, service: &str, more: &str| format!("{words} {body} = '{service}' {more}");
    let run =
        |service: &str| format!("RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = '{service}'");
    project.ok(&sql(
        "CREATE TABLE_SERVICE",
        "cluster",
        "TRIGGER_MODE = 'ON_DEMAND' WITH 'cluster.frequency' = '3'",
    ));
    assert_eq!(
        project.ok(&sql("DESCRIBE TABLE_SERVICE", "CLUSTER", "")),
        json!({
            "service": "CLUSTER", "state": "Active", "trigger_mode": "ON_DEMAND",
            "options": {"cluster.frequency": "3"}, "services_cluster": "c",
        })
    );
    project.refused(&[
        (&sql("CREATE TABLE_SERVICE", "CLUSTER", ""), "ALREADY_EXISTS"),
        (&sql("CREATE TABLE_SERVICE", "VACUUM", ""), "INVALID"),
        (&sql("CREATE TABLE_SERVICE", "METASYNC", "TRIGGER_MODE = 'x'"), "INVALID"),
        (&sql("CREATE TABLE_SERVICE", "METASYNC", "").replace("'t'", "'x'"), "NOT_FOUND"),
        (&sql("DESCRIBE TABLE_SERVICE", "METASYNC", ""), "NOT_FOUND"),
        (&sql("PAUSE TABLE_SERVICE", "METASYNC", ""), "NOT_FOUND"),
        (&sql("SHOW RUNS IN TABLE_SERVICE", "METASYNC", ""), "NOT_FOUND"),
        (&run("METASYNC"), "NOT_FOUND"),
        (&run("VACUUM"), "INVALID"),
        ("ALTER SERVICES_CLUSTER IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICES_CLUSTER = 'x'", "NOT_FOUND"),
        ("ALTER SERVICES_CLUSTER IN TABLE x LAKE = 'l' DATABASE = 'd' SERVICES_CLUSTER = 'c'", "NOT_FOUND"),
    ]);
    let id = project.ok(&run("CLUSTER"))["run_id"].clone();
    assert_eq!(project.ok(&sql("DESCRIBE TABLE_SERVICE", "CLUSTER", ""))["state"], "Running");
    let runs = sql("SHOW RUNS IN TABLE_SERVICE", "CLUSTER", "");
    let row = |status: &str| json!([{"run_id": id, "service": "CLUSTER", "status": status}]);
    assert_eq!(project.ok(&runs), row("RUNNING"));
    assert_eq!(project.ok(&runs), row("COMPLETED"));
    project.ok(&run("CLUSTER"));
    project.ok(&sql("CANCEL TABLE_SERVICE", "CLUSTER", ""));
    assert_eq!(project.ok(&runs)[1]["status"], "CANCELED");
    project.ok(&sql("PAUSE TABLE_SERVICE", "CLUSTER", ""));
    project.refused(&[(&run("CLUSTER"), "paused")]);
    project.ok(&sql("RESUME TABLE_SERVICE", "CLUSTER", ""));
    project.ok(&run("CLUSTER"));
    // Savepoints are not a service that the table has, and can be run all the same.
    project.ok(&run("RESTORE"));
    assert_eq!(project.ok(&sql("SHOW RUNS IN TABLE_SERVICE", "RESTORE", "")).as_array().unwrap().len(), 1);
    assert_eq!(project.ok(&sql("SHOW RUNS IN TABLE_SERVICE", "AUTOSAVEPOINT", "")), json!([]));
    project.all(&[
        &sql("ALTER TABLE_SERVICE", "CLUSTER", "TRIGGER_MODE = 'AUTOMATIC' WITH 'a' = 'b'"),
        "CREATE CLUSTER c2 TYPE = 'Managed'",
        "ALTER SERVICES_CLUSTER IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICES_CLUSTER = 'c2'",
    ]);
    let described = project.ok(&sql("DESCRIBE TABLE_SERVICE", "CLUSTER", ""));
    assert_eq!(described["trigger_mode"], "AUTOMATIC");
    assert_eq!(described["services_cluster"], "c2");
    assert_eq!(described["options"], json!({"cluster.frequency": "3", "a": "b"}));
    project.refused(&[("DELETE CLUSTER c2", "used by table 't'")]);
}

#[test]
fn jobs_and_their_runs() {
    let mut project = Project::furnished();
    project.ok("CREATE JOB j TYPE = 'JAR' PARAMETERS = ('--class', 'x') CLUSTER = 'c'");
    let id = project.ok("RUN JOB j")["jobRunId"].as_str().unwrap().to_owned();
    let describe = format!("DESCRIBE JOB_RUN `{id}` JOB_NAME = 'j'");
    for status in ["QUEUED", "RUNNING", "COMPLETED", "COMPLETED"] {
        assert_eq!(project.ok(&describe)["sparkJobRun"]["status"], format!("SPARK_JOB_RUN_STATUS_{status}"));
    }
    project.refused(&[(&format!("CANCEL JOB_RUN `{id}` JOB_NAME = 'j'"), "has ended")]);
    let made = project.ok("CREATE AND RUN JOB k TYPE = 'PYTHON' PARAMETERS = ('a') CLUSTER = 'c'");
    let id = made["jobRunId"].as_str().unwrap().to_owned();
    project.ok(&format!("CANCEL JOB_RUN `{id}` JOB_NAME = 'k'"));
    assert_eq!(
        project.ok("SHOW RUNS IN JOB k"),
        json!([{"jobRunId": id, "status": "SPARK_JOB_RUN_STATUS_CANCELED"}])
    );
    project.refused(&[
        ("CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a') CLUSTER = 'c'", "ALREADY_EXISTS"),
        ("CREATE JOB x TYPE = 'x' PARAMETERS = ('a') CLUSTER = 'c'", "INVALID"),
        ("CREATE AND RUN JOB x TYPE = 'JAR' PARAMETERS = ('a') CLUSTER = 'x'", "NOT_FOUND"),
        ("ALTER JOB j SET CLUSTER = 'x'", "NOT_FOUND"),
        ("ALTER JOB x SET CLUSTER = 'c'", "NOT_FOUND"),
        ("RUN JOB x", "NOT_FOUND"),
        ("DELETE JOB x", "NOT_FOUND"),
        ("DESCRIBE JOB x", "NOT_FOUND"),
        ("SHOW RUNS IN JOB x", "NOT_FOUND"),
        (&format!("DESCRIBE JOB_RUN `{id}` JOB_NAME = 'j'"), "NOT_FOUND"),
        ("DESCRIBE JOB_RUN 42 JOB_NAME = 'x'", "NOT_FOUND"),
        ("CANCEL JOB_RUN 42 JOB_NAME = 'j'", "NOT_FOUND"),
    ]);
    project.all(&["ALTER JOB j SET PARAMETERS = ('b')", "ALTER JOB j SET CLUSTER = 'System'"]);
    assert_eq!(
        project.ok("DESCRIBE JOB j"),
        json!({"name": "j", "type": "JAR", "parameters": ["b"], "cluster": "System"})
    );
    project.ok("DELETE JOB j");
    assert_eq!(project.names("SHOW JOBS"), ["k"]);
}

#[test]
fn jars() {
    let mut project = Project::new();
    project.refused(&[
        ("UPLOAD JAR j", "INVALID"),
        ("UPLOAD JAR j WITH 's3.path' = 'gs://b/j.jar'", "INVALID"),
        ("UPLOAD JAR j WITH 's3.path' = 's3://b', 'gcs.path' = 'gs://b'", "INVALID"),
        ("REPLACE JAR j WITH 's3.path' = 's3://b/j.jar'", "NOT_FOUND"),
    ]);
    let made = project.ok("UPLOAD JAR `j.jar` WITH 's3.path' = 's3://b/j.jar'");
    assert!(!made.to_string().contains("s3://b"), "{made}");
    project.refused(&[("UPLOAD JAR `j.jar` WITH 's3.path' = 's3://b/j.jar'", "ALREADY_EXISTS")]);
    project.ok("REPLACE JAR `j.jar` WITH 'gcs.path' = 'gs://b/j.jar'");
}

#[test]
fn principals_and_their_tokens() {
    let mut project = Project::new();
    project.all(&["CREATE SERVICE_PRINCIPAL p", "CREATE SERVICE_PRINCIPAL q"]);
    let token = project.ok("CREATE API_TOKEN t SERVICE_PRINCIPAL = 'p'");
    let secret = token["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 32);
    assert_ne!(project.ok("CREATE API_TOKEN t SERVICE_PRINCIPAL = 'q'")["secret"], secret.as_str());
    // The secret is nowhere else.
    assert!(!format!("{:?}", project.state).contains(&secret));
    project.refused(&[
        ("CREATE SERVICE_PRINCIPAL p", "ALREADY_EXISTS"),
        ("CREATE API_TOKEN t SERVICE_PRINCIPAL = 'p'", "ALREADY_EXISTS"),
        ("CREATE API_TOKEN t SERVICE_PRINCIPAL = 'x'", "NOT_FOUND"),
        ("DELETE API_TOKEN x SERVICE_PRINCIPAL = 'p'", "NOT_FOUND"),
        ("DELETE API_TOKEN t SERVICE_PRINCIPAL = 'x'", "NOT_FOUND"),
        ("ALTER SERVICE_PRINCIPAL p NEW_NAME = 'q'", "ALREADY_EXISTS"),
        ("ALTER SERVICE_PRINCIPAL x NEW_NAME = 'y'", "NOT_FOUND"),
        ("DELETE SERVICE_PRINCIPAL x", "NOT_FOUND"),
    ]);
    project.all(&[
        "ALTER SERVICE_PRINCIPAL p NEW_NAME = 'p 2'",
        "ALTER SERVICE_PRINCIPAL `p 2` NEW_NAME = 'p 2'",
        "DELETE API_TOKEN t SERVICE_PRINCIPAL = 'p 2'",
        // Any string, as in the vendor's SDK.
        "ALTER SERVICE_PRINCIPAL q NEW_NAME = 'a;b'",
    ]);
    assert_eq!(project.names("SHOW SERVICE_PRINCIPALS"), ["a;b", "p 2"]);
}

#[test]
fn statements_without_a_helper() {
    let mut project = Project::furnished();
    project.all(&[
        "CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a') CLUSTER = 'c'",
        "ALTER JOB j SET CLUSTER = 'System' SET PARAMETERS = ('b')",
        "UPLOAD JAR a WITH 's3.path' = 's3://b/a.jar'",
        "REPLACE JAR a WITH 's3.path' = 's3://b/a.jar'",
        "CREATE CATALOG g TYPE = 'GLUE'",
        "GRANT ROLE ADMIN ON PROJECT 'p' TO USER 'u'",
        "CREATE GROUP z",
        "ALTER OCU SET LIMIT = '3'",
        "IMPORT POLICIES CATALOG = g CHANGES_PATH = 's3://b/c.json'",
    ]);
    let job = project.ok("DESCRIBE JOB j");
    assert_eq!((&job["cluster"], &job["parameters"]), (&json!("System"), &json!(["b"])));
    let jar = json!({"name": "a", "jar_path": "emulator://jars/a", "version": 2});
    assert_eq!(project.ok("DESCRIBE JAR a"), jar);
    assert_eq!(project.ok("SHOW JARS"), json!([jar]));
    assert_eq!(
        project.ok("SHOW GRANTS"),
        json!([{
            "role": "ADMIN", "object_type": "PROJECT", "object": "p", "principal_type": "USER", "principal": "u",
        }])
    );
    assert_eq!(project.names("SHOW GROUPS"), ["z"]);
    assert!(project.ok("SHOW POLICIES CATALOG = g")["queryResultPath"].is_string());
    let service = "DELETE TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLUSTER'";
    project.refused(&[
        ("ALTER JOB j SET CLUSTER = 'x' SET PARAMETERS = ('c')", "NOT_FOUND"),
        ("ALTER JOB x SET CLUSTER = 'c' SET PARAMETERS = ('c')", "NOT_FOUND"),
        ("DESCRIBE JAR x", "NOT_FOUND"),
        ("DELETE JAR x", "NOT_FOUND"),
        ("REVOKE ROLE ADMIN ON PROJECT 'p' FROM USER 'x'", "NOT_FOUND"),
        ("REVOKE PRIVILEGE SELECT ON LAKE 'l' FROM USER 'x'", "NOT_FOUND"),
        ("CREATE GROUP z", "ALREADY_EXISTS"),
        ("DELETE GROUP x", "NOT_FOUND"),
        ("SHOW POLICIES CATALOG = x", "NOT_FOUND"),
        ("SYNC POLICIES CATALOG = x CHANGES_PATH = 's3://b/c.json'", "NOT_FOUND"),
        ("ALTER OCU SET LIMIT = '-3'", "INVALID"),
        ("ALTER OCU SET LIMIT = 'three'", "INVALID"),
        (service, "NOT_FOUND"),
        (&service.replace("CLUSTER", "CLEAN"), "managed table"),
        (&service.replace("CLUSTER", "compact"), "managed table"),
    ]);
    project.ok(&service.replace("DELETE", "CREATE"));
    project.ok(service);
    project.refused(&[(service, "NOT_FOUND")]);
    project.all(&["DELETE JAR a", "DELETE GROUP z", "REVOKE ROLE ADMIN ON PROJECT 'p' FROM USER 'u'"]);
    assert_eq!(project.ok("SHOW GRANTS"), json!([]));
}
