//! `controlplane SERVICE call`.

use serde_json::{Value, json};

use crate::services::{eloq, with};
use crate::support::{program, run, run_with_input};

#[test]
fn commands_and_their_fields_are_listed_for_all_services() {
    for (service, name, field) in [
        ("onehouse", "create_cluster", "max_ocu"),
        ("eloq", "cluster_create", "region"),
        ("h2o", "run.cancel_run", "name"),
        ("hotdata", "create_database", "create_database_request"),
    ] {
        let list = run(&mut program(&[service, "call", "--list", "-o", "json"])).code(0).json();
        let names: Vec<&Value> = list.as_array().unwrap().iter().map(|row| &row["name"]).collect();
        assert!(names.contains(&&json!(name)), "{service}: {names:?}");
        let fields = run(&mut program(&[service, "call", name, "--fields", "-o", "json"])).code(0).json();
        assert!(fields.as_array().unwrap().iter().any(|row| row["field"] == field), "{service}: {fields}");
    }
    let table = run(&mut program(&["eloq", "call", "cluster-create", "--fields"])).code(0);
    assert!(table.stdout.starts_with("FIELD "), "{table:?}");
}

#[test]
fn fields_come_from_an_argument_or_from_standard_input() {
    let emulator = eloq();
    let fields = r#"{"cluster_name": "c1", "region": "us-west-1", "sku_id": 3}"#;
    let create = ["eloq", "call", "cluster_create", "-o", "json", "--json"];
    let ran = run(with(emulator.variables(), &create).arg(fields)).code(0);
    assert_eq!(ran.json()["success"], true);
    let again = fields.replace("c1", "c2");
    run_with_input(with(emulator.variables(), &create).arg("-"), &again).code(0);
    let names: Vec<String> = emulator.ledger().into_iter().map(|taken| taken.cluster_name).collect();
    assert_eq!(names, ["c1", "c2"]);
}

#[test]
fn fields_are_listed_with_their_other_names_and_with_those_of_each_alternative() {
    let fields = |service: &str, name: &str| {
        run(&mut program(&[service, "call", name, "--fields", "-o", "json"])).code(0).json()
    };
    let row = |fields: &Value, name: &str| -> Value {
        let rows = fields.as_array().unwrap();
        let found: Vec<&Value> = rows.iter().filter(|row| row["field"] == name).collect();
        assert!(found.len() == 1, "{name}: {fields}");
        found[0].clone()
    };
    let index = fields("hotdata", "create_index");
    let schema = row(&index, "var_schema");
    assert_eq!(
        (&schema["required"], &schema["description"]),
        (&json!(true), &json!("The schema of the table. Also as `schema`."))
    );
    assert!(index.as_array().unwrap().iter().all(|row| row["field"] != "schema"), "{index}");
    let dataset = fields("hotdata", "create_dataset");
    let sql = row(&dataset, "create_dataset_request.source.sql");
    assert_eq!(sql["required"], true);
    assert!(sql["description"].as_str().unwrap().contains("source.type = \"sql_query\""), "{sql}");
    row(&dataset, "create_dataset_request.source.inline.content");
    let skus = row(&fields("eloq", "get_skus"), "sku_type");
    assert!(skus["type"].as_str().unwrap().contains("\"serverless\" | \"dedicated\""), "{skus}");
}

#[test]
fn a_misspelt_command_is_answered_with_the_nearest_names() {
    for (service, name, says) in [
        ("hotdata", "lst_databases", "Did you mean `list_databases`"),
        ("eloq", "cluster_creat", "Did you mean `cluster_create`"),
        ("h2o", "cancel_rn", "Did you mean `run.cancel_run`"),
        ("h2o", "run.cancel_rn", "Did you mean `run.cancel_run`"),
        ("onehouse", "create-clutser", "Did you mean `create_cluster`"),
        ("onehouse", "zzzzzzzz", "`controlplane onehouse call --list`"),
    ] {
        let ran = run(&mut program(&[service, "call", name])).code(2);
        assert!(ran.stderr.contains(says), "{says}: {ran:?}");
    }
}

#[test]
fn dry_runs_show_what_each_service_would_be_sent() {
    let database = r#"{"create_database_request": {"name": "sales"}}"#;
    let hotdata = ["hotdata", "call", "create_database", "--dry-run", "-o", "json", "--json", database];
    let shown = run(&mut program(&hotdata)).code(0).json();
    assert_eq!((&shown["method"], &shown["body"]["name"]), (&json!("POST"), &json!("sales")));
    let onehouse = ["onehouse", "call", "delete_lake", "--dry-run", "--json", "{\"name\": \"raw\"}"];
    assert_eq!(run(&mut program(&onehouse)).code(0).stdout, "DELETE LAKE `raw`\n");
    let h2o = ["h2o", "call", "cancel_run", "--dry-run", "--json", "{\"name\": \"x\"}"];
    run(&mut program(&h2o)).code(2);
}
