"""Queries, their runs and results: JSON, follow-up, Arrow, and what becomes of faults."""

from __future__ import annotations

import datetime
from typing import Any

import hotdata
from hotdata.arrow import ResultNotReadyError
from hotdata.query import (
    PollPolicy,
    ResultFailedError,
    ResultTooLargeError,
    RetryPolicy,
    ServerOverloadedError,
)

from checks import Checks, contains, equal, raises
from hotdata_client import Hotdata, code, refused, types
from program import Program

ROWS = "id,name,price,day\n" + "".join(f"{n},n{n},{n}.25,2026-01-{n % 28 + 1:02}\n" for n in range(1, 1001))
COLUMNS = types(id="BIGINT", name="VARCHAR", price="DOUBLE", day="DATE")
ALL = "SELECT id, name, price, day FROM items ORDER BY id"


def run(emulator: Program, client: Hotdata, checks: Checks) -> None:
    database = client.databases.create_database(hotdata.CreateDatabaseRequest(name="shop")).id
    load = hotdata.LoadManagedTableRequest(mode="replace", data=ROWS, columns=COLUMNS)
    with checks.check("hotdata: a table to ask about"):
        equal(client.databases.load_database_table(database, "main", "items", load).row_count, 1000)
    ask = Ask(client, database)
    synchronous(client, ask, checks)
    follow(emulator, client, ask, checks)
    asynchronous(emulator, client, ask, checks)
    results(emulator, client, ask, checks)
    arrow(emulator, client, ask, checks)
    saved(client, database, checks)
    overloaded(emulator, client, ask, checks)
    usage(client, checks)


class Ask:
    """Queries in one database, with pauses of the client that no test has to wait for."""

    def __init__(self, client: Hotdata, database: str) -> None:
        self.client, self.database = client, database
        self.api = hotdata.QueryApi(
            client.api,
            retry=RetryPolicy(max_retries=2, base_backoff_s=0.001),
            poll=PollPolicy(base_backoff_s=0.001, max_backoff_s=0.002, deadline_s=20),
        )

    def __call__(self, sql: str, follow: dict[str, Any] | None = None, **fields: Any) -> Any:
        self.client.called.add("query")
        request = hotdata.QueryRequest(sql=sql, **fields)
        return self.api.query(request, x_database_id=self.database, **(follow or {}))

    def run(self, id: str) -> Any:
        return self.client.query_runs.get_query_run(id, self.database)


def synchronous(client: Hotdata, ask: Ask, checks: Checks) -> None:
    with checks.check("hotdata: a query and its rows"):
        got = ask("SELECT id, name, price, day FROM items WHERE id <= 2 ORDER BY id")
        equal(got.columns, ["id", "name", "price", "day"])
        equal(got.rows, [[1, "n1", 1.25, "2026-01-02"], [2, "n2", 2.25, "2026-01-03"]])
        equal((got.truncated, got.preview_row_count, got.row_count, got.total_row_count), (False, 2, 2, 2))
        one = ask.run(got.query_run_id)
        equal((one.status, one.row_count, one.result_id), ("succeeded", 2, got.result_id))
    with checks.check("hotdata: joins, groups, names with catalog and schema"):
        got = ask("SELECT day, count(*) AS n FROM default.main.items GROUP BY day ORDER BY day LIMIT 1")
        equal(got.rows, [["2026-01-01", 35]])
        got = ask("SELECT count(*) FROM items a JOIN main.items b ON a.id = b.id + 1")
        equal(got.rows, [[999]])
        equal(ask("SELECT 9223372036854775807 AS big").rows, [[9223372036854775807]])
    with checks.check("hotdata: the database by the body"):
        request = hotdata.QueryRequest(sql="SELECT 1 AS one", database_id=ask.database)
        equal(client.query.query(request).rows, [[1]])
        equal(client.query.query(request, x_database_id=ask.database).rows, [[1]])
        refused(400, lambda: client.query.query(request, x_database_id="dbidother"))
        refused(400, lambda: client.query.query(hotdata.QueryRequest(sql="SELECT 1")))
        refused(404, lambda: client.query.query(hotdata.QueryRequest(sql="SELECT 1", database_id="dbidother")))
        refused(400, lambda: client.query.query(hotdata.QueryRequest(sql="SELECT 1", database_id="what?")))
    with checks.check("hotdata: queries that are refused"):
        for sql in ("SELEKT 1", "SELECT * FROM nowhere", "DROP TABLE items", "SELECT nothing FROM items"):
            equal(code(refused(400, lambda: ask(sql))), "BAD_REQUEST")
        failed = client.query_runs.list_query_runs(ask.database, status="failed").query_runs
        equal((len(failed), bool(failed[0].error_message), failed[0].result_id), (4, True, None))
        refused(400, lambda: ask("SELECT 1", async_after_ms=2000))
    with checks.check("hotdata: list_query_runs, page by page"):
        first = client.query_runs.list_query_runs(ask.database, limit=2)
        second = client.query_runs.list_query_runs(ask.database, limit=2, cursor=first.next_cursor)
        equal((first.count, first.has_more), (2, True))
        ids = [one.id for one in first.query_runs + second.query_runs]
        equal(len(set(ids)), 4)


