import numpy as np
import pytest

from rosenblatt.kernels.neural.dropout import apply_mask, draw_mask

QUARTER = 2**30


def drawn(shape, seed=1, step=2, call=3, threshold=QUARTER):
    mask = np.full(shape, 255, np.uint8)
    place = np.array([seed, step], np.uint64)
    draw_mask(mask, place, np.uint64(call), np.uint64(threshold))
    return mask


@pytest.mark.parametrize("D", [1, 3, 4, 4097])
def test_a_unit_depends_on_sample_and_place_alone(D):
    mask = drawn((5, D))
    assert set(np.unique(mask)) <= {0, 1}
    np.testing.assert_array_equal(drawn((2, D)), mask[:2])
    np.testing.assert_array_equal(drawn((5, D // 4 * 4))[:, :D], mask[:, : D // 4 * 4])


def test_the_share_is_right_and_each_coordinate_counts():
    mask = drawn((64, 4096))
    deviation = (0.25 * 0.75 / mask.size) ** 0.5
    assert abs(mask.mean() - 0.25) < 4 * deviation
    assert (mask.mean(0) > 0).mean() > 0.99
    for change in ({"seed": 9}, {"step": 9}, {"call": 9}):
        agreement = (drawn((64, 4096), **change) == mask).mean()
        assert abs(agreement - (0.25**2 + 0.75**2)) < 0.005
    assert not (mask[0] == mask[1]).all()


def test_what_stays_is_scaled_and_the_rest_is_nought():
    x = np.array([[1.0, np.inf, -3.0]], np.float32)
    out = np.full_like(x, np.nan)
    apply_mask(x, np.array([[1, 0, 1]], np.uint8), out, np.float32(2))
    np.testing.assert_array_equal(out, [[2, 0, -6]])
