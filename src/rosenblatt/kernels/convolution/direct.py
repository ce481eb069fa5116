"""Convolution and its two gradients, each one run of the register tile over implicit im2col.

Any geometry; `dispatch.py` says what the arrays are, and `im2col.py` does the same by the stored
matrix. A `gate` is the output of a fused rectifier, or an array without samples where there was
none: the gradient passes where it is above zero.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.geometry import Geometry, backward_tables, forward_tables
from rosenblatt.kernels.convolution.gradient_panel import (
    pack_narrow,
    pack_narrow_gated,
    pack_wide,
    pack_wide_gated,
)
from rosenblatt.kernels.core.gemm import (
    DEPTH,
    arithmetic_table,
    multiply_panel,
    pack_panel,
    panel_width,
    run_width,
)
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.memory import copy_block, rectify
from rosenblatt.kernels.core.tile import NARROW, NARROW_ROWS, PAIR, WIDE

GROUPS = 8  # of samples, each with its own partial sum of the weights' gradient


@kernel
def _packed_columns(columns):
    wide = columns // WIDE * WIDE
    return wide + (columns - wide + NARROW - 1) // NARROW * NARROW


@kernel
def _clip(table, count):
    """Return the first `count` entries, the last repeated for the tile's last rows."""
    clipped = np.empty(count + NARROW_ROWS, np.intp)
    for i in range(clipped.size):
        clipped[i] = table[min(i, count - 1)]
    return clipped


@kernel
def pad(image, gate, n, y0, padding, scratch, extent):
    """Fill scratch [rows, columns, C] with sample n from row y0 of its padded image on.

    Zeros where there is no image and, unless `gate` is empty, where the gate is not above zero.
    """
    (rows, columns), (above, left) = extent, padding
    _, H, W, C = image.shape
    first, last = max(0, y0 - above), min(H, y0 - above + rows)
    width = min(W, columns - left) * C
    if (last - first) * width < rows * columns * C:
        scratch[: rows * columns * C] = 0
    target = ((first - y0 + above) * columns + left) * C
    source = (n * H + first) * W * C
    copy_block(
        image.reshape(-1),
        source,
        W * C,
        scratch,
        target,
        columns * C,
        (last - first, width),
    )
    if gate.size > 0:
        for y in range(last - first):
            rectify(
                scratch,
                target + y * columns * C,
                gate.reshape(-1),
                source + y * W * C,
                width,
            )


@kernel
def correlate(scratch, tables, packed, bias, out, shape, floor):
    """Run all panels of the packed weights against `count` places; out rows start at `at`."""
    (taps, places, rows), (count, K, F, at) = tables, shape
    unbounded = out.dtype.type(-np.inf)
    for k0 in range(0, K, DEPTH):
        depth = min(DEPTH, K - k0)
        bound = floor if k0 + DEPTH >= K else unbounded
        j = panel = 0
        while j < F:
            width, columns = run_width(F, j), panel_width(F, j)[1]
            start = (out, at + j, 1) if k0 > 0 else (bias, j, 0)
            panels = (packed, panel + k0 * columns, K * columns)
            multiply_panel(
                scratch, (places, 0, count), (taps, k0, depth), panels,
                start, (out, rows, 0, at + j, width), bound,
            )  # fmt: skip
            panel += K * max(width, columns)
            j += width


@kernel
def pack_weights(weight):
    """Return weight [KH, KW, C, F] as packed panels of 16 or 8 columns over all KH KW C rows."""
    F = weight.shape[3]
    flat = weight.reshape(-1)
    K = flat.size // F
    packed = np.empty(K * _packed_columns(F), weight.dtype)
    j = panel = 0
    while j < F:
        width, columns = panel_width(F, j)
        pack_panel(flat, j, F, False, (K, width), packed, panel)
        panel += K * columns
        j += width
    return packed


@kernel
def _convolve_task(x, packed, bias, out, tables, task, settings):
    (taps, places, rows), floor = tables, settings[0]
    samples, band, scratch_rows, columns, K, stride, padding = settings[1]
    N, HO, WO, F = out.shape
    bands = (HO + band - 1) // band
    first, y0 = task // bands * samples, task % bands * band
    samples, band = min(samples, N - first), min(band, HO - y0)
    size = scratch_rows * columns * x.shape[3]
    scratch = np.empty(samples * size, x.dtype)
    for s in range(samples):
        pad(
            x, x[:0], first + s, y0 * stride, (padding, padding), scratch[s * size :],
            (scratch_rows, columns),
        )  # fmt: skip
    count = samples * band * WO
    if count + NARROW_ROWS < places.size:
        tables = (taps, _clip(places, count), _clip(rows, count))
    shape = (count, K, F, (first * HO + y0) * WO * F)
    correlate(scratch, tables, packed, bias, out.reshape(-1), shape, floor)


