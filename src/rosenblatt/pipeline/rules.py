"""Rules that put members' votes together; those that learn do so from rows no member had seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.classic import LogisticRegression
from rosenblatt.classic.units import units
from rosenblatt.kept import Kept
from rosenblatt.metrics import Metric, find_metric
from rosenblatt.metrics.decisions import answer

ROUNDS = 50  # of the greedy search: weights are counts of so many picks
Rule = Callable[[np.ndarray], np.ndarray]  # members' votes [m, N, K] -> votes [N, K]
Score = Callable[[np.ndarray, int], tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class Mean(Kept):
    """The rule that adds up the members' votes times their weights [m], in order."""

    weights: np.ndarray

    axes: ClassVar = {"weights": "float64 M"}

    def __call__(self, votes: np.ndarray) -> np.ndarray:
        result = np.zeros(votes.shape[1:])
        for weight, member in zip(self.weights, votes, strict=True):
            result += weight * member
        return result


@dataclass(frozen=True, eq=False)
class Vote(Mean):
    """The rule that adds up the members' first choices times their weights [m]."""

    def __call__(self, votes: np.ndarray) -> np.ndarray:
        return super().__call__(np.eye(votes.shape[2])[votes.argmax(2)])


@dataclass(frozen=True, eq=False)
class Stacked(Kept):
    """The rule by which a machine answers for the members' votes side by side."""

    machine: LogisticRegression

    def __call__(self, votes: np.ndarray) -> np.ndarray:
        result = np.zeros(votes.shape[1:])
        result[:, self.machine.classes_] = self.machine.predict_proba(_beside(votes))
        return result


@dataclass(frozen=True)
class Alone(Kept):
    """The rule of one member that speaks for all."""

    def __call__(self, votes: np.ndarray) -> np.ndarray:
        return votes[0]


def search_weights(votes: np.ndarray, score: Score) -> np.ndarray:
    """Return weights [m] found by greedy picks with replacement, whole counts that may be 0.

    votes [m, N, K] are of rows that the members were not trained on. Each of 50 rounds adds the
    member that makes the sum of the picks best, ties by the later numbers of its score, then to the
    first; the shortest prefix that is best by the first number counts. score(sum, picks): greater
    is better. Caruana et al. 2004, "Ensemble selection from libraries of models", section 2.
    """
    counts = np.zeros(len(votes))
    total = np.zeros(votes.shape[1:])
    best, best_counts = -math.inf, counts
    for picks in range(1, ROUNDS + 1):
        scores = [score(total + member, picks) for member in votes]
        pick = max(range(len(votes)), key=lambda index: scores[index])
        total += votes[pick]
        counts[pick] += 1
        if scores[pick][0] > best:
            best, best_counts = scores[pick][0], counts.copy()
    return best_counts


def hits(labels: np.ndarray) -> Score:
    """Return the score of a sum of votes: rows of labels [N] that it has right, the votes there."""
    rows = np.arange(len(labels))

    def score(total: np.ndarray, picks: int) -> tuple[float, ...]:
        right = int((total.argmax(1) == labels).sum())
        return right, round(float(total[rows, labels].sum()), 6)

    return score


def gains(metric: Metric, labels: np.ndarray) -> Score:
    """Return the score of a sum of votes by a metric of rows of labels [N], the greatest best.

    Of labels it is the logarithmic loss: shares that are believed give the best of them, by cuts
    that are chosen afterwards or by the most votes, and few rows tell more of shares than of right
    and wrong.
    """
    own = find_metric("log_loss") if metric.wants == "labels" else metric
    right = hits(labels)

    def score(total: np.ndarray, picks: int) -> tuple[float, ...]:
        found = own.gain(own(labels, answer(own, total)))
        return round(found, 9), *right(total / picks, 1)

    return score


def weights_rule(votes: np.ndarray, labels: np.ndarray, metric: Metric) -> Rule:
    """Return the mean rule with weights, the best by a metric of labels [N].

    votes [m, N, K] of rows not trained on.
    """
    return Mean(search_weights(votes, gains(metric, labels)))


def blend_rule(votes: np.ndarray, values: np.ndarray) -> Rule:
    """Return the mean rule with weights, of sum 1, of least squared error.

    votes [m, N, T] and values [N] or [N, T] of rows not trained on.
    """
    missed = votes - values.reshape(len(values), -1)  # sums of values far from 0 lose digits
    missed /= units(missed.reshape(-1, 1))  # and squares of tiny ones are 0

    def score(total: np.ndarray, picks: int) -> tuple[float, ...]:
        return (-float(np.square(total / picks).mean()),)

    weights = search_weights(missed, score)
    return Mean(weights / weights.sum())


def stack_rule(votes: np.ndarray, labels: np.ndarray) -> Rule:
    """Return logistic regression on the members' votes side by side (Wolpert 1992, stacking).

    votes [m, N, K], labels [N] of rows not trained on. Classes that these labels lack get 0.
    """
    return Stacked(LogisticRegression(penalty=1e-2).fit(_beside(votes), labels))


def _beside(votes: np.ndarray) -> np.ndarray:
    members, rows, classes = votes.shape
    return np.ascontiguousarray(votes.transpose(1, 0, 2).reshape(rows, members * classes))
