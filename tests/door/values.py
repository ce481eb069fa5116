"""Wrong values for every kind of argument, and the verdict on a call that was given one.

A door does one of two things with a wrong value: it raises UserError, or, where the value can be
read in one way only, it works and gives finite numbers. Anything else is a fault.
"""

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.ranges import Choice, Each, Either, Function, Kind, Range, Real, Whole

NAN, INF = float("nan"), float("inf")


@dataclasses.dataclass(frozen=True)
class Door:
    """A call with arguments that fit. loose: arguments whose axes or numbers may be others."""

    call: Callable[..., Any]
    arguments: dict[str, Any]
    loose: tuple[str, ...] = ()


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def wrong_arrays(good: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield what stands in no array's place: it must be refused."""
    yield "None", None
    yield "a text", "samples"
    yield "a number", 3.5
    yield "texts", good.astype(str)
    yield "objects", np.full(good.shape, None, object)
    yield "complex", good.astype(complex) + 1j
    yield "dates", np.zeros(good.shape, "datetime64[s]")
    yield "ragged", [[1.0, 2.0], [3.0]]
    yield "masked", np.ma.masked_array(good, np.zeros(good.shape, bool))
    yield "one axis more", good[None]
    yield "all axes more", good.reshape(1, 1, 1, 1, 1, *good.shape)
    if good.ndim > 1:
        yield "no last axis", good[..., 0]
        yield "no column", good[..., :0]
    if good.dtype.kind == "f":
        for number in (NAN, INF):
            yield f"{number} in it", _with_one(good, number)


def odd_arrays(good: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield arrays that may be refused, or must be worked with rightly."""
    yield "no row", good[:0]
    yield "the first row", good[:1]
    yield "a row more", np.concatenate([good, good[-1:]])
    yield "below 0", -good - 1 if good.dtype.kind in "if" else good
    yield "halves", good + 0.5
    yield "1e300 in it", _with_one(good, 1e300)
    yield "1e30 times", good.astype(np.float64) * 1e30
    yield "1e-30 times", good.astype(np.float64) * 1e-30
    yield "zeros", np.zeros_like(good)
    yield "one number", np.full_like(good, good.flat[0])
    yield "2^40", np.full(good.shape, 2**40)
    yield "a column of it", good[:, None] if good.ndim == 1 else good[:, :1]


def same_arrays(good: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield the same numbers in another dress: they must give the same result."""
    yield "a list", good.tolist()
    yield "columns first", np.asfortranarray(good)
    yield "a view", np.repeat(good, 2, axis=0)[::2]
    yield "read only", _read_only(good)
    yield "big-endian", good.astype(good.dtype.newbyteorder(">"))
    if good.dtype == np.float32:
        yield "float64", good.astype(np.float64)


def wrong_numbers(good: Any) -> Iterator[tuple[str, Any]]:
    """Yield what stands in no number's, text's or flag's place: it must be refused."""
    if isinstance(good, bool):
        return
    yield from (
        ("None", None),
        ("a list", [good]),
        ("an array", np.ones(3)),
        ("an object", object()),
    )
    if isinstance(good, str):
        yield from (("nonsense", "nonsense"), ("a number", 3))
    else:
        yield from (("a text", "3"), ("nan", NAN), ("inf", INF), ("True", True), ("1j", 1j))
    if isinstance(good, int):
        yield from (("2.5", 2.5), ("10^30", 10**30))


def odd_numbers(good: Any) -> Iterator[tuple[str, Any]]:
    """Yield numbers at the ends, which may be refused."""
    if isinstance(good, int) and not isinstance(good, bool):
        yield from ((str(number), number) for number in (-1, 0, 1, 2, np.int64(good)))
    elif isinstance(good, float):
        yield from (
            (str(number), number) for number in (-1.0, 0, 1e-40, 1.0, 1e25, np.float32(good))
        )


def outside(wanted: Range) -> Iterator[Any]:
    """Yield values that are not in a range."""
    candidates = [None, True, -1, 0, 0.5, 2.5, "nonsense", [], (), {}, NAN, INF, -INF, 10**400, 1j]
    candidates += list(_near(wanted))
    yield from (value for value in candidates if not wanted.holds(value))


def _near(wanted: Range) -> Iterator[Any]:
    """Yield values just outside of a range."""
    if isinstance(wanted, Either):
        yield from (*_near(wanted.first), *_near(wanted.second))
    elif isinstance(wanted, Whole | Real):
        yield from (wanted.low - 1, wanted.high + 1, -wanted.high, wanted.high * 10, 2**64)
        yield wanted.high
    elif isinstance(wanted, Each):
        yield from ([value] * max(1, wanted.low) for value in _near(wanted.item))
        yield from ([NAN], ["x"], [[]], [None], [1] * 10_000)
    elif isinstance(wanted, Choice):
        yield from (str(value).upper() for value in wanted.values)
    else:
        assert isinstance(wanted, Kind | Function)


def verdict(call: Callable[[], Any], must: bool) -> str | None:
    """Return what is wrong with how a call took a wrong value, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a search that ended early says so
            warnings.simplefilter("error", RuntimeWarning)
            result = call()
    except UserError as error:
        text = str(error)
        return None if len(text) > 15 and text.endswith(".") else f"says little: {text!r}"
    except Exception as error:
        return f"raises {type(error).__name__}: {str(error)[:100]}"
    if must:
        return "is accepted"
    return None if finite(result) else "gives numbers that are not finite"


def finite(result: Any) -> bool:
    """Return whether all numbers of a result are finite; -inf is the score of what never was."""
    return all(np.all(np.isfinite(part) | (part == -INF)) for part in parts(result))


def kept(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call by which what is no number must stay none; then it counts as refused."""

    def run(**arguments: Any) -> Any:
        result = call(**arguments)
        if not finite(result):
            raise UserError("what is no number must stay none, as it does here.")
        return result

    return run


def same(first: Any, second: Any) -> bool:
    """Return whether two results hold the same numbers, but for the last digits of float32."""
    pairs = list(zip(parts(first), parts(second), strict=False))
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)
        for a, b in pairs
    )


def parts(result: Any) -> list[np.ndarray]:
    """Return the numbers in a result: arrays, tuples, mappings, and what dataclasses hold."""
    if isinstance(result, np.ndarray):
        return [result] if result.dtype.kind in "biuf" else []
    if isinstance(result, int | float | np.generic) and not isinstance(result, str):
        return [np.asarray(result)]
    if isinstance(result, tuple | list):
        return [part for item in result for part in parts(item)]
    if isinstance(result, Mapping):
        return parts(list(result.values()))
    if dataclasses.is_dataclass(result):
        return parts([getattr(result, field.name) for field in dataclasses.fields(result)])
    return []


def _with_one(good: np.ndarray, number: float) -> np.ndarray:
    """Return an array with this number in its last place."""
    changed = good.astype(np.float64)
    changed.flat[-1] = number
    return changed


def _read_only(good: np.ndarray) -> np.ndarray:
    copy = good.copy()
    copy.setflags(write=False)
    return copy
