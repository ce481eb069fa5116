"""Convolution and its two gradients, each one run of the register tile over implicit im2col.

Arrays: x [N, H, W, C], weight [KH, KW, C, F], bias [F], output [N, HO, WO, F], C-contiguous and of
one floating dtype. As in every network, "convolution" is cross-correlation: kernels are not flipped
(Goodfellow et al. 2016, equation 9.6). `kernels/im2col.py` is the same by the stored matrix.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.gemm import DEPTH, multiply_panel, pack_panel
from rosenblatt.kernels.geometry import backward_tables, forward_tables, geometry
from rosenblatt.kernels.jit import kernel, parallel_kernel
from rosenblatt.kernels.memory import copy_block
from rosenblatt.kernels.tile import NARROW, NARROW_ROWS, WIDE

GROUPS = 8  # of samples, each with its own partial sum of the weights' gradient


@kernel
def _panel_width(columns, j):
    """Return how many of the columns from j on the next panel takes, and its packed width."""
    if columns - j >= WIDE:
        return WIDE, WIDE
    return min(NARROW, columns - j), NARROW


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
def _pad(x, n, y0, padding, scratch, at, extent):
    """Copy rows y0 - padding ... of sample n into the scratch, zeros where there is no image."""
    rows, columns = extent
    _, H, W, C = x.shape
    flat = x.reshape(-1)
    if padding > 0 or y0 + rows > H:
        scratch[at : at + rows * columns * C] = 0
    first, last = max(0, y0 - padding), min(H, y0 - padding + rows)
    target = at + ((first - y0 + padding) * columns + padding) * C
    width = min(W, columns - padding)
    copy_block(
        flat, (n * H + first) * W * C, W * C, scratch, target, columns * C,
        (last - first, width * C),
    )  # fmt: skip


@kernel
def _correlate(scratch, places, taps, packed, bias, out, rows, shape, floor):
    """Run all panels of the packed weights against `count` places; out rows start at `at`."""
    count, K, F, at = shape
    unbounded = out.dtype.type(-np.inf)
    for k0 in range(0, K, DEPTH):
        depth = min(DEPTH, K - k0)
        bound = floor if k0 + DEPTH >= K else unbounded
        j = panel = 0
        while j < F:
            width, columns = _panel_width(F, j)
            start = (out, at + j, 1) if k0 > 0 else (bias, j, 0)
            multiply_panel(
                scratch, (places, 0, count), (taps, k0, depth), (packed, panel + k0 * columns),
                start, (out, rows, 0, at + j, width), bound,
            )  # fmt: skip
            panel += K * columns
            j += width


@kernel
def _pack_weights(weight):
    """Return weight [KH, KW, C, F] as packed panels of 16 or 8 columns over all KH KW C rows."""
    F = weight.shape[3]
    flat = weight.reshape(-1)
    K = flat.size // F
    packed = np.empty(K * _packed_columns(F), weight.dtype)
    j = panel = 0
    while j < F:
        width, columns = _panel_width(F, j)
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
        _pad(x, first + s, y0 * stride, padding, scratch, s * size, (scratch_rows, columns))
    count = samples * band * WO
    if count + NARROW_ROWS < places.size:
        places, rows = _clip(places, count), _clip(rows, count)
    shape = (count, K, F, (first * HO + y0) * WO * F)
    _correlate(scratch, places, taps, packed, bias, out.reshape(-1), rows, shape, floor)


@parallel_kernel
def _convolve(x, weight, bias, out, tables, extent, floor):
    packed = _pack_weights(weight)
    samples, band = extent[:2]
    tasks = -(-x.shape[0] // samples) * -(-out.shape[1] // band)
    for task in prange(tasks):
        _convolve_task(x, packed, bias, out, tables, task, (floor, extent))


def convolve(x, weight, bias, out, stride=1, padding=0, floor=-np.inf):
    """Write out = max(floor, x * weight + bias) and return it; floor = 0 is a fused rectifier."""
    g = geometry(x.shape, weight.shape, stride, padding)
    tables = forward_tables(g)
    extent = (*tables.extent, g.KH * g.KW * g.C, stride, padding)
    _convolve(x, weight, bias, out, tables.indices, extent, x.dtype.type(floor))
    return out


@kernel
def _rectified(d_output, output, fused, n, gated):
    """Copy d_output of sample n, zero where the fused rectifier was off, into `gated`."""
    d, o = d_output[n].reshape(-1), output[n].reshape(-1)
    if fused:
        for i in range(d.size):
            gated[i] = d[i] if o[i] > 0 else 0
    else:
        for i in range(d.size):
            gated[i] = d[i]


@kernel
def _weight_gradient_group(x, d_output, output, partial, tables, samples, settings):
    """Add the gradients of the samples of one group into partial [K F + F]: weights, then bias."""
    taps, places = tables
    scratch_rows, columns, K, padding, fused = settings
    _, HO, WO, F = d_output.shape
    pixels, unbounded = HO * WO, x.dtype.type(-np.inf)
    scratch = np.empty(scratch_rows * columns * x.shape[3], x.dtype)
    gated = np.empty(pixels * F, x.dtype)
    panel = np.empty(DEPTH * WIDE, x.dtype)
    rows = np.empty(K + NARROW_ROWS, np.intp)
    for k in range(rows.size):
        rows[k] = min(k, K - 1) * F
    bias = partial[K * F :]
    partial[:] = 0
    for n in range(samples[0], samples[1]):
        _pad(x, n, 0, padding, scratch, 0, (scratch_rows, columns))
        _rectified(d_output, output, fused, n, gated)
        for p in range(pixels):
            row = gated[p * F : (p + 1) * F]
            for f in range(F):
                bias[f] += row[f]
        for p in range(0, pixels, DEPTH):
            depth = min(DEPTH, pixels - p)
            j = 0
            while j < F:
                width, _ = _panel_width(F, j)
                pack_panel(gated, p * F + j, F, False, (depth, width), panel, 0)
                multiply_panel(
                    scratch, (taps, 0, K), (places, p, depth), (panel, 0),
                    (partial, j, 1), (partial, rows, 0, j, width), unbounded,
                )  # fmt: skip
                j += width


@kernel
def _add_groups(partials, d_weight, d_bias, first, last):
    """Sum the groups' partial sums in their order, for elements first ... last."""
    K = d_weight.size
    for i in range(first, last):
        total = partials[0, i]
        for g in range(1, partials.shape[0]):
            total += partials[g, i]
        if i < K:
            d_weight[i] = total
        else:
            d_bias[i - K] = total


