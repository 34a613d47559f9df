"""Every helper of the vendor's SDK, in an order in which a project could be built up and taken down again."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from typing import Any

from onehouse_python_sdk.resources import ApiStatus, OnehouseResources
from onehouse_python_sdk.resources.sql.commands import PartitionKeyField, build_run_service_in_table

from checks import Checks, contains, equal, has, names, row

# The SDK's methods that are no helpers: they take SQL or a request id.
RAW = {"submit", "get_status", "execute"}

TABLE = {"lake": "analytics", "database": "events", "table": "page_views"}
IN_TABLE = {"lake": "analytics", "database": "events"}


def helpers() -> set[str]:
    """The helpers that the installed SDK has."""
    methods = inspect.getmembers(OnehouseResources, inspect.isfunction)
    return {name for name, _ in methods if not name.startswith("_")} - RAW


class Steps:
    """Calls helpers, each call a check, and counts them."""

    def __init__(self, client: OnehouseResources, checks: Checks) -> None:
        self._client = client
        self._checks = checks
        self.called: Counter[str] = Counter()
        self.succeeded: set[str] = set()

    def __call__(
        self,
        helper: str,
        *arguments: str,
        want: dict[str, Any] | None = None,
        then: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Calls a helper. Its payload has the fields in `want`, and `then` does not fail on it."""
        payload = None
        self.called[helper] += 1
        with self._checks.check(f"sdk: {helper}{arguments or ''} {options or ''}"):
            status = getattr(self._client, helper)(*arguments, **options)
            equal(status.api_status, ApiStatus.SUCCESS)
            equal((status.terminal, status.partial), (True, False))
            equal(status.raw["apiStatus"], "API_OPERATION_STATUS_SUCCESS")
            payload = status.api_response
            if want is not None:
                has(payload, want)
            if then is not None:
                then(payload)
            self.succeeded.add(helper)
        return payload

    def submit(self, helper: str, statement: str) -> None:
        """Sends what a helper would send, and does not wait for it."""
        self.called[helper] += 1
        with self._checks.check(f"sdk: submit {statement!r}"):
            equal(bool(self._client.submit(statement).request_id), True)


def run(client: OnehouseResources, checks: Checks) -> Counter[str]:
    """Calls all helpers; returns how often each was called."""
    step = Steps(client, checks)
    _clusters(step)
    _lakes_and_databases(step)
    _connections(step)
    _steps_of_flows(step)
    _flows(step)
    _table_services(step)
    _jobs(step)
    _jars(step)
    _access(step)
    _deletes(step)
    with checks.check("sdk: the installed version has 62 helpers"):
        equal(len(helpers()), 62)
    with checks.check("sdk: every helper was called and has succeeded"):
        equal(helpers() - step.succeeded, set())
    return step.called


def _clusters(step: Steps) -> None:
    step("create_cluster", "ingest", type="Managed", want={"name": "ingest"})
    step(
        "create_cluster", "prod", type="Spark", max_ocu=10, min_ocu=1, options={"worker.type": "oh-general-4"},
        want={"name": "prod", "type": "Spark", "max_ocu": 10, "min_ocu": 1},
    )
    step("create_cluster", "sql", type="sql", want={"type": "SQL"})
    step(
        "describe_cluster", "prod",
        want={"name": "prod", "type": "Spark", "max_ocu": 10, "min_ocu": 1, "state": "RUNNING"},
    )
    step("show_clusters", then=lambda all: equal(row(all, "ingest")["state"], "RUNNING"))
    # All mutators at once, a new name among them.
    step(
        "alter_cluster", "prod", state="STOP", max_ocu=20, min_ocu=2, new_name="spark 2",
        options={"worker.type": "oh-general-8"}, want={"name": "spark 2"},
    )
    # The name is no identifier now: without `unsafe_raw` the SDK would refuse it.
    step(
        "describe_cluster", "spark 2", unsafe_raw=True,
        want={"max_ocu": 20, "min_ocu": 2, "state": "STOPPED", "options": {"worker.type": "oh-general-8"}},
    )
    # With `unsafe_raw` the SDK leaves the quotes of the values away, and the emulator reads that too.
    step("alter_cluster", "spark 2", state="START", new_name="spark", unsafe_raw=True, want={"name": "spark"})
    step("describe_cluster", "spark", want={"state": "RUNNING"})
    # The two that every project has are there besides.
    step("show_clusters", then=lambda all: equal(names(all), {"Connector", "System", "ingest", "spark", "sql"}))


