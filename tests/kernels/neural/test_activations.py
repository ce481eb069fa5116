import mpmath
import numpy as np
import pytest

from rosenblatt.kernels.core.chunks import CHUNK
from rosenblatt.kernels.neural import activations

X = np.concatenate([np.linspace(-9, 9, CHUNK + 37), [0.0, -0.0, 1e-30, -1e30, 1e30]]).astype("f4")
SLOPE = np.float32(0.25)

CASES = {
    "relu": (lambda x: max(x, 0), lambda y: float(y > 0), ()),
    "leaky_relu": (lambda x: x if x > 0 else x / 4, lambda y: 1 if y > 0 else 0.25, (SLOPE,)),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), lambda y: y * (1 - y), ()),
    "tanh": (mpmath.tanh, lambda y: 1 - y * y, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_functions_and_derivatives(name):
    function, derivative, scalars = CASES[name]
    out = np.full_like(X, np.nan)
    getattr(activations, name)(X, out, *scalars)
    sample = slice(None, None, 97) if name in ("sigmoid", "tanh") else slice(None)
    expected = np.array([float(function(float(x))) for x in X[sample]])
    np.testing.assert_allclose(out[sample], expected, rtol=5e-7, atol=1e-30)

    d_out = np.random.default_rng(0).random(X.size).astype("f4")
    d_x = np.full_like(X, np.nan)
    getattr(activations, f"{name}_gradient")(out, d_out, d_x, *scalars)
    expected = d_out[sample] * np.array([float(derivative(float(y))) for y in out[sample]])
    np.testing.assert_allclose(d_x[sample], expected, rtol=1e-5, atol=2e-7)


@pytest.mark.parametrize("name", CASES)
def test_nan_passes(name):
    out = np.zeros(1, np.float32)
    getattr(activations, name)(np.array([np.nan], np.float32), out, *CASES[name][2])
    assert np.isnan(out[0])
