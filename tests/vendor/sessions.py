"""Sign-in sessions that the vendor's CLI and SDK share with a program of this crate, the example `sign_in`.

Every token lasts half a minute and is renewed a minute before its end, so each request of each tool renews the session.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from onehouse_cli.session_store import api_session_store
from onehouse_python_sdk._session import FileSessionStore
from onehouse_python_sdk.resources import OnehouseResources, oauth

from checks import Checks, contains, equal
from program import IDENTITY, Program

BIN = Path(sys.executable).parent

# What a call with an access token needs.
PROJECT = {key: IDENTITY[key] for key in ("account_uid", "project_uid", "link_uid", "region")}

# The browser of both: it goes where it is sent.
BROWSER = f"""#!{sys.executable}
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(sys.argv[1], timeout=30).read()
"""


class Tools:
    """The vendor's `oh` and the program of this crate, in one home directory."""

    def __init__(self, emulator: Program, home: Path, sign_in: str) -> None:
        self.emulator = emulator
        self._sign_in = sign_in
        browser = home / "bin" / "xdg-open"
        browser.parent.mkdir()
        browser.write_text(BROWSER)
        browser.chmod(0o755)
        self._environment = {
            **os.environ,
            **{f"ONEHOUSE_{key.upper()}": value for key, value in PROJECT.items()},
            "HOME": str(home),
            "ONEHOUSE_BASE_URL": emulator.url,
            "PATH": f"{browser.parent}{os.pathsep}{os.environ['PATH']}",
        }
        port = emulator.url.rsplit(":", 1)[1]
        self.file = home / ".onehouse" / "sessions" / f"127.0.0.1_{port}.json"

    def start(self, *command: str) -> Any:
        """A process of `oh` or of this crate."""
        path = self._sign_in if command[0] == "sign_in" else str(BIN / command[0])
        return subprocess.Popen(
            [path, *command[1:]], env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __call__(self, *command: str) -> str:
        """What it prints; it has to succeed."""
        process = self.start(*command)
        out, err = process.communicate(timeout=60)
        if process.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit code {process.returncode}: {out}{err}")
        return out

    def stored(self) -> dict[str, Any]:
        return json.loads(self.file.read_text())

    @contextmanager
    def renews(self) -> Iterator[None]:
        """Fails unless the session is another afterwards."""
        before = self.stored()
        yield
        after = self.stored()
        equal(before["refresh_token"] == after["refresh_token"], False)
        equal(set(after), {"refresh_token", "access_token", "expires_at"})


def run(program: str, sign_in: str, checks: Checks) -> None:
    options = ["--pending-polls", "0", "--rate", "off", "--auto-approve", "--token-expires", "30"]
    with Program(program, *options) as emulator, tempfile.TemporaryDirectory() as home:
        tools = Tools(emulator, Path(home), sign_in)
        with checks.check("session: oh login"):
            contains(tools("oh", "login"), "Signed in to")
        with checks.check("session: this crate uses the session of oh and renews it"), tools.renews():
            contains(tools("sign_in"), "Somebody is signed in", "There are 0 lakes.")
        with checks.check("session: oh goes on with it"), tools.renews():
            tools("oh", "cluster", "show")
        with checks.check("session: and this crate again"), tools.renews():
            tools("sign_in")
        with checks.check("session: oh and this crate at once"):
            both = [["oh", "lake", "show"], ["sign_in"]] * 4
            processes = [tools.start(*command) for command in both]
            for process in processes:
                out, err = process.communicate(timeout=120)
                equal((process.returncode, out + err if process.returncode else ""), (0, ""))
        with checks.check("session: oh logout ends it here too"):
            contains(tools("oh", "logout"), "Signed out of")
            equal(tools.file.exists(), False)

        with checks.check("session: this crate signs in"):
            contains(tools("sign_in"), "Signed in to", "There are 0 lakes.")
            equal(stat.S_IMODE(tools.file.stat().st_mode), 0o600)
            equal(stat.S_IMODE(tools.file.parent.stat().st_mode), 0o700)
        with checks.check("session: oh uses the session of this crate and renews it"), tools.renews():
            tools("oh", "cluster", "show")
        with checks.check("session: the SDK's token source reads and renews it"), tools.renews():
            source = oauth.FirebaseRefreshTokenSource(emulator.url, FileSessionStore(tools.file))
            client = OnehouseResources(**PROJECT, base_url=emulator.url, token_source=source)
            equal(client.show_lakes().api_response, [])
        with checks.check("session: this crate goes on with it and signs out"):
            contains(tools("sign_in", "--sign-out"), "Somebody is signed in", "Signed out.")
            equal(tools.file.exists(), False)
        with checks.check("session: oh says that nobody is signed in"):
            contains(tools("oh", "logout"), "Not signed in")
        with checks.check("session: no tool was ever refused, and no refresh token was used twice"):
            equal([r["path"] for r in emulator.requests() if r["status"] >= 400], [])
        with checks.check("session: both look for one file"):
            equal(api_session_store("https://API.Onehouse.ai:8443").path.name, "api.onehouse.ai_8443.json")
