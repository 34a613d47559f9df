//! The words that a new user tries: each compiles, or leads to the right one in the search of the docs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use controlplane::http::{Headers, Request, Response};
use controlplane::onehouse::{
    Client, ClusterState, ClusterStatus, ClusterType, Credentials, LakeType, NewFlow, TableService, WriteMode,
};
use controlplane::transport::{SendError, Transport};
use controlplane::{Error, ErrorKind};
use controlplane_emulator::onehouse::Emulator;

fn sql(text: Result<String, Error>) -> String {
    text.unwrap()
}

#[test]
fn values_of_enums_can_be_texts() {
    let client = Client::offline();
    let typed = sql(client.create_cluster("x", ClusterType::Managed).to_sql());
    assert_eq!(sql(client.create_cluster("x", "Managed").to_sql()), typed);
    assert_eq!(sql(client.create_cluster("x", String::from("managed")).to_sql()), typed);
    assert_eq!(
        sql(client.alter_cluster("x").state("STOP").to_sql()),
        sql(client.alter_cluster("x").state(ClusterState::Stop).to_sql()),
    );
    assert_eq!(
        sql(client.create_lake("l", "MANAGED", "s3://b/", "c").to_sql()),
        sql(client.create_lake("l", LakeType::Managed, "s3://b/", "c").to_sql()),
    );
    assert_eq!(
        sql(client.pause_table_service("l", "d", "t", "CLEAN").to_sql()),
        sql(client.pause_table_service("l", "d", "t", TableService::Clean).to_sql()),
    );
    assert_eq!(ClusterType::try_from("sql").unwrap(), ClusterType::Sql);
    assert!(ClusterType::try_from("squirrel").is_err());
}

#[test]
fn a_text_that_is_not_known_is_refused_everywhere_before_anything_is_sent() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    let check = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("known values: "), "{error}");
    };
    check(client.create_cluster("x", "Mangaed").send().unwrap_err());
    check(client.create_cluster("x", "Mangaed").to_sql().unwrap_err());
    check(client.create_cluster("x", "Mangaed").submit().unwrap_err());
    check(client.alter_cluster("x").state("HALT").send().unwrap_err());
    check(client.alter_table_service("l", "d", "t", "CLEAN", "SOMETIMES").send().unwrap_err());
    check(client.create_source("s", "S3").credential_type("mine").send().unwrap_err());
    let wait = client.wait_for_table_service("l", "d", "t", "SWEEP", "Active");
    check(wait.send().unwrap_err());
    let mut batch = client.batch();
    batch.add("x", client.create_cluster("x", "Mangaed"));
    assert!(batch.run().is_err());
    // The enum itself says a value that this version does not know.
    let other = client.create_cluster("x", ClusterType::Other("Quantum".into())).to_sql();
    assert!(sql(other).contains("TYPE = 'Quantum'"));
    assert!(emulator.ledger().is_empty());
}

