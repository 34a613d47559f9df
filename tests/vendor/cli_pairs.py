"""Every command line of the vendor's CLI, given to `oh` and to `controlplane onehouse`.

One table has the lines. Each is run twice, by each program against an emulator of its own, and must leave the same
statements there and end in the same way. What `oh` gets wrong has lines of its own, with what each program leaves.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click
from onehouse_cli.cli import cli as installed

from checks import Checks, contains, equal
from program import IDENTITY, Program

BIN = Path(sys.executable).parent

# So many pairs of programs run at a time.
LANES = 2

# These talk to something else than the resource API: see `cli_commands.py` and `sessions.py`.
ELSEWHERE = ("login", "logout", "skill", "install", "ai-gateway")

TYPES = {
    "cluster": ["Managed", "SQL", "Spark", "Open_Engines", "Notebook", "LakeBase"],
    "catalog": ["GLUE", "HIVE", "BIGQUERY", "DATAHUB", "ONETABLE", "DATAPROC", "UNITY", "SNOWFLAKE", "ONELAKE"],
    "source": ["APACHE_KAFKA", "MSK_KAFKA", "CONFLUENT_KAFKA", "S3", "GCS", "ONEHOUSE_TABLE", "POSTGRES", "MY_SQL"],
    "transformation": ["CONVERT_CDC", "ROW_FILTERING", "DERIVED_DATE", "ADD_CURRENT_TIMESTAMP", "USER_PROVIDED",
                       "DATA_MASKING", "L_PARSE_JSON", "FLATTEN_STRUCT", "EXPLODE_ARRAY", "VECTOR_EMBEDDING"],
    "validation": ["SCHEMA", "TIMESTAMP"],
}
CREDENTIALS = ["CREDENTIAL_TYPE_ONEHOUSE", "CREDENTIAL_TYPE_SECRET_MANAGER"]
SERVICES = ["CLUSTER", "COMPACT", "CLEAN", "METASYNC"]
IN_TABLE = "--lake analytics --database events --table views"
FLOW = ("--source kafka --lake analytics --database events --table-name views --write-mode MUTABLE "
        "--cluster ingest")


def spellings(word: str) -> list[str]:
    """A word of the grammar as it is listed, in small and in mixed letters."""
    return [word, word.lower(), word.swapcase()]


def lines() -> Iterator[str]:
    """The command lines that both programs understand in the same way."""
    yield from _clusters()
    yield from _lakes_and_databases()
    yield from _catalogs_and_sources()
    yield from _flows()
    yield from _table_services()
    yield from _jobs()
    yield from _identities()
    yield from _sql()
    yield from _globals()
    yield from _refused()
    yield from _deletes()


def _clusters() -> Iterator[str]:
    yield "cluster create ingest --type Managed"
    for kind in TYPES["cluster"]:
        for number, word in enumerate(spellings(kind)):
            yield f"cluster create c-{kind.lower()}-{number} --type {word}"
    yield "cluster create sized --type Spark --max-ocu 10 --min-ocu 1"
    yield "cluster create zero --type Spark --min-ocu 0"
    yield "cluster create big --type Spark --max-ocu=9223372036854775807"
    yield "cluster create with --type Spark --options worker.type=oh-general-4 --options 'a = b=c '"
    yield "cluster create twice --type Spark --options k=1 --options z=2 --options k=3"
    yield "cluster create quoted --type SQL --options \"k=it's\" --options 'e='"
    yield "cluster create --type SQL after"
    yield "cluster create last-wins --type SQL --type Spark --max-ocu 1 --max-ocu 2"
    yield "cluster create -- dashes --type"
    for state in ["START", "STOP"]:
        for word in spellings(state):
            yield f"cluster alter sized --state {word}"
    yield "cluster alter sized --max-ocu 20"
    yield "cluster alter sized --min-ocu 2"
    yield "cluster alter sized --max-ocu -1"
    yield "cluster alter sized --options worker.type=oh-general-8"
    yield "cluster alter sized --state STOP --max-ocu 30 --min-ocu 3 --new-name sized2 --options a=b"
    yield "cluster alter sized2 --new-name 'with spaces'"
    yield "cluster alter zero --new-name -hyphen"
    yield "cluster describe zero"
    yield "cluster describe nosuch"
    yield "cluster show"


def _lakes_and_databases() -> Iterator[str]:
    for number, word in enumerate(spellings("MANAGED") + spellings("OBSERVED")):
        yield (f"lake create lake{number} --type {word} --bucket-path s3://bucket/lake{number}/ "
               "--default-services-cluster ingest")
    yield "lake create analytics --type MANAGED --bucket-path s3://bucket/a/ --default-services-cluster ingest"
    yield "lake create spaces --type MANAGED --bucket-path \"s3://b/it's here/\" --default-services-cluster 'a b'"
    yield "lake alter analytics --default-services-cluster ingest"
    yield "lake alter nosuch --default-services-cluster ingest"
    yield "lake show"
    yield "database create events --lake analytics"
    yield "database create quoted --lake \"it's\""
    yield "database create spare --lake analytics"
    yield "database show --lake analytics"
    yield "database show --lake 'a b'"
    yield "table show --lake analytics --database events"
    yield "table show --database events --lake 'nosuch lake'"


def _catalogs_and_sources() -> Iterator[str]:
    for kind in TYPES["catalog"]:
        for number, word in enumerate(spellings(kind)):
            yield f"catalog create k-{kind.lower()}-{number} --type {word} --credential-type {CREDENTIALS[0]}"
    for word in spellings(CREDENTIALS[1]):
        yield f"catalog create glue --type GLUE --credential-type {word} --options 'k = it'"
    yield "catalog create two --type HIVE --credential-type CREDENTIAL_TYPE_ONEHOUSE --options a=1 --options b=2"
    yield "catalog describe glue"
    yield "catalog show"
    for kind in TYPES["source"]:
        for number, word in enumerate(spellings(kind)):
            yield f"source create s-{kind.lower()}-{number} --type {word}"
    yield "source create kafka --type APACHE_KAFKA --options BOOTSTRAP_SERVERS=a:9092,b:9092"
    for word in spellings(CREDENTIALS[0]) + spellings(CREDENTIALS[1]):
        yield f"source create kafka --type S3 --credential-type {word} --if-not-exists"
    yield "source create kafka --if-not-exists --type S3 --options a=b --options 'secret.key=x y'"
    yield "source describe kafka"
    yield "source show"
    for group in ["transformation", "validation"]:
        for kind in TYPES[group]:
            for number, word in enumerate(spellings(kind)[:2]):
                yield f"{group} create t-{kind.lower()}-{number} --type {word}"
        first = TYPES[group][0]
        yield f"{group} create opts --type {first} --options a.b=c --options 'd=e f'"
        yield f"{group} describe opts"
        yield f"{group} describe nosuch"
        yield f"{group} show"


def _flows() -> Iterator[str]:
    """Each flow has a table of its own, after the first."""
    for number, line in enumerate(_flow_lines()):
        yield line.replace("--table-name views", f"--table-name views{number}") if number else line


def _flow_lines() -> Iterator[str]:
    yield f"flow create clicks {FLOW}"
    for word in spellings("IMMUTABLE"):
        yield f"flow create w-{word.lower()} {FLOW.replace('MUTABLE', word)}"
    for profile in ["BALANCED", "FASTEST_READ", "FASTEST_WRITE"]:
        for word in spellings(profile)[:2]:
            yield f"flow create p-{profile.lower()} {FLOW} --performance-profile {word}"
    for kind in ["COPY_ON_WRITE", "MERGE_ON_READ"]:
        for word in spellings(kind):
            yield f"flow create t-{kind.lower()} {FLOW} --table-type {word}"
    yield f"flow create f1 {FLOW} --record-key-fields id"
    yield f"flow create f2 {FLOW} --record-key-fields id --record-key-fields \"it's\""
    yield f"flow create f3 {FLOW} --partition-key-fields date:DATE_STRING:yyyy-MM-dd:yyyy-MM-dd"
    yield f"flow create f4 {FLOW} --partition-key-fields region:::"
    yield f"flow create f5 {FLOW} --partition-key-fields date:DATE_STRING::"
    yield f"flow create f6 {FLOW} --partition-key-fields a:EPOCH_MILLIS::yyyy --partition-key-fields b:EPOCH_MICROS:x:"
    yield f"flow create f7 {FLOW} --precombine-key-field ts"
    yield f"flow create f8 {FLOW} --sorting-key-fields a --sorting-key-fields b"
    yield f"flow create f9 {FLOW} --min-sync-frequency-mins 5"
    yield f"flow create f10 {FLOW} --quarantine-enabled"
    yield f"flow create f11 {FLOW} --catalogs glue --catalogs two"
    yield f"flow create f12 {FLOW} --transformations opts"
    yield f"flow create f13 {FLOW} --validations opts --validations other"
    yield f"flow create f14 {FLOW} --options kafka.topic.name=views --options kafka.startingOffsets=latest"
    yield (f"flow create f15 {FLOW} --performance-profile BALANCED --table-type COPY_ON_WRITE --record-key-fields id "
           "--partition-key-fields date:DATE_STRING:yyyy:yyyy --precombine-key-field ts --sorting-key-fields a "
           "--min-sync-frequency-mins 15 --quarantine-enabled --catalogs glue --transformations opts "
           "--validations opts --options kafka.topic.name=views")
    yield f"flow create f16 {FLOW} --precombine-key-field -ts --record-key-fields --id"
    for state in ["PAUSE", "RESUME", "CLEAN_AND_RESTART"]:
        for word in spellings(state):
            yield f"flow alter clicks --state {word}"
    for change in [
        "--source kafka", "--cluster ingest", "--performance-profile fastest_read", "--min-sync-frequency-mins 15",
        "--transformations opts", "--validations opts --validations other", "--quarantine-enabled",
        "--no-quarantine-enabled",
    ]:
        yield f"flow alter clicks {change}"
        yield f"flow alter clicks {change} --options kafka.topic.name=views2"
    yield "flow alter clicks --quarantine-enabled --no-quarantine-enabled"
    yield "flow alter clicks --no-quarantine-enabled --quarantine-enabled"
    yield "flow describe clicks"
    yield "flow describe clicks:views"
    yield "flow describe 'clicks:it is'"
    yield "flow show"


def _table_services() -> Iterator[str]:
    for service in SERVICES:
        for mode in ["AUTOMATIC", "ON_DEMAND"]:
            yield f"table service create {IN_TABLE} --service {service} --trigger-mode {mode}"
            yield f"table service alter {IN_TABLE} --service {service.lower()} --trigger-mode {mode.lower()}"
        for command in ["describe", "show-runs", "run", "pause", "resume", "cancel"]:
            yield f"table service {command} {IN_TABLE} --service {service}"
            yield f"table service {command} {IN_TABLE} --service {service.swapcase()}"
    for service in ["AUTOSAVEPOINT", "restore"]:
        yield f"table service run {IN_TABLE} --service {service}"
    yield f"table service create {IN_TABLE} --service CLUSTER --trigger-mode AUTOMATIC --options cluster.field.names=a,b"
    yield f"table service alter {IN_TABLE} --service CLUSTER --trigger-mode ON_DEMAND --options a=b --options c=d"
    yield f"table service show {IN_TABLE}"
    yield "table service show --table 'a b' --lake analytics --database \"it's\""
    yield f"table service alter-cluster {IN_TABLE} --services-cluster ingest"
    yield f"table service alter-cluster {IN_TABLE} --services-cluster 'Default Managed Cluster - 2'"


def _jobs() -> Iterator[str]:
    for command in ["create", "create-and-run"]:
        for kind in ["JAR", "PYTHON"]:
            for word in spellings(kind):
                yield f"job {command} j-{kind.lower()} --type {word} --cluster c-spark-0 --parameters s3a://b/job"
        yield (f"job {command} etl --type PYTHON --cluster c-spark-0 --parameters --conf "
               f"--parameters spark.archives=s3a://b/x --parameters=s3a://b/etl.py --parameters \"it's\"")
        yield f"job {command} empty --type JAR --cluster 'a b' --parameters ''"
    yield "job alter etl --cluster ingest"
    yield "job alter etl --parameters --class --parameters com.example.Main"
    yield "job alter etl --cluster a --parameters b"
    yield "job alter etl"
    yield "job describe etl"
    yield "job run etl"
    yield "job run nosuch"
    yield "job show"
    yield "job show-runs etl"
    for command in ["describe-run", "cancel-run"]:
        yield f"job {command} 8c3f2e9d-7a16-4d80-5b72-195e783a912f --job-name etl"
        yield f"job {command} ABC --job-name \"it's\""
    for command in ["upload-jar", "replace-jar"]:
        yield f"job {command} tool --options s3.path=s3://b/tool.jar"
        yield f"job {command} plain"
        yield f"job {command} google --options gcs.path=gs://b/t.jar --options a=b"


def _identities() -> Iterator[str]:
    yield "service-principal create bot"
    yield "service-principal alter bot --new-name ci-bot"
    yield "service-principal alter ci-bot --new-name \"it's a bot\""
    yield "service-principal create bot2"
    yield "service-principal show"
    yield "api-token create token --service-principal bot2"
    yield "api-token create token --service-principal 'no such'"


def _sql() -> Iterator[str]:
    yield "sql exec -c 'SHOW CLUSTERS'"
    yield "sql exec --command 'SHOW LAKES'"
    yield "sql exec -c'SHOW JOBS'"
    yield "sql exec --async-mode -c 'SHOW SOURCES'"
    yield "sql exec -c 'create service_principal `raw`'"
    yield "sql exec -c \"grant privilege select on table 't' to user 'a@b.c'\""
    yield "sql exec -c 'nonsense'"
    yield "sql exec -c ' SHOW FLOWS '"
    yield "sql status no-such-request"


def _globals() -> Iterator[str]:
    for options in ["-o json", "-o table", "-o JSON", "--output json", "--output=table", "-ojson", "-t 1", "-t2",
                    "--timeout 3", "--timeout=4", "-p default", "--profile default", "-pdefault", "-p other -t 1 -o json"]:
        yield f"{options} cluster show"
    for group in ["cluster create", "lake show", "database show", "table show", "table service show", "catalog show",
                  "source show", "flow show", "transformation show", "validation show", "job show",
                  "service-principal show", "api-token create"]:
        yield f"{group} --help"
    yield "-h"
    yield "cluster -h"


def _refused() -> Iterator[str]:
    """What both refuse before anything is sent."""
    yield "nosuch show"
    yield "cluster"
    yield "cluster creat x"
    yield "cluster create"
    yield "cluster create x"
    yield "cluster create x --type nosuch"
    yield "cluster create x --type ''"
    yield "cluster create x --type SQL --max-ocu many"
    yield "cluster create x --type SQL --max-ocu 1.5"
    yield "cluster create x --type SQL --options novalue"
    yield "cluster create x y --type SQL"
    yield "cluster create x --type SQL --nosuch"
    yield "cluster show --state START"
    yield "cluster show extra"
    yield "lake create x --type MANAGED --bucket-path s3://b/"
    yield "database show"
    yield "database delete x"
    yield "catalog create x --type GLUE"
    yield "source create x"
    yield "flow create x --source kafka"
    yield "flow alter clicks --state STOP"
    yield f"table service create {IN_TABLE} --service CLUSTER"
    yield f"table service pause {IN_TABLE} --service RESTORE"
    yield "job create x --type JAR"
    yield "job cancel-run 1"
    yield "service-principal alter bot"
    yield "api-token delete x"
    yield "sql exec"
    yield "sql exec -c"
    yield "sql status"
    yield "-t soon cluster show"
    yield "-o xml cluster show"
    yield "-p nosuch cluster show"
    for name in ["'with space'", "1digit", "_under", "do.t", "'quo`te'", "ü", "''"]:
        yield f"cluster describe {name}"
        yield f"job delete {name}"


def _deletes() -> Iterator[str]:
    yield "table service cancel --lake x --database y --table z --service CLEAN"
    yield "flow delete clicks"
    yield "transformation delete opts"
    yield "validation delete opts"
    yield "source delete kafka"
    yield "catalog delete glue"
    yield "job delete etl"
    yield "api-token delete token --service-principal bot2"
    yield "service-principal delete bot2"
    yield "database delete spare --lake analytics"
    yield "database delete events --lake analytics --cascade"
    yield "lake delete lake0"
    yield "lake delete analytics --cascade"
    yield "cluster delete zero"


# What `oh` gets wrong, or cannot say: the line, and what `controlplane onehouse` sends for it. `oh` sends nothing.
CREATES = "CREATE FLOW `d`\n  SOURCE = 'kafka'\n  LAKE = 'analytics'\n  DATABASE = 'events'\n  TABLE_NAME = 'views'\n" \
          "  WRITE_MODE = 'MUTABLE'\n  CLUSTER = 'ingest'"


def _key(field: str, kind: str = "", into: str = "", out: str = "") -> str:
    return f"field = '{field}' partition_type = '{kind}' input_format = '{into}' output_format = '{out}'"


DEFECTS: list[tuple[str, str | None]] = [
    # Formats that are left out are empty.
    (f"flow create d {FLOW} --partition-key-fields date:DATE_STRING",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('date', 'DATE_STRING')})"),
    (f"flow create d {FLOW} --partition-key-fields date:DATE_STRING:yyyy",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('date', 'DATE_STRING', 'yyyy')})"),
    (f"flow create d {FLOW} --partition-key-fields region",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('region')})"),
    (f"flow create d {FLOW} --partition-key-fields date:date_string::",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('date', 'DATE_STRING')})"),
    # A job needs a parameter: said before anything is sent, and not in a traceback.
    ("job create d --type JAR --cluster c", None),
    ("job create-and-run d --type JAR --cluster c", None),
    # Options alone are advanced configurations.
    ("flow alter clicks --options flow.delayThreshold.numSyncIntervals=2",
     "ALTER FLOW `clicks`\nSET ADVANCED_CONFIGS\nWITH 'flow.delayThreshold.numSyncIntervals' = '2'"),
    # Out of reach of `oh`.
    ("flow alter clicks --advanced-configs --options a=b",
     "ALTER FLOW `clicks`\nSET ADVANCED_CONFIGS\nWITH 'a' = 'b'"),
    ("cluster create d --type SQL --option 'a=b' c", "CREATE CLUSTER `d`\n  TYPE = 'SQL'\n  WITH 'a=b' = 'c'"),
    ("cluster create d --type SQL --options k=v --option ' k' ' v '",
     "CREATE CLUSTER `d`\n  TYPE = 'SQL'\n  WITH 'k' = 'v', ' k' = ' v '"),
    (f"flow create d {FLOW} --source-data-schema s", f"{CREATES}\n  SOURCE_DATA_SCHEMA = 's'"),
    (f"flow create d {FLOW} --no-quarantine-enabled", f"{CREATES}\n  QUARANTINE_ENABLED = 'false'"),
    ("cluster describe 'Default Managed Cluster - 2' --unchecked-names",
     "DESCRIBE CLUSTER `Default Managed Cluster - 2`"),
    ("job describe tool.jar --unchecked-names", "DESCRIBE JOB `tool.jar`"),
    ("cluster show --poll-interval 50ms", "SHOW CLUSTERS"),
]

# `oh` sends something else for these: what it sends, and what `controlplane onehouse` does.
DIFFERENT: list[tuple[str, str | None, str | None]] = [
    # `oh` drops the rest of a key with colons in its formats.
    (rf"flow create d {FLOW} --partition-key-fields 'ts:DATE_STRING:HH:mm:HH'",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('ts', 'DATE_STRING', 'HH', 'mm')})", None),
    (rf"flow create d {FLOW} --partition-key-fields 'ts:DATE_STRING:HH\:mm:HH'",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('ts', 'DATE_STRING', 'HH' + chr(92), 'mm')})",
     f"{CREATES}\n  PARTITION_KEY_FIELDS = ({_key('ts', 'DATE_STRING', 'HH:mm', 'HH')})"),
    # The SDK of `oh` drops options beside a state.
    ("flow alter clicks --state PAUSE --options a=b", "ALTER FLOW `clicks`\nSET STATE = PAUSE", None),
]


class Both:
    """Runs lines with `oh` and with `controlplane onehouse`, each against its emulator."""

    def __init__(self, controlplane: str, theirs: Program, ours: Program, credentials: Path) -> None:
        common = {**os.environ, "ONEHOUSE_CREDENTIALS_FILE": str(credentials)}
        self._theirs = ([str(BIN / "oh")], {**common, "ONEHOUSE_BASE_URL": theirs.url}, theirs)
        # `oh` deletes without a question.
        self._ours = ([controlplane, "onehouse", "--yes"], {**common, "ONEHOUSE_BASE_URL": ours.url}, ours)
        self._pool = ThreadPoolExecutor(2)
        self._seen = {id(theirs): 0, id(ours): 0}

    def run(self, line: str) -> tuple[Outcome, Outcome]:
        """What became of the line: with `oh`, and with `controlplane onehouse`."""
        theirs, ours = self._pool.map(lambda side: self._one(line, *side), [self._theirs, self._ours])
        return theirs, ours

    def _one(self, line: str, program: list[str], environment: dict[str, str], emulator: Program) -> Outcome:
        done = subprocess.run([*program, *shlex.split(line)], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False, start_new_session=True)
        ledger = [taken["statement"] for taken in emulator.ledger()]
        new = ledger[self._seen[id(emulator)]:]
        self._seen[id(emulator)] = len(ledger)
        return Outcome(done.returncode, done.stdout, done.stderr, new)


class Outcome:
    """How a process ended, and the statements that it has left."""

    def __init__(self, code: int, out: str, err: str, statements: list[str]) -> None:
        self.code, self.out, self.err, self.statements = code, out, err, statements

    def __repr__(self) -> str:
        return f"(exit code {self.code}, {self.statements!r}, {self.err[-300:]!r})"


def _each(lanes: list[Both], table: list[str]) -> Iterator[tuple[str, Callable[[], tuple[Outcome, Outcome]]]]:
    """Each line with what returns its outcomes or raises why there are none, once all have run. The lanes take turns."""
    def run(lane: int) -> list[Future[tuple[Outcome, Outcome]]]:
        ended = []
        for line in table[lane::len(lanes)]:
            done: Future[tuple[Outcome, Outcome]] = Future()
            try:
                done.set_result(lanes[lane].run(line))
            except Exception as error:  # of the check of this line
                done.set_exception(error)
            ended.append(done)
        return ended

    with ThreadPoolExecutor(len(lanes)) as pool:
        ended = list(pool.map(run, range(len(lanes))))
    for i, line in enumerate(table):
        yield line, ended[i % len(lanes)][i // len(lanes)].result


def run(emulator: str, controlplane: str, checks: Checks) -> None:
    """All lines."""
    table = list(lines())
    with checks.check("pairs: the table has at least 300 lines, each command and each option"):
        equal(len(table) >= 300, True)
        equal(_unused(table), set())
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        def start() -> Program:
            return stack.enter_context(Program(emulator, "--pending-polls", "0", "--rate", "off"))

        credentials = Path(directory) / "credentials"
        values = "\n".join(f"{key} = {value}" for key, value in IDENTITY.items())
        credentials.write_text(f"[default]\n{values}\n[other]\n{values}\n")
        credentials.chmod(0o600)
        # `oh` takes half a second to start, so there is a lane for each processor of a small machine.
        emulators = [(start(), start()) for _ in range(LANES)]
        lanes = [Both(controlplane, *pair, credentials) for pair in emulators]
        for line, done in _each(lanes, table):
            with checks.check(f"pairs: {line}"):
                _same(*done())
        first = list(_first_of_each(table))
        for line, done in _each(lanes, [f"{line} --show-sql" for line in first]):
            with checks.check(f"pairs: {line}"):
                theirs_done, ours_done = done()
                equal((ours_done.code, ours_done.out), (theirs_done.code, theirs_done.out))
                equal((theirs_done.code, theirs_done.statements, ours_done.statements), (0, [], []))
        both = lanes[0]
        for line, statement in DEFECTS:
            with checks.check(f"pairs, a defect: {line}"):
                _differs(*both.run(line), None, statement)
        for line, theirs_sends, ours_sends in DIFFERENT:
            with checks.check(f"pairs, a difference: {line}"):
                _differs(*both.run(line), theirs_sends, ours_sends)
        with checks.check("pairs: the helpers of both ledgers"):
            wanted = {taken["helper"] for theirs, _ in emulators for taken in theirs.ledger()}
            equal({taken["helper"] for _, ours in emulators for taken in ours.ledger()} - wanted, set())
            equal(len(wanted) >= 62, True)


def _same(theirs: Outcome, ours: Outcome) -> None:
    if ours.statements != theirs.statements:
        raise AssertionError(f"oh {theirs!r}, controlplane onehouse {ours!r}")
    # `oh` has one code for all failures, and a traceback for names that it does not allow.
    equal((ours.code == 0, ours.code == 2 and not ours.statements), (theirs.code == 0, _is_usage(theirs)))
    if ours.code != 0:
        equal(ours.out, "")
        contains(ours.err.lower(), "usage: " if "error: " not in ours.err else "error: ")
        equal("panicked" in ours.err, False)


def _is_usage(theirs: Outcome) -> bool:
    return theirs.code == 2 or theirs.code == 1 and "ValueError: " in theirs.err


def _differs(theirs: Outcome, ours: Outcome, theirs_sends: str | None, ours_sends: str | None) -> None:
    equal(theirs.statements, [theirs_sends] if theirs_sends else [])
    equal(ours.statements, [ours_sends] if ours_sends else [])
    if not ours_sends:
        equal((ours.code, ours.out), (2, ""))
        contains(ours.err, "error: ", "\n")
        equal("panicked" in ours.err, False)


def _unused(table: list[str]) -> set[str]:
    """The commands and options of the installed CLI that no line has."""
    used = [shlex.split(line) for line in table]
    unused = set()
    for path, command in _commands():
        mine = [words for words in used if _has(words, path) and "--help" not in words]
        if not mine:
            unused.add(" ".join(path))
        for option in command.params:
            spelled = [*option.opts, *option.secondary_opts] if isinstance(option, click.Option) else []
            for name in spelled:
                # Dry runs have lines of their own.
                if name != "--show-sql" and not any(_names(words, name) for words in mine):
                    unused.add(f"{' '.join(path)} {name}")
    for option in installed.params:
        for name in option.opts:
            if name not in ("-v", "--version") and not any(_names(words, name) for words in used):
                unused.add(name)
    return unused


def _first_of_each(table: list[str]) -> Iterator[str]:
    """A line for each command that has a statement, as it is in the table."""
    for path, command in _commands():
        if any("--show-sql" in option.opts for option in command.params):
            # Not one that is refused.
            yield next(line for line in table if _has(shlex.split(line), path) and line not in set(_refused()))


def _has(words: list[str], path: tuple[str, ...]) -> bool:
    return any(tuple(words[i:i + len(path)]) == path for i in range(len(words)))


def _names(words: list[str], name: str) -> bool:
    long = name.startswith("--")
    return any(word == name or word.startswith(f"{name}=" if long else name) for word in words)


def _commands(command: click.Command = installed, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name, one in command.commands.items():
        if path or name not in ELSEWHERE:
            yield from _commands(one, (*path, name))
