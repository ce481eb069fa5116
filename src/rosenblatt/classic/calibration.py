"""Scores to probabilities, by a few numbers learned from rows that the machine did not see."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rosenblatt.arrays import check_count, check_numbers, check_whole
from rosenblatt.classic.lbfgs import minimise
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.dot import dot
from rosenblatt.kernels.core.elementwise import exp, log, sigmoid

TOLERANCE = 1e-7
STEPS = 200


@dataclass(frozen=True)
class Platt:
    """p(second class | score) = 1 / (1 + exp(-slope score - offset)) (Platt 1999).

    The targets are a little less sure than 0 and 1, as if each class had been seen once more and
    wrongly: (N+ + 1) / (N+ + 2) and 1 / (N- + 2).
    """

    slope: float
    offset: float

    @classmethod
    def fit(cls, scores: np.ndarray, second: np.ndarray) -> Self:
        """Learn from scores [N] and whether each is of the second class.

        Raises UserError as check_numbers, or where only one class is there.
        """
        scores = check_numbers(scores, "N", "scores", np.float64)
        second = check_whole(second, "N", 0, 1, "truth").astype(bool)
        check_count(second, len(scores), "truths", "scores")
        if second.all() or not second.any():
            raise UserError("all scores are of one class; calibration needs both.")
        scale = np.abs(scores).max() or 1.0
        scaled = scores / scale
        count = second.sum()
        targets = np.where(second, (count + 1) / (count + 2), 1 / (len(scores) - count + 2))

        def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
            z = weights[0] * scaled + weights[1]
            surplus = np.maximum(z, 0) - log(sigmoid(np.abs(z)))  # log(1 + e^z)
            gap = sigmoid(z) - targets
            slopes = np.array([dot(scaled, gap), gap.sum()])
            return float(np.mean(surplus - targets * z)), slopes / len(z)

        weights, _ = minimise(objective, np.zeros(2), TOLERANCE, STEPS)
        return cls(float(weights[0] / scale), float(weights[1]))

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return the probabilities of both classes, [N, 2] float32."""
        p = sigmoid(self.slope * check_numbers(scores, "N", "scores", np.float64) + self.offset)
        return np.column_stack([1 - p, p]).astype(np.float32)


@dataclass(frozen=True)
class Temperature:
    """p = softmax(logits / temperature) (Guo et al. 2017, section 4.2); it changes no decision.

    The targets are a little less sure than 0 and 1, as Platt's: (N + 1) / (N + K) for the true
    class, 1 / (N + K) for each other.
    """

    temperature: float

    @classmethod
    def fit(cls, logits: np.ndarray, labels: np.ndarray) -> Self:
        """Learn from logits [N, K] and class indices [N]: the likelihood is largest.

        Raises UserError as check_numbers and check_whole.
        """
        logits, labels = _checked(logits, labels)
        logits = logits - logits.max(1, keepdims=True)
        count, classes = logits.shape
        own = logits[np.arange(count), labels]
        wanted = (count * own + logits.sum(1)) / (count + classes)

        def objective(log_sharpness: np.ndarray) -> tuple[float, np.ndarray]:
            sharpness = float(exp(log_sharpness)[0])
            p = exp(sharpness * logits)
            partition = p.sum(1)
            value = float(np.mean(log(partition) - sharpness * wanted))
            slope = np.mean((p * logits).sum(1) / partition - wanted) * sharpness
            return value, np.array([slope])

        found, _ = minimise(objective, np.zeros(1), TOLERANCE, STEPS)
        return cls(float(exp(-found)[0]))

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Return the probabilities, [N, K] float32."""
        z = check_numbers(logits, "N K", "logits", np.float64) / self.temperature
        p = exp(z - z.max(1, keepdims=True))
        return (p / p.sum(1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class BiasCorrectedTemperature:
    """p = softmax(slope logits + offsets), offsets [K], the first 0 (Alexandari et al. 2020,
    "Maximum likelihood with bias-corrected calibration is hard-to-beat", section 3).

    Slope 0, and with that the shares of the classes, where the logits do not say more of the rows
    than the one number that they take costs: less than 1 of logarithmic likelihood (Akaike 1974),
    or more only turned round. The targets are as Temperature's.
    """

    slope: float
    offsets: np.ndarray

    @classmethod
    def fit(cls, logits: np.ndarray, labels: np.ndarray) -> Self:
        """Learn from logits [N, K] and class indices [N]: the likelihood is largest.

        Raises UserError as check_numbers and check_whole.
        """
        logits, labels = _checked(logits, labels)
        count, classes = logits.shape
        scale = np.abs(logits).max() or 1.0
        scaled = logits / scale
        targets = (np.eye(classes)[labels] * count + 1) / (count + classes)
        shares = targets.mean(0)

        def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
            z = weights[0] * scaled
            z[:, 1:] += weights[1:]
            z -= z.max(1, keepdims=True)
            p = exp(z)
            partition = p.sum(1, keepdims=True)
            gap = p / partition - targets
            slopes = np.concatenate([[(gap * scaled).sum()], gap[:, 1:].sum(0)])
            return float(np.mean(log(partition[:, 0]) - (targets * z).sum(1))), slopes / count

        constant = np.concatenate([[0.0], log(shares[1:]) - log(shares[0])])
        found, _ = minimise(objective, constant, TOLERANCE, STEPS)
        gain = count * (objective(constant)[0] - objective(found)[0])
        best = found if found[0] > 0 and gain > 1 else constant
        return cls(float(best[0] / scale), np.concatenate([[0.0], best[1:]]))

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Return the probabilities, [N, K] float32."""
        z = self.slope * check_numbers(logits, "N K", "logits", np.float64) + self.offsets
        p = exp(z - z.max(1, keepdims=True))
        return (p / p.sum(1, keepdims=True)).astype(np.float32)


def _checked(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return logits [N, K] float64 and class indices [N]. Raises as check_numbers, check_whole."""
    logits = check_numbers(logits, "N K", "logits", np.float64)
    labels = check_whole(labels, "N", 0, logits.shape[1] - 1, "labels")
    check_count(labels, len(logits), "labels", "rows of logits")
    return logits, labels
