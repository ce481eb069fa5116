"""Arrays as they come in at a door: numbers, finite, of the right axes, before a compiled loop.

Axes are named by letters, as in the docstrings: "N D" is [N, D]. No axis may be empty.
"""

import warnings
from typing import Any

import numpy as np

from rosenblatt.errors import UserError

NUMBERS = "biuf"  # kinds of dtype: truth values, whole numbers, reals
FEW = 64  # different numbers of a column: less is nearly none
LENGTH = float(np.sqrt(np.finfo(np.float32).max)) / 4  # of a row: squared distances stay finite


def check_numbers(
    x: Any,
    axes: str,
    name: str = "samples",
    dtype: type[np.floating] = np.float32,
    empty: bool = False,
) -> np.ndarray:
    """Return x as a C-contiguous array of `dtype` with these axes; empty: of no rows, perhaps.

    Raises UserError: no array of numbers, other axes, an empty one, or a number that is not finite
    or beyond `dtype`, named by its place.
    """
    x = as_numbers(x, name)
    check_axes(x, axes, name, empty)
    with np.errstate(over="ignore"):
        result = np.ascontiguousarray(x, dtype)
    if not np.isfinite(result).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(result))[0])
        why = "give numbers, neither NaN nor infinite"
        if np.isfinite(x[place]):
            why = f"the largest number that can be worked with is {np.finfo(dtype).max:.2g}"
        raise UserError(f"{_where(place)} of the {name} is {x[place]}; {why}.")
    return result


def check_vectors(x: Any, name: str = "samples", columns: int | None = None) -> np.ndarray:
    """Return rows of numbers [N, D] as check_numbers, float32.

    Raises UserError as that, where there are other columns than so many, or where the numbers are
    so large that squared distances overflow.
    """
    x = check_numbers(x, "N D", name)
    if columns is not None and x.shape[1] != columns:
        raise UserError(
            f"{name} of {x.shape[1]} columns, where those learned from had {columns}; "
            "give both the same."
        )
    largest = float(np.abs(x).max())
    if largest * np.sqrt(x.shape[1]) > LENGTH:
        raise UserError(
            f"{name} with numbers as large as {largest:.2g}, whose squares are beyond float32; "
            "bring the columns to numbers of order one, as classic.Standardisation does."
        )
    return x


def tell_merged(given: np.ndarray, x: np.ndarray) -> None:
    """Warn where the numbers of a column of samples [N, D] were different, and hardly are in x."""
    if given.dtype == x.dtype or given.shape != x.shape or x.ndim != 2:
        return
    low, high = (given.min(0).astype(np.float64), given.max(0).astype(np.float64))
    apart = np.spacing(np.maximum(abs(low), abs(high)).astype(x.dtype))
    merged = np.flatnonzero((high > low) & (high - low < FEW * apart))
    if len(merged):
        j = int(merged[0])
        warnings.warn(
            f"column {j + 1} of the samples lies between {low[j]:.17g} and {high[j]:.17g}, where "
            "float32 has few numbers; subtract its mean first",
            stacklevel=4,
        )


def check_cells(x: Any) -> np.ndarray:
    """Return rows of numbers [N, D], C-contiguous, float32 or float64 as they were; NaN: missing.

    Raises UserError: no array of numbers, other axes, an empty one, or an infinite number.
    """
    x = as_numbers(x, "samples")
    check_axes(x, "N D", "samples")
    x = np.ascontiguousarray(x, x.dtype if x.dtype in (np.float32, np.float64) else np.float64)
    if np.isinf(x).any():
        place = tuple(int(i) for i in np.argwhere(np.isinf(x))[0])
        raise UserError(
            f"{_where(place)} of the samples is {x[place]}; give numbers, NaN for none."
        )
    return x


def check_images(
    images: Any, name: str = "images", shape: tuple[int, ...] | None = None
) -> np.ndarray:
    """Return images [N, H, W, C] as check_numbers, float32, whose squares can be added up.

    Raises UserError as check_vectors, or where they are not of `shape` (H, W, C).
    """
    images = check_numbers(images, "N H W C", name)
    if shape is not None and images.shape[1:] != shape:
        raise UserError(
            f"{name} of {_sides(images.shape[1:])}, where those learned from had {_sides(shape)} "
            "rows, columns and channels; give both the same."
        )
    check_vectors(images.reshape(len(images), -1), name)
    return images


