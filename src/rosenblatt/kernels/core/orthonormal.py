"""Orthonormal rows that span what given rows span, by the method of Gram and Schmidt.

Rows are taken off in panels, by products of matrices, and within a panel one by one; all of it
twice, which is enough (Giraud, Langou & Rozloznik 2005, "The loss of orthogonality in the
Gram-Schmidt orthogonalization process"). All float64.
"""

import numpy as np

from rosenblatt.kernels.core.dot import add_scaled, dot
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.jit import kernel
from rosenblatt.kernels.core.random import fill_normal

PANEL = 16
LOST = 1e-8  # of its length: what is left of a row that the ones before it span is rounding


@kernel
def _lengths(rows, out):
    for i in range(rows.shape[0]):
        out[i] = np.sqrt(dot(rows[i], rows[i]))


@kernel
def _within(rows, lengths, number):
    """Make rows orthonormal, one after another; one of which nothing is left becomes a random one.

    lengths: before others were taken off; number: of the first row, which seeds the random ones.
    """
    for i in range(rows.shape[0]):
        row = rows[i]
        for j in range(i):
            add_scaled(rows[j], -dot(row, rows[j]), row)
        length = np.sqrt(dot(row, row))
        if length <= LOST * lengths[i]:
            fill_normal(np.uint64(number + i), 0, 0, 0, row)
            length = np.sqrt(dot(row, row))
        for k in range(row.size):
            row[k] /= length


def orthonormalise(rows: np.ndarray) -> None:
    """Make rows [K, N], K <= N, orthonormal in place.

    A row in the span of those before it, or of zeros, gives way to a direction outside, the same
    one at each call.
    """
    for first in range(0, len(rows), PANEL):
        done, panel = rows[:first], rows[first : first + PANEL]
        lengths, shares = np.empty(len(panel)), np.empty((len(panel), first))
        for _ in range(3):  # once more than twice, for rows that were replaced in the first round
            _lengths(panel, lengths)
            gemm(panel, done, shares, transpose=(False, True))
            gemm(-shares, done, panel, accumulate=True)
            _within(panel, lengths, first)
