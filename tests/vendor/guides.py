"""The Python programs of the guides about moving from the vendors' SDKs, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from checks import Checks, equal
from program import Program

GUIDES = Path(__file__).resolve().parent.parent.parent / "src/docs/moving"
SERVICES = {"onehouse": "onehouse", "eloq": "eloq", "h2o_workflows": "h2o-workflows", "hotdata": "hotdata"}


def programs(guide: Path) -> list[str]:
    """The blocks of Python in a guide."""
    text = "\n".join(line[4:] for line in guide.read_text().split("\n") if line.startswith("//!"))
    return re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)


def run(program: str, checks: Checks) -> None:
    for name, service in SERVICES.items():
        found = programs(GUIDES / f"{name}.rs")
        with checks.check(f"guides: {name} has a program"):
            equal(len(found), 1)
        for source in found:
            with checks.check(f"guides: the program of {name}"), Program(
                program, "--pending-polls", "0", service=service
            ) as emulator:
                done = subprocess.run(
                    [sys.executable, "-B", "-c", source],
                    env={**os.environ, **emulator.env()},
                    capture_output=True,
                    text=True,
                    timeout=60,
                )
                if done.returncode != 0 or "failed" in done.stdout:
                    raise AssertionError(f"{done.stdout}{done.stderr[-2000:]}")
