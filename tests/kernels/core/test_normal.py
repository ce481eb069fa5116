"""The normal distribution beside mpmath's."""

import mpmath
import numpy as np
import pytest

from rosenblatt.kernels.core.normal import normal


@pytest.mark.parametrize(("dtype", "close"), [(np.float64, 5e-14), (np.float32, 4.5e-7)])
def test_it_is_right_to_its_last_digits(dtype, close):
    for x in np.linspace(-13, 9, 441).astype(dtype):
        share, e = normal(x)
        exact = mpmath.mpf(float(x))
        for found, right in ((share, mpmath.ncdf(exact)), (e, mpmath.exp(-exact * exact / 2))):
            assert abs(float(found) - right) <= close * right


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_its_ends(dtype):
    assert normal(dtype(0)) == (pytest.approx(0.5, abs=5e-8), 1)
    assert normal(dtype(-60)) == (0, 0)
    assert normal(dtype(60)) == (1, 0)
    assert normal(dtype(-np.inf)) == (0, 0)
    assert normal(dtype(np.inf)) == (1, 0)
    assert np.isnan(normal(dtype(np.nan))).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_it_never_falls(dtype):
    shares = [normal(x)[0] for x in np.linspace(-10, 6, 3000).astype(dtype)]
    assert (np.diff(shares) >= 0).all()
