"""A running emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Iterable

# How long a request to the emulator itself may take, in seconds.
_TIMEOUT = 30
# The emulator is on this machine: no proxy of the environment is in between.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class EmulatorError(Exception):
    """The emulator did not start, or refused a request; the message has its words."""


def program() -> str:
    """Returns the path of the program ``controlplane-emulator``: the one of this package, or else the one on ``PATH``."""
    name = "controlplane-emulator" + (".exe" if os.name == "nt" else "")
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    if hasattr(sysconfig, "get_preferred_scheme"):
        folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if found is None:
        raise EmulatorError(f"cannot find the program {name}; install the package controlplane-emulator")
    return found


def _arguments(options: dict[str, Any]) -> Iterable[str]:
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            yield option
            continue
        for one in value if isinstance(value, (list, tuple)) else [value]:
            yield f"{option}={one}"


class Control:
    """A running emulator, or one space of it: what happened there, and what is to happen."""

    def __init__(self, url: str, space: str | None = None, opener: urllib.request.OpenerDirector = _OPENER) -> None:
        """Controls the emulator at a URL that it has printed. ``space`` names a space of ``accept_any_credentials=True``."""
        #: The base URL of the emulated API.
        self.url = url
        scheme, _, rest = url.partition("://")
        self._root = f"{scheme}://{rest.split('/')[0]}"
        self._opener = opener
        self._query = "" if space is None else "?space=" + urllib.parse.quote(space, safe="")

    def space(self, name: str) -> Control:
        """Returns the space with a name: ``account/project`` for Onehouse, else the API key or token. It exists as soon as a
        request has been made with these credentials."""
        return Control(self.url, name, self._opener)

    # ---- What happened --------------------------------------------------------------------------

    def ledger(self) -> list[dict[str, Any]]:
        """Returns everything that was accepted and changes something, in order."""
        return self._call("GET", "ledger")

    def requests(self) -> list[dict[str, Any]]:
        """Returns all requests, each with its status and, if it was refused, the reason."""
        return self._call("GET", "requests")

    def resources(self) -> list[dict[str, Any]]:
        """Returns what exists now: kind, name and state."""
        return self._call("GET", "resources")

    def state(self) -> dict[str, Any]:
        """Returns the state as one document, for :meth:`restore`. It has the secrets that the state has."""
        return self._call("GET", "state")

    # ---- What is to happen ----------------------------------------------------------------------

    def reset(self) -> None:
        """Puts everything back to its state at the start."""
        self._call("POST", "reset")

    def restore(self, state: dict[str, Any]) -> None:
        """Restores a state that :meth:`state` has returned, of this emulator or another one of the same service. The ledger and
        the list of requests stay. With an error nothing has changed."""
        self._call("PUT", "state", state)

    def seed(self, *plan: Any) -> None:
        """Carries out the entries of a plan at once, without entries in the ledger: requests such as
        ``{"method": "POST", "path": "/v1/databases", "body": {...}}``, for Onehouse also statements and commands such as
        ``{"create_cluster": {...}}``. With an error, which names the entry, nothing has changed."""
        self._call("POST", "seed", list(plan))

    def fault(self, *faults: str) -> None:
        """Adds faults, such as ``"nth=1, submit: take-then-close"``: all of them, or with an error none."""
        self._call("POST", "faults", list(faults))

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._call("DELETE", "faults")

    def advance(self, time: str) -> None:
        """Advances the emulator's clock by a time such as ``"20m"``."""
        self._call("POST", "clock", {"advance": time})

    def stop_clock(self) -> None:
        """Stops the emulator's clock; only :meth:`advance` changes it then."""
        self._call("POST", "clock", {"stopped": True})

    def start_clock(self) -> None:
        """Starts a stopped clock at the time that it shows."""
        self._call("POST", "clock", {"stopped": False})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._root}/_emulator/{path}{self._query}", data, method=method)
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            try:
                message = json.load(error)["error"]
            except (ValueError, KeyError, TypeError):
                message = str(error)
            raise EmulatorError(f"{method} /_emulator/{path}: {message}") from None


class Emulator(Control):
    """An emulator in a process of its own. Stop it with :meth:`stop`, or use it in a ``with`` block."""

    def __init__(self, service: str, **options: Any) -> None:
        """Starts the emulator of a service and waits until it listens.

        Raises :class:`EmulatorError` with the program's message if it does not start.
        """
        self.service = service
        #: The certificate of the authority that clients have to trust, as a path; ``None`` without ``tls=True``.
        self.ca_file: str | None = None
        options.setdefault("listen", "127.0.0.1:0")
        # Standard error goes to a file: a pipe that nobody reads would fill up and stop the program.
        descriptor, self._log = tempfile.mkstemp(prefix="controlplane-emulator-", suffix=".log")
        try:
            self._process = subprocess.Popen(
                [program(), service, *_arguments(options)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=descriptor,
            )
        except BaseException:
            os.unlink(self._log)
            raise
        finally:
            os.close(descriptor)
        try:
            self._wait_until_ready(service)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self, service: str) -> None:
        line = self._process.stdout.readline().decode()
        head, separator, url = line.strip().partition(" listening on ")
        if not separator:
            self._process.wait()
            message = self.log().strip()
            self._close()
            raise EmulatorError(message or f"{head}: the emulator of {service} ended before it was ready")
        super().__init__(url)
        if url.startswith("https://"):
            self._trust_own_authority()
        #: The environment variables with which clients reach the emulator.
        self.env: dict[str, str] = self._call("GET", "env")
        if self.ca_file is not None:
            self.env.update(SSL_CERT_FILE=self.ca_file, REQUESTS_CA_BUNDLE=self.ca_file)

    def _trust_own_authority(self) -> None:
        import ssl

        marker = "Certificate authority to trust, until the program ends: "
        line = next(line for line in self.log().splitlines() if line.startswith(marker))
        self.ca_file = line[len(marker) :]
        context = ssl.create_default_context(cafile=self.ca_file)
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
        self._opener = urllib.request.build_opener(*handlers)

    def log(self) -> str:
        """Returns what the program has written to standard error: a line for each request."""
        with open(self._log, encoding="utf-8", errors="replace") as log:
            return log.read()

    # ---- The end --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stops the program. Its state is gone. Stopping it again does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
            killer = threading.Timer(_TIMEOUT, self._process.kill)
            killer.start()
            self._process.wait()
            killer.cancel()
        self._close()

    def _close(self) -> None:
        self._process.stdout.close()
        if os.path.exists(self._log):
            os.unlink(self._log)

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Emulator of {self.service} at {getattr(self, 'url', 'no address')}>"


def onehouse(**options: Any) -> Emulator:
    """Starts an emulator of Onehouse."""
    return Emulator("onehouse", **options)


def eloq(**options: Any) -> Emulator:
    """Starts an emulator of EloqCloud."""
    return Emulator("eloq", **options)


def h2o_workflows(**options: Any) -> Emulator:
    """Starts an emulator of H2O Workflows."""
    return Emulator("h2o-workflows", **options)


def hotdata(**options: Any) -> Emulator:
    """Starts an emulator of Hotdata."""
    return Emulator("hotdata", **options)
