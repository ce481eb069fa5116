"""Smooth activation functions beside their formulas in mpmath; gradients beside differences."""

import mpmath
import numpy as np
import pytest

from rosenblatt.kernels.neural import smooth

X = np.concatenate([np.linspace(-9, 9, 40), [-1e-6, 1e-6, -60.0, 60.0]])
RIGHT = {
    "silu": ((), lambda x: x / (1 + mpmath.exp(-x))),
    "gelu": ((), lambda x: x * mpmath.ncdf(x)),
    "gelu_tanh": (
        (),
        lambda x: x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + 0.044715 * x**3))),
    ),
    "elu": ((0.7,), lambda x: x if x > 0 else mpmath.mpf(0.7) * mpmath.expm1(x)),
    "softplus": ((), lambda x: mpmath.log1p(mpmath.exp(x))),
    "hard_sigmoid": ((0.2, 0.4), lambda x: min(max(0.2 * x + 0.4, 0), 1)),
}
each = pytest.mark.parametrize("name", RIGHT)


@each
@pytest.mark.parametrize(("dtype", "close"), [(np.float64, 1e-14), (np.float32, 4e-7)])
def test_values(name, dtype, close):
    scalars, right = RIGHT[name]
    x = X.astype(dtype)
    out = np.empty_like(x)
    getattr(smooth, name)(x, out, *map(dtype, scalars))
    expected = [float(right(mpmath.mpf(float(value)))) for value in x]
    np.testing.assert_allclose(out, expected, rtol=close, atol=close)


@each
def test_gradients(name):
    scalars, right = RIGHT[name]
    x = np.linspace(-4, 4, 37) + 0.003  # off the kinks of the hard sigmoid
    d, d_x = np.linspace(0.5, 2, x.size), np.empty(x.size)
    if name.startswith("gelu"):
        out, slope, value = np.empty((3, x.size))
        getattr(smooth, f"{name}_slope")(x, out, slope)
        smooth.slope_gradient(slope, d, d_x)
        getattr(smooth, name)(x, value)
        np.testing.assert_array_equal(out, value)
    else:
        getattr(smooth, f"{name}_gradient")(x, d, d_x, *scalars)
    slopes = [float(mpmath.diff(right, mpmath.mpf(value))) for value in x]
    np.testing.assert_allclose(d_x, d * slopes, rtol=1e-9, atol=1e-12)
