"""Convolution and its two gradients, each one run of the register tile over implicit im2col.

Any geometry; `dispatch.py` says what the arrays are, and `im2col.py` does the same by the stored
matrix. A `gate` is the output of a fused rectifier, or an array without samples where there was
none: the gradient passes where it is above zero.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.geometry import (
    Frame,
    Geometry,
    Tables,
    backward_tables,
    forward_tables,
)
from rosenblatt.kernels.convolution.gradient_panel import (
    Packed,
    Pixels,
    pack_narrow,
    pack_narrow_gated,
    pack_wide,
    pack_wide_gated,
)
from rosenblatt.kernels.core.capture import do
from rosenblatt.kernels.core.copying import Block, copy_block, rectify
from rosenblatt.kernels.core.gemm import (
    DEPTH,
    arithmetic_table,
    multiply_panel,
    pack_panel,
    panel_width,
    run_width,
)
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.tile import (
    NARROW,
    NARROW_ROWS,
    PAIR,
    WIDE,
    Entries,
    Output,
    Panels,
    Start,
)
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import aligned

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
def pad(image, gate, n, y0, frame, out_scratch):
    """Fill the scratch [rows, columns, C] with sample n from row y0 of its padded image on.

    Zeros where there is no image and, unless `gate` is empty, where the gate is not above zero.
    """
    _, H, W, C = image.shape
    row = frame.columns * C
    first, last = max(0, y0 - frame.above), min(H, y0 - frame.above + frame.rows)
    width = min(W, frame.columns - frame.left) * C
    if (last - first) * width < frame.rows * row:
        out_scratch[: frame.rows * row] = 0
    target = (first - y0 + frame.above) * row + frame.left * C
    source = (n * H + first) * W * C
    rows = Block(image.reshape(-1), source, W * C)
    copy_block(rows, Block(out_scratch, target, row), last - first, width)
    if gate.size > 0:
        for y in range(last - first):
            rectify(out_scratch, target + y * row, gate.reshape(-1), source + y * W * C, width)


@kernel
def correlate(scratch, tables, packed, bias, floor, at, out):
    """Run all panels of the packed weights against all places; rows of the flat out are `at` on."""
    count, K, F = tables.places.size - NARROW_ROWS, tables.taps.size - NARROW_ROWS, bias.size
    unbounded = out.dtype.type(-np.inf)
    for k0 in range(0, K, DEPTH):
        depth = min(DEPTH, K - k0)
        bound = floor if k0 + DEPTH >= K else unbounded
        j = panel = 0
        while j < F:
            width, columns = run_width(F, j), panel_width(F, j)[1]
            array, first, scale = (bias, j, 0) if k0 == 0 else (out, at + j, 1)
            panels = Panels(packed, panel + k0 * columns, K * columns)
            target = Output(out, tables.rows, 0, at + j, width, WIDE)
            multiply_panel(
                scratch, Entries(tables.places, 0, count), Entries(tables.taps, k0, depth), panels,
                Start(array, first, scale, WIDE), target, bound,
            )  # fmt: skip
            panel += K * max(width, columns)
            j += width


def fill_vector(weight, bias):
    """Return weight and bias with filters of zeros that fill up the last vector of 8."""
    more = -len(bias) % LANES
    if not more:
        return weight, bias
    filled = tuple(np.zeros((*a.shape[:-1], len(bias) + more), a.dtype) for a in (weight, bias))
    for whole, part in zip(filled, (weight, bias), strict=True):
        do(np.copyto, whole[..., : len(bias)], part)
    return filled


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
        pack_panel(Block(flat, j, F), False, K, width, packed, panel)
        panel += K * columns
        j += width
    return packed


@kernel
def _convolve_task(x, packed, bias, tables, share, floor, task, out):
    N, HO, WO, F = out.shape
    bands = (HO + share.band - 1) // share.band
    first, y0 = task // bands * share.samples, task % bands * share.band
    samples, band = min(share.samples, N - first), min(share.band, HO - y0)
    frame = Frame(share.rows, share.columns, share.above, share.left)
    size = frame.rows * frame.columns * x.shape[3]
    scratch = np.empty(samples * size, x.dtype)
    for s in range(samples):
        pad(x, x[:0], first + s, y0 * share.stride, frame, scratch[s * size :])
    count = samples * band * WO
    if count + NARROW_ROWS < tables.places.size:
        places, rows = _clip(tables.places, count), _clip(tables.rows, count)
        tables = Tables(tables.taps, places, rows)
    correlate(scratch, tables, packed, bias, floor, (first * HO + y0) * WO * F, out.reshape(-1))


@parallel_kernel
def _convolve(x, weight, bias, tables, share, floor, out):
    packed = pack_weights(weight)
    tasks = -(-x.shape[0] // share.samples) * -(-out.shape[1] // share.band)
    for task in prange(tasks):
        _convolve_task(x, packed, bias, tables, share, floor, np.intp(task), out)


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    tables, share = forward_tables(g)
    _convolve(x, weight, bias, tables, share, x.dtype.type(floor), out)


@kernel
def _pack_gradient(d_output, gate, first, depth, panel, sums, j):
    """Pack `depth` pixels of panel j of d_output, gated, and add them to the sums."""
    F = d_output.shape[3]
    width, columns = panel_width(F, j)
    source = Pixels(d_output.reshape(-1), gate.reshape(-1), first, F, depth, width)
    target = Packed(panel, sums, j)
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
def _weight_gradient_group(x, d_output, gate, tables, frame, samples, out_partial):
    """Add the gradients of samples (begin, end) into a partial sum [K + 1, F]: weights, then bias.

    Its rows are filled up to whole panels.
    """
    _, HO, WO, F = d_output.shape
    K, pixels, whole = tables.taps.size - NARROW_ROWS, HO * WO, _packed_columns(F)
    scratch = np.empty(frame.rows * frame.columns * x.shape[3], x.dtype)
    panel = np.empty(DEPTH * PAIR, x.dtype)
    rows = arithmetic_table(np.empty(K + NARROW_ROWS, np.intp), K, whole)
    sums = out_partial[K * whole :]
    out_partial[:] = 0
    step = -(-pixels // -(-pixels // DEPTH))
    for n in range(samples[0], samples[1]):
        pad(x, x[:0], n, 0, frame, scratch)
        for p in range(0, pixels, step):
            depth = min(step, pixels - p)
            j = 0
            while j < F:
                width, packed = run_width(F, j), panel_width(F, j)[1]
                first = (n * pixels + p) * F + j
                _pack_gradient(d_output, gate, first, depth, panel, sums, j)
                if width == PAIR:
                    second = panel[DEPTH * WIDE :]
                    _pack_gradient(d_output, gate, first + WIDE, depth, second, sums, j + WIDE)
                target = Output(out_partial, rows, 0, j, max(width, packed), WIDE)
                multiply_panel(
                    scratch, Entries(tables.taps, 0, K), Entries(tables.places, p, depth),
                    Panels(panel, 0, DEPTH * WIDE), Start(out_partial, j, 1, WIDE), target,
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
def _weight_gradient(x, d_output, gate, tables, frame, partials, out_d_weight, out_d_bias):
    N, groups = x.shape[0], partials.shape[0]
    for g in prange(groups):
        group = np.intp(g)
        samples = (N * group // groups, N * (group + 1) // groups)
        _weight_gradient_group(x, d_output, gate, tables, frame, samples, partials[g])
    for k in prange(out_d_weight.size // out_d_bias.size + 1):
        _add_groups(partials, out_d_weight, out_d_bias, np.intp(k))


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias: d_weight[k, f] = sum over pixels of x[p + k] d[p, f].

    Sums run over the samples of each group in order, then over the groups in order.
    """
    tables, share = forward_tables(g, whole=True)
    K = g.KH * g.KW * g.C
    partials = aligned((min(GROUPS, x.shape[0]), (K + 1) * _packed_columns(g.F)), x.dtype)
    _weight_gradient(x, d_output, gate, tables, share.frame, partials, d_weight, d_bias)


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
            pack_panel(Block(flat, first, F), True, F, width, packed, panel + t * F * columns)
        panel += K * columns
        j += width
    return packed


@kernel
def _input_gradient_task(d_output, gate, packed, zeros, tables, frame, n, out_d_x):
    scratch = np.empty(frame.rows * frame.columns * d_output.shape[3], out_d_x.dtype)
    pad(d_output, gate, n, 0, frame, scratch)
    unbounded = out_d_x.dtype.type(-np.inf)
    at = n * out_d_x[0].size
    correlate(scratch, tables, packed, zeros, unbounded, at, out_d_x.reshape(-1))


@parallel_kernel
def _input_gradient(d_output, gate, weight, numbers, tables, frame, out_d_x):
    packed = _pack_flipped(weight, numbers)
    zeros = np.zeros(out_d_x.shape[3], out_d_x.dtype)
    for n in prange(out_d_x.shape[0]):
        _input_gradient_task(d_output, gate, packed, zeros, tables, frame, np.intp(n), out_d_x)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: for each phase of the stride, a correlation with its taps."""
    frame, phases = backward_tables(g)
    if not all(numbers.size for numbers, _ in phases):
        do(d_x.fill, 0)  # some pixels no window covers
    for numbers, tables in phases:
        _input_gradient(d_output, gate, weight, numbers, tables, frame, d_x)
