"""What comes in at the door of a layer: shapes at build, arrays at each call."""

import inspect
import math
from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.errors import UserError


def expect(condition: bool, message: str) -> None:
    """Raise UserError with the message unless the condition holds."""
    if not condition:
        raise UserError(f"{message}.")


def arity(forward: Callable[..., Any]) -> tuple[float, float]:
    """Return how many inputs a forward rule takes at the least and at the most."""
    least = most = 0.0
    for parameter in list(inspect.signature(forward).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            return max(least, 1), math.inf
        if parameter.kind is not parameter.KEYWORD_ONLY:
            most += 1
            least += parameter.default is parameter.empty
    return least, most


def as_input(x: Any, dtype: np.dtype, name: str = "inputs") -> np.ndarray:
    """Return x [N, ...] as a C-contiguous array of a floating dtype.

    Raises UserError: no array of numbers, no row, an empty axis, or a number beyond the dtype.
    """
    if type(x) is np.ndarray and x.dtype == dtype and x.flags.c_contiguous and x.size and x.ndim:
        return x  # as is every input within a network
    x = as_numbers(x, name)
    expect(x.ndim > 0 and x.size > 0, f"{name} of shape {x.shape}; give [N, ...], no axis empty")
    with np.errstate(over="ignore"):
        result = np.ascontiguousarray(x, dtype)
    fits = result.dtype == x.dtype or (np.isinf(result) == np.isinf(x)).all()
    expect(fits, f"{name} beyond {np.finfo(dtype).max:.2g}, the largest {dtype}; scale them")
    return result


def as_mask(mask: Any, most: int = 2) -> np.ndarray:
    """Return a mask [N, T], or of up to `most` axes, as truth values.

    Raises UserError unless it holds those, or 0 and 1.
    """
    mask = as_numbers(mask, "mask")
    truth = np.ascontiguousarray(mask, np.bool_)
    form = "[N, T]" if most == 2 else f"2 to {most} axes, the batch first"
    expect(2 <= mask.ndim <= most, f"a mask of shape {mask.shape}; give {form}")
    expect(bool((truth == mask).all()), "a mask is True where a step counts, and False elsewhere")
    return truth


def check_shape(shape: Any) -> None:
    """Raise UserError where a shape, or one of a tuple of shapes, is no tuple of whole numbers."""
    several = isinstance(shape, tuple) and len(shape) > 0 and isinstance(shape[0], tuple)
    for one in shape if several else (shape,):
        whole = isinstance(one, tuple) and all(
            isinstance(n, Integral) and not isinstance(n, bool) for n in one
        )
        expect(whole, f"a shape is a tuple of whole numbers, the batch left out, not {one!r}")
        expect(min(one, default=1) >= 1, f"a shape of {one} has nothing in it")


def last_axis(shape: Any, layer: str) -> int:
    """Return the size of the last axis. Raises UserError where there is none beside the batch."""
    expect(len(shape) >= 1, f"{layer} needs at least one axis beside the batch")
    return shape[-1]
