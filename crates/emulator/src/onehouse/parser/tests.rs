//! The grammar: what is read as what, and where what is not is refused.

use serde_json::Value;

use controlplane::onehouse::{Command, NameCheck};

use super::super::extra::Grant;
use super::*;

mod agreement;
mod commands;
mod properties;

/// The statements that the vendor's SDK writes, one of every kind and more. They are in the repository and
/// not in the published package, which has to compile without them.
fn vectors() -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/onehouse-statements.jsonl");
    std::fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("reading {file}, which is in the repository only: {error}"))
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
        helpers.insert(super::super::helpers::name(&command));
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
                service: controlplane::onehouse::TableService::Cluster,
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
        ("CREATE CLUSTER c TYPE = 'SQL' WITH '' = 'b'", 35, "''", "cannot be empty"),
        ("CREATE CLUSTER c TYPE = 'SQL' WITH 'it''s' = 'b'", 35, "'it''s'", "cannot contain a quote"),
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

/// With a search for each key this would not end while somebody waits.
#[test]
fn options_without_end_are_read_in_a_time_that_grows_with_their_number() {
    let sql = vectors().into_iter().find(|sql| sql.contains("WITH '")).unwrap();
    let (before, _) = sql.split_once("WITH '").unwrap();
    let many: Vec<String> = (0..300_000).map(|number| format!("'key.{number}' = '{number}'")).collect();
    let many = many.join(", ");
    assert!(command(&format!("{before}WITH {many}")).to_sql().unwrap().ends_with("'key.299999' = '299999'"));
    let error = parse(&format!("{before}WITH {many}, 'key.7' = '8'")).unwrap_err();
    assert!(error.to_string().contains("this option is set already"), "{error}");
}
