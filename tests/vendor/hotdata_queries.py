"""Queries, their runs and results: JSON, pages, Arrow, and what becomes of faults."""

from __future__ import annotations

from checks import Checks
from hotdata_client import Hotdata
from program import Program


def run(emulator: Program, client: Hotdata, checks: Checks) -> None:
    pass
