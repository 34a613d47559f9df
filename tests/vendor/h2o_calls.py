"""Every method of the H2O Workflows client, both logins, and what that client makes of awkward answers."""

from __future__ import annotations

import inspect
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import h2o_workflows
import httpx
from h2o_authn.error import TokenEndpointError
from h2o_workflows.action.action import Action
from h2o_workflows.exception import CustomApiException
from h2o_workflows.gen.exceptions import ApiTypeError, ApiValueError
from h2o_workflows.gen.model.retry_run_request_retry_mode import RetryRunRequestRetryMode
from h2o_workflows.inputs import BoolInputValue, InputValues, IntInputValue, StringInputValue
from h2o_workflows.runner.runner import Runner
from h2o_workflows.runner.runner_config import RunnerConfig
from h2o_workflows.step.step import OutputStream
from h2o_workflows.workflow.workflow import Workflow

from checks import Checks, contains, equal, raises
from program import Program

TOKEN = "emulator-refresh-token"
CLIENT = "hac-platform-public"
PARENT = "workspaces/w 1"

CLIENTS = [
    "workflow",
    "workflow_revision",
    "run",
    "run_attempt",
    "job",
    "step",
    "runner",
    "action",
    "action_revision",
]

SOURCE = """
id: train
name: Training
inputs:
  day: {type: string, required: true}
  key: {type: string, secret: true}
  dry_run: {type: bool, default: false}
  epochs: {type: int, default: 3}
jobs:
  fetch:
    steps:
      - id: get
        name: Get it
        run: |
          echo "day ${{ .inputs.day }}, key ${{ .inputs.key }}"
          echo careful >&2
      - upload: {path: out, destination: "drive://bucket/out"}
  fit:
    depends_on: [fetch]
    matrix: {os: [a, b]}
    steps:
      - run: echo "${{ .matrix.os }} ${{ .inputs.epochs }}"
"""

FAILING = """
id: failing
jobs:
  good: {steps: [{run: echo fine}]}
  bad: {steps: [{run: exit 7}, {run: echo never}]}
  after: {depends_on: [bad], steps: [{run: echo never}]}
cancel_on_failure: false
"""

LONG = "id: long\njobs: {a: {steps: [{run: echo 1}, {run: echo 2}, {run: echo 3}]}}\n"

ACTION = "id: notify\nname: Notify\noutputs: {url: {description: where}}\nsteps: [{name: say, run: echo told}]\n"

USES = "id: uses\njobs: {a: {steps: [{uses: notify}]}}\n"


class Recorder:
    """Hands every call on to one of the clients, and remembers which were made."""

    def __init__(self, client: Any, name: str, called: set[str]) -> None:
        self._client, self._name, self._called = client, name, called

    def __getattr__(self, name: str) -> Any:
        self._called.add(f"{self._name}.{name}")
        return getattr(self._client, name)


class Recorded:
    """The nine clients, recorded."""

    def __init__(self, clients: Any) -> None:
        self.called: set[str] = set()
        for name in CLIENTS:
            setattr(self, name, Recorder(getattr(clients, name), name, self.called))


def methods(clients: Any) -> set[str]:
    """The methods that the installed clients have."""
    found = set()
    for name in CLIENTS:
        members = inspect.getmembers(getattr(clients, name), callable)
        found |= {f"{name}.{method}" for method, _ in members if not method.startswith("_")}
    return found


def ended(clients: Any, name: str) -> Any:
    """Looks until the run has ended."""
    for _ in range(100):
        run = clients.run.get_run(name)
        if run.state.value in ("STATE_SUCCEEDED", "STATE_FAILED"):
            return run
    raise AssertionError(f"{name} does not end")


def run(program: str, checks: Checks) -> None:
    """All of it, each part on an emulator of its own."""
    with Program(program, "--pending-polls", "1", service="h2o-workflows") as emulator:
        clients = logins(emulator, checks)
        recorded = Recorded(clients)
        workflows(recorded, checks)
        failures(recorded, checks)
        actions(recorded, checks)
        runners(recorded, checks)
        with checks.check("h2o: all 41 methods of the clients were made"):
            equal((len(methods(clients)), methods(clients) - recorded.called), (41, set()))
        errors(emulator, clients, checks)
    with Program(program, "--rotate-tokens", "--token-expires", "1", service="h2o-workflows") as emulator:
        rotation(emulator, checks)
    with Program(program, "--log-piece", "2", service="h2o-workflows") as emulator:
        split(emulator, checks)
    with Program(program, "--tls", service="h2o-workflows") as emulator:
        tls(emulator, checks)