def follow(emulator: Program, client: Hotdata, ask: Ask, checks: Checks) -> None:
    with checks.check("hotdata: a truncated result is followed to its end"):
        emulator.set("preview-rows=10", "result-pending=2")
        got = ask(ALL)
        equal((got.truncated, got.preview_row_count, len(got.rows), got.total_row_count), (True, 10, 1000, 1000))
        equal(got.rows[-1], [1000, "n1000", 1000.25, "2026-01-21"])
        preview = ask(ALL, {"auto_follow": False})
        equal((preview.truncated, len(preview.rows), preview.total_row_count), (True, 10, None))
        wait = ask.api.wait_for_result(preview.result_id, ask.database)
        equal((wait.status, wait.total_row_count, wait.rows), ("ready", 1000, []))
    with checks.check("hotdata: the guards of the client"):
        error = raises(ResultTooLargeError, lambda: ask(ALL, {"max_auto_rows": 999}))
        equal((error.kind, error.observed), ("rows", 1000))
    with checks.check("hotdata: a result that fails while it is followed"):
        emulator.set("fail-results=the disk is full")
        error = raises(ResultFailedError, lambda: ask(ALL))
        contains(str(error), "the disk is full")
        emulator.set("fail-results=off", "unsaved-results=on")
    with checks.check("hotdata: a result that cannot be saved"):
        equal(code(refused(503, lambda: ask(ALL))), "PERSISTENCE_UNAVAILABLE")
        got = ask("SELECT 1 AS one")
        equal((got.result_id, got.rows, bool(got.warning)), (None, [[1]], True))
        one = ask.run(got.query_run_id)
        equal((one.status, one.result_id, bool(one.warning_message)), ("succeeded", None, True))
        emulator.set("unsaved-results=off", "preview-rows=off", "result-pending=0")


def asynchronous(emulator: Program, client: Hotdata, ask: Ask, checks: Checks) -> None:
    with checks.check("hotdata: a query in the background"):
        ticket = ask(ALL, var_async=True)
        equal((type(ticket).__name__, ticket.status), ("AsyncQueryResponse", "running"))
        seen = [ask.run(ticket.query_run_id) for _ in range(3)]
        equal([one.status for one in seen], ["running", "running", "succeeded"])
        equal((seen[0].result_id, seen[2].row_count), (None, 1000))
        got = client.results.get_result(seen[2].result_id, ask.database, limit=1)
        equal((got.status, got.row_count, got.total_row_count), ("ready", 1, 1000))
    with checks.check("hotdata: runs that end otherwise"):
        for status in ("interrupted", "cancelled", "failed"):
            emulator.set(f"run-status={status}")
            ticket = ask("SELECT 1 AS one", var_async=True, async_after_ms=1000)
            ends = [ask.run(ticket.query_run_id).status for _ in range(3)]
            equal(ends, ["running", "running", status])
        emulator.set("run-status=off")
        ticket = ask("SELECT * FROM nowhere", var_async=True)
        ends = [ask.run(ticket.query_run_id) for _ in range(3)][-1]
        equal((ends.status, bool(ends.error_message)), ("failed", True))
        emulator.set("accept-queries=on")
        equal(type(ask("SELECT 1 AS one")).__name__, "AsyncQueryResponse")
        emulator.set("accept-queries=off")
    with checks.check("hotdata: other databases do not see a run or a result"):
        other = client.databases.create_database(hotdata.CreateDatabaseRequest()).id
        got = ask("SELECT 1 AS one")
        refused(404, lambda: client.query_runs.get_query_run(got.query_run_id, other))
        refused(404, lambda: client.results.get_result(got.result_id, other))
        equal(client.results.list_results(other).results, [])


