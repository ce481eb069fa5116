import numpy as np
import pytest

from rosenblatt.kernels.similarity import perceptron
from tests.reference.similarity import perceptron as reference

SHAPES = [(1, 1, 1), (9, 5, 3)]


def samples(N, D, K, steps=40):
    rng = np.random.default_rng(11)
    x = rng.integers(-3, 4, (N, D)).astype(np.float32)  # whole: all sums are exact
    return x, rng.choice([-1, 1], (K, N)).astype(np.float32), rng.integers(0, N, steps)


@pytest.mark.parametrize("shape", SHAPES)
def test_primal_and_dual_make_the_mistakes_of_the_lecture(shape):
    x, signs, order = samples(*shape)
    K = len(signs)
    mistakes, counts = np.full((K, len(order)), -1), np.zeros(K, np.int64)
    perceptron.learn_signs(x, order, signs, mistakes, counts)
    found = [row[:count].tolist() for row, count in zip(mistakes, counts, strict=True)]
    expected = [reference.learn(x.astype(float), row, order)[1] for row in signs]
    assert found == expected

    gram, scores = (x @ x.T).astype(np.float32), np.zeros((K, len(x)), np.float32)
    mistakes[:], counts[:] = -1, 0
    for first in (0, 25):  # in two goes
        shown = perceptron.Shown(*[order[first : first + 25]] * 2)
        perceptron.learn_dual(gram, shown, signs, scores, mistakes, counts, first)
    assert [row[:count].tolist() for row, count in zip(mistakes, counts, strict=True)] == expected


def test_classes_are_learned_as_by_keslers_construction():
    x, _, order = samples(9, 5, 1)
    labels = np.random.default_rng(1).integers(0, 3, 9)
    w = np.zeros((3, 5))
    rivals, mistakes = (np.full(len(order), -1) for _ in range(2))
    count = perceptron.learn_classes(x, order, labels, w, rivals, mistakes)
    weights = reference.learn_classes(x.astype(float), labels, order, 3)
    np.testing.assert_array_equal(w, weights[-1])
    changed = np.abs(np.diff(weights, axis=0, prepend=np.zeros((1, 3, 5)))).sum((1, 2)) > 0
    assert set(np.flatnonzero(changed)) <= set(mistakes[:count])
    assert (rivals[:count] != labels[order[mistakes[:count]]]).all()


def test_votes_are_those_of_all_perceptrons_on_the_way():
    x, signs, order = samples(9, 5, 1)
    weights, mistakes = reference.learn(x.astype(float), signs[0], order)
    expected = np.sign(x @ weights.T)
    expected = np.where(expected > 0, 1, -1)[:, mistakes[0] :].sum(1)
    lasted = np.diff([*mistakes, len(order)])
    shown, out = order[mistakes], np.full(len(x), -99)
    gram = (x @ x.T).astype(np.float32)
    perceptron.vote(gram, shown, signs[0, shown], lasted, out)
    np.testing.assert_array_equal(out, expected)
