"""Estimators on disk: an archive whose description tells parameters and kernels, without pickle.

A file is read as if by an enemy: only estimators and kernels that are known are made, with settings
in their ranges; arrays must have the axes that the estimator's `axes` tell, be finite, and
answer for one row, before the estimator is handed out.
"""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.classic.mistakes import Mistakes
from rosenblatt.data.archive import REFUSED, read_archive, reason_of, write_archive
from rosenblatt.errors import UserError
from rosenblatt.features import alignment, histograms, strings
from rosenblatt.features.gram import Kernel
from rosenblatt.ranges import check_settings

if TYPE_CHECKING:
    from rosenblatt.classic.base import Estimator

FORMAT = 1
COLUMNS = 10_000_000  # at the most, so that the row to try does not fill the memory
MADE = Kernel, Mistakes
MODULES = alignment, histograms, strings  # loaded, so that their kernels are known


def save(estimator: "Estimator", path: Path | str) -> None:
    """Write a fitted estimator, whole or not at all.

    Raises UserError as write_archive, or for what no file can hold, such as a function.
    """
    arrays: dict[str, np.ndarray] = {}
    state = {name: _told(name, value, arrays) for name, value in sorted(vars(estimator).items())}
    description = {"format": FORMAT, "estimator": _name(type(estimator)), "state": state}
    write_archive(path, description, arrays)


def load(path: Path | str, base: "type[Estimator]") -> "Estimator":
    """Return the estimator, of class `base` or a subclass, that `save` wrote.

    Raises UserError where the file is missing, damaged, or of something else.
    """
    description, arrays = read_archive(path)
    try:
        return _restored(description, arrays, base)
    except REFUSED as error:
        raise UserError(
            f"{path}: no {base.__name__}, or damaged ({reason_of(error)}); fit and save again."
        ) from error


def _told(name: str, value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return a value as JSON knows it; arrays are put aside."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        arrays[key := f"{len(arrays)}"] = value
        return {"array": key}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_told(name, part, arrays) for part in value]}
    make: Any = type(value)
    if isinstance(value, MADE) and _checks_itself(make):
        parts = {one.name: _told(name, getattr(value, one.name), arrays) for one in fields(make)}
        return {_name(make): parts}
    raise UserError(f"{name} is {value!r:.60}: no file can hold it; save what it is made of.")


def _made(told: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return the value that `_told` told of."""
    if not isinstance(told, dict):
        return told
    ((kind, content),) = told.items()
    if kind == "array":
        return arrays[content]
    if kind in ("list", "tuple"):
        parts = [_made(part, arrays) for part in content]
        return tuple(parts) if kind == "tuple" else parts
    makes = {_name(one): one for base in MADE for one in _descendants(base)}
    make: Any = makes[kind]
    if not _checks_itself(make):
        raise ValueError(f"a {kind} cannot be checked")
    return make(**{key: _made(part, arrays) for key, part in content.items()})


def _checks_itself(make: type) -> bool:
    """Return whether what an object is made of is checked, by its ranges or where it is used."""
    ranges = getattr(make, "settings", {}).keys()
    return make is Mistakes or (is_dataclass(make) and ranges == {one.name for one in fields(make)})


def _restored(
    description: dict[str, Any], arrays: dict[str, np.ndarray], base: "type[Estimator]"
) -> "Estimator":
    if description["format"] != FORMAT:
        raise ValueError(f"format {description['format']}, this program reads {FORMAT}")
    known = {_name(one): one for one in _descendants(base)}
    if description["estimator"] not in known:
        raise ValueError(f"it holds a {description['estimator']}")
    make = known[description["estimator"]]
    state = {name: _made(told, arrays) for name, told in description["state"].items()}
    estimator = make(**{field.name: state.pop(field.name) for field in fields(make)})  # type: ignore[arg-type]
    check_settings(estimator)
    if not all(name.isidentifier() and name.endswith("_") for name in state):
        raise ValueError("it has attributes that are not learned")
    names = state.pop("feature_names_in_", None)
    vars(estimator).update(state)
    if state:
        _check_axes(estimator)
        estimator._check_restored()
        _check_answer(estimator)
    if names is not None:
        if names.dtype.kind != "U" or names.shape != (estimator.n_features_in_,):
            raise ValueError("its columns' names are not one each")
        estimator.feature_names_in_ = names
    return estimator


def _check_axes(estimator: "Estimator") -> None:
    """Raise ValueError unless the arrays learned are finite numbers of axes that fit together."""
    columns = estimator.n_features_in_
    if not isinstance(columns, int) or not 0 < columns <= COLUMNS:
        raise ValueError(f"n_features_in_ is {columns!r}")
    sizes = {"D": columns}
    for name, axes in estimator.axes.items():
        array = getattr(estimator, name)
        if array is None and name == "support_vectors_":
            continue  # of a Gram matrix
        dtype, *letters = axes.split()
        if array.dtype != dtype or array.ndim != len(letters):
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}")
        for letter, size in zip(letters, array.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(f"{name} is of shape {array.shape}, which does not fit")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has numbers that are not finite")


def _check_answer(estimator: Any) -> None:
    """Raise ValueError, or what that raises, unless the estimator answers for one row rightly."""
    row = np.zeros((1, estimator.n_features_in_), np.float32)
    if estimator.kind == "classifier":
        scores, classes = estimator.decision_function(row), estimator.classes_
        count = 2 if scores.ndim == 1 else scores.shape[1]
        if count < 2 or classes.shape != (count,):
            raise ValueError(f"classes of shape {classes.shape} for {count} scores")
    elif estimator.kind == "regressor":
        estimator.predict(row)
    else:
        estimator.transform(row)


def _descendants(base: type) -> list[type]:
    below: list[type] = base.__subclasses__()
    return [base, *(one for near in below for one in _descendants(near))]


def _name(of: type) -> str:
    return f"{of.__module__}.{of.__qualname__}"
