"""Convolution with fewer multiplications, after Winograd (Lavin & Gray 2016, equation 8).

A tile of M x M outputs of a K x K kernel, M + K - 1 = 6, costs 36 multiplications a channel in
place of M^2 K^2: a fourth for K = 3 (M = 4), 0.36 for K = 5 (M = 2), for

    Y = A^T [ (G w G^T) * (B^T d B) ] A,    dw = G^T [ sum of (B^T d B) * (A dY A^T) over tiles ] G

with the matrices of `cook_toom.py`. Channels lie last, so the 36 products are 36 matrix
products of [tiles, C] by [C, F], of planes that stay in the cache. The gradient to the input is a
convolution with the flipped kernels. Stride 1; C and F multiples of 8.
"""

from functools import lru_cache

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.cook_toom import INPUT, KERNEL, OUTPUT, TILE, transposed
from rosenblatt.kernels.convolution.direct import pad
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.convolution.patch_transform import patch_transform
from rosenblatt.kernels.core.gemm import (
    DEPTH,
    arithmetic_table,
    multiply_panel,
    run_width,
    zeros,
)
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.memory import copy_block, transpose_block
from rosenblatt.kernels.core.tile import NARROW_ROWS, WIDE
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import workspace

POINTS = TILE * TILE
SPREAD = 16  # extra elements between the 36 planes: at powers of two they would share cache lines

_spread_input = patch_transform(INPUT)
_spread_3, _spread_5 = (patch_transform(transposed(OUTPUT[size])) for size in (3, 5))
_gather_3, _gather_5 = (patch_transform(OUTPUT[size], finished=True) for size in (3, 5))
_kernel_3, _kernel_5 = (patch_transform(KERNEL[size]) for size in (3, 5))
_weights_3, _weights_5 = (patch_transform(transposed(KERNEL[size])) for size in (3, 5))

TILES, PLANES = (
    36,
    1 << 17,
)  # of a task: enough tiles to use the weights well, planes near L2
TASKS = 8


