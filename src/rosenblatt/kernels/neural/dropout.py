"""Dropout: units silenced at random, by numbers that depend on (seed, step, call, sample, unit)."""

from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.random import bits


@kernel
def _draw(mask, seed, step, call, n, threshold):
    """Fill mask [D] with 1 where a random word of 32 bits lies below the threshold, else 0."""
    blocks = mask.size // 4
    for block in range(blocks):
        w0, w1, w2, w3 = bits(seed, step, call, n, block)
        mask[4 * block] = w0 < threshold
        mask[4 * block + 1] = w1 < threshold
        mask[4 * block + 2] = w2 < threshold
        mask[4 * block + 3] = w3 < threshold
    last = bits(seed, step, call, n, blocks)
    for i in range(mask.size - 4 * blocks):
        mask[4 * blocks + i] = last[i] < threshold


@kernel
def _apply(x, mask, out, scale):
    for i in range(x.size):
        out[i] = x[i] * scale if mask[i] != 0 else 0


@parallel_kernel
def draw_mask(mask, place, call, threshold):
    """Fill mask [N, D] uint8: 1 with probability threshold / 2^32.

    place: (seed, step); all numbers are unsigned, of 64 bits.
    """
    for n in prange(mask.shape[0]):
        _draw(mask[n], place[0], place[1], call, n, threshold)


@parallel_kernel
def apply_mask(x, mask, out, scale):
    """Write x scale where the mask is set, else 0; all [N, D]."""
    for n in prange(x.shape[0]):
        _apply(x[n], mask[n], out[n], scale)
