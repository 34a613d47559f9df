"""Every operation of the vendor's Hotdata client: resources, errors, and that none of the 63 is left out."""

from __future__ import annotations

import json
from typing import Any

import hotdata

import hotdata_loads
import hotdata_queries
from checks import Checks, contains, equal
from hotdata_client import KEY, WORKSPACE, Hotdata, code, operations, refused
from program import Program


def run(program: str, checks: Checks) -> None:
    """All of it, each part on an emulator of its own."""
    called: set[str] = set()
    start = lambda *arguments: Program(program, *arguments, service="hotdata")
    with start("--pending-polls", "2") as emulator:
        client = Hotdata(emulator, called)
        workspaces(client, checks)
        connections(client, checks)
        databases(client, checks)
        batches(client, checks)
        contexts(client, checks)
        saved_queries(client, checks)
        providers(client, checks)
    with start("--pending-polls", "2") as emulator:
        hotdata_queries.run(emulator, Hotdata(emulator, called), checks)
    with start("--pending-polls", "2") as emulator:
        hotdata_loads.run(emulator, Hotdata(emulator, called), checks)
    with checks.check("hotdata: all 63 operations were called"):
        equal((len(operations()), operations() - called), (63, set()))
    with start() as emulator:
        errors(emulator, checks)
    with start("--set", "older-surface=on") as emulator:
        older(emulator, checks)
    with start("--tls") as emulator:
        tls(emulator, checks)


def workspaces(client: Hotdata, checks: Checks) -> None:
    api = client.workspaces
    with checks.check("hotdata: workspaces"):
        listed = api.list_workspaces()
        equal((listed.ok, [one.public_id for one in listed.workspaces]), (True, [WORKSPACE]))
        made = api.create_workspace(hotdata.CreateWorkspaceRequest(name="second")).workspace
        equal((made.name, made.provision_status), ("second", "pending"))
        look = lambda: api.list_workspaces().workspaces[-1].provision_status
        equal([look(), look(), look()], ["pending", "pending", "provisioned"])
        error = refused(422, lambda: api.create_workspace(hotdata.CreateWorkspaceRequest(name="")))
        equal(error.data.error, "name_missing")
        error = refused(404, lambda: api.list_workspaces(organization_public_id="other"))
        equal(error.data.error, "organization_not_found")
        equal(api.delete_workspace(made.public_id), None)
        refused(404, lambda: api.delete_workspace(made.public_id))


