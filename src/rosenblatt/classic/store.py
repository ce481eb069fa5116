"""Estimators on disk: an archive whose description tells parameters and kernels, without pickle.

A file is read as if by an enemy: only estimators and kernels that are known are made, with settings
in their ranges; arrays must have the axes that the estimator's `axes` tell, be finite, and
answer for one row, before the estimator is handed out.
"""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.data.archive import REFUSED, read_archive, reason_of, write_archive
from rosenblatt.data.readers import check_reader
from rosenblatt.errors import UserError
from rosenblatt.kept import check_parts, kept_class, made, told
from rosenblatt.ranges import check_settings

if TYPE_CHECKING:
    from rosenblatt.classic.base import Estimator

FORMAT = 2
COLUMNS = 10_000_000  # at the most, so that the row to try does not fill the memory


def save(estimator: "Estimator", path: Path | str) -> None:
    """Write a fitted estimator, whole or not at all.

    Raises UserError as write_archive, or for what no file can hold, such as a function.
    """
    arrays: dict[str, np.ndarray] = {}
    state = {name: told(name, value, arrays) for name, value in sorted(vars(estimator).items())}
    description = {"format": FORMAT, "estimator": _name(type(estimator)), "state": state}
    write_archive(path, description, arrays)


def load(path: Path | str, base: "type[Estimator]") -> "Estimator":
    """Return the estimator, of class `base` or a subclass, that `save` wrote.

    Raises UserError where the file is missing, damaged, or of something else, and what reads that.
    """
    description, arrays = read_archive(path)
    check_reader(path, description, "estimator", base)
    try:
        return _restored(description, arrays, base)
    except REFUSED as error:
        raise UserError(
            f"{path}: no {base.__name__}, or damaged ({reason_of(error)}); fit and save again."
        ) from error


def _restored(
    description: dict[str, Any], arrays: dict[str, np.ndarray], base: "type[Estimator]"
) -> "Estimator":
    if description["format"] != FORMAT:
        raise ValueError(f"format {description['format']}, this program reads {FORMAT}")
    make = kept_class(description["estimator"])
    if not issubclass(make, base):
        raise ValueError(f"it holds a {description['estimator']}")
    return filled(make, {name: made(one, arrays) for name, one in description["state"].items()})


def filled(make: type[Any], state: dict[str, Any]) -> Any:
    """Return an estimator of parameters and of what it learned, once all is checked.

    Raises one of archive.REFUSED where they do not fit.
    """
    estimator = make(**{field.name: state.pop(field.name) for field in fields(make)})
    check_settings(estimator)
    if not all(name.isidentifier() and name.endswith("_") for name in state):
        raise ValueError("it has attributes that are not learned")
    names = state.pop("feature_names_in_", None)
    vars(estimator).update(state)
    if state:
        columns = estimator.n_features_in_
        if not isinstance(columns, int) or not 0 < columns <= COLUMNS:
            raise ValueError(f"n_features_in_ is {columns!r}")
        of_gram = {"support_vectors_"} if state.get("support_vectors_", ...) is None else set()
        axes = {name: told for name, told in estimator.axes.items() if name not in of_gram}
        check_parts(state, axes, {"D": columns})
        estimator._check_restored()
        _check_answer(estimator)
    if names is not None:
        if names.dtype.kind != "U" or names.shape != (estimator.n_features_in_,):
            raise ValueError("its columns' names are not one each")
        estimator.feature_names_in_ = names
    return estimator


def _check_answer(estimator: Any) -> None:
    """Raise ValueError, or what that raises, unless the estimator answers for one row rightly."""
    shape = getattr(estimator, "shape_", (estimator.n_features_in_,))  # of images, or of rows
    row = np.zeros((1, *shape), np.float32)
    if estimator.kind == "classifier":
        scores, classes = estimator.decision_function(row), estimator.classes_
        count = 2 if scores.ndim == 1 else scores.shape[1]
        if count < 2 or classes.shape != (count,):
            raise ValueError(f"classes of shape {classes.shape} for {count} scores")
    elif estimator.kind == "regressor":
        estimator.predict(row)
    else:
        estimator.transform(row)


def _name(of: type) -> str:
    return f"{of.__module__}.{of.__qualname__}"
