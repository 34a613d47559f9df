"""What the vendor's SDK makes of the emulator's refusals, failures, delays and limits, and of credentials files."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import requests
from onehouse_python_sdk.resources import ApiStatus, OnehouseResources
from onehouse_python_sdk.resources.exceptions import (
    AuthError,
    OperationFailedError,
    OperationTimeoutError,
    ResourcesError,
    SqlParseError,
)
from onehouse_python_sdk.resources.sql.commands import PartitionKeyField

from checks import Checks, contains, equal, has, names, raises
from program import IDENTITY, Program

POLL = 0.002


class Counting(requests.Session):
    """A session that keeps the method of each request and the status of each answer."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int]] = []

    def request(self, method: str, *arguments: Any, **options: Any) -> requests.Response:
        answer = super().request(method, *arguments, **options)
        self.seen.append((method, answer.status_code))
        return answer


def client_of(url: str, **options: Any) -> OnehouseResources:
    """A client with the credentials that the emulator takes, or others."""
    return OnehouseResources(**{**IDENTITY, "base_url": url, "default_poll_interval": POLL, **options})


def run(program: str, emulator: Program, checks: Checks) -> None:
    """All checks; `program` starts an emulator with a limit besides."""
    _bad_sql(emulator, checks)
    _wrong_credentials(emulator, checks)
    _failures(emulator, checks)
    _time(emulator, checks)
    _nothing_sent(emulator, checks)
    _raw(emulator, checks)
    _files(emulator, checks)
    _limit(program, checks)


def _bad_sql(emulator: Program, checks: Checks) -> None:
    """HTTP 400, an empty body, the reason percent-encoded in a header."""
    client = client_of(emulator.url)
    for statement, parts in [
        ("DROP CLUSTER c", ['Encountered "DROP" at line 1, column 1', "expected CREATE"]),
        ("SHOW CLUSTERS;", ['Encountered ";"', "column 14"]),
        ("SHOW CLUSTERS -- all", ['Encountered "--"']),
        ("CREATE CLUSTER c TYPE = 'SQL' MAX_OCU = '3'", ["Encountered \"'3'\"", "an integer without quotes"]),
        ("CREATE CLUSTER c\n  TYPE = 'SQL'\n  MAX = 3", ['Encountered "MAX" at line 3, column 3']),
        # What is not plain ASCII, and what means something to a percent-decoder, arrives as it was.
        ("SHOW `100%25+ü`", ['Encountered "`100%25+ü`"']),
    ]:
        with checks.check(f"sdk: SqlParseError for {statement!r}"):
            error = raises(SqlParseError, lambda: client.execute(statement))
            equal(error.status_code, 400)
            contains(str(error), "Invalid sql query: ", *parts)
    with checks.check("sdk: SqlParseError for flow clauses out of order"):
        moved = (
            "CREATE FLOW `f`\n  LAKE = 'l'\n  SOURCE = 's'\n  DATABASE = 'd'\n  TABLE_NAME = 't'\n"
            "  WRITE_MODE = 'MUTABLE'\n  CLUSTER = 'c'"
        )
        contains(str(raises(SqlParseError, lambda: client.submit(moved))), "line 2, column 3", "expected SOURCE")
    with checks.check("sdk: ResourcesError for a request id that nobody has"):
        contains(str(raises(ResourcesError, lambda: client.get_status("nobody"))), "HTTP 404")


def _wrong_credentials(emulator: Program, checks: Checks) -> None:
    for field, status in [
        ("api_key", 401),
        ("api_secret", 401),
        ("account_uid", 403),
        ("project_uid", 403),
        ("link_uid", 403),
        ("region", 403),
        ("user_uid", 403),
    ]:
        with checks.check(f"sdk: AuthError for a wrong {field}"):
            session = Counting()
            client = client_of(emulator.url, session=session, **{field: "wrong"})
            error = raises(AuthError, client.show_clusters)
            contains(str(error), f"HTTP {status} from Onehouse API: x-onehouse-", "wrong value")
            equal(session.seen, [("POST", status)])
    with checks.check("sdk: AuthError names the credentials that are missing"):
        empty = {key: value for key, value in IDENTITY.items() if key != "region"}
        error = raises(AuthError, lambda: OnehouseResources(**empty, base_url=emulator.url))
        contains(str(error), "Missing required Onehouse credentials: region", "ONEHOUSE_REGION")


