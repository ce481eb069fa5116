"""Eigenvalues and eigenvectors of a symmetric matrix, all of them, without LAPACK.

Householder's reflections make it tridiagonal (tridiagonal.py), implicit QL steps diagonal (Parlett
1998, "The symmetric eigenvalue problem", sections 8.9 to 8.13; EISPACK's imtql2). QL's rotations
are noted first and applied later, to blocks of columns that stay in the caches.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.tridiagonal import reduce, turn_back

EPSILON = 2.220446049250313e-16
FAINT = 1e-140  # of the largest number: what is below is 0, and its square would be
STEPS = 60  # for one eigenvalue; two are usual
COLUMNS = 64  # of the vectors that are turned at a time
NOTED = 1 << 20  # rotations at a time


@kernel
def _unlinked(diagonal, beside, first):
    """Return the first i from `first` on behind which T falls apart."""
    for i in range(first, beside.size):
        if abs(beside[i]) <= EPSILON * (abs(diagonal[i]) + abs(diagonal[i + 1])) + FAINT:
            return i
    return beside.size


@kernel
def _ql_step(diagonal, beside, first, last, rotations, count):
    """Take one step on the unlinked part first ... last of T; return how many rotations are noted.

    The shift is the eigenvalue of the leading 2 x 2 that is nearer to its first number (Wilkinson).
    A rotation is (row, cosine, sine), of row and row + 1.
    """
    g = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first])
    root = np.sqrt(g * g + 1.0)
    g = diagonal[last] - diagonal[first] + beside[first] / (g + (root if g >= 0 else -root))
    sine, cosine, p = 1.0, 1.0, 0.0
    for i in range(last - 1, first - 1, -1):
        f, b = sine * beside[i], cosine * beside[i]
        r = np.sqrt(f * f + g * g)
        if i + 1 < last:
            beside[i + 1] = r
        if r == 0.0:  # it fell apart on the way
            diagonal[i + 1] -= p
            return count
        sine, cosine = f / r, g / r
        g = diagonal[i + 1] - p
        r = (diagonal[i] - g) * sine + 2.0 * cosine * b
        p = sine * r
        diagonal[i + 1] = g + p
        g = cosine * r - b
        rotations[count, 0], rotations[count, 1], rotations[count, 2] = i, cosine, sine
        count += 1
    diagonal[first] -= p
    beside[first] = g
    return count


@kernel
def _note_rotations(diagonal, beside, state, rotations):
    """Go on diagonalising T until it is done, or there is no room for another step.

    state = (place, steps of its eigenvalue so far), changed. Returns the number of rotations, or
    -1 where an eigenvalue takes more than STEPS.
    """
    count, N = 0, diagonal.size
    while state[0] < N:
        first = state[0]
        last = _unlinked(diagonal, beside, first)
        if last == first:
            state[0], state[1] = first + 1, 0
            continue
        if count + N > rotations.shape[0]:
            return count
        if state[1] == STEPS:
            return -1
        state[1] += 1
        count = _ql_step(diagonal, beside, first, last, rotations, count)
    return count


@kernel
def _rotate_block(rows, rotations, count):
    for n in range(count):
        i, cosine, sine = int(rotations[n, 0]), rotations[n, 1], rotations[n, 2]
        upper, lower = rows[i], rows[i + 1]
        for k in range(upper.size):
            a, b = upper[k], lower[k]
            lower[k] = sine * a + cosine * b
            upper[k] = cosine * a - sine * b


@parallel_kernel
def _rotate(rows, rotations, count):
    """Turn pairs of rows [N, K] by the noted rotations, a block of columns at a time."""
    for block in prange((rows.shape[1] + COLUMNS - 1) // COLUMNS):
        columns = slice(block * COLUMNS, min(rows.shape[1], (block + 1) * COLUMNS))
        part = rows[:, columns].copy()
        _rotate_block(part, rotations, count)
        rows[:, columns] = part


def _diagonalise(diagonal: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Turn the diagonal of T into its eigenvalues; return the eigenvectors, [N, N], as rows."""
    N = len(diagonal)
    rows, state = np.eye(N), np.zeros(2, np.int64)
    rotations = np.empty((max(2 * N, min(NOTED, 2 * N * N)), 3))
    while state[0] < N:
        count = _note_rotations(diagonal, beside, state, rotations)
        if count < 0:
            raise ArithmeticError(f"eigenvalue {state[0]} of {N} did not converge in {STEPS} steps")
        _rotate(rows, rotations, count)
    return rows


def eigenvectors(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all eigenvalues [N], rising, and their vectors, the columns of [N, N], float64.

    matrix [N, N]: symmetric, of any float dtype. Raises ValueError where it is not square, not
    finite, or not symmetric to the rounding of its dtype.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"only square matrices have eigenvectors, not {matrix.shape}")
    scale = float(np.abs(matrix).max(initial=0))
    if not np.isfinite(scale):
        raise ValueError("the matrix has numbers that are not finite")
    rounding = 16 * np.finfo(matrix.dtype).eps if matrix.dtype.kind == "f" else 0
    if np.abs(matrix - matrix.T).max(initial=0) > rounding * len(matrix) * scale:
        raise ValueError("the matrix is not symmetric")
    if scale == 0:
        return np.zeros(len(matrix)), np.eye(len(matrix))
    diagonal, beside, panels = reduce(np.array(matrix, np.float64, order="C") / scale)
    rows = _diagonalise(diagonal, beside)
    order = np.argsort(diagonal, kind="stable")
    vectors = np.ascontiguousarray(rows[order].T)
    turn_back(panels, vectors)
    return diagonal[order] * scale, vectors
