"""What cross-validated votes say of a recipe: scores, their spread, its mistakes."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.statistics import private_interval, resampled
from rosenblatt.challenge.target import Classes, Target
from rosenblatt.data.archive import write_archive
from rosenblatt.escape import cell
from rosenblatt.files import write_atomic
from rosenblatt.metrics import Metric, confusion_matrix
from rosenblatt.metrics.decisions import answer_held, classes_held, shares
from rosenblatt.shown import as_html


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Votes for training rows in each of R repetitions, by models that never saw the row.

    The rows are all of them, or those of the first folds. names: of the members; members
    [R, m, N, K], float32, of values float64; votes [R, N, K] float64, put together; fold [R, N].
    """

    names: list[str]
    members: np.ndarray
    votes: np.ndarray
    fold: np.ndarray

    def __repr__(self) -> str:
        return f"Evaluation({', '.join(f'{name}: {fact}' for name, fact in self._told())})"

    def _repr_html_(self) -> str:
        return as_html("Evaluation", self._told())

    def _told(self) -> list[tuple[str, object]]:
        repetitions, rows, columns = self.votes.shape
        return [
            ("members", ", ".join(self.names)),
            ("rows", rows),
            ("columns of votes", columns),
            ("folds", len(np.unique(self.fold[0]))),
            ("repetitions", repetitions),
        ]

    def right(self, labels: np.ndarray) -> np.ndarray:
        """Return which rows have the most votes for their class, [R, N] bool."""
        return self.votes.argmax(2) == labels

    def keep(self, path: Path, facts: dict[str, Any]) -> None:
        """Write votes and folds, with facts that JSON knows. Raises UserError as write_archive."""
        arrays: dict[str, np.ndarray] = {
            "members": self.members,
            "votes": self.votes.astype(self.members.dtype),
            "fold": self.fold.astype(np.int16),
        }
        write_archive(path, facts | {"names": self.names}, arrays)

    def write_rows(self, path: Path, target: Target, places: np.ndarray, metric: Metric) -> None:
        """Write the rows of the first repetition as CSV: row from 1, fold, truth and prediction.

        Of classes, the answer and the share of each; of values, what was said of each, in the
        scale that is learned. places [N]: of the rows in the training file. Raises UserError as
        write_atomic.
        """
        votes = self.votes[0]
        if isinstance(target, Classes):
            said = classes_held(metric, target.labels, votes, self.fold[0])
            votes = shares(votes)
            header = ["true", "predicted", *target.names]
            names = np.array(target.names, object)
            facts = np.stack([names[target.labels], names[said]], 1)
        else:
            header = [f"{what} {name}" for what in ("true", "predicted") for name in target.names]
            facts = target.values
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(map(cell, ["row", "fold", *header]))
        for place, fold, fact, vote in zip(places, self.fold[0], facts, votes, strict=True):
            given = [cell(one) if isinstance(one, str) else repr(float(one)) for one in fact]
            lines.writerow([place + 1, fold, *given, *(repr(float(x)) for x in vote)])
        write_atomic(path, text.getvalue())


def scores(evaluation: Evaluation, truth: np.ndarray, metric: Metric) -> dict[str, dict[str, Any]]:
    """Return mean, standard error and folds of the ensemble and of each member, by name.

    truth: the target's. Raises UserError as the metric, for a fold in which it is not defined.
    """
    found = {"ensemble": _score(evaluation.votes, evaluation.fold, truth, metric)}
    for place, name in enumerate(evaluation.names):
        votes = evaluation.members[:, place]
        found[name] = _score(votes, evaluation.fold, truth, metric)
    return found


def _score(
    votes: np.ndarray, fold: np.ndarray, truth: np.ndarray, metric: Metric
) -> dict[str, Any]:
    """Return the mean of a metric over folds, each by its rows, and its standard error.

    Repetitions use the same rows, so they steady the error's estimate and do not shrink it. One
    fold alone has the error of rows that are drawn again.
    """
    of_rows, variances, flat = [], [], []
    for one, places in zip(votes, fold, strict=True):
        predicted = answer_held(metric, truth, one, places)
        folds = [places == k for k in np.unique(places)]
        found = [metric(truth[held], predicted[held]) for held in folds]
        of_rows.append(sum(v * held.sum() for v, held in zip(found, folds, strict=True)))
        if len(found) > 1:
            variances.append(np.var(found, ddof=1) / len(found))
        else:
            variances.append(np.var(drawn_again(metric, truth, predicted, len(truth))))
        flat += found
    mean = float(sum(of_rows) / votes.shape[1] / len(votes))
    return {"mean": mean, "standard_error": float(np.mean(variances) ** 0.5), "folds": flat}


def drawn_again(metric: Metric, truth: np.ndarray, predicted: np.ndarray, count: int) -> np.ndarray:
    """Return a metric on rows drawn again, `count` each time, as often as `resampled` draws."""
    return resampled(
        lambda places, times: metric(truth[places], predicted[places], times), len(truth), count
    )


def interval(
    challenge: Challenge, evaluation: Evaluation, metric: Metric, share: float = 1.0
) -> dict[str, float]:
    """Return where 95 % of scores on a share of the test rows will lie: rows, low, high."""
    count = max(1, round(len(challenge.test_ids) * share))
    if metric.name == "accuracy":
        right = float(evaluation.right(challenge.labels).mean())
        rows = len(challenge.labels)
        low, high = private_interval(round(right * rows), rows, count)
    else:
        votes, fold = evaluation.votes[0], evaluation.fold[0]
        truth = challenge.target.truth
        predicted = answer_held(metric, truth, votes, fold)
        found = drawn_again(metric, truth, predicted, count)
        low, high = (float(end) for end in np.quantile(found, [0.025, 0.975]))
    return {"rows": count, "low": low, "high": high}


def folds_scored(first: int, folds: int) -> str:
    """Return in words how many of the folds were scored: "5", or "1 of 5"."""
    return f"{first} of {folds}" if first < folds else str(folds)


def confusion(evaluation: Evaluation, labels: np.ndarray, metric: Metric) -> np.ndarray:
    """Return counts [K, K] of true against predicted classes, of the first repetition."""
    votes = evaluation.votes[0]
    chosen = classes_held(metric, labels, votes, evaluation.fold[0])
    return confusion_matrix(labels, chosen, votes.shape[1])
