"""Dense SIFT against its definition, written out."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.sift import DenseSIFT
from tests.reference.vision import sift as reference


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("side", [2, 3])
def test_equals_its_definition(side):
    image = images(15, 17)
    found = DenseSIFT(side, 3)(image[None, :, :, None])[0]
    columns = (17 - 4 * side) // 3 + 1
    assert len(found) == ((15 - 4 * side) // 3 + 1) * columns
    for number in (0, columns + 1, len(found) - 1):
        wanted = reference.window(image, side, number // columns * 3, number % columns * 3)
        np.testing.assert_allclose(found[number], wanted, atol=2e-5)


def test_brightness_and_contrast_do_not_matter_and_blank_is_zero():
    batch = images(2, 16, 16, 3)
    np.testing.assert_allclose(DenseSIFT()(batch), DenseSIFT()(5 + 9 * batch), atol=1e-4)
    np.testing.assert_array_equal(DenseSIFT()(np.ones((1, 16, 16, 1))), 0)


def test_impossible_settings_are_refused():
    with pytest.raises(UserError, match="must be a whole"):
        DenseSIFT(step=0)
    with pytest.raises(UserError, match="do not fit in 8 x 8"):
        DenseSIFT()(np.ones((1, 8, 8, 1)))
