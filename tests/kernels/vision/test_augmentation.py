import numpy as np
import pytest

from rosenblatt.kernels.vision import augmentation
from tests.reference.vision import augmentation as reference

KEY, STEP, INDEX = np.uint64(3), 5, 8
BELL = np.ones(1, np.float32)


def settings_of(**chosen):
    fields = augmentation.Settings._fields
    return augmentation.Settings(*(np.float32(chosen.get(name, 0)) for name in fields))


def augmented(images, settings, weights=BELL):
    """Return what both kernels, on one thread and on all, make of images."""
    found = [np.full_like(images, np.nan) for _ in range(2)]
    indices = np.arange(INDEX, INDEX + len(images))
    for kernel, out in zip(
        (augmentation.augment, augmentation.augment_serially), found, strict=True
    ):
        kernel(images, indices, KEY, STEP, settings, weights, out)
    np.testing.assert_array_equal(*found)
    return found[0]


def words(purpose):
    """Return the four numbers that are drawn for the first image, in [-1, 1]."""
    drawn = augmentation._words(augmentation.Draw(KEY, STEP, INDEX), purpose)
    return np.array([float(word) / 2**31 - 1 for word in drawn])


@pytest.mark.parametrize("shape", [(0, 4, 4, 1), (1, 1, 1, 1), (2, 7, 6, 3)])
def test_nothing_asked_for_changes_nothing(shape):
    images = np.random.default_rng(12).random(shape, dtype=np.float32)
    np.testing.assert_array_equal(augmented(images, settings_of()), images)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 8, 7, 2)])
def test_an_affine_change_looks_up_each_pixel(shape):
    image = np.random.default_rng(13).random(shape, dtype=np.float32)
    chosen = settings_of(shift=1.5, rotation=0.4, scale=0.2, shear=0.3, border=0.5)
    turn, lean, tall, wide = words(augmentation.LINEAR)
    matrix = reference.forward_matrix(0.4 * turn, 0.3 * lean, (1 + 0.2 * tall, 1 + 0.2 * wide))
    move = 1.5 * words(augmentation.MOVE)[:2]
    centre = (np.array(shape[1:3]) - 1) / 2
    found = augmented(image, chosen)[0]
    for i, j in np.ndindex(shape[1:3]):
        source = np.linalg.solve(matrix, np.array([i, j]) - centre - move) + centre
        expected = reference.bilinear(image[0], *source, 0.5)
        np.testing.assert_allclose(found[i, j], expected, atol=2e-5)


def test_light_changes_each_number_by_its_formula():
    image = np.random.default_rng(14).random((1, 5, 4, 3), dtype=np.float32)
    chosen = settings_of(brightness=0.2, contrast=0.5, saturation=0.4)
    _, lighter, steeper, purer = words(augmentation.LIGHT)
    grey = image.mean(3, keepdims=True)
    coloured = grey + (1 + 0.4 * purer) * (image - grey)
    mean = image.mean()
    expected = mean + (1 + 0.5 * steeper) * (coloured - mean) + 0.2 * lighter
    np.testing.assert_allclose(augmented(image, chosen), expected, atol=1e-5)


def test_a_flip_mirrors_and_a_cut_blanks_a_square():
    image = np.random.default_rng(15).random((1, 6, 5, 1), dtype=np.float32)
    np.testing.assert_array_equal(augmented(image, settings_of(flip=1)), image[:, :, ::-1])
    blank = augmented(image, settings_of(cutout=3, border=-1)) == -1
    rows, columns = np.nonzero(blank[0, :, :, 0])
    assert blank.sum() == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    assert max(np.ptp(rows), np.ptp(columns)) <= 2
    assert blank.sum() > 0