def results(emulator: Program, client: Hotdata, ask: Ask, checks: Checks) -> None:
    with checks.check("hotdata: windows of a result"):
        id = ask(ALL).result_id
        answer = client.results.get_result_with_http_info(id, ask.database, offset=990, limit=5)
        equal([row[0] for row in answer.data.rows], [991, 992, 993, 994, 995])
        headers = {name.lower(): value for name, value in answer.headers.items()}
        equal(headers["x-total-row-count"], "1000")
        contains(headers["link"], "offset=995&limit=5", 'rel="next"')
        answer = client.results.get_result_with_http_info(id, ask.database, offset=995, limit=5)
        equal((answer.data.row_count, "link" in {name.lower() for name in answer.headers}), (5, False))
        equal(client.results.get_result(id, ask.database, limit=0).rows, [])
        listed = client.results.list_results(ask.database, limit=1)
        equal((listed.results[0].id, listed.results[0].status, listed.has_more), (id, "ready", True))
    with checks.check("hotdata: CSV and Markdown"):
        raw = lambda format: client.results.get_result_without_preload_content(
            id, ask.database, limit=2, format=hotdata.ResultsFormatQuery(format)
        )
        answer = raw("csv")
        equal(answer.headers["content-type"], "text/csv; charset=utf-8")
        equal(answer.data.decode(), "id,name,price,day\n1,n1,1.25,2026-01-02\n2,n2,2.25,2026-01-03\n")
        answer = raw("md")
        equal(answer.headers["content-type"], "text/markdown; charset=utf-8")
        contains(answer.data.decode(), "| id |", "| n2 |")
        equal(raw("parquet").status, 400)
    with checks.check("hotdata: a result that is too large for JSON"):
        emulator.set("json-limit=100")
        error = raises(hotdata.ApiException, lambda: client.results.get_result(id, ask.database))
        equal((error.status, code(error)), (413, "RESULT_TOO_LARGE"))
        emulator.set("json-limit=67108864")
    with checks.check("hotdata: a result that is not ready, or failed"):
        emulator.set("result-pending=2")
        late = ask("SELECT 1 AS one").result_id
        looks = [client.results.get_result_with_http_info(late, ask.database) for _ in range(3)]
        equal([(one.status_code, one.data.status) for one in looks if one.data],
              [(202, "pending"), (202, "processing"), (200, "ready")])
        equal(looks[0].headers["retry-after"], "1")
        emulator.set("result-pending=0", "fail-results=lost")
        lost = ask("SELECT 1 AS one").result_id
        error = refused(409, lambda: client.results.get_result(lost, ask.database))
        contains(error.body, '"status":"failed"', '"error_message":"lost"')
        emulator.set("fail-results=off")
        refused(404, lambda: client.results.get_result("rsltnone", ask.database))


