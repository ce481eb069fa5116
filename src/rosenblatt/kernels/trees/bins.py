"""Numbers to bins of at most 256, and features of few bins together in one byte.

Features whose numbers of bins have a product of 256 at most share a column: code = sum of
bin_f x stride_f, which is exact, unlike the exclusive bundles of Ke et al. (2017, section 4). Four
columns are a 32-bit word, so that one load serves four histograms.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel

ROWS = 4096  # of a block


class Bins(NamedTuple):
    """Where the numbers of D features are cut, or which categories they have.

    cuts [S] float64: of all features, each feature's ascending. start [D + 1] int64: where a
    feature's begin. categorical [D] bool.
    """

    cuts: np.ndarray
    start: np.ndarray
    categorical: np.ndarray


class Columns(NamedTuple):
    """How D features lie in C columns of codes, C a multiple of 4.

    bins [D] int64: of each feature, with that of missing numbers, the last, where some are.
    missing [D] bool: whether some are. column, stride [D] int64: code // stride % bins is the bin;
    place [D, 256] uint8: that bin, by code.
    start [C + 1] int64: where a column's codes begin among those of all. member [D] int64: the
    features by column, largest stride first. first [C + 1] int64: where a column's members begin.
    categorical [D] bool.
    """

    bins: np.ndarray
    missing: np.ndarray
    column: np.ndarray
    stride: np.ndarray
    place: np.ndarray
    start: np.ndarray
    member: np.ndarray
    first: np.ndarray
    categorical: np.ndarray


@inlined_kernel
def _bin(x, cuts, categorical):
    """Return the number of cuts below x; for a category its place, else cuts.size; NaN: one more.

    The halving has no branch to mispredict.
    """
    low, left = 0, cuts.size
    while left > 0:
        half = (left + 1) >> 1
        low += half if cuts[low + half - 1] < x else 0
        left -= half
    if categorical and (low == cuts.size or cuts[low] != x):
        low = cuts.size
    return low if x == x else cuts.size + 1


@kernel
def encode(x, bins, feature, out):
    """Write the bins of one feature of x [N, D] to out [N] uint8."""
    cuts = bins.cuts[bins.start[feature] : bins.start[feature + 1]]
    categorical = bins.categorical[feature]
    for i in range(x.shape[0]):
        out[i] = _bin(np.float64(x[i, feature]), cuts, categorical)


@kernel
def _encode_block(x, bins, columns, out):
    codes = np.empty(x.shape[0], np.uint8)
    out[:] = 0
    for feature in range(x.shape[1]):
        encode(x, bins, feature, codes)
        column = columns.column[feature]
        word, shift = out[column >> 2], np.uint32(8 * (column & 3))
        stride = np.uint32(columns.stride[feature])
        for i in range(codes.size):
            word[i] += (np.uint32(codes[i]) * stride) << shift


@parallel_kernel
def encode_words(x, bins, columns, out):
    """Write the codes of x [N, D] to out [C / 4, N] uint32, four columns a word."""
    N = x.shape[0]
    for block in prange((N + ROWS - 1) // ROWS):
        low, high = block * ROWS, min(N, (block + 1) * ROWS)
        _encode_block(x[low:high], bins, columns, out[:, low:high])
