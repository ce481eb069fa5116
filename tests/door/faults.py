"""Try every door with every wrong value: python -m tests.door.faults [GROUP ...].

Prints what neither worked rightly nor raised UserError, and exits with 1 where there was any. With
NUMBA_BOUNDSCHECK=1 (and a NUMBA_CACHE_DIR of its own) an index out of bounds inside of a compiled
loop is a fault as well.
"""

import copy
import itertools
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.door.doors import GROUPS, doors
from tests.door.values import (
    Door,
    odd_arrays,
    odd_numbers,
    same,
    same_arrays,
    verdict,
    wrong_arrays,
    wrong_numbers,
)


def refused(door: Door) -> Iterator[tuple[str, str | None]]:
    """Yield what must be refused before any compiled loop, and what was wrong with how it was."""
    for key, value in door.arguments.items():
        for what, wrong in _wrong(value) if key not in door.loose else ():
            yield f"{key} = {what}", verdict(_with(door, key, wrong), must=True)


def tried(door: Door) -> Iterator[tuple[str, str | None]]:
    """Yield what may be refused or worked with rightly, and what was wrong with how it was."""
    good = copy.deepcopy(door.arguments)
    yield "what fits", verdict(lambda: door.call(**copy.deepcopy(good)), must=False)
    expected = door.call(**copy.deepcopy(good))
    for key, value in good.items():
        for what, wrong in _wrong(value) if key in door.loose else ():
            yield f"{key} = {what}", verdict(_with(door, key, wrong), must=False)
        for what, odd in _odd(value):
            yield f"{key} = {what}", verdict(_with(door, key, odd), must=False)
        if isinstance(value, np.ndarray):
            for what, dress in same_arrays(value):
                yield f"{key} = {what}", _differs(door, key, dress, expected)


def _with(door: Door, key: str, value: Any) -> Any:
    return lambda: door.call(**copy.deepcopy(door.arguments) | {key: value})


def _differs(door: Door, key: str, value: Any, expected: Any) -> str | None:
    """Return what is wrong with a call that was given the same numbers in another dress."""
    results: list[Any] = []
    fault = verdict(lambda: results.append(_with(door, key, value)()), must=False)
    if fault or not results:
        return fault or "is refused"
    return None if same(expected, results[0]) else "gives another result"


def _wrong(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, np.ndarray):
        yield from wrong_arrays(value)
    elif isinstance(value, int | float | str):
        yield from wrong_numbers(value)
    elif isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        yield from (("nothing", []), ("a number", 3))
        yield from ((f"of {what}", [wrong, *value[1:]]) for what, wrong in wrong_arrays(value[0]))
    else:
        yield from (("None", None), ("an object", object()), ("a number", 7), ("a text", "x"))


def _odd(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, np.ndarray):
        yield from odd_arrays(value)
    elif isinstance(value, int | float):
        yield from odd_numbers(value)
    elif type(value) in (tuple, list):
        yield from (("nothing", type(value)()), ("too much", type(value)([*value, *value])))


def main(groups: list[str]) -> int:
    """Print all faults of some groups of doors, or of all; return 1 where there was any."""
    calls, wrongs = 0, 0
    for name, entries in doors(groups or GROUPS).items():
        for door in entries:
            for what, wrong in itertools.chain(refused(door), tried(door)):
                calls += 1
                if wrong:
                    wrongs += 1
                    print(f"{name}: {what} {wrong}", flush=True)
    print(f"{calls} calls, {wrongs} faults")
    return int(wrongs > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
