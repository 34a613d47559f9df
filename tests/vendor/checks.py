"""Counts what holds and what does not, and says of each failure which check it was and what came."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWN = str(Path(__file__).parent)


class Checks:
    """The outcome of all checks so far. A check that fails does not stop the ones after it."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """One check: it fails if its block raises anything."""
        try:
            yield
        except Exception as error:  # whatever it is, it is a failure of this check
            self.failed += 1
            # The place in the checks, not in here and not in the vendor's code.
            frames = traceback.extract_tb(error.__traceback__)
            own = [one for one in frames if one.filename.startswith(OWN) and one.filename != __file__]
            where = (own or frames)[-1]
            print(f"FAILED  {name}\n        {type(error).__name__}: {error}", flush=True)
            print(f"        {Path(where.filename).name}, line {where.lineno}: {where.line}", flush=True)
        else:
            self.passed += 1

    def close(self) -> int:
        """Prints the closing line; returns the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def equal(got: Any, wanted: Any) -> None:
    """Fails unless both are equal."""
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def has(got: Any, wanted: dict[str, Any]) -> None:
    """Fails unless `got` is an object that has all the fields in `wanted`; it may have more."""
    if not isinstance(got, dict):
        raise AssertionError(f"got {got!r}, wanted an object with {wanted!r}")
    differing = {key: got.get(key) for key, value in wanted.items() if key not in got or got[key] != value}
    if differing:
        raise AssertionError(f"got {differing!r} in {got!r}, wanted {wanted!r}")


def contains(got: str, *parts: str) -> None:
    """Fails unless each part is in the text."""
    for part in parts:
        if part not in got:
            raise AssertionError(f"no {part!r} in {got!r}")


def raises(kind: type[Exception], call: Callable[[], Any]) -> Any:
    """The error of exactly this class that the call raises; fails if it raises none."""
    try:
        result = call()
    except kind as error:
        equal(type(error).__name__, kind.__name__)
        return error
    raise AssertionError(f"no {kind.__name__} but {result!r}")


def row(rows: Any, name: str, key: str = "name") -> dict[str, Any]:
    """The row of that name in what SHOW gives."""
    if not isinstance(rows, list):
        raise AssertionError(f"got {rows!r}, wanted an array")
    found = [one for one in rows if one.get(key) == name]
    equal(len(found), 1)
    return found[0]


def names(rows: Any, key: str = "name") -> set[str]:
    """The names in what SHOW gives."""
    if not isinstance(rows, list):
        raise AssertionError(f"got {rows!r}, wanted an array")
    return {one[key] for one in rows}
