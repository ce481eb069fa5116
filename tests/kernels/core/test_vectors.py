"""The emitter's idioms: vectors loaded, added and stored lane by lane, whole or in part."""

import numba
import numpy as np
import pytest
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

pytestmark = pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")


@intrinsic
def _add_products(typing, x, scale, out):
    """out[at + lane] += scale sum over t of x[first + t stride + lane], lane < width."""

    def generate(context, builder, signature, args):
        emit = Emitter(context, builder, signature, args)
        (x, first, stride, count, width), (out, at) = emit.fields(0), emit.fields(2)
        mask = emit.mask(width)

        def add(t, values):
            vector = emit.load(emit.at(x, first, builder.mul(t, stride)), mask)
            return [emit.fma(vector, emit.splat(args[1]), values[0])]

        place = emit.at(out, at)
        (total,) = emit.loop(0, count, [emit.load(place, mask)], add)
        emit.store_lanes(total, place, width)
        return context.get_dummy_value()

    return types.void(x, scale, out), generate


@numba.njit
def add_products(x, scale, out):
    _add_products(x, scale, out)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", range(LANES + 1))
def test_lanes_below_the_width_are_read_and_written_and_no_others(dtype, width):
    rng = np.random.default_rng(width)
    for count in (0, 1, 3):
        x, out = (rng.integers(-9, 9, 40).astype(dtype) for _ in range(2))
        expected = out.tolist()
        for lane in range(width):
            expected[6 + lane] += sum(2 * float(x[3 + 11 * t + lane]) for t in range(count))
        add_products((x, 3, 11, count, width), dtype(2), (out, 6))
        np.testing.assert_array_equal(out, expected)


@intrinsic
def _second_field(typing, pair, out):
    def generate(context, builder, signature, args):
        emit = Emitter(context, builder, signature, args)
        numbers, first = emit.fields(0)
        value = emit.entry(numbers, first, 1)
        builder.store(builder.add(value, INT64(1)), emit.pointer(emit.types[1], args[1]))
        return context.get_dummy_value()

    return types.void(pair, out), generate


@numba.njit
def second_field(pair, out):
    _second_field(pair, out)


def test_an_entry_of_a_table_is_found_from_where_it_begins():
    table, out = np.arange(10, 20), np.zeros(1, np.int64)
    second_field((table.view(np.int64), 4), out)
    assert out[0] == table[5] + 1
