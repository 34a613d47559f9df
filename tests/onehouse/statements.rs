//! The commands of Onehouse as SQL and as JSON: what this crate refuses, what it takes although it looks odd,
//! and its setters.

use controlplane::ErrorKind;
use controlplane::onehouse::*;
use serde_json::{Value, json};

/// Reads a command from the arguments of its helper.
pub(crate) fn read(helper: &str, args: Value) -> Result<AnyCommand, String> {
    serde_json::from_value(json!({ helper: args })).map_err(|error| error.to_string())
}

/// The SQL of a command. A refusal is about its arguments.
pub(crate) fn sql(command: &AnyCommand) -> Result<String, String> {
    command.to_sql().map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        error.to_string()
    })
}

/// The SQL of a helper with these arguments.
fn sql_of(helper: &str, args: Value) -> Result<String, String> {
    sql(&read(helper, args)?)
}

/// What the vendor's SDK refuses, and what this crate refuses beyond that.
fn new_flow(write_mode: WriteMode) -> NewFlow<'static> {
    NewFlow { source: "s", lake: "l", database: "d", table_name: "t", write_mode, cluster: "c" }
}

#[test]
fn refused() {
    let cluster = |extra: Value| {
        let mut args = json!({"name": "c", "type": "Managed"});
        args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ("create_cluster", args)
    };
    let flow = |extra: Value| {
        let mut args = json!({"name": "f", "source": "s", "lake": "l", "database": "d", "table_name": "t",
                              "write_mode": "MUTABLE", "cluster": "c"});
        args.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        ("create_flow", args)
    };
    assert!(sql_of(cluster(json!({})).0, cluster(json!({})).1).is_ok());
    assert!(sql_of(flow(json!({})).0, flow(json!({})).1).is_ok());
    let service = json!({"lake": "l", "database": "d", "table": "t"});
    let with_service = |name: &str| {
        let mut args = service.clone();
        args["service"] = json!(name);
        args
    };
    let job =
        |parameters: Value| json!({"name": "j", "type": "JAR", "parameters": parameters, "cluster": "c"});
    let kelvin = "APACHE_\u{212A}AFKA";

    let mut table = vec![
        cluster(json!({"type": "X"})),
        cluster(json!({"type": null})),
        cluster(json!({"max_ocu": true})),
        cluster(json!({"max_ocu": "3"})),
        cluster(json!({"max_ocu": 3.0})),
        cluster(json!({"options": {"k": null}})),
        cluster(json!({"options": {"k": [1]}})),
        cluster(json!({"options": {"k": "a\nb"}})),
        cluster(json!({"options": {"k": "a\rb"}})),
        cluster(json!({"options": {"k": "a\0b"}})),
        cluster(json!({"options": {"": "v"}})),
        cluster(json!({"options": {"k'": "v"}})),
        cluster(json!({"options": {"k\n": "v"}})),
        cluster(json!({"options": {"k\r": "v"}})),
        cluster(json!({"options": {"k\0": "v"}})),
        ("alter_cluster", json!({"name": "c"})),
        ("alter_cluster", json!({"name": "c", "options": {}})),
        ("create_source", json!({"name": "s", "source_type": kelvin})),
        ("create_source", json!({"name": "s", "source_type": "S3", "credential_type": "X"})),
        ("delete_database", json!({"name": "d", "lake": "my lake"})),
        flow(json!({"catalogs": []})),
        flow(json!({"catalogs": "abc"})),
        flow(json!({"transformations": []})),
        flow(json!({"record_key_fields": []})),
        flow(json!({"sorting_key_fields": []})),
        flow(json!({"validations": []})),
        flow(json!({"partition_key_fields": []})),
        flow(json!({"partition_key_fields": ["region"]})),
        flow(json!({"partition_key_fields": [{"field": "d", "partition_type": "X"}]})),
        flow(json!({"partition_key_fields": [{"field": "d", "input_format": null}]})),
        flow(json!({"partition_key_fields": [{"field": "d", "surprise": ""}]})),
        flow(json!({"quarantine_enabled": "true"})),
        flow(json!({"min_sync_frequency_mins": "5"})),
        ("alter_flow", json!({"name": "f"})),
        ("alter_flow", json!({"name": "f", "advanced_configs": false})),
        ("alter_flow", json!({"name": "f", "state": "PAUSE", "cluster": "c"})),
        ("alter_flow", json!({"name": "f", "quarantine_enabled": false, "advanced_configs": true})),
        ("alter_flow", json!({"name": "f", "options": {"k": "v"}})),
        ("alter_flow", json!({"name": "f", "state": "STOP"})),
        ("alter_flow", json!({"name": "f", "state": "PAUSE", "options": {"k": "v"}})),
        ("alter_flow", json!({"name": "f", "state": {"other": "X"}, "options": {"k": "v"}})),
        ("alter_flow", json!({"name": "f", "transformations": []})),
        ("alter_flow", json!({"name": "f", "validations": []})),
        ("create_table_service", with_service("RESTORE")),
        ("create_table_service", with_service("AUTOSAVEPOINT")),
        ("pause_table_service", with_service("RESTORE")),
        ("show_runs_in_table_service", with_service("AUTOSAVEPOINT")),
        ("alter_table_service", with_service("CLEAN")),
        ("alter_job", json!({"name": "j"})),
        ("alter_job", json!({"name": "j", "cluster": "c", "parameters": ["a"]})),
        ("alter_job", json!({"name": "j", "parameters": []})),
        ("create_job", job(json!([]))),
        ("create_and_run_job", job(json!([]))),
        ("create_job", job(json!("--class"))),
        ("create_job", job(json!(["a\nb"]))),
    ];
    for name in
        ["", "My Cluster", "1a", "_a", "-a", "a.b", "web:clicks", "my-jar.jar", "abc\n", "ü", "a\u{212A}"]
    {
        table.push(("delete_cluster", json!({"name": name})));
    }
    for id in ["", "-a", "xyz", "abz", "ab-1\n", "a b", "a`b"] {
        table.push(("describe_job_run", json!({"job_run_id": id, "job_name": "etl"})));
    }
    for (helper, args) in table {
        let got = sql_of(helper, args.clone());
        assert!(got.is_err(), "{helper} {args} gave {got:?}");
    }
}