def _failures(emulator: Program, checks: Checks) -> None:
    """Statements that are taken and end badly."""
    client = client_of(emulator.url)
    with checks.check("sdk: OperationFailedError for a cluster that does not exist"):
        error = raises(OperationFailedError, lambda: client.describe_cluster("nowhere"))
        equal(error.api_status, "API_OPERATION_STATUS_FAILED")
        has(error.api_response, {"error": "NOT_FOUND", "message": "cluster 'nowhere' does not exist"})
        contains(str(error), error.request_id, "nowhere")
        # The same through the other door, where a failure is an answer like any other.
        status = client.get_status(error.request_id)
        equal((status.api_status, status.terminal), (ApiStatus.FAILED, True))
        equal(status.api_response, error.api_response)
    with checks.check("sdk: OperationFailedError for a name that is taken"):
        client.create_cluster("twice", type="SQL")
        error = raises(OperationFailedError, lambda: client.create_cluster("twice", type="SQL"))
        has(error.api_response, {"error": "ALREADY_EXISTS"})
        client.delete_cluster("twice")
    with checks.check("sdk: OperationFailedError for a lake that is not empty"):
        client.create_lake(
            "full", lake_type="MANAGED", bucket_path="s3://b/full/", default_services_cluster="System"
        )
        client.create_database("inside", lake="full")
        error = raises(OperationFailedError, lambda: client.delete_lake("full"))
        has(error.api_response, {"error": "FAILED_PRECONDITION"})
        client.delete_lake("full", cascade=True)
    with checks.check("sdk: OperationFailedError for a statement that makes no sense is INVALID"):
        error = raises(OperationFailedError, lambda: client.create_cluster("c", type="SQL", max_ocu=-1))
        equal(error.api_status, "API_OPERATION_STATUS_INVALID")
        error = raises(
            OperationFailedError, lambda: client.create_cluster("c", type="CustomType", unsafe_raw=True)
        )
        equal(error.api_status, "API_OPERATION_STATUS_INVALID")


def _time(emulator: Program, checks: Checks) -> None:
    with checks.check("sdk: submit, then get_status until it is over"):
        client = client_of(emulator.url)
        submitted = client.submit("SHOW CLUSTERS")
        equal(submitted.raw, {"requestId": submitted.request_id})
        first, second = (client.get_status(submitted.request_id) for _ in range(2))
        equal((first.api_status, first.terminal, first.api_response), (ApiStatus.PENDING, False, None))
        equal((second.api_status, second.terminal), (ApiStatus.SUCCESS, True))
        equal(second.request_id, submitted.request_id)
        # The id stays good.
        equal(client.get_status(submitted.request_id).api_response, second.api_response)
    with checks.check("sdk: OperationTimeoutError has a request id that can be asked for later"):
        session = Counting()
        client = client_of(emulator.url, session=session)
        error = raises(OperationTimeoutError, lambda: client.create_cluster("late", type="SQL", timeout=0.0))
        equal((error.timeout, error.last_status), (0.0, "API_OPERATION_STATUS_PENDING"))
        equal(session.seen, [("POST", 200), ("GET", 200)])
        has(client.get_status(error.request_id).api_response, {"name": "late"})
        client.delete_cluster("late")
    with checks.check("sdk: one connection serves a session"):
        session = Counting()
        client = client_of(emulator.url, session=session)
        for _ in range(3):
            client.show_lakes()
        equal(len(session.seen), 9)
        pools = session.get_adapter(emulator.url).poolmanager.pools
        equal([pools[key].num_connections for key in pools.keys()], [1])


def _nothing_sent(emulator: Program, checks: Checks) -> None:
    """What the SDK refuses by itself (reference, appendix B): an error, and no request."""
    session = Counting()
    client = client_of(emulator.url, session=session)
    flow = {"source": "s", "lake": "l", "database": "d", "table_name": "t", "write_mode": "MUTABLE", "cluster": "c"}
    service = {"lake": "l", "database": "d", "table": "t", "service": "RESTORE"}
    taken = len(emulator.ledger())
    for name in ["", "My Cluster", "1a", "_a", "a.b", "web:clicks"]:
        with checks.check(f"sdk: ValueError for the name {name!r}"):
            raises(ValueError, lambda: client.describe_cluster(name))
    for what, call in {
        "a type that is none": lambda: client.create_cluster("c", type="X"),
        "a limit that is a string": lambda: client.create_cluster("c", type="SQL", max_ocu="3"),
        "nothing to alter": lambda: client.alter_cluster("c"),
        "a credential type in lower case": lambda: client.create_source(
            "s", source_type="S3", credential_type="credential_type_onehouse"
        ),
        "a lake that is no identifier": lambda: client.delete_database("d", lake="my lake"),
        "an option that is None": lambda: client.create_catalog("c", type="GLUE", options={"k": None}),
        "an option with a newline": lambda: client.create_catalog("c", type="GLUE", options={"k": "a\nb"}),
        "an empty list": lambda: client.create_flow("f", **flow, catalogs=[]),
        "a format that is None": lambda: client.create_flow(
            "f", **flow, partition_key_fields=[PartitionKeyField(field="f", input_format=None)]
        ),
        "two changes of a flow": lambda: client.alter_flow("f", source="s", cluster="c"),
        "a flow's state in lower case": lambda: client.alter_flow("f", state="pause"),
        "a service that can be run only": lambda: client.create_table_service(**service),
        "no change of a job": lambda: client.alter_job("j"),
        "an id of a run": lambda: client.describe_job_run("xyz", job_name="j"),
        "a name with a backtick": lambda: client.delete_cluster("a`b", unsafe_raw=True),
        "an empty statement": lambda: client.submit("  "),
        "an empty request id": lambda: client.get_status(""),
    }.items():
        with checks.check(f"sdk: ValueError for {what}"):
            raises(ValueError, call)
    with checks.check("sdk: none of these was sent"):
        equal(session.seen, [])
        equal(len(emulator.ledger()), taken)


