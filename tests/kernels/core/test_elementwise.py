import math

import numpy as np
import pytest

from rosenblatt.kernels.core import elementwise

TWINS = {
    "exp": math.exp,
    "log": lambda x: math.log(x) if x else -math.inf,
    "cos": math.cos,
    "sin": math.sin,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "normal_share": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
}


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 7), ()])
def test_each_function_equals_pythons_at_every_place(name, dtype, shape):
    x = np.abs(np.random.default_rng(3).standard_normal(shape) * 5).astype(dtype)
    found = getattr(elementwise, name)(x)
    assert found.shape == shape
    assert found.dtype == dtype
    expected = [TWINS[name](float(value)) for value in x.reshape(-1)]
    within = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(found.reshape(-1), expected, rtol=within, atol=within)


def test_whole_numbers_and_strided_arrays_are_taken():
    whole = np.arange(10)
    np.testing.assert_allclose(elementwise.exp(whole), np.exp(whole), rtol=1e-15)
    np.testing.assert_allclose(elementwise.sin(whole[::-3]), np.sin(whole[::-3]), rtol=1e-15)
    assert elementwise.log(0) == -np.inf