@parallel_kernel
def _convolve(x, weight, bias, out, tables, extent, floor):
    packed = pack_weights(weight)
    samples, band = extent[:2]
    tasks = -(-x.shape[0] // samples) * -(-out.shape[1] // band)
    for task in prange(tasks):
        _convolve_task(x, packed, bias, out, tables, np.intp(task), (floor, extent))


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    tables = forward_tables(g)
    extent = (*tables.extent, g.KH * g.KW * g.C, g.stride, g.padding)
    _convolve(x, weight, bias, out, tables.indices, extent, x.dtype.type(floor))


@kernel
def _pack_gradient(d_output, gate, first, shape, panel, sums, j):
    """Pack `depth` pixels of panel j of d_output, gated, and add them to the sums."""
    depth, F = shape
    width, columns = panel_width(F, j)
    source = (d_output.reshape(-1), gate.reshape(-1), first, F, depth, width)
    target = (panel, sums, j)
    if columns == WIDE:
        if gate.size > 0:
            pack_wide_gated(source, target)
        else:
            pack_wide(source, target)
    elif gate.size > 0:
        pack_narrow_gated(source, target)
    else:
        pack_narrow(source, target)


@kernel
def _weight_gradient_group(x, d_output, gate, partial, tables, samples, settings):
    """Add the gradients of the samples of one group into partial [K + 1, F]: weights, then bias.

    The rows of `partial` are filled up to whole panels.
    """
    (taps, places), (scratch_rows, columns, K, padding) = tables, settings
    _, HO, WO, F = d_output.shape
    pixels, whole = HO * WO, _packed_columns(F)
    scratch = np.empty(scratch_rows * columns * x.shape[3], x.dtype)
    panel = np.empty(DEPTH * PAIR, x.dtype)
    rows = arithmetic_table(np.empty(K + NARROW_ROWS, np.intp), K, whole)
    sums = partial[K * whole :]
    partial[:] = 0
    step = -(-pixels // -(-pixels // DEPTH))
    for n in range(samples[0], samples[1]):
        pad(x, x[:0], n, 0, (padding, padding), scratch, (scratch_rows, columns))
        for p in range(0, pixels, step):
            depth = min(step, pixels - p)
            j = 0
            while j < F:
                width, packed = run_width(F, j), panel_width(F, j)[1]
                first = (n * pixels + p) * F + j
                _pack_gradient(d_output, gate, first, (depth, F), panel, sums, j)
                if width == PAIR:
                    first += WIDE
                    second = panel[DEPTH * WIDE :]
                    _pack_gradient(d_output, gate, first, (depth, F), second, sums, j + WIDE)
                multiply_panel(
                    scratch, (taps, 0, K), (places, p, depth), (panel, 0, DEPTH * WIDE),
                    (partial, j, 1), (partial, rows, 0, j, max(width, packed)),
                    x.dtype.type(-np.inf),
                )  # fmt: skip
                j += width


@kernel
def _add_groups(partials, d_weight, d_bias, k):
    """Sum the groups' partial sums in their order, for row k of the weights; the last is bias."""
    F = d_bias.size
    K, at = d_weight.size // F, k * _packed_columns(F)
    row = d_bias if k == K else d_weight.reshape(-1)[k * F : (k + 1) * F]
    row[:] = 0
    for g in range(partials.shape[0]):
        partial = partials[g, at : at + F]
        for f in range(F):
            row[f] += partial[f]


@parallel_kernel
def _weight_gradient(x, d_output, gate, gradients, partials, tables, settings):
    N, groups = x.shape[0], partials.shape[0]
    for g in prange(groups):
        group = np.intp(g)
        samples = (N * group // groups, N * (group + 1) // groups)
        _weight_gradient_group(x, d_output, gate, partials[g], tables, samples, settings)
    d_weight, d_bias = gradients
    for k in prange(d_weight.size // d_bias.size + 1):
        _add_groups(partials, d_weight, d_bias, np.intp(k))


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias: d_weight[k, f] = sum over pixels of x[p + k] d[p, f].

    Sums run over the samples of each group in order, then over the groups in order.
    """
    tables = forward_tables(g, whole=True)
    K = g.KH * g.KW * g.C
    partials = np.empty((min(GROUPS, x.shape[0]), (K + 1) * _packed_columns(g.F)), x.dtype)
    settings = (*tables.extent[2:], K, g.padding)
    _weight_gradient(x, d_output, gate, (d_weight, d_bias), partials, tables.indices[:2], settings)


@kernel
def _pack_flipped(weight, numbers):
    """Return the taps `numbers` of weight [KH, KW, C, F] as panels of (tap, F) rows, C columns."""
    _, _, C, F = weight.shape
    flat = weight.reshape(-1)
    K = numbers.size * F
    packed = np.empty(K * _packed_columns(C), weight.dtype)
    j = panel = 0
    while j < C:
        width, columns = panel_width(C, j)
        for t in range(numbers.size):
            first = (numbers[t] * C + j) * F
            pack_panel(flat, first, F, True, (F, width), packed, panel + t * F * columns)
        panel += K * columns
        j += width
    return packed


@kernel
def _input_gradient_task(d_output, gate, packed, zeros, out_d_x, tables, n, settings):
    above, left, scratch_rows, columns, count, K = settings
    F = d_output.shape[3]
    scratch = np.empty(scratch_rows * columns * F, out_d_x.dtype)
    pad(d_output, gate, n, 0, (above, left), scratch, (scratch_rows, columns))
    C = out_d_x.shape[3]
    shape = (count, K, C, n * out_d_x[0].size)
    unbounded = out_d_x.dtype.type(-np.inf)
    correlate(scratch, tables, packed, zeros, out_d_x.reshape(-1), shape, unbounded)


@parallel_kernel
def _input_gradient(d_output, gate, weight, d_x, numbers, tables, settings):
    packed = _pack_flipped(weight, numbers)
    zeros = np.zeros(d_x.shape[3], d_x.dtype)
    for n in prange(d_x.shape[0]):
        _input_gradient_task(d_output, gate, packed, zeros, d_x, tables, np.intp(n), settings)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: for each phase of the stride, a correlation with its taps."""
    extent, phases = backward_tables(g)
    if g.stride > min(g.KH, g.KW):
        d_x[...] = 0  # some pixels no window covers
    for numbers, tables in phases:
        settings = (*extent, *tables.extent, numbers.size * g.F)
        _input_gradient(d_output, gate, weight, d_x, numbers, tables.indices, settings)
