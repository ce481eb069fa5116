"""What cross-validated votes say of a recipe: scores, their spread, its mistakes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.statistics import private_interval
from rosenblatt.data.archive import write_archive
from rosenblatt.metrics import confusion_matrix


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Votes for training rows in each of R repetitions, by models that never saw the row.

    The rows are all of them, or those of the first folds. names: of the members; members
    [R, m, N, K]; votes [R, N, K], put together; fold [R, N].
    """

    names: list[str]
    members: np.ndarray
    votes: np.ndarray
    fold: np.ndarray

    def right(self, labels: np.ndarray) -> np.ndarray:
        """Return which rows are right, [R, N] bool."""
        return self.votes.argmax(2) == labels

    def keep(self, path: Path, facts: dict[str, Any]) -> None:
        """Write votes and folds, with facts that JSON knows. Raises UserError as write_archive."""
        arrays: dict[str, np.ndarray] = {
            "members": self.members.astype(np.float32),
            "votes": self.votes.astype(np.float32),
            "fold": self.fold.astype(np.int16),
        }
        write_archive(path, facts | {"names": self.names}, arrays)


def scores(evaluation: Evaluation, labels: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return mean, standard error and folds of the ensemble and of each member, by name."""
    found = {"ensemble": _score(evaluation.right(labels), evaluation.fold)}
    for place, name in enumerate(evaluation.names):
        right = evaluation.members[:, place].argmax(2) == labels
        found[name] = _score(right, evaluation.fold)
    return found


def _score(right: np.ndarray, fold: np.ndarray) -> dict[str, Any]:
    """Return the accuracy over all rows, by fold, and the standard error of one repetition's mean.

    Repetitions use the same rows, so they steady the error's estimate and do not shrink it. One
    fold alone has the binomial error of its rows.
    """
    folds = [
        [float(row[places == k].mean()) for k in np.unique(places)]
        for row, places in zip(right, fold, strict=True)
    ]
    mean = float(right.mean())
    variances = [
        np.var(of_one, ddof=1) / len(of_one)
        if len(of_one) > 1
        else mean * (1 - mean) / right.shape[1]
        for of_one in folds
    ]
    error = float(np.mean(variances) ** 0.5)
    flat = [score for of_one in folds for score in of_one]
    return {"mean": mean, "standard_error": error, "folds": flat}


def interval(challenge: Challenge, mean: float, share: float = 1.0) -> dict[str, float]:
    """Return where 95 % of scores on a share of the test rows will lie: rows, low, high."""
    count = max(1, round(len(challenge.test_ids) * share))
    rows = len(challenge.labels)
    low, high = private_interval(round(mean * rows), rows, count)
    return {"rows": count, "low": low, "high": high}


def folds_scored(first: int, folds: int) -> str:
    """Return in words how many of the folds were scored: "5", or "1 of 5"."""
    return f"{first} of {folds}" if first < folds else str(folds)


def confusion(evaluation: Evaluation, labels: np.ndarray, classes: int) -> np.ndarray:
    """Return counts [K, K] of true against predicted classes, of the first repetition."""
    return confusion_matrix(labels, evaluation.votes[0].argmax(1), classes)
