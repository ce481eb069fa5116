"""Dense SIFT against its definition, written out."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.sift import DenseSIFT


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def written_out(image, side, top, left):
    """Return the descriptor of one window of a grey image: triangles in place and direction."""
    H, W = image.shape
    padded = np.pad(image.astype(np.float64), 1, mode="edge")
    down, right = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    direction = np.arctan2(down, right) % (2 * np.pi) / (2 * np.pi) * 8
    out = np.zeros((4, 4, 8))
    for i in range(4):
        for j in range(4):
            middle = top + side * i + (side - 1) / 2, left + side * j + (side - 1) / 2
            near_y = np.maximum(0, 1 - np.abs(np.arange(H) - middle[0]) / side)
            near_x = np.maximum(0, 1 - np.abs(np.arange(W) - middle[1]) / side)
            for b in range(8):
                apart = np.abs(direction - b)
                near = np.maximum(0, 1 - np.minimum(apart, 8 - apart))
                out[i, j, b] = np.sum(np.outer(near_y, near_x) * near * np.hypot(down, right))
    clipped = np.minimum(0.2, out.ravel() / np.linalg.norm(out))
    return clipped / np.linalg.norm(clipped)


@pytest.mark.parametrize("side", [2, 3])
def test_equals_its_definition(side):
    image = images(15, 17)
    found = DenseSIFT(side, 3)(image[None, :, :, None])[0]
    columns = (17 - 4 * side) // 3 + 1
    assert len(found) == ((15 - 4 * side) // 3 + 1) * columns
    for number in (0, columns + 1, len(found) - 1):
        wanted = written_out(image, side, number // columns * 3, number % columns * 3)
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
