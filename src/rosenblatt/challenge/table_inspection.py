"""What each column of a table holds, in figures: what `inspect` prints, a line a column."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.target import Classes
from rosenblatt.data.schema import LEFT, MANY, Column

DRIFT, TELLING = 0.1, 0.98  # shares, beyond which a column is marked
BINS = 20
SHOWN = 5  # levels


@dataclass(frozen=True)
class ColumnFigures:
    """A column: what it is and why; missing cells in training and test rows; what it holds.

    only_test: levels that only test rows have, and drift: the share of rows by which training and
    test rows differ (Kolmogorov and Smirnov's distance, or half the sum of differences of levels);
    tells: the share of the target that the column tells alone, in sample; None where not asked.
    """

    name: str
    kind: str
    why: str
    missing: tuple[int, int] | None
    holds: str
    only_test: tuple[str, ...] = ()
    drift: float | None = None
    tells: float | None = None

    def line(self) -> str:
        """Return the sentence on the column."""
        parts = [f"{self.name}: {self.kind} ({self.why})"]
        if self.missing and any(self.missing):
            parts.append(f"missing {self.missing[0]:,} + {self.missing[1]:,}")
        parts += [self.holds] if self.holds else []
        if self.only_test:
            more = ", ..." if len(self.only_test) > SHOWN else ""
            listed = ", ".join(self.only_test[:SHOWN]) + more
            parts.append(f"{len(self.only_test):,} only in test: {listed}")
        if self.drift is not None and self.drift > DRIFT:
            parts.append(f"drifts: train and test differ by {self.drift:.2f}")
        if self.tells is not None and self.tells > TELLING:
            parts.append(f"looks like a leak: tells {self.tells:.3f} of the target")
        return "; ".join(parts)


def repeated_rows(challenge: Challenge) -> list[str]:
    """Return sentences on rows of a table that are there twice."""
    train, test = challenge.train.astype(str), challenge.test.astype(str)
    first = train.duplicated()
    shared = test.merge(train.drop_duplicates(), how="inner", on=[*train.columns])
    odd = [f"{int(first.sum())} training rows repeat an earlier one"] if first.any() else []
    return odd + ([f"{len(shared)} test rows are also training rows"] if len(shared) else [])


def inspect_columns(challenge: Challenge) -> tuple[ColumnFigures, ...]:
    """Return the figures of all columns of a table."""
    return tuple(_figures(challenge, column) for column in challenge.columns)


def _figures(challenge: Challenge, column: Column) -> ColumnFigures:
    if column.kind in LEFT:
        return ColumnFigures(column.name, column.kind, column.why, None, "left out")
    train, test = challenge.train[column.name], challenge.test[column.name]
    missing = int(train.isna().sum()), int(test.isna().sum())
    if column.kind in ("text", "choices"):
        return ColumnFigures(column.name, column.kind, column.why, missing, "")
    if hasattr(train.dtype, "categories"):
        return _of_levels(challenge, column, missing)
    numbers = [part.to_numpy(float) if part.dtype.kind == "f" else _days(part)
               for part in (train, test)]  # fmt: skip
    known = [part[~np.isnan(part)] for part in numbers]
    ends = [train.min(), train.max()] if len(known[0]) else ["", ""]
    holds = " to ".join(f"{end:g}" if isinstance(end, float) else str(end) for end in ends)
    codes = _binned(numbers[0])
    return ColumnFigures(
        column.name,
        column.kind,
        column.why,
        missing,
        holds,
        drift=_distance(*known),
        tells=_told(challenge, codes),
    )


def _of_levels(challenge: Challenge, column: Column, missing: tuple[int, int]) -> ColumnFigures:
    train, test = challenge.train[column.name].cat, challenge.test[column.name].cat
    levels = [str(level).removesuffix(".0") for level in train.categories]
    counts = [np.bincount(part.codes[part.codes >= 0], minlength=len(levels))
              for part in (train, test)]  # fmt: skip
    only = tuple(levels[place] for place in np.flatnonzero((counts[0] == 0) & (counts[1] > 0)))
    first = np.argsort(-counts[0], kind="stable")[:SHOWN]
    listed = ", ".join(f"{levels[place]} {counts[0][place]:,}" for place in first)
    shares = [count / max(1, count.sum()) for count in counts]
    return ColumnFigures(
        column.name,
        column.kind,
        column.why,
        missing,
        listed + (", ..." if len(levels) > SHOWN else ""),
        only,
        float(np.abs(shares[0] - shares[1]).sum() / 2) if len(levels) <= MANY else None,
        _told(challenge, train.codes.to_numpy().astype(np.int64) + 1),
    )


def _days(column) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return dates as numbers of days; NaN where missing."""
    moments = column.to_numpy()
    days = (moments - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
    return np.where(np.isnat(moments), np.nan, days)


def _distance(train: np.ndarray, test: np.ndarray) -> float | None:
    """Return the largest difference of two distributions (Kolmogorov 1933, Smirnov 1939)."""
    if not len(train) or not len(test):
        return None
    every = np.unique(np.concatenate([train, test]))
    below = [np.searchsorted(np.sort(part), every, "right") / len(part) for part in (train, test)]
    return float(np.abs(below[0] - below[1]).max())


def _binned(numbers: np.ndarray) -> np.ndarray:
    """Return numbers as places among BINS of equal counts, 0 for missing ones."""
    known = np.sort(numbers[~np.isnan(numbers)])
    if not len(known):
        return np.zeros(len(numbers), np.int64)
    edges = np.unique(known[np.linspace(0, len(known) - 1, BINS + 1).astype(int)[1:-1]])
    return np.where(np.isnan(numbers), 0, 1 + np.searchsorted(edges, numbers))


def _told(challenge: Challenge, codes: np.ndarray) -> float | None:
    """Return how much of the target a column of places tells, 0 to 1; None where levels are many.

    Of classes: the share of errors that go if each place says its commonest class. Of values: the
    share of their variance that lies between places.
    """
    N, target = len(codes), challenge.target
    size = int(codes.max()) + 1
    if 5 * size > N:
        return None
    if isinstance(target, Classes):
        K = len(target.names)
        table = np.bincount(codes * K + target.labels, minlength=size * K).reshape(size, K)
        errors = N - table.sum(0).max()
        return float(1 - (N - table.max(1).sum()) / errors) if errors else None
    values = target.values[:, 0] - target.values[:, 0].mean()
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, values, size)
    total = (values**2).sum()
    between = (sums**2 / np.maximum(counts, 1)).sum()
    return float(between / total) if total > 0 else None
