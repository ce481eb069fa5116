"""Learned weights of kernels, against the definition of alignment and the optimum's conditions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import SVM
from rosenblatt.classic.multiple_kernels import mkl_weights
from rosenblatt.features.combination import alignment_weights
from rosenblatt.features.gram import Gaussian, Linear


def alignment(first, second):
    """Return the cosine between two centred Gram matrices (Cortes et al. 2012, definition 4)."""
    a, b = (gram - gram.mean(0) - gram.mean(1)[:, None] + gram.mean() for gram in (first, second))
    return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())


def task(seed):
    """Return Gram matrices of columns that tell the class, tell a little, tell nothing; classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(40) % 2
    noise = rng.random((40, 6)).astype(np.float32) - 0.5
    columns = [noise[:, 2 * p : 2 * p + 2] + share * (labels[:, None] - 0.5)
               for p, share in enumerate((1.0, 0.3, 0.0))]  # fmt: skip
    return [Gaussian(1.0)(np.ascontiguousarray(x, np.float32)) for x in columns], labels


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_other_weights_are_better_aligned(seed):
    grams, labels = task(seed)
    target = (labels[:, None] == labels).astype(np.float32)

    def aligned(weights):
        return alignment(sum(w * g for w, g in zip(weights, grams, strict=True)), target)

    weights = alignment_weights(grams, labels)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(), 1)
    best = aligned(weights)
    rng = np.random.default_rng(seed)
    for other in [*np.eye(3), np.full(3, 1 / 3), *(weights + 0.05 * rng.random((5, 3)))]:
        assert aligned(other) <= best + 1e-5


def test_kernels_at_odds_with_the_labels_are_weighted_equally():
    labels = np.arange(4) % 2
    away = (labels[:, None] != labels).astype(np.float32)
    np.testing.assert_array_equal(alignment_weights([away, 2 * away], labels), [0.5, 0.5])


def test_mkl_meets_its_optimality_conditions():
    """At the optimum all kernels in use have the same b' K b, and no other has more."""
    grams, labels = task(3)
    weights = mkl_weights(grams, labels, cost=1.0)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(), 1)
    assert weights.argmax() == 0
    total = sum(np.float32(w) * g for w, g in zip(weights, grams, strict=True))
    machine = SVM("precomputed").fit(total, labels)
    b = np.zeros(40)
    b[machine.support_] = machine.dual_coef_[0]
    squares = np.array([b @ g @ b for g in grams])
    assert squares.max() <= 1.011 * weights @ squares
    objectives = []
    for other in np.eye(3):  # the objective is the smallest over all weights
        mixed = sum(
            np.float32(w) * g for w, g in zip(0.9 * weights + 0.1 * other, grams, strict=True)
        )
        objectives.append(SVM("precomputed").fit(mixed, labels).objective_[0])
    assert min(objectives) >= machine.objective_[0] * (1 - 0.01)


def test_mkl_of_one_kernel_and_of_three_classes():
    x = np.random.default_rng(0).random((30, 2)).astype(np.float32)
    x[:, 0] += np.arange(30) % 3
    grams = [Linear()(x[:, :1]), Linear()(x[:, 1:])]
    weights = mkl_weights(grams, np.arange(30) % 3)
    assert weights[0] > weights[1]
    np.testing.assert_array_equal(mkl_weights(grams[:1], np.arange(30) % 3), [1])
