"""Random numbers that are a function of where they are used, not of what was drawn before.

Philox-4x32-10 (Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3): ten
rounds of multiply and exclusive-or turn a key and a counter of four 32-bit words into four random
words. It passes TestU01's BigCrush (their table 2). With key = the seed and the counter's words a,
b, c, d = epoch, sample, unit, ..., threads and order cannot change a result.

A key is an unsigned 64-bit number; of a word of the counter the lowest 32 bits count.
"""

import numpy as np

from rosenblatt.kernels.core.elementary import cos, log, sin
from rosenblatt.kernels.core.jit import inlined_kernel, kernel

U64 = np.uint64
WORD, BITS = U64(0xFFFFFFFF), U64(32)
MULTIPLY_0, MULTIPLY_2 = U64(0xD2511F53), U64(0xCD9E8D57)
WEYL_0, WEYL_1 = U64(0x9E3779B9), U64(0xBB67AE85)
ROUNDS = 10
TWO_PI = 6.283185307179586
STEP_24, STEP_32, BITS_8 = np.float32(2.0**-24), 2.0**-32, U64(8)


@inlined_kernel
def bits(key, a, b, c, d):
    """Return four random words: uint64 numbers below 2^32."""
    x0, x1, x2, x3 = U64(a) & WORD, U64(b) & WORD, U64(c) & WORD, U64(d) & WORD
    k0, k1 = U64(key) & WORD, U64(key) >> BITS
    for _ in range(ROUNDS):
        p0, p2 = x0 * MULTIPLY_0, x2 * MULTIPLY_2
        x0, x1, x2, x3 = (p2 >> BITS) ^ x1 ^ k0, p2 & WORD, (p0 >> BITS) ^ x3 ^ k1, p0 & WORD
        k0, k1 = (k0 + WEYL_0) & WORD, (k1 + WEYL_1) & WORD
    return x0, x1, x2, x3


@inlined_kernel
def uniform(key, a, b, c, d):
    """Return a float64 in [0, 1), a multiple of 2^-32."""
    return np.float64(bits(key, a, b, c, d)[0]) * STEP_32


@inlined_kernel
def _polar(first, second):
    """Turn two words into two independent standard normal numbers (Box & Muller 1958, eq. 1)."""
    radius = np.sqrt(-2.0 * log((np.float64(first) + 0.5) * STEP_32))
    angle = TWO_PI * STEP_32 * np.float64(second)
    return radius * cos(angle), radius * sin(angle)


@kernel
def fill_uniform(key, a, b, c, out):
    """Fill out [n] (float32) from [0, 1) in steps of 2^-24, four to a block of Philox.

    The fourth word of the counter is the number of the block.
    """
    blocks = out.size // 4
    for block in range(blocks):
        w0, w1, w2, w3 = bits(key, a, b, c, block)
        out[4 * block] = np.float32(w0 >> BITS_8) * STEP_24
        out[4 * block + 1] = np.float32(w1 >> BITS_8) * STEP_24
        out[4 * block + 2] = np.float32(w2 >> BITS_8) * STEP_24
        out[4 * block + 3] = np.float32(w3 >> BITS_8) * STEP_24
    last = bits(key, a, b, c, blocks)
    for i in range(out.size - 4 * blocks):
        out[4 * blocks + i] = np.float32(last[i] >> BITS_8) * STEP_24


@kernel
def fill_normal(key, a, b, c, out):
    """Fill out [n] (any float) from the standard normal distribution; the counter as above."""
    blocks = out.size // 4
    for block in range(blocks):
        w0, w1, w2, w3 = bits(key, a, b, c, block)
        out[4 * block], out[4 * block + 1] = _polar(w0, w1)
        out[4 * block + 2], out[4 * block + 3] = _polar(w2, w3)
    w0, w1, w2, w3 = bits(key, a, b, c, blocks)
    last = (*_polar(w0, w1), *_polar(w2, w3))
    for i in range(out.size - 4 * blocks):
        out[4 * blocks + i] = last[i]
