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

READY = re.compile(r"controlplane-emulator: onehouse listening on (http://127\.0\.0\.1:\d+)\n")


class Program:
    """A running emulator: `with Program(path, "--rate", "off") as emulator`."""

    def __init__(self, path: str, *arguments: str) -> None:
        self._command = [path, "onehouse", "--listen", "127.0.0.1:0", *arguments]
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
        if ready is None:
            self.__exit__()
            self._log.seek(0)
            raise RuntimeError(f"{self._command} is not ready, it says {line!r} {self._log.read()!r}")
        self.url = ready.group(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def ledger(self) -> list[dict[str, Any]]:
        """Every statement that it has taken."""
        # Never through a proxy: the program is on this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.url}/_emulator/ledger", timeout=10) as answer:
            return json.load(answer)