def _lakes_and_databases(step: Steps) -> None:
    step(
        "create_lake", "analytics", lake_type="MANAGED", bucket_path="s3://bucket/lake/",
        default_services_cluster="ingest",
        want={"name": "analytics", "lake_type": "MANAGED", "bucket_path": "s3://bucket/lake/"},
    )
    step(
        "create_lake", "spare", lake_type="OBSERVED", bucket_path="gs://bucket/spare/",
        default_services_cluster="ingest",
    )
    step("alter_lake", "analytics", default_services_cluster="spark")
    step("show_lakes", then=lambda all: equal(row(all, "analytics")["default_services_cluster"], "spark"))
    step("create_database", "events", lake="analytics", want={"name": "events", "lake": "analytics"})
    step("create_database", "staging", lake="analytics")
    step("create_database", "left", lake="spare")
    step("show_databases", lake="analytics", then=lambda all: equal(names(all), {"events", "staging"}))
    step("show_tables", lake="analytics", database="events", then=lambda all: equal(all, []))


def _connections(step: Steps) -> None:
    step(
        "create_catalog", "glue", type="GLUE", credential_type="CREDENTIAL_TYPE_ONEHOUSE",
        want={"name": "glue", "type": "GLUE"},
    )
    step("create_catalog", "hive", type="hive", options={"k1": "it's", "k2": "ü\t\\"})
    step(
        "describe_catalog", "glue",
        want={"name": "glue", "type": "GLUE", "credential_type": "CREDENTIAL_TYPE_ONEHOUSE"},
    )
    step("describe_catalog", "hive", want={"type": "HIVE", "options": {"k1": "it's", "k2": "ü\t\\"}})
    step("show_catalogs", then=lambda all: equal(names(all), {"glue", "hive"}))

    step(
        "create_source", "kafka", source_type="APACHE_KAFKA",
        credential_type="CREDENTIAL_TYPE_SECRET_MANAGER", options={"bootstrap.servers": "b:9092"},
        want={"name": "kafka", "source_type": "APACHE_KAFKA"},
    )
    step("create_source", "files", source_type="S3")
    # There is one already: it stays as it is.
    step("create_source", "files", source_type="GCS", if_not_exists=True)
    step("describe_source", "files", want={"name": "files", "source_type": "S3"})
    step("show_sources", then=lambda all: equal(names(all), {"kafka", "files"}))


def _steps_of_flows(step: Steps) -> None:
    options = {
        "row.filtering.transformation.field": "event",
        "row.filtering.transformation.sql.operator": "EQ",
        "row.filtering.transformation.value": "click",
        "row.filtering.transformation.value.type": "string",
    }
    # Names of transformations lose their case.
    step("create_transformation", "Clicks", type="ROW_FILTERING", options=options, want={"name": "clicks"})
    step("create_transformation", "flat", type="FLATTEN_STRUCT")
    step(
        "describe_transformation", "CLICKS",
        want={"name": "clicks", "type": "ROW_FILTERING", "options": options},
    )
    step("show_transformations", then=lambda all: equal(names(all), {"clicks", "flat"}))

    # Those of validations keep it.
    step("create_validation", "Schema", type="SCHEMA", options={"schema.target_schema_name": "s"})
    step("create_validation", "schema", type="TIMESTAMP", options={"timestamp.field": "ts"})
    step("describe_validation", "Schema", want={"name": "Schema", "type": "SCHEMA"})
    step("describe_validation", "schema", want={"options": {"timestamp.field": "ts"}})
    step("show_validations", then=lambda all: equal(names(all), {"Schema", "schema"}))


