"""Convolution with fewer multiplications, after Winograd (Lavin & Gray 2016, equation 8).

A tile of M x M outputs of a K x K kernel, M + K - 1 = 6, costs 36 multiplications a channel in
place of M^2 K^2: a fourth for K = 3 (M = 4), 0.36 for K = 5 (M = 2), for

    Y = A^T [ (G w G^T) * (B^T d B) ] A,    dw = G^T [ sum of (B^T d B) * (A dY A^T) over tiles ] G

with the matrices of `cook_toom.py`. Channels lie last, so the 36 products are 36 matrix
products of [tiles, C] by [C, F], of planes that stay in the cache. The gradient to the input is a
convolution with the flipped kernels. Stride 1; C and F multiples of 8.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.cook_toom import KERNEL, OUTPUT, TILE, transposed
from rosenblatt.kernels.convolution.geometry import Geometry, Weights
from rosenblatt.kernels.convolution.patch_transform import Square, patch_transform
from rosenblatt.kernels.convolution.winograd_tiles import (
    POINTS,
    SPREAD,
    Patch,
    Region,
    Target,
    load_tiles,
    store_tiles,
)
from rosenblatt.kernels.core.copying import Block, copy_block, transpose_block
from rosenblatt.kernels.core.gemm import DEPTH, arithmetic_table, multiply_panel, run_width, zeros
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.tile import NARROW_ROWS, WIDE, Entries, Output, Panels, Start
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import aligned, workspace

_kernel_3, _kernel_5 = (patch_transform(KERNEL[size], LANES) for size in (3, 5))
_weights_3, _weights_5 = (patch_transform(transposed(KERNEL[size]), LANES) for size in (3, 5))

TILES, PLANES = 36, 1 << 17  # of a task: enough to use the weights well, planes near L2
TASKS = 8


def pays(g: Geometry, N: int) -> bool:
    """Say whether N samples of this geometry take less time by this method than directly.

    The costs, in multiplications, of transforming the patches and the kernels are measured ones.
    """
    (height, width), size = g.output, g.KH
    if not g.square or g.stride != 1 or size != g.KW or size not in OUTPUT or g.padding >= size:
        return False
    if g.C % LANES or g.F % LANES:
        return False
    step = TILE + 1 - size
    tiles = N * -(-height // step) * -(-width // step)
    multiplications = POINTS * (tiles * (g.C * g.F + 14 * (g.C + g.F)) + 12 * g.C * g.F)
    return 1.1 * multiplications < N * height * width * size * size * g.C * g.F


class Tiling(NamedTuple):
    """How outputs are shared out: tiles a column, tiles a row, samples a task, tile rows a task."""

    down: int
    across: int
    samples: int
    band: int


@lru_cache(maxsize=256)
def tiling(shape, g: Geometry) -> Tiling:
    """Return how outputs [N, height, width] are shared out."""
    N, height, width = shape
    step, channels = TILE + 1 - g.KH, max(g.C, g.F)
    down, across = -(-height // step), -(-width // step)
    wanted = max(TILES, PLANES // (POINTS * channels))
    bands = -(-down * across // wanted) if down * across > wanted else 1
    bands = min(bands, down)
    samples = max(1, min(wanted // (down * across), -(-N // TASKS)))
    return Tiling(down, across, samples, -(-down // bands))


@kernel
def _multiply_planes(v, packed, count, C, F, m):
    """Write m [count, F] = v [count, C] times packed [C, F], for each of the 36 planes."""
    zeros = np.zeros(F, m.dtype)
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
                v_plane, Entries(places, 0, count), Entries(offsets, 0, C),
                Panels(packed, panel + j * C, WIDE * C), Start(zeros, 0, 0, WIDE),
                Output(m, rows, 0, at + j, width, WIDE), m.dtype.type(-np.inf),
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
        seen, square = Block(flat, first, F), LANES * LANES
        if flipped:
            at = (size * size - 1 - tap) * square
            transpose_block(seen, Block(taps, at, LANES), LANES, LANES)
        else:
            copy_block(seen, Block(taps, tap * square, LANES), LANES, LANES)
    k, j, K, J = (f, c, F, C) if flipped else (c, f, C, F)
    panel = j // 16 * 16
    width = 16 if J - panel >= 16 else LANES
    plane = C * F + SPREAD
    for i in range(LANES):
        source = Square(taps, i * LANES, size * LANES * LANES, LANES * LANES)
        at = panel * K + (k + i) * width + j - panel
        target = Square(packed, at, TILE * plane, plane)
        if size == 3:
            _kernel_3(source, target)
        else:
            _kernel_5(source, target)


@kernel
def _convolve_task(image, gate, weights, tiles, patch, task, out):
    bands = (tiles.down + tiles.band - 1) // tiles.band
    n, row = task // bands * tiles.samples, task % bands * tiles.band
    last, bottom = min(n + tiles.samples, out.shape[0]), min(row + tiles.band, tiles.down)
    region = Region(n, last, row, bottom, tiles.across)
    count = (last - n) * (bottom - row) * tiles.across
    C, F = image.shape[3], out.shape[3]
    step, size = TILE + 1 - patch.size, patch.size
    scratch = np.empty((tiles.band * step + size) * (tiles.across * step + size) * C, out.dtype)
    v = np.empty(POINTS * (count * C + SPREAD), out.dtype)
    m = np.empty(POINTS * (count * F + SPREAD), out.dtype)
    load_tiles(image, gate, region, patch, Target(0, count, C), scratch, v)
    _multiply_planes(v, weights.packed, count, C, F, m)
    store_tiles(m, weights.bias, region, size, weights.floor, out)


@parallel_kernel
def _convolve(image, gate, weights, tiles, patch, out):
    tasks = -(-image.shape[0] // tiles.samples) * -(-tiles.down // tiles.band)
    for task in prange(tasks):
        _convolve_task(image, gate, weights, tiles, patch, np.intp(task), out)


@parallel_kernel
def _pack(weight, flipped, out_packed):
    for block in prange(weight.shape[2] * weight.shape[3] // 64):
        _transform_kernels(weight, flipped, out_packed, np.intp(block))


def _weights(weight, flipped, bias, floor) -> Weights:
    packed = aligned(POINTS * (weight[0, 0].size + SPREAD), weight.dtype)
    _pack(weight, flipped, packed)
    return Weights(packed, bias, weight.dtype.type(floor))


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    weights, patch = _weights(weight, False, bias, floor), Patch(g.KH, g.padding, g.KH - 1)
    _convolve(x, x[:0], weights, tiling(out.shape[:3], g), patch, out)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: a convolution with the flipped kernels, channels for filters."""
    weights = _weights(weight, True, zeros(g.C, d_x.dtype), -np.inf)
    patch = Patch(g.KH, g.KH - 1 - g.padding, g.KH - 1)
    _convolve(d_output, gate, weights, tiling(d_x.shape[:3], g), patch, d_x)


