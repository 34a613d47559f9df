"""The emulator as a process, and the values that it takes for credentials."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import urllib.request
from typing import Any

# What the emulator compares the seven headers with, by the names that the SDK has for them.
IDENTITY = {
    "account_uid": "emulator-account",
    "project_uid": "emulator-project",
    "api_key": "emulator-key",
    "api_secret": "emulator-secret",
    "link_uid": "emulator-link",
    "region": "us-west-2",
    "user_uid": "emulator-user",
}

READY = re.compile(r"controlplane-emulator: ([\w-]+) listening on (https?://(?:127\.0\.0\.1|localhost):\d+)(\S*)\n")


class Program:
    """A running emulator: `with Program(path, "--rate", "off") as emulator`. `url` is the base URL of its API."""

    def __init__(self, path: str, *arguments: str, service: str = "onehouse") -> None:
        self._service = service
        self._command = [path, service, "--listen", "127.0.0.1:0", *arguments]
        self._log = tempfile.TemporaryFile("w+")
        self.url = ""

    def __enter__(self) -> Program:
        # Standard error goes into a file: a pipe that nobody reads would fill up and stop the program.
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self._process.stdout is not None
        # One that never says it is ready is stopped, and so has said nothing.
        limit = threading.Timer(20, self._process.kill)
        limit.start()
        line = self._process.stdout.readline()
        limit.cancel()
        ready = READY.fullmatch(line)
        if ready is None or ready.group(1) != self._service:
            self.__exit__()
            self._log.seek(0)
            raise RuntimeError(f"{self._command} is not ready, it says {line!r} {self._log.read()!r}")
        self._root = ready.group(2)
        self.url = ready.group(2) + ready.group(3)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def ca_file(self) -> str:
        """The certificate authority to trust, of one that speaks TLS. What is asked of the emulator itself does not."""
        self._log.seek(0)
        return self._log.read().split("until the program ends: ")[1].split("\n")[0]

    def ledger(self) -> list[dict[str, Any]]:
        """Every statement, or every change, that it has taken."""
        return self._control("ledger")

    def requests(self) -> list[dict[str, Any]]:
        """Every request that it has answered."""
        return self._control("requests")

    def env(self) -> dict[str, str]:
        """The variables with which clients reach it."""
        return self._control("env")

    def faults(self, *specs: str) -> None:
        """It has these faults and no others."""
        self._control("faults", "DELETE")
        self._control("faults", "POST", list(specs))

    def set(self, *settings: str) -> None:
        """Changes settings while it runs: `preview-rows=3`. Hotdata alone has them."""
        self._control("settings", "POST", list(settings))

    def _control(self, path: str, method: str = "GET", body: Any = None) -> Any:
        # Never through a proxy: the program is on this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._root}/_emulator/{path}", data, method=method)
        with direct.open(request, timeout=10) as answer:
            return json.load(answer)
