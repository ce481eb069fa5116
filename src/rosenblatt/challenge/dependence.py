"""Rows that belong together or follow one another: what folds must respect, and where they do not.

Random folds flatter where a training row has fellows among training rows, of the same group or
near in time, and a test row has none (Arlot & Celisse 2010, "A survey of cross-validation
procedures for model selection", section 8).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.data.folds import time_folds
from rosenblatt.errors import UserError, meant

KEY = re.compile(r"(.+)[_/.:-][^_/.:-]+")  # an identifier that begins with its group
GROUPS = 20  # at the least, where they are found
FOLDS = 5  # into which rows can be split
SHARED = 0.5  # of the training rows have fellows, at the least
LESS = 0.1  # of that share, at most, of the test rows
LARGER = 1.25  # times as many nodes
FARTHER = 10  # times as far from the nearest training row are test rows

Sides = tuple[np.ndarray, np.ndarray]  # of training and of test rows


def groups_of(challenge: Challenge, column: str) -> Sides:
    """Return the group of each training and test row, whole numbers: rows of equal cells.

    Of an identifier that begins with its group, 0001_01, cells are equal up to their last sign.
    Raises UserError where there is no such column.
    """
    if column in challenge.keys:
        train, test = (list(cells) for cells in challenge.keys[column])
        if len({*train}) == len(train):
            train, test = ([_group(cell) for cell in cells] for cells in (train, test))
        return _places(train, test)
    train, test = _column(challenge, column)
    import pandas

    sides = [side if side.dtype.kind == "f" else side.astype(object) for side in (train, test)]
    both = np.concatenate([side.to_numpy() for side in sides])
    place = pandas.factorize(both)[0].astype(np.int64)
    alone = np.flatnonzero(place < 0)  # a cell that is missing has no fellows
    place[alone] = len(place) + np.arange(len(alone))
    place = np.unique(place, return_inverse=True)[1]
    return place[: len(train)], place[len(train) :]


def times_of(challenge: Challenge, column: str) -> Sides:
    """Return the time of each training and test row, float64: seconds of a date, or a number.

    Raises UserError where there is no such column, or it lacks a time.
    """
    sides = _column(challenge, column)
    found = []
    for side in sides:
        if side.dtype.kind not in "Mf" and not getattr(side.dtype, "ordered", False):
            raise UserError(f"column {column!r} holds no times; name a column of dates or numbers.")
        values = side.to_numpy()
        if side.dtype.kind == "M":
            missing, values = np.isnat(values), values.astype("datetime64[s]").astype(np.int64)
        else:
            values = values.astype(np.float64)
            missing = np.isnan(values)
        if missing.any():
            raise UserError(
                f"column {column!r} lacks the time of {missing.sum()} rows; name another one."
            )
        found.append(values.astype(np.float64))
    return found[0], found[1]


def the_column(challenge: Challenge, kind: str) -> str:
    """Return the one column by which rows are of a group, or follow one another in time.

    Raises UserError where there is none, or more than one.
    """
    found = [name for name, _ in (_groups if kind == "group" else _times)(challenge)]
    if kind == "time" and not found and challenge.kind == "table":
        found = [name for name, side in challenge.train.items() if side.dtype.kind == "M"]
    if len(found) != 1:
        several = " or ".join(f'"{kind} {name}"' for name in found) or f'"{kind} COLUMN"'
        what = "several columns" if found else "no column"
        raise UserError(f"--split {kind}: {what} could tell; name it: --split {several}.")
    return found[0]


def told_folds(challenge: Challenge) -> tuple[str, tuple[str, ...]]:
    """Return how the training rows are split, as --split says it, where the rows tell, and why.

    "" where nothing tells, more than one column could, or times leave no last rows to hold out.
    """
    found = list(_reasons(challenge))
    if len(found) != 1:
        return "", ()
    [(how, reason)] = found
    kind, _, column = how.partition(" ")
    try:
        if kind == "time":
            time_folds(*times_of(challenge, column), FOLDS)
    except UserError:
        return "", ()  # no last rows could be held out
    note = f'{reason}: folds are "{how}"; for random ones write folds = "stratified"'
    return how, (f"{note} in challenge.toml",)


def flattering(challenge: Challenge) -> list[str]:
    """Return a sentence for each reason why random folds promise more than test rows will give."""
    found = [
        f'{reason}: random folds flatter; --split "{how}"' for how, reason in _reasons(challenge)
    ]
    return found + _larger(challenge)


def _reasons(challenge: Challenge) -> Iterator[tuple[str, str]]:
    """Yield each split by which training rows are as far from each other as test rows, and why."""
    for name, (own, other) in _groups(challenge):
        yield (
            f"group {name}",
            f"{own:.0%} of the training rows share {name} with another one, {other:.0%} of the "
            "test rows do",
        )
    for name, _ in _times(challenge):
        yield (
            f"time {name}",
            f"test rows lie farther from training rows in {name} than these from one another",
        )


def _larger(challenge: Challenge) -> list[str]:
    """Return the sentence that says how much larger test graphs are, where they are."""
    if challenge.kind != "graph":
        return []
    own, other = (float(np.median(part.sizes()["nodes"]))
                  for part in (challenge.train, challenge.test))  # fmt: skip
    if other <= LARGER * own:
        return []
    return [
        f"test graphs have {other:g} nodes, training graphs {own:g}, in the middle: random folds "
        "flatter, and no split of the training rows shows by how much"
    ]


def _groups(challenge: Challenge) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the columns whose groups lie in training rows alone, with the shares of fellows."""
    names = [name for name, (cells, _) in challenge.keys.items() if _may_group(cells)]
    if challenge.kind == "table":
        names += [
            name for name, side in challenge.train.items()
            if name not in challenge.keys and side.dtype.kind != "M" and _whole(side)
        ]  # fmt: skip
    for name in names:
        train, test = groups_of(challenge, name)
        counts = np.bincount(train, minlength=max(train.max(), test.max(initial=0)) + 1)
        own = float((counts[train] > 1).mean())
        other = float((counts[test] > 0).mean()) if len(test) else own
        if np.count_nonzero(counts) >= GROUPS and own >= SHARED and other <= LESS * own:
            yield name, (own, other)


