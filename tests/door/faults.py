"""Try every door with every wrong value: python -m tests.door.faults [NAME ...].

Prints what neither worked rightly nor raised UserError, and exits with 1 where there was any. With
NUMBA_BOUNDSCHECK=1 (and a NUMBA_CACHE_DIR of its own) an index out of bounds inside of a compiled
loop is a fault as well.
"""

import copy
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.door.doors import doors
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


def faults(names: list[str]) -> tuple[int, list[str]]:
    """Return the number of calls tried, and what was wrong with some of them."""
    count, found = 0, []
    known = doors()
    for name in names or known:
        for door in known[name]:
            for what, wrong in tried(door):
                count += 1
                if wrong:
                    found.append(f"{name}: {what} {wrong}")
                    print(found[-1], flush=True)
    return count, found


def tried(door: Door) -> Iterator[tuple[str, str | None]]:
    """Yield what was tried, and what was wrong with it, for each argument of a call."""
    good = copy.deepcopy(door.arguments)
    yield "what fits", verdict(lambda: door.call(**copy.deepcopy(good)), must=False)
    expected = door.call(**copy.deepcopy(good))
    for key, value in good.items():
        must = key not in door.loose
        for what, wrong in _wrong(value):
            yield f"{key} = {what}", verdict(_with(door, key, wrong), must)
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
        yield from (("nothing", []), ("a number", 3), ("one too many", [*value, value[0]]))
        yield from ((f"of {what}", [wrong, *value[1:]]) for what, wrong in wrong_arrays(value[0]))
    else:
        yield from (("None", None), ("an object", object()), ("a number", 7), ("a text", "x"))


def _odd(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, np.ndarray):
        yield from odd_arrays(value)
    elif isinstance(value, int | float):
        yield from odd_numbers(value)
    elif isinstance(value, tuple | list):
        yield from (("nothing", type(value)()), ("too much", type(value)([*value, *value])))


if __name__ == "__main__":
    tries, wrongs = faults(sys.argv[1:])
    print(f"{tries} calls, {len(wrongs)} faults")
    sys.exit(1 if wrongs else 0)
