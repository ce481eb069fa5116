"""Kernel ridge regression, of values and on class labels, with its leave-one-out for free."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.base import Regressor
from rosenblatt.classic.cholesky import (
    SingularError,
    factor,
    held_out,
    inverse_diagonal,
    solve,
)
from rosenblatt.classic.dual import DualClassifier, KernelExpansion
from rosenblatt.classic.inputs import KERNEL_SETTINGS, one_versus_rest
from rosenblatt.classic.units import units
from rosenblatt.data.folds import folds_inside
from rosenblatt.data.judged import check_judged
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import POSITIVE, Choice, Either

PENALTIES = 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0  # what a path tries
FOLDS = 5  # of samples that belong together
Weights = np.ndarray | None
Groups = np.ndarray | None
Rank = Callable[[np.ndarray], tuple[float, ...]]  # of leave-one-out scores: the least is best


@dataclass(eq=False)
class _LeastSquares(KernelExpansion):
    """Least squares in a feature space, with a penalty on the weights (Saunders et al. 1998).

    The dual coefficients of all targets solve (K + penalty N I) A = Y by one Cholesky factor; with
    sample weights W, of sum N, it is (K + penalty N W^-1) A = Y. Every score with the sample itself
    left out is y_i - A_i / G_ii, with G the inverse of that matrix (Rifkin & Lippert 2007, section
    2.2); of a sample without weight, its score. Where groups are given, every score is with the
    fold left out that the sample's group lies in (cholesky.held_out).
    """

    penalty: float | None = None

    settings: ClassVar = KERNEL_SETTINGS | {"penalty": Either(Choice((None,)), POSITIVE)}

    def _solve(
        self, x: np.ndarray, targets: np.ndarray, weights: Weights, groups: Groups, rank: Rank
    ) -> tuple[np.ndarray, np.ndarray]:
        """Set penalty_ and path_; return the dual coefficients, and the leave-one-out scores.

        Both [N, T]. Raises UserError where the matrix is singular for all penalties tried.
        """
        gram = self._training_gram(x).astype(np.float64)
        fold = None if groups is None else _fold_of(groups)
        penalties = PENALTIES if self.penalty is None else (self.penalty,)
        self.path_: list[tuple[float, ...]] = []
        best = None
        for penalty in penalties:
            try:
                found = _solve(gram, targets, weights, fold, penalty)
            except SingularError:
                if best is None and penalty == penalties[-1]:
                    raise
                continue
            if self.penalty is not None:
                self.penalty_ = penalty
                return found
            entry = penalty, *rank(found[1])
            self.path_.append(entry)
            if best is None or entry[1:] < best[0]:
                best, self.penalty_ = (entry[1:], *found), penalty
        assert best is not None
        return best[1], best[2]


@dataclass(eq=False)
class KernelRidgeRegressor(_LeastSquares, Regressor):
    """Kernel ridge regression of values: least squares in a feature space, with a penalty.

    (K + penalty N I) A = Y less its mean, which is added to what is predicted (Saunders et al.
    1998, equation 4). kernel, gamma, degree: as in KernelExpansion. penalty: None tries PENALTIES,
    less those too small for a matrix of these digits to be positive definite, and takes the one of
    least squared error of each row left out, or of its whole fold where rows belong together. fit
    raises UserError where the matrix is singular for all of them.

    Learned: as KernelExpansion, but dual_coef_ is of values in units unit_ [T], for float32 holds
    neither values far from 0 nor their mean: f(x) = intercept_ + unit_ sum_s a_s k(x, x_s), both
    float64; penalty_, leave_one_out_ [N] or [N, T], the predictions with the row itself left out
    (but not of the mean), and path_, a list of (penalty, mean squared error), empty where a penalty
    was given.
    """

    axes: ClassVar = KernelExpansion.axes | {"intercept_": "float64 K", "unit_": "float64 K"}

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, values y [N] or [N, T], and their weights.

        groups: [N] whole numbers; rows of one are left out together. Raises UserError as
        Regressor.fit, check_weights and check_groups.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, values: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        mean = np.average(values, 0, weights)
        centred = values - mean
        self.unit_ = units(centred)
        targets, largest = centred / self.unit_, float(self.unit_.max())

        def rank(scores: np.ndarray) -> tuple[float, ...]:
            return (_mean(((scores - targets) * (self.unit_ / largest)) ** 2, weights),)

        dual, scores = self._solve(x, targets, weights, groups, rank)
        self.path_ = [(penalty, error * largest**2) for penalty, error in self.path_]
        scores = scores * self.unit_ + mean
        self.leave_one_out_ = scores[:, 0] if self.one_target_ else scores
        self._keep_support(x, dual.T, mean)

    def _values(self, x: np.ndarray) -> np.ndarray:
        return self._sums(x, None) * self.unit_ + self.intercept_


@dataclass(eq=False)
class KernelRidge(_LeastSquares, DualClassifier):
    """Kernel ridge regression on class labels: +1 for a class and -1 for the rest.

    kernel, gamma, degree, penalty: as in KernelRidgeRegressor, but the path takes the penalty of
    fewest leave-one-out errors, ties by squared error.

    Learned: as DualClassifier, penalty_, leave_one_out_ [N, K] (scores; [N] for two classes), and
    path_, a list of (penalty, error rate, mean squared error), empty where a penalty was given.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        groups: as of KernelRidgeRegressor. Raises UserError as Classifier.fit and that, and where a
        penalty is to be found, as check_judged.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, labels: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        targets = one_versus_rest(labels, len(self.classes_)).T.astype(np.float64)

        def rank(scores: np.ndarray) -> tuple[float, ...]:
            choice = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0)
            return _mean(choice != labels, weights), _mean((scores - targets) ** 2, weights)

        if groups is not None and np.ptp(groups) and self.penalty is None:
            check_judged(labels, _fold_of(groups), groups, self.classes_)
        dual, scores = self._solve(x, targets, weights, groups, rank)
        self.leave_one_out_ = scores if scores.shape[1] > 1 else scores[:, 0]
        self._keep_support(x, dual.T, None)