def _times(challenge: Challenge) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield the columns of dates in which test rows lie apart, with the gaps of both."""
    if challenge.kind != "table":
        return
    for name, side in challenge.train.items():
        if side.dtype.kind != "M" or side.isna().any() or challenge.test[name].isna().any():
            continue
        train, test = times_of(challenge, str(name))
        ordered = np.sort(train)
        between = np.diff(ordered, prepend=-np.inf, append=np.inf)
        own = float(np.median(np.minimum(between[:-1], between[1:])))
        after = np.searchsorted(ordered, test)
        padded = np.concatenate([[-np.inf], ordered, [np.inf]])
        other = float(np.median(np.minimum(test - padded[after], padded[after + 1] - test)))
        if len(train) >= GROUPS and other > FARTHER * own:
            yield str(name), (own, other)


def _column(challenge: Challenge, name: str) -> tuple[Any, Any]:
    if challenge.kind != "table" or name not in challenge.train:
        names = [*challenge.keys, *(challenge.train if challenge.kind == "table" else ())]
        raise UserError(f"--split: no column {name!r}; {meant(name, names)}")
    return challenge.train[name], challenge.test[name]


def _whole(side: Any) -> bool:
    """Say whether a column can hold groups: levels, texts, or whole numbers."""
    if hasattr(side.dtype, "categories"):
        return len(side.cat.categories) >= GROUPS
    if side.dtype.kind != "f":
        return side.dtype.kind != "O"
    values = side.to_numpy()
    return bool(np.all(values == np.floor(values)))


def _may_group(cells: Sequence[str]) -> bool:
    """Say whether cells of a key may hold groups: some are equal, or the first names its own."""
    return len(cells) > 0 and (bool(KEY.fullmatch(cells[0])) or len({*cells}) < len(cells))


def _group(cell: str) -> str:
    found = KEY.fullmatch(cell)
    return found[1] if found else cell


def _places(train: list, test: list) -> Sides:
    """Return equal cells as equal whole numbers; an empty one is alone."""
    place: dict[Any, int] = {}
    sides = [
        [place.setdefault(cell or object(), len(place)) for cell in cells]
        for cells in (train, test)
    ]
    return np.array(sides[0], np.int64), np.array(sides[1], np.int64)
