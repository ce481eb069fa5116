"""Second passes that turn blocks of dot products into kernels, and kernels that have no product.

Blocks are [N, M], row n for x_n, column m for y_m, and are changed in place; norms are squared
lengths. All of one dtype, float32 at work.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.elementary import angle, exp
from rosenblatt.kernels.jit import kernel, parallel_kernel
from rosenblatt.kernels.sums import sum_of_squares

PI = 3.141592653589793


@parallel_kernel
def square_norms(x, out):
    """Write the squared length of each row of x [N, D], summed in float64, to out [N]."""
    for n in prange(x.shape[0]):
        out[n] = sum_of_squares(x[n])


@kernel
def _gaussian_row(row, norm, norms, gamma):
    for m in range(row.size):
        distance = (norm + norms[m]) - (row[m] + row[m])
        row[m] = exp(-gamma * (distance if distance > 0 else row.dtype.type(0)))


@parallel_kernel
def gaussian(block, norms_x, norms_y, gamma):
    """Turn dot products into exp(-gamma |x - y|^2), with |x - y|^2 = |x|^2 + |y|^2 - 2 x y >= 0."""
    for n in prange(block.shape[0]):
        _gaussian_row(block[n], norms_x[n], norms_y, gamma)


@kernel
def _polynomial_row(row, gamma, constant, degree):
    for m in range(row.size):
        base = gamma * row[m] + constant
        power = base
        for _ in range(1, degree):
            power *= base
        row[m] = power


@parallel_kernel
def polynomial(block, gamma, constant, degree):
    """Turn dot products into (gamma x y + constant)^degree, degree >= 1, factor by factor."""
    for n in prange(block.shape[0]):
        _polynomial_row(block[n], gamma, constant, degree)


@kernel
def _arc_cosine_row(row, norm, norms, order):
    for m in range(row.size):
        square = np.float64(norm) * np.float64(norms[m])
        length = np.sqrt(square)
        product = np.float64(row[m])
        cosine = min(max(product / length, -1.0), 1.0) if length > 0 else 0.0
        sine = np.sqrt(1.0 - cosine * cosine)
        rest = PI - angle(sine, cosine)
        if order == 0:
            row[m] = rest / PI
        elif order == 1:
            row[m] = length * (sine + rest * cosine) / PI
        else:
            row[m] = square * (3.0 * sine * cosine + rest * (1.0 + 2.0 * cosine * cosine)) / PI


@parallel_kernel
def arc_cosine(block, norms_x, norms_y, order):
    """Turn dot products into |x|^n |y|^n J_n(angle) / pi (Cho & Saul 2009, equations 3 to 6)."""
    for n in prange(block.shape[0]):
        _arc_cosine_row(block[n], norms_x[n], norms_y, order)


@kernel
def _exp_row(row, gamma):
    for m in range(row.size):
        row[m] = exp(-gamma * row[m])


@parallel_kernel
def exponential(block, gamma):
    """Turn distances into exp(-gamma distance)."""
    for n in prange(block.shape[0]):
        _exp_row(block[n], gamma)


@parallel_kernel
def place_block(block, first, gram):
    """Put a block, the rows from `first` on and all columns up to its last row, into gram [N, N].

    The columns beside the square on the diagonal go to the rows above it as well.
    """
    rows, columns = block.shape
    for n in prange(columns):
        target = gram[n]
        if n >= first:
            source = block[n - first]
            for m in range(columns):
                target[m] = source[m]
        else:
            for m in range(rows):
                target[first + m] = block[m, n]
