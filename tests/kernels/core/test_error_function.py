"""The complementary error function beside mpmath's."""

import mpmath
import numpy as np
import pytest

from rosenblatt.kernels.core.error_function import erfc


@pytest.mark.parametrize(("dtype", "close"), [(np.float64, 2e-14), (np.float32, 3e-7)])
def test_it_is_right_to_its_last_digits(dtype, close):
    for x in np.linspace(-6, 9, 151).astype(dtype):
        found, right = erfc(x), mpmath.erfc(mpmath.mpf(float(x)))
        assert abs(float(found) - right) <= close * right


def test_its_ends():
    assert erfc(0.0) == pytest.approx(1, abs=1e-15)
    assert erfc(-40.0) == 2
    assert erfc(40.0) == 0
    assert np.isnan(erfc(np.nan))