def connections(client: Hotdata, checks: Checks) -> None:
    api = client.connections
    with checks.check("hotdata: connections"):
        wanted = hotdata.CreateConnectionRequest(name="warehouse", source_type="postgres", config={"host": "h"})
        made = api.create_connection(wanted)
        equal((made.name, made.discovery_status.value, made.tables_discovered), ("warehouse", "success", 0))
        equal([one.id for one in api.list_connections().connections], [made.id])
        equal(api.get_connection(made.id).table_count, 0)
        equal(code(refused(409, lambda: api.create_connection(wanted))), "CONFLICT")
        schema = hotdata.AddManagedSchemaRequest(name="s")
        refused(400, lambda: api.add_managed_schema(made.id, schema))
        api.delete_connection(made.id)
        equal(code(refused(404, lambda: api.get_connection(made.id))), "NOT_FOUND")
    with checks.check("hotdata: managed schemas and tables"):
        wanted = hotdata.CreateConnectionRequest(name="own", source_type="managed", config={})
        made = api.create_connection(wanted)
        equal(made.discovery_status.value, "skipped")
        table = hotdata.AddManagedTableDecl(name="T", key=["id"], sorted_by=[{"column": "id"}])
        schema = api.add_managed_schema(made.id, hotdata.AddManagedSchemaRequest(name="Sales", tables=[table]))
        equal((schema.connection_id, schema.var_schema, schema.tables), (made.id, "sales", ["t"]))
        more = api.add_managed_table(made.id, "sales", hotdata.AddManagedTableRequest(name="U"))
        equal((more.var_schema, more.table), ("sales", "u"))
        refused(409, lambda: api.add_managed_table(made.id, "sales", hotdata.AddManagedTableRequest(name="u")))
        refused(404, lambda: api.add_managed_table(made.id, "none", hotdata.AddManagedTableRequest(name="u")))
        change = hotdata.UpdateManagedTableRequest(constant_per_key=["region"])
        changed = api.set_managed_table_constant_per_key(made.id, "sales", "t", change)
        equal(changed.constant_per_key, ["region"])
        change = hotdata.UpdateManagedTableRequest(constant_per_key=[])
        equal(api.set_managed_table_constant_per_key(made.id, "sales", "t", change).constant_per_key, [])
        equal(api.get_connection(made.id).table_count, 2)
        listed = client.information_schema.information_schema(connection_id=made.id, table="%", include_columns=True)
        equal([(one.table, one.synced, one.columns) for one in listed.tables], [("t", False, []), ("u", False, [])])
        equal(listed.tables[0].sorted_by[0].column, "id")
        equal((listed.count, listed.has_more), (2, False))
        page = client.information_schema.information_schema(connection_id=made.id, limit=1)
        equal((page.has_more, page.tables[0].table), (True, "t"))
        page = client.information_schema.information_schema(connection_id=made.id, limit=1, cursor=page.next_cursor)
        equal((page.has_more, page.tables[0].table), (False, "u"))
        api.delete_managed_table(made.id, "sales", "u")
        refused(404, lambda: api.delete_managed_table(made.id, "sales", "u"))
        refused(404, lambda: api.get_table_profile(made.id, "sales", "t"))
        api.delete_connection(made.id)


