"""The scale of columns against what it promises of the numbers that it gives."""

import warnings

import numpy as np
import pytest

from rosenblatt.classic import KernelRidgeRegressor, RidgeRegressor, Standardisation


def test_standardised_columns_have_mean_0_and_deviation_1():
    x = np.random.default_rng(0).random((200, 5)) @ np.triu(np.ones((5, 5))) + 3
    x[:, 2] = 0.1
    found = Standardisation().fit_transform(x)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(0), [1, 1, 0, 1, 1], rtol=1e-4)


def test_numbers_of_any_size_are_brought_to_order_one():
    x = np.random.default_rng(0).random((50, 3)) * [1e30, 1.0, 1e-30] + [0, 1e4, 0]
    found = Standardisation().fit(x[:40]).transform(x[40:])
    wanted = (x[40:] - x[:40].mean(0)) / x[:40].std(0)
    np.testing.assert_allclose(found, wanted, rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize("make", [Standardisation, RidgeRegressor, KernelRidgeRegressor])
def test_numbers_that_float32_hardly_tells_apart_are_told_of(make):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    x[:, 1] += 1e9
    with pytest.warns(UserWarning, match=r"column 2 of the samples .* subtract its mean first"):
        make().fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make().fit(x - x.mean(0), y)
        make().fit(np.c_[x[:, 0], np.full(30, 1e9)], y)
