//! The command lines of the vendor's `oh` 0.4.0, one of each, and what becomes of them. `tests/vendor` gives
//! far more of them to both programs.

use crate::support::{program, run};

/// Lines, and the statement of each.
const LINES: &[(&str, &str)] = &[
    (
        "cluster create c --type open_engines --min-ocu 1",
        "CREATE CLUSTER `c`\n  TYPE = 'Open_Engines'\n  MIN_OCU = 1",
    ),
    (
        "cluster alter c --state stop --new-name -x",
        "ALTER CLUSTER `c` SET\n  STATE = 'STOP'\n  NEW_NAME = '-x'",
    ),
    ("cluster alter c --max-ocu -1 --max-ocu 2", "ALTER CLUSTER `c` SET\n  MAX_OCU = 2"),
    ("cluster delete c", "DELETE CLUSTER `c`"),
    ("cluster describe c", "DESCRIBE CLUSTER `c`"),
    ("cluster show", "SHOW CLUSTERS"),
    (
        "lake create l --type managed --bucket-path s3://b/ --default-services-cluster c",
        "CREATE LAKE `l`\n  LAKE_TYPE = 'MANAGED'\n  BUCKET_PATH = 's3://b/'\n  DEFAULT_SERVICES_CLUSTER = 'c'",
    ),
    ("lake alter l --default-services-cluster c", "ALTER LAKE `l`\n  SET DEFAULT_SERVICES_CLUSTER = 'c'"),
    ("lake delete l --cascade", "DELETE LAKE `l` CASCADE"),
    ("lake show", "SHOW LAKES"),
    ("database create d --lake l", "CREATE DATABASE `d`\n  LAKE = 'l'"),
    ("database delete d --lake l --cascade", "DELETE DATABASE `d` LAKE = `l` CASCADE"),
    ("database show --lake l", "SHOW DATABASES LAKE = 'l'"),
    ("table show --lake l --database d", "SHOW TABLES LAKE = 'l' DATABASE = 'd'"),
    (
        "table service create --lake l --database d --table t --service clean --trigger-mode on_demand --options a=b",
        "CREATE TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'\n  TRIGGER_MODE = 'ON_DEMAND'\n  WITH 'a' = 'b'",
    ),
    (
        "table service alter --lake l --database d --table t --service CLEAN --trigger-mode AUTOMATIC",
        "ALTER TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'\n  TRIGGER_MODE = 'AUTOMATIC'",
    ),
    (
        "table service run --lake l --database d --table t --service restore",
        "RUN SERVICE IN TABLE `t`\n  LAKE = 'l'\n  DATABASE = 'd'\n  SERVICE = 'RESTORE'",
    ),
    (
        "table service pause --lake l --database d --table t --service CLEAN",
        "PAUSE TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'",
    ),
    (
        "table service resume --lake l --database d --table t --service CLEAN",
        "RESUME TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'",
    ),
    (
        "table service cancel --lake l --database d --table t --service CLEAN",
        "CANCEL TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'",
    ),
    (
        "table service describe --lake l --database d --table t --service CLEAN",
        "DESCRIBE TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'",
    ),
    (
        "table service show-runs --lake l --database d --table t --service CLEAN",
        "SHOW RUNS IN TABLE_SERVICE\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'\n  SERVICE = 'CLEAN'",
    ),
    (
        "table service show --lake l --database d --table t",
        "SHOW TABLE_SERVICES\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE = 't'",
    ),
    (
        "table service alter-cluster --lake l --database d --table t --services-cluster c",
        "ALTER SERVICES_CLUSTER IN TABLE `t`\n  LAKE = 'l'\n  DATABASE = 'd'\n  SERVICES_CLUSTER = 'c'",
    ),
    (
        "catalog create c --type glue --credential-type credential_type_onehouse",
        "CREATE CATALOG `c`\n  TYPE = 'GLUE'\n  CREDENTIAL_TYPE = 'CREDENTIAL_TYPE_ONEHOUSE'",
    ),
    ("catalog delete c", "DELETE CATALOG `c`"),
    ("catalog describe c", "DESCRIBE CATALOG `c`"),
    ("catalog show", "SHOW CATALOGS"),
    ("source create s --type s3 --if-not-exists", "CREATE SOURCE IF NOT EXISTS `s`\n  SOURCE_TYPE = 'S3'"),
    ("source delete s", "DELETE SOURCE `s`"),
    ("source describe s", "DESCRIBE SOURCE `s`"),
    ("source show", "SHOW SOURCES"),
    (
        "flow create f --source s --lake l --database d --table-name t --write-mode mutable --cluster c \
         --partition-key-fields date:DATE_STRING --partition-key-fields ts:DATE_STRING:HH\\:mm:HH \
         --no-quarantine-enabled --source-data-schema x --record-key-fields id",
        "CREATE FLOW `f`\n  SOURCE = 's'\n  LAKE = 'l'\n  DATABASE = 'd'\n  TABLE_NAME = 't'\n  WRITE_MODE = 'MUTABLE'\n  \
         CLUSTER = 'c'\n  SOURCE_DATA_SCHEMA = 'x'\n  RECORD_KEY_FIELDS = ('id')\n  PARTITION_KEY_FIELDS = \
         (field = 'date' partition_type = 'DATE_STRING' input_format = '' output_format = '', \
         field = 'ts' partition_type = 'DATE_STRING' input_format = 'HH:mm' output_format = 'HH')\n  \
         QUARANTINE_ENABLED = 'false'",
    ),
    ("flow alter f --state clean_and_restart", "ALTER FLOW `f`\nSET STATE = CLEAN_AND_RESTART"),
    ("flow alter f --options a=b", "ALTER FLOW `f`\nSET ADVANCED_CONFIGS\nWITH 'a' = 'b'"),
    (
        "flow alter f --no-quarantine-enabled --options a=b",
        "ALTER FLOW `f`\nSET QUARANTINE_ENABLED = 'FALSE'\nWITH 'a' = 'b'",
    ),
    ("flow delete f", "DELETE FLOW `f`"),
    ("flow describe f:t", "DESCRIBE FLOW `f:t`"),
    ("flow show", "SHOW FLOWS"),
    ("transformation create t --type l_parse_json", "CREATE TRANSFORMATION `t`\n  TYPE = 'L_PARSE_JSON'"),
    ("transformation delete t", "DELETE TRANSFORMATION `t`"),
    ("transformation describe t", "DESCRIBE TRANSFORMATION `t`"),
    ("transformation show", "SHOW TRANSFORMATIONS"),
    (
        "validation create v --type schema --option a=b c",
        "CREATE VALIDATION `v`\n  TYPE = 'SCHEMA'\nWITH 'a=b' = 'c'",
    ),
    ("validation delete v", "DELETE VALIDATION `v`"),
    ("validation describe v", "DESCRIBE VALIDATION `v`"),
    ("validation show", "SHOW VALIDATIONS"),
    (
        "job create j --type jar --cluster c --parameters --class --parameters=Main",
        "CREATE JOB `j`\n  TYPE = 'JAR'\n  PARAMETERS = ('--class', 'Main')\n  CLUSTER = 'c'",
    ),
    (
        "job create-and-run j --type python --cluster c --parameters x",
        "CREATE AND RUN JOB `j`\n  TYPE = 'PYTHON'\n  PARAMETERS = ('x')\n  CLUSTER = 'c'",
    ),
    ("job alter j --cluster c", "ALTER JOB `j`\n  SET CLUSTER = 'c'"),
    ("job alter j --parameters a --parameters b", "ALTER JOB `j`\n  SET PARAMETERS = ('a', 'b')"),
    ("job run j", "RUN JOB `j`"),
    ("job delete j", "DELETE JOB `j`"),
    ("job describe j", "DESCRIBE JOB `j`"),
    ("job show", "SHOW JOBS"),
    ("job show-runs j", "SHOW RUNS IN JOB `j`"),
    ("job cancel-run ab-1 --job-name j", "CANCEL JOB_RUN `ab-1`\n  JOB_NAME = 'j'"),
    ("job describe-run ab-1 --job-name j", "DESCRIBE JOB_RUN `ab-1`\n  JOB_NAME = 'j'"),
    ("job upload-jar t --options s3.path=s3://b/t", "UPLOAD JAR `t`\nWITH 's3.path' = 's3://b/t'"),
    ("job replace-jar t.jar --unchecked-names", "REPLACE JAR `t.jar`"),
    ("service-principal create s", "CREATE SERVICE_PRINCIPAL `s`"),
    ("service-principal alter s --new-name n", "ALTER SERVICE_PRINCIPAL `s`\n  NEW_NAME = 'n'"),
    ("service-principal delete s", "DELETE SERVICE_PRINCIPAL `s`"),
    ("service-principal show", "SHOW SERVICE_PRINCIPALS"),
    ("api-token create t --service-principal s", "CREATE API_TOKEN `t`\n  SERVICE_PRINCIPAL = 's'"),
    ("api-token delete t --service-principal s", "DELETE API_TOKEN `t`\n  SERVICE_PRINCIPAL = 's'"),
    ("sql exec -c SHOW", "SHOW"),
];