def databases(client: Hotdata, checks: Checks) -> None:
    api = client.databases
    create = lambda **fields: api.create_database(hotdata.CreateDatabaseRequest(**fields))
    with checks.check("hotdata: create_database"):
        made = create(name="first", expires_at="24h")
        equal((made.name, made.default_catalog, made.default_schema, made.created), ("first", "default", "main", True))
        equal(made.expires_at.isoformat()[:10], "2026-01-02")
        again = create(name="FIRST", if_not_exists=True)
        equal((again.id, again.created), (made.id, False))
        equal(api.create_database_with_http_info(hotdata.CreateDatabaseRequest(name="first", if_not_exists=True)).status_code, 200)
        for bad in ({"expires_at": "1x"}, {"expires_at": "0d"}, {"if_not_exists": True}, {"default_catalog": "hotdata"},
                    {"default_schema": "1x"}):
            equal(code(refused(400, lambda: create(**bad))), "BAD_REQUEST")
    with checks.check("hotdata: databases by name and by id"):
        equal(api.lookup_database_by_name("First").id, made.id)
        refused(404, lambda: api.lookup_database_by_name("nobody"))
        twin = create(name="first")
        refused(409, lambda: api.lookup_database_by_name("first"))
        api.delete_database(twin.id)
        detail = api.get_database(made.id)
        equal((detail.default_connection_id, detail.attachments), (made.default_connection_id, []))
        refused(404, lambda: client.connections.get_connection(made.default_connection_id))
        refused(409, lambda: client.connections.delete_connection(made.default_connection_id))
    with checks.check("hotdata: list_databases, the newest first, page by page"):
        ids = [made.id] + [create(name=f"page {number}").id for number in range(4)]
        seen, cursor = [], None
        for _ in range(3):
            page = api.list_databases(limit=2, cursor=cursor)
            seen += [one.id for one in page.databases]
            equal((page.count, page.limit, page.has_more), (len(page.databases), 2, page.next_cursor is not None))
            cursor = page.next_cursor
        equal((seen, cursor), (ids[::-1], None))
        equal(api.count_databases(search="PAGE").total, 4)
        equal(len(api.list_databases(search="page 3").databases), 1)
        equal(api.list_databases(limit=100).limit, 100)
        refused(400, lambda: api.list_databases(cursor="made up"))
    with checks.check("hotdata: schemas and tables of a database"):
        schema = api.add_database_schema(made.id, hotdata.AddManagedSchemaRequest(name="Sales"))
        equal((schema.connection_id, schema.var_schema), (made.default_connection_id, "sales"))
        table = api.add_database_table(made.id, "sales", hotdata.AddManagedTableRequest(name="Orders", key=["id"]))
        equal(table.table, "orders")
        change = hotdata.UpdateManagedTableRequest(constant_per_key=["region"])
        equal(api.set_database_table_constant_per_key(made.id, "sales", "orders", change).constant_per_key, ["region"])
        refused(409, lambda: api.add_database_schema(made.id, hotdata.AddManagedSchemaRequest(name="sales")))
        refused(404, lambda: api.add_database_schema("dbidnone", hotdata.AddManagedSchemaRequest(name="x")))
    with checks.check("hotdata: attach and detach"):
        other = create(name="other")
        attach = hotdata.AttachDatabaseCatalogRequest(connection_id=made.default_connection_id)
        refused(400, lambda: api.attach_database_catalog(other.id, attach))
        attach.alias = "theirs"
        equal(api.attach_database_catalog(other.id, attach), None)
        refused(409, lambda: api.attach_database_catalog(other.id, attach))
        [attached] = api.get_database(other.id).attachments
        equal((attached.connection_id, attached.alias), (made.default_connection_id, "theirs"))
        refused(409, lambda: api.delete_database(made.id))
        refused(400, lambda: api.detach_database_catalog(other.id, other.default_connection_id))
        api.detach_database_catalog(other.id, made.default_connection_id)
        refused(404, lambda: api.detach_database_catalog(other.id, made.default_connection_id))
    with checks.check("hotdata: fork and lineage"):
        fork = api.fork_database(made.id, hotdata.ForkDatabaseRequest(name="fork", description="why"))
        equal((fork.forked_from.database_id, fork.forked_from.description, fork.created), (made.id, "why", None))
        equal(fork.expires_at, made.expires_at)
        second = api.fork_database(fork.id, hotdata.ForkDatabaseRequest())
        lineage = api.get_database_lineage(second.id)
        equal((lineage.root_id, [one.database_id for one in lineage.ancestors]), (made.id, [fork.id, made.id]))
        equal(api.get_database_lineage(made.id).forks[0].database_id, fork.id)
        api.delete_database(fork.id)
        equal([one.exists for one in api.get_database_lineage(second.id).ancestors], [False, True])
        equal(api.get_database_lineage(made.id, forks_limit=1).forks[0].exists, False)


def batches(client: Hotdata, checks: Checks) -> None:
    api = client.databases
    with checks.check("hotdata: databases in bulk"):
        wanted = hotdata.BulkCreateDatabasesRequest(count=12, name_template="t{index}x", idempotency_key="k")
        batch = api.bulk_create_databases(wanted)
        equal((batch.count, batch.created_count, batch.cancel_requested), (12, 0, False))
        refused(409, lambda: api.bulk_create_databases(wanted))
        look = lambda: api.get_database_batch(batch.batch_id).created_count
        equal([look(), look(), look()], [0, 6, 12])
        job = client.jobs.get_job(batch.job_id)
        equal((job.job_type.value, job.status.value), ("bulk_create_databases", "succeeded"))
        equal((job.result.actual_instance.requested, job.result.actual_instance.created), (12, 12))
        equal([one.id for one in client.jobs.list_jobs(job_type="bulk_create_databases", status="succeeded,failed").jobs], [job.id])
        refused(400, lambda: client.jobs.list_jobs(status="unheard"))
        refused(404, lambda: client.jobs.get_job("none"))
        members = api.list_databases(batch=batch.batch_id, limit=100).databases
        equal([one.id for one in members], sorted(one.id for one in members))
        equal(min(one.name for one in members)[:5], "t00x-")
        wanted.count = 3
        equal(api.bulk_create_databases(wanted).batch_id, batch.batch_id)
        equal(api.delete_database_batch(batch.batch_id).deleted_count, 12)
        refused(404, lambda: api.get_database_batch(batch.batch_id))
        bad = hotdata.BulkCreateDatabasesRequest(count=2, name_template="no index")
        refused(400, lambda: api.bulk_create_databases(bad))


