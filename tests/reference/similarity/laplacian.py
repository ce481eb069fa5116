"""Recursive feature machines with a diagonal metric, densely, a row and a column at a time."""

import numpy as np


def slopes(gram, x, others, coefficients):
    """Sum c_tm k(x_n, z_m) sign(x_nd - z_md) over m, for each n, t and d."""
    out = np.zeros((len(x), len(coefficients), x.shape[1]))
    for n, t, d in np.ndindex(*out.shape):
        for m, z in enumerate(others):
            out[n, t, d] += coefficients[t, m] * gram[n, m] * np.sign(float(x[n, d] - z[d]))
    return out


def kernel(x, z, metric, gamma):
    """exp(-gamma sum_d m_d |x_d - z_d|), for all pairs of rows."""
    return np.array([[np.exp(-gamma * np.sum(metric * np.abs(a - b))) for b in z] for a in x])


def fit(x, y, metric, gamma, penalty):
    """Return the dual coefficients [N, T] of kernel ridge regression."""
    return np.linalg.solve(kernel(x, x, metric, gamma) + penalty * np.eye(len(x)), y)


def function(x, dual, metric, gamma):
    """Return f, of one row."""
    return lambda row: kernel(row[None], x, metric, gamma)[0] @ dual


def held_out(x, y, metric, gamma, penalty, folds):
    """Return the scores [N, T] of each row by a machine of the other folds alone."""
    scores = np.empty_like(y)
    for fold in np.array_split(np.arange(len(x)), folds):
        rest = np.setdiff1d(np.arange(len(x)), fold)
        dual = fit(x[rest], y[rest], metric, gamma, penalty)
        scores[fold] = kernel(x[fold], x[rest], metric, gamma) @ dual
    return scores


def next_metric(x, dual, metric, gamma, step=1e-6):
    """Return the root of the diagonal of the average gradient outer product, by the largest.

    Gradients are differences to both sides: of the kink of f at each row they take the mean.
    """
    f = function(x, dual, metric, gamma)
    square = np.zeros(x.shape[1])
    for row in x:
        for d in range(x.shape[1]):
            aside = step * np.eye(x.shape[1])[d]
            square[d] += np.sum(((f(row + aside) - f(row - aside)) / (2 * step)) ** 2)
    root = np.sqrt(square / len(x))
    return root / root.max()
