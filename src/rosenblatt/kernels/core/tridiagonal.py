"""A symmetric matrix A = Q T Q' with T tridiagonal, by Householder's reflections.

Q is a product of reflections 1 - tau v v'. Those of a panel of columns act on the rest of the
matrix together, as one product of matrices, so that half of the work is gemm's (Dongarra,
Hammarling & Sorensen 1989, "Block reduction of matrices to condensed forms"). All float64.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import add_scaled, dot
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

PANEL = 32  # columns


class Panel(NamedTuple):
    """Reflections whose vectors are the columns of v [m, k], on the last m coordinates.

    Their product is 1 - v t v', t [k, k] upper triangular (Schreiber & Van Loan 1989).
    """

    v: np.ndarray
    t: np.ndarray


@kernel
def _reflect(x):
    """Turn x into v with v[0] = 1, and return (tau, beta): (1 - tau v v') x = beta e_1.

    Golub & Van Loan 2013, algorithm 5.1.1; tau is 0 where x is a multiple of e_1 already.
    """
    first = x[0]
    rest = dot(x[1:], x[1:])
    x[0] = 1.0
    if rest == 0.0:
        return 0.0, first
    length = np.sqrt(first * first + rest)
    beta = -length if first > 0 else length
    scale = 1.0 / (first - beta)
    for i in range(1, x.size):
        x[i] *= scale
    return (beta - first) / beta, beta


@parallel_kernel
def _times(a, first, v, out):
    """Write a[first:, first:] v to out, row by row."""
    for i in prange(v.size):
        out[i] = dot(a[first + i, first:], v)


@kernel
def _take_off(v, w, first, last, column):
    """Take the first `last` reflections' v w' + w v' off a column: its part from row first on."""
    here_v, here_w = v[first], w[first]
    for i in range(column.size):
        row_v, row_w = v[first + i], w[first + i]
        for k in range(last):
            column[i] -= row_v[k] * here_w[k] + row_w[k] * here_v[k]


@kernel
def _second_vector(v, w, j, x, y, tau):
    """Turn y = A x into w of the update A - x w' - w x', A being due the j updates before.

    x and y are on the rows from j + 1 on.
    """
    along_v, along_w = np.zeros(j), np.zeros(j)
    for i in range(x.size):
        for k in range(j):
            along_v[k] += v[j + 1 + i, k] * x[i]
            along_w[k] += w[j + 1 + i, k] * x[i]
    for i in range(x.size):
        for k in range(j):
            y[i] -= v[j + 1 + i, k] * along_w[k] + w[j + 1 + i, k] * along_v[k]
        y[i] *= tau
    add_scaled(x, -0.5 * tau * dot(x, y), y)


@kernel
def _reduce_panel(a, v, w, taus, diagonal, beside):
    """Reduce the first columns of a [m, m], as many as taus; a is only read.

    v and w [m, k], zeros before: the rest of the matrix is due - v w' - w v'.
    """
    for j in range(taus.size):
        x = a[j, j:].copy()
        _take_off(v, w, j, j, x)
        diagonal[j] = x[0]
        x = x[1:]
        taus[j], beside[j] = _reflect(x)
        v[j + 1 :, j] = x
        y = np.empty(x.size)
        _times(a, j + 1, x, y)
        _second_vector(v, w, j, x, y, taus[j])
        w[j + 1 :, j] = y


@kernel
def _triangle(products, taus, t):
    """Write t of the product of reflections whose vectors have these inner products."""
    for j in range(taus.size):
        t[j, j] = taus[j]
        for i in range(j):
            total = 0.0
            for k in range(i, j):
                total += t[i, k] * products[k, j]
            t[i, j] = -taus[j] * total


def reduce(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[Panel]]:
    """Return T's diagonal [N], the numbers beside it [N - 1], and Q as panels, first ones first.

    matrix [N, N]: symmetric, float64, its numbers not so large that their squares overflow.
    """
    N = len(matrix)
    diagonal, beside, panels = np.empty(N), np.empty(max(N - 1, 0)), []
    rest = matrix
    for first in range(0, N - 1, PANEL):
        m = N - first
        count = min(PANEL, m - 1)
        v, w, taus = np.zeros((m, count)), np.zeros((m, count)), np.empty(count)
        columns = slice(first, first + count)
        _reduce_panel(rest, v, w, taus, diagonal[columns], beside[columns])
        products, t = np.empty((count, count)), np.zeros((count, count))
        gemm(v, v, products, transpose=(True, False))
        _triangle(products, taus, t)
        panels.append(Panel(v, t))
        left, right = np.hstack([-v[count:], -w[count:]]), np.hstack([w[count:], v[count:]])
        rest = rest[count:, count:].copy()
        gemm(left, right, rest, transpose=(False, True), accumulate=True)
    diagonal[N - 1 :] = rest.reshape(-1)[-1:]
    return diagonal, beside, panels


def turn_back(panels: list[Panel], vectors: np.ndarray) -> None:
    """Multiply vectors [N, K] by Q, in place: eigenvectors of T become those of the matrix."""
    for v, t in reversed(panels):
        rows = vectors[len(vectors) - len(v) :]
        along, turned = np.empty((v.shape[1], rows.shape[1])), np.empty((v.shape[1], rows.shape[1]))
        gemm(v, rows, along, transpose=(True, False))
        gemm(-t, along, turned)
        gemm(v, turned, rows, accumulate=True)