BLOCK = 1 << 20  # elements of the transformed patches between two of its sums: 4 MB, a third cache


@kernel
def _sum_pixels(scratch, count, total):
    """Add `count` pixels of scratch [count, F] to total [F]."""
    F = total.size
    for p in range(count):
        pixel = scratch[p * F : (p + 1) * F]
        for f in range(F):
            total[f] += pixel[f]


class Planes(NamedTuple):
    """The transformed patches of a block of tasks, `capacity` tiles, and the sums over all blocks.

    inputs [36, C, capacity] and outputs [36, F, capacity], in panels; sums [36, C, F]; all flat,
    SPREAD more elements to each of the 36.
    """

    inputs: np.ndarray
    outputs: np.ndarray
    sums: np.ndarray
    capacity: int


@kernel
def _tiles_before(tiles, task):
    """Return how many tiles come before those of a task of one band."""
    bands = (tiles.down + tiles.band - 1) // tiles.band
    return (task // bands * tiles.down + task % bands * tiles.band) * tiles.across


@kernel
def _gradient_task(x, d_output, gate, region, patch, first, planes, out_total):
    """Write the transformed patches of one band of tiles, from tile `first` of the planes on, and
    the band's sum of d_output."""
    C, F, step, size = x.shape[3], d_output.shape[3], TILE + 1 - patch.size, patch.size
    rows, columns = (region.bottom - region.top) * step, region.across * step
    scratch = np.empty((rows + size) * (columns + size) * max(C, F), x.dtype)
    target = Target(first, planes.capacity, C)
    load_tiles(x, x[:0], region, patch, target, scratch, planes.inputs)
    alone, target = Patch(size, 0, 0), Target(first, planes.capacity, WIDE)
    load_tiles(d_output, gate, region, alone, target, scratch, planes.outputs)
    out_total[:] = 0
    _sum_pixels(scratch, rows * columns, out_total)


@kernel
def _add_products(planes, start, p, count, C, F):
    """Add v^T z of plane p, over `count` tiles, to the sums [C, F].

    Where `start` is not empty the sums begin anew, from these F numbers.
    """
    sums, capacity = planes.sums, planes.capacity
    places = arithmetic_table(np.empty(C + NARROW_ROWS, np.intp), C, 1)
    rows = arithmetic_table(np.empty(C + NARROW_ROWS, np.intp), C, F)
    offsets = arithmetic_table(np.empty(count, np.intp), count, C)
    v_plane = planes.inputs[p * (capacity * C + SPREAD) :]
    at = p * (C * F + SPREAD)
    for t in range(0, count, DEPTH):
        depth = min(DEPTH, count - t)
        j = 0
        while j < F:
            width = run_width(F, j)
            anew = start.size > 0 and t == 0
            begin = Start(start, 0, 0, WIDE) if anew else Start(sums, at + j, 1, WIDE)
            panel = p * (capacity * F + SPREAD) + j * capacity + t * min(width, WIDE)
            multiply_panel(
                v_plane, Entries(places, 0, C), Entries(offsets, t, depth),
                Panels(planes.outputs, panel, WIDE * capacity), begin,
                Output(sums, rows, 0, at + j, width, WIDE), sums.dtype.type(-np.inf),
            )  # fmt: skip
            j += width


@kernel
def _finish_weights(sums, d_weight, c):
    """Write d_weight of one channel."""
    size, _, C, F = d_weight.shape
    plane = C * F + SPREAD
    for f in range(0, F, LANES):
        source = Square(sums, c * F + f, TILE * plane, plane)
        target = Square(d_weight.reshape(-1), c * F + f, size * C * F, C * F)
        if size == 3:
            _weights_3(source, target)
        else:
            _weights_5(source, target)


@parallel_kernel
def _weight_gradient(x, d_output, gate, tiles, patch, block, planes, out_d_weight, out_d_bias):
    (C, F), bands = out_d_weight.shape[2:], (tiles.down + tiles.band - 1) // tiles.band
    tasks = x.shape[0] * bands
    totals = np.empty((tasks, F), x.dtype)
    zeros = np.zeros(F, x.dtype)
    for first in range(0, tasks, block):
        last = min(first + block, tasks)
        start, end = _tiles_before(tiles, first), _tiles_before(tiles, last)
        begin = zeros if first == 0 else zeros[:0]
        for task in prange(first, last):
            n, row = np.intp(task) // bands, np.intp(task) % bands * tiles.band
            bottom = min(row + tiles.band, tiles.down)
            region = Region(n, n + 1, row, bottom, tiles.across)
            at = _tiles_before(tiles, np.intp(task)) - start
            _gradient_task(x, d_output, gate, region, patch, at, planes, totals[task])
        for p in prange(POINTS):
            _add_products(planes, begin, np.intp(p), end - start, C, F)
    for c in prange(C):
        _finish_weights(planes.sums, out_d_weight, np.intp(c))
    out_d_bias[:] = 0
    for task in range(tasks):
        _sum_pixels(totals[task], 1, out_d_bias)


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias; sums run over the tiles in order."""
    tiles = tiling(d_output.shape[:3], g)
    tasks = len(x) * -(-tiles.down // tiles.band)
    most = max(1, BLOCK // (POINTS * (g.C + g.F) * tiles.band * tiles.across))
    block = -(-tasks // -(-tasks // most))  # blocks of equal size
    capacity = block * tiles.band * tiles.across
    inputs, outputs, sums = (
        workspace(name, POINTS * (size + SPREAD), x.dtype)
        for name, size in (
            ("inputs", capacity * g.C), ("outputs", capacity * g.F), ("sums", g.C * g.F),
        )
    )  # fmt: skip
    planes, patch = Planes(inputs, outputs, sums, capacity), Patch(g.KH, g.padding, g.KH - 1)
    _weight_gradient(x, d_output, gate, tiles, patch, block, planes, d_weight, d_bias)
