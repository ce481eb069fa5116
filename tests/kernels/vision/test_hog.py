import numpy as np
import pytest

from rosenblatt.kernels.vision.hog import hog
from tests.reference.vision import hog as reference


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("size", "shape"), [((4, 5), (2, 2, 4)), ((13, 11), (3, 4, 9))])
def test_descriptions_equal_their_twin(signed, size, shape):
    images = np.random.default_rng(6).random((2, *size, 1), dtype=np.float32)
    rows, columns, bins = shape
    out = np.full((2, (rows - 1) * (columns - 1) * 4 * bins), np.nan, np.float32)
    hog(images, shape, signed, out)
    for image, found in zip(images[..., 0], out, strict=True):
        cells = reference.histograms(image, rows, columns, bins, signed)
        np.testing.assert_allclose(found, reference.normalised(cells), atol=1e-5)


def test_no_image_and_a_blank_one():
    hog(np.empty((0, 4, 4, 1), np.float32), (2, 2, 4), True, np.empty((0, 16), np.float32))
    out = np.full((1, 16), np.nan, np.float32)
    hog(np.ones((1, 4, 4, 2), np.float32), (2, 2, 4), True, out)
    assert not out.any()
