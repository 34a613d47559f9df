"""Scenarios of the vendor's Rust crate for Hotdata: the program in `hotdata_rust`, which `run` has built."""

from __future__ import annotations

import subprocess
import tempfile

from checks import Checks, equal
from hotdata_client import KEY, WORKSPACE
from program import Program



def run(program: str, scenarios: str, checks: Checks) -> None:
    # Little comes inline, so the crate has to follow; queries meet a service that is too busy, and a part of the large upload a
    # storage that fails once: the crate sends it again.
    settings = ["--set", "preview-rows=1000", "--set", "result-pending=1"]
    faults = [
        "--fault=path=/v1/query, nth=4: status=429, retry-after=0",
        "--fault=path=/storage/, nth=10, times=1: status=429, retry-after=0",
    ]
    with Program(program, *settings, *faults, service="hotdata") as emulator, tempfile.TemporaryDirectory() as folder:
        command = [scenarios, emulator.url, KEY, WORKSPACE, folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        requests = emulator.requests()
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
    with checks.check("hotdata crate: what failed once was sent again"):
        equal(sorted({r["status"] for r in requests if r["status"] >= 429}), [429])
        paths = {r["path"].split("?")[0].split("/")[1] for r in requests if r["status"] == 429}
        equal(paths, {"storage", "v1"})