@parallel_kernel
def _weight_gradient(x, d_output, output, gradients, partials, tables, settings):
    N, groups = x.shape[0], partials.shape[0]
    for g in prange(groups):
        samples = (N * g // groups, N * (g + 1) // groups)
        _weight_gradient_group(x, d_output, output, partials[g], tables, samples, settings)
    size = partials.shape[1]
    d_weight, d_bias = gradients
    for g in prange(16):
        _add_groups(partials, d_weight.reshape(-1), d_bias, size * g // 16, size * (g + 1) // 16)


def convolution_weight_gradient(x, d_output, output, d_weight, d_bias, stride=1, padding=0):
    """Write the gradients to weight and bias: d_weight[k, f] = sum over pixels of x[p + k] d[p, f].

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    Sums run over the samples of each group in order, then over the groups in order.
    """
    KH, KW, C, F = d_weight.shape
    g = geometry(x.shape, d_weight.shape, stride, padding)
    tables = forward_tables(g, whole=True)
    fused = output is not None
    partials = np.empty((min(GROUPS, x.shape[0]), d_weight.size + F), x.dtype)
    settings = (*tables.extent[2:], KH * KW * C, padding, int(fused))
    gate = output if fused else d_output
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
        width, columns = _panel_width(C, j)
        for t in range(numbers.size):
            first = (numbers[t] * C + j) * F
            pack_panel(flat, first, F, True, (F, width), packed, panel + t * F * columns)
        panel += K * columns
        j += width
    return packed


@kernel
def _input_gradient_task(d_output, output, packed, zeros, d_x, tables, n, settings):
    taps, places, rows = tables
    above, left, scratch_rows, columns, count, K, fused = settings
    _, HO, WO, F = d_output.shape
    gated = np.empty(HO * WO * F, d_x.dtype)
    _rectified(d_output, output, fused, n, gated)
    scratch = np.zeros(scratch_rows * columns * F, d_x.dtype)
    at = (above * columns + left) * F
    copy_block(gated, 0, WO * F, scratch, at, columns * F, (HO, WO * F))
    shape = (count, K, d_x.shape[3], n * d_x[0].size)
    unbounded = d_x.dtype.type(-np.inf)
    _correlate(scratch, places, taps, packed, zeros, d_x.reshape(-1), rows, shape, unbounded)


@parallel_kernel
def _input_gradient(d_output, output, weight, d_x, numbers, tables, settings):
    packed = _pack_flipped(weight, numbers)
    zeros = np.zeros(d_x.shape[3], d_x.dtype)
    for n in prange(d_x.shape[0]):
        _input_gradient_task(d_output, output, packed, zeros, d_x, tables, n, settings)


def convolution_input_gradient(d_output, output, weight, d_x, stride=1, padding=0):
    """Write the gradient to x: each phase of the stride is a correlation with the flipped kernel.

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    """
    g = geometry(d_x.shape, weight.shape, stride, padding)
    extent, phases = backward_tables(g)
    fused = output is not None
    gate = output if fused else d_output
    for numbers, tables in phases:
        settings = (*extent, *tables.extent, numbers.size * g.F, int(fused))
        _input_gradient(d_output, gate, weight, d_x, numbers, tables.indices, settings)
    return d_x
