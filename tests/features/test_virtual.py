"""Virtual examples against moving the pixels by hand."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.virtual import shifted, variants


def test_a_shift_moves_pixels_and_repeats_the_edge():
    image = np.arange(9).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(
        shifted(image, 1, 0)[0, :, :, 0], [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    )
    np.testing.assert_array_equal(
        shifted(image, 0, -1)[0, :, :, 0], [[1, 2, 2], [4, 5, 5], [7, 8, 8]]
    )


def test_variants_are_all_shifts_and_their_mirrors():
    batch = np.random.default_rng(0).random((2, 4, 5, 3))
    found = variants(batch, ((0, 0), (1, -2)), flip=True)
    assert found.shape == (4, 2, 4, 5, 3)
    np.testing.assert_array_equal(found[0], batch)
    np.testing.assert_array_equal(found[1], shifted(batch, 1, -2))
    np.testing.assert_array_equal(found[2:], found[:2, :, :, ::-1])


def test_a_shift_out_of_the_image_is_refused():
    with pytest.raises(UserError, match="must be a whole"):
        shifted(np.zeros((1, 3, 3, 1)), 3, 0)