#[test]
fn taken_although_it_looks_odd() {
    for (helper, args, end) in [
        ("create_cluster", json!({"name": "c", "type": "managed"}), "TYPE = 'Managed'"),
        ("create_cluster", json!({"name": "c", "type": "SQL", "max_ocu": -1}), "MAX_OCU = -1"),
        ("alter_cluster", json!({"name": "c", "new_name": ""}), "NEW_NAME = ''"),
        ("describe_job_run", json!({"job_run_id": "1---", "job_name": ""}), "`1---`\n  JOB_NAME = ''"),
        ("alter_flow", json!({"name": "f", "state": "pause"}), "SET STATE = PAUSE"),
        ("alter_flow", json!({"name": "f", "state": {"other": "PAUSE"}}), "SET STATE = 'PAUSE'"),
        (
            "create_source",
            json!({"name": "s", "source_type": "s3", "credential_type": "credential_type_onehouse"}),
            "SOURCE_TYPE = 'S3'\n  CREDENTIAL_TYPE = 'CREDENTIAL_TYPE_ONEHOUSE'",
        ),
        (
            "run_service_in_table",
            json!({"table": "t", "lake": "l", "database": "d", "service": "restore"}),
            "SERVICE = 'RESTORE'",
        ),
        (
            "create_table_service",
            json!({"lake": "l", "database": "d", "table": "t", "service": {"other": "RESTORE"}}),
            "SERVICE = 'RESTORE'",
        ),
    ] {
        let got = sql_of(helper, args).unwrap();
        assert!(got.ends_with(end), "{got}");
    }
}