def _fold_of(groups: np.ndarray) -> np.ndarray:
    """Return the fold [N] of each row, which parts no group."""
    return folds_inside(np.zeros(len(groups), np.int64), groups, FOLDS, np.random.default_rng(0))


def _mean(values: np.ndarray, weights: Weights) -> float:
    """Return the mean of numbers [N] or [N, T], the rows weighted."""
    if weights is None:
        return float(np.mean(values))
    return float(np.average(values.reshape(len(values), -1).mean(1), weights=weights))


def _solve(
    gram: np.ndarray, targets: np.ndarray, weights: Weights, fold: Groups, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the dual coefficients and the leave-one-out scores, both [N, T].

    A = R B with (R K R + penalty N I) B = R Y, where R R = W: rows without weight do no harm.
    """
    weights = np.ones(len(gram)) if weights is None else weights
    root = np.sqrt(weights)[:, None]
    matrix = gram * root
    matrix *= root.T
    matrix.flat[:: len(gram) + 1] += penalty * weights.sum()
    order = slice(None) if fold is None else np.argsort(fold, kind="stable")
    right, inner = np.ascontiguousarray(root * targets), np.empty(targets.shape)
    lower = factor(np.ascontiguousarray(matrix[order][:, order]))
    inner[order] = solve(lower, right[order])
    dual, without = root * inner, weights == 0
    if fold is None:
        diagonal = np.where(without, 1, root[:, 0] * inverse_diagonal(lower))
        scores = targets - inner / diagonal[:, None]
    else:
        missed = np.empty(targets.shape)
        missed[order] = held_out(lower, right[order], [0, *np.bincount(fold).cumsum().tolist()])
        scores = targets - missed / np.where(without, 1, root[:, 0])[:, None]
    if without.any():
        scores[without] = gemm(gram[without], dual, np.empty_like(targets[without]))
    return dual, scores
