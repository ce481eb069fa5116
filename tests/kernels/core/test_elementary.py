"""The elementary functions against the C library's, in their own precision, and at the extremes."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core import elementary

TRUTH = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "sin": math.sin,
    "cos": math.cos,
}
DOMAIN = {
    "exp": (-87, 88),
    "log": (1e-37, 1e37),
    "tanh": (-20, 20),
    "sigmoid": (-80, 80),
    "sin": (-1e3, 1e3),
    "cos": (-1e3, 1e3),
}
DTYPES = np.float32, np.float64


def loop(name):
    function = getattr(elementary, name)

    @numba.njit(error_model="numpy")
    def over(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    def apply(values, dtype):
        x = np.asarray(values, dtype)
        out = np.empty_like(x)
        with np.errstate(all="ignore"):
            over(x, out)
        return out

    return apply


LOOPS = {name: loop(name) for name in TRUTH}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_is_right_to_a_few_units_in_the_last_place(name, dtype):
    low, high = DOMAIN[name]
    random = np.random.default_rng(0)
    grid = low + (high - low) * random.random(500)
    near = np.clip(2 * random.random(500) - 1, max(low, -1), 1)
    x = np.concatenate([grid, near]).astype(dtype)
    truth = np.array([TRUTH[name](float(v)) for v in x])
    error = np.abs(LOOPS[name](x, dtype).astype(np.float64) - truth)
    # sin and cos near their zeros: the last place of 1e-3 is what 1000 itself is known to.
    scale = np.abs(truth) + (1e-3 if name in ("sin", "cos") else 0)
    assert np.all(error <= (2 * np.finfo(np.float32).eps if dtype == np.float32 else 1e-15) * scale)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes(dtype):
    inf, nan, same = np.inf, np.nan, np.testing.assert_array_equal
    tiny = np.finfo(dtype).smallest_subnormal
    assert np.isnan([LOOPS[name]([nan], dtype)[0] for name in TRUTH]).all()
    same(LOOPS["exp"]([-inf, 0, inf, 1e4, -1e4], dtype), [0, 1, inf, inf, 0])
    same(LOOPS["log"]([0, -1, inf, 1, -inf], dtype), [-inf, nan, inf, 0, nan])
    np.testing.assert_allclose(LOOPS["log"]([tiny], dtype), math.log(float(tiny)), rtol=1e-6)
    same(LOOPS["tanh"]([-inf, 0, inf, tiny], dtype), [-1, 0, 1, tiny])
    same(LOOPS["sigmoid"]([-inf, 0, inf], dtype), [0, 0.5, 1])
    assert np.isnan(LOOPS["sin"]([inf, -inf, 2e5], dtype)).all()
    small = LOOPS["exp"]([np.log(np.finfo(dtype).tiny) - 2], dtype)[0]  # below the normal numbers
    assert 0 < small < np.finfo(dtype).tiny


@settings(max_examples=25, deadline=None)
@given(st.floats(-20, 20), st.floats(-20, 20))
def test_exp_turns_sums_into_products(x, y):
    apply = LOOPS["exp"]
    product = apply([x], np.float64)[0] * apply([y], np.float64)[0]
    np.testing.assert_allclose(apply([x + y], np.float64)[0], product, rtol=1e-14)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e4, 1e4))
def test_sine_and_cosine_lie_on_the_circle(x):
    s, c = LOOPS["sin"]([x], np.float64)[0], LOOPS["cos"]([x], np.float64)[0]
    np.testing.assert_allclose(s * s + c * c, 1, rtol=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(-5, 5))
def test_power(x, y):
    np.testing.assert_allclose(elementary.power(x, y), x**y, rtol=1e-14)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_angle(y, x):
    y, x = y + 0.0, x + 0.0  # no negative zero, whose side we do not tell
    np.testing.assert_allclose(elementary.angle(y, x), math.atan2(y, x), rtol=1e-15, atol=1e-300)
