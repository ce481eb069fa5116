"""Patches of images to Winograd's 36 planes and back: the transforms around winograd.py.

A tile is 6 x 6 inputs, or the gradients of its M x M outputs. Plane p holds entry p of all tiles,
as a matrix product reads it. 8 channels are transformed at a time, or 16 where registers hold them.
"""

from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.convolution.cook_toom import INPUT, OUTPUT, TILE, transposed
from rosenblatt.kernels.convolution.direct import pad
from rosenblatt.kernels.convolution.geometry import Frame
from rosenblatt.kernels.convolution.patch_transform import Square, patch_transform
from rosenblatt.kernels.core.copying import Block, Run, copy_block
from rosenblatt.kernels.core.jit import kernel
from rosenblatt.kernels.core.tile import PAIRED, WIDE
from rosenblatt.kernels.core.vectors import LANES

POINTS = TILE * TILE
SPREAD = 16  # extra elements between the 36 planes: at powers of two they would share cache lines

# Of 8 channels, and of 16, which are used where a register holds as many.
_spread_input, _spread_input_16 = (patch_transform(INPUT, lanes) for lanes in (LANES, WIDE))
(_spread_3, _spread_5), (_spread_3_16, _spread_5_16) = (
    [patch_transform(transposed(OUTPUT[size]), lanes) for size in (3, 5)] for lanes in (LANES, WIDE)
)
(_gather_3, _gather_5), (_gather_3_16, _gather_5_16) = (
    [patch_transform(OUTPUT[size], lanes, finished=True) for size in (3, 5)]
    for lanes in (LANES, WIDE)
)


class Region(NamedTuple):
    """The tiles of one task: rows top ... bottom - 1 of samples first ... last - 1."""

    first: int
    last: int
    top: int
    bottom: int
    across: int


class Patch(NamedTuple):
    """What is read for a tile: `overlap` is 0 for the gradients of its outputs, which no two tiles
    share, else size - 1."""

    size: int
    padding: int
    overlap: int


class Target(NamedTuple):
    """Where tiles go in the planes: from `first` of `capacity`, in panels of so many channels."""

    first: int
    capacity: int
    panel: int


@kernel
def _lanes(channels):
    """Return how many of the channels that are left are transformed at a time."""
    if PAIRED and channels >= WIDE:
        return WIDE
    return LANES


@kernel
def load_tiles(image, gate, region, patch, target, scratch, planes):
    """Write the transformed patches of a region, tiles of 6 x 6 inputs, into 36 planes."""
    C, size, overlap, step = image.shape[3], patch.size, patch.overlap, TILE + 1 - patch.size
    plane, t = target.capacity * C + SPREAD, target.first
    rows = (region.bottom - region.top) * step + overlap
    columns = region.across * step + overlap
    frame = Frame(rows, columns, patch.padding, patch.padding)
    for n in range(region.first, region.last):
        pad(image, gate, n, region.top * step, frame, scratch)
        for y in range(0, rows - overlap, step):
            for x in range(0, columns - overlap, step):
                c = 0
                while c < C:
                    source = Square(scratch, (y * columns + x) * C + c, columns * C, C)
                    j = c // target.panel * target.panel
                    at = j * target.capacity + t * min(target.panel, C - j) + c - j
                    place = Square(planes, at, TILE * plane, plane)
                    lanes = _lanes(C - c)
                    if PAIRED and lanes == WIDE:
                        if overlap > 0:
                            _spread_input_16(source, place)
                        elif size == 3:
                            _spread_3_16(source, place)
                        else:
                            _spread_5_16(source, place)
                    elif overlap > 0:
                        _spread_input(source, place)
                    elif size == 3:
                        _spread_3(source, place)
                    else:
                        _spread_5(source, place)
                    c += lanes
                t += 1


@kernel
def store_tiles(planes, bias, region, size, floor, out):
    """Write the outputs of a region's tiles, of which the last row and column may be cut off."""
    _, HO, WO, F = out.shape
    step, across = TILE + 1 - size, region.across
    plane = (region.last - region.first) * (region.bottom - region.top) * across * F + SPREAD
    flat = out.reshape(-1)
    edge = np.empty(step * step * WIDE, out.dtype)
    t = 0
    for n in range(region.first, region.last):
        for y in range(region.top * step, region.bottom * step, step):
            for x in range(0, across * step, step):
                whole = y + step <= HO and x + step <= WO
                first = ((n * HO + y) * WO + x) * F
                f = 0
                while f < F:
                    lanes = _lanes(F - f)
                    source = Square(planes, t * F + f, TILE * plane, plane)
                    target = Square(flat, first + f, WO * F, F)
                    if not whole:
                        target = Square(edge, 0, step * lanes, lanes)
                    if PAIRED and lanes == WIDE:
                        if size == 3:
                            _gather_3_16(source, target, Run(bias, f), floor)
                        else:
                            _gather_5_16(source, target, Run(bias, f), floor)
                    elif size == 3:
                        _gather_3(source, target, Run(bias, f), floor)
                    else:
                        _gather_5(source, target, Run(bias, f), floor)
                    if not whole:
                        for i in range(min(step, HO - y)):
                            kept = Block(edge, i * step * lanes, lanes)
                            pixels = Block(flat, first + i * WO * F + f, F)
                            copy_block(kept, pixels, min(step, WO - x), lanes)
                    f += lanes
                t += 1
