"""Loads of tables and uploads, with the vendor's own retries."""

from __future__ import annotations

from checks import Checks
from hotdata_client import Hotdata
from program import Program


def run(emulator: Program, client: Hotdata, checks: Checks) -> None:
    pass