def _raw(emulator: Program, checks: Checks) -> None:
    """`execute` with SQL that no helper makes."""
    client = client_of(emulator.url)
    for statement, want in {
        "create cluster quoted type = 'SQL'": {"name": "quoted"},
        "CREATE CATALOG unity TYPE='UNITY'": {"name": "unity"},
        "GRANT PRIVILEGE SELECT ON TABLE 't' TO USER 'a@b.c'": {},
        "REVOKE PRIVILEGE SELECT ON TABLE 't' FROM USER 'a@b.c'": {},
        "GRANT ROLE ADMIN ON PROJECT 'p' TO GROUP 'g'": {},
        "CREATE GROUP g": {"name": "g"},
        "DELETE GROUP g": {"name": "g"},
        # One line, names bare, any case: as the vendor's Airflow provider and people write.
        "describe cluster quoted": {"name": "quoted"},
        "DELETE   CLUSTER\t\"quoted\"\n": {"name": "quoted"},
    }.items():
        with checks.check(f"sdk: execute {statement!r}"):
            status = client.execute(statement)
            equal(status.api_status, ApiStatus.SUCCESS)
            has(status.api_response, want)
    with checks.check("sdk: execute SHOW POLICIES"):
        payload = client.execute("SHOW POLICIES CATALOG = `unity`").api_response
        contains(payload["queryResultPath"], "://")
    with checks.check("sdk: execute SHOW JARS"):
        equal(names(client.execute("SHOW JARS").api_response), {"tool.jar"})


def _files(emulator: Program, checks: Checks) -> None:
    """Credentials in both formats of the file, and in the environment."""
    # The names that the vendor's CLI has in its JSON.
    cli_names = {
        **{key: IDENTITY[key] for key in ["account_uid", "project_uid", "api_key", "api_secret"]},
        "request_id": IDENTITY["link_uid"],
        "project_region": IDENTITY["region"],
        "user_id": IDENTITY["user_uid"],
        "api_endpoint": emulator.url,
    }
    ini = "".join(f"{key} = {value}\n" for key, value in {**IDENTITY, "base_url": emulator.url}.items())
    with tempfile.TemporaryDirectory() as folder:
        for kind, text in {
            "INI": f"[default]\nregion = other\n[local]\n{ini}",
            "JSON": json.dumps({"_default": "local", "local": cli_names}),
        }.items():
            with checks.check(f"sdk: a credentials file in {kind}"):
                path = Path(folder, kind)
                path.write_text(text, encoding="utf-8")
                path.chmod(0o600)
                client = OnehouseResources(
                    credentials_file=str(path), profile="local", default_poll_interval=POLL
                )
                equal(client.show_clusters().api_status, ApiStatus.SUCCESS)
    with checks.check("sdk: credentials in the environment"):
        variables = {f"ONEHOUSE_{key.upper()}": value for key, value in IDENTITY.items()}
        os.environ.update(variables, ONEHOUSE_BASE_URL=f"{emulator.url}/v1/")
        try:
            client = OnehouseResources(default_poll_interval=POLL)
        finally:
            for name in [*variables, "ONEHOUSE_BASE_URL"]:
                del os.environ[name]
        equal(client.show_clusters().api_status, ApiStatus.SUCCESS)


def _limit(program: str, checks: Checks) -> None:
    """Two requests a second: the SDK waits as long as `Retry-After` says, and gets through."""
    with checks.check("sdk: HTTP 429 is waited out"), Program(
        program, "--pending-polls", "0", "--rate", "2"
    ) as limited:
        session = Counting()
        client = client_of(limited.url, session=session)
        started = time.monotonic()
        statuses: list[int] = []
        # Three requests are too many, unless this machine takes a second for them.
        while 429 not in statuses and len(statuses) < 30:
            client.submit("SHOW LAKES")
            statuses = [status for _, status in session.seen]
        equal((set(statuses), statuses[-1]), ({200, 429}, 200))
        equal(time.monotonic() - started >= 1.0, True)
        # What was refused was not taken.
        equal(len(limited.ledger()), statuses.count(200))
    with checks.check("sdk: HTTP 429 is an error when there are no attempts left"), Program(
        program, "--pending-polls", "0", "--rate", "1"
    ) as limited:
        client = client_of(limited.url, max_retries=0)
        error = raises(ResourcesError, lambda: [client.submit("SHOW LAKES") for _ in range(30)])
        contains(str(error), "HTTP 429")
