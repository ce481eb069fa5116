"""Machines that compare samples, in plain NumPy."""

from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, twin

BLOCK = 1024  # rows that are compared at a time


@twin("features.tables.encoding.Encoding")
def encoding(part: Part, samples: Any) -> np.ndarray:
    """Return samples as rows of numbers [n, D], what each column tells side by side."""
    for make in part.derived:
        samples = {**samples, **make(samples)}
    found = [
        describe(samples[columns[0]] if columns else samples) for columns, describe in part.parts
    ]
    return np.concatenate([np.asarray(one, np.float32) for one in found], 1)


@twin("features.tables.feature.Describe")
def describe(part: Part, column: np.ndarray) -> np.ndarray:
    return part.function(column)


@twin("features.tables.encoding._Flat")
def flat(part: Part, samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1)


@twin("classic.standardisation.Transformed")
def transformed(part: Part, rows: np.ndarray) -> np.ndarray:
    return part.transformer(rows)


@twin("classic.standardisation.Standardisation")
def standardisation(part: Part, rows: np.ndarray) -> np.ndarray:
    return (rows - part.mean_) * part.factor_


@twin("members.kernel_perceptron.FittedPerceptron")
def perceptron(part: Part, samples: np.ndarray) -> np.ndarray:
    """Return the votes of a kernel perceptron: 1 for its choice, 0 for others."""
    scores = part.machine(part.describe(samples))
    choice = part.machine.classes_[decided(scores)]
    return np.eye(part.classes, dtype=np.float32)[choice]


@twin("classic.kernel_perceptron.KernelPerceptron", "classic.budget_perceptron.BudgetPerceptron")
def expansion(part: Part, rows: np.ndarray) -> np.ndarray:
    """Return weighted sums of kernels with the support, [n, K]; rows may be the kernels' values."""
    return kernel_sums(part, rows, part.intercept_)


def kernel_sums(part: Part, rows: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return start [K] + weighted sums of kernels with the support, [n, K]."""
    if part.kernel_ is None:
        return sum_in_order(rows[:, part.support_], part.dual_coef_, start)
    return np.concatenate(
        [
            part.kernel_(rows[first : first + BLOCK], part.support_vectors_) @ part.dual_coef_.T
            + start
            for first in range(0, len(rows), BLOCK)
        ]
    )


def in_units(part: Part, sums: np.ndarray) -> np.ndarray:
    """Return values [n, K] from sums that were learned in units, from where they lie."""
    return sums * part.unit_ + part.intercept_


def sum_in_order(gram: np.ndarray, weights: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return start + gram weights', added up in the order and with the digits of the training.

    The terms of support vectors are large and nearly cancel, so that another order would be felt.
    """
    total, terms = np.tile(start, (len(gram), 1)), weights.shape[1]
    size = 16 * -(-terms // (16 * -(-terms // 512)))  # equal parts, of 512 terms at the most
    for first in range(0, terms, size):
        part = np.zeros_like(total)
        for place in range(first, min(first + size, terms)):
            term = gram[:, place, None].astype(np.float64) * weights[:, place]
            part = (part + term).astype(np.float32)
        total = total + part
    return total


def decided(scores: np.ndarray) -> np.ndarray:
    """Return the place of the largest score of each row; one score tells the second of two."""
    return scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)
