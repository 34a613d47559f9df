"""Fixtures for pytest: one emulator of each service, started when a test first asks for it.

A fixture starts its emulator once for all tests of a process and resets it before each test. Its options are the fixture
``controlplane_emulator_options`` of scope ``session``, which a ``conftest.py`` may replace:

    @pytest.fixture(scope="session")
    def controlplane_emulator_options():
        return {"pending_polls": 0}
"""

from __future__ import annotations

import pytest

from ._emulator import Emulator


@pytest.fixture(scope="session")
def controlplane_emulator_options() -> dict:
    """The options of every emulator that a fixture starts."""
    return {}


def _process(service: str):
    @pytest.fixture(scope="session", name=f"_{service.replace('-', '_')}_process")
    def process(controlplane_emulator_options: dict):
        with Emulator(service, **controlplane_emulator_options) as emulator:
            yield emulator

    return process


_onehouse_process = _process("onehouse")
_eloq_process = _process("eloq")
_h2o_workflows_process = _process("h2o-workflows")
_hotdata_process = _process("hotdata")


def _ready(emulator: Emulator) -> Emulator:
    emulator.start_clock()
    emulator.reset()
    return emulator


@pytest.fixture
def onehouse_emulator(_onehouse_process: Emulator) -> Emulator:
    """An emulator of Onehouse, as it is at its start."""
    return _ready(_onehouse_process)


@pytest.fixture
def eloq_emulator(_eloq_process: Emulator) -> Emulator:
    """An emulator of EloqCloud, as it is at its start."""
    return _ready(_eloq_process)


@pytest.fixture
def h2o_workflows_emulator(_h2o_workflows_process: Emulator) -> Emulator:
    """An emulator of H2O Workflows, as it is at its start."""
    return _ready(_h2o_workflows_process)


@pytest.fixture
def hotdata_emulator(_hotdata_process: Emulator) -> Emulator:
    """An emulator of Hotdata, as it is at its start."""
    return _ready(_hotdata_process)
