"""The machine's limits: fused multiply-adds on numbers that stay in registers, and memory's speed.

The peak is measured by chains of multiply-adds that touch no memory and none of our kernels: so
many chains that none waits for itself, with vectors of 4, 8 and 16 lanes, of which the best counts.
"""

import time
from functools import cache

import numba
import numpy as np
from llvmlite import ir
from numba import prange, types
from numba.extending import intrinsic

from rosenblatt.kernels.core.vectors import INT64, Emitter

CHAINS, ROUNDS = 12, 20_000  # two units with a latency of 4 or 5 cycles want 8 or 10


@cache
def _chained(lanes: int):
    """Return what runs the chains, x <- x a + b, for each row of `out`, and adds them into it."""

    @intrinsic
    def chains(typing, out, rounds):
        def generate(context, builder, signature, args):
            emit = Emitter(context, builder, signature, args, lanes)
            target = emit.pointer(out, args[0])
            a, b = (emit.load(emit.at(target, INT64(k * lanes))) for k in range(2))
            starts = [builder.fadd(a, _constant(emit, k)) for k in range(CHAINS)]
            ends = emit.loop(
                0, args[1], starts, lambda _, values: [emit.fma(x, a, b) for x in values]
            )
            total = ends[0]
            for end in ends[1:]:
                total = builder.fadd(total, end)
            emit.store(total, target)
            return context.get_dummy_value()

        return types.void(out, rounds), generate

    @numba.njit(parallel=True, nogil=True)
    def spin(out):
        for task in prange(out.shape[0]):
            chains(out[np.intp(task)], np.intp(ROUNDS))

    return spin


def _constant(emit: Emitter, number: int) -> ir.Constant:
    return ir.Constant(emit.vector, [float(number)] * emit.lanes)


def peak(threads: int, seconds: float = 0.2) -> float:
    """Return the GFLOP/s of multiply-adds, the best of many runs."""
    numba.set_num_threads(threads)
    return max(_rate(lanes, threads, seconds) for lanes in (4, 8, 16))


def _rate(lanes: int, threads: int, seconds: float) -> float:
    spin = _chained(lanes)
    out = np.full((threads, 64), 0.5, np.float32)
    spin(out)  # compiles
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        out[:] = 0.5
        start = time.perf_counter()
        spin(out)
        best = min(best, time.perf_counter() - start)
    return threads * ROUNDS * CHAINS * lanes * 2 / best / 1e9


def bandwidth() -> float:
    """Return GB/s of reading and writing large arrays, the best of many copies by one thread."""
    source = np.ones(1 << 25, np.float32)
    target, best = np.zeros_like(source), np.inf
    for _ in range(10):
        start = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - start)
    return 2 * source.nbytes / best / 1e9
