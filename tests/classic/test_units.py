"""Values far from 0, close together, tiny or huge are learned as those of order one are."""

import numpy as np
import pytest

from rosenblatt import classic
from rosenblatt.classic.units import deviations, units
from tests.classic.examples import ESTIMATORS

REGRESSORS = [make for make in ESTIMATORS if make.kind == "regressor"]
R = np.random.default_rng(3)
X, NEW = R.normal(size=(80, 2)), R.normal(size=(40, 2))
VALUES = np.stack([2 * X[:, 0] + X[:, 1] ** 2, 5 - 30 * X[:, 1]], 1)


def test_units_are_powers_of_two_above_the_largest():
    values = np.array([[3.0, 0.0, -1e-300, 0.5, 5e-324], [-4.0, 0.0, 1e-301, 0.1, 0.0]])
    found = units(values)
    assert found[[0, 1, 3]].tolist() == [8, 1, 1]
    assert (np.frexp(found)[0] == 0.5).all()
    parts = np.abs(values / found).max(0)[[0, 2, 3, 4]]
    assert ((parts >= 0.5) & (parts < 1)).all()
    assert np.array_equal(values / found * found, values)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_deviations_are_found_where_squares_are_no_numbers(scale):
    found = deviations(np.array([[3.0, 0.0], [4.0, 0.0]]) * scale)
    np.testing.assert_allclose(found, [np.sqrt(12.5) * scale, 0], rtol=1e-15)


@pytest.mark.parametrize("make", REGRESSORS)
@pytest.mark.parametrize(
    ("shift", "scale"),
    [(1e8, 1), (1e12, 1), (1.6e9, 1e5), (0, 1e-30), (0, 1e-300), (0, 1e15), (1e17, 1e14)],
)
def test_a_regressor_goes_with_the_scale_of_its_values(make, shift, scale):
    plain = make().fit(X, VALUES).predict(NEW)
    found = make().fit(X, VALUES * scale + shift).predict(NEW)
    assert found.dtype == np.float64
    rounded = 1000 * np.spacing(shift) / scale  # float64's own, once a round of boosting
    np.testing.assert_allclose((found - shift) / scale, plain, rtol=1e-3, atol=1e-3 + rounded)


@pytest.mark.parametrize("make", REGRESSORS)
def test_a_constant_far_from_zero_is_answered_as_it_is(make):
    values = np.full(80, 123456789.123456789)
    np.testing.assert_allclose(make().fit(X, values).predict(NEW), values[:40], rtol=1e-14)


def test_what_was_left_out_is_told_in_the_values_own_scale():
    plain = classic.KernelRidgeRegressor().fit(X, VALUES)
    found = classic.KernelRidgeRegressor().fit(X, VALUES * 2.0**-200)
    np.testing.assert_array_equal(found.leave_one_out_, plain.leave_one_out_ * 2.0**-200)
    np.testing.assert_array_equal(found.path_, np.array(plain.path_) * [1, 2.0**-400])
    plain = classic.RandomForestRegressor(trees=9).fit(X, VALUES)
    found = classic.RandomForestRegressor(trees=9).fit(X, VALUES * 2.0**-900)
    np.testing.assert_array_equal(found.out_of_bag_, plain.out_of_bag_ * 2.0**-900)
    plain = classic.BoostedTreesRegressor().fit(X, VALUES)
    found = classic.BoostedTreesRegressor().fit(X, VALUES * 2.0**-300)
    np.testing.assert_array_equal(found.losses_, np.array(plain.losses_) * 2.0**-600)


def test_targets_of_other_scales_are_learned_side_by_side():
    scales = np.array([1e-30, 1e12])
    for make in REGRESSORS:
        found = make().fit(X, VALUES * scales).predict(NEW) / scales
        spread = np.abs(found - VALUES.mean(0)).mean(0)
        assert (spread > 0.2).all(), make  # neither is a constant