def pays(g: Geometry, N: int) -> bool:
    """Say whether N samples of this geometry take less time by this method than directly.

    The costs, in multiplications, of transforming the patches and the kernels are measured ones.
    """
    (height, width), size = g.output, g.KH
    if g.stride != 1 or size != g.KW or size not in OUTPUT or g.padding >= size:
        return False
    if g.C % LANES or g.F % LANES:
        return False
    step = TILE + 1 - size
    tiles = N * -(-height // step) * -(-width // step)
    multiplications = POINTS * (tiles * (g.C * g.F + 14 * (g.C + g.F)) + 12 * g.C * g.F)
    return 1.1 * multiplications < N * height * width * size * size * g.C * g.F


@lru_cache(maxsize=256)
def tiling(shape, size, channels):
    """Return (tiles a column, tiles a row, samples a task, tile rows a task) of outputs `shape`."""
    N, height, width = shape
    step = TILE + 1 - size
    down, across = -(-height // step), -(-width // step)
    wanted = max(TILES, PLANES // (POINTS * channels))
    bands = -(-down * across // wanted) if down * across > wanted else 1
    bands = min(bands, down)
    samples = max(1, min(wanted // (down * across), -(-N // TASKS)))
    return down, across, samples, -(-down // bands)


@kernel
def _load_tiles(image, gate, region, patch, scratch, planes, target):
    """Write the transformed patches of a region into 36 planes, from tile t on.

    A patch is a tile of inputs, 6 x 6, or one of the gradients of its outputs (`overlap` 0).
    A plane holds `capacity` tiles, in panels of `panel` channels.
    """
    (n0, n1, row0, row1, across), (padding, size, overlap) = region, patch
    t, capacity, panel = target
    C, step = image.shape[3], TILE + 1 - size
    plane = capacity * C + SPREAD
    rows, columns = (row1 - row0) * step + overlap, across * step + overlap
    for n in range(n0, n1):
        pad(image, gate, n, row0 * step, (padding, padding), scratch, (rows, columns))
        for y in range(0, rows - overlap, step):
            for x in range(0, columns - overlap, step):
                for c in range(0, C, LANES):
                    source = (scratch, (y * columns + x) * C + c, columns * C, C)
                    j = c // panel * panel
                    at = j * capacity + t * min(panel, C - j) + c - j
                    place = (planes, at, TILE * plane, plane)
                    if overlap > 0:
                        _spread_input(source, place)
                    elif size == 3:
                        _spread_3(source, place)
                    else:
                        _spread_5(source, place)
                t += 1


@kernel
def _store_tiles(planes, bias, out, region, size, floor):
    """Write the outputs of a region's tiles, of which the last row and column may be cut off."""
    n0, n1, row0, row1, across = region
    _, HO, WO, F = out.shape
    step = TILE + 1 - size
    plane = (n1 - n0) * (row1 - row0) * across * F + SPREAD
    flat = out.reshape(-1)
    edge = np.empty(step * step * LANES, out.dtype)
    t = 0
    for n in range(n0, n1):
        for y in range(row0 * step, row1 * step, step):
            for x in range(0, across * step, step):
                whole = y + step <= HO and x + step <= WO
                first = ((n * HO + y) * WO + x) * F
                for f in range(0, F, LANES):
                    source = (planes, t * F + f, TILE * plane, plane)
                    target = (flat, first + f, WO * F, F)
                    if not whole:
                        target = (edge, 0, step * LANES, LANES)
                    if size == 3:
                        _gather_3(source, target, (bias, f), floor)
                    else:
                        _gather_5(source, target, (bias, f), floor)
                    if not whole:
                        for i in range(min(step, HO - y)):
                            copy_block(
                                edge, i * step * LANES, LANES, flat, first + i * WO * F + f, F,
                                (min(step, WO - x), LANES),
                            )  # fmt: skip
                t += 1


@kernel
def _multiply_planes(v, packed, m, start, shape):
    """Write m [tiles, F] = v [tiles, C] times packed [C, F], for each of the 36 planes."""
    count, C, F = shape
    places = arithmetic_table(np.empty(count + NARROW_ROWS, np.intp), count, C)
    rows = arithmetic_table(np.empty(count + NARROW_ROWS, np.intp), count, F)
    offsets = arithmetic_table(np.empty(C, np.intp), C, 1)
    for p in range(POINTS):
        v_plane = v[p * (count * C + SPREAD) :]
        at, panel = p * (count * F + SPREAD), p * (C * F + SPREAD)
        j = 0
        while j < F:
            width = run_width(F, j)
            multiply_panel(
                v_plane, (places, 0, count), (offsets, 0, C), (packed, panel + j * C, WIDE * C),
                (start, 0, 0), (m, rows, 0, at + j, width), m.dtype.type(-np.inf),
            )  # fmt: skip
            j += width


@kernel
def _transform_kernels(weight, flipped, packed, block):
    """Write the 36 values of the kernels of a block of 8 channels and 8 filters in panels.

    The panels have C rows and F columns, or F rows and C columns of the flipped kernels.
    """
    size, _, C, F = weight.shape
    c, f = block * LANES % C, block * LANES // C * LANES
    flat = weight.reshape(-1)
    taps = np.empty(size * size * LANES * LANES, weight.dtype)
    for tap in range(size * size):
        first = (tap * C + c) * F + f
        if flipped:
            at = (size * size - 1 - tap) * LANES * LANES
            transpose_block(flat, first, F, taps, at, LANES, (LANES, LANES))
        else:
            copy_block(flat, first, F, taps, tap * LANES * LANES, LANES, (LANES, LANES))
    k, j, K, J = (f, c, F, C) if flipped else (c, f, C, F)
    panel = j // 16 * 16
    width = 16 if J - panel >= 16 else LANES
    plane = C * F + SPREAD
    for i in range(LANES):
        source = (taps, i * LANES, size * LANES * LANES, LANES * LANES)
        target = (packed, panel * K + (k + i) * width + j - panel, TILE * plane, plane)
        if size == 3:
            _kernel_3(source, target)
        else:
            _kernel_5(source, target)


@kernel
def _convolve_task(image, gate, packed, bias, out, task, settings, floor):
    down, across, samples, band, size, padding, _ = settings
    bands = (down + band - 1) // band
    n, row = task // bands * samples, task % bands * band
    region = (n, min(n + samples, out.shape[0]), row, min(row + band, down), across)
    count = (region[1] - n) * (region[3] - row) * across
    C, F = image.shape[3], out.shape[3]
    step = TILE + 1 - size
    scratch = np.empty((band * step + size) * (across * step + size) * C, out.dtype)
    v = np.empty(POINTS * (count * C + SPREAD), out.dtype)
    m = np.empty(POINTS * (count * F + SPREAD), out.dtype)
    patch = (padding, size, size - 1)
    _load_tiles(image, gate, region, patch, scratch, v, (0, count, C))
    _multiply_planes(v, packed, m, np.zeros(F, out.dtype), (count, C, F))
    _store_tiles(m, bias, out, region, size, floor)


@parallel_kernel
def _convolve(image, gate, weight, bias, out, settings, floor):
    down, _, samples, band, _, _, flipped = settings
    _, _, C, F = weight.shape
    packed = np.empty(POINTS * (C * F + SPREAD), out.dtype)
    for block in prange(C * F // 64):
        _transform_kernels(weight, flipped, packed, np.intp(block))
    tasks = -(-image.shape[0] // samples) * -(-down // band)
    for task in prange(tasks):
        _convolve_task(image, gate, packed, bias, out, np.intp(task), settings, floor)


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    settings = (*tiling(out.shape[:3], g.KH, max(g.C, g.F)), g.KH, g.padding, 0)
    _convolve(x, x[:0], weight, bias, out, settings, x.dtype.type(floor))


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: a convolution with the flipped kernels, channels for filters."""
    settings = (
        *tiling(d_x.shape[:3], g.KH, max(g.C, g.F)),
        g.KH,
        g.KH - 1 - g.padding,
        1,
    )
    bias = zeros(g.C, d_x.dtype)
    _convolve(d_output, gate, weight, bias, d_x, settings, d_x.dtype.type(-np.inf))


BLOCK = 1 << 20  # elements of the transformed patches between two of its sums: 4 MB, a third cache


@kernel
def _sum_pixels(scratch, count, total):
    """Add `count` pixels of scratch [count, F] to total [F]."""
    F = total.size
    for p in range(count):
        pixel = scratch[p * F : (p + 1) * F]
        for f in range(F):
            total[f] += pixel[f]


@kernel
def _gradient_task(x, d_output, gate, planes, totals, task, settings):
    """Write the transformed patches of one band of tiles of a sample, and its sum of d_output."""
    down, across, band, size, padding, capacity, start = settings
    C, F, step = x.shape[3], d_output.shape[3], TILE + 1 - size
    bands = (down + band - 1) // band
    n, row = task // bands, task % bands * band
    region = (n, n + 1, row, min(row + band, down), across)
    t = (n * down + row) * across - start
    scratch = np.empty((band * step + size) * (across * step + size) * max(C, F), x.dtype)
    patch = (padding, size, size - 1)
    _load_tiles(x, x[:0], region, patch, scratch, planes[0], (t, capacity, C))
    _load_tiles(d_output, gate, region, (0, size, 0), scratch, planes[1], (t, capacity, WIDE))
    totals[task] = 0
    _sum_pixels(scratch, (region[3] - row) * step * across * step, totals[task])


@kernel
def _add_products(planes, sums, start, p, count, capacity, shape):
    """Add v^T z of plane p, over `count` tiles, to the sums [36, C, F].

    Where `start` is not empty the sums begin anew, from these F numbers.
    """
    (v, z), (C, F) = planes, shape
    places = arithmetic_table(np.empty(C + NARROW_ROWS, np.intp), C, 1)
    rows = arithmetic_table(np.empty(C + NARROW_ROWS, np.intp), C, F)
    offsets = arithmetic_table(np.empty(count, np.intp), count, C)
    v_plane = v[p * (capacity * C + SPREAD) :]
    at = p * (C * F + SPREAD)
    for t in range(0, count, DEPTH):
        depth = min(DEPTH, count - t)
        j = 0
        while j < F:
            width = run_width(F, j)
            begin = (start, 0, 0) if start.size > 0 and t == 0 else (sums, at + j, 1)
            panel = p * (capacity * F + SPREAD) + j * capacity + t * min(width, WIDE)
            multiply_panel(
                v_plane, (places, 0, C), (offsets, t, depth), (z, panel, WIDE * capacity), begin,
                (sums, rows, 0, at + j, width), sums.dtype.type(-np.inf),
            )  # fmt: skip
            j += width


@kernel
def _finish_weights(sums, d_weight, c):
    """Write d_weight of one channel."""
    size, _, C, F = d_weight.shape
    plane = C * F + SPREAD
    for f in range(0, F, LANES):
        source = (sums, c * F + f, TILE * plane, plane)
        target = (d_weight.reshape(-1), c * F + f, size * C * F, C * F)
        if size == 3:
            _weights_3(source, target)
        else:
            _weights_5(source, target)


@parallel_kernel
def _weight_gradient(x, d_output, gate, d_weight, d_bias, buffers, settings):
    down, across, band, size, padding, tasks, block = settings
    (v, z, sums), (C, F) = buffers, d_weight.shape[2:]
    planes, bands = (v, z), (down + band - 1) // band
    capacity = block * band * across
    totals = np.empty((tasks, F), x.dtype)
    zeros = np.zeros(F, x.dtype)
    for first in range(0, tasks, block):
        last = min(first + block, tasks)
        start = (first // bands * down + first % bands * band) * across
        count = (last // bands * down + last % bands * band) * across - start
        begin = zeros if first == 0 else zeros[:0]
        for task in prange(first, last):
            _gradient_task(
                x, d_output, gate, planes, totals, np.intp(task),
                (down, across, band, size, padding, capacity, start),
            )  # fmt: skip
        for p in prange(POINTS):
            _add_products(planes, sums, begin, np.intp(p), count, capacity, (C, F))
    for c in prange(C):
        _finish_weights(sums, d_weight, np.intp(c))
    d_bias[:] = 0
    for task in range(tasks):
        _sum_pixels(totals[task], 1, d_bias)


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias; sums run over the tiles in order."""
    down, across, _, band = tiling(d_output.shape[:3], g.KH, max(g.C, g.F))
    tasks = len(x) * -(-down // band)
    most = max(1, BLOCK // (POINTS * (g.C + g.F) * band * across))
    block = -(-tasks // -(-tasks // most))  # blocks of equal size
    tiles = block * band * across
    buffers = tuple(
        workspace(name, POINTS * (size + SPREAD), x.dtype)
        for name, size in (
            ("inputs", tiles * g.C), ("outputs", tiles * g.F), ("sums", g.C * g.F),
        )
    )  # fmt: skip
    settings = (down, across, band, g.KH, g.padding, tasks, block)
    _weight_gradient(x, d_output, gate, d_weight, d_bias, buffers, settings)
