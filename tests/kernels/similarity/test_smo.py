"""Sequential minimal optimisation, by the conditions of the optimum and by exhaustive search."""

from itertools import product

import numpy as np
import pytest

from rosenblatt.kernels.similarity import smo


def tasks_of(signs, C, ridge, gram):
    T, n = signs.shape
    flat = signs.reshape(-1).astype(np.float64)
    samples = np.tile(np.arange(n), T)
    return smo.Task(
        samples, flat, np.where(flat < 0, -C, 0.0), np.where(flat > 0, C, 0.0), np.zeros(T * n),
        flat.copy(), gram.diagonal()[samples].astype(np.float64) + ridge,
        np.tile(np.arange(n), T), np.tile([n, 0, 0], (T, 1)),
    )  # fmt: skip


def best_by_search(matrix, signs, C):
    """Return the least objective, over which coefficients are 0, at their bound or between."""
    n, best = len(signs), 0.0
    for kinds in product((0, 1, 2), repeat=n):
        free = [i for i in range(n) if kinds[i] == 2]
        if np.isinf(C) and 1 in kinds:
            continue
        b = np.where(np.array(kinds) == 1, signs * min(C, 1e9), 0.0)
        # On the free ones, with a multiplier for sum b = 0: K b + bias = y.
        system = np.block([[matrix[np.ix_(free, free)], np.ones((len(free), 1))],
                           [np.ones((1, len(free))), np.zeros((1, 1))]])  # fmt: skip
        right = np.append(signs[free] - matrix[free] @ b, -b.sum())
        b[free] = np.linalg.lstsq(system, right, rcond=None)[0][:-1]
        fits = abs(b.sum()) < 1e-9 and (b * signs >= -1e-9).all() and (b * signs <= C + 1e-9).all()
        if fits:
            best = min(best, 0.5 * b @ matrix @ b - signs @ b)
    return best


@pytest.mark.parametrize(("C", "ridge"), [(0.4, 0.0), (50.0, 0.0), (np.inf, 0.5)])
def test_the_optimum_is_the_best_of_all(C, ridge):
    rng = np.random.default_rng(12)
    x = rng.standard_normal((6, 3))
    gram = np.exp(-0.5 * ((x[:, None] - x) ** 2).sum(2)).astype(np.float32)
    signs = np.array([[1, -1, 1, 1, -1, -1], [-1, 1, 1, 1, 1, 1.0]])
    tasks, (T, n) = tasks_of(signs, C, ridge, gram), signs.shape
    statuses, biases = np.full(T, -1), np.full(T, np.nan)
    settings = smo.Settings(1e-8, ridge, 10_000, 3)
    smo.solve_all(gram, tasks, np.arange(1, T + 1) * n, settings, statuses, biases)
    assert (statuses == smo.OPTIMAL).all()
    matrix = gram.astype(np.float64) + ridge * np.eye(n)
    for t in range(T):
        b = tasks.coefficients[t * n : (t + 1) * n]
        value = 0.5 * b @ matrix @ b - signs[t] @ b
        np.testing.assert_allclose(value, best_by_search(matrix, signs[t], C), atol=1e-6)
        lacking = signs[t] - matrix @ b - biases[t]
        between = (b * signs[t] > 1e-9) & (b * signs[t] < C - 1e-9)
        np.testing.assert_allclose(lacking[between], 0, atol=1e-7)


def test_no_task_and_an_exhausted_one():
    gram, signs = np.eye(2, dtype=np.float32), np.array([[1.0, -1.0]])
    tasks = tasks_of(signs, 1.0, 0.0, gram)
    statuses, biases = np.full(1, -1), np.full(1, np.nan)
    none = np.zeros(0, np.int64)
    settings = smo.Settings(1e-8, 0.0, 0, 10)
    smo.solve_all(gram, tasks, none, settings, statuses, biases)
    assert statuses[0] == -1
    smo.solve_all(gram, tasks, np.array([2]), settings, statuses, biases)
    assert statuses[0] == smo.EXHAUSTED
