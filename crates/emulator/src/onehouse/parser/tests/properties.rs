//! What holds for any command, any text and any damage.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

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
