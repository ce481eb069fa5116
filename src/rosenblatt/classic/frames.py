"""Samples as they come to an estimator: an array, lists, or a DataFrame, matched by its names.

A DataFrame is known by its `columns`, and no library of tables is imported for it.
"""

import warnings
from collections import Counter
from collections.abc import Hashable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.errors import UserError

SHOWN = 5  # names in a message


class NotANumberError(UserError, TypeError):
    """A cell that holds neither a number nor a truth value."""


def column_names(X: Any) -> list[str] | None:
    """Return the names of a DataFrame's columns, None where there are none or they are no texts.

    Raises UserError where a name occurs twice, or only some are texts.
    """
    names = list(getattr(X, "columns", ()))
    [(name, count)] = Counter(names).most_common(1) or [("", 0)]
    if count > 1:
        raise UserError(f"the column {name!r} occurs {count} times; give each a name of its own.")
    texts = sum(isinstance(name, str) for name in names)
    if 0 < texts < len(names):
        raise UserError("some columns have texts for names and others not; give all a text.")
    return names if texts else None


def as_table(X: Any) -> np.ndarray:
    """Return samples as an array of numbers, of any axes.

    Raises UserError where they are none, sparse, or a table without columns.
    """
    if hasattr(X, "toarray"):
        raise UserError("sparse samples; give an array, such as X.toarray().")
    table = _of_columns(X, list(X.columns)) if hasattr(X, "columns") else numbers_of(X, "samples")
    if table.ndim == 1:
        raise UserError(
            f"samples of one axis, {table.shape}. Reshape your data: X.reshape(1, -1) where it is "
            "one sample, X.reshape(-1, 1) where it is one column."
        )
    if table.ndim == 2 and table.shape[1] == 0:
        raise UserError(
            f"samples of 0 feature(s) (shape={table.shape}) while a minimum of 1 is required."
        )
    return table


def as_learned(X: Any, names: Sequence[str] | None, count: int, learner: str) -> np.ndarray:
    """Return samples as as_table, with the columns that were learned from, in their order.

    names: of those columns, None where they had none; count: how many there were. Columns with
    names are matched by them; where one of the two has no names, by order, and a warning says so.
    Raises UserError as as_table, or where a column is missing, unknown, or one too many.
    """
    given = column_names(X)
    if names is not None and given is not None:
        _check_names(given, names)
        return _of_columns(X, names)
    table = as_table(X)
    if table.ndim == 2 and table.shape[1] != count:
        raise UserError(
            f"X has {table.shape[1]} features, but {learner} is expecting {count} features as "
            "input; give the columns that it learned from."
        )
    if (names is None) != (given is None):
        which = "these samples" if given is None else "those learned from"
        warnings.warn(f"{which} have no names: columns are taken in order", stacklevel=4)
    return table


def _check_names(given: list[str], names: Sequence[str]) -> None:
    missing, unknown = set(names) - set(given), set(given) - set(names)
    if missing or unknown:
        parts = [
            f"{what} {', '.join(map(repr, sorted(some)[:SHOWN]))}"
            for what, some in (("there is no", missing), ("nothing was learned of", unknown))
            if some
        ]
        raise UserError(
            f"the columns are not those learned from: {'; '.join(parts)}; give the same."
        )


def _of_columns(X: Any, names: Sequence[Hashable]) -> np.ndarray:
    parts = [numbers_of(X[name], f"column {name!r}") for name in names]
    return np.column_stack(parts) if parts else np.empty((len(X), 0))


def numbers_of(values: Any, name: str) -> np.ndarray:
    """Return an array of numbers; one of objects where all of these are numbers."""
    if isinstance(values, np.ma.MaskedArray):
        return as_numbers(values, name)
    try:
        found = np.asarray(values)
    except ValueError:
        return as_numbers(values, name)  # it says what is wrong
    if found.dtype.kind != "O" or found.ndim == 0:
        return as_numbers(found, name)
    for place, value in np.ndenumerate(found):
        if not isinstance(value, Real | np.bool_):
            row = f"row {place[0] + 1}" + f", column {place[-1] + 1}" * (len(place) > 1)
            raise NotANumberError(
                f"{row} of the {name} is {value!r}; an argument must be neither a string nor "
                "missing, but a number."
            )
    return found.astype(np.float64)
