"""Loads of tables and uploads, with the vendor's own retries, and faults at the storage."""

from __future__ import annotations

import io
import tempfile
import threading
from pathlib import Path
from typing import Any

import hotdata
import urllib3
from hotdata.loads import LoadRetryPolicy, TableLockedError
from hotdata.uploads import FinalizeError, SessionCreateError, StorageError, UploadCancelledError

from checks import Checks, contains, equal, raises
from hotdata_client import Hotdata, code, refused, types
from program import Program

PEOPLE = "id,name,age\n1,Ada,36\n2,Bob,\n3,Cy,41\n"
TYPES = types(id="BIGINT", name="VARCHAR", age="INTEGER")


class Shop:
    """One database, and what is done with its table `people`."""

    def __init__(self, client: Hotdata) -> None:
        self.client = client
        made = client.databases.create_database(hotdata.CreateDatabaseRequest(name="shop"))
        self.id, self.connection = made.id, made.default_connection_id
        self.databases = hotdata.DatabasesApi(client.api, load_retry=LoadRetryPolicy(max_retries=3, base_backoff_s=0.001))

    def load(self, table: str = "people", **fields: Any) -> Any:
        self.client.called.add("load_database_table")
        request = hotdata.LoadManagedTableRequest(**({"mode": "replace"} | fields))
        return self.databases.load_database_table(self.id, "main", table, request)

    def rows(self, sql: str = "SELECT id, name, age FROM people ORDER BY id") -> Any:
        return self.client.query.query(hotdata.QueryRequest(sql=sql, database_id=self.id)).rows


def run(emulator: Program, client: Hotdata, checks: Checks) -> None:
    shop = Shop(client)
    modes(shop, checks)
    rules(shop, checks)
    background(shop, checks)
    locked(emulator, shop, checks)
    from_results(shop, checks)
    profile(shop, checks)
    indexes(shop, checks)
    sessions(shop, checks)
    upload_file(emulator, shop, checks)


def modes(shop: Shop, checks: Checks) -> None:
    with checks.check("hotdata: replace makes the table"):
        done = shop.load(data=PEOPLE, columns=TYPES)
        equal((done.schema_name, done.table_name, done.row_count), ("main", "people", 3))
        equal(done.connection_id, shop.connection)
        contains(done.arrow_schema_json, '"name":"id"', "Int64")
        equal(shop.rows(), [[1, "Ada", 36], [2, "Bob", None], [3, "Cy", 41]])
    with checks.check("hotdata: append, and a column that is new"):
        equal(shop.load(mode="append", data="id,name,age,town\n4,Di,5,Rome\n").row_count, 4)
        equal(shop.rows("SELECT town FROM people ORDER BY id"), [[None], [None], [None], ["Rome"]])
        refused(400, lambda: shop.load(mode="append", data="id,name\n5,Ed\n"))
        equal(len(shop.rows()), 4)
    with checks.check("hotdata: update, upsert and delete by a key"):
        refused(400, lambda: shop.load(mode="delete", data="id\n1\n"))
        equal(shop.load(mode="update", key=["id"], data="id,name,age,town\n1,Ann,37,Oslo\n9,Zed,1,Bonn\n").row_count, 4)
        equal(shop.load(mode="upsert", key=["id"], data="id,name,age,town\n2,Ben,20,Nice\n5,Eve,8,Kyiv\n").row_count, 5)
        equal(shop.load(mode="delete", key=["id"], data="id\n3\n4\n").row_count, 3)
        equal(shop.rows(), [[1, "Ann", 37], [2, "Ben", 20], [5, "Eve", 8]])
    with checks.check("hotdata: the key that a table was declared with"):
        table = hotdata.AddManagedTableRequest(name="stock", key=["sku"])
        shop.client.databases.add_database_table(shop.id, "main", table)
        shop.load("stock", data="sku,n\na,1\nb,2\n")
        equal(shop.load("stock", mode="upsert", data="sku,n\nb,3\nc,4\n").row_count, 3)
        equal(shop.rows("SELECT sku, n FROM stock ORDER BY sku"), [["a", 1], ["b", 3], ["c", 4]])
    with checks.check("hotdata: load_managed_table, by the connection"):
        request = hotdata.LoadManagedTableRequest(mode="replace", data="a\n1\n")
        done = shop.client.connections.load_managed_table(shop.connection, "fresh", "other", request)
        equal((done.schema_name, done.row_count), ("fresh", 1))
        equal(shop.rows("SELECT a FROM fresh.other"), [[1]])
    with checks.check("hotdata: the information schema after a load"):
        listed = shop.client.information_schema.information_schema(
            connection_id=shop.connection, table="people", include_columns=True
        )
        [people] = listed.tables
        equal((people.synced, [one.name for one in people.columns]), (True, ["id", "name", "age", "town"]))


