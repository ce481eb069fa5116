"""Second passes that turn blocks of dot products into kernels, and kernels that have no product.

Blocks are [N, M], row n for x_n, column m for y_m, and are changed in place; norms are squared
lengths. All of one dtype, float32 at work.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import Block, copy, transpose_block
from rosenblatt.kernels.core.dot import dot, squared_distance
from rosenblatt.kernels.core.elementary import angle, exp, log
from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel
from rosenblatt.kernels.core.sums import sum_of_squares

PI = 3.141592653589793
UNIT = 2.0**-24  # the rounding of a float32
FAR = 32.0  # gamma (|x|^2 + |y|^2) from which the roundings of a product may all go one way
DOUBT = 4e-6  # by which rounding may change a Gaussian kernel
ACROSS = 16  # columns that become rows in one task: a cache line of each row
STEEP = 0.99  # a cosine beyond it tells too little of the angle


@parallel_kernel
def square_norms(x, out):
    """Write the squared length of each row of x [N, D], summed in float64, to out [N]."""
    for n in prange(x.shape[0]):
        out[n] = sum_of_squares(x[n])


@inlined_kernel
def _doubt(reach, terms):
    """Return by how much gamma |x - y|^2 may be off, for reach = gamma (|x|^2 + |y|^2).

    The roundings of a sum of D terms mostly cancel, as a random walk of D steps does. Rows in far
    clusters have large terms that are alike, and so are their roundings.
    """
    return UNIT * reach * (10.0 + (terms if reach > FAR else np.sqrt(terms)))


@kernel
def _certain_distances(row, x, others, norm, norms, gamma, worst):
    """Compute anew the distances whose rounding might change the kernel by more than DOUBT.

    Rounding by e changes exp(-gamma d) by gamma e times that, at most. worst: the largest doubt.
    """
    terms = np.float64(x.size)
    far = row.dtype.type((worst + log(worst / DOUBT)) / gamma)  # nothing beyond it is in doubt
    for m in range(row.size):
        if row[m] > far:
            continue
        doubt = _doubt(gamma * (np.float64(norm) + np.float64(norms[m])), terms)
        if doubt > DOUBT and not gamma * row[m] - doubt > log(doubt / DOUBT):
            row[m] = squared_distance(x, others[m])


@kernel
def _gaussian_row(row, x, others, norm, norms, gamma):
    largest = row.dtype.type(0)
    for m in range(row.size):
        distance = (norm + norms[m]) - (row[m] + row[m])
        row[m] = distance if distance > 0 else row.dtype.type(0)
        largest = max(largest, norms[m])
    reach = np.float64(gamma) * (np.float64(norm) + np.float64(largest))
    worst = _doubt(reach, np.float64(x.size))
    if worst > DOUBT:
        _certain_distances(row, x, others, norm, norms, np.float64(gamma), worst)
    for m in range(row.size):
        row[m] = exp(-gamma * row[m])


@parallel_kernel
def gaussian(block, x, y, norms_x, norms_y, gamma):
    """Turn dot products of rows about any origin into exp(-gamma |x - y|^2), in place.

    |x - y|^2 = |x|^2 + |y|^2 - 2 x y, and from the differences of x [N, D] and y [M, D], in
    float64, where those three might cancel; norms are those about the origin of the products.
    """
    for n in prange(block.shape[0]):
        _gaussian_row(block[n], x[n], y, norms_x[n], norms_y, gamma)


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
def _arc_cosine_row(row, x, others, norm, norms, order):
    for m in range(row.size):
        square = norm * norms[m]
        length = np.sqrt(square)
        product = np.float64(row[m])
        if order == 0 and abs(product) > STEEP * length:
            product = dot(x, others[m])
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
def arc_cosine(block, x, y, norms_x, norms_y, order):
    """Turn dot products into |x|^n |y|^n J_n(angle) / pi (Cho & Saul 2009, equations 3 to 6).

    norms in float64. Of order 0, what rounding does to a cosine near 1 its arc shows as a root: the
    product is then computed anew in float64.
    """
    for n in prange(block.shape[0]):
        _arc_cosine_row(block[n], x[n], y, norms_x[n], norms_y, order)


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

    The columns beside the square on the diagonal go to the rows above it as well, ACROSS at a time.
    """
    (rows, columns), N = block.shape, gram.shape[1]
    source, target = block.reshape(-1), gram.reshape(-1)
    for task in prange(rows + (first + ACROSS - 1) // ACROSS):
        if task < rows:
            copy(source, task * columns, target, (first + task) * N, columns)
        else:
            m = (task - rows) * ACROSS
            beside, above = Block(source, m, columns), Block(target, m * N + first, N)
            transpose_block(beside, above, rows, min(ACROSS, first - m))