#[test]
fn serde_refuses_what_is_not_known_as_parsing_does() {
    for text in ["Mangaed", ""] {
        let error = serde_json::from_value::<ClusterType>(text.into()).unwrap_err();
        assert!(error.to_string().contains("known values: Managed"), "{error}");
    }
    assert_eq!(serde_json::from_str::<ClusterType>("\"managed\"").unwrap(), ClusterType::Managed);
    let other = ClusterType::Other("Quantum".into());
    let json = serde_json::to_string(&other).unwrap();
    assert_eq!(json, r#"{"other":"Quantum"}"#);
    assert_eq!(serde_json::from_str::<ClusterType>(&json).unwrap(), other);
    // What a server reports is kept.
    let status: ClusterStatus = serde_json::from_str("\"HIBERNATED\"").unwrap();
    assert_eq!(status, ClusterStatus::Other("HIBERNATED".into()));
}

#[test]
fn maps_of_options_and_values_that_are_not_set() {
    let client = Client::offline();
    let pairs = [("a.b", "1"), ("c.d", "x")];
    let expected = sql(client.create_cluster("x", "SQL").option("a.b", "1").option("c.d", "x").to_sql());
    let map: BTreeMap<&str, &str> = pairs.into();
    let owned: BTreeMap<String, String> = pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    assert_eq!(sql(client.create_cluster("x", "SQL").options(pairs).to_sql()), expected);
    assert_eq!(sql(client.create_cluster("x", "SQL").options(map).to_sql()), expected);
    assert_eq!(sql(client.create_cluster("x", "SQL").options(&owned).to_sql()), expected);
    let one: HashMap<&str, i64> = [("a.b", 1)].into();
    assert!(sql(client.create_source("s", "S3").options(one).to_sql()).contains("'a.b' = '1'"));
    let call = client.create_cluster("x", "SQL").max_ocu(3).max_ocu(None).min_ocu(Some(1));
    assert_eq!(sql(call.to_sql()), "CREATE CLUSTER `x`\n  TYPE = 'SQL'\n  MIN_OCU = 1");
}

#[test]
fn clusters_start_and_stop() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    client.create_cluster("x", "Managed").send().unwrap();
    client.stop_cluster("x").send().unwrap();
    client.wait_for_cluster("x", ClusterStatus::Stopped).send().unwrap();
    client.start_cluster("x").send().unwrap();
    client.wait_for_cluster("x", "running").send().unwrap();
}

#[test]
fn what_a_flow_needs_has_names() {
    let flow = NewFlow {
        source: "s",
        lake: "l",
        database: "d",
        table_name: "t",
        write_mode: WriteMode::Mutable,
        cluster: "c",
    };
    let text = sql(Client::offline().create_flow("f", flow).to_sql());
    assert!(text.starts_with("CREATE FLOW `f`\n  SOURCE = 's'\n  LAKE = 'l'"), "{text}");
}

#[test]
fn the_builder_takes_a_profile_and_an_address_but_not_beside_credentials() {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    for builder in [Client::builder().profile("dev"), Client::builder().base_url("http://127.0.0.1:9")] {
        let error = builder.credentials(emulator.credentials()).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("Credentials::builder()"), "{error}");
    }
}

/// Each alias stands before the right item.
#[test]
fn words_without_a_method_have_an_alias() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../src/onehouse"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    for (word, file, item) in [
        ("list_clusters", "commands/clusters.rs", "pub fn show_clusters("),
        ("list_lakes", "commands/lakes.rs", "pub fn show_lakes("),
        ("list_databases", "commands/databases.rs", "pub fn show_databases("),
        ("list_tables", "commands/tables.rs", "pub fn show_tables("),
        ("list_catalogs", "commands/catalogs.rs", "pub fn show_catalogs("),
        ("list_sources", "commands/sources.rs", "pub fn show_sources("),
        ("list_flows", "commands/flows.rs", "pub fn show_flows("),
        ("list_jobs", "commands/jobs.rs", "pub fn show_jobs("),
        ("dry_run", "call.rs", "pub fn to_sql("),
        ("wait", "call.rs", "pub fn submit("),
        ("endpoint", "client.rs", "pub fn base_url("),
    ] {
        let text = read(file);
        let at = text.find(item).unwrap_or_else(|| panic!("{item} in {file}"));
        let alias = format!("#[doc(alias = \"{word}\")]");
        let before = text[..at].trim_end().rsplit("\n\n").next().unwrap();
        assert!(before.contains(&alias), "{word} of {item}");
    }
}

/// Answers every request in the same way.
struct Refusing;

impl Transport for Refusing {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        Ok(Response::new(403, Headers::new(), ""))
    }
}

#[test]
fn a_transport_may_be_shared_or_of_a_type_that_is_not_known() {
    let emulator = Emulator::builder().start().unwrap();
    let build = |transport: Box<dyn Transport>| {
        Client::builder().credentials(emulator.credentials()).transport(transport).build().unwrap()
    };
    let shared: Arc<dyn Transport> = Arc::new(Refusing);
    for client in [build(Box::new(Refusing)), build(Box::new(shared))] {
        let error = client.show_lakes().send().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    }
    assert!(emulator.ledger().is_empty());
    let _: fn() -> Result<Credentials, Error> = Credentials::from_env;
}