def check_whole(
    x: Any, axes: str, low: int, high: int, name: str, empty: bool = False
) -> np.ndarray:
    """Return whole numbers from low to high as a C-contiguous int64 array; empty: of none, perhaps.

    Raises UserError as check_numbers, or for another number, named by its place.
    """
    x = as_numbers(x, name)
    check_axes(x, axes, name, empty)
    wrong = ~((x >= low) & (x <= high) & (x == np.floor(x)))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise UserError(
            f"{_where(place)} of the {name} is {x[place]}; give whole numbers from {low} to {high}."
        )
    return np.ascontiguousarray(x, np.int64)


def check_out(out: Any, shape: tuple[int, ...]) -> None:
    """Raise UserError unless `out` is a float32 array of a shape that can be written to."""
    if not isinstance(out, np.ndarray) or out.dtype != np.float32 or out.shape != shape:
        shown = getattr(out, "dtype", type(out).__name__), getattr(out, "shape", ())
        raise UserError(f"out is {shown[0]} of shape {shown[1]}; it must be float32 of {shape}.")
    if not out.flags.writeable:
        raise UserError("out is read-only; give an array that can be written to, such as a copy.")


def as_numbers(x: Any, name: str) -> np.ndarray:
    """Return x as an array of numbers. Raises UserError where it is none, or has a mask."""
    if isinstance(x, np.ma.MaskedArray):
        raise UserError(f"{name} with a mask, which would be lost; fill what it hides.")
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise UserError(f"{name} whose rows differ in length; give an array.") from error
    if x.dtype.kind not in NUMBERS:
        cure = {"O": ", with x.astype(float) where all are", "c": ". Complex data not supported"}
        raise UserError(f"{name} of type {x.dtype}; give numbers{cure.get(x.dtype.kind, '')}.")
    return x


def check_axes(x: np.ndarray, axes: str, name: str, empty: bool = False) -> None:
    """Raise UserError where an array has other axes, or an empty one (the first may be)."""
    letters = axes.split()
    if x.ndim != len(letters):
        raise UserError(f"{name} of shape {x.shape}; give [{', '.join(letters)}].")
    if 0 in x.shape[empty:]:
        raise UserError(
            f"{name} of shape {x.shape}, with nothing in it; "
            f"give [{', '.join(letters)}], each 1 at least."
        )


def check_count(x: Any, count: int, name: str, of: str) -> None:
    """Raise UserError where x, of that name, has not one entry for each of `count` others."""
    flat = isinstance(x, np.ndarray) and x.ndim == 0
    if flat or not isinstance(x, list | tuple | np.ndarray):
        raise UserError(f"{name} = {x!r}; give a list or an array, one for each of the {of}.")
    if len(x) != count:
        raise UserError(f"there are {len(x)} {name} for {count} {of}; give one for each.")


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _where(place: tuple[int, ...]) -> str:
    """Return a place for people: rows and columns count from 1, places in larger arrays from 0."""
    if len(place) == 1:
        return f"number {place[0] + 1}"
    if len(place) == 2:
        return f"row {place[0] + 1}, column {place[1] + 1}"
    return f"place {place}"


def is_frame(samples: Any) -> bool:
    """Say whether samples are a DataFrame, without loading pandas to ask."""
    return hasattr(samples, "iloc")


def take(samples: Any, rows: np.ndarray) -> Any:
    """Return samples by the places of their rows, or by a mask over them."""
    return samples.iloc[rows] if is_frame(samples) else samples[rows]


def joined(first: Any, *others: Any) -> Any:
    """Return samples and, behind them, others of the same form."""
    if isinstance(first, np.ndarray):
        return np.concatenate([first, *others])
    if not is_frame(first):
        return sum(others, first)
    import pandas

    return pandas.concat([first, *others], ignore_index=True)
