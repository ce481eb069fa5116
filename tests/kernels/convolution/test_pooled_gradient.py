import numpy as np
import pytest

from rosenblatt.kernels.convolution import pooled_gradient
from rosenblatt.kernels.convolution.pooled_gradient import Places, Shifted, Vectors
from rosenblatt.kernels.core.copying import Block, Run
from rosenblatt.kernels.core.vectors import LANES
from tests.kernels.convolution.intrinsics import callable_of


def winners_of(closed, length):
    rng = np.random.default_rng(4)
    d = rng.integers(-3, 4, 40).astype(np.float32)
    out = rng.integers(-1, 2, 40).astype(np.float32)
    switches = rng.integers(0, 4, 40).astype(np.uint8)
    return pooled_gradient.Winners(d, out, switches, 2, 3, length, np.float32(closed))


def each(winners):
    """Yield (number, gradient, switch)."""
    for i in range(winners.length):
        at = winners.first + i * winners.stride
        shut = winners.out[at] <= winners.closed
        yield i, 0.0 if shut else float(winners.d[at]), winners.switches[at]


@pytest.mark.parametrize("name", ["slim", "tall", "flat"])
@pytest.mark.parametrize(("closed", "length"), [(0, 9), (np.nan, 9), (0, 1)])
def test_rows_below_the_winners_are_summed(name, closed, length):
    R, V = getattr(pooled_gradient, name.upper())
    run = callable_of(getattr(pooled_gradient, f"sum_{name}"), 4)
    rng, winners = np.random.default_rng(5), winners_of(closed, length)
    x = rng.integers(-4, 5, 400).astype(np.float32)
    places = Places(rng.integers(0, 90, 9), np.array([0, 3, 20, 23]))
    room = (R * V + 1) * LANES
    sums = rng.integers(-9, 9, room + 6).astype(np.float32)
    expected = sums.astype(np.float64)
    for i, gradient, switch in each(winners):
        begin = places.bases[i] + places.shifts[switch]
        for r in range(R):
            row = x[begin + r * 31 : begin + r * 31 + V * LANES]
            at = 4 + r * V * LANES
            expected[at : at + V * LANES] += gradient * row
        expected[4 + room - LANES : 4 + room] += gradient
    run(Block(x, 0, 31), winners, places, Run(sums, 4))
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize(("closed", "length"), [(0, 9), (np.nan, 9), (0, 1)])
def test_weights_of_the_winners_are_spread(closed, length):
    run, winners = callable_of(pooled_gradient.spread_sums, 3), winners_of(closed, length)
    vectors, rng = pooled_gradient.SPREAD, np.random.default_rng(6)
    w = rng.integers(-4, 5, 9 * 100 + 200).astype(np.float32)
    shifts, offsets = np.array([0, 8, 40, 48]), 2 + 9 * rng.permutation(vectors + 1)
    target = rng.integers(-9, 9, 200).astype(np.float32)
    expected = target.astype(np.float64)
    for i, gradient, switch in each(winners):
        for v in range(vectors):
            at, first = 5 + offsets[1 + v], 3 + i * 100 + shifts[switch] + v * LANES
            expected[at : at + LANES] += gradient * w[first : first + LANES]
    run(Shifted(w, 3, 100, shifts), winners, Vectors(target, 5, offsets, 1))
    np.testing.assert_array_equal(target, expected)