def custom(emulator: Program, **others: Any) -> Any:
    """A login without discovery."""
    arguments = {
        "endpoint": emulator.url,
        "refresh_token": TOKEN,
        "issuer_url": f"{emulator.url}/auth/realms/emulator",
        "client_id": CLIENT,
    }
    return h2o_workflows.login_custom(**(arguments | others))


def logins(emulator: Program, checks: Checks) -> Any:
    """Every way to log in; the clients of the last one."""

    def asked(login: Any) -> list[str]:
        before = len(emulator.requests())
        login()
        return [one["operation"] for one in emulator.requests()[before:]]

    discovery = ["discovery"] * 5
    with checks.check("h2o: login with a platform token"):
        login = lambda: h2o_workflows.login(environment=emulator.url, platform_token=TOKEN)
        equal(asked(login), [*discovery, "openid_configuration", "token", "version"])
    with checks.check("h2o: login with a token provider"):
        login = lambda: h2o_workflows.login(environment=emulator.url, token_provider=lambda: "emulator-access-token")
        equal(asked(login), [*discovery, "version"])
    with checks.check("h2o: login by the environment"):
        os.environ["H2O_CLOUD_ENVIRONMENT"] = emulator.url
        os.environ["H2O_CLOUD_CLIENT_PLATFORM_TOKEN"] = TOKEN
        h2o_workflows.login()
        del os.environ["H2O_CLOUD_ENVIRONMENT"], os.environ["H2O_CLOUD_CLIENT_PLATFORM_TOKEN"]
    with checks.check("h2o: login by the configuration of the CLI"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(f'Endpoint = "{emulator.url}/"\nPlatformClientID = "{CLIENT}"\nPlatformToken = "{TOKEN}"\n')
        h2o_workflows.login(config_path=str(path))
    with checks.check("h2o: login with a wrong platform token"):
        wrong = lambda: h2o_workflows.login(environment=emulator.url, platform_token="wrong")
        contains(str(raises(TokenEndpointError, wrong)), "invalid_grant")
    with checks.check("h2o: custom login"):
        equal(asked(lambda: custom(emulator)), ["openid_configuration", "token", "version"])
    with checks.check("h2o: custom login with another client"):
        # Only a 400 has its own exception in the vendor's client.
        try:
            custom(emulator, client_id="other")
        except Exception as error:
            contains(str(error), "401")
        else:
            raise AssertionError("a client that is not known was let in")
    return h2o_workflows.login(environment=emulator.url, platform_token=TOKEN)


def workflows(clients: Any, checks: Checks) -> None:
    """A workflow's life, its runs, and their logs."""
    with checks.check("h2o: validate_workflow"):
        equal(clients.workflow.validate_workflow(PARENT, SOURCE).is_valid, True)
        answer = clients.workflow.validate_workflow(PARENT, "id: x\njobs:\n  a:\n    steps:\n      - name: 5\n")
        first = answer.validation_errors[0]
        equal((answer.is_valid, first.line, first.field_path), (False, 5, "jobs.a.steps[0]"))
        equal(first.severity.value, "SEVERITY_ERROR")
    with checks.check("h2o: create_workflow"):
        workflow = clients.workflow.create_workflow(PARENT, Workflow(source_contents=SOURCE))
        equal((workflow.name, workflow.display_name), (f"{PARENT}/workflows/train", "Training"))
        equal((workflow.state.value, workflow.active_revision), ("STATE_INACTIVE", ""))
        definitions = workflow.input_definitions
        equal([one.parameter for one in definitions.string_inputs], ["day", "key"])
        equal((definitions.bool_inputs[0].default_value, definitions.int_inputs[0].default_value), (False, "3"))
    name = f"{PARENT}/workflows/train"
    with checks.check("h2o: what is there already, and what is no YAML"):
        error = raises(CustomApiException, lambda: clients.workflow.create_workflow(PARENT, Workflow(SOURCE)))
        equal(error.status, 409)
        error = raises(CustomApiException, lambda: clients.workflow.create_workflow(PARENT, Workflow("a: [")))
        equal(error.status, 400)
    with checks.check("h2o: update_workflow"):
        workflow = clients.workflow.get_workflow(name)
        workflow.source_contents = SOURCE.replace("Training", "Training 2")
        equal(clients.workflow.update_workflow(workflow).display_name, "Training 2")
        equal(clients.workflow.update_workflow(workflow, "source_contents").updater, "users/emulator")
        raises(CustomApiException, lambda: clients.workflow.update_workflow(workflow, "name"))
    with checks.check("h2o: activate_workflow"):
        workflow = clients.workflow.activate_workflow(name)
        equal((workflow.state.value, workflow.activator), ("STATE_ACTIVE", "users/emulator"))
    with checks.check("h2o: revisions"):
        second = clients.workflow.activate_workflow(name).active_revision
        page = clients.workflow_revision.list_workflow_revisions(name)
        states = [one.state.value for one in page.workflow_revisions]
        equal((states, page.next_page_token), (["STATE_ACTIVE", "STATE_INACTIVE"], ""))
        equal(clients.workflow_revision.get_workflow_revision(f"{name}/revisions/active").name, second)
    run_name = ""
    with checks.check("h2o: run_workflow_revision"):
        started = lambda inputs: clients.workflow_revision.run_workflow_revision(f"{name}/revisions/active", inputs)
        equal(raises(CustomApiException, lambda: started(InputValues())).status, 400)
        inputs = InputValues(
            string_values=[StringInputValue("day", "today"), StringInputValue("key", "hidden")],
            bool_values=[BoolInputValue("dry_run", True)],
            int_values=[IntInputValue("epochs", "5")],
        )
        made = started(inputs)
        equal((made.state.value, made.trigger.value), ("STATE_QUEUED", "TRIGGER_MANUAL"))
        equal([one.value for one in made.inputs.string_values], ["today", ""])
        run_name = made.name
    with checks.check("h2o: a run cannot be deleted or retried before it ends"):
        for call in (clients.run.delete_run, clients.run.retry_run, clients.workflow.delete_workflow):
            error = raises(CustomApiException, lambda: call(name if call == clients.workflow.delete_workflow else run_name))
            equal(error.status, 400)
            contains(str(error), "not ended")
    with checks.check("h2o: get_run"):
        done = ended(clients, run_name)
        equal((done.state.value, done.failure_reason.value), ("STATE_SUCCEEDED", "RUN_FAILURE_REASON_UNSPECIFIED"))
        equal(done.create_time <= done.start_time <= done.end_time, True)
    with checks.check("h2o: attempts"):
        page = clients.run_attempt.list_run_attempts(run_name)
        equal([one.name for one in page.run_attempts], [f"{run_name}/attempts/1"])
        equal(clients.run_attempt.get_run_attempt(f"{run_name}/attempts/latest").state.value, "STATE_SUCCEEDED")
    with checks.check("h2o: jobs"):
        jobs = clients.job.list_jobs(f"{run_name}/attempts/1", order_by="job_id").jobs
        equal([(one.job_id, one.matrix_values) for one in jobs][0], ("fetch", {}))
        fits = clients.job.list_jobs(f"{run_name}/attempts/1", filter_='job_id = "fit"').jobs
        equal([one.name.rsplit("/", 1)[1] for one in fits], ["fit[os:b]", "fit[os:a]"])
        equal(clients.job.get_job(fits[0].name).depends_on, ["fetch"])
        equal(clients.job.list_jobs(f"{run_name}/attempts/1", filter_="state = STATE_FAILED").jobs, [])
    with checks.check("h2o: steps"):
        steps = clients.step.list_steps(f"{run_name}/attempts/1/jobs/fetch").steps
        equal([one.type.value for one in steps], ["TYPE_RUN", "TYPE_UPLOAD"])
        equal([one.exit_code for one in steps], [0, None])
        equal([one.ref_id for one in steps], ["get", ""])
        equal(clients.step.get_step(steps[0].name).display_name, "Get it")
    step = f"{run_name}/attempts/1/jobs/fetch/steps/1"
    with checks.check("h2o: logs of a step that has ended"):
        equal(clients.step.get_step_logs(step), "day today, key ***\ncareful\n")
        equal(clients.step.get_step_logs(step, OutputStream.STDERR), "careful\n")
        equal(list(clients.step.stream_step_logs(step)), ["day today, key ***\n", "careful\n"])
        equal(list(clients.step.stream_step_logs(step, offset=4)), ["today, key ***\n", "careful\n"])
        equal(list(clients.step.stream_step_logs(step, 0, OutputStream.STDOUT)), ["day today, key ***\n"])
    with checks.check("h2o: logs of a step that is still to come are followed to the end"):
        again = clients.workflow_revision.run_workflow_revision(f"{name}/revisions/active", inputs)
        log = "".join(clients.step.stream_step_logs(f"{again.name}/attempts/1/jobs/fetch/steps/1"))
        equal(log, "day today, key ***\ncareful\n")
        equal(ended(clients, again.name).state.value, "STATE_SUCCEEDED")
    with checks.check("h2o: list_runs, page by page"):
        first = clients.run.list_runs(f"{name}/revisions/-", page_size=1)
        second = clients.run.list_runs(f"{name}/revisions/-", 1, first.next_page_token)
        names = [one.name for one in first.runs + second.runs]
        equal((names, second.next_page_token), ([run_name, again.name], ""))
        equal(len(clients.run.list_runs("workspaces/-/workflows/-/revisions/-").runs), 2)
        bad = raises(CustomApiException, lambda: clients.run.list_runs(f"{name}/revisions/-", 1, "bad"))
        equal(bad.status, 400)
    with checks.check("h2o: deactivate_workflow"):
        equal(clients.workflow.deactivate_workflow(name).state.value, "STATE_INACTIVE")
        gone = lambda: clients.workflow_revision.get_workflow_revision(f"{name}/revisions/active")
        equal(raises(CustomApiException, gone).status, 404)
        equal(clients.workflow.list_workflows(PARENT).workflows[0].active_revision, "")
    with checks.check("h2o: delete_run, delete_workflow"):
        equal(clients.run.delete_run(run_name), None)
        equal(raises(CustomApiException, lambda: clients.run.get_run(run_name)).status, 404)
        equal(clients.workflow.delete_workflow(name), None)
        equal(clients.workflow.list_workflows(PARENT).workflows, [])


def failures(clients: Any, checks: Checks) -> None:
    """What fails, what is cancelled, and what is run again."""
    for name, source in (("failing", FAILING), ("long", LONG)):
        clients.workflow.create_workflow(PARENT, Workflow(source))
        clients.workflow.activate_workflow(f"{PARENT}/workflows/{name}")
    active = lambda name: f"{PARENT}/workflows/{name}/revisions/active"
    start = lambda name: clients.workflow_revision.run_workflow_revision(active(name)).name
    states = lambda attempt: {one.job_id: one.state.value for one in clients.job.list_jobs(attempt).jobs}
    failed = start("failing")
    with checks.check("h2o: a run that fails"):
        done = ended(clients, failed)
        equal((done.state.value, done.failure_reason.value), ("STATE_FAILED", "RUN_FAILURE_REASON_JOB_FAILED"))
        wanted = {"good": "STATE_SUCCEEDED", "bad": "STATE_FAILED", "after": "STATE_SKIPPED"}
        equal(states(f"{failed}/attempts/1"), wanted)
        steps = clients.step.list_steps(f"{failed}/attempts/1/jobs/bad").steps
        equal([(one.state.value, one.exit_code) for one in steps], [("STATE_FAILED", 7), ("STATE_SKIPPED", None)])
        equal(steps[0].failure_reason.value, "STEP_FAILURE_REASON_EXECUTION")
    with checks.check("h2o: retry_run"):
        equal(clients.run.retry_run(failed).state.value, "STATE_QUEUED")
        ended(clients, failed)
        wanted = {"good": "STATE_SKIPPED", "bad": "STATE_FAILED", "after": "STATE_SKIPPED"}
        equal(states(f"{failed}/attempts/2"), wanted)
        clients.run.retry_run(failed, RetryRunRequestRetryMode("RETRY_MODE_ALL_JOBS"))
        ended(clients, failed)
        equal(states(f"{failed}/attempts/3")["good"], "STATE_SUCCEEDED")
    with checks.check("h2o: retry_run takes no text for its mode in this version"):
        raises(ApiTypeError, lambda: clients.run.retry_run(failed, "RETRY_MODE_ALL_JOBS"))
    with checks.check("h2o: cancel_run in the queue and while it runs"):
        queued = clients.run.cancel_run(start("long"))
        equal((queued.state.value, queued.failure_reason.value), ("STATE_FAILED", "RUN_FAILURE_REASON_CANCELED"))
        running = start("long")
        clients.run.get_run(running)
        equal(clients.run.get_run(running).state.value, "STATE_RUNNING")
        clients.run.cancel_run(running)
        equal(ended(clients, running).failure_reason.value, "RUN_FAILURE_REASON_CANCELED")
        equal(raises(CustomApiException, lambda: clients.run.cancel_run(running)).status, 400)


def actions(clients: Any, checks: Checks) -> None:
    """Composite actions."""
    name = f"{PARENT}/actions/notify"
    with checks.check("h2o: actions"):
        equal(clients.action.validate_action(PARENT, ACTION).is_valid, True)
        action = clients.action.create_action(PARENT, Action(source_contents=ACTION))
        equal((action.name, action.display_name), (name, "Notify"))
        equal([one.parameter for one in action.output_definitions.outputs], ["url"])
        action.source_contents = ACTION.replace("Notify", "Tell")
        equal(clients.action.update_action(action).display_name, "Tell")
        equal(clients.action.get_action(name).display_name, "Tell")
        equal(len(clients.action.list_actions(PARENT).actions), 1)
        first, second = clients.action.publish_action(name), clients.action.publish_action(name)
        equal((first.snapshot.display_name, first.name != second.name), ("Tell", True))
        page = clients.action_revision.list_action_revisions(name)
        equal([one.name for one in page.action_revisions], [second.name, first.name])
        equal(clients.action_revision.get_action_revision(f"{name}/revisions/latest").name, second.name)
    with checks.check("h2o: a step of an action has a log and breaks the vendor's reading of steps"):
        clients.workflow.create_workflow(PARENT, Workflow(USES))
        clients.workflow.activate_workflow(f"{PARENT}/workflows/uses")
        made = clients.workflow_revision.run_workflow_revision(f"{PARENT}/workflows/uses/revisions/active")
        equal(ended(clients, made.name).state.value, "STATE_SUCCEEDED")
        step = f"{made.name}/attempts/1/jobs/a/steps/1"
        equal(clients.step.get_step_logs(step), "=== say ===\ntold\n")
        equal(clients.step.get_step_logs(step, OutputStream.STDOUT), "told\n")
        contains(str(raises(ValueError, lambda: clients.step.get_step(step))), "TYPE_ACTION")
    with checks.check("h2o: delete_action"):
        equal(clients.action.delete_action(name), None)
        equal(clients.action.list_actions(PARENT).actions, [])


def runners(clients: Any, checks: Checks) -> None:
    """Runners, one by one and as a set."""
    with checks.check("h2o: runners"):
        wanted = Runner(sandbox_engine_image="image", sandbox_engine_template="template", aliases=["gpu"])
        runner = clients.runner.create_runner(PARENT, wanted, "r 1")
        equal((runner.name, runner.aliases, runner.update_time), (f"{PARENT}/runners/r 1", ["gpu"], None))
        runner.display_name = "One"
        runner.sandbox_engine_image = "other"
        changed = clients.runner.update_runner(runner, "display_name")
        equal((changed.display_name, changed.sandbox_engine_image), ("One", "image"))
        equal(clients.runner.update_runner(runner).sandbox_engine_image, "other")
        equal(clients.runner.get_runner(runner.name).display_name, "One")
        bad = Runner(sandbox_engine_image="i", sandbox_engine_template="t", aliases=["Not good"])
        equal(raises(CustomApiException, lambda: clients.runner.create_runner(PARENT, bad, "r2")).status, 400)
        equal(clients.runner.delete_runner(runner.name), None)
    with checks.check("h2o: sets of runners"):
        configs = [RunnerConfig(f"r{number}", "image", "template") for number in range(60)]
        equal(len(clients.runner.apply_runners(configs, PARENT)), 60)
        equal(len(clients.runner.list_all_runners(PARENT)), 60)
        page = clients.runner.list_runners(PARENT)
        equal((len(page.runners), bool(page.next_page_token)), (50, True))
        clients.runner.delete_all_runners(PARENT)
        equal(clients.runner.list_all_runners(PARENT), [])


def errors(emulator: Program, clients: Any, checks: Checks) -> None:
    """What the vendor's client makes of faults. Where it is weak the emulator is not bent for it."""
    get = lambda: clients.run.get_run(f"{PARENT}/workflows/f/revisions/r/runs/x")
    with checks.check("h2o: no such run"):
        error = raises(CustomApiException, get)
        equal(error.status, 404)
        contains(str(error), "404 (Not Found)", "not found")
    with checks.check("h2o: a name that is none is refused by the client"):
        raises(ApiValueError, lambda: clients.run.get_run("workspaces/w"))
    for status in (401, 403, 409, 500, 503):
        with checks.check(f"h2o: HTTP {status} by a fault"):
            emulator.faults(f'status={status}, body="{{\\"code\\":2,\\"message\\":\\"made up\\"}}"')
            error = raises(CustomApiException, get)
            equal(error.status, status)
            contains(str(error), "made up")
    with checks.check("h2o: 429 with Retry-After is tried again by the client"):
        emulator.faults("nth=1, times=2: status=429, retry-after=0")
        equal(raises(CustomApiException, get).status, 404)
    run_name = clients.run.list_runs("workspaces/-/workflows/-/revisions/-").runs[0].name
    with checks.check("h2o: a state that is not known breaks the client"):
        emulator.faults("poll: operation-status=STATE_PAUSED")
        raises(ApiValueError, lambda: clients.run.get_run(run_name))
    with checks.check("h2o: a page of HTML breaks the client"):
        emulator.faults("poll: not-json")
        raises(ApiTypeError, lambda: clients.run.get_run(run_name))
    with checks.check("h2o: what is lost on the way is taken once"):
        before = len(emulator.ledger())
        emulator.faults("starts=run_workflow_revision: take-then-close")
        start = lambda: clients.workflow_revision.run_workflow_revision(f"{PARENT}/workflows/failing/revisions/active")
        try:
            start()
        except Exception:  # an exception of its HTTP library
            pass
        else:
            raise AssertionError("the answer was not lost")
        taken = [one["operation"] for one in emulator.ledger()[before:]]
        equal(taken, ["run_workflow_revision"])
    with checks.check("h2o: a log stream that is cut, and taken up again by its offset"):
        emulator.faults("starts=stream_step_logs, nth=1: cut-body=60")
        made = clients.workflow_revision.run_workflow_revision(f"{PARENT}/workflows/uses/revisions/active")
        step = f"{made.name}/attempts/1/jobs/a/steps/1"
        ended(clients, made.name)
        log = clients.step.get_step_logs(step)
        pieces: list[str] = []
        try:
            for piece in clients.step.stream_step_logs(step):
                pieces.append(piece)
        except Exception:  # an exception of its HTTP library
            pass
        else:
            raise AssertionError("the stream was not cut")
        got = "".join(pieces)
        rest = "".join(clients.step.stream_step_logs(step, offset=len(got.encode())))
        equal(got + rest, log)
    emulator.faults()


def rotation(emulator: Program, checks: Checks) -> None:
    """Refresh tokens that are good for once."""
    with checks.check("h2o: refresh tokens are rotated"):
        clients = custom(emulator)
        for _ in range(3):
            # A token that expires within five seconds is renewed before every call.
            equal(clients.workflow.list_workflows(PARENT).workflows, [])
        tokens = [one for one in emulator.requests() if one["operation"] == "token"]
        equal([one["status"] for one in tokens], [200, 200, 200, 200])
    with checks.check("h2o: a refresh token that has been used is good for nothing"):
        contains(str(raises(TokenEndpointError, lambda: custom(emulator))), "invalid_grant")


def tls(emulator: Program, checks: Checks) -> None:
    """Every kind of trust that the logins know."""
    login = lambda **others: h2o_workflows.login(environment=emulator.url, platform_token=TOKEN, **others)
    with checks.check("h2o: TLS with its own authority, with none, and without checks"):
        clients = login(ssl_ca_cert=emulator.ca_file())
        equal(clients.workflow.list_workflows(PARENT).workflows, [])
        raises(httpx.ConnectError, login)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            clients = custom(emulator, verify_ssl=False)
            equal(clients.workflow.list_workflows(PARENT).workflows, [])


def split(emulator: Program, checks: Checks) -> None:
    """A character in two pieces of a log."""
    with checks.check("h2o: a character that is split breaks the client's stream"):
        clients = custom(emulator)
        clients.workflow.create_workflow(PARENT, Workflow("id: s\njobs: {a: {steps: [{run: echo aé}]}}\n"))
        clients.workflow.activate_workflow(f"{PARENT}/workflows/s")
        made = clients.workflow_revision.run_workflow_revision(f"{PARENT}/workflows/s/revisions/active")
        ended(clients, made.name)
        step = f"{made.name}/attempts/1/jobs/a/steps/1"
        equal(clients.step.get_step_logs(step), "aé\n")
        raises(UnicodeDecodeError, lambda: list(clients.step.stream_step_logs(step)))
