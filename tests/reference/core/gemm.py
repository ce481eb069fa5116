"""The product of matrices, a sum of outer products in float64."""

import numpy as np


def product(a, b, transpose=(False, False)):
    """Return A B and, for bounds on its rounding error, |A| |B|; a sum of K outer products."""
    a = (a.T if transpose[0] else a).astype(np.float64)
    b = (b.T if transpose[1] else b).astype(np.float64)
    pairs = [(a[:, k, None], b[k]) for k in range(a.shape[1])]
    zero = np.zeros((a.shape[0], b.shape[1]))
    return sum((x * y for x, y in pairs), zero), sum((abs(x * y) for x, y in pairs), zero)