def contexts(client: Hotdata, checks: Checks) -> None:
    api = client.database_context
    with checks.check("hotdata: contexts of a database"):
        database = client.databases.create_database(hotdata.CreateDatabaseRequest(name="with context")).id
        upsert = lambda name, content: api.upsert_database_context(
            database, hotdata.UpsertDatabaseContextRequest(name=name, content=content)
        )
        equal(upsert("Notes", "one").context.content, "one")
        equal(upsert("Notes", "two").context.name, "Notes")
        equal([one.content for one in api.list_database_contexts(database).contexts], ["two"])
        equal(api.get_database_context(database, "Notes").context.content, "two")
        for bad in ("1x", "select", "a-b", "x" * 129):
            refused(400, lambda: upsert(bad, ""))
        refused(404, lambda: api.get_database_context(database, "notes"))
        api.delete_database_context(database, "Notes")
        refused(404, lambda: api.delete_database_context(database, "Notes"))
        refused(404, lambda: api.list_database_contexts("dbidnone"))


def saved_queries(client: Hotdata, checks: Checks) -> None:
    api = client.saved_queries
    with checks.check("hotdata: saved queries"):
        wanted = hotdata.CreateSavedQueryRequest(name="q", sql="SELECT * FROM t WHERE a > 1", tags=["x"])
        made = api.create_saved_query(wanted)
        equal((made.latest_version, made.category, made.has_predicate, made.num_tables), (1, "filtered_scan", True, 1))
        changed = api.update_saved_query(made.id, hotdata.UpdateSavedQueryRequest(sql="SELECT 1", category_override="mine"))
        equal((changed.latest_version, changed.category, changed.name), (2, "mine", "q"))
        cleared = api.update_saved_query(made.id, hotdata.UpdateSavedQueryRequest(category_override=None))
        equal((cleared.latest_version, cleared.category), (2, "projection"))
        equal(api.get_saved_query(made.id).sql, "SELECT 1")
        versions = api.list_saved_query_versions(made.id, limit=1)
        equal((versions.count, versions.has_more, versions.versions[0].version), (1, True, 2))
        listed = api.list_saved_queries(limit=10)
        equal((listed.queries[0].id, listed.has_more, listed.offset), (made.id, False, 0))
        refused(400, lambda: api.create_saved_query(hotdata.CreateSavedQueryRequest(name="", sql="x")))
        api.delete_saved_query(made.id)
        refused(404, lambda: api.get_saved_query(made.id))


def providers(client: Hotdata, checks: Checks) -> None:
    api = client.embedding_providers
    with checks.check("hotdata: embedding providers"):
        wanted = hotdata.CreateEmbeddingProviderRequest(name="p", provider_type="service", config={"m": 1}, api_key="s3cret")
        made = api.create_embedding_provider(wanted)
        equal((made.name, made.config), ("p", {"m": 1}))
        refused(409, lambda: api.create_embedding_provider(wanted))
        shown = api.get_embedding_provider(made.id)
        equal((shown.has_secret, shown.source), (True, "user"))
        change = hotdata.UpdateEmbeddingProviderRequest(name="r", api_key=None)
        equal(api.update_embedding_provider(made.id, change).name, "r")
        [listed] = api.list_embedding_providers().embedding_providers
        equal((listed.name, listed.has_secret), ("r", False))
        api.delete_embedding_provider(made.id)
        refused(404, lambda: api.get_embedding_provider(made.id))


