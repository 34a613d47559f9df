//! The plain operations of Hotdata against its emulator, over sockets: what is created is there, what is
//! deleted is gone, lists go through all pages, the older surface answers where it is switched on.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use controlplane::ErrorKind;
use controlplane::hotdata::{
    AsyncClient, BulkCreateDatabasesRequest, Client, CreateDatabaseRequest, CreateEmbeddingProviderRequest,
    Credentials, EmbeddingProviderType, Patch, SchemaDecl, TableDecl, UpdateEmbeddingProviderRequest,
    UpdateSavedQueryRequest,
};
use controlplane::transport::Proxy;
use controlplane_emulator::hotdata::Emulator;

fn start() -> Emulator {
    Emulator::builder().pending_polls(0).older_surface(true).start().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    Client::builder().credentials(credentials(emulator)).proxy(Proxy::None).build().unwrap()
}

fn credentials(emulator: &Emulator) -> Credentials {
    let credentials = Credentials::builder().env([("HOTDATA_API_KEY", emulator.api_key())]);
    credentials.workspace_id(emulator.workspace_id()).base_url(emulator.url()).build().unwrap()
}

#[test]
fn a_database_from_its_creation_to_its_end() {
    let emulator = start();
    let client = client(&emulator);
    let databases = client.databases();

    let asked =
        CreateDatabaseRequest::new().name("orders").if_not_exists(true).expires_at("24h").schemas([
            SchemaDecl::new("sales").tables([TableDecl::new("orders").key(["id"]), "lines".into()]),
        ]);
    let created = databases.create(asked.clone()).send().unwrap();
    assert_eq!((created.created, created.name.as_deref()), (Some(true), Some("orders")));
    assert!(created.expires_at.is_some());
    let again = databases.create(asked).send().unwrap();
    assert_eq!((again.created, &again.id), (Some(false), &created.id));

    let found = databases.lookup_by_name("orders").send().unwrap();
    assert_eq!(found, databases.get(&created.id).send().unwrap());
    assert_eq!(databases.count().search("ORD").send().unwrap().total, 1);

    databases.add_schema(&created.id, "Returns").send().unwrap();
    let table = databases.add_table(&created.id, "returns", TableDecl::new("Items")).send().unwrap();
    assert_eq!((&*table.schema, &*table.table), ("returns", "items"));
    let twice = databases.add_table(&created.id, "returns", "items").send().unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict);
    let constant = databases.set_constant_per_key(&created.id, "sales", "orders", ["region"]);
    // Whether the emulator knows the column or not: it answers for this table.
    if let Ok(said) = constant.send() {
        assert_eq!((&*said.table, said.constant_per_key), ("orders", vec!["region".to_owned()]));
    }

    let fork = databases.fork(&created.id).name("copy").description("before the migration").send().unwrap();
    assert_eq!(fork.forked_from.unwrap().database_id, created.id);
    let lineage = databases.lineage(&created.id).send().unwrap();
    assert_eq!((lineage.fork_count, &lineage.forks[0].database_id), (1, &fork.id));

    databases.attach_catalog(&fork.id, &created.default_connection_id).alias("source").send().unwrap();
    let detail = databases.get(&fork.id).send().unwrap();
    assert_eq!(detail.attachments[0].alias.as_deref(), Some("source"));
    databases.detach_catalog(&fork.id, &created.default_connection_id).send().unwrap();

    let contexts = client.database_contexts();
    contexts.upsert(&created.id, "notes", "one").send().unwrap();
    contexts.upsert(&created.id, "notes", "two").send().unwrap();
    assert_eq!(contexts.get(&created.id, "notes").send().unwrap().context.content, "two");
    assert_eq!(contexts.list(&created.id).iter().count(), 1);
    contexts.delete(&created.id, "notes").send().unwrap();
    assert_eq!(contexts.get(&created.id, "notes").send().unwrap_err().kind(), ErrorKind::NotFound);

    databases.delete(&fork.id).send().unwrap();
    databases.delete(&created.id).send().unwrap();
    assert_eq!(databases.get(&created.id).send().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn many_databases_come_page_after_page_in_both_modes() {
    let emulator = start();
    let client = client(&emulator);
    let asked = BulkCreateDatabasesRequest::new(230).name_template("shard-{index}").idempotency_key("k");
    let batch = client.databases().bulk_create(asked.clone()).send().unwrap();
    assert_eq!(client.databases().bulk_create(asked).send().unwrap().batch_id, batch.batch_id);
    let job = batch.job_id.unwrap();
    while !matches!(client.jobs().get(&job).send().unwrap().status.as_str(), "succeeded" | "failed") {}
    assert_eq!(client.databases().batch(&batch.batch_id).send().unwrap().created_count, 230);

    let ids: BTreeSet<String> = client
        .databases()
        .list()
        .page_size(100)
        .batch(&*batch.batch_id)
        .iter()
        .map(|database| database.unwrap().id)
        .collect();
    assert_eq!(ids.len(), 230);
    let pages = emulator.requests().iter().filter(|request| request.path == "/v1/databases").count();
    assert_eq!(pages, 3);

    let futures = AsyncClient::builder();
    let futures = futures.credentials(credentials(&emulator)).proxy(Proxy::None).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let streamed = runtime.block_on(async {
        let mut ids = BTreeSet::new();
        let mut stream = futures.databases().list().page_size(7).stream();
        while let Some(database) = stream.next().await {
            ids.insert(database.unwrap().id);
        }
        ids
    });
    assert_eq!(streamed, ids);
    assert_eq!(client.databases().delete_batch(&batch.batch_id).send().unwrap().deleted_count, 230);
}

#[test]
fn saved_queries_and_providers_are_changed_in_part() {
    let emulator = start();
    let client = client(&emulator);
    let queries = client.saved_queries();
    let saved = queries.create("daily", "SELECT 1").tags(["a", "b"]).description("x").send().unwrap();
    let id = &saved.id;
    let change = UpdateSavedQueryRequest::new().sql("SELECT 2").category_override("join");
    let changed = queries.update(id, change).send().unwrap();
    assert_eq!((changed.latest_version, &*changed.name, &changed.tags), (2, "daily", &saved.tags));
    assert_eq!(changed.category.as_deref(), Some("join"));
    let cleared = UpdateSavedQueryRequest::new().category_override(Patch::Clear);
    assert_ne!(queries.update(id, cleared).send().unwrap().category.as_deref(), Some("join"));
    let versions: Vec<i64> = queries.versions(id).page_size(1).iter().map(|v| v.unwrap().version).collect();
    assert_eq!(BTreeSet::from_iter(versions), BTreeSet::from([1, 2]));
    queries.delete(id).send().unwrap();
    assert!(queries.list().iter().next().is_none());

    let providers = client.embedding_providers();
    let asked =
        CreateEmbeddingProviderRequest::new("mine", EmbeddingProviderType::Service).api_key("hunter2");
    let id = providers.create(asked).send().unwrap().id;
    assert!(providers.get(&id).send().unwrap().has_secret);
    providers.update(&id, UpdateEmbeddingProviderRequest::new().name("ours")).send().unwrap();
    let ours = providers.get(&id).send().unwrap();
    assert_eq!((&*ours.name, ours.has_secret), ("ours", true));
    providers.delete(&id).send().unwrap();
    assert!(providers.list().iter().all(|provider| provider.unwrap().id != id));
}

#[test]
fn workspaces_come_and_go() {
    let emulator = start();
    let client = client(&emulator);
    let workspace = client.workspaces().create("second").send().unwrap().workspace;
    let ids = |client: &Client| -> Vec<String> {
        client.workspaces().list().iter().map(|workspace| workspace.unwrap().public_id).collect()
    };
    assert!(ids(&client).contains(&workspace.public_id));
    client.workspaces().delete(&workspace.public_id).send().unwrap();
    assert!(!ids(&client).contains(&workspace.public_id));
    assert_eq!(client.usage().get().send().unwrap().query_count, 0);
    assert!(client.connections().list().iter().next().is_none());
}

#[test]
fn the_older_surface_answers_where_it_is_switched_on() {
    let emulator = start();
    let client = client(&emulator);
    let secrets = client.older();
    let secrets = secrets.secrets();
    secrets.create("pg", "hunter2").send().unwrap();
    assert_eq!(secrets.create("pg", "hunter2").send().unwrap_err().kind(), ErrorKind::Conflict);
    secrets.update("pg", "hunter3").send().unwrap();
    assert_eq!(secrets.list().send().unwrap().secrets[0].name, "pg");
    secrets.delete("pg").send().unwrap();
    assert_eq!(secrets.get("pg").send().unwrap_err().kind(), ErrorKind::NotFound);
    let file = client.older().files().upload(&b"id\n1\n"[..]).content_type("text/csv").send().unwrap();
    assert_eq!(file.size_bytes, 5);
    assert!(client.older().files().list().send().unwrap().uploads.iter().any(|upload| upload.id == file.id));

    let today = Emulator::start().unwrap();
    let client = self::client(&today);
    assert_eq!(client.older().secrets().list().send().unwrap_err().kind(), ErrorKind::NotFound);
}
