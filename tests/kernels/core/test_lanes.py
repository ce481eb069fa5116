"""Sums in lanes beside loops: number i goes to lane i mod the lanes, as far as vectors reach."""

import numba
import numpy as np
import pytest

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.lanes import in_turn, lanewise

_add = lanewise(lambda x, y, a: [x * y - a, x + y])
_add_16 = lanewise(lambda x: [x], 16)
_keep_largest = lanewise(lambda x: [x], joined="largest")


@numba.njit
def add(x, y, a, first, second):
    return _add((x, y), (a,), (first, second))


@numba.njit
def add_16(x, start):
    (lanes,) = _add_16((x,), (), (start,))
    return lanes, in_turn(lanes)


@numba.njit
def keep_largest(x):
    return _keep_largest((x,), (), (-np.inf,))[0]


def numbers(count, dtype, seed=0):
    return np.random.default_rng(seed).integers(-99, 99, count).astype(dtype)


@pytest.mark.parametrize("count", [0, 7, 8, 9, 40, 47])
@pytest.mark.parametrize("dtypes", [(np.float32, np.float64), (np.float64, np.float32)])
def test_each_lane_has_its_numbers_of_several_arrays(count, dtypes):
    x, y = numbers(count, dtypes[0]), numbers(count, dtypes[1], seed=1)
    first, second = numbers(8, np.float64, seed=2), numbers(8, np.float64, seed=3)
    expected = [first.tolist(), second.tolist()]
    for i in range(count // 8 * 8):
        expected[0][i % 8] += x[i] * y[i] - 0.5
        expected[1][i % 8] += x[i] + y[i]
    assert [list(lanes) for lanes in add(x, y, 0.5, tuple(first), tuple(second))] == expected


@pytest.mark.parametrize("stride", [1, 3, -2])
def test_sixteen_lanes_and_numbers_that_lie_apart(stride):
    x = numbers(170, np.float32)[::stride]
    lanes, total = add_16(x, np.float32(5))
    expected = 5 + x[: len(x) // 16 * 16].reshape(-1, 16).sum(0)
    assert list(lanes) == expected.tolist()
    assert total == expected.sum()


def test_numbers_that_lie_apart_by_no_multiple_of_their_size():
    records = np.zeros(20, [("mark", "u1"), ("value", "f4")])
    records["value"] = np.arange(20)
    assert add_16(records["value"], np.float32(0))[1] == sum(range(16))


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize("dtype", [np.int64, np.bool_])
def test_what_are_no_floats_is_refused(dtype):
    with pytest.raises(numba.TypingError, match="sums in lanes are of floats, not of"):
        add_16(np.ones(16, dtype), 0.0)


def test_the_order_of_a_lane_is_that_of_its_numbers():
    x = np.random.default_rng(4).normal(size=400).astype(np.float32)
    expected = np.zeros(16, np.float32)
    for row in x.reshape(-1, 16):
        expected += row
    total = np.float32(0)
    for lane in expected:
        total += lane
    assert add_16(x, np.float32(0)) == (tuple(expected), total)


def test_the_largest_is_kept_and_what_is_no_number_is_not():
    x = numbers(32, np.float64)
    x[3], x[12] = np.nan, np.inf
    assert list(keep_largest(x)) == np.fmax.reduce(x.reshape(-1, 8)).tolist()
