import numpy as np
import pytest

from rosenblatt.kernels.vision.sift import dense_sift
from tests.reference.vision import sift as reference


@pytest.mark.parametrize(("size", "side", "step"), [((8, 8), 2, 1), ((13, 15), 3, 2)])
def test_windows_equal_their_twin(size, side, step):
    images = np.random.default_rng(7).random((2, *size, 1), dtype=np.float32)
    places = [
        (top, left)
        for top in range(0, size[0] - 4 * side + 1, step)
        for left in range(0, size[1] - 4 * side + 1, step)
    ]
    out = np.full((2, len(places), 128), np.nan, np.float32)
    dense_sift(images, side, step, out)
    for image, found in zip(images[..., 0], out, strict=True):
        for row, place in zip(found, places, strict=True):
            expected = reference.window(image, side, *place)
            np.testing.assert_allclose(row, expected, atol=2e-5)