def _flows(step: Steps) -> None:
    keys = [
        PartitionKeyField(field="date", partition_type="DATE_STRING", input_format="yyyy", output_format="yyyy"),
        PartitionKeyField(field="region"),
    ]
    step(
        "create_flow", "clicks", source="kafka", lake="analytics", database="events", table_name="page_views",
        write_mode="IMMUTABLE", cluster="ingest", performance_profile="BALANCED",
        source_data_schema="clicks-value", catalogs=["glue", "hive"], transformations=["clicks", "flat"],
        record_key_fields=["id", "it's"], partition_key_fields=keys, precombine_key_field="ts",
        sorting_key_fields=["a"], min_sync_frequency_mins=5, quarantine_enabled=True, validations=["Schema"],
        table_type="COPY_ON_WRITE", options={"kafka.topic.name": "views"},
        want={"id": "clicks:page_views"},
    )
    step(
        "create_flow", "files", source="files", lake="analytics", database="events", table_name="files",
        write_mode="MUTABLE", cluster="ingest", quarantine_enabled=False,
    )
    step(
        "describe_flow", "clicks",
        want={
            "id": "clicks:page_views", "state": "RUNNING", "source": "kafka", "lake": "analytics",
            "database": "events", "table_name": "page_views", "write_mode": "IMMUTABLE", "cluster": "ingest",
            "performance_profile": "BALANCED", "source_data_schema": "clicks-value",
            "catalogs": ["glue", "hive"], "transformations": ["clicks", "flat"],
            "record_key_fields": ["id", "it's"], "precombine_key_field": "ts", "sorting_key_fields": ["a"],
            "min_sync_frequency_mins": 5, "quarantine_enabled": True, "validations": ["Schema"],
            "table_type": "COPY_ON_WRITE",
            "options": {"kafka.topic.name": "views", "kafka.startingOffsets": "earliest"},
        },
        then=lambda flow: equal([key["field"] for key in flow["partition_key_fields"]], ["date", "region"]),
    )
    # By the id that SHOW FLOWS has; and what a flow is that was told little.
    step(
        "describe_flow", "files:files", unsafe_raw=True,
        want={"name": "files", "min_sync_frequency_mins": 1, "table_type": "MERGE_ON_READ",
              "quarantine_enabled": False},
    )
    step("show_flows", then=lambda all: equal(names(all, "id"), {"clicks:page_views", "files:files"}))
    step("show_tables", lake="analytics", database="events",
         then=lambda all: equal(names(all), {"page_views", "files"}))

    changes: list[dict[str, Any]] = [
        {"source": "kafka", "options": {"kafka.topic.name": "views2"}},
        {"cluster": "spark"},
        {"performance_profile": "FASTEST_READ"},
        {"min_sync_frequency_mins": 15},
        {"transformations": ["flat"]},
        {"validations": ["schema"]},
        {"quarantine_enabled": False},
        {"advanced_configs": True, "options": {"flow.deduplicationPolicy": "drop"}},
        {"state": "PAUSE"},
    ]
    for change in changes:
        step("alter_flow", "clicks", **change)
    step(
        "describe_flow", "clicks",
        want={
            "state": "PAUSED", "cluster": "spark", "performance_profile": "FASTEST_READ",
            "min_sync_frequency_mins": 15, "transformations": ["flat"], "validations": ["schema"],
            "quarantine_enabled": False,
        },
        then=lambda flow: has(
            flow["options"], {"kafka.topic.name": "views2", "flow.deduplicationPolicy": "drop"}
        ),
    )
    # The services of its table have followed it, and follow it back.
    step("show_table_services", **TABLE, then=lambda all: equal({s["state"] for s in all}, {"Paused"}))
    step("alter_flow", "clicks", state="RESUME", want={"state": "RUNNING"})
    step("show_table_services", **TABLE, then=lambda all: equal({s["state"] for s in all}, {"Active"}))
    step("alter_flow", "clicks", state="CLEAN_AND_RESTART", want={"state": "RUNNING"})
    step("show_tables", **IN_TABLE, then=lambda all: equal(row(all, "page_views")["version"], 2))


def _table_services(step: Steps) -> None:
    step("show_table_services", **TABLE, then=lambda all: equal(names(all, "service"), {"CLEAN", "COMPACT"}))
    step(
        "create_table_service", **TABLE, service="CLUSTER", trigger_mode="AUTOMATIC",
        options={"cluster.field.names": "date,tenant"}, want={"service": "CLUSTER", "state": "Active"},
    )
    step("create_table_service", **TABLE, service="METASYNC", want={"trigger_mode": "AUTOMATIC"})
    step("alter_table_service", **TABLE, service="CLUSTER", trigger_mode="ON_DEMAND",
         options={"cluster.frequency": "4"})
    step("alter_services_cluster_in_table", "page_views", **IN_TABLE, services_cluster="ingest")
    step(
        "describe_table_service", **TABLE, service="CLUSTER",
        want={
            "service": "CLUSTER", "trigger_mode": "ON_DEMAND", "services_cluster": "ingest",
            "options": {"cluster.field.names": "date,tenant", "cluster.frequency": "4"},
        },
    )
    step("pause_table_service", **TABLE, service="CLUSTER", want={"state": "Paused"})
    step("describe_table_service", **TABLE, service="CLUSTER", want={"state": "Paused"})
    step("resume_table_service", **TABLE, service="CLUSTER", want={"state": "Active"})
    step("run_service_in_table", "page_views", **IN_TABLE, service="CLUSTER", want={"service": "CLUSTER"})
    step("run_service_in_table", "page_views", **IN_TABLE, service="AUTOSAVEPOINT")
    step("show_runs_in_table_service", **TABLE, service="CLUSTER",
         then=lambda runs: equal([run["status"] for run in runs], ["COMPLETED"]))
    # A run goes on until its operation ends: nobody waits for this one, so that there is something to cancel.
    step.submit("run_service_in_table", build_run_service_in_table("page_views", **IN_TABLE, service="COMPACT"))
    step("cancel_table_service", **TABLE, service="COMPACT")
    step("show_runs_in_table_service", **TABLE, service="COMPACT",
         then=lambda runs: equal([run["status"] for run in runs], ["CANCELED"]))