#[test]
fn unchecked_names_widen_the_rule_for_names_and_no_more() {
    let client = Client::offline();
    let unchecked = |name: &str| client.describe_flow(name).unchecked_names().to_sql();
    for name in ["tool.jar", "pipe:page_views", "Default Managed Cluster - 2", "1a", "ü", "a\u{2028}b"] {
        assert!(client.describe_flow(name).to_sql().is_err());
        assert_eq!(unchecked(name).unwrap(), format!("DESCRIBE FLOW `{name}`"));
    }
    for name in ["a`b", "a;b", "a'b", "a\"b", "a\nb", "a\n", "a\rb", "a\0b", "a\tb", "a\u{85}b", ""] {
        assert_eq!(unchecked(name).unwrap_err().kind(), ErrorKind::InvalidArgument, "{name:?}");
    }
    assert_eq!(
        client.delete_database("a b", "my lake").unchecked_names().to_sql().unwrap(),
        "DELETE DATABASE `a b` LAKE = `my lake`"
    );
    // Values are quoted and checked all the same.
    assert!(client.show_databases("a\nb").unchecked_names().to_sql().is_err());
    assert!(client.cancel_job_run("a`b", "etl").unchecked_names().to_sql().is_err());
    assert!(client.create_job("a b", JobType::Jar, [""; 0], "c").unchecked_names().to_sql().is_err());
}

#[test]
fn setters_fill_what_their_name_says() {
    let client = Client::offline();
    let wanted = |helper: &str, args: Value| sql_of(helper, args).unwrap();
    assert_eq!(
        client
            .create_flow("pipe", new_flow(WriteMode::Immutable))
            .performance_profile(PerformanceProfile::FastestRead)
            .source_data_schema("schema")
            .catalogs(["c1", "c2"])
            .transformations(["t1"])
            .record_key_fields(["r1"])
            .partition_key_fields([
                PartitionKey::from("region"),
                PartitionKey::time("day", PartitionType::EpochMicros, "in", "out"),
            ])
            .precombine_key_field("ts")
            .sorting_key_fields(["s1"])
            .min_sync_frequency_mins(7)
            .quarantine_enabled(true)
            .validations(["v1"])
            .table_type(TableType::CopyOnWrite)
            .option("k", "v")
            .to_sql()
            .unwrap(),
        wanted(
            "create_flow",
            json!({
                "name": "pipe", "source": "s", "lake": "l", "database": "d", "table_name": "t",
                "write_mode": "IMMUTABLE", "cluster": "c", "performance_profile": "FASTEST_READ",
                "source_data_schema": "schema", "catalogs": ["c1", "c2"], "transformations": ["t1"],
                "record_key_fields": ["r1"],
                "partition_key_fields": [{"field": "region"}, {"field": "day", "partition_type": "EPOCH_MICROS",
                                          "input_format": "in", "output_format": "out"}],
                "precombine_key_field": "ts", "sorting_key_fields": ["s1"], "min_sync_frequency_mins": 7,
                "quarantine_enabled": true, "validations": ["v1"], "table_type": "COPY_ON_WRITE",
                "options": {"k": "v"},
            })
        )
    );
    assert_eq!(
        client
            .alter_cluster("c")
            .state(ClusterState::Start)
            .max_ocu(9)
            .min_ocu(1)
            .new_name("n")
            .option("k", "v")
            .to_sql()
            .unwrap(),
        wanted(
            "alter_cluster",
            json!({"name": "c", "state": "START", "max_ocu": 9, "min_ocu": 1, "new_name": "n",
                   "options": {"k": "v"}})
        )
    );
    assert_eq!(
        client.create_cluster("c", ClusterType::Sql).max_ocu(9).min_ocu(1).option("k", 1.0).to_sql().unwrap(),
        wanted(
            "create_cluster",
            json!({"name": "c", "type": "SQL", "max_ocu": 9, "min_ocu": 1, "options": {"k": 1.0}})
        )
    );
    assert_eq!(
        client
            .create_catalog("c", CatalogType::Unity)
            .credential_type(CredentialType::SecretManager)
            .option("k", true)
            .to_sql()
            .unwrap(),
        wanted(
            "create_catalog",
            json!({"name": "c", "type": "UNITY", "credential_type": "CREDENTIAL_TYPE_SECRET_MANAGER",
                   "options": {"k": true}})
        )
    );
    assert_eq!(
        client
            .create_source("s", SourceType::MySql)
            .credential_type(CredentialType::Onehouse)
            .if_not_exists()
            .option("k", 3)
            .to_sql()
            .unwrap(),
        wanted(
            "create_source",
            json!({"name": "s", "source_type": "MY_SQL", "credential_type": "CREDENTIAL_TYPE_ONEHOUSE",
                   "if_not_exists": true, "options": {"k": 3}})
        )
    );
}

