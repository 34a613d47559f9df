"""Every command of the vendor's CLI, each as a process of its own, as a person would type it.

A process takes a fifth of a second, so there is no need to call the CLI in any other way.

What the CLI gets wrong (reference 11.4) is stepped around in the arguments and nowhere else: partition keys are given
in all four parts, a job has a parameter at least, and `oh-configure` finds no file that it would spoil.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from onehouse_cli.cli import cli as installed

from checks import Checks, contains, equal, has, names, row
from program import IDENTITY, Program
from sdk_helpers import helpers

BIN = Path(sys.executable).parent

# These talk to something else than the resource API: a sign-in page (see `sessions.py`), a gateway, the user's own files.
ELSEWHERE = {
    "login", "logout", "skill", "install agent-skill",
    "ai-gateway token", "ai-gateway proxy", "ai-gateway run", "ai-gateway login", "ai-gateway logout",
}

IN_TABLE = ["--lake", "analytics", "--database", "events", "--table", "page_views"]


def commands(command: click.Command = installed, path: tuple[str, ...] = ()) -> set[str]:
    """The commands that the installed CLI has, as `table service show`."""
    if not isinstance(command, click.Group):
        return {" ".join(path)}
    return set().union(*(commands(one, (*path, name)) for name, one in command.commands.items()))


class Cli:
    """Runs `oh` with credentials for one emulator, and remembers which commands have succeeded."""

    def __init__(self, emulator: Program, checks: Checks) -> None:
        self.checks = checks
        self.succeeded: set[str] = set()
        self.environment = {
            **os.environ,
            **{f"ONEHOUSE_{key.upper()}": value for key, value in IDENTITY.items()},
            "ONEHOUSE_BASE_URL": emulator.url,
        }

    def process(self, *arguments: str, tool: str = "oh", typed: str = "", **environment: str) -> Any:
        """The process, when it has ended."""
        return subprocess.run(
            [str(BIN / tool), *arguments],
            env={**self.environment, **environment},
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            # Without a terminal of its own: a question for a password reads what is typed here.
            start_new_session=True,
        )

    def __call__(
        self,
        command: str,
        *arguments: str,
        says: str | None = None,
        want: dict[str, Any] | None = None,
        then: Callable[[Any], Any] | None = None,
    ) -> Any:
        """One check: `oh -o json COMMAND ARGUMENTS` succeeds.

        It says `OK  ` and the sentence, if one is given; then comes a payload with the fields in `want`, for which
        `then` does not fail. With neither there is no payload, as after a delete.
        """
        payload = None
        with self.checks.check(f"cli: oh {command} {' '.join(arguments)}"):
            done = self.process("-o", "json", *command.split(" "), *arguments)
            equal((done.returncode, done.stderr), (0, ""))
            text = done.stdout
            if says is not None:
                first, _, text = text.partition("\n")
                equal(first, f"OK  {says}")
            if want is None and then is None:
                equal(text, "")
            else:
                payload = json.loads(text)
                if want is not None:
                    has(payload, want)
                if then is not None:
                    then(payload)
            self.succeeded.add(command)
        return payload


def run(emulator: Program, checks: Checks) -> None:
    """All commands that talk to the resource API, in an order that makes sense."""
    oh = Cli(emulator, checks)
    _create(oh)
    _look(oh)
    _alter(oh)
    _table_services(oh)
    _jobs(oh)
    _sql(oh)
    _output(oh)
    _errors(oh)
    _delete(oh)
    with checks.check("cli: the installed version has 62 commands for resources and two for SQL"):
        equal(len(commands() - ELSEWHERE), 64)
        equal(ELSEWHERE - commands(), set())
    with checks.check("cli: every command was called and has succeeded"):
        equal((commands() - ELSEWHERE) - oh.succeeded, set())
    with checks.check("cli: the emulator has taken a statement of every helper"):
        equal(helpers() - {taken["helper"] for taken in emulator.ledger()}, set())


def run_slow(emulator: Program, checks: Checks) -> None:
    """What needs an operation that is pending at first, and the commands that talk to something else."""
    oh = Cli(emulator, checks)
    oh("cluster show", then=lambda all: equal(row(all, "System")["state"], "RUNNING"))
    _timeout(oh)
    _configure(oh, emulator)
    _elsewhere(oh)


def _create(oh: Cli) -> None:
    # Words of the grammar in the case of the caller: the CLI sends them as they are listed.
    oh("cluster create", "ingest", "--type", "managed", says="Cluster 'ingest' created.",
       want={"name": "ingest", "type": "Managed"})
    oh("cluster create", "spark", "--type", "Spark", "--max-ocu", "10", "--min-ocu", "1",
       "--options", "worker.type=oh-general-4", says="Cluster 'spark' created.",
       want={"type": "Spark", "max_ocu": 10, "min_ocu": 1})
    oh("lake create", "analytics", "--type", "MANAGED", "--bucket-path", "s3://bucket/lake/",
       "--default-services-cluster", "ingest", says="Lake 'analytics' created.",
       want={"name": "analytics", "bucket_path": "s3://bucket/lake/"})
    oh("database create", "events", "--lake", "analytics",
       says="Database 'events' created in lake 'analytics'.", want={"name": "events"})
    oh("catalog create", "glue", "--type", "GLUE", "--credential-type", "CREDENTIAL_TYPE_ONEHOUSE",
       "--options", "k = it's = that", says="Catalog 'glue' created.", want={"name": "glue"})
    oh("source create", "kafka", "--type", "apache_kafka", says="Source 'kafka' created.",
       want={"source_type": "APACHE_KAFKA"})
    oh("source create", "kafka", "--type", "S3", "--credential-type", "CREDENTIAL_TYPE_SECRET_MANAGER",
       "--if-not-exists", "--options", "a=b", says="Source 'kafka' created.", want={"name": "kafka"})
    oh("transformation create", "flat", "--type", "FLATTEN_STRUCT",
       says="Transformation 'flat' created.", want={"name": "flat"})
    oh("validation create", "Schema", "--type", "SCHEMA", "--options", "schema.target_schema_name=s",
       says="Validation 'Schema' created.", want={"name": "Schema"})
    oh("flow create", "clicks", "--source", "kafka", "--lake", "analytics", "--database", "events",
       "--table-name", "page_views", "--write-mode", "immutable", "--cluster", "ingest",
       "--performance-profile", "BALANCED", "--table-type", "COPY_ON_WRITE", "--record-key-fields", "id",
       "--record-key-fields", "it's", "--partition-key-fields", "date:DATE_STRING:yyyy:yyyy",
       "--partition-key-fields", "region:::", "--precombine-key-field", "ts", "--sorting-key-fields", "a",
       "--min-sync-frequency-mins", "5", "--quarantine-enabled", "--catalogs", "glue",
       "--transformations", "flat", "--validations", "Schema", "--options", "kafka.topic.name=views",
       says="Flow 'clicks' created.", want={"id": "clicks:page_views"})
    oh("service-principal create", "bot", says="Service principal 'bot' created.", want={"name": "bot"})
    oh("api-token create", "token", "--service-principal", "bot",
       says="API token 'token' created for service principal 'bot'.",
       then=lambda token: equal(len(token["secret"]) > 20, True))


def _look(oh: Cli) -> None:
    oh("cluster describe", "spark",
       want={"name": "spark", "state": "RUNNING", "options": {"worker.type": "oh-general-4"}})
    oh("cluster show", then=lambda all: equal(names(all), {"Connector", "System", "ingest", "spark"}))
    oh("lake show", then=lambda all: equal(row(all, "analytics")["lake_type"], "MANAGED"))
    oh("database show", "--lake", "analytics", then=lambda all: equal(names(all), {"events"}))
    oh("table show", "--lake", "analytics", "--database", "events",
       then=lambda all: equal(row(all, "page_views")["table_type"], "COPY_ON_WRITE"))
    oh("catalog describe", "glue",
       want={"credential_type": "CREDENTIAL_TYPE_ONEHOUSE", "options": {"k": "it's = that"}})
    oh("catalog show", then=lambda all: equal(names(all), {"glue"}))
    # IF NOT EXISTS has left it alone.
    oh("source describe", "kafka", want={"source_type": "APACHE_KAFKA", "options": {}})
    oh("source show", then=lambda all: equal(names(all), {"kafka"}))
    oh("transformation describe", "flat", want={"type": "FLATTEN_STRUCT"})
    oh("transformation show", then=lambda all: equal(names(all), {"flat"}))
    oh("validation describe", "Schema", want={"options": {"schema.target_schema_name": "s"}})
    oh("validation show", then=lambda all: equal(names(all), {"Schema"}))
    oh("flow describe", "clicks:page_views",
       want={
           "name": "clicks", "write_mode": "IMMUTABLE", "quarantine_enabled": True, "catalogs": ["glue"],
           "record_key_fields": ["id", "it's"], "min_sync_frequency_mins": 5, "precombine_key_field": "ts",
           "partition_key_fields": [
               {"field": "date", "partition_type": "DATE_STRING", "input_format": "yyyy", "output_format": "yyyy"},
               {"field": "region", "partition_type": "", "input_format": "", "output_format": ""},
           ],
       })
    oh("flow show", then=lambda all: equal(row(all, "clicks")["id"], "clicks:page_views"))
    oh("service-principal show", then=lambda all: equal(names(all), {"bot"}))


def _alter(oh: Cli) -> None:
    oh("cluster alter", "spark", "--state", "stop", "--max-ocu", "20", "--min-ocu", "2", "--new-name", "spark2",
       "--options", "worker.type=oh-general-8", says="Cluster 'spark' altered.", want={"name": "spark2"})
    oh("cluster describe", "spark2", want={"state": "STOPPED", "max_ocu": 20, "min_ocu": 2})
    oh("lake alter", "analytics", "--default-services-cluster", "spark2", says="Lake 'analytics' altered.",
       want={"default_services_cluster": "spark2"})
    for change in [
        ["--source", "kafka", "--options", "kafka.topic.name=views2"],
        ["--cluster", "spark2"],
        ["--performance-profile", "FASTEST_READ"],
        ["--min-sync-frequency-mins", "15"],
        ["--transformations", "flat"],
        ["--validations", "Schema"],
        ["--no-quarantine-enabled"],
        ["--state", "pause"],
    ]:
        oh("flow alter", "clicks", *change, says="Flow 'clicks' altered.", want={"name": "clicks"})
    oh("flow describe", "clicks",
       want={
           "state": "PAUSED", "cluster": "spark2", "performance_profile": "FASTEST_READ",
           "min_sync_frequency_mins": 15, "quarantine_enabled": False,
       })
    oh("flow alter", "clicks", "--state", "RESUME", says="Flow 'clicks' altered.", want={"state": "RUNNING"})
    oh("service-principal alter", "bot", "--new-name", "ci-bot",
       says="Service principal 'bot' renamed to 'ci-bot'.", want={"name": "ci-bot"})


def _table_services(oh: Cli) -> None:
    cluster = [*IN_TABLE, "--service", "cluster"]
    compact = [*IN_TABLE, "--service", "COMPACT"]
    table = "analytics.events.page_views"
    oh("table service create", *cluster, "--trigger-mode", "automatic", "--options", "cluster.field.names=a,b",
       says=f"Table service 'CLUSTER' created on '{table}'.", want={"service": "CLUSTER"})
    oh("table service show", *IN_TABLE,
       then=lambda all: equal(names(all, "service"), {"CLEAN", "CLUSTER", "COMPACT"}))
    oh("table service alter", *cluster, "--trigger-mode", "ON_DEMAND", says="Table service 'CLUSTER' altered.",
       want={"trigger_mode": "ON_DEMAND"})
    oh("table service alter-cluster", *IN_TABLE, "--services-cluster", "ingest",
       says=f"Services cluster for '{table}' updated.", want={"services_cluster": "ingest"})
    oh("table service pause", *cluster, says="Table service 'CLUSTER' paused.")
    oh("table service describe", *cluster, want={"state": "Paused", "services_cluster": "ingest"})
    oh("table service resume", *cluster, says="Table service 'CLUSTER' resumed.")
    oh("table service describe", *cluster, want={"state": "Active"})
    oh("table service run", *compact, says=f"Service 'COMPACT' triggered on '{table}'.", then=dict)
    oh("table service cancel", *compact, says="Table service 'COMPACT' cancelled.")
    # Whether it was over before it could be cancelled is not told apart here.
    oh("table service show-runs", *compact, then=lambda runs: equal(names(runs, "service"), {"COMPACT"}))


def _jobs(oh: Cli) -> None:
    oh("job create", "etl", "--type", "python", "--cluster", "ingest", "--parameters=--conf",
       "--parameters", "a=b", says="Job 'etl' created.", want={"name": "etl", "type": "PYTHON"})
    oh("job alter", "etl", "--cluster", "spark2", says="Job 'etl' altered.", want={"cluster": "spark2"})
    oh("job alter", "etl", "--parameters", "x", says="Job 'etl' altered.", want={"parameters": ["x"]})
    oh("job describe", "etl", want={"cluster": "spark2", "parameters": ["x"]})
    started = oh("job run", "etl", says="Job 'etl' started.", then=lambda run: run["jobRunId"])
    run = (started or {}).get("jobRunId", "0")
    oh("job describe-run", run, "--job-name", "etl",
       then=lambda run: equal(run["sparkJobRun"]["status"], "SPARK_JOB_RUN_STATUS_QUEUED"))
    oh("job cancel-run", run, "--job-name", "etl", says=f"Job run '{run}' cancelled.")
    oh("job show-runs", "etl",
       then=lambda runs: equal([run["status"] for run in runs], ["SPARK_JOB_RUN_STATUS_CANCELED"]))
    oh("job create-and-run", "once", "--type", "JAR", "--cluster", "ingest", "--parameters", "it's",
       says="Job 'once' created and started.", then=lambda run: run["jobRunId"])
    oh("job show", then=lambda all: equal(names(all), {"etl", "once"}))
    oh("job upload-jar", "tool", "--options", "s3.path=s3://b/tool.jar", says="JAR 'tool' uploaded.",
       want={"name": "tool"})
    oh("job replace-jar", "tool", "--options", "gcs.path=gs://b/tool.jar", says="JAR 'tool' replaced.",
       want={"version": 2})


def _sql(oh: Cli) -> None:
    oh("sql exec", "-c", "SHOW CLUSTERS", then=lambda all: equal(len(all), 4))
    oh("sql exec", "--command", "grant privilege select on table 't' to user 'a@b.c'", then=dict)
    with oh.checks.check("cli: oh sql exec --async-mode, then oh sql status"):
        done = oh.process("sql", "exec", "--async-mode", "-c", "SHOW LAKES")
        label, _, request_id = done.stdout.strip().rpartition(" ")
        equal((done.returncode, label), (0, "Submitted. Request ID:"))
        done = oh.process("-o", "json", "sql", "status", request_id)
        first, _, payload = done.stdout.partition("\n")
        equal((done.returncode, first), (0, "Status: API_OPERATION_STATUS_SUCCESS"))
        equal(names(json.loads(payload)), {"analytics"})
        oh.succeeded.add("sql status")


def _output(oh: Cli) -> None:
    with oh.checks.check("cli: a table of what SHOW gives"):
        done = oh.process("cluster", "show")
        equal((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        equal([cell.strip() for cell in lines[1].strip("|").split("|")], ["name", "type", "state"])
        # Three borders, the titles, four clusters, all of the same width.
        equal((len(lines), len({len(line) for line in lines})), (8, 1))
    with oh.checks.check("cli: nothing for nothing to show"):
        equal(oh.process("-o", "table", "sql", "exec", "-c", "SHOW GROUPS").stdout, "")
    with oh.checks.check("cli: --show-sql sends nothing, and the emulator reads what it shows"):
        shown = oh.process("cluster", "create", "shown", "--type", "SQL", "--max-ocu", "3", "--show-sql").stdout
        equal(shown, "CREATE CLUSTER `shown`\n  TYPE = 'SQL'\n  MAX_OCU = 3\n")
        equal(oh.process("cluster", "describe", "shown").returncode, 1)
        equal(oh.process("sql", "exec", "-c", shown).returncode, 0)
        equal(oh.process("cluster", "delete", "shown").returncode, 0)


def _errors(oh: Cli) -> None:
    """Exit code 1, and one line that says what is wrong."""

    def fails(what: str, *arguments: str, parts: list[str], code: int = 1, **environment: str) -> None:
        with oh.checks.check(f"cli: {what}"):
            done = oh.process(*arguments, **environment)
            equal((done.returncode, done.stdout), (code, ""))
            contains(done.stderr, *parts)
            if code == 1:
                equal(done.stderr.count("\n"), 1)

    fails("SQL that is none", "sql", "exec", "-c", "SHOW CLUSTERS;",
          parts=["Error: SQL parse error: Invalid sql query:", "column 14"])
    fails("a cluster that does not exist", "cluster", "describe", "nowhere",
          parts=["Error: Operation failed (request ", "cluster 'nowhere' does not exist"])
    fails("a lake that is not empty", "lake", "delete", "analytics",
          parts=["Error: Operation failed", "FAILED_PRECONDITION"])
    fails("a wrong secret", "cluster", "show", ONEHOUSE_API_SECRET="wrong",
          parts=["Error: Authentication error: HTTP 401", "x-onehouse-api-secret"])
    fails("a wrong region", "cluster", "show", ONEHOUSE_REGION="us-east-1",
          parts=["Error: Authentication error: HTTP 403", "x-onehouse-region"])
    fails("a request id that nobody has", "sql", "status", "nobody", parts=["HTTP 404"])
    fails("a type that is none", "cluster", "create", "c", "--type", "X", parts=["Usage:"], code=2)


def _delete(oh: Cli) -> None:
    oh("api-token delete", "token", "--service-principal", "ci-bot", says="API token 'token' deleted.")
    oh("service-principal delete", "ci-bot", says="Service principal 'ci-bot' deleted.")
    for job in ["etl", "once"]:
        oh("job delete", job, says=f"Job '{job}' deleted.")
    oh("flow delete", "clicks", says="Flow 'clicks' deleted.")
    oh("database delete", "events", "--lake", "analytics", "--cascade", says="Database 'events' deleted.")
    oh("lake delete", "analytics", "--cascade", says="Lake 'analytics' deleted.")
    oh("transformation delete", "flat", says="Transformation 'flat' deleted.")
    oh("validation delete", "Schema", says="Validation 'Schema' deleted.")
    oh("source delete", "kafka", says="Source 'kafka' deleted.")
    oh("catalog delete", "glue", says="Catalog 'glue' deleted.")
    for cluster in ["ingest", "spark2"]:
        oh("cluster delete", cluster, says=f"Cluster '{cluster}' deleted.")
    for group in ["lake", "job", "flow", "transformation", "validation", "source", "catalog", "service-principal"]:
        oh(f"{group} show", then=lambda all: equal(all, []))


def _timeout(oh: Cli) -> None:
    with oh.checks.check("cli: a wait that is over too soon names the request, which can be asked for"):
        done = oh.process("--timeout", "0", "cluster", "create", "late", "--type", "SQL")
        equal((done.returncode, done.stdout), (1, ""))
        contains(done.stderr, "Error: Timed out after 0.0s waiting for request ")
        request_id = done.stderr.split()[-1]
        done = oh.process("-o", "json", "sql", "status", request_id)
        contains(done.stdout, "Status: API_OPERATION_STATUS_SUCCESS\n", '"name": "late"')
    oh("sql exec", "-c", "DELETE CLUSTER late", want={"name": "late"})


def _configure(oh: Cli, emulator: Program) -> None:
    """`oh-configure` writes a profile for the emulator, and `oh` works with it and nothing else."""
    home = Path(os.environ["HOME"], "configured")
    home.mkdir()
    nothing = {name: "" for name in oh.environment if name.startswith("ONEHOUSE_") and name != "ONEHOUSE_SESSION_STORE"}
    order = ["account_uid", "project_uid", "api_key", "api_secret", "region", "user_uid", "link_uid"]
    answers = ["emulator", *(IDENTITY[field] for field in order), emulator.url, "", "y"]
    with oh.checks.check("cli: oh-configure"):
        done = oh.process(tool="oh-configure", typed="\n".join(answers) + "\n", HOME=str(home), **nothing)
        equal(done.returncode, 0)
        contains(done.stdout, "Profile 'emulator' configured successfully!")
        saved = json.loads((home / ".onehouse" / "credentials").read_text(encoding="utf-8"))
        has(saved["emulator"], {"api_endpoint": emulator.url, "request_id": IDENTITY["link_uid"]})
    for profile in [[], ["--profile", "emulator"]]:
        with oh.checks.check(f"cli: oh {' '.join(profile)} with the file that oh-configure has written"):
            done = oh.process(*profile, "sql", "exec", "--async-mode", "-c", "SHOW LAKES", HOME=str(home), **nothing)
            equal((done.returncode, done.stderr), (0, ""))
            contains(done.stdout, "Submitted. Request ID: ")
    with oh.checks.check("cli: oh without credentials"):
        done = oh.process("--profile", "other", "cluster", "show", HOME=str(home), **nothing)
        equal(done.returncode, 1)
        contains(done.stderr, "Missing required Onehouse credentials: account_uid")


def _elsewhere(oh: Cli) -> None:
    """The commands that the emulator has no part in end, and end in order, with it for an address."""

    def ends(code: int, *arguments: str, out: str = "", err: str = "") -> None:
        with oh.checks.check(f"cli: oh {' '.join(arguments)}"):
            done = oh.process(*arguments)
            equal(done.returncode, code)
            contains(done.stdout, out)
            contains(done.stderr, err)

    no_gateway = "No AI Gateway configured"
    ends(0, "--version", out="0.4.0")
    ends(0, "skill", out="name: onehouse-cli")
    ends(0, "install", "agent-skill", "--all", "--dry-run", out="[dry-run]")
    ends(0, "logout", out="Not signed in to http://127.0.0.1")
    ends(1, "ai-gateway", "token", err=no_gateway)
    ends(1, "ai-gateway", "proxy", err=no_gateway)
    ends(1, "ai-gateway", "run", "--client", "codex", "x", err=no_gateway)
    ends(1, "ai-gateway", "login", "--no-browser", err=no_gateway)
    ends(1, "ai-gateway", "logout", err=no_gateway)
