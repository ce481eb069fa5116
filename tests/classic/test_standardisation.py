"""The scale of columns against what it promises of the numbers that it gives."""

import numpy as np

from rosenblatt.classic import Standardisation


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