def errors(emulator: Program, checks: Checks) -> None:
    """Who may come in, and the shapes of errors."""
    with checks.check("hotdata: a key that is wrong, and none"):
        for key in ("wrong", None):
            error = refused(401, lambda: Hotdata(emulator, api_key=key).databases.list_databases())
            equal(code(error), "UNAUTHORIZED")
    with checks.check("hotdata: a workspace that is unknown, and none"):
        error = refused(404, lambda: Hotdata(emulator, workspace_id="ws_none").databases.list_databases())
        contains(error.body, '"message":"workspace_not_found"')
        emulator.set("unknown-workspace=403")
        error = refused(403, lambda: Hotdata(emulator, workspace_id="ws_none").databases.list_databases())
        contains(error.body, '"message":"forbidden"')
    client = Hotdata(emulator)
    with checks.check("hotdata: the six operations that need a database"):
        with_header = [
            lambda database: client.query_runs.get_query_run("qrun1", database),
            lambda database: client.query_runs.list_query_runs(database),
            lambda database: client.results.get_result("rslt1", database),
            lambda database: client.results.list_results(database),
            lambda database: client.saved_queries.execute_saved_query("svqr1", database),
            lambda database: client.indexes.list_indexes_collection(database),
        ]
        for call in with_header:
            refused(400, lambda: call("not an id"))
            refused(404, lambda: call("dbidunknown"))
            refused(400, lambda: call(""))
    with checks.check("hotdata: the shapes of errors"):
        missing = lambda: client.databases.get_database("dbidnone")
        emulator.set("errors=uncoded")
        equal("code" in refused(404, missing).body, False)
        emulator.set("errors=word")
        equal(refused(404, missing).body, '{"error":"not_found"}')
        emulator.set("errors=page")
        contains(refused(404, missing).body, "<html>")
        emulator.set("errors=coded")
        equal(refused(404, missing).data.error.code, "NOT_FOUND")
    with checks.check("hotdata: what a fault makes of an answer"):
        emulator.faults("status=502, body=nothing", "starts=create_database: take-then-close")
        contains(refused(502, lambda: client.databases.list_databases()).body, "nothing")
        emulator.faults("starts=create_database, times=1: status=503, taken")
        before = len(emulator.ledger())
        refused(503, lambda: client.databases.create_database(hotdata.CreateDatabaseRequest(name="once")))
        equal([one["operation"] for one in emulator.ledger()[before:]], ["create_database"])
        emulator.faults()


def older(emulator: Program, checks: Checks) -> None:
    """The surface that this version of the client has no calls for any more, through its bare HTTP."""
    client = Hotdata(emulator)

    def call(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {KEY}", "X-Workspace-Id": WORKSPACE, "Content-Type": "application/json"}
        answer = client.api.rest_client.request(method, f"{emulator.url}/v1/{path}", headers, body)
        answer.read()
        return answer.status, json.loads(answer.data) if answer.data else None

    with checks.check("hotdata: the older surface"):
        equal(call("POST", "secrets", {"name": "s", "value": "hush"})[0], 201)
        equal([one["name"] for one in call("GET", "secrets")[1]["secrets"]], ["s"])
        source = {"type": "inline", "inline": {"content": "a\n1\n", "format": "csv"}}
        status, made = call("POST", "datasets", {"label": "One", "source": source})
        equal((status, made["table_name"], made["status"]), (201, "up_one", "ready"))
        equal(call("PUT", f"datasets/{made['id']}", {"pinned_version": 1})[1]["pinned_version"], 1)
        equal(call("GET", f"datasets/{made['id']}/versions")[1]["versions"][0]["version"], 1)
        equal(call("DELETE", f"datasets/{made['id']}")[0], 204)
        emulator.set("older-surface=off")
        equal(call("GET", "secrets")[0], 404)


def tls(emulator: Program, checks: Checks) -> None:
    with checks.check("hotdata: TLS with its own authority"):
        client = Hotdata(emulator, ssl_ca_cert=emulator.ca_file())
        equal(client.databases.list_databases().databases, [])