def rules(shop: Shop, checks: Checks) -> None:
    with checks.check("hotdata: loads that are refused"):
        for fields in (
            {"data": "a\n1\n", "mode": "merge"},
            {},
            {"data": "a\n1\n", "upload_id": "upldx"},
            {"data": "a\n1\n", "format": "json"},
            {"result_id": "rsltx", "format": "csv"},
            {"data": "a\n1\n", "columns": types(b="BIGINT")},
            {"data": "a\n1\n", "columns": types(a="MAYBE")},
            {"data": "a\n1\n", "async_after_ms": 5000},
        ):
            equal(code(refused(400, lambda: shop.load("refused", **fields))), "BAD_REQUEST")
        refused(404, lambda: shop.load(upload_id="upldnone"))
        refused(404, lambda: shop.load(result_id="rsltnone"))
        equal(shop.client.information_schema.information_schema(table="refused").tables, [])
    with checks.check("hotdata: too much inline data"):
        error = raises(hotdata.ApiException, lambda: shop.load(data="a\n" + "x" * (2 * 1024 * 1024)))
        equal((error.status, code(error)), (413, "INLINE_DATA_TOO_LARGE"))
    with checks.check("hotdata: a type that does not fit"):
        shop.load("typed", data="a\n1\n", columns=types(a="BIGINT"))
        equal(code(refused(409, lambda: shop.load("typed", mode="append", data="a\nx\n", columns=types(a="VARCHAR")))), "CONFLICT")
        equal(shop.rows("SELECT a FROM typed"), [[1]])
    with checks.check("hotdata: idempotency keys"):
        once = {"table": "once", "mode": "append", "data": "a\n1\n", "idempotency_key": "k1"}
        equal((shop.load(**once).row_count, shop.load(**once).row_count), (1, 1))
        equal(shop.rows("SELECT count(*) FROM once"), [[1]])
        error = refused(409, lambda: shop.load(**once | {"data": "a\n2\n"}))
        equal(code(error), "IDEMPOTENCY_KEY_CONFLICT")


def background(shop: Shop, checks: Checks) -> None:
    jobs = shop.client.jobs
    with checks.check("hotdata: a load in the background"):
        ticket = shop.load("late", data="a\n1\n2\n", var_async=True)
        equal((type(ticket).__name__, ticket.status.value), ("SubmitJobResponse", "pending"))
        seen = [jobs.get_job(ticket.id) for _ in range(3)]
        equal([one.status.value for one in seen], ["pending", "running", "succeeded"])
        equal((seen[2].job_type.value, seen[2].result.actual_instance.row_count), ("managed_load", 2))
        equal(shop.rows("SELECT count(*) FROM late"), [[2]])
    with checks.check("hotdata: a load in the background that fails"):
        ticket = shop.load("late", data="b\n1\n", mode="append", var_async=True)
        ended = [jobs.get_job(ticket.id) for _ in range(3)][-1]
        equal((ended.status.value, bool(ended.error_message), ended.result), ("failed", True, None))


def locked(emulator: Program, shop: Shop, checks: Checks) -> None:
    lock = 'starts=load_database_table{}: status=409, retry-after=0, body="{{\\"error\\":{{\\"code\\":\\"RESOURCE_LOCKED\\",\\"message\\":\\"held\\"}}}}"'
    with checks.check("hotdata: a locked table is tried again by the client"):
        emulator.faults(lock.format(", times=2"))
        equal(shop.load("held", data="a\n1\n").row_count, 1)
        emulator.faults(lock.format(""))
        error = raises(TableLockedError, lambda: shop.load("held", data="a\n2\n"))
        equal((error.status, error.attempts), (409, 4))
        emulator.faults()
    with checks.check("hotdata: a table is locked while a load of it runs"):
        emulator.set("locked-loads=1")
        plain = hotdata.api.DatabasesApi(shop.client.api)
        request = hotdata.LoadManagedTableRequest(mode="replace", data="a\n1\n")
        error = refused(409, lambda: plain.load_database_table(shop.id, "main", "held", request))
        equal((code(error), error.headers["retry-after"]), ("RESOURCE_LOCKED", "5"))
        shop.load("held", data="a\n1\n", var_async=True)
        error = refused(409, lambda: plain.load_database_table(shop.id, "main", "held", request))
        equal(code(error), "RESOURCE_LOCKED")
        [shop.client.jobs.list_jobs(limit=1) for _ in range(3)]
        equal(plain.load_database_table(shop.id, "main", "held", request).row_count, 1)


