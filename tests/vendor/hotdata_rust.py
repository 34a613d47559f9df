"""Scenarios of the vendor's Rust crate for Hotdata: the program in `hotdata_rust`, which `run` has built."""

from __future__ import annotations

import subprocess
import tempfile

from checks import Checks
from program import Program

KEY = "emulator-key"
WORKSPACE = "ws_emulator"


def run(program: str, scenarios: str, checks: Checks) -> None:
    # Little comes inline, and a part of an upload fails: so that the crate has to follow, and to try again.
    arguments = ["--inline-rows", "1000"]
    with Program(program, *arguments, service="hotdata") as emulator, tempfile.TemporaryDirectory() as folder:
        command = [scenarios, emulator.url, KEY, WORKSPACE, folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "failed "))]
    with checks.check("hotdata crate: its scenarios are run to their end"):
        if not lines or done.returncode not in (0, 1) or (done.returncode == 1) != any("failed" in x for x in lines):
            raise AssertionError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    for line in lines:
        outcome, _, rest = line.partition(" ")
        name, _, why = rest.partition(": ")
        with checks.check(f"hotdata crate: {name}"):
            if outcome != "ok":
                raise AssertionError(why)