def arrow(emulator: Program, client: Hotdata, ask: Ask, checks: Checks) -> None:
    api = client.results
    with checks.check("hotdata: a result as Arrow"):
        id = ask(ALL).result_id
        table = api.get_result_arrow(id, ask.database)
        equal((table.num_rows, table.column_names), (1000, ["id", "name", "price", "day"]))
        equal([str(one.type) for one in table.schema], ["int64", "string", "double", "date32[day]"])
        equal(table.slice(999).to_pylist(),
              [{"id": 1000, "name": "n1000", "price": 1000.25, "day": datetime.date(2026, 1, 21)}])
        window = api.get_result_arrow(id, ask.database, offset=10, limit=3)
        equal(window.column("id").to_pylist(), [11, 12, 13])
        equal(api.get_result_arrow(id, ask.database, limit=0).num_rows, 0)
    with checks.check("hotdata: a result as a stream of batches"):
        with api.stream_result_arrow(id, ask.database) as reader:
            equal(sum(batch.num_rows for batch in reader), 1000)
        # One that is left early, and the connection is good for the next one.
        with api.stream_result_arrow(id, ask.database) as reader:
            equal(reader.read_next_batch().num_rows > 0, True)
        equal(api.get_result(id, ask.database, limit=0).status, "ready")
    with checks.check("hotdata: Arrow that is not ready, failed, and cut"):
        emulator.set("result-pending=1")
        late = ask("SELECT 1 AS one").result_id
        error = raises(ResultNotReadyError, lambda: api.get_result_arrow(late, ask.database))
        equal((error.status, error.result_id), ("pending", late))
        equal(api.get_result_arrow(late, ask.database).to_pylist(), [{"one": 1}])
        emulator.set("result-pending=0", "fail-results=lost")
        lost = ask("SELECT 1 AS one").result_id
        refused(409, lambda: api.get_result_arrow(lost, ask.database))
        emulator.set("fail-results=off")
        emulator.faults("starts=get_result: cut-body=700")
        try:
            api.get_result_arrow(id, ask.database)
        except Exception:  # an exception of pyarrow or of its HTTP library
            pass
        else:
            raise AssertionError("the stream was not cut")
        emulator.faults()
    with checks.check("hotdata: Arrow from the query itself"):
        request = hotdata.QueryRequest(sql="SELECT id FROM items WHERE id < 4 ORDER BY id", database_id=ask.database)
        answer = client.query.query_without_preload_content(
            request, _headers={"Accept": "application/vnd.apache.arrow.stream"}
        )
        import pyarrow.ipc

        equal(answer.headers["content-type"], "application/vnd.apache.arrow.stream")
        equal(answer.headers["x-total-row-count"], "3")
        equal(pyarrow.ipc.open_stream(answer.data).read_all().to_pydict(), {"id": [1, 2, 3]})
        emulator.set("preview-rows=2")
        answer = client.query.query_without_preload_content(
            request, _headers={"Accept": "application/vnd.apache.arrow.stream"}
        )
        equal((answer.status, "x-result-id" in answer.headers), (202, True))
        emulator.set("preview-rows=off")


def saved(client: Hotdata, database: str, checks: Checks) -> None:
    api = client.saved_queries
    with checks.check("hotdata: execute_saved_query"):
        made = api.create_saved_query(hotdata.CreateSavedQueryRequest(name="q", sql="SELECT 1 AS one"))
        api.update_saved_query(made.id, hotdata.UpdateSavedQueryRequest(sql="SELECT 2 AS two"))
        got = api.execute_saved_query(made.id, database)
        equal((got.columns, got.rows), (["two"], [[2]]))
        old = api.execute_saved_query(made.id, database, hotdata.ExecuteSavedQueryRequest(version=1))
        equal(old.rows, [[1]])
        runs = client.query_runs.list_query_runs(database, saved_query_id=made.id).query_runs
        equal([one.saved_query_version for one in runs], [1, 2])
        refused(404, lambda: api.execute_saved_query(made.id, database, hotdata.ExecuteSavedQueryRequest(version=3)))


def overloaded(emulator: Program, client: Hotdata, ask: Ask, checks: Checks) -> None:
    busy = 'starts=query{}: status=429, retry-after=0, body="{{\\"error\\":{{\\"code\\":\\"OVERLOADED\\",\\"message\\":\\"busy\\"}}}}"'
    with checks.check("hotdata: 429 is tried again by the client"):
        emulator.faults(busy.format(", times=2"))
        before = len(emulator.ledger())
        equal(ask("SELECT 1 AS one").rows, [[1]])
        equal([one["operation"] for one in emulator.ledger()[before:]], ["query"])
        emulator.faults(busy.format(""))
        error = raises(ServerOverloadedError, lambda: ask("SELECT 1 AS one"))
        equal((error.status, error.attempts), (429, 3))
        emulator.faults()


def usage(client: Hotdata, checks: Checks) -> None:
    with checks.check("hotdata: get_usage"):
        used = client.usage.get_usage()
        equal((used.query_count > 10, used.since.isoformat()), (True, "2026-01-01T00:00:00+00:00"))
        later = client.usage.get_usage(since="2027-01-01T00:00:00Z")
        equal(later.query_count, 0)