/// Lines that are refused before anything is sent, and a part of the message.
const REFUSED: &[(&str, &str)] = &[
    ("job create j --type JAR --cluster c", "at least one parameter"),
    ("job create-and-run j --type JAR --cluster c", "--parameters s3a://"),
    ("job alter j", "--parameters"),
    ("job alter j --cluster c --parameters p", "cannot be used with"),
    ("flow alter f", "nothing to change"),
    ("flow alter f --source a --cluster b", "one change at a time"),
    ("flow alter f --state PAUSE --options a=b", "a change of state takes no options"),
    (
        "flow create f --source s --lake l --database d --table-name t --write-mode mutable --cluster c \
         --partition-key-fields ts:DATE_STRING:HH:mm:HH",
        r"`\:`",
    ),
    ("cluster create c --type SQL --options a", "KEY=VALUE"),
    ("cluster create c --type SQL --option a", "2 values required"),
    ("cluster create c --typ SQL", "--type"),
    ("cluster create 1c --type SQL", "a name starts with a letter of a-z or A-Z"),
    ("cluster shwo", "show"),
    ("-t soon cluster show", "20m"),
    ("-o xml cluster show", "json"),
    ("sql exec", "--command"),
    ("sql exec -c ", "empty"),
];

#[test]
fn each_command_is_its_statement() {
    for (line, sql) in LINES {
        let ran = run(program(&["onehouse", "--show-sql"]).args(line.split_whitespace())).code(0);
        assert_eq!((ran.stdout.trim_end_matches('\n'), ran.stderr.as_str()), (*sql, ""), "{line}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_do() {
    for (line, says) in REFUSED {
        // The last argument may be empty.
        let ran = run(program(&["onehouse", "--show-sql"])
            .args(line.split(' ').filter(|w| !w.is_empty() || line.ends_with(' '))))
        .code(2);
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("error: ") && ran.stderr.contains(says),
            "{line}: {ran:?}"
        );
    }
}

#[test]
fn global_options_are_where_oh_has_them_and_elsewhere() {
    for line in [
        "-p x -t 1 -o json cluster show --show-sql",
        "-px -t1 -ojson cluster --show-sql show",
        "cluster show --output=JSON --timeout=1 --profile=x --show-sql",
        "--output table -o json --show-sql --show-sql cluster show",
    ] {
        let ran = run(program(&["onehouse"]).args(line.split(' '))).code(0);
        assert_eq!(ran.json(), serde_json::json!({"statement": "SHOW CLUSTERS"}), "{line}");
    }
    for line in ["-v", "--version", "onehouse -v", "onehouse --version", "-V"] {
        let ran = run(program(&[]).args(line.split(' '))).code(0);
        assert!(ran.stdout.ends_with(concat!(" ", env!("CARGO_PKG_VERSION"), "\n")), "{ran:?}");
    }
}
