"""The matrix product where the left matrix has a few rows: the right one is read once, as it lies.

Packing a weight takes longer than using it a few times. So the sums of a run of columns lie in the
nearest caches instead of registers, and eight terms are added to all of them at a time. Terms are
added in the order of the tile and in its blocks: the bits do not tell which of the two ran.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.copying import Block, fill
from rosenblatt.kernels.core.jit import JIT_DISABLED, kernel
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

FEW = 8  # rows, up to which this takes less time than packing (measured)
TERMS_AT_ONCE = 8


def _compiled(terms: int):
    @intrinsic
    def add_terms(typing, x, w, total, width):
        signature = types.void(x, w, total, width)

        def generate(context, builder, signature, args):
            emit = Emitter(context, builder, signature, args)
            (x, x_first, apart), (w, w_first, stride), (total, at, _) = map(emit.fields, range(3))
            steps = [INT64(t) for t in range(terms)]
            x_first = emit.at(x, x_first)
            scalars = [
                emit.splat(builder.load(emit.at(x_first, builder.mul(apart, t)))) for t in steps
            ]
            w_rows = [emit.at(w, w_first, builder.mul(stride, t)) for t in steps]
            sums, full = emit.at(total, at), builder.sdiv(args[3], INT64(LANES))

            def add(j, mask=None):
                value = emit.load(emit.at(sums, j))
                for scalar, w_row in zip(scalars, w_rows, strict=True):
                    value = emit.fma(scalar, emit.load(emit.at(w_row, j), mask), value)
                emit.store(value, emit.at(sums, j))

            def add_vector(i, values):
                add(builder.mul(i, INT64(LANES)))
                return values

            emit.loop(0, full, [], add_vector)
            last = builder.mul(full, INT64(LANES))
            left = builder.sub(args[3], last)
            with builder.if_then(builder.icmp_signed(">", left, INT64(0))):
                add(last, emit.mask(left))
            return context.get_dummy_value()

        return signature, generate

    return add_terms


def _plain(terms: int):
    """Return the same in plain Python, for runs with the JIT off."""

    def add_terms(x, w, total, width):
        sums = total.array[total.first : total.first + width]
        for t in range(terms):
            row = w.array[w.first + t * w.stride :][:width]
            sums += x.array[x.first + t * x.stride] * row

    return add_terms


# add_terms(x, w, total, width), of Blocks: adds to the first row of the total, `width` numbers, the
# rows of w times the first number of each row of x, in their order. The total is read and written
# up to the next multiple of 8.
_make = _plain if JIT_DISABLED else _compiled
_add_terms, _add_term = _make(TERMS_AT_ONCE), _make(1)


@kernel
def multiply_skinny(a, b, bias, part, plan, floor, out):
    """Compute a rectangle of out = max(floor, start + A B), as a task of `gemm`."""
    i0, i1, j0, j1 = part.top, part.bottom, part.left, part.right
    stride, apart = (1, a.shape[1]) if plan.transposed_a else (a.shape[1], 1)
    K, terms = a.shape[0] if plan.transposed_a else a.shape[1], plan.terms
    N, width = b.shape[1], j1 - j0
    padded = (width + LANES - 1) // LANES * LANES
    x, w, flat = a.reshape(-1), b.reshape(-1), out.reshape(-1)
    total = np.empty((i1 - i0) * padded, a.dtype)
    for k0 in range(0, max(K, 1), terms):
        k1, k = min(k0 + terms, K), k0
        fill(total, 0, total.size, 0)
        while k < k1:
            taken = TERMS_AT_ONCE if k + TERMS_AT_ONCE <= k1 else 1
            for i in range(i0, i1):
                x_k, w_k = Block(x, i * stride + k * apart, apart), Block(w, k * N + j0, N)
                sums = Block(total, (i - i0) * padded, padded)
                if taken == 1:
                    _add_term(x_k, w_k, sums, width)
                else:
                    _add_terms(x_k, w_k, sums, width)
            k += taken
        bound = floor if k1 == K else a.dtype.type(-np.inf)
        for i in range(i0, i1):
            first_sum, at = (i - i0) * padded, i * N + j0
            start, first = (flat, at) if k0 > 0 or plan.accumulate else (bias, j0)
            for j in range(width):
                value = start[first + j] + total[first_sum + j]
                flat[at + j] = bound if value < bound else value
