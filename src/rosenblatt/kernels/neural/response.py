"""Local response normalisation over the rows of x [M, C], each channel by its neighbours.

Krizhevsky, Sutskever & Hinton 2012, section 3.3, with i, j channels no more than size // 2 apart:

    y_i = x_i s_i^-beta,  s_i = offset + alpha sum_j x_j^2
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import rows_of_chunk
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


class Settings(NamedTuple):
    """How many channels are neighbours (odd), and the three numbers of the equation above."""

    size: int
    offset: np.floating
    alpha: np.floating
    beta: np.floating


@kernel
def _sums(terms, size, out):
    """Write the sum over each channel's neighbours, itself included."""
    C, reach = terms.size, size // 2
    for i in range(C):
        value = terms.dtype.type(0)
        for j in range(max(0, i - reach), min(C, i + reach + 1)):
            value += terms[j]
        out[i] = value


@kernel
def _normalise_rows(x, settings, squares, scale, out):
    size, offset, alpha, beta = settings
    for m in range(x.shape[0]):
        row, s, y = x[m], scale[m], out[m]
        for i in range(row.size):
            squares[i] = row[i] * row[i]
        _sums(squares, size, s)
        for i in range(row.size):
            s[i] = offset + alpha * s[i]
            y[i] = row[i] * exp(-beta * log(s[i]))


@kernel
def _gradient_rows(x, scale, d_out, settings, terms, sums, d_x):
    size, beta = settings.size, settings.beta
    factor = settings.alpha * beta
    factor += factor
    for m in range(x.shape[0]):
        row, s, d, target = x[m], scale[m], d_out[m], d_x[m]
        for i in range(row.size):
            target[i] = d[i] * exp(-beta * log(s[i]))
            terms[i] = target[i] * row[i] / s[i]
        _sums(terms, size, sums)
        for i in range(row.size):
            target[i] -= factor * row[i] * sums[i]


@parallel_kernel
def normalise(x, settings, scale, out):
    """Write s to `scale` and y to out, all [M, C]."""
    M, C = x.shape
    rows = rows_of_chunk(C)
    for b in prange((M + rows - 1) // rows):
        i, j = b * rows, (b + 1) * rows
        _normalise_rows(x[i:j], settings, x[i].copy(), scale[i:j], out[i:j])


@parallel_kernel
def normalise_gradient(x, scale, d_out, settings, d_x):
    """Write d_x_i = d_i s_i^-beta - 2 alpha beta x_i sum_j d_j x_j s_j^(-beta - 1)."""
    M, C = x.shape
    rows = rows_of_chunk(C)
    for b in prange((M + rows - 1) // rows):
        i, j = b * rows, (b + 1) * rows
        terms, sums = x[i].copy(), x[i].copy()
        _gradient_rows(x[i:j], scale[i:j], d_out[i:j], settings, terms, sums, d_x[i:j])
