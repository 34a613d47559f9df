"""Local emulators of the control planes of Onehouse, EloqCloud, H2O Workflows and Hotdata.

    import controlplane_emulator

    with controlplane_emulator.onehouse(pending_polls=0) as emulator:
        client = OnehouseResources(base_url=emulator.url, ...)

Each function starts the program ``controlplane-emulator`` on a free port of the loopback address and stops it at the end of
the block. Options are those of the program with underscores: ``pending_polls=0`` is ``--pending-polls 0``, ``tls=True`` is
``--tls``, and a list repeats an option. ``controlplane-emulator --help`` lists them.
"""

from ._emulator import Control, Emulator, EmulatorError, eloq, h2o_workflows, hotdata, onehouse, program

__all__ = ["Control", "Emulator", "EmulatorError", "eloq", "h2o_workflows", "hotdata", "onehouse", "program"]