def from_results(shop: Shop, checks: Checks) -> None:
    with checks.check("hotdata: a load from a result"):
        asked = hotdata.QueryRequest(sql="SELECT id, name FROM people ORDER BY id", database_id=shop.id)
        result = shop.client.query.query(asked).result_id
        equal(shop.load("copied", result_id=result).row_count, 3)
        equal(shop.load("copied", mode="append", result_id=result).row_count, 6)
        refused(400, lambda: shop.load("copied", result_id=result, var_async=True))


def profile(shop: Shop, checks: Checks) -> None:
    with checks.check("hotdata: get_table_profile"):
        look = lambda: shop.client.connections.get_table_profile(shop.connection, "main", "people")
        shop.load(data=PEOPLE, columns=TYPES)
        refused(404, look)
        refused(404, look)
        got = look()
        equal((got.row_count, [one.name for one in got.columns]), (3, ["id", "name", "age"]))
        equal([one.null_count for one in got.columns], [0, 0, 1])


def indexes(shop: Shop, checks: Checks) -> None:
    api = shop.client.indexes
    make = lambda table="people", **fields: api.create_index(
        shop.connection, "main", table, hotdata.CreateIndexRequest(**{"index_name": "i", "columns": ["id"]} | fields)
    )
    with checks.check("hotdata: indexes"):
        made = make()
        equal((made.index_name, made.index_type, made.status.value), ("i", "sorted", "ready"))
        equal([one.index_name for one in api.list_indexes(shop.connection, "main", "people").indexes], ["i"])
        page = api.list_indexes_collection(shop.id, index_type="sorted")
        equal([(one.table_name, one.schema_name) for one in page.indexes], [("people", "main")])
        for bad in ({"columns": ["none"], "index_name": "j"}, {"index_type": "vector", "algorithm": "ivf", "metric": "dot", "index_name": "j"},
                    {}, {"index_type": "vector", "vector_precision": "int8", "index_name": "j"}):
            refused(400, lambda: make(**bad))
        refused(404, lambda: make("nowhere"))
    with checks.check("hotdata: an index in the background"):
        ticket = make(index_name="v", columns=["age"], index_type="vector", algorithm="ivf", var_async=True)
        equal(type(ticket).__name__, "SubmitJobResponse")
        equal(api.list_indexes(shop.connection, "main", "people").indexes[1].status.value, "pending")
        shop.client.jobs.get_job(ticket.id)
        done = shop.client.jobs.get_job(ticket.id)
        equal((done.status.value, done.result.actual_instance.vector_precision), ("succeeded", "int8"))
        api.delete_index(shop.connection, "main", "people", "v")
        refused(404, lambda: api.delete_index(shop.connection, "main", "people", "v"))


def sessions(shop: Shop, checks: Checks) -> None:
    api = shop.client.uploads
    plain = urllib3.PoolManager()
    create = lambda **fields: api.create_upload_session_handler(hotdata.CreateUploadRequest(**fields))
    put = lambda url, body, **headers: plain.request("PUT", url, body=body, headers=headers, redirect=False)
    with checks.check("hotdata: a session with one address"):
        session = create(declared_size_bytes=5, content_type="text/csv")
        equal((session.mode, session.headers, session.part_urls), ("single", {}, None))
        for header in ("Authorization", "X-Workspace-Id", "Content-Type"):
            equal(put(session.url, b"hello", **{header: "x"}).status, 403)
        equal(put(session.url.replace("signature=", "signature=0"), b"hello").status, 403)
        answer = put(session.url, b"hello")
        equal((answer.status, answer.headers["etag"][0]), (200, '"'))
        refused(400, lambda: api.finalize_upload_handler(session.upload_id, "wrong", hotdata.FinalizeUploadRequest()))
        done = api.finalize_upload_handler(session.upload_id, session.finalize_token, hotdata.FinalizeUploadRequest())
        equal((done.size_bytes, done.status, done.content_type), (5, "ready", "text/csv"))
        again = lambda: api.finalize_upload_handler(session.upload_id, session.finalize_token, hotdata.FinalizeUploadRequest())
        refused(400, again)
        mint = lambda: api.mint_upload_parts_handler(
            session.upload_id, session.finalize_token, hotdata.MintUploadPartsRequest(part_numbers=[1])
        )
        refused(400, mint)
    with checks.check("hotdata: sessions in a batch"):
        batch = hotdata.BatchCreateUploadRequest(
            uploads=[hotdata.CreateUploadRequest(declared_size_bytes=1), hotdata.CreateUploadRequest(declared_size_bytes=20 << 20)]
        )
        made = api.create_upload_sessions_batch_handler(batch).uploads
        equal([(one.mode, len(one.part_urls or [])) for one in made], [("single", 0), ("multipart", 3)])
        minted = api.mint_upload_parts_handler(
            made[1].upload_id, made[1].finalize_token, hotdata.MintUploadPartsRequest(part_numbers=[3, 1])
        )
        equal([one.part_number for one in minted.parts], [1, 3])
        refused(400, lambda: create(declared_size_bytes=17 << 30))
        refused(400, lambda: create(checksum_algo="md5", checksum_value="x"))


