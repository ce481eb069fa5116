"""Logistic regression: probabilities of classes, linear or in the feature space of a kernel."""

import warnings
from typing import ClassVar, Self

import numpy as np

from rosenblatt.arrays import as_numbers, check_numbers
from rosenblatt.classic.cholesky import factor, solve_upper
from rosenblatt.classic.dual import DualMachine
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.lbfgs import minimise
from rosenblatt.classic.linear import LinearMachine
from rosenblatt.features.gram import Kernel
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.neural.softmax import cross_entropy, softmax
from rosenblatt.ranges import EPOCHS, FROM_ZERO

TOLERANCE = 1e-6  # of the gradient
JITTER = 1e-6  # of the mean diagonal, times sqrt(N): more than the rounding of float32 can hide


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return softmax(scores) of [N, K]; scores [N] of two classes count as (0, score).

    Raises UserError as check_numbers.
    """
    scores = as_numbers(scores, "scores")
    scores = check_numbers(scores[:, None] if scores.ndim == 1 else scores, "N K", "scores")
    logits = _logits(scores)
    out = np.empty_like(logits)
    softmax(logits, out)
    return out


class LogisticRegression(LinearMachine):
    """Multinomial logistic regression, by limited-memory BFGS.

    It minimises the mean of -log p(y | x), p = softmax(W x + b), plus penalty |W|^2 / 2; two
    classes have one row of weights, for p = 1 / (1 + exp(-w x - b)). epochs: steps at the most; it
    warns where they did not suffice.

    Learned: as LinearMachine.
    """

    settings: ClassVar = {"penalty": FROM_ZERO, "epochs": EPOCHS}

    def __init__(self, penalty: float = 1e-4, epochs: int = 500) -> None:
        self.penalty = penalty
        self.epochs = epochs

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Learn from samples x [N, D] and labels y [N] of any kind. Raises as LinearMachine."""
        x, labels = self._begin(x, y)
        x = x.astype(np.float64)
        penalties = np.full(x.shape[1], self.penalty)
        penalties[-1] = 0  # the bias is free
        self._keep(_fit(x, labels, len(self.classes_), penalties, self.epochs))
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes, [N, K] float32."""
        return probabilities(self.decision_function(x))


class KernelLogisticRegression(DualMachine):
    """Logistic regression in a feature space (Zhu & Hastie 2005), with every sample in its support.

    It minimises the mean of -log p(y | x) plus penalty |w|^2 / 2. With the Gram matrix K = L L',
    that is linear logistic regression on the rows of L. There is no bias.

    kernel, gamma, degree: as in DualMachine. epochs: as in LogisticRegression.

    Learned: as DualMachine.
    """

    settings: ClassVar = KERNEL_SETTINGS | {"penalty": FROM_ZERO, "epochs": EPOCHS}

    def __init__(
        self,
        kernel: str | Kernel = "gaussian",
        gamma: float | None = None,
        degree: int = 3,
        penalty: float = 1e-4,
        epochs: int = 500,
    ) -> None:
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.penalty = penalty
        self.epochs = epochs

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Learn from samples x [N, D] and labels y [N] of any kind. Raises as KernelRidge.fit."""
        x, labels = self._begin(x, y)
        gram = (x if self.kernel_ is None else self.kernel_(x)).astype(np.float64)
        gram.flat[:: len(gram) + 1] += JITTER * np.trace(gram) / np.sqrt(len(gram))
        lower = factor(gram)
        penalties = np.full(len(gram), self.penalty)
        weights = _fit(lower, labels, len(self.classes_), penalties, self.epochs)
        self._keep_support(x, solve_upper(lower, weights.T).T, None)
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes, [N, K] float32."""
        return probabilities(self.decision_function(x))


def _logits(scores: np.ndarray) -> np.ndarray:
    """Return scores [N, K], with a column of zeros before them where there is but one."""
    if scores.shape[1] > 1:
        return np.ascontiguousarray(scores)
    return np.column_stack([np.zeros(len(scores), scores.dtype), scores])


def _fit(
    x: np.ndarray, labels: np.ndarray, classes: int, penalties: np.ndarray, epochs: int
) -> np.ndarray:
    """Return the weights [K, D] (one row for two classes) at the minimum."""
    N, rows = len(x), classes if classes > 2 else 1
    targets = np.eye(classes)[labels]
    losses, d_logits = np.empty(N), np.empty((N, classes))
    scores, slopes = np.empty((N, rows)), np.empty((rows, x.shape[1]))

    def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = _logits(gemm(x, weights, scores, transpose=(False, True)))
        cross_entropy(logits, targets, losses, d_logits, float(N))
        d_scores = np.ascontiguousarray(d_logits[:, -rows:])
        gemm(d_scores, x, slopes, transpose=(True, False))
        shrunk = penalties * weights
        value = float(losses.mean() + 0.5 * np.sum(shrunk * weights))
        return value, slopes + shrunk

    weights, reached = minimise(objective, np.zeros((rows, x.shape[1])), TOLERANCE, epochs)
    if not reached:
        warnings.warn(f"{epochs} steps did not reach the minimum; allow more", stacklevel=3)
    return weights
