"""Convolution as one matrix product, the textbook way: each window becomes a row of a matrix.

Chellapilla, Puri & Simard 2006. A window of KH KW C numbers is copied once for each output pixel,
KH KW times the memory of the image; kernels/convolution/dispatch.py does without the copy.
"""

from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _windows(image, columns, g, add):
    """Copy windows of image [H, W, C] to columns [HO WO, KH KW C], or add them back to it."""
    H, W, C = image.shape
    across = (W + 2 * g.padding - g.KW) // g.stride + 1
    for p in range(columns.shape[0]):
        row = columns[p]
        y0, x0 = p // across * g.stride - g.padding, p % across * g.stride - g.padding
        for tap in range(g.KH * g.KW):
            y, x = y0 + tap // g.KW, x0 + tap % g.KW
            part = row[tap * C : (tap + 1) * C]
            if y < 0 or y >= H or x < 0 or x >= W:
                if not add:
                    part[:] = 0
            elif add:
                image[y, x] += part
            else:
                assign(part, image[y, x])


@parallel_kernel
def im2col(x, columns, g):
    """Write all windows of x [N, H, W, C] to columns [N, HO WO, KH KW C], zeros outside the image.

    g is a square Geometry. Weights [KH, KW, C, F] as a matrix [KH KW C, F] then
    make the convolution the product of columns and weights.
    """
    for n in prange(x.shape[0]):
        _windows(x[n], columns[n], g, False)


@parallel_kernel
def col2im(columns, x, g):
    """Write to each pixel of x the sum of its copies in columns: the transpose of im2col."""
    for n in prange(x.shape[0]):
        x[n] = 0
        _windows(x[n], columns[n], g, True)