#[test]
fn every_change_of_a_flow_or_a_job_has_its_key() {
    use FlowChange::*;
    let names = || vec!["a".to_owned(), "b".to_owned()];
    for (change, key, value) in [
        (Pause, "state", json!("PAUSE")),
        (Resume, "state", json!("RESUME")),
        (CleanAndRestart, "state", json!("CLEAN_AND_RESTART")),
        (OtherState("X".into()), "state", json!({"other": "X"})),
        (Source("s".into()), "source", json!("s")),
        (Cluster("c".into()), "cluster", json!("c")),
        (
            PerformanceProfile(controlplane::onehouse::PerformanceProfile::Balanced),
            "performance_profile",
            json!("BALANCED"),
        ),
        (
            PerformanceProfile(controlplane::onehouse::PerformanceProfile::Other("X".into())),
            "performance_profile",
            json!({"other": "X"}),
        ),
        (MinSyncFrequencyMins(5), "min_sync_frequency_mins", json!(5)),
        (Transformations(names()), "transformations", json!(["a", "b"])),
        (Validations(names()), "validations", json!(["a", "b"])),
        (QuarantineEnabled(false), "quarantine_enabled", json!(false)),
        (AdvancedConfigs, "advanced_configs", json!(true)),
    ] {
        let command = AlterFlow::new("f", change);
        let written = serde_json::to_value(&command).unwrap();
        assert_eq!(written, json!({"name": "f", key: value}));
        assert_eq!(serde_json::from_value::<AlterFlow>(written).unwrap(), command);
    }
    for (change, key, value) in [
        (JobChange::Cluster("c".into()), "cluster", json!("c")),
        (JobChange::Parameters(names()), "parameters", json!(["a", "b"])),
    ] {
        let command = AlterJob::new("j", change);
        let written = serde_json::to_value(&command).unwrap();
        assert_eq!(written, json!({"name": "j", key: value}));
        assert_eq!(serde_json::from_value::<AlterJob>(written).unwrap(), command);
    }
}

#[test]
fn messages_name_the_parameter_and_the_way_out() {
    let message = |helper: &str, args: Value| sql_of(helper, args).unwrap_err();
    let text = message("alter_flow", json!({"name": "f", "cluster": "a\nb"}));
    assert!(text.contains("ALTER FLOW") && text.contains("`cluster`"), "{text}");
    let text = message("delete_database", json!({"name": "d", "lake": "my lake"}));
    assert!(text.contains("`lake`") && text.contains("unchecked_names"), "{text}");
    let text = message("alter_flow", json!({"name": "f"}));
    assert!(text.contains("one of state, source"), "{text}");
    let text = message(
        "create_lake",
        json!({"name": "l", "lake_type": "X", "bucket_path": "", "default_services_cluster": ""}),
    );
    assert!(text.contains("lake type") && text.contains("MANAGED, OBSERVED"), "{text}");
}

#[test]
fn debug_and_refusals_show_no_secret() {
    let secret = "hunter2";
    let client = Client::offline();
    let call = client
        .create_flow("pipe", new_flow(WriteMode::Mutable))
        .option("schema.registry.confluent.key", secret)
        .option("schema.registry.confluent.secret", secret)
        .option("kafka.topic.name", "page_views");
    let text = format!("{call:?} {call:#?}");
    assert!(!text.contains(secret) && text.contains("[redacted]") && text.contains("page_views"), "{text}");

    for command in [
        json!({"create_flow": {"name": "f", "source": "s", "lake": "l", "database": "d", "table_name": "t",
               "write_mode": "MUTABLE", "cluster": "c", "options": {"schema.registry.confluent.secret": secret}}}),
        json!({"alter_flow": {"name": "f", "source": "s",
               "options": {"schema.registry.confluent.secret": secret}}}),
        json!({"create_transformation": {"name": "t", "type": "VECTOR_EMBEDDING",
               "options": {"vector.embedding.transformation.api.key": secret}}}),
    ] {
        let command: AnyCommand = serde_json::from_value(command).unwrap();
        let text = format!("{command:?} {command:#?}");
        assert!(!text.contains(secret) && text.contains("[redacted]"), "{text}");
        assert!(command.to_sql().unwrap().contains(secret));
    }

    let error =
        client.create_source("s", SourceType::S3).option("api.secret", "hunter2\n").to_sql().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret));
}