def content(rows: int) -> bytes:
    """A CSV with so many rows of some 100 bytes."""
    return ("id,text\n" + "".join(f"{n:08},{'x' * 90}\n" for n in range(rows))).encode()


def upload_file(emulator: Program, shop: Shop, checks: Checks) -> None:
    api = shop.client.uploads
    with checks.check("hotdata: upload_file of bytes, and the load of it"):
        seen: list[Any] = []
        done = api.upload_file(PEOPLE.encode(), content_type="text/csv", progress=lambda *at: seen.append(at))
        equal((done.size_bytes, done.status), (len(PEOPLE), "ready"))
        equal((seen[0], seen[-1]), ((0, len(PEOPLE)), (len(PEOPLE), len(PEOPLE))))
        equal(shop.load(upload_id=done.upload_id).row_count, 3)
        equal(code(refused(409, lambda: shop.load(upload_id=done.upload_id))), "CONFLICT")
    with checks.check("hotdata: upload_file of JSON lines, of a path, of nothing"):
        lines = b'{"a": 1, "b": "x"}\n{"a": 2}\n'
        done = api.upload_file(io.BytesIO(lines), content_type="application/x-ndjson")
        equal(shop.load("lines", upload_id=done.upload_id).row_count, 2)
        equal(shop.rows("SELECT a, b FROM lines ORDER BY a"), [[1, "x"], [2, None]])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "people.csv"
            path.write_text(PEOPLE)
            equal(shop.load(upload_id=api.upload_file(path).upload_id, format="csv").row_count, 3)
        equal(api.upload_file(b"").size_bytes, 0)
    with checks.check("hotdata: a load of an upload in the background"):
        done = api.upload_file(PEOPLE.encode())
        ticket = shop.load("late2", upload_id=done.upload_id, var_async=True)
        equal(code(refused(409, lambda: shop.load("other", upload_id=done.upload_id))), "CONFLICT")
        ended = [shop.client.jobs.get_job(ticket.id) for _ in range(3)][-1]
        equal(ended.result.actual_instance.row_count, 3)
    big = content(95_000)
    emulator.set("part-size=6000000")
    with checks.check("hotdata: upload_file in streaming parts"):
        done = api.upload_file(big, content_type="text/csv")
        equal(done.size_bytes, len(big))
        equal(shop.load("big", upload_id=done.upload_id).row_count, 95_000)
    faulted = lambda **options: api.upload_file(big, round_base_delay=0, **options)
    finalized = lambda: [one for one in emulator.ledger() if one["operation"] == "finalize_upload_handler"]
    with checks.check("hotdata: parts that fail are put again"):
        for fault in (
            "path=/storage/, nth=1: status=503",
            "path=/storage/, nth=2: status=403, body=<Error><Code>AccessDenied</Code></Error>",
            "path=/storage/, nth=1: status=429, retry-after=0",
            "path=/storage/, nth=1: drop-header=etag",
            "path=/storage/, nth=1: close-before-read",
            "path=/storage/, nth=2: take-then-close",
            "starts=mint_upload_parts_handler, nth=1: status=500",
        ):
            emulator.faults(fault)
            before = len(finalized())
            equal(faulted().size_bytes, len(big))
            equal(len(finalized()), before + 1)
    with checks.check("hotdata: a part that never works"):
        emulator.faults("path=/storage/: status=500")
        error = raises(StorageError, lambda: faulted(max_extra_rounds=1))
        equal((error.status, error.exhausted, error.rounds_attempted), (500, True, 2))
        emulator.faults()
    with checks.check("hotdata: what the client does not try again"):
        emulator.faults("starts=finalize_upload_handler: status=503, taken")
        before = len(finalized())
        equal(raises(FinalizeError, lambda: faulted()).status, 503)
        equal(len(finalized()), before + 1)
        emulator.faults()
        emulator.set("presign=off")
        error = raises(SessionCreateError, lambda: api.upload_file(b"x"))
        equal(error.status, 501)
        emulator.set("presign=on")
        stopped = threading.Event()
        stopped.set()
        raises(UploadCancelledError, lambda: api.upload_file(b"x", cancel_event=stopped))
    emulator.set("part-size=off")
