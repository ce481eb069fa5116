"""Linear models: logistic regression of classes, ridge regression of values."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.challenge.target import Target, Values
from rosenblatt.classic import LogisticRegression, RidgeRegressor, Standardisation
from rosenblatt.classic.standardisation import Transformed
from rosenblatt.data.folds import folds_inside
from rosenblatt.features.terms import Chain, form
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.core.sums import total
from rosenblatt.members.base import Rows
from rosenblatt.members.estimators import Describe, EstimatorMember, Given
from rosenblatt.ranges import FROM_ZERO

PENALTIES = 1e-5, 1e-4, 1e-3, 1e-2, 0.1
FOLDS = 3
CHOSEN = 10_000  # rows, at most, on which a penalty is chosen
EPOCHS = 200


@dataclass(frozen=True)
class LinearMember(EstimatorMember):
    """A weighted sum of numbers; those that do not come from a table come to one scale first.

    penalty: of the squared weights; 0 finds it, by the least log loss over folds of the training
    rows, of values by the least squared error of each row left out.
    """

    kind: str = "linear"
    penalty: float = 0.0

    settings: ClassVar = {"penalty": FROM_ZERO}

    def encoded(self, rows: Rows, seed: int) -> tuple[Describe, np.ndarray, tuple[int, ...]]:
        describe, x, codes = super().encoded(rows, seed)
        if form(rows.samples) != "numbers":
            return describe, x, codes
        scaling = Standardisation().fit(x)
        return Chain(describe, Transformed(scaling)), scaling.transform(x), codes

    def learn(
        self,
        x: np.ndarray,
        target: Target,
        given: Given,
        seed: int,
    ) -> Any:
        if isinstance(target, Values):
            return RidgeRegressor(self.penalty or None).fit(x, target.values, groups=given.together)
        penalty = self.penalty or _best(x, target.labels, given, seed)
        return _logistic(penalty, x, target.labels, given.weights)


def _best(x: np.ndarray, labels: np.ndarray, given: Given, seed: int) -> float:
    """Return the penalty of the least log loss over folds of some rows."""
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(x))[:CHOSEN])
    x, labels = x[some], labels[some]
    weights = np.ones(len(x)) if given.weights is None else given.weights[some]
    together = None if given.together is None else given.together[some]
    fold = folds_inside(labels, together, FOLDS, rng)
    losses = dict.fromkeys(PENALTIES, 0.0)
    for k in np.unique(fold):
        inside, held = fold != k, fold == k
        known = np.unique(labels[inside])
        held &= np.isin(labels, known)
        if len(known) < 2:
            continue
        for penalty in PENALTIES:
            machine = _logistic(penalty, x[inside], labels[inside], weights[inside])
            shares = machine.predict_proba(x[held])
            right = shares[np.arange(len(shares)), np.searchsorted(known, labels[held])]
            losses[penalty] -= total(log(np.maximum(right, 1e-15)) * weights[held])
    return min(PENALTIES, key=lambda penalty: losses[penalty])


def _logistic(
    penalty: float, x: np.ndarray, labels: np.ndarray, weights: np.ndarray | None
) -> LogisticRegression:
    with warnings.catch_warnings(action="ignore"):  # stopping early is a penalty as well
        return LogisticRegression(penalty, EPOCHS).fit(x, labels, weights)