def _jobs(step: Steps) -> None:
    parameters = ["--conf", "spark.archives=s3a://b/venv.tar.gz#environment", "it's", "s3a://b/job.py"]
    step("create_job", "etl", type="PYTHON", parameters=parameters, cluster="ingest", want={"name": "etl"})
    step("describe_job", "etl", want={"type": "PYTHON", "parameters": parameters, "cluster": "ingest"})
    step("alter_job", "etl", cluster="spark")
    step("alter_job", "etl", parameters=["a", ""])
    step("describe_job", "etl", want={"cluster": "spark", "parameters": ["a", ""]})

    run_id = lambda payload: payload["jobRunId"]
    first = (step("run_job", "etl", then=run_id) or {}).get("jobRunId", "0")
    for status in ["QUEUED", "RUNNING", "COMPLETED"]:
        step(
            "describe_job_run", first, job_name="etl",
            then=lambda run, status=status: equal(
                run["sparkJobRun"]["status"], f"SPARK_JOB_RUN_STATUS_{status}"
            ),
        )
    step("create_and_run_job", "once", type="JAR", parameters=["--class", "a.B"], cluster="spark", then=run_id)
    second = (step("run_job", "once", then=run_id) or {}).get("jobRunId", "0")
    step("cancel_job_run", second, job_name="once")
    step("show_runs_in_job", "once",
         then=lambda runs: equal(row(runs, second, "jobRunId")["status"], "SPARK_JOB_RUN_STATUS_CANCELED"))
    step("show_runs_in_job", "once", then=lambda runs: equal(len(runs), 2))
    step("show_jobs", then=lambda all: equal(names(all), {"etl", "once"}))


def _jars(step: Steps) -> None:
    # Names of jars end in `.jar`, which the SDK takes for an identifier only if it does not look.
    step("upload_jar", "tool.jar", options={"s3.path": "s3://b/tool.jar"}, unsafe_raw=True,
         then=lambda jar: equal("s3://" in jar["jar_path"], False))
    step("replace_jar", "tool.jar", options={"gcs.path": "gs://b/tool.jar"}, unsafe_raw=True,
         want={"name": "tool.jar", "version": 2})


def _access(step: Steps) -> None:
    step("create_service_principal", "bot", want={"name": "bot"})
    step("create_api_token", "token", service_principal="bot",
         then=lambda token: equal(len(token["secret"]) > 20, True))
    step("alter_service_principal", "bot", new_name="ci bot", want={"name": "ci bot"})
    step(
        "show_service_principals",
        then=lambda all: (row(all, "ci bot"), equal("secret" in str(all), False)),
    )
    # The token has gone along with its principal.
    step("delete_api_token", "token", service_principal="ci bot", want={"name": "token"})


def _deletes(step: Steps) -> None:
    """What depends on something goes before it."""
    step("delete_service_principal", "ci bot", unsafe_raw=True)
    step("show_service_principals", then=lambda all: equal(all, []))
    for job in ["etl", "once"]:
        step("delete_job", job)
    step("show_jobs", then=lambda all: equal(all, []))
    step("delete_flow", "clicks")
    step("show_flows", then=lambda all: equal(names(all), {"files"}))
    # The table of a flow that has gone is still there, its services are paused.
    step("show_table_services", **TABLE, then=lambda all: equal({s["state"] for s in all}, {"Paused"}))
    step("delete_database", "staging", lake="analytics")
    # CASCADE takes the tables and the flow that writes one of them.
    step("delete_lake", "analytics", cascade=True, want={"name": "analytics"})
    step("show_flows", then=lambda all: equal(all, []))
    step("delete_database", "left", lake="spare", cascade=True)
    step("show_databases", lake="spare", then=lambda all: equal(all, []))
    step("delete_lake", "spare")
    step("show_lakes", then=lambda all: equal(all, []))
    for transformation in ["clicks", "FLAT"]:
        step("delete_transformation", transformation)
    for validation in ["Schema", "schema"]:
        step("delete_validation", validation)
    for source in ["kafka", "files"]:
        step("delete_source", source)
    for catalog in ["glue", "hive"]:
        step("delete_catalog", catalog)
    for cluster in ["ingest", "spark", "sql"]:
        step("delete_cluster", cluster)
    step("show_clusters", then=lambda all: contains(str(sorted(names(all))), "['Connector', 'System']"))
