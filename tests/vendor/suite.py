"""Runs all checks against the program at the first path, which the programs at the other paths also use; `run` beside
this file makes all of them, and what else they need."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path


def isolate(home: str) -> None:
    """Takes away what the vendor's clients would find of the machine's own: credentials, proxies, a keychain.

    The SDK looks for its default file when it is imported, so this comes before that.
    """
    for name in list(os.environ):
        if name.startswith(("ELOQ_", "H2O", "HOTDATA_", "ONEHOUSE_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["HOME"] = home
    # Sign-in sessions, which are asked for with every command, are looked for in files instead of a keychain.
    os.environ["ONEHOUSE_SESSION_STORE"] = "file"


def main(program: str, scenarios: str, sign_in: str, controlplane: str) -> int:
    import cli_commands
    import cli_pairs
    import eloq_calls
    import guides
    import h2o_calls
    import hotdata_calls
    import hotdata_rust
    import sdk_errors
    import sdk_helpers
    import sessions
    from checks import Checks, equal
    from program import IDENTITY, Program

    from onehouse_python_sdk.resources import OnehouseResources

    checks = Checks()
    started = time.monotonic()

    def done(part: str) -> None:
        print(f"{part}: {time.monotonic() - started:.1f} s so far", flush=True)

    # Whatever goes wrong between the checks fails this one.
    with checks.check("the program starts, and all checks are made"):
        with Program(program, "--pending-polls", "1", "--rate", "off") as emulator:
            client = OnehouseResources(**IDENTITY, base_url=emulator.url, default_poll_interval=0.002)
            called = sdk_helpers.run(client, checks)
            with checks.check("sdk: the emulator has taken each statement once"):
                taken = Counter(statement["helper"] for statement in emulator.ledger())
                equal((taken - called, called - taken), (Counter(), Counter()))
            done("helpers of the SDK")
            sdk_errors.run(program, emulator, checks)
            done("errors and credentials of the SDK")
            cli_commands.run_slow(emulator, checks)
        # An operation that is over at once spares the CLI its first pause between two polls, a second each time.
        with Program(program, "--pending-polls", "0", "--rate", "off") as emulator:
            cli_commands.run(emulator, checks)
        done("commands of the CLI")
        cli_pairs.run(program, controlplane, checks)
        done("command lines for both programs")
        sessions.run(program, sign_in, checks)
        done("sessions that the CLI, the SDK and this crate share")
        eloq_calls.run(program, checks)
        done("calls of the EloqCloud SDK")
        h2o_calls.run(program, checks)
        done("calls of the H2O Workflows SDK")
        hotdata_calls.run(program, checks)
        done("calls of the Hotdata SDK")
        hotdata_rust.run(program, scenarios, checks)
        done("scenarios of the Hotdata crate")
        guides.run(program, checks)
        done("programs of the guides")
    return checks.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        isolate(home)
        sys.path.insert(0, str(Path(__file__).parent))
        sys.exit(main(*sys.argv[1:]))
