import numpy as np
import pytest

from rosenblatt.kernels.vision.boxes import overlaps, suppress
from tests.reference.vision import boxes as reference


def boxes(count, seed):
    """Return boxes of whole pixels, some of them empty."""
    corners = np.random.default_rng(seed).integers(0, 6, (count, 2, 2))
    return np.sort(corners, 1).reshape(count, 4)


@pytest.mark.parametrize(("M", "K"), [(0, 3), (1, 1), (17, 9)])
def test_overlaps_equal_counted_pixels(M, K):
    first, second = boxes(M, 1), boxes(K, 2)
    out = np.full((M, K), np.nan)
    overlaps(first.astype(np.float64), second.astype(np.float64), out)
    expected = [[reference.overlap(a, b) for b in second.tolist()] for a in first.tolist()]
    np.testing.assert_allclose(out, np.reshape(expected, (M, K)), rtol=1e-15)


@pytest.mark.parametrize("count", [0, 1, 17])
def test_what_stays_is_what_the_twin_keeps(count):
    found = boxes(count, 3)
    out = np.zeros(count, np.bool_)
    suppress(found.astype(np.float64), 0.3, out)
    expected = reference.non_maximum_suppression(found.tolist(), [0.0] * count, 0.3)
    assert np.flatnonzero(out).tolist() == sorted(expected)
