"""Logistic regression: probabilities of classes, linear or in the feature space of a kernel."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.arrays import as_numbers, check_numbers
from rosenblatt.classic.cholesky import factor, solve_upper
from rosenblatt.classic.dual import DualClassifier
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.lbfgs import minimise
from rosenblatt.classic.linear import LinearClassifier, with_one
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


@dataclass(eq=False)
class LogisticRegression(LinearClassifier):
    """Multinomial logistic regression, by limited-memory BFGS.

    It minimises the mean of -log p(y | x), p = softmax(W x + b), plus penalty |W|^2 / 2; two
    classes have one row of weights, for p = 1 / (1 + exp(-w x - b)). epochs: steps at the most; it
    warns where they did not suffice.

    Learned: as LinearClassifier.
    """

    penalty: float = 1e-4
    epochs: int = 500

    settings: ClassVar = {"penalty": FROM_ZERO, "epochs": EPOCHS}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        Raises UserError as Classifier.fit and check_weights.
        """
        return self._learn(X, y, sample_weight)

    def _fit(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> None:
        x = with_one(x).astype(np.float64)
        penalties = np.full(x.shape[1], self.penalty)
        penalties[-1] = 0  # the bias is free
        task = labels, len(self.classes_), weights
        self._keep(_minimum(x, task, penalties, self.epochs))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, [M, K] float32. Raises as decision_function."""
        return probabilities(self.decision_function(X))


@dataclass(eq=False)
class KernelLogisticRegression(DualClassifier):
    """Logistic regression in a feature space (Zhu & Hastie 2005), with every sample in its support.

    It minimises the mean of -log p(y | x) plus penalty |w|^2 / 2. With the Gram matrix K = L L',
    that is linear logistic regression on the rows of L. There is no bias.

    kernel, gamma, degree: as in KernelExpansion. epochs: as in LogisticRegression.

    Learned: as DualClassifier.
    """

    penalty: float = 1e-4
    epochs: int = 500

    settings: ClassVar = KERNEL_SETTINGS | {"penalty": FROM_ZERO, "epochs": EPOCHS}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        Raises UserError as Classifier.fit and check_weights.
        """
        return self._learn(X, y, sample_weight)

    def _fit(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> None:
        gram = self._training_gram(x).astype(np.float64)
        gram.flat[:: len(gram) + 1] += JITTER * np.trace(gram) / np.sqrt(len(gram))
        lower = factor(gram)
        penalties = np.full(len(gram), self.penalty)
        task = labels, len(self.classes_), weights
        found = _minimum(lower, task, penalties, self.epochs)
        self._keep_support(x, solve_upper(lower, found.T).T, None)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, [M, K] float32. Raises as decision_function."""
        return probabilities(self.decision_function(X))


def _logits(scores: np.ndarray) -> np.ndarray:
    """Return scores [N, K], with a column of zeros before them where there is but one."""
    if scores.shape[1] > 1:
        return np.ascontiguousarray(scores)
    return np.column_stack([np.zeros(len(scores), scores.dtype), scores])


def _minimum(
    x: np.ndarray,
    task: tuple[np.ndarray, int, np.ndarray | None],
    penalties: np.ndarray,
    epochs: int,
) -> np.ndarray:
    """Return the weights [K, D] (one row for two classes) at the minimum.

    task: labels [N], how many classes there are, and the weights of the samples [N], or None.
    """
    labels, classes, given = task
    N, rows = len(x), classes if classes > 2 else 1
    shares = np.ones(N) if given is None else given * (N / given.sum())  # 1 in the mean
    targets = np.eye(classes)[labels]
    losses, d_logits = np.empty(N), np.empty((N, classes))
    scores, slopes = np.empty((N, rows)), np.empty((rows, x.shape[1]))

    def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = _logits(gemm(x, weights, scores, transpose=(False, True)))
        cross_entropy(logits, targets, losses, d_logits, float(N))
        d_scores = np.ascontiguousarray(d_logits[:, -rows:] * shares[:, None])
        gemm(d_scores, x, slopes, transpose=(True, False))
        shrunk = penalties * weights
        value = float((losses * shares).mean() + 0.5 * np.sum(shrunk * weights))
        return value, slopes + shrunk

    weights, reached = minimise(objective, np.zeros((rows, x.shape[1])), TOLERANCE, epochs)
    if not reached:
        warnings.warn(
            f"{epochs} steps did not reach the minimum; allow more, or bring the columns to "
            "numbers of order one, as classic.Standardisation does",
            stacklevel=5,
        )
    return weights
