"""What a challenge holds, in figures: shapes, ranges, counts, and what is odd about it."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.oddities import oddities
from rosenblatt.challenge.table_inspection import ColumnFigures, inspect_columns, repeated_rows
from rosenblatt.challenge.target import Classes
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.sequences import LETTERS
from rosenblatt.kernels.similarity.kmers import UNKNOWN

NOUNS = {"image": ("image", "pixel"), "dna": ("sequence", "letter"), "graph": ("graph", "node"),
         "numbers": ("row", "column"), "table": ("row", "column")}  # fmt: skip


@dataclass(frozen=True)
class Inspection:
    """Figures of a challenge.

    train, test: rows, shape and range of values, or the lengths and letters of sequences; counts:
    training rows of each class; odd: sentences as oddities gives them, and on missing values,
    repeated rows, constant columns, classes without rows; columns: of a table; values: the range
    of each value that is asked for.
    """

    train: dict
    test: dict
    counts: dict[str, int]
    odd: tuple[str, ...]
    columns: tuple[ColumnFigures, ...] = ()
    values: dict[str, tuple[float, float]] = field(default_factory=dict)


def inspect_challenge(challenge: Challenge) -> Inspection:
    """Return the figures of a challenge, which may hold missing values."""
    odd, counts, values = oddities(challenge), {}, {}
    if isinstance(challenge.target, Classes):
        found = np.bincount(challenge.labels, minlength=len(challenge.classes))
        counts = dict(zip(challenge.classes, found.tolist(), strict=True))
        empty = [name for name, count in counts.items() if count == 0]
        odd += [f"classes without a training row: {', '.join(empty)}"] if empty else []
    else:
        target = challenge.target
        values = {name: (float(target.values[:, place].min()), float(target.values[:, place].max()))
                  for place, name in enumerate(target.names)}  # fmt: skip
    if challenge.kind == "table":
        rows = [{"rows": len(part), "columns": part.shape[1]}
                for part in (challenge.train, challenge.test)]  # fmt: skip
        odd += repeated_rows(challenge)
        return Inspection(rows[0], rows[1], counts, tuple(odd), inspect_columns(challenge), values)
    if challenge.kind == "graph":
        train, test = _graphs(challenge.train), _graphs(challenge.test)
        return Inspection(train, test, counts, tuple(odd))
    return Inspection(*_arrays(challenge, odd), counts, tuple(odd))


def _graphs(graphs: Graphs) -> dict:
    """Return how many graphs there are, and the least and most of nodes, edges and labels."""
    ranges = {**graphs.sizes(), "labels of nodes": graphs.labels}
    if len(graphs.edge_labels):
        ranges["labels of edges"] = graphs.edge_labels
    return {
        "graphs": len(graphs),
        "ranges": {name: (int(found.min()), int(found.max())) for name, found in ranges.items()},
    }


def _arrays(challenge: Challenge, odd: list[str]) -> tuple[dict, dict]:
    """Return the figures of arrays of samples, and add to what is odd."""
    train = challenge.train.reshape(len(challenge.train), -1)
    test = challenge.test.reshape(len(challenge.test), -1)
    nouns = NOUNS[challenge.kind]
    odd += _not_finite("training", train, nouns) + _not_finite("test", test, nouns)
    odd += _repeated(train, challenge.labels, test, nouns[0])
    if challenge.kind == "dna":
        return _letters(train), _letters(test)
    odd += _constant(train, nouns)
    return _figures(challenge.train.shape, train), _figures(challenge.test.shape, test)


def _letters(sequences: np.ndarray) -> dict:
    """Return rows, lengths and how many of each letter sequences [N, L] hold.

    Beyond the last known letter a sequence is taken to be over.
    """
    known = sequences < UNKNOWN
    lengths = np.where(known.any(1), sequences.shape[1] - known[:, ::-1].argmax(1), 0)
    found = np.bincount(sequences[known], minlength=len(LETTERS))
    letters = dict(zip(LETTERS, found.tolist(), strict=True))
    letters["unknown"] = int(lengths.sum() - found.sum())
    ends = int(lengths.min()), int(lengths.max())
    return {"rows": len(sequences), "shortest": ends[0], "longest": ends[1], "letters": letters}


def _figures(shape: tuple[int, ...], rows: np.ndarray) -> dict:
    """Return rows, shape and range of an array [N, D], values that are not finite left out."""
    finite = rows if np.isfinite(rows).all() else rows[np.isfinite(rows)]
    if not finite.size:
        return {
            "rows": shape[0],
            "shape": list(shape[1:]),
            "least": None,
            "most": None,
            "whole": False,
        }
    return {
        "rows": shape[0],
        "shape": list(shape[1:]),
        "least": float(finite.min()),
        "most": float(finite.max()),
        "whole": bool((finite == np.floor(finite)).all()),
    }


def _not_finite(name: str, rows: np.ndarray, nouns: tuple[str, str]) -> list[str]:
    bad = ~np.isfinite(rows)
    if not bad.any():
        return []
    row, column = (int(place) + 1 for place in np.argwhere(bad)[0])
    return [
        f"{int(bad.sum())} missing or infinite {name} values, the first in {nouns[0]} {row}, "
        f"{nouns[1]} {column} (counted without header, Id and label); training refuses them"
    ]


def _repeated(train: np.ndarray, labels: np.ndarray, test: np.ndarray, noun: str) -> list[str]:
    first: dict[bytes, int] = {}
    same = other = 0
    example = ""
    for index, digest in enumerate(_digests(train)):
        earlier = first.setdefault(digest, index)
        if earlier != index and labels[earlier] == labels[index]:
            same += 1
        elif earlier != index:
            other += 1
            example = example or f"{noun}s {earlier + 1} and {index + 1}"
    shared = sum(digest in first for digest in _digests(test))
    odd = []
    if same:
        odd.append(f"{same} training {noun}s repeat an earlier one of the same class")
    if other:
        odd.append(f"{other} training {noun}s repeat one of another class, such as {example}")
    if shared:
        odd.append(f"{shared} test {noun}s are also training {noun}s")
    return odd


def _digests(rows: np.ndarray) -> list[bytes]:
    return [hashlib.sha256(row.tobytes()).digest() for row in rows]


def _constant(rows: np.ndarray, nouns: tuple[str, str]) -> list[str]:
    constant = np.flatnonzero(rows.min(axis=0) == rows.max(axis=0)) + 1
    if not len(constant):
        return []
    listed = ", ".join(map(str, constant[:8])) + (" ..." if len(constant) > 8 else "")
    return [
        f"{len(constant)} of {rows.shape[1]} {nouns[1]}s are the same in all training "
        f"{nouns[0]}s: {listed}"
    ]
