"""The vendor's Hotdata client, with every operation that is called written down."""

from __future__ import annotations

import inspect
import json
from typing import Any

import hotdata
from hotdata import api as generated
from hotdata import exceptions

from checks import equal, raises
from program import Program

KEY = "hd_emulator_key"
WORKSPACE = "ws_emulator"

# Class by class, the operations are the methods without the two other forms that each has.
APIS = [name for name in dir(generated) if name.endswith("Api")]


class Hotdata:
    """`Hotdata(emulator).databases.create_database(…)`: all classes of the vendor's package root, over one client."""

    def __init__(self, emulator: Program, called: set[str] | None = None, **settings: Any) -> None:
        settings = {"host": emulator.url, "api_key": KEY, "workspace_id": WORKSPACE} | settings
        self.api = hotdata.ApiClient(hotdata.Configuration(**settings))
        self.called: set[str] = set() if called is None else called
        for name in APIS:
            short = "".join(f"_{c.lower()}" if c.isupper() else c for c in name.removesuffix("Api")).lstrip("_")
            setattr(self, short, Recorder(getattr(hotdata, name)(self.api), self.called))


class Recorder:
    """Hands every call on, and remembers which were made."""

    def __init__(self, api: Any, called: set[str]) -> None:
        self._api, self._called = api, called

    def __getattr__(self, name: str) -> Any:
        self._called.add(name.removesuffix("_with_http_info").removesuffix("_without_preload_content"))
        return getattr(self._api, name)


def operations() -> set[str]:
    """The operations of the installed client."""
    found = set()
    for name in APIS:
        for method, _ in inspect.getmembers(getattr(generated, name), inspect.isfunction):
            if method.endswith("_with_http_info"):
                found.add(method.removesuffix("_with_http_info"))
    return found


def refused(status: int, call: Any) -> Any:
    """The error of this status, of the class that the vendor has for it."""
    classes = {
        400: exceptions.BadRequestException,
        401: exceptions.UnauthorizedException,
        403: exceptions.ForbiddenException,
        404: exceptions.NotFoundException,
        409: exceptions.ConflictException,
        422: exceptions.UnprocessableEntityException,
    }
    other = exceptions.ServiceException if status >= 500 else exceptions.ApiException
    error = raises(classes.get(status, other), call)
    equal(error.status, status)
    return error


def code(error: Any) -> str:
    """The code in the body of an error."""
    return json.loads(error.body)["error"]["code"]


def types(**columns: str) -> dict[str, Any]:
    """The types of columns as the client wants them: it takes no plain text."""
    return {name: hotdata.ColumnDefinition(text) for name, text in columns.items()}
